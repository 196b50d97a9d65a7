"""Child processes that are forked from a parent that has imported everything, so that each starts in no time."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

from tests.patience import patience

Tell = Callable[[str], None]
"""Sends a line to the parent."""
_FORK = multiprocessing.get_context("fork") if "fork" in multiprocessing.get_all_start_methods() else None


class Child:
    """A forked process that does `work(tell)`; the parent reads what it tells."""

    def __init__(self, work: Callable[[Tell], object]) -> None:
        assert _FORK is not None
        self._told, telling = _FORK.Pipe(duplex=False)
        self._process = _FORK.Process(target=_do, args=(work, telling), daemon=True)
        self._process.start()
        telling.close()

    def read(self, seconds: float | None = None) -> str | None:
        """Returns the next line; None if the child has ended or none came in time."""
        try:
            return str(self._told.recv()) if self._told.poll(patience(60) if seconds is None else seconds) else None
        except (EOFError, OSError):
            return None

    def lines(self, seconds: float) -> list[str]:
        """Returns the lines that come in this time; a child that is not read stops when the pipe is full."""
        end, lines = time.monotonic() + seconds, list[str]()
        while (left := end - time.monotonic()) > 0:
            line = self.read(left)
            lines += [] if line is None else [line]
        return lines

    def rest(self) -> list[str]:
        """Returns the lines that an ended child has told."""
        lines = []
        while (line := self.read(0)) is not None:
            lines.append(line)
        self._told.close()
        return lines

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def wait(self) -> int | None:
        """Returns the exit code; None if the child does not end."""
        self._process.join(patience(60))
        return self._process.exitcode


def _do(work: Callable[[Tell], object], telling: Any) -> None:
    work(telling.send)
