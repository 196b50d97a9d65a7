"""The open session: the experiment, its trace and its file. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from lrstudio.engine.examples import Example, example_of
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.pilot import JobDone, State, StateChanged
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace
from lrstudio.store.session import Session, load, save
from lrstudio.ui.session import jobs as session_jobs
from lrstudio.ui.session.arrangement import Arrangement
from lrstudio.ui.session.history import History, SessionState
from lrstudio.ui.session.jobs import Cancelled, ShowMessage, Task, stamp
from lrstudio.ui.session.run_feed import RunFeed


class OpenSession(QObject):
    """The open experiment. Long operations run in the worker thread and emit a signal when they end."""

    experiment_changed = Signal()
    """The experiment was edited; the trace continues or `simulation_changed` follows."""
    arrangement_changed = Signal()
    simulation_changed = Signal()
    """The trace was replaced by a restart, another experiment or an opened file."""
    state_changed = Signal()
    query_done = Signal(str, object)
    """The name of a `query` and its result."""
    preview_changed = Signal()
    next_step_changed = Signal(int, object)
    """The newest step, and the parameters (R, P) after the next one, or None."""
    title_changed = Signal()
    message = Signal(str)
    failed = Signal(str, str)
    """The operation that failed, and the reason."""
    view_opened = Signal(object)
    """The view state of the opened file, as unchecked JSON."""
    saved = Signal(object)  # the task that `save` returned
    open_conflicted = Signal(object)
    """The experiment was edited while a file was read; the argument is a function that opens the file."""

    def __init__(self, feed: RunFeed, experiment: Experiment) -> None:
        super().__init__(feed)
        self.feed = feed
        self.experiment = experiment
        self.arrangement = Arrangement.of(experiment.runs)
        self.history = History(
            self._apply, self._show_again, lambda: SessionState(self.experiment, self.arrangement, self.simulation)
        )
        self.simulation: Simulation | None = None
        self.path: Path | None = None
        self.state = State.IDLE
        self.trace: Trace | None = None
        self.preview: tuple[Any, Any] | None = None
        self._tasks: list[Task] = []
        self._saved_state = self.experiment, self.arrangement
        self._saved_steps = self._gesture = 0
        self._unknown: dict[str, Any] = {}
        self._view: dict[str, Any] = {}
        self.view_state: Callable[[], dict[str, Any]] = dict
        """Returns the view state to save, as JSON."""
        self._stamp: tuple[int, int] | None = None
        feed.loaded.connect(self._loaded)
        feed.state_changed.connect(self._state_changed)
        feed.job_done.connect(self._job_done)

    @property
    def modified(self) -> bool:
        """Whether closing would lose a change, or steps that are not in the file."""
        return self.edited or (self.path is not None and self.steps_done != self._saved_steps)

    @property
    def edited(self) -> bool:
        """Whether there are unsaved changes; steps alone do not count."""
        experiment, arrangement = self._saved_state
        return self.experiment != experiment or (self.path is not None and self.arrangement != arrangement)

    @property
    def task(self) -> Task | None:
        """Current file job."""
        return self._tasks[0] if self._tasks else None

    @property
    def example(self) -> Example | None:
        """Ready example that equals the experiment, except for names and colours."""
        return example_of(self.experiment)

    @property
    def steps_done(self) -> int:
        return 0 if self.trace is None else self.trace.length - 1

    def show(self, experiment: Experiment) -> None:
        """Opens a new experiment, which has no file."""
        self.path, self._unknown, self._view = None, {}, {}
        self._begin(experiment, Arrangement.of(experiment.runs))
        self.feed.pilot.load(lambda: Simulation(experiment))

    def edit(self, experiment: Experiment) -> None:
        """Changes the experiment; the run continues if possible, otherwise it restarts."""
        self._edit(experiment, -1)

    def drag(self, experiment: Experiment) -> None:
        """Changes the experiment; all changes until `end_drag` are one change in the history."""
        self._edit(experiment, self._gesture)

    def end_drag(self) -> None:
        self._gesture += 1

    def _edit(self, experiment: Experiment, gesture: int) -> None:
        experiment = experiment.replanned() if self.simulation is None else self.simulation.as_planned(experiment)
        if experiment != self.experiment:
            replanned = experiment.steps != self.experiment.steps
            self.history.add(
                SessionState(experiment, self.arrangement.after_edit(self.experiment.runs, experiment.runs)), gesture
            )
            if replanned and self.simulation is not None and self.steps_done:
                self.query("plan", session_jobs.plan)

    def query(self, name: str, job: Callable[[Simulation | None], Any]) -> None:
        """Evaluates a function of the simulation; `query_done` follows unless the simulation was replaced."""
        self.feed.submit(name, lambda simulation: (simulation, job(simulation)))

    def arrange(self, arrangement: Arrangement) -> None:
        """Changes the arrangement of the runs."""
        if arrangement != self.arrangement:
            self.history.add(SessionState(self.experiment, arrangement))

    def restart(self) -> None:
        """Restarts the run; the schedules are planned for the current number of steps."""
        start = SessionState(self.experiment.replanned(), self.arrangement)
        if self.steps_done:
            self.history.add(start)
        else:
            self._set_state(start, lambda: Simulation(start.experiment))

    def open(self, path: Path) -> None:
        """Opens a session file."""
        before = self.experiment, self.arrangement
        self._submit("open", lambda _simulation, _task: (before, load(path)), path)

    def save(self, path: Path) -> Task:
        """Saves the session to a file."""
        view = self._view | self.arrangement.to_view() | self.view_state()
        unknown, state = self._unknown, (self.experiment, self.arrangement)

        def job(simulation: Simulation | None, task: Task) -> tuple[tuple[Experiment, Arrangement], int]:
            assert simulation is not None
            save(path, Session.of(simulation, view, unknown), progress=task.progress)
            return state, simulation.step

        return self._submit("save", job, path)

    def changed_outside(self) -> bool:
        """Whether another program has changed the file since it was opened or saved."""
        return self.path is not None and stamp(self.path) not in (None, self._stamp)

    def export_csv(self, path: Path) -> None:
        """Writes the trace as `lrstudio run --csv` does."""
        self._submit("export", lambda simulation, task: session_jobs.export_csv(path, simulation, task), path)

    def write_file(self, path: Path, parts: Callable[[], Iterable[bytes]], report: ShowMessage | None = None) -> None:
        """Writes the parts, created in the worker thread, to a file atomically; `report` shows the outcome."""
        self._submit("export", lambda _simulation, task: session_jobs.write_parts(path, parts, task), path, report)

    def _begin(self, experiment: Experiment, arrangement: Arrangement) -> None:
        """Replaces the session by one without changes."""
        self.experiment, self.arrangement, self.simulation = experiment, arrangement, None
        self._saved_state = experiment, arrangement
        self.history.clear()
        self._emit_changed()

    def _emit_changed(self) -> None:
        self.message.emit("")
        self.experiment_changed.emit()
        self.arrangement_changed.emit()
        self.title_changed.emit()

    def _apply(self, state: SessionState) -> None:
        """Shows a new state; the current experiment and arrangement mean a restart."""
        restarts = (state.experiment, state.arrangement) == (self.experiment, self.arrangement)
        self._set_state(state, None if not restarts else lambda: Simulation(state.experiment))

    def _show_again(self, state: SessionState) -> None:
        """Shows a previous state, with its trace if that was replaced."""
        previous = state.simulation
        replaced = previous is not None and (previous is not self.simulation or self.state is State.FAILED)
        build = partial(session_jobs.resumed, previous, state.experiment) if previous is not None and replaced else None
        self._set_state(state, build)

    def _set_state(self, state: SessionState, build: Callable[[], Simulation] | None) -> None:
        edited = state.experiment != self.experiment
        self.experiment, self.arrangement = state.experiment, state.arrangement
        if build is not None or (edited and self.simulation is not None and not self.simulation.takes(self.experiment)):
            self.simulation = None  # `_loaded` follows
        self._emit_changed()
        if build is not None:
            self.feed.pilot.load(build)
        elif edited:
            self.feed.pilot.edit(state.experiment)
            self._request_preview()

    def _submit(
        self, name: str, job: Callable[[Simulation | None, Task], Any], path: Path, report: ShowMessage | None = None
    ) -> Task:
        task = Task(name, path, report)
        self._tasks.append(task)
        self.feed.submit(task, lambda simulation: job(simulation, task))
        return task

    def _loaded(self, simulation: Simulation) -> None:
        if not simulation.takes(self.experiment):
            return  # it was edited meanwhile, and another simulation follows
        self.simulation, self.trace = simulation, simulation.trace
        self.simulation_changed.emit()
        self._request_preview()

    def _request_preview(self) -> None:
        self.query("preview", session_jobs.preview)
        self.query_next_step()

    def query_next_step(self) -> None:
        """Asks for the parameters after the next step, unless the run is going on."""
        if self.state is not State.RUNNING:
            self.query("next step", session_jobs.next_step)

    def _state_changed(self, event: StateChanged) -> None:
        self.state = event.state
        if event.state is State.FAILED:
            self.failed.emit(self.tr("The run could not go on"), event.message)
        self.query_next_step()
        self.state_changed.emit()
        self.title_changed.emit()

    def _job_done(self, event: JobDone) -> None:
        if isinstance(event.key, Task):
            self._file_job_done(event.key, event)
        elif event.error is not None:
            self.failed.emit(self.tr("Could not draw"), str(event.error))
        elif event.result[0] is self.simulation:
            self._answer(str(event.key), event.result[1])

    def _answer(self, name: str, result: Any) -> None:
        match name:
            case "next step":
                self.next_step_changed.emit(*result)
            case "plan":
                if result:
                    self.message.emit(result)
            case "preview":
                self.preview = result
                self.preview_changed.emit()
            case _:
                self.query_done.emit(name, result)

    def _file_job_done(self, task: Task, event: JobDone) -> None:
        self._tasks.remove(task)
        report = task.report or self.message.emit
        if isinstance(event.error, Cancelled):
            report(self.tr("Cancelled; nothing was changed"))
        elif event.error is not None:
            failure = f"{session_jobs.failure(task)} {task.path.name}"
            if task.report is None:
                self.failed.emit(failure, str(event.error))
            else:
                task.report(f"{failure}: {event.error}", warning=True)
        elif task.name == "open":
            before, saved = event.result
            if before == (self.experiment, self.arrangement):
                self._opened(task.path, saved)
            else:
                self.open_conflicted.emit(lambda: self._opened(task.path, saved))
        elif task.name == "save":
            self.path, (self._saved_state, self._saved_steps) = task.path, event.result
            self._stamp = stamp(task.path)
            self.message.emit(self.tr("Saved {name}").format(name=task.path.name))
            self.title_changed.emit()
            self.saved.emit(task)
        else:
            report(self.tr("Exported {name}").format(name=task.path.name))

    def _opened(self, path: Path, saved: Session) -> None:
        self.path, self._stamp, self._saved_steps = path, stamp(path), saved.trace.length - 1
        self._unknown, self._view = saved.unknown, session_jobs.saved_view(saved)
        self._begin(saved.experiment, Arrangement.from_view(saved.view, saved.experiment.runs))
        self.view_opened.emit(saved.view)
        self.feed.pilot.load(saved.simulation)
        self.message.emit("; ".join([self.tr("Opened {name}").format(name=path.name), *saved.notes]))
