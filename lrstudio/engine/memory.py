"""How much memory a trace may take."""

from __future__ import annotations

import os
from functools import cache

MAX_TRACE_BYTES = 4_000_000_000
"""Largest trace that a session file can store."""
_ALWAYS = 1_900_000_000
_SHARE = 0.4
"""Share of the memory that a trace may take: saving a session takes as much again for a moment."""


@cache
def physical_memory() -> int:
    """Returns the memory of this computer in bytes; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return 0


def most_trace_bytes() -> int:
    """Returns the size of the largest trace that this computer accepts."""
    return min(MAX_TRACE_BYTES, max(_ALWAYS, int(_SHARE * physical_memory())))
