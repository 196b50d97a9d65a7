"""The examples in the order of the menu, one file for each topic."""

from lrstudio.engine.examples.example import Example
from lrstudio.engine.examples.finding_a_rate import FINDING_A_RATE
from lrstudio.engine.examples.first_steps import FIRST_STEPS
from lrstudio.engine.examples.momentum import MOMENTUM
from lrstudio.engine.examples.networks import NETWORKS
from lrstudio.engine.examples.rounding import ROUNDING
from lrstudio.engine.examples.schedules import SCHEDULES
from lrstudio.engine.experiment import Experiment

EXAMPLES: tuple[Example, ...] = (*FIRST_STEPS, *FINDING_A_RATE, *SCHEDULES, *MOMENTUM, *NETWORKS, *ROUNDING)


def example_of(experiment: Experiment) -> Example | None:
    """Returns the example that the experiment equals apart from labels and colours, if there is one."""
    bare = experiment.bare()
    return next((example for example in EXAMPLES if example.bare == bare), None)


__all__ = ["EXAMPLES", "Example", "example_of"]
