"""What the terminal says where native code does not work."""

from __future__ import annotations

import sys
from functools import cache

from lrstudio.core.kernel.host import backend

_SLOWER = {"pulley": "WebAssembly, interpreted and slower", "numpy": "NumPy, slower"}


@cache
def note_retreat(command: str) -> None:
    """Prints once in a process what computes instead of native code, and why; nothing where it was selected."""
    computes = backend()
    if computes.failed:
        print(f"lrstudio {command}: arithmetic: {_SLOWER[computes.kind]}: {computes.reason}", file=sys.stderr)
