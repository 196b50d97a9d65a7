"""Records the steps of formulas that a kernel computes, a block at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.kernel.host import available
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.batch_runner import BatchRunner, Measured, loss_on_all_data
from lrstudio.engine.training.rates import Rates
from lrstudio.engine.training.rows import Rows
from lrstudio.engine.training.trace import UNENDED, Trace
from lrstudio.engine.training.trace_kernel import Part, State, Steps, TraceKernel

_BYTES, _VALUES = 2**22, 2**23
"""Greatest size of a block of rows, and greatest number of data points times runs times steps in it.

A block takes some milliseconds, in which Python's lock is free, and after which it can be stopped.
"""


class _Block(NamedTuple):
    rows: Rows
    after: list[State]


class KernelRecorder:
    """Advances a runner of a formula by many steps at once; its state is that of the runner between the blocks."""

    def __init__(self, experiment: Experiment, runner: BatchRunner, trace: Trace) -> None:
        self._runner, self._trace, self._objective = runner, trace, runner.objective
        self._kernels: list[tuple[Part, TraceKernel]] = []
        self._rates: Rates | None = None
        self._merged_columns: dict[str, Array] = {}
        runs, size = runner.w.shape
        row = 8 * runs * (2 + 3 * size)
        points = runs * max(1, *(group.batch_size or runner.objective.size for group in runner.groups))
        self._most = max(1, min(_BYTES // row, _VALUES // points))

    @staticmethod
    def takes(runner: BatchRunner) -> bool:
        """Returns whether a kernel computes the runs of a runner."""
        newton = any(group.rule.needs_newton for group in runner.groups)
        return available() and runner.objective.formula is not None and not newton

    def record(self, experiment: Experiment, steps: int, stop: Stop | None) -> Rows:
        """Makes up to `steps` updates, fewer if a block ends or the last run reaches the target before."""
        runner = self._runner
        if runner.rates is not self._rates:
            self._rates, parts = runner.rates, _parts(runner)
            self._kernels = [(part, TraceKernel(experiment, self._objective, part)) for part in parts]
        first, steps = runner.step, min(steps, self._most)
        rates = runner.rates.at(np.arange(first, first + steps))
        block = self._advanced(experiment, rates)
        needed = rows_to_target(self._trace, block.rows, experiment.target_loss)
        if needed < steps:
            block = self._advanced(experiment, rates[:needed])
        self._settle(block.rows)
        self._continue_from(block)
        return block.rows

    def _advanced(self, experiment: Experiment, rates: Array) -> _Block:
        """Returns the rows after an update with each row of the rates (n, R), and the states after the last one."""
        runner, steps = self._runner, len(rates)
        ahead: dict[int | None, tuple[Array | None, int]] = {}
        done = []
        for part, kernel in self._kernels:
            size = part.group.batch_size
            if size not in ahead:
                ahead[size] = runner.batches_of(part.group).ahead(runner.step + 1, steps)
            done.append(kernel.advance(runner.step, runner.rates, rates, _state(runner, part), *ahead[size]))
        whole = done[0][1] if len(done) == 1 else self._merged([rows for _, rows in done], rates)
        columns = {"loss": whole.loss, "params": whole.params, "grad": whole.grad}
        if whole.loss_plus is not None:
            columns["loss_plus"] = whole.loss_plus
        used = rates if whole.rates is None else whole.rates
        full = None if self._trace.full is None else self._full(experiment, [rows for _, rows in done])
        return _Block(Rows(columns, used, whole.ends, full), [state for state, _ in done])

    def _merged(self, parts: list[Steps], rates: Array) -> Steps:
        """Returns the rows of all runs from those of the parts, valid until the next block."""

        def merged(name: str) -> Array:
            arrays = [getattr(part, name) for part in parts]
            count, kept = len(arrays[0]), self._merged_columns.get(name)
            if kept is None or len(kept) < count:  # new memory costs more than the copies
                kept = self._merged_columns[name] = np.empty((count, len(self._runner.w), *arrays[0].shape[2:]))
            for (part, _), array in zip(self._kernels, arrays, strict=True):
                kept[:count, part.runs] = array
            return kept[:count]

        own = rates
        if any(part.rates is not None for part in parts):
            own = rates.copy()
            for (part, _), rows in zip(self._kernels, parts, strict=True):
                own[:, part.runs] = rates[:, part.runs] if rows.rates is None else rows.rates
        ends = np.empty(len(self._runner.w), parts[0].ends.dtype)
        for (part, _), rows in zip(self._kernels, parts, strict=True):
            ends[part.runs] = rows.ends
        plus = None if parts[0].loss_plus is None else merged("loss_plus")
        return Steps(merged("loss"), merged("params"), merged("grad"), plus, ends, parts[0].full, own)

    def _full(self, experiment: Experiment, parts: list[Steps]) -> tuple[Array, Array]:
        """Returns the steps (k,) and losses (k, R) on all data at the ends of epochs and at the last step.

        They are NaN for the runs that are between these.
        """
        own = [self._full_of(experiment, part, rows) for (part, _), rows in zip(self._kernels, parts, strict=True)]
        if len(own) == 1:
            return own[0]
        steps = np.unique(np.concatenate([those for those, _ in own]))
        losses = np.full((len(steps), len(self._runner.w)), np.nan)
        for (part, _), (those, values) in zip(self._kernels, own, strict=True):
            columns = np.arange(losses.shape[1])[part.runs]
            losses[np.searchsorted(steps, those)[:, None], columns] = values
        return steps, losses

    def _full_of(self, experiment: Experiment, part: Part, rows: Steps) -> tuple[Array, Array]:
        """Returns the steps (k,) and losses (k, G) of a part; those of runs that use all data are on all data."""
        first, count = self._runner.step + 1, len(rows.loss)
        if part.group.batch_size is None:
            return np.arange(first, first + count), rows.loss
        per_epoch, run = self._runner.batches_of(part.group).per_epoch, np.arange(len(self._runner.w))[part.runs][0]
        steps, losses = np.arange(-(-first // per_epoch) * per_epoch, first + count, per_epoch), rows.full
        for step in {experiment.steps_each[run], experiment.lengths[run]}:
            if first <= step < first + count and step % per_epoch:
                place, own = np.searchsorted(steps, step), loss_on_all_data(self._objective, rows.params[step - first])
                steps, losses = np.insert(steps, place, step), np.insert(losses, place, own, axis=0)
        return steps, losses

    def _settle(self, rows: Rows) -> None:
        """Measures the final losses on all data of the runs that end in new rows."""
        full = self._trace.full
        if full is None:
            return
        for run in np.flatnonzero((rows.ends < len(rows.rates)) & np.isnan(full.final)):
            end = int(rows.ends[run])
            before = rows.columns["params"][end - 1, run] if end else self._runner.w[run]
            if np.isfinite(before).all():
                full.final[run] = loss_on_all_data(self._objective, before[None])[0]

    def _continue_from(self, block: _Block) -> None:
        """Passes the states after a block to the runner."""
        runner, dtype = self._runner, self._objective.dtype
        w, gradient, loss = runner.w.copy(), runner.measured.gradient.copy(), runner.measured.loss.copy()
        for group in runner.groups:
            group.state = [values.copy() for values in group.state]
        for (part, _), state in zip(self._kernels, block.after, strict=True):
            w[part.runs], gradient[part.runs], loss[part.runs] = state.w, state.gradient, state.loss
            for values, new in zip(part.group.state, state.states.astype(dtype), strict=True):
                values[part.members] = new
            if part.schedule is not None:
                for values, new in zip(part.schedule.state, state.schedule.T, strict=True):
                    values[part.followers] = new
        runner.w, runner.measured = w, Measured(loss, gradient)
        runner.step += len(block.rows.rates)


def rows_to_target(trace: Trace, rows: Rows, target: float | None) -> int:
    """Returns the number of new rows up to the one at which the last run has the target loss or has ended."""
    steps = len(rows.rates)
    if target is None:
        return steps
    over = np.where((trace.hits == UNENDED) & (trace.ends == UNENDED), rows.ends, -1)
    indices, losses = np.arange(steps), rows.columns["loss"]
    if rows.full is not None:
        indices, losses = rows.full[0] - trace.length, rows.full[1]
    if len(indices):
        hit = losses <= target
        over = np.minimum(over, np.where(hit.any(axis=0), indices[hit.argmax(axis=0)], steps))
    return min(steps, int(over.max()) + 1)


def _state(runner: BatchRunner, part: Part) -> State:
    """Returns the state of the runs of a part."""
    w = runner.w[part.runs]
    states = np.array([values[part.members] for values in part.group.state], float).reshape(-1, *w.shape)
    schedule = part.schedule.state if part.schedule else []
    followers = np.array([values[part.followers] for values in schedule]).reshape(-1, len(w)).T
    return State(w, runner.measured.gradient[part.runs], states, runner.measured.loss[part.runs], followers)


def _parts(runner: BatchRunner) -> list[Part]:
    """Returns the runs by optimizer group and schedule."""
    everyone = np.arange(len(runner.w))
    followers = {int(run): rule for indices, rule in runner.rates.followers for run in everyone[indices]}
    if not followers:
        return [Part(group.indices, group, slice(None)) for group in runner.groups]
    parts = []
    for group in runner.groups:
        runs = everyone[group.indices]
        plain = np.array([int(run) not in followers for run in runs])
        if plain.any():
            parts.append(Part(runs[plain], group, np.flatnonzero(plain)))
        for indices, rule in runner.rates.followers:
            own = np.isin(runs, everyone[indices])
            if own.any():
                within = np.searchsorted(everyone[indices], runs[own])
                parts.append(Part(runs[own], group, np.flatnonzero(own), rule, within))
    return parts
