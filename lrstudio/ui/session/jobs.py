"""What the worker is asked to do with the simulation of the open session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.other_problem import changed_rates
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.atomic import writing
from lrstudio.store.csv.table import write_csv
from lrstudio.store.session import Session

_MOST_RATES = 4
Say = Callable[..., None]
"""Shows a text in the line below a window; with `warning=True` as a warning."""


class Cancelled(Exception):  # noqa: N818 - not an error
    """The user has cancelled the job."""


@dataclass(eq=False)
class Task:
    """The state of a job, read and written by the worker's thread and the window's; `say` reports its outcome."""

    name: str
    path: Path
    say: Say | None = None
    fraction: float = 0.0
    cancelled: bool = False

    def progress(self, fraction: float) -> None:
        """Called by the job; raises Cancelled where the user has asked for it."""
        self.fraction = fraction
        if self.cancelled:
            raise Cancelled


def resumed(simulation: Simulation, experiment: Experiment) -> Simulation:
    """The simulation as it was left, or a new one where it does not fit."""
    if simulation.experiment != experiment:
        if not simulation.takes(experiment):
            return Simulation(experiment)
        simulation.amend(experiment)
    return simulation


def peek(simulation: Simulation | None) -> tuple[int, Any]:
    if simulation is None or simulation.done:
        return 0, None
    return simulation.step, simulation.peek()


def preview(simulation: Simulation | None) -> Any:
    return None if simulation is None else simulation.preview()


def plan(simulation: Simulation | None) -> str:
    """What a number of steps other than the planned one means for the schedules; empty where it means nothing."""
    if simulation is None or simulation.experiment.horizon is None:
        return ""
    experiment = simulation.experiment
    if not any(run.schedule.needs_length for run in experiment.runs):
        return ""
    first, runs = simulation.over()
    if runs:
        text = _tr("{over}: the rate is 0 from step {first:,} on, as planned. Reset plans for {steps:,} steps")
    else:
        text = _tr("The schedules stay as planned for {planned:,} steps. Reset plans for {steps:,}")
    over = ", ".join(map(experiment.label, runs))
    return text.format(over=over, first=first, planned=experiment.schedule_length, steps=experiment.steps)


def export_csv(path: Path, simulation: Simulation | None, task: Task) -> None:
    """Write the trace as `lrstudio run --csv` does."""
    assert simulation is not None
    write_csv(path, simulation.experiment, simulation.trace, progress=task.progress)


def write_parts(path: Path, parts: Callable[[], Iterable[bytes]], task: Task) -> None:
    """Replace a file by what parts() yields, one after the other."""
    with writing(path) as write:
        for part in parts():
            task.progress(0.5)
            write(part)


def failure(task: Task) -> str:
    """What could not be done."""
    return {"open": _tr("Could not open"), "save": _tr("Could not save"), "export": _tr("Could not export")}[task.name]


def stamp(path: Path) -> tuple[int, int] | None:
    """What tells one state of a file from another; None where there is no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def rates_said(before: Experiment, after: Experiment) -> str:
    """Which rates are others than before; empty where none are."""
    changed = changed_rates(before, after)
    if not changed:
        return ""
    pairs = ", ".join(f"{old:g} → {new:g}" for old, new in changed[:_MOST_RATES]) + (
        ", …" if len(changed) > _MOST_RATES else ""
    )
    text = QCoreApplication.translate("rates_said", "None of the rates suited this problem: {pairs} (undo: Ctrl+Z)")
    return text.format(pairs=pairs)


def _tr(text: str) -> str:
    return QCoreApplication.translate("session_jobs", text)


def kept_view(saved: Session) -> dict[str, Any]:
    """What a file says of the view, without the question and answer of older files: they follow from the experiment."""
    return {name: value for name, value in saved.view.items() if name not in ("question", "answer")}
