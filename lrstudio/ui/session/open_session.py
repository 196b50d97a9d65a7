"""What the window shows: the experiment, its trace and the file it belongs to. No widgets."""

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
from lrstudio.ui.session.history import History, Moment
from lrstudio.ui.session.jobs import Cancelled, Say, Task, stamp
from lrstudio.ui.session.run_feed import RunFeed


class OpenSession(QObject):
    """The open experiment. Everything that takes time is done on the feed's thread and comes back as a signal."""

    experiment_changed = Signal()
    """The experiment was edited; the trace may go on or `simulation_changed` follows."""
    arrangement_changed = Signal()
    simulation_changed = Signal()
    """Another trace is shown: a new start, another experiment or an opened file."""
    state_changed = Signal()
    looked = Signal(str, object)
    """What `look` was called with, and the answer."""
    preview_changed = Signal()
    peeked = Signal(int, object)
    """The newest step, and where the runs (R, P) go from there; None while that is not known."""
    title_changed = Signal()
    message = Signal(str)
    failed = Signal(str, str)
    """What was tried, and why it failed."""
    view_opened = Signal(object)
    """What `view_state` gave when the file was saved that is now open: plain JSON that anybody may have written."""
    saved = Signal(object)  # the task that `save` gave
    overtaken = Signal(object)
    """A file was read, but the experiment was edited meanwhile: calling this puts the file in its place."""

    def __init__(self, feed: RunFeed, experiment: Experiment) -> None:
        super().__init__(feed)
        self.feed = feed
        self.experiment = experiment
        self.arrangement = Arrangement.of(experiment.runs)
        self.history = History(
            self._make, self._show_again, lambda: Moment(self.experiment, self.arrangement, self.simulation)
        )
        self.simulation: Simulation | None = None
        self.path: Path | None = None
        self.state = State.IDLE
        self.trace: Trace | None = None
        self.preview: tuple[Any, Any] | None = None
        self._tasks: list[Task] = []
        self._kept = self.experiment, self.arrangement
        self._kept_steps = self._gesture = 0
        self._unknown: dict[str, Any] = {}
        self._view: dict[str, Any] = {}
        self.view_state: Callable[[], dict[str, Any]] = dict
        """What the window wants to find again in a file: plain JSON."""
        self._stamp: tuple[int, int] | None = None
        feed.loaded.connect(self._loaded)
        feed.state_changed.connect(self._state_changed)
        feed.job_done.connect(self._job_done)

    @property
    def modified(self) -> bool:
        """Whether closing would lose something: a change, or steps that the file does not have."""
        return self.edited or (self.path is not None and self.steps_done != self._kept_steps)

    @property
    def edited(self) -> bool:
        """Whether a change was made that no file has; steps alone are none."""
        experiment, arrangement = self._kept
        return self.experiment != experiment or (self.path is not None and self.arrangement != arrangement)

    @property
    def task(self) -> Task | None:
        """The file job that is under way."""
        return self._tasks[0] if self._tasks else None

    @property
    def example(self) -> Example | None:
        """The ready example that the experiment is, names and colours apart; None where it is another."""
        return example_of(self.experiment)

    @property
    def steps_done(self) -> int:
        return 0 if self.trace is None else self.trace.length - 1

    def show(self, experiment: Experiment) -> None:
        """Start with another experiment, which belongs to no file."""
        self.path, self._unknown, self._view = None, {}, {}
        self._begin(experiment, Arrangement.of(experiment.runs))
        self.feed.pilot.load(lambda: Simulation(experiment))

    def edit(self, experiment: Experiment) -> None:
        """Change the experiment; the run goes on where that is possible, otherwise it starts anew."""
        self._edit(experiment, -1)

    def drag(self, experiment: Experiment) -> None:
        """Change the experiment; all changes until `end_drag` are taken back at once."""
        self._edit(experiment, self._gesture)

    def end_drag(self) -> None:
        self._gesture += 1

    def _edit(self, experiment: Experiment, gesture: int) -> None:
        experiment = experiment.planned_anew() if self.simulation is None else self.simulation.as_planned(experiment)
        if experiment != self.experiment:
            replanned = experiment.steps != self.experiment.steps
            self.history.add(
                Moment(experiment, self.arrangement.following(self.experiment.runs, experiment.runs)), gesture
            )
            if replanned and self.simulation is not None and self.steps_done:
                self.look("plan", session_jobs.plan)

    def look(self, name: str, job: Callable[[Simulation | None], Any]) -> None:
        """Ask the worker's simulation; `looked` brings the answer, unless another simulation is shown by then."""
        self.feed.submit(name, lambda simulation: (simulation, job(simulation)))

    def arrange(self, arrangement: Arrangement) -> None:
        """Change how the runs are looked at."""
        if arrangement != self.arrangement:
            self.history.add(Moment(self.experiment, arrangement))

    def restart(self) -> None:
        """Back to the start; the schedules are planned for all steps there are now."""
        start = Moment(self.experiment.planned_anew(), self.arrangement)
        if self.steps_done:
            self.history.add(start)
        else:
            self._take(start, lambda: Simulation(start.experiment))

    def open(self, path: Path) -> None:
        """Read a session file."""
        before = self.experiment, self.arrangement
        self._submit("open", lambda _simulation, _task: (before, load(path)), path)

    def save(self, path: Path) -> Task:
        """Write the session file."""
        view = self._view | self.arrangement.to_save() | self.view_state()
        unknown, kept = self._unknown, (self.experiment, self.arrangement)

        def job(simulation: Simulation | None, task: Task) -> tuple[tuple[Experiment, Arrangement], int]:
            assert simulation is not None
            save(path, Session.of(simulation, view, unknown), progress=task.progress)
            return kept, simulation.step

        return self._submit("save", job, path)

    def changed_outside(self) -> bool:
        """Whether the file is another than the one that was opened or saved here."""
        return self.path is not None and stamp(self.path) not in (None, self._stamp)

    def export_csv(self, path: Path) -> None:
        """Write the trace as `lrstudio run --csv` does."""
        self._submit("export", lambda simulation, task: session_jobs.export_csv(path, simulation, task), path)

    def write_file(self, path: Path, parts: Callable[[], Iterable[bytes]], say: Say | None = None) -> None:
        """Replace a file by the parts, made in the worker's thread; `say` reports the outcome in another window."""
        self._submit("export", lambda _simulation, task: session_jobs.write_parts(path, parts, task), path, say)

    def _begin(self, experiment: Experiment, arrangement: Arrangement) -> None:
        """Something else is open: nothing of it is changed yet."""
        self.experiment, self.arrangement, self.simulation = experiment, arrangement, None
        self._kept = experiment, arrangement
        self.history.clear()
        self._tell_changed()

    def _tell_changed(self) -> None:
        self.message.emit("")
        self.experiment_changed.emit()
        self.arrangement_changed.emit()
        self.title_changed.emit()

    def _make(self, moment: Moment) -> None:
        """Show a moment that never was; the same experiment and arrangement as now mean a new start."""
        anew = (moment.experiment, moment.arrangement) == (self.experiment, self.arrangement)
        self._take(moment, None if not anew else lambda: Simulation(moment.experiment))

    def _show_again(self, moment: Moment) -> None:
        """Show a moment that was, with its trace where there is another one now."""
        kept = moment.simulation
        lost = kept is not None and (kept is not self.simulation or self.state is State.FAILED)
        build = partial(session_jobs.resumed, kept, moment.experiment) if kept is not None and lost else None
        self._take(moment, build)

    def _take(self, moment: Moment, build: Callable[[], Simulation] | None) -> None:
        edited = moment.experiment != self.experiment
        self.experiment, self.arrangement = moment.experiment, moment.arrangement
        if build is not None or (edited and self.simulation is not None and not self.simulation.takes(self.experiment)):
            self.simulation = None  # another one is on its way
        self._tell_changed()
        if build is not None:
            self.feed.pilot.load(build)
        elif edited:
            self.feed.pilot.edit(moment.experiment)
            self._request_preview()

    def _submit(
        self, name: str, job: Callable[[Simulation | None, Task], Any], path: Path, say: Say | None = None
    ) -> Task:
        task = Task(name, path, say)
        self._tasks.append(task)
        self.feed.submit(task, lambda simulation: job(simulation, task))
        return task

    def _loaded(self, simulation: Simulation) -> None:
        if not simulation.takes(self.experiment):
            return  # it was changed again meanwhile: another one is on its way
        self.simulation, self.trace = simulation, simulation.trace
        self.simulation_changed.emit()
        self._request_preview()

    def _request_preview(self) -> None:
        self.look("preview", session_jobs.preview)
        self.peek()

    def peek(self) -> None:
        """Look one step ahead, where the runs stand still."""
        if self.state is not State.RUNNING:
            self.look("peek", session_jobs.peek)

    def _state_changed(self, event: StateChanged) -> None:
        self.state = event.state
        if event.state is State.FAILED:
            self.failed.emit(self.tr("The run could not go on"), event.message)
        self.peek()
        self.state_changed.emit()
        self.title_changed.emit()

    def _job_done(self, event: JobDone) -> None:
        if isinstance(event.key, Task):
            self._file_job_done(event.key, event)
        elif event.error is not None:
            self.failed.emit(self.tr("Could not draw"), str(event.error))
        elif event.result[0] is self.simulation:
            self._looked(str(event.key), event.result[1])

    def _looked(self, name: str, result: Any) -> None:
        match name:
            case "peek":
                self.peeked.emit(*result)
            case "plan":
                if result:
                    self.message.emit(result)
            case "preview":
                self.preview = result
                self.preview_changed.emit()
            case _:
                self.looked.emit(name, result)

    def _file_job_done(self, task: Task, event: JobDone) -> None:
        self._tasks.remove(task)
        say = task.say or self.message.emit
        if isinstance(event.error, Cancelled):
            say(self.tr("Cancelled; nothing was changed"))
        elif event.error is not None:
            failure = f"{session_jobs.failure(task)} {task.path.name}"
            if task.say is None:
                self.failed.emit(failure, str(event.error))
            else:
                task.say(f"{failure}: {event.error}", warning=True)
        elif task.name == "open":
            before, saved = event.result
            if before == (self.experiment, self.arrangement):
                self._opened(task.path, saved)
            else:
                self.overtaken.emit(lambda: self._opened(task.path, saved))
        elif task.name == "save":
            self.path, (self._kept, self._kept_steps) = task.path, event.result
            self._stamp = stamp(task.path)
            self.message.emit(self.tr("Saved {name}").format(name=task.path.name))
            self.title_changed.emit()
            self.saved.emit(task)
        else:
            say(self.tr("Exported {name}").format(name=task.path.name))

    def _opened(self, path: Path, saved: Session) -> None:
        self.path, self._stamp, self._kept_steps = path, stamp(path), saved.trace.length - 1
        self._unknown, self._view = saved.unknown, session_jobs.kept_view(saved)
        self._begin(saved.experiment, Arrangement.saved_in(saved.view, saved.experiment.runs))
        self.view_opened.emit(saved.view)
        self.feed.pilot.load(saved.simulation)
        self.message.emit("; ".join([self.tr("Opened {name}").format(name=path.name), *saved.notes]))
