"""The ready experiments, in the order of the menu: one file per text, and the classics."""

from lrstudio.engine.examples.classics import CLASSICS
from lrstudio.engine.examples.example import Example
from lrstudio.engine.examples.networks import NETWORKS
from lrstudio.engine.examples.text_1 import TEXT_1
from lrstudio.engine.examples.text_2 import TEXT_2
from lrstudio.engine.examples.text_3 import TEXT_3
from lrstudio.engine.examples.text_4 import TEXT_4
from lrstudio.engine.examples.text_5 import TEXT_5
from lrstudio.engine.experiment import Experiment

EXAMPLES: tuple[Example, ...] = (*TEXT_1, *TEXT_2, *TEXT_3, *TEXT_4, *TEXT_5, *CLASSICS, *NETWORKS)


def example_of(experiment: Experiment) -> Example | None:
    """The example that this experiment is; None as soon as problem, data, runs or their settings are others."""
    return next((example for example in EXAMPLES if example.is_of(experiment)), None)


__all__ = ["EXAMPLES", "Example", "example_of"]
