"""The file of the open session, and the jobs that read and write files. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.pilot import JobDone
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace
from lrstudio.store.session import ANY, Expected, Session, load, save
from lrstudio.ui.session import jobs as session_jobs
from lrstudio.ui.session.arrangement import Arrangement
from lrstudio.ui.session.file_lock import FileLock, LockHolder
from lrstudio.ui.session.jobs import Cancelled, FileInUse, Parts, Restored, ShowMessage, Task
from lrstudio.ui.session.open_logs import LogState, OpenLogs
from lrstudio.ui.session.run_feed import RunFeed

if TYPE_CHECKING:
    from lrstudio.store.recovery import RecoveryPoint
    from lrstudio.store.saved_logs import SavedLog

Content = tuple[Experiment, Arrangement, LogState]


class SessionFile(LockHolder):
    """The file of the open session. Files are read and written in the worker thread; a signal tells how that ended."""

    title_changed = Signal()
    message = Signal(str)
    failed = Signal(str, str)
    """The operation that failed, and the reason."""
    view_opened = Signal(object)
    """The view state of the opened file, as unchecked JSON."""
    saved = Signal(object)  # the task that `save` returned
    save_failed = Signal(object, object)
    """The task, and the exception; FileChangedError if another program changed the file, FileInUse if it is open."""
    open_conflicted = Signal(object)
    """The experiment was edited while a file was read; the argument is a function that opens the file."""
    open_refused = Signal(object, object)
    """The lock of a file that another window has open, and a function that opens it all the same."""
    restored = Signal(object)
    """The Restored that is shown now."""

    def __init__(self, feed: RunFeed, experiment: Experiment) -> None:
        super().__init__(feed)
        self.feed = feed
        self.experiment = experiment
        self.arrangement = Arrangement.of(experiment.runs)
        self.simulation: Simulation | None = None
        self.trace: Trace | None = None
        self.logs = OpenLogs(self)
        self.logs.changed.connect(self.title_changed)
        self.view_state: Callable[[], dict[str, Any]] = dict
        """Returns the view state to save, as JSON."""
        self._tasks: list[Task] = []
        self._forget_file()
        self._mark_saved()
        feed.job_done.connect(self._file_job_done)

    @property
    def modified(self) -> bool:
        """Whether closing would lose a change, or steps that are in no file.

        A ready example as it is opened loses nothing by it: one press of a key makes the same steps again.
        """
        return self.edited or (self._has_new_steps and not self._is_ready())

    @property
    def edited(self) -> bool:
        """Whether there are unsaved changes; steps alone do not count."""
        return self._content != self._saved_state

    @property
    def _content(self) -> Content:
        return self.experiment, self.arrangement, self.logs.state

    @property
    def unsaved(self) -> bool:
        """Whether there are changes or steps, also those of a ready example, that are in no file."""
        return self.edited or self._has_new_steps

    @property
    def _has_new_steps(self) -> bool:
        return self.simulation is not None and self.steps_done != self._saved_steps

    @property
    def task(self) -> Task | None:
        """Current file job."""
        return self._tasks[0] if self._tasks else None

    @property
    def steps_done(self) -> int:
        return 0 if self.trace is None else self.trace.length - 1

    def open(self, path: Path) -> None:
        """Opens a session file."""
        before, lock = self._content, self._lock_of(path)
        own = lock is self.lock

        def job(_simulation: Simulation | None, _task: Task) -> tuple[Any, Session, FileLock]:
            saved = load(path)
            if not own:
                lock.take()
            return before, saved, lock

        self._submit("open", job, path)

    def save(self, path: Path, expected: Expected | None = ANY, *, locked: bool = True) -> Task:
        """Saves the session to a file, which is replaced only if it has the `expected` fingerprint (see store.save).

        `locked` is whether another window's lock of the file is respected.
        """
        view, unknown, state = self.view(), self._unknown, self._content
        lock = self._lock_of(path)
        own = lock is self.lock

        def job(simulation: Simulation | None, task: Task) -> tuple[Any, int, str, FileLock]:
            assert simulation is not None
            if not own and not (lock.take() if locked else lock.override()):
                raise FileInUse(lock)
            try:
                fingerprint = save(path, Session.of(simulation, view, unknown, state[2].logs), task.progress, expected)
            except BaseException:
                if not own:
                    lock.release()
                raise
            return state, simulation.step, fingerprint, lock

        return self._submit("save", job, path)

    def save_again(self) -> Task:
        """Saves the session to its file unless that was changed by another program."""
        assert self.path is not None
        return self.save(self.path, self.fingerprint)

    def restore(self, point: Path) -> None:
        """Shows the session of a recovery point, with the steps that it had."""

        def job(_simulation: Simulation | None, task: Task) -> Restored:
            return session_jobs.restore(point, task, self.feed.wait_for_painting)

        self._submit("restore", job, point)

    def view(self) -> dict[str, Any]:
        """Returns the state of the view to save."""
        return self._view | self.arrangement.to_view() | self.view_state() | self.logs.view()

    @property
    def unknown(self) -> dict[str, Any]:
        """Fields of a later version in the opened file."""
        return self._unknown

    def export_csv(self, path: Path) -> None:
        """Writes the trace as `lrstudio run --csv` does."""
        self._submit("export", lambda simulation, task: session_jobs.export_csv(path, simulation, task), path)

    def write_file(self, path: Path, parts: Parts, report: ShowMessage | None = None) -> None:
        """Writes the parts, created in the worker thread, to a file atomically; `report` shows the outcome."""
        self._submit("export", lambda _simulation, task: session_jobs.write_parts(path, parts, task), path, report)

    def _begin(self, experiment: Experiment, arrangement: Arrangement, build: Callable[[], Simulation]) -> None:
        """Replaces the session by one without changes."""
        raise NotImplementedError

    def _is_ready(self) -> bool:
        """Returns whether the session is a ready example as it is opened, with any number of steps."""
        raise NotImplementedError

    def _submit(
        self, name: str, job: Callable[[Simulation | None, Task], Any], path: Path, report: ShowMessage | None = None
    ) -> Task:
        task = Task(name, path, report)
        self._tasks.append(task)
        self.feed.submit(task, partial(session_jobs.do, task, job))
        return task

    def _forget_file(self) -> None:
        self.path: Path | None = None
        self.fingerprint: str | None = None
        """Of the content that is known to be in the file."""
        self._unknown: dict[str, Any] = {}
        self._view: dict[str, Any] = {}

    def _mark_saved(self) -> None:
        self._saved_state: Content | None = self._content
        self._saved_steps = 0

    def _file_job_done(self, event: JobDone) -> None:
        task = event.key
        if not isinstance(task, Task):
            return
        if task not in self._tasks:
            self._end_orphan(event)
            return
        self._tasks.remove(task)
        report = task.report or self.message.emit
        if isinstance(event.error, Cancelled):
            report(tr("Cancelled; nothing was changed"))
        elif event.error is not None:
            self._job_failed(task, event.error)
        elif task.name == "open":
            self._read(task.path, *event.result)
        elif task.name == "save":
            self.path = task.path
            self._saved_state, self._saved_steps, self.fingerprint, lock = event.result
            self._hold(lock)
            self.message.emit(tr("Saved {name}", name=task.path.name))
            self.title_changed.emit()
            self.saved.emit(task)
        elif task.name == "restore":
            self._show_restored(event.result)
        else:
            report(tr("Exported {name}", name=task.path.name))

    def cancel_task(self) -> None:
        if self.task is not None:
            self.task.cancelled = True

    def _orphan_tasks(self) -> None:
        """Cancels the file jobs: the session that began them is about to be replaced by another."""
        for task in self._tasks:
            task.cancelled = True
        self._tasks.clear()

    def _end_orphan(self, event: JobDone) -> None:
        """Lets other windows open the file of a job that was over before it could be cancelled."""
        for part in event.result if isinstance(event.result, tuple) else ():
            if isinstance(part, FileLock):
                part.release()

    def _job_failed(self, task: Task, error: BaseException) -> None:
        session_jobs.report(error, expected=(ValueError, OSError, FileInUse))
        failure, reason = session_jobs.failure(task), session_jobs.reason(error)
        if task.report is not None:
            task.report(tr("{what}: {why}", what=failure, why=reason), warning=True)
            return
        self.failed.emit(failure, reason)
        if task.name == "save":
            self.title_changed.emit()
            self.save_failed.emit(task, error)

    def _read(self, path: Path, before: Any, saved: Session, lock: FileLock) -> None:
        """Shows a file that was read, unless the experiment was edited meanwhile or another window has the file."""

        def show() -> None:
            self._hold(lock)
            self._show_opened(path, saved)

        def show_safely() -> None:
            if before == self._content:
                show()
            else:
                self.open_conflicted.emit(show)

        if lock.refused:
            self.open_refused.emit(lock, show_safely)
        else:
            show_safely()

    def _show_opened(self, path: Path, saved: Session) -> None:
        self._replace(path, saved, saved.logs, saved.simulation)
        self._saved_steps = saved.rows.length - 1
        self.view_opened.emit(saved.view)
        self.logs.opened.emit()
        self.message.emit("; ".join([tr("Opened {name}", name=path.name), *saved.notes]))

    def _show_restored(self, restored: Restored) -> None:
        point = restored.point
        self._hold(restored.lock)
        self._replace(point.path, point, restored.logs, lambda: restored.simulation)
        self._saved_state = None
        self.view_opened.emit(point.view)
        self.logs.opened.emit()
        self.restored.emit(restored)
        self.message.emit(restored.message)
        self.title_changed.emit()

    def _replace(
        self,
        path: Path | None,
        read: Session | RecoveryPoint,
        logs: Sequence[SavedLog],
        build: Callable[[], Simulation],
    ) -> None:
        """Begins with what was read of a file."""
        self._forget_file()
        self.path, self.fingerprint = path, read.fingerprint
        self._unknown, self._view = read.unknown, session_jobs.saved_view(read.view)
        self.logs.begin(logs, read.view.get("logs"))
        self._begin(read.experiment, Arrangement.from_view(read.view, read.experiment.runs), build)
