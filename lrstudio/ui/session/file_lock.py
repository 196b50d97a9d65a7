"""Locks that tell other windows, also on other machines, that a file is open."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QSysInfo

from lrstudio.core.language import tr

_LONGEST = 240
"""Bytes of the name of a lock: with the `.rmlock` that Qt appends for a moment it has room in a folder."""


class FileLock:
    """A hidden file beside a file, `.NAME.lock`, with the process and the machine that have the file open.

    Of a very long name it has the checksum.

    QLockFile keeps it locked while the process lives, and replaces the lock of a process of this machine that was
    killed. `refused` is whether somebody else has the lock, `alive` whether that surely is a process that runs: nobody
    here can tell of one on another machine, or of a lock that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.realpath(path))
        self._lock = QLockFile(str(self.path.with_name(_lock_name(self.path.name))))
        self._lock.setStaleLockTime(0)
        self.refused = False
        self.alive = True

    def take(self) -> bool:
        """Takes the lock; returns whether nobody else has it. A folder that takes no lock has none to respect."""
        self.refused = False
        if self._is_odd():
            self.alive, self.refused = False, True
        elif not self._lock.tryLock(0) and self._lock.error() == QLockFile.LockError.LockFailedError:
            owner, host, _program = self._lock.getLockInfo()
            self.alive = owner != 0 and host == QSysInfo.machineHostName()
            earlier = self.alive and owner == os.getpid()  # an earlier process had the same number
            self.refused = not (earlier and self.override())
        return not self.refused

    def override(self) -> bool:
        """Removes the lock of somebody who is gone, and takes it; returns whether that was possible."""
        self.refused = self._is_odd() or not (self._lock.removeStaleLockFile() and self._lock.tryLock(0))
        return not self.refused

    def release(self) -> None:
        self._lock.unlock()

    def exists(self) -> bool:
        return os.path.lexists(self._lock.fileName())

    def _is_odd(self) -> bool:
        """Whether there is something else in the lock's place, as a folder or a pipe, which would block its reader."""
        return self.exists() and not Path(self._lock.fileName()).is_file()

    def owner(self) -> str:
        """Returns who has the lock, for messages."""
        process, host, program = (0, "", "") if self._is_odd() else self._lock.getLockInfo()
        if not process:
            return tr("somebody unknown (its lock cannot be read)")
        return tr("{program}, process {process} on {host}", program=program or "?", process=process, host=host or "?")


def _lock_name(name: str) -> str:
    lock = f".{name}.lock"
    return lock if len(os.fsencode(lock)) <= _LONGEST else f".{sha256(os.fsencode(name)).hexdigest()}.lock"


def remove_stale(path: Path) -> None:
    """Removes the lock that a killed process has left beside a file."""
    lock = FileLock(path)
    if lock.exists() and lock.take():
        lock.release()


class LockHolder(QObject):
    """Holds the lock of one file, its own."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.lock: FileLock | None = None

    @property
    def read_only(self) -> bool:
        """Whether another window has the file open, so that it is not saved to."""
        return self.lock is not None and self.lock.refused

    def close_file(self) -> None:
        """Lets other windows open the file."""
        if self.lock is not None:
            self.lock.release()
            self.lock = None

    def _lock_of(self, path: Path) -> FileLock:
        """Returns the lock of a file: the one that the session has, if it is its own file."""
        lock = FileLock(path)
        own = self.lock is not None and not self.lock.refused and self.lock.path == lock.path
        return self.lock if own and self.lock is not None else lock

    def _hold(self, lock: FileLock | None) -> None:
        """Keeps a lock in place of the one before."""
        if lock is not self.lock:
            self.close_file()
            self.lock = lock
