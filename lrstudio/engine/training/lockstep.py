"""Many runs that differ in numbers only, advanced together; nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.formula.rule import LossRule, ScheduleRule, UpdateRule
from lrstudio.core.newton import newton_direction
from lrstudio.core.objective import Objective
from lrstudio.core.optimizers import Optimizer
from lrstudio.core.schedules import Schedule
from lrstudio.engine.experiment import Experiment, Precision
from lrstudio.engine.training.batches import Batches
from lrstudio.engine.training.gradient import Measured, measure

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


def compiled(experiment: Experiment) -> Objective:
    """The experiment's problem, compiled as a simulation compiles it."""
    return experiment.problem.objective(experiment.seed, arithmetic_dtype(experiment.precision))


def begin(experiment: Experiment, run: int = 0) -> Array:
    """All parameters (P,) where a run starts."""
    start = experiment.runs[run].start
    return experiment.problem.initial(experiment.seed) if start is None else np.array(start, float)


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
        self.batches = Batches(objective.size, experiment.batch_size, experiment.seed)
        runs = len(lineup.lr)
        self._lr = lineup.lr
        hyper = _optimizer_numbers(lineup.optimizer, lineup.optimizer_numbers, runs)
        self._rule = UpdateRule(lineup.optimizer.rule, hyper, objective.dtype)
        self._schedule = _schedule_rule(lineup, experiment.schedule_length)
        with np.errstate(all="ignore"):
            self.w = lineup.starts.astype(weight_dtype(experiment.precision), order="F")
            self.measured = self._measure(0)

    def rates(self, t: Array) -> Array:
        """The rates (n, R) that the schedules give for the steps t (n,)."""
        with np.errstate(all="ignore"):
            return self._schedule.rates(t, self._experiment.schedule_length, self._lr)

    def rows(
        self, steps: int, stop: Callable[[], bool] | None = None, rates: Array | None = None
    ) -> Iterator[tuple[int, Array, Measured]]:
        """Make the updates one by one: the row's number from 1, its weights (R, P) and what was measured there.

        `rates` (steps, R) take the place of the schedules'; after `stop()` has said so there are no more rows.
        """
        runs, size = self.w.shape
        state = [np.zeros((size, runs), self.objective.dtype).T for _ in self._rule.state_names]
        stretch = max(1, _STRETCH // runs)
        step = 0
        while step < steps:
            here = np.arange(step, min(step + stretch, steps))
            lr = self.rates(here) if rates is None else rates[here]
            with np.errstate(all="ignore"):
                ahead = self._rule.ahead(step, lr)
            for row in ahead:
                if stop is not None and stop():
                    return
                with np.errstate(all="ignore"):
                    w = self.w.astype(self.objective.dtype, copy=False)
                    w, *state = self._rule.step(w, *self._slopes(step), *state, *row)
                    self.w = w.astype(self.w.dtype, copy=False)
                    turned = rates is None and self._follow(step)
                    self.measured = self._measure(step + 1)
                step += 1
                yield step, self.w, self.measured
                if turned:
                    break

    def _follow(self, step: int) -> bool:
        """Tell a schedule that follows the loss with which losses the step began; whether a rate has changed."""
        if not isinstance(self._schedule, LossRule):
            return False
        return self._schedule.follow(step, self._experiment.schedule_length, self._lr, self.measured.loss.astype(float))

    def _slopes(self, step: int) -> list[Array]:
        """The gradient and, where the rule reads it, Newton's direction."""
        if not self._rule.needs_newton:
            return [self.measured.gradient]
        hessian = self.objective.hessian(self.w, self.batches.rows(step))
        return [self.measured.gradient, newton_direction(hessian, self.measured.gradient)]

    def _measure(self, step: int) -> Measured:
        self.objective.at(step)
        return measure(self.objective, self._experiment.gradient, self.w, self.batches.rows(step))


def _optimizer_numbers(optimizer: Optimizer, varying: Mapping[str, Array], runs: int) -> dict[str, Array]:
    """Every number and flag as an array over the runs."""
    numbers = {name: value for name, value in optimizer.values().items() if isinstance(value, (int, float))}
    return {name: varying.get(name, np.full(runs, float(value))) for name, value in numbers.items()}


def _schedule_rule(lineup: Lineup, steps: int) -> ScheduleRule | LossRule:
    """The schedule's rule with its numbers, which may follow from the rates."""
    schedule, varying, runs = lineup.schedule, lineup.schedule_numbers, len(lineup.lr)
    numbers = schedule.numbers(steps, 1.0)
    if not varying and numbers == schedule.numbers(steps, 2.0):
        hyper = {name: np.full(runs, value) for name, value in numbers.items()}
    else:
        kinds, places = np.unique(np.stack([lineup.lr, *varying.values()]), axis=1, return_inverse=True)
        found = [
            replace(schedule, **dict(zip(varying, values, strict=True))).numbers(steps, rate)
            for rate, *values in kinds.T.tolist()
        ]
        hyper = {name: np.array([known[name] for known in found])[places.reshape(-1)] for name in numbers}
    if schedule.follows_loss:
        return LossRule(schedule.rule, hyper, lineup.lr)
    return ScheduleRule(schedule.rule, hyper)
