"""Crashes of native code: a report of every thread's stack in a file, found again at the next start."""

from __future__ import annotations

import faulthandler
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

_MOST_REPORTS = 5
_FORGET_SECONDS = 7 * 86400
"""Age of empty files, whose programs were ended from outside."""


class CrashReports:
    """Where this process writes the stacks of its threads when native code ends it, with or without a terminal.

    `last` is the report of an earlier start that crashed and has not been told yet; None if there is none.
    """

    def __init__(self, folder: Path) -> None:
        self.last: Path | None = None
        self._path = folder / f"running-{os.getpid()}.txt"
        self._file: IO[str] | None = None
        with suppress(OSError):  # a folder that cannot be written: there are no reports
            folder.mkdir(parents=True, exist_ok=True)
            self.last = _collected(folder)
            self._file = self._path.open("w", encoding="utf-8")
            faulthandler.enable(self._file)

    def end(self) -> None:
        """Ends the reports and removes the empty file: the program has ended well."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            with suppress(OSError):
                self._path.unlink()


def _collected(folder: Path) -> Path | None:
    """Keeps the reports of earlier starts as crash-TIME.txt, the last few of them; returns the newest new one."""
    found = []
    for path in sorted(folder.glob("running-*.txt")):
        with suppress(OSError):
            status = path.stat()
            if status.st_size:
                stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(status.st_mtime))
                found.append(path.replace(folder / f"crash-{stamp}-{path.stem.partition('-')[2]}.txt"))
            elif time.time() - status.st_mtime > _FORGET_SECONDS:
                path.unlink()
    for old in sorted(folder.glob("crash-*.txt"))[:-_MOST_REPORTS]:
        with suppress(OSError):
            old.unlink()
    return max(found, default=None)
