"""Records the steps of networks that a kernel computes, a block at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.kernel.host import available
from lrstudio.core.network.program import FULL, METRICS, SNAPSHOT
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.batch import OptimizerGroup
from lrstudio.engine.training.batch_runner import BatchRunner, Measured
from lrstudio.engine.training.kernel_recorder import rows_to_target
from lrstudio.engine.training.network_kernel import (
    NetworkKernel,
    NetworkSteps,
    Points,
    State,
    points_of,
    whole_points,
)
from lrstudio.engine.training.rows import Rows, evaluated
from lrstudio.engine.training.trace import UNENDED, Trace

_PRODUCTS = 2**26
"""Products of a block, about: some 20 ms, between which it can be stopped."""
_UNIT = 32
"""Products that take as long as a unit's activation."""
_BYTES = 2**25
"""The most memory for the snapshots of a block."""


class _Block(NamedTuple):
    rows: Rows
    final: Array
    snapshots: Array
    after: list[State]


class NetworkRecorder:
    """Advances a runner of a network by many steps at once; its state is that of the runner between the blocks."""

    def __init__(self, experiment: Experiment, runner: BatchRunner, trace: Trace) -> None:
        assert runner.objective.classifier is not None
        assert trace.snapshots is not None
        self._runner, self._trace, self._objective, self._snapshots = runner, trace, runner.objective, trace.snapshots
        self._kernels = [NetworkKernel(experiment, runner.objective, group) for group in runner.groups]
        dtype = runner.objective.dtype
        self._split = split = runner.objective.classifier.split
        self._x = split.x.astype(dtype)
        self._whole = whole_points(self._x, split.labels, dtype)
        points = max(group.batch_size or runner.objective.size for group in runner.groups)
        runs, size = runner.w.shape
        products = runs * (size + _UNIT * sum(runner.objective.classifier.network.sizes[1:])) * (points + 8)
        self._most = max(1, min(_PRODUCTS // products, _BYTES // (8 * runs * size)))

    @staticmethod
    def takes(runner: BatchRunner) -> bool:
        """Returns whether a kernel computes the runs of a runner."""
        newton, network = any(group.rule.needs_newton for group in runner.groups), runner.objective.classifier
        waits = runner.rates.follows_loss and (runner.rates.follows_steps or runner.per_epoch.min() == 1)
        return available() and network is not None and not newton and not waits

    def record(self, experiment: Experiment, steps: int, stop: Stop | None) -> Rows:
        """Makes up to `steps` updates, fewer if a block ends or the last run reaches the target before."""
        runner, trace = self._runner, self._trace
        first, steps = runner.step, min(steps, self._most)
        if runner.rates.follows_loss:  # the rates of the next epoch are not known yet
            steps = min(steps, int((runner.per_epoch - first % runner.per_epoch).min()))
        rates = runner.rates.at(np.arange(first, first + steps))
        block = self._advanced(experiment, rates)
        needed = rows_to_target(trace, block.rows, experiment.target_loss)
        if needed < steps:
            block = self._advanced(experiment, rates[:needed])
        if trace.full is not None:
            ended = (block.rows.ends < len(block.rows.rates)) & (trace.ends == UNENDED)
            trace.full.final[ended] = block.final[ended]
        due = self._due(experiment, len(block.rows.rates))[:, 0]
        for index, weights in zip(np.flatnonzero(due & SNAPSHOT), block.snapshots, strict=True):
            alive = (block.rows.ends > index) & (trace.ends == UNENDED)
            known = weights if alive.all() else np.where(alive[:, None], weights, np.nan)
            self._snapshots.take(first + 1 + int(index), known)
        if runner.rates.follows_loss:
            self._follow(block.rows)
        self._continue_from(block)
        return block.rows

    def _follow(self, rows: Rows) -> None:
        """Passes the losses of a block, which is a part of an epoch, to the schedules that follow them."""
        runner, ended = self._runner, rows.columns["val_loss"][-1]
        last = runner.step + len(rows.rates)
        validation = np.where(last % runner.per_epoch == 0, ended, np.nan) if runner.rates.needs_validation else None
        losses = [runner.measured.loss, *rows.columns["loss"][:-1]]
        with np.errstate(all="ignore"):
            for step, loss in enumerate(losses, runner.step):
                runner.rates.follow(step, loss, validation if step + 1 == last else None)

    def _due(self, experiment: Experiment, steps: int) -> Array:
        """Returns what is due after each of so many updates for each run (n, R).

        The losses of runs that use all data are those on all data.
        """
        numbers = np.arange(self._runner.step + 1, self._runner.step + steps + 1)
        due = np.where(evaluated(experiment, numbers), METRICS, 0)
        due |= np.where(numbers % self._snapshots.stride == 0, SNAPSHOT, 0)[:, None]
        if self._trace.full is not None:
            per_epoch, numbers = self._runner.per_epoch, numbers[:, None]
            full = (numbers == np.array(experiment.steps_each)) | (numbers == np.array(experiment.lengths))
            full = (full | (numbers % per_epoch == 0)) & [size is not None for size in experiment.batch_sizes]
            due |= np.where(full, FULL, 0)
        return due

    def _points(self, group: OptimizerGroup, steps: int) -> Points:
        """Returns the points of the next steps of a group."""
        if group.batch_size is None:
            return self._whole._replace(counts=np.full(steps, self._objective.size))
        batches = self._runner.batches_of(group)
        return points_of(self._x, self._split.labels, batches, self._runner.step + 1, steps)

    def _advanced(self, experiment: Experiment, rates: Array) -> _Block:
        """Returns the rows after an update with each row of the rates (n, R), and the states after the last one."""
        runner, due, settle = self._runner, self._due(experiment, len(rates)), self._trace.full is not None
        parts, after = [], []
        points: dict[int | None, Points] = {}
        evaluated, split = np.full((len(rates), len(runner.w), 3), np.nan), self._split
        full = np.full(evaluated.shape[:2], np.nan)
        for kernel, group in zip(self._kernels, runner.groups, strict=True):
            own, size = group.indices, group.batch_size
            if size not in points:
                points[size] = self._points(group, len(rates))
            own_due = np.ascontiguousarray(due[:, own][:, 0])
            state = State(runner.w[own], runner.measured.gradient[own], group.state, runner.measured.loss[own])
            ended, steps = kernel.advance(runner.step, rates[:, own], state, points[size], own_due, settle=settle)
            for table, bit, values in ((evaluated, METRICS, steps.metrics), (full, FULL, steps.full)):
                rows = table[:, own]
                rows[(own_due & bit) > 0] = values
                table[:, own] = rows
            if size is None:
                full[:, own] = steps.loss
            parts.append(steps)
            after.append(ended)
        whole = parts[0] if len(parts) == 1 else self._merged(parts)
        columns = {"loss": whole.loss, "params": whole.params, "grad": whole.grad}
        columns |= {"norm": np.sqrt(whole.squares), "grad_norm": np.sqrt(whole.grad_squares)}
        evaluated /= len(split.labels), 1, len(split.other_labels)
        columns |= {name: evaluated[..., index] for index, name in enumerate(("accuracy", "val_loss", "val_accuracy"))}
        known = (due & FULL > 0).any(axis=1) | any(group.batch_size is None for group in runner.groups)
        losses = (runner.step + 1 + np.flatnonzero(known), full[known]) if settle else None
        return _Block(Rows(columns, rates, whole.ends, losses), whole.final, whole.snapshots, after)

    def _merged(self, parts: list[NetworkSteps]) -> NetworkSteps:
        """Returns the rows of all runs from those of the groups."""
        merged = {}
        for name, columns in zip(NetworkSteps._fields, zip(*parts, strict=True), strict=True):
            if name in ("full", "metrics"):  # which are due at other steps in other groups
                merged[name] = columns[0]
                continue
            axis = 0 if name in ("ends", "final") else 1
            shape = list(columns[0].shape)
            shape[axis] = len(self._runner.w)
            whole = merged[name] = np.empty(shape, columns[0].dtype)
            for group, values in zip(self._runner.groups, columns, strict=True):
                whole[(slice(None),) * axis + (group.indices,)] = values
        return NetworkSteps(**merged)

    def _continue_from(self, block: _Block) -> None:
        """Passes the states after a block to the runner."""
        runner = self._runner
        w, gradient, loss = runner.w.copy(), runner.measured.gradient.copy(), runner.measured.loss.copy()
        for group, state in zip(runner.groups, block.after, strict=True):
            own = group.indices
            w[own], gradient[own], loss[own] = state.w, state.gradient, state.loss
            group.state = list(state.states)
        runner.w, runner.measured = w, Measured(loss, gradient)
        runner.step += len(block.rows.rates)
