"""What an optimizer remembered at a step, found again from the gradients and rates that were recorded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from copy import copy
from functools import cached_property

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.rule import LossRule, UpdateRule
from lrstudio.core.newton import newton_direction
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.batch import arithmetic_dtype, optimizer_numbers, weight_dtype
from lrstudio.engine.training.batch_runner import MiniBatches, compiled
from lrstudio.engine.training.trace import Trace

_STRIDE, _MARKS = 512, 2000
"""A state is kept every so many rows, and so many of them at most."""
_STRETCH = 4096


class Stopped(Exception):  # noqa: N818 - it is none
    """Nobody wants the answer any more."""


class Replay:
    """One run of a trace, made again from its rows; nothing but Newton's direction is measured anew.

    The states that were passed are kept, so that a place near another one is found soon. An elementwise rule needs no
    other weights than those that were recorded: of a network they are some.
    """

    def __init__(self, experiment: Experiment, trace: Trace, run: int) -> None:
        self.experiment, self.trace, self.run = experiment, trace, run
        self.dtype = arithmetic_dtype(experiment.precision)
        self.weight_dtype = weight_dtype(experiment.precision)
        optimizer = experiment.runs[run].optimizer
        self.hyper = optimizer_numbers(optimizer)
        columns = {name: np.array([value]) for name, value in self.hyper.items()}
        self.rule = UpdateRule(optimizer.rule, columns, self.dtype)
        zero = np.zeros((1, len(trace.names)), self.dtype)
        self._stride = max(_STRIDE, experiment.steps // _MARKS)
        self._optimizer = _Marks([zero] * len(self.rule.state_names), self._stride)
        self._schedule: _Marks | None = None

    def amended(self, experiment: Experiment) -> Replay:
        """The same of an experiment that differs in what may change on the way; what is known stays known."""
        other = copy(self)
        other.experiment = experiment
        return other

    @cached_property
    def objective(self) -> Objective:
        """The loss; not the worker's own."""
        return compiled(self.experiment)

    @cached_property
    def batches(self) -> MiniBatches:
        """The data points of each step."""
        return MiniBatches(self.objective.size, self.experiment.batch_size, self.experiment.seed)

    def row(self, column: str, step: int) -> Array:
        """What is recorded of this run at a step."""
        values: Array = self.trace.read(column, step, step + 1)[0, self.run]
        return values

    def lr0(self, step: int) -> float:
        """The rate that was chosen for the run when it made this step."""
        later = [change for change in self.trace.rate_changes if change.run == self.run and change.step > step]
        return later[0].before if later else self.experiment.runs[self.run].lr

    def newton(self, step: int) -> Array:
        """Newton's direction (P,) at a step; NaN where not all weights of that step were kept, which it takes."""
        w, rows = self._all_weights(step), self.batches.rows(step)
        if w is None:
            return np.full(len(self.trace.names), np.nan)
        self.objective.at(step)
        g = self._column("grad", step)
        if self.trace.snapshots is not None:
            g = self.objective.loss_and_gradient(w, rows)[1]
        direction: Array = newton_direction(self.objective.hessian(w, rows), g)[0]
        recorded: Array = direction[self.experiment.problem.recorded]
        return recorded

    def _all_weights(self, step: int) -> Array | None:
        """All weights (1, P) of a step, where they were kept."""
        kept, weights = self.trace.weights(step)
        return weights[self.run][None].astype(self.weight_dtype) if kept == step else None

    def weights(self, step: int) -> Array:
        """The weights (1, P) of a row, in their own precision."""
        return self._column("params", step).astype(self.weight_dtype)

    def states(self, step: int, stop: Stop = lambda: False) -> dict[str, Array]:
        """What the optimizer remembers before the update of this row, (P,) by name; raises Stopped."""
        names = self.rule.state_names
        if not names:
            return {}
        first, state = self._optimizer.before(step)
        while first < step:
            last = min(step, first + _STRETCH)
            state = self._advanced(first, last, state, stop)
            first = last
        self._optimizer.newest = step, state
        return {name: values[0] for name, values in zip(names, state, strict=True)}

    def _advanced(self, first: int, last: int, state: Sequence[Array], stop: Stop) -> Sequence[Array]:
        span = slice(self.run, self.run + 1)
        lr = self.trace.read("lr", first, last)[:, span]
        w = self.trace.read("params", first, last)[:, span].astype(self.dtype)
        g = self.trace.read("grad", first, last)[:, span].astype(self.dtype)
        with np.errstate(all="ignore"):
            for place, coefficients in enumerate(self.rule.ahead(first, lr)):
                if stop():
                    raise Stopped
                slopes = [g[place]]
                if self.rule.needs_newton:
                    slopes.append(self.newton(first + place)[None])
                _, *state = self.rule.step(w[place], *slopes, *state, *coefficients)
                self._optimizer.keep(first + place + 1, state)
        return state

    def schedule_states(self, rule: LossRule, step: int, stop: Stop = lambda: False) -> list[Array]:
        """What a schedule that follows the loss remembers before it takes in the loss of this row; raises Stopped.

        `rule` is one of this run; it stands at that row afterwards.
        """
        if self._schedule is None:
            begin = [np.array([self.lr0(0)]), *(np.zeros(1) for _ in rule.state[1:])]
            self._schedule = _Marks(begin, self._stride)
        first, kept = self._schedule.before(step)
        rule.state = list(kept)
        lr0 = np.array([self.lr0(max(0, first - 1))])
        losses = self.trace.read("loss", first, step)[:, self.run : self.run + 1]
        changes = {change.step for change in self.trace.rate_changes if change.run == self.run}
        for place in range(first, step + 1):
            if place == step:
                self._schedule.newest = step, rule.state
            if place in changes or place == first:
                now = np.array([self.lr0(place)])
                rule.resume_from(rule.state, lr0, now)
                lr0 = now
            if place == step:
                break
            if stop():
                raise Stopped
            with np.errstate(all="ignore"):
                rule.follow(place, self.experiment.schedule_length, lr0, losses[place - first])
            self._schedule.keep(place + 1, rule.state)
        return rule.state

    def _column(self, column: str, step: int) -> Array:
        return self.row(column, step)[None].astype(self.dtype)


class _Marks:
    """States at some rows, from which the way to others is short. Two jobs may use it at once."""

    def __init__(self, start: Sequence[Array], stride: int) -> None:
        self._stride = stride
        self.newest: tuple[int, Sequence[Array]] = 0, start
        self._states: dict[int, Sequence[Array]] = {0: start}

    def before(self, step: int) -> tuple[int, Sequence[Array]]:
        """The last row at or before this one whose state is known, and that."""
        known = sorted(self._states)
        place = known[bisect_right(known, step) - 1]
        newest = self.newest
        return newest if place <= newest[0] <= step else (place, self._states[place])

    def keep(self, step: int, state: Sequence[Array]) -> None:
        """Know the state at a row, if it is one of those that are kept."""
        if step % self._stride == 0:
            self._states[step] = state
