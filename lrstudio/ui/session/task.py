"""A file job that is under way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class Cancelled(Exception):  # noqa: N818 - not an error
    """The user has cancelled the job."""


@dataclass(eq=False)
class Task:
    """What a job on the worker's thread tells the window, and the window the job. Read and written by both."""

    name: str
    path: Path
    fraction: float = 0.0
    cancelled: bool = False

    def progress(self, fraction: float) -> None:
        """Called by the job; raises Cancelled where the user has asked for it."""
        self.fraction = fraction
        if self.cancelled:
            raise Cancelled
