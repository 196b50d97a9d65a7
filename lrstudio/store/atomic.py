"""Atomic replacement of files, and the progress of long jobs."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import Any

from lrstudio.core.language import mark, tr

Write = Callable[[Any], object]
"""Writes all of a bytes-like object."""
StrPath = str | os.PathLike[str]
Progress = Callable[[float], None]
"""Takes the fraction done, 0 to 1; may raise to cancel the job."""

Check = Callable[[], object]
"""Is called when the new content is on the disk, directly before it replaces the old file; may raise to keep that."""

_PIECE = 2**24
_LOCK_TRIES, _LOCK_PAUSE = 100, 0.01
_TEMPORARY = re.compile(r"\.lrstudio-[0-9a-f]{16}\.tmp")
_WITHOUT_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM}
"""What file systems answer that cannot sync a folder."""

SYSTEM_ERRORS = (
    mark("No such file or directory"),
    mark("Permission denied"),
    mark("Operation not permitted"),
    mark("Is a directory"),
    mark("Not a directory"),
    mark("File exists"),
    mark("File name too long"),
    mark("No space left on device"),
    mark("Disk quota exceeded"),
    mark("File too large"),
    mark("Read-only file system"),
    mark("Input/output error"),
    mark("Invalid argument"),
    mark("Too many open files"),
)
"""What systems say of files (`strerror`); it is translated where it is shown."""


class FileChangedError(FileExistsError):
    """Another program has changed the file, which was left so; `found` is its fingerprint now, None if it is gone."""

    def __init__(self, path: StrPath, found: str | None) -> None:
        super().__init__(errno.EEXIST, tr("was changed by another program"), str(path))
        self.found = found


def part(progress: Progress | None, start: float, stop: float) -> Progress:
    """Returns a progress function for one part of a job, which maps 0..1 to `start`..`stop`."""

    return lambda fraction: None if progress is None else progress(start + (stop - start) * fraction)


@contextmanager
def writing(path: StrPath, check: Check | None = None) -> Iterator[Write]:
    """Yields a function that writes to the file, which is replaced when the block ends without an exception.

    Devices and pipes are written to directly. The target of a symbolic link is replaced, not the link. Permission bits
    are preserved. OSError names `path`. What killed programs left in the folder is deleted.
    """
    path = Path(path)
    try:
        existing = _existing(path)
        descriptor = None if existing is None else _descriptor(path)
        if descriptor is not None:
            with _direct(os.dup(descriptor)) as write:
                yield write
        elif existing is not None and not stat.S_ISREG(existing.st_mode):
            with _direct(os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))) as write:
                yield write
        else:
            with _replacing(Path(os.path.realpath(path)), existing, check) as write:
                yield write
    except OSError as error:
        if error.errno is None or isinstance(error, FileChangedError):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _existing(path: Path) -> os.stat_result | None:
    """Returns the status of the file, None for a new one; OSError if it cannot be written."""
    try:
        existing = path.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(existing.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not os.access(path, os.W_OK):  # a rename would replace even a file that is write-protected
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return existing


def _descriptor(path: Path) -> int | None:
    """Returns the file descriptor behind /dev/stdout and similar names, which must not be replaced."""
    folders = ("/dev/fd", f"/proc/{os.getpid()}/fd")
    for _ in range(40):
        if os.path.realpath(path.parent) in folders and path.name.isdecimal():
            return int(path.name)
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


@contextmanager
def _direct(descriptor: int) -> Iterator[Write]:
    try:
        yield _Sink(descriptor).write
    finally:
        os.close(descriptor)


@contextmanager
def _replacing(path: Path, existing: os.stat_result | None, check: Check | None) -> Iterator[Write]:
    sweep(path.parent)
    temporary, descriptor = _create(path.parent)
    try:
        try:
            sink = _Sink(descriptor)
            yield sink.write
            os.fsync(descriptor)
            sink.check()
            if existing is not None:
                temporary.chmod(stat.S_IMODE(existing.st_mode))
            if check is not None:
                check()
            if os.name == "posix":  # the lock holds until the name is gone
                temporary.replace(path)
        finally:
            os.close(descriptor)
        if os.name != "posix":  # an open file cannot be renamed
            temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


@contextmanager
def appending(path: Path, size: int) -> Iterator[Write]:
    """Yields a function that writes to a file from `size` bytes on; what it has behind them goes.

    When the block ends, all is on the disk; after an exception the file has `size` bytes. OSError names `path`.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
        try:
            os.lseek(descriptor, size, os.SEEK_SET)
            sink = _Sink(descriptor, size)
            yield sink.write
            os.ftruncate(descriptor, sink.end)
            os.fsync(descriptor)
            sink.check()
        except BaseException:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def sweep(folder: StrPath) -> int:
    """Deletes the temporary files in a folder whose writers were killed; returns how many."""
    swept = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) is not None and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _delete_abandoned(Path(entry.path))
                    swept += 1
    return swept


def _create(folder: Path) -> tuple[Path, int]:
    """Creates a temporary file, locked as long as it is open, so that no other program deletes it."""
    while True:
        path = folder / f".lrstudio-{secrets.token_hex(8)}.tmp"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with suppress(OSError):  # a file system without locks
            _lock(descriptor)
        if os.fstat(descriptor).st_nlink:
            return path, descriptor
        os.close(descriptor)  # it was swept before it was locked


def _delete_abandoned(path: Path) -> None:
    """Deletes a temporary file; OSError if its writer is running."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        _lock(descriptor, wait=False)
        if os.name == "posix":
            path.unlink()
    finally:
        os.close(descriptor)
    if os.name != "posix":  # where a file cannot be deleted while its writer has it open
        path.unlink()


def _lock(descriptor: int, *, wait: bool = True) -> None:
    """Locks an open file until it is closed, also by a kill; OSError if another program has it and `wait` is false."""
    if os.name == "posix":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keeps out other programs that lock the same file, by a file beside it.

    Waits a second at most: nobody is held up by a program that hangs, or by a system without locks.
    """
    try:
        descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o666)
    except OSError:  # nor can the file itself be written then
        yield
        return
    try:
        for _ in range(_LOCK_TRIES):
            try:
                _lock(descriptor, wait=False)
            except BlockingIOError:
                sleep(_LOCK_PAUSE)
            except OSError:
                break
            else:
                break
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Makes the rename durable, on systems that support it."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _WITHOUT_FOLDER_SYNC:
            raise


class _Sink:
    """An open file whose writes are complete and counted."""

    def __init__(self, descriptor: int, start: int = 0) -> None:
        self._descriptor = descriptor
        self.end = start

    def write(self, data: Any) -> None:
        view = memoryview(data).cast("B")
        while view:
            count = os.write(self._descriptor, view[:_PIECE])
            if count <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.end += count
            view = view[count:]

    def check(self) -> None:
        """Raises OSError if the file is shorter than what was written: some full disks report no error."""
        if os.fstat(self._descriptor).st_size != self.end:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
