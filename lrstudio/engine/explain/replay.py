"""Reconstructs the optimizer's state at a step from the recorded gradients and rates."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from copy import copy
from functools import cached_property

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.rule import LossRule, UpdateRule
from lrstudio.core.linear_algebra import newton_direction
from lrstudio.core.network.products import norms
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.explain.retraining import Retraining, Stopped, Whole
from lrstudio.engine.training.batch import optimizer_numbers
from lrstudio.engine.training.batch_runner import MiniBatches, compiled
from lrstudio.engine.training.precision import arithmetic_dtype, weight_dtype
from lrstudio.engine.training.rates import Rates
from lrstudio.engine.training.trace import Trace

_STRIDE, _CHECKPOINTS = 512, 2000
"""Rows between saved states, and the number of these states."""
_ROWS = 4096


class Replay:
    """Replays one run of a trace from its rows; only Newton's direction is recomputed.

    Saves states on its way as checkpoints. An elementwise rule needs the recorded weights only, some of a network's;
    where a rule joins all of them, a network is trained again.
    """

    def __init__(self, experiment: Experiment, trace: Trace, run: int) -> None:
        self.experiment, self.trace, self.run = experiment, trace, run
        self.dtype = arithmetic_dtype(experiment.precision)
        self.weight_dtype = weight_dtype(experiment.precision)
        optimizer = experiment.runs[run].optimizer
        self._hyper = optimizer_numbers(optimizer)
        columns = {name: np.array([value]) for name, value in self._hyper.items()}
        self._cycled = optimizer.cycled if experiment.runs[run].schedule.cycles_momentum else None
        varying = () if self._cycled is None else (self._cycled,)
        self.tensors = experiment.problem.tensors_with(experiment.runs[run].lr_factors)
        self.rule = UpdateRule(experiment.runs[run].rule, columns, self.dtype, varying, self.tensors)
        if self._cycled is not None:
            self.rule.cycle(self._cycled, self._momenta)
        zero = np.zeros((1, len(trace.names)), self.dtype)
        self._stride = max(_STRIDE, experiment.steps // _CHECKPOINTS)
        self._optimizer = _Checkpoints([zero] * len(self.rule.state_names), self._stride)
        self._schedule: _Checkpoints | None = None
        self._retraining: Retraining | None = None
        if experiment.problem.network is not None and self.rule.program.joins:
            self._retraining = Retraining(experiment.alone(run), self.lr0(0))

    def amended(self, experiment: Experiment) -> Replay:
        """Returns the replay of an amended experiment (see Simulation.amend), with the same checkpoints."""
        other = copy(self)
        other.experiment = experiment
        return other

    @property
    def places(self) -> Array | None:
        """The indices of the recorded weights among those of `whole`; None where these are the recorded ones."""
        return None if self._retraining is None else self.experiment.problem.recorded

    def whole(self, step: int, stop: Stop = lambda: False) -> Whole:
        """Returns what the update of a row begins with, of all weights where its rule joins them; raises Stopped."""
        if self._retraining is not None:
            changes = [change for change in self.trace.rate_changes if change.run == self.run]
            return self._retraining.at(step, changes, stop)
        w, g = (self.row(column, step).astype(self.dtype) for column in ("params", "grad"))
        return Whole(w, g, self.states(step, stop))

    @cached_property
    def objective(self) -> Objective:
        """The compiled problem, separate from the worker's."""
        return compiled(self.experiment)

    @cached_property
    def batches(self) -> MiniBatches:
        """The mini-batches of the run."""
        return MiniBatches(self.objective.size, self.experiment.batch_sizes[self.run], self.experiment.seed)

    def row(self, column: str, step: int) -> Array:
        """Returns the entry of this run in a row of a column."""
        values: Array = self.trace.read(column, step, step + 1)[0, self.run]
        return values

    def lr0(self, step: int) -> float:
        """Returns the base rate of the run when it made this step."""
        later = [change for change in self.trace.rate_changes if change.run == self.run and change.step > step]
        return later[0].before if later else self.experiment.runs[self.run].lr

    def hyper(self, step: int) -> dict[str, float]:
        """Returns the optimizer's numbers by name in a step; a schedule may move the momentum."""
        if self._cycled is None:
            return self._hyper
        return self._hyper | {self._cycled: float(self._momenta(np.array([step]))[0, 0])}

    def _momenta(self, t: Array) -> Array:
        momenta = Rates.of(self.experiment.alone(self.run)).momenta(t)
        assert momenta is not None
        return momenta

    def given(self, name: str, step: int) -> Array:
        """Returns what a rule reads of all parameters before the update of a row: Newton's direction (P,), norms (1,).

        The norms of a network are recorded; those of other problems follow from the weights.
        """
        if name == "newton":
            return self.newton(step)
        column, all_of = ("norm", "params") if name == "norm(w)" else ("grad_norm", "grad")
        if column in self.trace.columns:
            return self.row(column, step)[None].astype(self.dtype)
        return norms(self._column(all_of, step)).astype(self.dtype)

    def newton(self, step: int) -> Array:
        """Returns Newton's direction (P,) at a step; NaN unless all weights of that step were saved."""
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
        """Returns all weights (1, P) of a step, None unless they were saved."""
        saved, weights = self.trace.weights(step)
        return weights[self.run][None].astype(self.weight_dtype) if saved == step else None

    def weights(self, step: int) -> Array:
        """The weights (1, P) of a row, in their own precision."""
        return self._column("params", step).astype(self.weight_dtype)

    def states(self, step: int, stop: Stop = lambda: False) -> dict[str, Array]:
        """Returns the optimizer's state before the update of this row, (P,) by name; raises Stopped."""
        names = self.rule.state_names
        if not names:
            return {}
        first, state = self._optimizer.before(step)
        while first < step:
            last = min(step, first + _ROWS)
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
            for row, coefficients in enumerate(self.rule.ahead(first, lr)):
                if stop():
                    raise Stopped
                given = [self.given(name, first + row)[None] for name in self.rule.program.given]
                _, *state = self.rule.step(w[row], g[row], *given, *state, *coefficients)
                self._optimizer.save(first + row + 1, state)
        return state

    def schedule_states(self, rule: LossRule, step: int, stop: Stop = lambda: False) -> list[Array]:
        """Returns the state of a schedule that follows the loss before it reads the loss of this row; raises Stopped.

        Leaves the `rule` of this run in that state.
        """
        if self._schedule is None:
            self._schedule = _Checkpoints(rule.begin(np.array([self.lr0(0)])), self._stride)
        first, saved = self._schedule.before(step)
        rule.state = list(saved)
        lr0 = np.array([self.lr0(max(0, first - 1))])
        losses = self.trace.read("loss", first, step)[:, self.run : self.run + 1]
        changes = {change.step for change in self.trace.rate_changes if change.run == self.run}
        for row in range(first, step + 1):
            if row == step:
                self._schedule.newest = step, rule.state
            if row in changes or row == first:
                now = np.array([self.lr0(row)])
                rule.resume_from(rule.state, lr0, now)
                lr0 = now
            if row == step:
                break
            if stop():
                raise Stopped
            with np.errstate(all="ignore"):
                rule.follow(row, self.experiment.lengths[self.run], lr0, self.followed(row, losses[row - first]))
            self._schedule.save(row + 1, rule.state)
        return rule.state

    def followed(self, step: int, loss: Array) -> Array:
        """Returns the loss that the schedule follows in a step, which began with `loss`."""
        ends = (step + 1) % self.experiment.per_epoch[self.run] == 0
        validates = self.experiment.runs[self.run].schedule.monitors_validation
        return self.row("val_loss", step + 1) if ends and validates else loss

    def _column(self, column: str, step: int) -> Array:
        return self.row(column, step)[None].astype(self.dtype)


class _Checkpoints:
    """States saved at some rows, from which others are recomputed. Two jobs may use them at once."""

    def __init__(self, start: Sequence[Array], stride: int) -> None:
        self._stride = stride
        self.newest: tuple[int, Sequence[Array]] = 0, start
        self._states: dict[int, Sequence[Array]] = {0: start}

    def before(self, step: int) -> tuple[int, Sequence[Array]]:
        """Returns the last row at or before this one with a saved state, and the state."""
        rows = sorted(self._states)
        row = rows[bisect_right(rows, step) - 1]
        newest = self.newest
        return newest if row <= newest[0] <= step else (row, self._states[row])

    def save(self, step: int, state: Sequence[Array]) -> None:
        """Saves the state at a row that is a multiple of the stride."""
        if step % self._stride == 0:
            self._states[step] = state
