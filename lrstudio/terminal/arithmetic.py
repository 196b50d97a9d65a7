"""What the terminal says where native code does not work."""

from __future__ import annotations

from functools import cache

from lrstudio.core.kernel.host import backend
from lrstudio.core.language import mark, tr
from lrstudio.terminal.output import tell

_SLOWER = {"pulley": mark("WebAssembly, interpreted and slower"), "numpy": mark("NumPy, slower")}


@cache
def note_retreat(command: str) -> None:
    """Prints once in a process what computes instead of native code, and why; nothing where it was selected."""
    computes = backend()
    if computes.failed:
        tell(
            tr(
                "lrstudio {command}: arithmetic: {slower}: {reason}",
                command=command,
                slower=tr(_SLOWER[computes.kind]),
                reason=computes.reason,
            )
        )
