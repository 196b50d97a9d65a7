"""The runs of an experiment as scripts for other libraries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrstudio.engine.code.base import Script
    from lrstudio.engine.experiment import Experiment
    from lrstudio.engine.training.trace import RateChange

LIBRARIES = {"numpy": "NumPy", "torch": "PyTorch", "optax": "optax (JAX)", "keras": "Keras"}
"""The libraries by their key, with their names."""


def script(experiment: Experiment, library: str, changes: Sequence[RateChange] = ()) -> str:
    """Returns a script that repeats the runs of an experiment with a library and prints their table.

    `changes` are those of rates during the runs. Raises ValueError for what a script cannot repeat.
    """
    from lrstudio.engine.code.keras_script import KerasScript  # only who asks for a script waits for the imports
    from lrstudio.engine.code.numpy_script import NumpyScript
    from lrstudio.engine.code.optax_script import OptaxScript
    from lrstudio.engine.code.torch_script import TorchScript
    from lrstudio.engine.experiment.command import command

    kinds: dict[str, Callable[[Experiment, str, Sequence[RateChange]], Script]]
    kinds = {"numpy": NumpyScript, "torch": TorchScript, "optax": OptaxScript, "keras": KerasScript}
    return kinds[library](experiment, command(experiment), changes).text()
