"""LR Studio: see, feel and understand what the learning rate does.

In Python: `experiment`, `simulate`, `sweep` and `range_test` (see lrstudio.interface) work without Qt; `record` writes
a log of a training of your own.
"""

from typing import TYPE_CHECKING, Any

from lrstudio.recorder import Recorder, record

if TYPE_CHECKING:
    from lrstudio.interface import Experiment, Result, Run, Swept, experiment, range_test, simulate, sweep

__all__ = [
    "Experiment",
    "Recorder",
    "Result",
    "Run",
    "Swept",
    "experiment",
    "range_test",
    "record",
    "simulate",
    "sweep",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Imports the interface once somebody uses it: a log needs the standard library alone."""
    if name not in __all__:
        raise AttributeError(f"module 'lrstudio' has no attribute {name!r}")
    from lrstudio import interface

    return getattr(interface, name)
