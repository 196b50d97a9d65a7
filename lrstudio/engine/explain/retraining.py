"""All weights of a network before a step of one of its runs, most of which are not recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import NamedTuple

from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import RateChange

_AT_ONCE = 256


class Stopped(Exception):  # noqa: N818 - not an error
    """The computation was cancelled."""


class Whole(NamedTuple):
    """Weights and gradient (P,) before an update, and the optimizer's states (P,) by name."""

    w: Array
    gradient: Array
    states: dict[str, Array]


class Retraining:
    """Trains the only run of an experiment again: the same bits, as a run is a function of its experiment."""

    def __init__(self, experiment: Experiment, first_rate: float) -> None:
        run = replace(experiment.runs[0], lr=first_rate)
        horizon = experiment.schedule_length
        self._experiment = replace(experiment, runs=(run,), target_loss=None, horizon=horizon)
        self._simulation: Simulation | None = None
        self._lock = Lock()

    def at(self, step: int, changes: Sequence[RateChange], stop: Stop) -> Whole:
        """Returns what an update of this number, from 0, begins with; `changes` are those of the run's own rate."""
        with self._lock:
            simulation = self._simulation
            if simulation is None or simulation.step > step:
                simulation = self._simulation = Simulation(self._experiment)
            while simulation.step < step:
                rate = next((change.before for change in changes if change.step > simulation.step), None)
                rate = rate if rate is not None else (changes[-1].after if changes else self._experiment.runs[0].lr)
                if rate != simulation.experiment.runs[0].lr:
                    run = replace(simulation.experiment.runs[0], lr=rate)
                    simulation.amend(replace(simulation.experiment, runs=(run,)))
                until = min([step, *(change.step for change in changes if change.step > simulation.step)])
                if not simulation.advance(min(_AT_ONCE, until - simulation.step), stop) or stop():
                    break
            if stop():
                raise Stopped
            runner = simulation.runner
            states = {name: values[0] for name, values in runner.groups[0].named_state().items()}
            return Whole(runner.w[0], runner.measured.gradient[0], states)
