"""What the worker is asked to do with the simulation of the open session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.simulation import Simulation
from lrstudio.store.atomic import writing
from lrstudio.store.table import write_csv
from lrstudio.ui.canvases.ground import Ground, whole_ground
from lrstudio.ui.task import Task


def resumed(simulation: Simulation, experiment: Experiment) -> Simulation:
    """The simulation as it was left, or a new one where it does not fit."""
    if simulation.experiment != experiment:
        if not simulation.takes(experiment):
            return Simulation(experiment)
        simulation.amend(experiment)
    return simulation


def landscape(simulation: Simulation | None) -> Ground | None:
    """The ground of the whole domain; a slice goes through the newest point that the first run has."""
    if simulation is None:
        return None
    last = simulation.trace.rows(0) - 1
    point = simulation.trace.read("params", last, last + 1)[0, 0]
    return whole_ground(simulation.objective, tuple(point.tolist()))


def peek(simulation: Simulation | None) -> tuple[int, Any]:
    if simulation is None or simulation.done:
        return 0, None
    return simulation.step, simulation.peek()


def preview(simulation: Simulation | None) -> Any:
    return None if simulation is None else simulation.preview()


def plan(simulation: Simulation | None) -> Any:
    """For how many steps the schedules were planned, how many there are, and which are over from which step on.

    None where no schedule depends on the number of steps, or it is the planned one.
    """
    if simulation is None or simulation.experiment.horizon is None:
        return None
    experiment = simulation.experiment
    if not any(run.schedule.needs_length for run in experiment.runs):
        return None
    first, runs = simulation.over()
    return experiment.schedule_length, experiment.steps, first, ", ".join(map(experiment.label, runs))


def export_csv(path: Path, simulation: Simulation | None, task: Task) -> None:
    """Write the trace as `lrstudio run --csv` does."""
    assert simulation is not None
    write_csv(path, simulation.experiment, simulation.trace, progress=task.progress)


def write_made(path: Path, made: Callable[[], bytes], task: Task) -> None:
    """Replace a file by what made() gives."""
    data = made()
    task.progress(0.5)
    with writing(path) as write:
        write(data)


def stamp(path: Path) -> tuple[int, int] | None:
    """What tells one state of a file from another; None where there is no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size
