"""A file job that is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[..., None]
"""Shows a text in the line below a window; with `warning=True` as a warning."""


class Cancelled(Exception):  # noqa: N818 - not an error
    """The user has cancelled the job."""


@dataclass(eq=False)
class Task:
    """The state of a job, read and written by the worker's thread and the window's; `say` reports its outcome."""

    name: str
    path: Path
    say: Say | None = None
    fraction: float = 0.0
    cancelled: bool = False

    def progress(self, fraction: float) -> None:
        """Called by the job; raises Cancelled where the user has asked for it."""
        self.fraction = fraction
        if self.cancelled:
            raise Cancelled
