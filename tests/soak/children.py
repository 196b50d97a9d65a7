"""Child processes that are forked from a parent that has imported everything, so that each starts in no time."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial

from tests.patience import patience

Tell = Callable[[str], None]
"""Sends a line to the parent."""


class Child:
    """A forked process; `tell` lines of it are read with `read`."""

    def __init__(self, work: Callable[[Tell], object]) -> None:
        self._lines, out = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.close(self._lines)
                os.setsid()
                work(partial(_send, out))
                code = 0
            except SystemExit as error:
                code = int(error.code or 0)
            except BaseException:  # noqa: BLE001 - the child must not go on as its parent
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)
        os.close(out)
        self._buffer = b""

    def read(self, seconds: float | None = None) -> str | None:
        """Returns the next line; None if the child has ended or none came in time."""
        end = time.monotonic() + (patience(60) if seconds is None else seconds)
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self._lines], [], [], max(0.0, end - time.monotonic()))
            piece = os.read(self._lines, 4096) if ready else b""
            if not piece:
                return None
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode()

    def rest(self) -> list[str]:
        """Returns the lines that an ended child has sent."""
        lines = []
        while (line := self.read(0.2)) is not None:
            lines.append(line)
        os.close(self._lines)
        return lines

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def wait(self) -> int:
        """Returns the exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _send(out: int, line: str) -> None:
    os.write(out, f"{line}\n".encode())
