"""What was changed, to take back and to make again. A trace that a change has cost comes back with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand, QUndoStack

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.session.arrangement import Arrangement

MOST_CHANGES = 200
KEPT_BYTES = 512 * 2**20
"""So much of replaced traces is kept; older ones are run anew when they are asked for."""


@dataclass(frozen=True)
class Moment:
    """What a session shows, and the simulation that it shows it of; None stands for one that has to be made."""

    experiment: Experiment
    arrangement: Arrangement
    simulation: Simulation | None = None


class Change(QUndoCommand):
    """From one moment to another. Changes of one `gesture` (0 or more), such as a drag, are one."""

    def __init__(self, history: History, before: Moment, after: Moment, gesture: int = -1) -> None:
        super().__init__(describe(before, after))
        self._history, self.before, self.after = history, before, after
        self._gesture = gesture
        self._first = True

    def redo(self) -> None:
        if self._first:
            self._history.make(self.after)
        else:
            self.before = self._history.go_to(self.after, self.before)
        self._first = False

    def undo(self) -> None:
        self.after = self._history.go_to(self.before, self.after)

    def id(self) -> int:
        return self._gesture

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Change):
            return False
        self.after = other.after
        self.setText(describe(self.before, self.after))
        return True

    def forget(self) -> None:
        """Let go of the simulations."""
        self.before = Moment(self.before.experiment, self.before.arrangement)
        self.after = Moment(self.after.experiment, self.after.arrangement)


class History(QUndoStack):
    """The changes of a session. `make` shows a moment for the first time; `present` says what is shown."""

    def __init__(
        self, make: Callable[[Moment], None], show: Callable[[Moment], None], present: Callable[[], Moment]
    ) -> None:
        super().__init__()
        self.setUndoLimit(MOST_CHANGES)
        self.make = make
        self._show, self._present = show, present

    def add(self, after: Moment, gesture: int = -1) -> None:
        """Make a change."""
        self.push(Change(self, self._present(), after, gesture))
        self._forget_oldest()

    def go_to(self, moment: Moment, left: Moment) -> Moment:
        """Show a moment again; returns the one that was left, with its simulation as it is now."""
        simulation = self._present().simulation
        self._show(moment)
        return Moment(left.experiment, left.arrangement, simulation)

    def _forget_oldest(self) -> None:
        kept: set[int] = set()
        size = 0
        for place in reversed(range(self.count())):
            change = self.command(place)
            assert isinstance(change, Change)
            for simulation in (change.after.simulation, change.before.simulation):
                if simulation is not None and id(simulation) not in kept:
                    kept.add(id(simulation))
                    size += simulation.trace.nbytes
            if size > KEPT_BYTES:
                change.forget()


def describe(before: Moment, after: Moment) -> str:
    """What the change is, as it stands after “Undo”."""
    if before.experiment.planned_anew() != after.experiment.planned_anew():
        return _changed_experiment(before.experiment, after.experiment)
    if before.arrangement.order != after.arrangement.order:
        return _tr("order of the runs")
    if before.arrangement.hidden != after.arrangement.hidden:
        return _tr("hiding and showing")
    if before.arrangement.baseline != after.arrangement.baseline:
        return _tr("baseline")
    return _tr("reset")


def _changed_experiment(before: Experiment, after: Experiment) -> str:
    if before.problem.key != after.problem.key:
        return _tr("problem")
    if len(before.runs) != len(after.runs):
        return _tr("removing runs") if len(before.runs) > len(after.runs) else _tr("adding runs")
    names = {
        "problem": _tr("problem"),
        **{known.name: _tr(known.label) for known in before.parameters()},
        "steps": _tr("number of steps"),
        "lr": _tr("learning rate"),
        "optimizer": _tr("optimizer"),
        "schedule": _tr("schedule"),
        "start": _tr("start"),
        "label": _tr("name of the run"),
        "color": _tr("colour of the run"),
    }
    pairs: list[tuple[Any, Any]] = [(before, after), *zip(before.runs, after.runs, strict=True)]
    differ = [
        item.name
        for one, other in pairs
        for item in fields(one)
        if item.name in names and getattr(one, item.name) != getattr(other, item.name)
    ]
    return names[differ[0]] if len(set(differ)) == 1 else _tr("several values")


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)
