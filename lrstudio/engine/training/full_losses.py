"""The losses on all data of runs that look at mini-batches: what they are judged by."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.engine.training.column import Column
from lrstudio.engine.training.gradient import loss_on_all_data

if TYPE_CHECKING:
    from lrstudio.engine.training.trace import Trace


_AT_ONCE = 1024


class FullLosses:
    """Losses on all data (R,) at some steps: the start, the end of every epoch and the last step.

    That is at most one more pass through the data in an epoch, and where the steps are does not depend on when a run
    was paused. A loss that is not finite, and that of a run that has ended, is the last finite one before it (NaN where
    there is none). `final` (R,) are the losses at the last finite steps of runs that have diverged, NaN of others. One
    thread appends, others read.
    """

    def __init__(self, runs: int) -> None:
        self.count = 0
        self.final = np.full(runs, np.nan)
        self._steps, self._losses, self._least = Column(()), Column((runs,)), Column((runs,))
        self._before = self._lowest = np.full(runs, np.nan)

    @property
    def nbytes(self) -> int:
        return self._steps.nbytes + self._losses.nbytes + self._least.nbytes

    def append(self, step: int, losses: Array) -> None:
        """Take the losses (R,) of a step after all others."""
        self._before = np.where(np.isfinite(losses), losses, self._before)
        self._lowest = np.fmin(self._lowest, self._before)
        self._steps.write(self.count, np.array([float(step)]))
        self._losses.write(self.count, self._before[None])
        self._least.write(self.count, self._lowest[None])
        self.count += 1

    def at(self, row: int) -> Array:
        """The losses (R,) at the last of the steps at or before a row."""
        index = self._index(row)
        losses: Array = self._losses.read(index, index + 1)[0]
        return losses

    def step_at(self, row: int) -> int:
        """The last of the steps at or before a row."""
        return self._step(self._index(row))

    def least(self, row: int) -> Array:
        """The least losses (R,) at the steps up to a row."""
        index = self._index(row)
        least: Array = self._least.read(index, index + 1)[0]
        return least

    def steps(self, count: int | None = None) -> Array:
        """The first `count` steps (k,), all of them where None is given."""
        return self._steps.read(0, self.count if count is None else count).astype(np.int64)

    def losses(self, start: int, stop: int) -> Array:
        """The losses (k, R) with these indices."""
        return self._losses.read(start, stop)

    def around(self, start: int, stop: int) -> tuple[Array, Array]:
        """The steps (k,) and losses (k, R) between which the rows start..stop of the trace lie, as far as known."""
        first, last = self._index(start), min(self._index(max(start, stop - 1)) + 2, self.count)
        return self._steps.read(first, last), self._losses.read(first, last)

    def _index(self, row: int) -> int:
        return max(0, bisect_right(range(self.count), row, key=self._step) - 1)

    def _step(self, index: int) -> int:
        return int(self._steps.read(index, index + 1)[0])

    @classmethod
    def of(cls, steps: Array, losses: Array, final: Array) -> Self:
        """Those that were saved: at steps (k,) the losses (k, R)."""
        made = cls(losses.shape[1])
        made.final = final.copy()
        made._steps.write(0, steps.astype(float))
        made._losses.write(0, losses)
        made._least.write(0, np.fmin.accumulate(losses, axis=0))
        made.count = len(steps)
        made._before, made._lowest = losses[-1].copy(), made.least(int(steps[-1]))
        return made


def settle(full: FullLosses, objective: Objective, step: int, before: Array, w: Array, loss: Array) -> None:
    """Measure the last losses on all data of runs that end at a step, at the weights (R, P) that they had before it.

    They end where a weight in `w` (R, P) or the `loss` (R,) of the step's batch is not finite.
    """
    broken = ~(np.isfinite(loss) & np.isfinite(w).all(axis=1)) & np.isnan(full.final)
    broken &= np.isfinite(before).all(axis=1)
    if broken.any():
        objective.at(step - 1)
        full.final[broken] = loss_on_all_data(objective, before[broken])
        objective.at(step)


def measured_again(trace: Trace, objective: Objective, steps: Sequence[int], w: Array) -> FullLosses:
    """Those of a trace that was saved without them, at these steps; `w` (R, P) are the weights of its last row.

    Of a network they are known only at the steps whose weights were kept.
    """
    full = FullLosses(trace.runs)
    last = trace.length - 1
    with np.errstate(all="ignore"):
        if trace.snapshots is None:
            for start in range(0, len(steps), _AT_ONCE):
                some = steps[start : start + _AT_ONCE]
                points = np.concatenate([trace.read("params", step, step + 1)[0] for step in some])
                losses = loss_on_all_data(objective, points).reshape(len(some), trace.runs)
                for step, values in zip(some, losses, strict=True):
                    full.append(step, np.where(trace.ends <= step, np.nan, values))
            for run in np.flatnonzero(trace.ends <= last + 1):
                end = int(trace.ends[run])
                full.final[run] = loss_on_all_data(objective, trace.read("params", end - 1, end)[0, run : run + 1])[0]
            return full
        for step in steps:
            kept, weights = trace.snapshots.at(step)
            if step in (kept, last):
                objective.at(step)
                full.append(step, loss_on_all_data(objective, weights if step == kept else w))
        objective.at(last)
    return full
