"""The files of recovery points. Nothing here is called in the window's thread."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lrstudio.core.record import dataclass
from lrstudio.engine.training.pilot import reason_of
from lrstudio.engine.training.trace import Trace
from lrstudio.store.atomic import sweep
from lrstudio.store.recovery import (
    BASE_SUFFIX,
    SUFFIX,
    RecoveryPoint,
    read_point,
    session_bytes,
    write_base,
    write_logs,
    write_point,
)
from lrstudio.store.session import Session
from lrstudio.ui.session.file_lock import FileLock, remove_stale
from lrstudio.ui.session.jobs import Cancelled, Restored

if TYPE_CHECKING:
    from lrstudio.store.saved_logs import SavedLog

_FREE_BYTES, _BYTES_A_SECOND = 2**24, 2**22
"""Bases up to the first size are written at once; larger ones as seldom as the second figure says on average."""


@dataclass(frozen=True)
class Found:
    """A recovery point on the disk, or why it cannot be read."""

    source: Path
    point: RecoveryPoint | None
    problem: str = ""


class RecoveryFiles:
    """The files of one window; every method is called in the thread that writes."""

    def __init__(self, folder: Path, wait: Callable[[], None]) -> None:
        self._folder, self._wait = folder, wait
        self._point = folder / f"{secrets.token_hex(8)}{SUFFIX}"
        self._lock: FileLock | None = None
        self._base: str | None = None
        self._base_trace: Trace | None = None
        self._base_steps, self._base_time = 0, 0.0
        self._trace: Trace | None = None
        self._ends: list[int] = []
        self._logs: Sequence[SavedLog] = ()
        self._logs_name: str | None = None
        self._logs_time = 0.0
        self.cancelled = False

    def write(self, session: Session, file: tuple[Path | None, str | None]) -> None:
        """Writes a snapshot: base and logs if their turn has come, then the point, then deletes those before."""
        if self._lock is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._point)
            self._lock.take()
        if session.trace is not self._trace:
            self._trace, self._ends, self._base_time = session.trace, [], time.monotonic()
        steps = session.rows.length - 1
        if steps and steps == session.experiment.steps and steps not in self._ends:
            self._ends.append(steps)
        old = {self._base, self._logs_name}
        if session.trace is not self._base_trace:
            self._base = None
        if steps and (self._base is None or steps > self._base_steps) and not self.cancelled:
            with suppress(OSError, ValueError):  # without it more steps are made again
                self._write_base(session)
        self._write_logs(session)
        write_point(self._point, session, self._ends, *file, self._base, self._logs_name)
        for name in old - {self._base, self._logs_name, None}:
            (self._folder / str(name)).unlink(missing_ok=True)

    def adopt(self, restored: Restored) -> None:
        """Goes on with the files of a restored session."""
        self.clear()
        self._point, self._lock = restored.source, restored.own
        self._base, self._base_trace = restored.point.base, restored.simulation.trace
        self._base_steps, self._base_time = restored.point.steps, time.monotonic()
        self._trace, self._ends = restored.simulation.trace, list(restored.point.ends)
        self._logs, self._logs_name = restored.logs, restored.point.logs

    def clear(self) -> None:
        """Deletes the files."""
        _delete(self._point)
        self._base = self._base_trace = self._trace = None
        self._logs, self._logs_name = (), None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def close(self, keep: bool) -> None:
        if not keep:
            self.clear()
        elif self._lock is not None:
            self._lock.release()

    def _write_base(self, session: Session) -> None:
        size = session_bytes(session)
        due = self._base_time + size / _BYTES_A_SECOND
        if time.monotonic() < due and not (size < _FREE_BYTES and self._base is None):
            return
        name = self._new_name()
        write_base(self._folder / name, session, self._progress)
        self._base, self._base_trace = name, session.trace
        self._base_steps, self._base_time = session.rows.length - 1, time.monotonic()

    def _write_logs(self, session: Session) -> None:
        """Writes the logs that were opened or closed; those that only grow as seldom as a large base."""
        if tuple(session.logs) == tuple(self._logs):
            return
        size = 8 * sum(log.values for log in session.logs)
        same = [log.paths for log in session.logs] == [log.paths for log in self._logs]
        if same and time.monotonic() < self._logs_time + size / _BYTES_A_SECOND:
            return
        name = self._new_name() if session.logs else None
        if name is not None:
            write_logs(self._folder / name, session)
        self._logs, self._logs_name, self._logs_time = session.logs, name, time.monotonic()

    def _new_name(self) -> str:
        return f"{self._point.stem}-{secrets.token_hex(4)}{BASE_SUFFIX}"

    def _progress(self, _fraction: float) -> None:
        if self.cancelled:
            raise Cancelled
        self._wait()


def _read(source: Path) -> Found:
    try:
        return Found(source, read_point(source))
    except (OSError, ValueError) as error:
        return Found(source, None, reason_of(error))


def discard(source: Path) -> None:
    """Deletes a point that another window has left, unless one has it now."""
    lock = FileLock(source)
    if lock.take():
        _delete(source)
        lock.release()


def _delete(source: Path) -> None:
    """Deletes a point and then its bases."""
    source.unlink(missing_ok=True)
    for base in source.parent.glob(f"{source.stem}-*{BASE_SUFFIX}"):
        base.unlink(missing_ok=True)


def look(folder: Path) -> list[Found]:
    """Returns the points of windows that did not end well, the newest first."""
    points = []
    for source in folder.glob(f"*{SUFFIX}"):
        lock = FileLock(source)
        if lock.take():
            lock.release()
            points.append(_read(source))
    return sorted(points, key=lambda found: 0 if found.point is None else found.point.saved, reverse=True)


def clear_leftovers(folder: Path, files: Sequence[Path]) -> None:
    """Deletes what killed programs have left: bases and locks without a point, locks of files, temporary files."""
    for base in folder.glob(f"*{BASE_SUFFIX}"):
        point = base.with_name(base.name.rpartition("-")[0] + SUFFIX)
        lock = FileLock(point)
        if not point.exists() and lock.take():
            base.unlink(missing_ok=True)
            lock.release()
    points = (lock.with_name(lock.stem.removeprefix(".")) for lock in folder.glob(f".*{SUFFIX}.lock"))
    for path in (*(point for point in points if not point.exists()), *files):
        remove_stale(path)
    for each in {folder, Path(), *(path.parent for path in files)}:
        sweep(each)
