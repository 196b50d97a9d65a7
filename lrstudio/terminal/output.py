"""Writing results, and the progress of long jobs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable

from lrstudio.store.csv.table import write_text

_QUIET_SECONDS = 0.5


def write(target: str, texts: Iterable[str]) -> None:
    write_text(sys.stdout if target == "-" else target, texts)


def progress() -> Callable[[float], None] | None:
    """Returns a function that updates a line on a terminal when the job takes longer; None elsewhere."""
    if not sys.stderr.isatty():
        return None
    begin = time.monotonic()

    def report(share: float) -> None:
        if time.monotonic() > begin + _QUIET_SECONDS:
            print(f"\r{100 * share:.0f} % ", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)

    return report
