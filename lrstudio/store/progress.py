"""How far a long job is. Whoever listens may raise to cancel it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float], None]
"""Takes the share that is done, 0 to 1."""


def part(progress: Progress | None, start: float, stop: float) -> Progress:
    """The progress of a part of a job that takes it from `start` to `stop`."""

    def report(share: float) -> None:
        if progress is not None:
            progress(start + (stop - start) * share)

    return report
