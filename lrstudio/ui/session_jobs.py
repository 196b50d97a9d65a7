"""What the worker is asked to do with the simulation of the open session."""

from __future__ import annotations

from typing import Any

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.simulation import Simulation
from lrstudio.ui.canvases.ground import Ground, whole_ground


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
