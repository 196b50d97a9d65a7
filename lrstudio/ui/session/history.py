"""Undo and redo of changes. Undo restores the trace that a change has replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from PySide6.QtGui import QUndoCommand, QUndoStack

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.session.arrangement import Arrangement

MOST_CHANGES = 200
CACHED_BYTES = 512 * 2**20
"""Maximum size of the replaced traces; older ones are deleted, and computed again after undo."""


@dataclass(frozen=True)
class SessionState:
    """The experiment, its arrangement and its simulation; None if the simulation must be created."""

    experiment: Experiment
    arrangement: Arrangement
    simulation: Simulation | None = None


class Change(QUndoCommand):
    """A change of the session state, by a `gesture` (0 or more), such as a drag, or -1."""

    def __init__(self, history: History, before: SessionState, after: SessionState, gesture: int = -1) -> None:
        super().__init__(describe(before, after))
        self._history, self.before, self.after = history, before, after
        self.gesture = gesture
        self._first = True

    def redo(self) -> None:
        if self._first:
            self._history.apply(self.after)
        else:
            self.before = self._history.go_to(self.after, self.before)
        self._first = False

    def undo(self) -> None:
        self.after = self._history.go_to(self.before, self.after)

    def go_on(self, after: SessionState) -> None:
        """Goes on with the gesture: what follows is part of this change."""
        self._history.apply(after)
        self.after = after
        self.setText(describe(self.before, after))

    def forget(self) -> None:
        """Drops the references to the simulations."""
        self.before = SessionState(self.before.experiment, self.before.arrangement)
        self.after = SessionState(self.after.experiment, self.after.arrangement)


class History(QUndoStack):
    """The changes of a session. `apply` shows a new state, `show` a previous one; `current` returns the shown one."""

    def __init__(
        self,
        apply: Callable[[SessionState], None],
        show: Callable[[SessionState], None],
        current: Callable[[], SessionState],
    ) -> None:
        super().__init__()
        self.setUndoLimit(MOST_CHANGES)
        self.serve(apply, show, current)

    def serve(
        self,
        apply: Callable[[SessionState], None],
        show: Callable[[SessionState], None],
        current: Callable[[], SessionState],
    ) -> None:
        """Makes the changes those of a session, which names them in the language in use."""
        self.apply = apply
        self._show, self._current = show, current
        for index in range(self.count()):
            change = self.command(index)
            assert isinstance(change, Change)
            change.setText(describe(change.before, change.after))

    def add(self, after: SessionState, gesture: int = -1) -> None:
        """Makes a change, or goes on with that of the same gesture: PySide would keep each that Qt merges."""
        last = self.command(self.count() - 1)
        if isinstance(last, Change) and self.index() == self.count() and last.gesture == gesture >= 0:
            last.go_on(after)
            self.undoTextChanged.emit(last.text())
        else:
            self.push(Change(self, self._current(), after, gesture))
        self._forget_oldest()

    def free(self) -> None:
        """Deletes the replaced traces, which are computed again after undo."""
        for index in range(self.count()):
            change = self.command(index)
            assert isinstance(change, Change)
            change.forget()

    def go_to(self, state: SessionState, previous: SessionState) -> SessionState:
        """Shows a state again; returns the previous one with the current simulation."""
        simulation = self._current().simulation
        self._show(state)
        return SessionState(previous.experiment, previous.arrangement, simulation)

    def _forget_oldest(self) -> None:
        counted: set[int] = set()
        size = 0
        for index in reversed(range(self.count())):
            change = self.command(index)
            assert isinstance(change, Change)
            for simulation in (change.after.simulation, change.before.simulation):
                if simulation is not None and id(simulation) not in counted:
                    counted.add(id(simulation))
                    size += simulation.trace.nbytes
            if size > CACHED_BYTES:
                change.forget()


def describe(before: SessionState, after: SessionState) -> str:
    """Returns the name of the change for the menu entry “Undo”."""
    if before.experiment.replanned() != after.experiment.replanned():
        return _changed_experiment(before.experiment, after.experiment)
    if before.arrangement.order != after.arrangement.order:
        return tr("order of the runs")
    if before.arrangement.hidden != after.arrangement.hidden:
        return tr("hiding and showing")
    if before.arrangement.baseline != after.arrangement.baseline:
        return tr("baseline")
    return tr("reset")


def _changed_experiment(before: Experiment, after: Experiment) -> str:
    if before.problem.key != after.problem.key:
        return tr("problem")
    if len(before.runs) != len(after.runs):
        return tr("removing runs") if len(before.runs) > len(after.runs) else tr("adding runs")
    names = {
        "problem": tr("problem"),
        **{parameter.name: tr(parameter.label) for parameter in before.parameters()},
        "steps": tr("number of steps"),
        "lr": tr("learning rate"),
        "optimizer": tr("optimizer"),
        "schedule": tr("schedule"),
        "start": tr("start"),
        "label": tr("name of the run"),
        "color": tr("colour of the run"),
    }
    pairs: list[tuple[Any, Any]] = [(before, after), *zip(before.runs, after.runs, strict=True)]
    changed = [
        item.name
        for one, other in pairs
        for item in fields(one)
        if item.name in names and getattr(one, item.name) != getattr(other, item.name)
    ]
    return names[changed[0]] if len(set(changed)) == 1 else tr("several values")
