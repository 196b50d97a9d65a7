"""The open session: the experiment, its trace, its changes and what is asked of it. No widgets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoGroup

from lrstudio.core.language import tr
from lrstudio.engine.examples import Example, example_of
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.pilot import JobDone, State, StateChanged, reason_of
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.session import jobs as session_jobs
from lrstudio.ui.session.arrangement import Arrangement
from lrstudio.ui.session.history import History, SessionState
from lrstudio.ui.session.jobs import Task
from lrstudio.ui.session.run_feed import RunFeed
from lrstudio.ui.session.session_file import SessionFile

_SET_ASIDE = (
    "experiment", "arrangement", "simulation", "history", "lock", "path", "fingerprint", "_unknown", "_view",
    "_saved_state", "_saved_steps",
)  # fmt: skip


class OpenSession(SessionFile):
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
    visit_begins = Signal()
    visit_ended = Signal()

    def __init__(self, feed: RunFeed, experiment: Experiment) -> None:
        super().__init__(feed, experiment)
        self.changes = QUndoGroup(self)
        """Undo and redo in the history of what is shown."""
        self.history = self._new_history()
        self._visited = self._new_history()  # one for all visits: PySide keeps each that a group ever had
        self.changes.setActiveStack(self.history)
        self._set_aside: dict[str, Any] | None = None
        self.state = State.IDLE
        self.preview: tuple[Any, Any] | None = None
        self._gesture = 0
        self._foretells = True
        feed.loaded.connect(self._loaded)
        feed.state_changed.connect(self._state_changed)
        feed.job_done.connect(self._job_done)

    @property
    def example(self) -> Example | None:
        """Ready example that equals the experiment, except for names and colours."""
        return example_of(self.experiment)

    def show(self, experiment: Experiment) -> None:
        """Opens a new experiment, which has no file."""
        self.close_file()
        self._forget_file()
        self.logs.begin()
        self._begin(experiment, Arrangement.of(experiment.runs), lambda: Simulation(experiment))
        self.logs.opened.emit()

    @property
    def visiting(self) -> bool:
        """Whether an experiment is shown in place of the session."""
        return self._set_aside is not None

    def visit(self, experiment: Experiment) -> bool:
        """Shows an experiment in place of the session, which stays as it is with its file until `end_visit`.

        Returns False, and does nothing, while the session or a file is being opened or saved.
        """
        if self.task is not None or (not self.visiting and self.simulation is None):
            return False
        if self._set_aside is None:
            self.visit_begins.emit()
            self._set_aside = self._kept()
            self.history, self.lock = self._visited, None
            self.changes.setActiveStack(self.history)
        self._forget_file()
        self._begin(experiment, Arrangement.of(experiment.runs), lambda: Simulation(experiment))
        return True

    def end_visit(self) -> None:
        """Shows the session again as it was before `visit`, with its trace, file and history."""
        if self._set_aside is None:
            return
        self.close_file()
        self._orphan_tasks()
        kept, self._set_aside = self._set_aside, None
        self._show_kept(kept)
        self.visit_ended.emit()

    def hand_over(self) -> dict[str, Any]:
        """Gives what is open away, for another window to `take`; there is no visit, and the worker has ended."""
        kept = self._kept() | {"log_state": self.logs.state}
        self.lock = None
        self.changes.removeStack(kept["history"])
        return kept

    def take(self, kept: dict[str, Any]) -> None:
        """Shows what the session of another window has given away, with its trace, file and history."""
        self.changes.removeStack(self.history)
        self.logs.state = kept.pop("log_state")
        self._show_kept(kept)

    def _kept(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _SET_ASIDE} | {"shown": self.view_state()}

    def _show_kept(self, kept: dict[str, Any]) -> None:
        shown = kept.pop("shown")
        self.history.clear()
        for name, value in kept.items():
            setattr(self, name, value)
        self.history.serve(self._apply, self._show_again, self._current_state)
        self.changes.addStack(self.history)
        self.changes.setActiveStack(self.history)
        experiment, simulation = self.experiment, self.simulation
        self.simulation = None
        self._emit_changed()
        self.view_opened.emit(shown)
        resumed = partial(session_jobs.resumed, simulation, experiment) if simulation is not None else None
        self.feed.pilot.load(resumed or partial(Simulation, experiment))

    def close(self) -> None:
        """Lets other windows open the file, also that of a session that is set aside."""
        self.close_file()
        lock = None if self._set_aside is None else self._set_aside["lock"]
        if lock is not None:
            lock.release()

    def _new_history(self) -> History:
        history = History(self._apply, self._show_again, self._current_state)
        self.changes.addStack(history)
        return history

    def _current_state(self) -> SessionState:
        return SessionState(self.experiment, self.arrangement, self.simulation)

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

    def _begin(self, experiment: Experiment, arrangement: Arrangement, build: Callable[[], Simulation]) -> None:
        """Replaces the session by one without changes."""
        self.experiment, self.arrangement, self.simulation = experiment, arrangement, None
        self._mark_saved()
        self.history.clear()
        self._emit_changed()
        self.feed.pilot.load(build)

    def _is_ready(self) -> bool:
        made = self.path is None and not self.edited and self.example is not None
        return made and (self.trace is None or not self.trace.rate_changes)

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
        """Asks for the parameters after the next step, unless the run is going on or it is not to be foretold."""
        if not self._foretells:
            self.next_step_changed.emit(0, None)
        elif self.state is not State.RUNNING:
            self.query("next step", session_jobs.next_step)

    def set_foretelling(self, on: bool) -> None:
        """Sets whether the next step is told before it is made."""
        if on != self._foretells:
            self._foretells = on
            self.query_next_step()

    def _state_changed(self, event: StateChanged) -> None:
        self.state = event.state
        if isinstance(event.error, MemoryError):
            self.history.free()
        if event.state is State.FAILED:
            self.failed.emit(tr("The run could not go on"), event.message)
            session_jobs.report(event.error)
        self.query_next_step()
        self.state_changed.emit()
        self.title_changed.emit()

    def _job_done(self, event: JobDone) -> None:
        if isinstance(event.key, Task):
            return
        if event.error is not None:
            self.failed.emit(tr("Could not draw"), reason_of(event.error))
            session_jobs.report(event.error)
        elif event.result[0] is self.simulation:
            self._answer(str(event.key), event.result[1])

    def _answer(self, name: str, result: Any) -> None:
        match name:
            case "next step":
                if self._foretells:
                    self.next_step_changed.emit(*result)
            case "plan":
                if result:
                    self.message.emit(result)
            case "preview":
                self.preview = result
                self.preview_changed.emit()
            case _:
                self.query_done.emit(name, result)
