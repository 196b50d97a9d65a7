"""Keeps recovery points of the open session on the disk, and finds those of windows that did not end well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from lrstudio.engine.training.pilot import State, reason_of
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.session import Session
from lrstudio.ui.session.jobs import Cancelled, Restored
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.session.recovery_files import Found, RecoveryFiles, clear_leftovers, discard, look

_AFTER_EDIT_MS, _IN_RUN_MS = 500, 10_000
_FLUSH_SECONDS = 0.4


class Recovery(QObject):
    """Writes what a crash would lose: within a second after an edit, every ten seconds while a run goes on.

    The worker thread takes a snapshot between two blocks of steps, a thread of its own writes it. The files stay until
    the session is saved or discarded; without a folder nothing is written. A lock tells which windows are alive.
    """

    found = Signal(object)
    """The list of points that other windows have left, each a Found, the newest first."""
    failed = Signal(str)
    """Why no recovery point could be written; once until it works again."""
    _found = Signal(object)
    _wrote = Signal(str)

    def __init__(self, session: OpenSession, folder: Path | None) -> None:
        super().__init__(session)
        self._session, self._folder = session, folder
        self._writer = None if folder is None else RecoveryFiles(folder, session.feed.wait_for_painting)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="recovery")
        self._written = self._failing = False
        self._soon, self._later = QTimer(self), QTimer(self)
        for timer, pause in ((self._soon, _AFTER_EDIT_MS), (self._later, _IN_RUN_MS)):
            timer.setSingleShot(True)
            timer.setInterval(pause)
            timer.timeout.connect(self._update)
        self._found.connect(self.found, Qt.ConnectionType.QueuedConnection)
        self._wrote.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        if folder is None:
            return
        for signal in (
            session.experiment_changed, session.arrangement_changed, session.simulation_changed, session.state_changed,
            session.saved, session.logs.changed,
        ):  # fmt: skip
            signal.connect(self._touch)
        session.visit_begins.connect(self._keep)
        session.query_done.connect(self._take)
        session.restored.connect(self._adopt)

    def look(self, files: Sequence[Path] = ()) -> None:
        """Looks for points of windows that did not end well, and clears what killed saves of these files have left."""
        if self._writer is not None and self._folder is not None:
            self._submit(self._look, self._folder)
            clear = Thread(target=clear_leftovers, args=(self._folder, tuple(files)), daemon=True)
            clear.start()  # a folder that does not answer delays nothing

    def discard(self, found: Found) -> None:
        """Deletes a recovery point that another window has left, unless one has it now."""
        self._submit(discard, found.source)

    def flush(self) -> None:
        """Writes a recovery point now, before the program is ended from outside; takes less than a second."""
        if self._writer is None or self._session.visiting or not self._session.unsaved:
            return
        self._writer.cancelled = True
        taken, snapshots = Event(), list[Session | None]()
        snapshot = self._snapshot()

        def take(simulation: Simulation | None) -> None:
            snapshots.append(snapshot(simulation))
            taken.set()

        self._session.query("flush", take)
        taken.wait(_FLUSH_SECONDS)
        if snapshots and snapshots[0] is not None:
            with suppress(TimeoutError):
                self._submit(self._writer.write, snapshots[0], self._file()).result(_FLUSH_SECONDS)

    def hand_over(self) -> RecoveryFiles | None:
        """Stops writing; the files are then those of another window's Recovery, which takes them."""
        files, self._writer = self._writer, None
        self._soon.stop()
        self._later.stop()
        if files is not None:
            files.cancelled = True
        self._pool.shutdown()
        return files

    def take(self, files: RecoveryFiles | None) -> None:
        """Goes on with the files of a window before."""
        if files is not None:
            self._writer, self._written = files, True

    def close(self, *, keep: bool = False) -> None:
        """Stops writing, and deletes the recovery point unless it is to be kept."""
        self._soon.stop()
        self._later.stop()
        if self._writer is not None:
            self._writer.cancelled = True
            self._submit(self._writer.close, keep)
        self._writer = None
        self._pool.shutdown(wait=False)

    def _touch(self) -> None:
        if self._writer is not None and not self._soon.isActive() and not self._session.visiting:
            self._soon.start()

    def _keep(self) -> None:
        """Writes the recovery point of a session that is about to be set aside; it stays until the visit is over."""
        self._soon.stop()
        self._later.stop()
        if self._writer is None or not self._session.unsaved:
            return
        snapshot, write, file = self._snapshot(), self._writer.write, self._file()
        self._written, self._writer.cancelled = True, False

        def take(simulation: Simulation | None) -> None:
            if (taken := snapshot(simulation)) is not None:
                self._submit(write, taken, file)

        self._session.query("set aside", take)

    def _update(self) -> None:
        """Asks for a snapshot if something would be lost; deletes the recovery point if nothing would."""
        if self._writer is None or self._session.visiting:
            return
        if self._session.unsaved:
            self._session.query("recovery", self._snapshot())
        elif self._written and self._session.simulation is not None:
            self._written = False
            self._submit(self._writer.clear)
        if self._session.state is State.RUNNING:
            self._later.start()

    def _take(self, name: str, snapshot: Any) -> None:
        if self._writer is None or self._session.visiting:
            return
        if name == "recovery" and snapshot is not None and self._session.unsaved:
            self._written = True
            self._writer.cancelled = False
            self._submit(self._writer.write, snapshot, self._file())

    def _adopt(self, restored: Restored) -> None:
        """Keeps the files of a restored session as those of this window."""
        if self._writer is not None:
            self._written = True
            self._submit(self._writer.adopt, restored)

    def _snapshot(self) -> Callable[[Simulation | None], Session | None]:
        """Returns a function for the worker thread that returns the session, which may go on."""
        view, unknown, logs = self._session.view(), self._session.unknown, self._session.logs.state.logs

        def take(simulation: Simulation | None) -> Session | None:
            if simulation is None:
                return None
            states = [{name: values.copy() for name, values in state.items()} for state in simulation.states()]
            return Session(simulation.experiment, simulation.trace, states, view, unknown, logs=logs)

        return take

    def _file(self) -> tuple[Path | None, str | None]:
        return self._session.path, self._session.fingerprint

    def _submit(self, job: Callable[..., Any], *args: Any) -> Future[Any]:
        def report() -> None:
            try:
                job(*args)
            except Cancelled:
                return
            except Exception as error:  # noqa: BLE001 - it must reach the user
                self._tell_window(reason_of(error))
            else:
                self._tell_window("")

        return self._pool.submit(report)

    def _tell_window(self, problem: str) -> None:
        with suppress(RuntimeError):  # the window is gone
            self._wrote.emit(problem)

    def _tell(self, problem: str) -> None:
        if problem and not self._failing:
            self.failed.emit(problem)
        self._failing = bool(problem)

    def _look(self, folder: Path) -> None:
        points = look(folder)
        with suppress(RuntimeError):
            self._found.emit(points)
