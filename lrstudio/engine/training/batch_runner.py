"""Advances many runs at once: updates a whole batch and measures it; the caller records or summarizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.kernel.shuffle import Shuffler
from lrstudio.core.linear_algebra import newton_direction
from lrstudio.core.network.products import norms
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Gradient
from lrstudio.engine.training.batch import Batch, OptimizerGroup
from lrstudio.engine.training.precision import arithmetic_dtype, weight_dtype
from lrstudio.engine.training.rates import Indices

_AHEAD = 2**18
"""The number of rates that are computed ahead."""
_VALUES = 2**19
"""Runs times data points that are computed at once: every operation of a formula keeps as many numbers."""


def compiled(experiment: Experiment) -> Objective:
    """Returns the experiment's problem, compiled in its precision."""
    return experiment.problem.objective(experiment.seed, arithmetic_dtype(experiment.precision))


def begin(experiment: Experiment, run: int = 0) -> Array:
    """Returns the weights (P,) at which a run starts."""
    start = experiment.runs[run].start
    return experiment.problem.initial(experiment.seed) if start is None else np.array(start, float)


class Measured(NamedTuple):
    """loss (R,), gradient (R, P) and, for a one-sided difference, the losses beside the point (R, P)."""

    loss: Array
    gradient: Array
    loss_plus: Array | None = None


class BatchRunner:
    """Advances a batch on an experiment's problem: `w` (R, P) after `step` updates, and what was `measured` there.

    `before` (R, P) are the weights before the newest update. Runs that overflow continue until the caller ends them.
    Never writes to arrays that it returned. To be called under `np.errstate(all="ignore")`, as overflow is a result.
    """

    def __init__(self, experiment: Experiment, objective: Objective, batch: Batch) -> None:
        self.objective, self.groups, self.rates = objective, batch.groups, batch.rates
        self.per_epoch = np.empty(len(batch.starts), np.int64)
        self._batches: dict[int | None, MiniBatches] = {}
        members: dict[int | None, list[Array]] = {}
        for group in self.groups:
            own = np.arange(len(batch.starts))[group.indices]
            if group.batch_size not in self._batches:
                self._batches[group.batch_size] = MiniBatches(objective.size, group.batch_size, experiment.seed)
            self.per_epoch[own] = self.batches_of(group).per_epoch
            members.setdefault(group.batch_size, []).append(own)
        shared = [(self._batches[size], np.concatenate(runs)) for size, runs in members.items()]
        whole: Indices = slice(None)  # avoids copies
        self._shared = [(batches, runs if len(shared) > 1 else whole) for batches, runs in shared]
        self.step = 0
        self._gradient = experiment.gradient
        self._weight_dtype = weight_dtype(experiment.precision)
        with np.errstate(over="ignore"):
            self.w = self.before = batch.starts.astype(self._weight_dtype)
        self.measured = Measured(np.zeros(len(self.w)), np.zeros_like(self.w, objective.dtype))

    def batches_of(self, group: OptimizerGroup) -> MiniBatches:
        """Returns the mini-batches of a group's runs."""
        return self._batches[group.batch_size]

    def begin(self) -> Measured:
        """Measures the start, which the first update needs."""
        self.measured = self._measure()
        return self.measured

    def resume(self, step: int, w: Array, loss: Array, gradient: Array, states: Sequence[Mapping[str, Array]]) -> None:
        """Continues from weights and gradient (R, P), losses (R,) and the states, in place of a start."""
        dtype = self.objective.dtype
        self.step, self.w = step, w.astype(self._weight_dtype)
        self.measured = Measured(loss, gradient.astype(dtype))
        for group, saved in zip(self.groups, states, strict=False):
            group.state = [np.asarray(saved[name], dtype) for name in group.rule.state_names]
        self.rates.restore(states[len(self.groups) :])

    def advance(self, steps: int) -> Iterator[Measured]:
        """Makes updates with the schedules' rates and yields after each."""
        end, stretch = self.step + steps, max(1, _AHEAD // len(self.w))
        while self.step < end:
            yield from self.updates(self.rates.at(np.arange(self.step, min(self.step + stretch, end))))

    def updates(self, rates: Array) -> Iterator[Measured]:
        """Makes an update with each row of the rates (n, R); ends early once the losses have changed a rate."""
        follows, changed = self.rates.follows_loss, False
        for coefficients in self._ahead(rates):
            self.before, self.w, loss = self.w, self._updated(coefficients), self.measured.loss
            self.step += 1
            self.measured = self._measure()
            if follows:
                changed = self.rates.follow(self.step - 1, loss, self._validation())
            yield self.measured
            if changed:
                return

    def _validation(self) -> Array | None:
        """Returns the losses (R,) on validation data at the end of an epoch, where a schedule follows them."""
        ended = self.step % self.per_epoch == 0
        if not self.rates.needs_validation or not ended.any():
            return None
        return np.where(ended, self.validation_losses(), np.nan)

    def validation_losses(self) -> Array:
        """Returns the losses (R,) on validation data."""
        (losses,) = in_parts(lambda some: (self.objective.evaluate(some)["val_loss"],), self.objective, self.w)
        return losses

    def next_weights(self) -> Array:
        """Returns the weights (R, P) after the next update without making it."""
        states = [group.state for group in self.groups]
        w = self._updated(next(self._ahead(self.rates.at(np.array([self.step])))))
        for group, state in zip(self.groups, states, strict=True):
            group.state = state
        return w

    def end(self, runs: Array) -> None:
        """Sets weights and losses of ended runs (R,) to NaN."""
        if runs.any():
            self.w = np.where(runs[:, None], np.nan, self.w)
            self.measured = self.measured._replace(loss=np.where(runs, np.nan, self.measured.loss))

    def full_losses(self, *ends: int | Sequence[int]) -> Array | None:
        """Returns the losses (R,) on all data at the end of an epoch and at some other steps, which may differ by run.

        They are NaN for runs that are between these; None if all are.
        """
        due = self.step % self.per_epoch == 0
        for end in ends:
            due |= self.step == np.asarray(end)
        if due.all():
            return loss_on_all_data(self.objective, self.w)
        if not due.any():
            return None
        losses = np.full(len(due), np.nan)
        losses[due] = loss_on_all_data(self.objective, self.w[due])
        return losses

    def full_losses_before(self, runs: Array) -> Array:
        """Returns the losses (k,) on all data that some runs (R,) had before the newest update."""
        self.objective.at(self.step - 1)
        losses = loss_on_all_data(self.objective, self.before[runs])
        self.objective.at(self.step)
        return losses

    def _ahead(self, rates: Array) -> Iterator[tuple[tuple[Array, ...], ...]]:
        """Returns the coefficients of all groups for the updates with the rates (n, R)."""
        return zip(*(group.rule.ahead(self.step, rates[:, group.indices]) for group in self.groups), strict=True)

    def _updated(self, coefficients: tuple[tuple[Array, ...], ...]) -> Array:
        """Returns the weights (R, P) after an update of all groups, which have their new states."""
        w = self.w.astype(self.objective.dtype, copy=False)
        if len(self.groups) == 1:  # avoids a copy
            after = self._step(self.groups[0], self.w, w, self.measured.gradient, coefficients[0])
            return after.astype(self.w.dtype, copy=False)
        whole = np.empty_like(self.w)
        for group, row in zip(self.groups, coefficients, strict=True):
            own = group.indices
            whole[own] = self._step(group, self.w[own], w[own], self.measured.gradient[own], row)
        return whole

    def _step(self, group: OptimizerGroup, stored: Array, w: Array, gradient: Array, row: tuple[Array, ...]) -> Array:
        """Returns a group's weights after an update; `stored` has their own type, `w` that of the arithmetic."""
        given: list[Array] = []
        for name in group.rule.program.given:
            if name == "newton":
                hessian = self.objective.hessian(stored, self.batches_of(group).rows(self.step))
                given.append(newton_direction(hessian, gradient))
            else:
                given.append(norms(w if name == "norm(w)" else gradient)[:, None].astype(w.dtype))
        after: Array
        after, *group.state = group.rule.step(w, gradient, *given, *group.state, *row)
        return after

    def _measure(self) -> Measured:
        self.objective.at(self.step)
        parts = [
            measure(self.objective, self._gradient, self.w[runs], batches.rows(self.step))
            for batches, runs in self._shared
        ]
        return parts[0] if len(parts) == 1 else self._merged(parts)

    def _merged(self, parts: Sequence[Measured]) -> Measured:
        """Returns what was measured of all runs from that of the runs of each batch size."""
        merged: list[Array | None] = []
        for name in Measured._fields:
            columns = [getattr(part, name) for part in parts]
            if columns[0] is None:
                merged.append(None)
                continue
            whole = np.empty((len(self.w), *columns[0].shape[1:]), columns[0].dtype)
            for (_, runs), values in zip(self._shared, columns, strict=True):
                whole[runs] = values
            merged.append(whole)
        return Measured(*merged)  # type: ignore[arg-type]


def measure(objective: Objective, gradient: Gradient, w: Array, rows: Array | None) -> Measured:
    """Returns what an experiment measures at the points w (R, P), on some rows of the data or on all of them.

    A difference nudges the weights in their own precision: a float32 weight can be too large to notice 0.0001, and
    then the measured gradient is exactly 0.
    """
    if gradient.mode == "analytic":
        return Measured(*in_parts(lambda some: objective.loss_and_gradient(some, rows), objective, w, rows))
    assert gradient.eps is not None
    runs, size = w.shape
    nudge = np.asarray(gradient.eps * np.eye(size), w.dtype)
    sides = [w[:, None, :] + nudge]
    if gradient.mode == "central":
        sides.append(w[:, None, :] - nudge)
    points = np.concatenate([w, *(side.reshape(-1, size) for side in sides)])
    (losses,) = in_parts(lambda some: (objective.loss(some, rows),), objective, points, rows)
    loss, plus = losses[:runs], losses[runs : runs + runs * size].reshape(runs, size)
    if gradient.mode == "forward":
        return Measured(loss, (plus - loss[:, None]) / gradient.eps, plus)
    minus = losses[runs + runs * size :].reshape(runs, size)
    return Measured(loss, (plus - minus) / (2 * gradient.eps))


def loss_on_all_data(objective: Objective, w: Array) -> Array:
    """Returns the losses (R,) of the points w (R, P) on all data, as float64."""
    (losses,) = in_parts(lambda some: (objective.loss(some),), objective, w)
    return losses.astype(float)


def in_parts(
    function: Callable[[Array], tuple[Array, ...]], objective: Objective, w: Array, rows: Array | None = None
) -> tuple[Array, ...]:
    """Returns the results of a function of the points w (R, P), of as many points at once as memory is meant for."""
    at_once = max(1, _VALUES // max(1, objective.size if rows is None else len(rows)))
    if len(w) <= at_once:
        return function(w)
    pieces = [function(w[first : first + at_once]) for first in range(0, len(w), at_once)]
    return tuple(np.concatenate(values) for values in zip(*pieces, strict=True))


class MiniBatches:
    """Mini-batches of shuffled data, a pure function of the step, so that resuming is exact.

    They are the same for all runs of one size; every size cuts the same order of an epoch.
    """

    def __init__(self, size: int, batch_size: int | None, seed: int) -> None:
        self._shuffler = Shuffler(size, seed)
        self._batch_size = batch_size
        self.per_epoch = 1 if batch_size is None else -(-size // batch_size)

    def rest(self) -> None:
        """Frees the orders that are kept."""
        self._shuffler.rest()

    def rows(self, step: int) -> Array | None:
        """Returns the indices of the data points of a step; None for all of them."""
        if self._batch_size is None:
            return None
        epoch, index = divmod(step, self.per_epoch)
        return self._shuffler.order(epoch)[index * self._batch_size : (index + 1) * self._batch_size]

    def ahead(self, step: int, steps: int) -> tuple[Array | None, int]:
        """Returns the indices of the data points of some steps, one after the other, and the first one's mini-batch.

        That is its index in the epoch. None for all data points in each step.
        """
        if self._batch_size is None:
            return None, 0
        epoch, index = divmod(step, self.per_epoch)
        count = (step + steps - 1) // self.per_epoch - epoch + 1
        order = self._shuffler.order(epoch) if count == 1 else self._shuffler.orders(epoch, count).ravel()
        return order[index * self._batch_size :], index

    def many(self, step: int, steps: int) -> list[tuple[Array, Array]]:
        """Returns the indices (k,) of steps, from one on, with their data points (k, m): batches of one size together.

        Only where there are mini-batches.
        """
        assert self._batch_size is not None
        order, first = self.ahead(step, steps)
        assert order is not None
        epochs, turns = np.divmod(first + np.arange(steps), self.per_epoch)
        size = self._shuffler.size
        starts = epochs * size + (turns - first) * self._batch_size
        counts = np.minimum(self._batch_size, size - turns * self._batch_size)
        groups = [np.flatnonzero(counts == count) for count in np.unique(counts)]
        return [(some, order[starts[some][:, None] + np.arange(counts[some[0]])]) for some in groups]
