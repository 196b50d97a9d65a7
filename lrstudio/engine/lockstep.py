"""Many runs that differ in numbers only, advanced together; nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrstudio.core.declaration import Declared
from lrstudio.core.formula.compile import DType
from lrstudio.core.formula.rule import ScheduleRule, UpdateRule
from lrstudio.core.objective import Objective
from lrstudio.core.optimizers import Optimizer
from lrstudio.core.schedules import Schedule
from lrstudio.engine.batches import Batches
from lrstudio.engine.experiment import Experiment, Precision
from lrstudio.engine.gradient import Measured, measure

Array = np.ndarray[Any, np.dtype[Any]]

_DOUBLE: DType = np.dtype(np.float64)
_SINGLE: DType = np.dtype(np.float32)
_STRETCH = 2**18
"""So many rates at once are computed ahead."""


def weight_dtype(precision: Precision) -> DType:
    """The precision the weights are kept in."""
    return _DOUBLE if precision == "float64" else _SINGLE


def arithmetic_dtype(precision: Precision) -> DType:
    """The precision everything is computed in."""
    return _SINGLE if precision == "float32" else _DOUBLE


def objective_of(experiment: Experiment) -> Objective:
    """The experiment's problem, compiled as a simulation compiles it."""
    return Objective(experiment.problem, experiment.seed, arithmetic_dtype(experiment.precision))


@dataclass(frozen=True, kw_only=True)
class Lineup:
    """R runs of one kind of optimizer and schedule: rates (R,), starts (R, P) and the numbers that vary (R,) by name.

    `optimizer` and `schedule` give the kind and the numbers that do not vary.
    """

    optimizer: Optimizer
    schedule: Schedule
    lr: Array
    starts: Array
    optimizer_numbers: Mapping[str, Array]
    schedule_numbers: Mapping[str, Array]


class Lockstep:
    """Advances a lineup on an experiment's problem: the same rules and the same loss as a simulation's.

    A run whose numbers are no longer finite is carried along; what is made of it is for the observer to say.
    """

    def __init__(self, experiment: Experiment, objective: Objective, lineup: Lineup) -> None:
        self.objective = objective
        self._experiment = experiment
        self._batches = Batches(objective.size, experiment.batch_size, experiment.seed)
        runs = len(lineup.lr)
        self._lr = lineup.lr
        hyper = _numbers(lineup.optimizer, lineup.optimizer_numbers, runs, np.nan)
        self._rule = UpdateRule(lineup.optimizer.rule, hyper, objective.dtype)
        hyper = _numbers(lineup.schedule, lineup.schedule_numbers, runs, experiment.steps)
        self._schedule = ScheduleRule(lineup.schedule.rule, hyper)
        with np.errstate(all="ignore"):
            self.w = lineup.starts.astype(weight_dtype(experiment.precision), order="F")
            self.measured = self._measure(0)

    def rates(self, t: Array) -> Array:
        """The rates (n, R) that the schedules give for the steps t (n,)."""
        with np.errstate(all="ignore"):
            return self._schedule.rates(t, self._experiment.steps, self._lr)

    def rows(
        self, steps: int, stop: Callable[[], bool] | None = None, rates: Array | None = None
    ) -> Iterator[tuple[int, Array, Measured]]:
        """Make the updates one by one: the row's number from 1, its weights (R, P) and what was measured there.

        `rates` (steps, R) take the place of the schedules'; after `stop()` has said so there are no more rows.
        """
        runs, size = self.w.shape
        state = [np.zeros((size, runs), self.objective.dtype).T for _ in self._rule.state_names]
        stretch = max(1, _STRETCH // runs)
        for first in range(0, steps, stretch):
            steps_here = np.arange(first, min(first + stretch, steps))
            lr = self.rates(steps_here) if rates is None else rates[steps_here]
            with np.errstate(all="ignore"):
                ahead = self._rule.ahead(first, lr)
            for step, row in zip(steps_here, ahead, strict=True):
                if stop is not None and stop():
                    return
                with np.errstate(all="ignore"):
                    w = self.w.astype(self.objective.dtype, copy=False)
                    w, *state = self._rule.step(w, self.measured.gradient, *state, *row)
                    self.w = w.astype(self.w.dtype, copy=False)
                    self.measured = self._measure(int(step) + 1)
                yield int(step) + 1, self.w, self.measured

    def _measure(self, step: int) -> Measured:
        return measure(self.objective, self._experiment.gradient, self.w, self._batches.rows(step))


def _numbers(entry: Declared, varying: Mapping[str, Array], runs: int, default: float) -> dict[str, Array]:
    """Every parameter as an array over the runs."""
    numbers = {}
    for name, value in entry.values().items():
        alike = np.broadcast_to(np.asarray(default if value is None else value, float), (runs,))
        numbers[name] = varying.get(name, alike)
    return numbers
