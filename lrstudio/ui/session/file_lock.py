"""Locks that tell other windows, also on other machines, that a file is open."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLockFile


class FileLock:
    """A hidden file beside a file, `.NAME.lock`, with the process and the machine that have the file open.

    QLockFile keeps it locked while the process lives, and replaces the lock of a process of this machine that was
    killed. `refused` is whether somebody else has the lock, `known` whether it says who.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.realpath(path))
        self._lock = QLockFile(str(self.path.with_name(f".{self.path.name}.lock")))
        self._lock.setStaleLockTime(0)
        self.refused = False
        self.known = True

    def take(self) -> bool:
        """Takes the lock; returns whether nobody else has it. A folder that takes no lock has none to respect."""
        self.refused = False
        if not self._lock.tryLock(0) and self._lock.error() == QLockFile.LockError.LockFailedError:
            owner = self._lock.getLockInfo()[0]
            self.known, earlier = owner != 0, owner == os.getpid()  # an earlier process had the same number
            self.refused = not (earlier and self.override())
        return not self.refused

    def override(self) -> bool:
        """Removes the lock of somebody who is gone, and takes it; returns whether that was possible."""
        self.refused = not (self._lock.removeStaleLockFile() and self._lock.tryLock(0))
        return not self.refused

    def release(self) -> None:
        self._lock.unlock()

    def exists(self) -> bool:
        return Path(self._lock.fileName()).exists()

    def owner(self) -> str:
        """Returns who has the lock, for messages."""
        process, host, program = self._lock.getLockInfo()
        if not process:
            return _tr("somebody unknown (its lock cannot be read)")
        return _tr("{program}, process {process} on {host}").format(
            program=program or "?", process=process, host=host or "?"
        )


def remove_stale(path: Path) -> None:
    """Removes the lock that a killed process has left beside a file."""
    lock = FileLock(path)
    if lock.exists() and lock.take():
        lock.release()


def _tr(text: str) -> str:
    return QCoreApplication.translate("file_lock", text)
