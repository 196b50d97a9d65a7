"""The runs of an experiment as scripts for other libraries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lrstudio.core.language import tr

if TYPE_CHECKING:
    from lrstudio.engine.code.base import Script
    from lrstudio.engine.experiment import Experiment

LIBRARIES = {"numpy": "NumPy", "torch": "PyTorch", "optax": "JAX and optax", "keras": "Keras"}
"""The libraries by their key, with their names."""


def script(experiment: Experiment, library: str, changes: Sequence[object] = ()) -> str:
    """Returns a script that repeats the runs of an experiment with a library and prints their table.

    Raises ValueError if there were `changes` of a rate during the runs.
    """
    from lrstudio.engine.code.keras_script import KerasScript  # only who asks for a script waits for the imports
    from lrstudio.engine.code.numpy_script import NumpyScript
    from lrstudio.engine.code.optax_script import OptaxScript
    from lrstudio.engine.code.torch_script import TorchScript
    from lrstudio.engine.experiment.command import command

    if changes:
        raise ValueError(
            tr("a rate was changed during the run: a script has one rate for each run; run it again first")
        )
    kinds: dict[str, Callable[[Experiment, str], Script]]
    kinds = {"numpy": NumpyScript, "torch": TorchScript, "optax": OptaxScript, "keras": KerasScript}
    return kinds[library](experiment, command(experiment)).text()
