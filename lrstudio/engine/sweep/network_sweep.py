"""Runs chunks of a sweep of a network in a kernel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lrstudio.core.analysis.evidence_accumulator import EvidenceAccumulator
from lrstudio.core.analysis.run_statistics import EARLY, RunStatistics
from lrstudio.core.array import Array
from lrstudio.core.kernel.host import available
from lrstudio.core.network.program import FULL, SNAPSHOT
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import Measured, MiniBatches
from lrstudio.engine.training.network_kernel import NetworkKernel, NetworkSteps, Points, State, points_of, whole_points
from lrstudio.engine.training.precision import weight_dtype

_PRODUCTS = 2**21
"""Products of a call, about: a few milliseconds, between which it can be stopped."""
_CHUNK = 2**19
"""Products of a step of a chunk."""
_BYTES = 2**25
"""The most memory for all weights at the early rows of a call."""


class NetworkSweep:
    """Makes the first `steps` of the runs of one experiment's structure, chunk by chunk. For one thread at a time."""

    def __init__(self, experiment: Experiment, objective: Objective, steps: int) -> None:
        assert objective.classifier is not None
        self._experiment, self._objective, self._steps = experiment, objective, steps
        self._split = split = objective.classifier.split
        self._x = split.x.astype(objective.dtype)
        self._whole = whole_points(self._x, split.labels, objective.dtype) if experiment.batch_size is None else None
        self._batches = MiniBatches(objective.size, experiment.batch_size, experiment.seed)

    @staticmethod
    def supports(experiment: Experiment, objective: Objective, steps: int) -> bool:
        """Returns whether there is a kernel for the experiment's only run."""
        follows, newton = experiment.runs[0].schedule.follows_loss, Batch.of(experiment).groups[0].rule.needs_newton
        return available() and objective.classifier is not None and not follows and not newton

    @staticmethod
    def runs(experiment: Experiment, objective: Objective) -> int:
        """Returns the number of runs of a chunk."""
        return max(4, min(4096, _CHUNK // _products(experiment, objective)))

    def run(
        self,
        batch: Batch,
        measured: Measured,
        full: Array | None,
        stop: Stop,
        advanced: Callable[[float], None] = lambda share: None,
    ) -> RunStatistics | None:
        """Returns the statistics of the runs of a batch, given what was measured at their starts.

        `full` (R,) are the losses there on all data, where there are mini-batches. Calls `advanced` with the share of
        the steps that are made. None if `stop()` returned True.
        """
        experiment, (group,), steps = self._experiment, batch.groups, self._steps
        w = np.ascontiguousarray(batch.starts, weight_dtype(experiment.precision))
        kernel = NetworkKernel(experiment, self._objective, group)
        stats = EvidenceAccumulator(
            steps,
            w,
            measured.loss,
            measured.gradient,
            experiment.target_loss,
            full=full,
            recorded=experiment.problem.recorded,
        )
        state, row = State(w, measured.gradient, group.state, measured.loss), 0
        most = max(1, _PRODUCTS // (len(w) * _products(experiment, self._objective)))
        while row < steps and stats.alive.any():
            if stop():
                return None
            count = min(most, steps - row)
            if row < EARLY:
                count = min(count, EARLY - row, max(1, _BYTES // (8 * w.size)))
            due = self._due(stats, row, count, noisy=full is not None)
            rates = batch.rates.at(np.arange(row, row + count))
            state, rows = kernel.advance(row, rates, state, self._points(row, count), due, settle=full is not None)
            _take(stats, row, due, rows)
            state = state._replace(w=np.where(stats.alive[:, None], state.w, np.nan).astype(w.dtype, copy=False))
            row += count
            advanced(row / steps)
        stats.w, stats.gradient = state.w.astype(self._objective.dtype, copy=False), state.gradient
        return stats

    def _due(self, stats: RunStatistics, row: int, count: int, *, noisy: bool) -> Array:
        """Returns what is due after each of so many updates from a row on."""
        rows, starts = np.arange(row + 1, row + count + 1), stats.window.starts
        due = np.where((rows <= EARLY) | (rows == starts[0]) | (rows == starts[-1]), SNAPSHOT, 0)
        if noisy:
            last = (rows == self._steps) | (rows == self._experiment.schedule_length)
            due |= np.where((rows % self._batches.per_epoch == 0) | last, FULL, 0)
        return due

    def _points(self, row: int, count: int) -> Points:
        if self._whole is not None:
            return self._whole._replace(counts=np.full(count, self._objective.size))
        return points_of(self._x, self._split.labels, self._batches, row + 1, count)


def _take(stats: EvidenceAccumulator, first: int, due: Array, rows: NetworkSteps) -> None:
    """Passes rows after a row to the statistics."""
    dtype = stats.start.dtype
    params, grad, saved = (values.astype(dtype) for values in (rows.params, rows.grad, rows.snapshots))
    snapshots, fulls = iter(saved), iter(rows.full)
    for index, own in enumerate(due.tolist()):
        fine = rows.ends > index
        full = next(fulls).copy() if own & FULL else None
        if (ended := stats.alive & ~fine).any() and np.isfinite(rows.final[ended]).any():
            stats.settle(ended, rows.final[ended])
        whole = next(snapshots) if own & SNAPSHOT else None
        loss, squares = rows.loss[index].copy(), rows.grad_squares[index].copy()
        stats.update_recorded(first + 1 + index, params[index], loss, grad[index], fine, squares, full, whole)


def _products(experiment: Experiment, objective: Objective) -> int:
    """Returns the products of a step of a run, about."""
    return experiment.problem.size * ((experiment.batch_size or objective.size) + 8)
