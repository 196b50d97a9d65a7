"""Stores the parts of a trace: columns of rows, snapshots of all weights at some steps, losses on all data at some."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Self

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.engine.training.pool import POOL

BLOCK_ROWS, LONG_ROWS = 2**16, 2**19
"""The rows of a block, in short and in long traces: blocks of 4 MB and more consist of pages that are large."""
_BLOCK_VALUES = 2**21
_MOST, _FEWEST = 512, 16
_BYTES = 100_000_000


class Column:
    """Stores rows in preallocated blocks: growing copies nothing, and views that readers hold stay valid.

    `planned` is the expected number of rows, `most` the greatest number of rows of a block.
    """

    def __init__(self, shape: tuple[int, ...], planned: int = 0, most: int = LONG_ROWS) -> None:
        self._shape = shape
        rows = min(most, BLOCK_ROWS if planned < LONG_ROWS else LONG_ROWS)
        self._rows = max(1, min(rows, _BLOCK_VALUES // max(1, int(np.prod(shape)))))
        self._blocks: list[Array] = []

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)

    def write(self, start: int, values: Array) -> None:
        while len(self._blocks) * self._rows < start + len(values):
            self._blocks.append(POOL.block((self._rows, *self._shape), grows=bool(self._blocks)))
        done = 0
        while done < len(values):
            block, row = divmod(start + done, self._rows)
            count = min(self._rows - row, len(values) - done)
            self._blocks[block][row : row + count] = values[done : done + count]
            done += count

    def trim(self, count: int) -> None:
        """Keeps a copy of the first `count` rows alone, if they lie in one block; blocks to come have as many rows."""
        if len(self._blocks) == 1 and count < self._rows:
            self._rows = max(1, count)
            self._blocks = [self._blocks[0][: self._rows].copy()]

    def erase(self, runs: Array, start: int, stop: int) -> None:
        """Sets the values of some runs (k,) to NaN in the rows start..stop."""
        while start < stop:
            block, row = divmod(start, self._rows)
            count = min(self._rows - row, stop - start)
            self._blocks[block][row : row + count, runs] = np.nan
            start += count

    def read(self, start: int, stop: int) -> Array:
        stop = min(stop, len(self._blocks) * self._rows)
        pieces = [
            self._blocks[block][max(0, start - block * self._rows) : stop - block * self._rows]
            for block in range(start // self._rows, -(-stop // self._rows) if start < stop else 0)
        ]
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else np.empty((0, *self._shape))


class Snapshots:
    """Stores weights (R, P) at the multiples of `stride`, which doubles when `most` of them are exceeded.

    One thread writes, others read.
    """

    def __init__(self, runs: int, size: int) -> None:
        self.shape = runs, size
        self.most = min(_MOST, max(_FEWEST, _BYTES // (8 * runs * size)))
        self.stride = 1
        self._saved: tuple[tuple[int, Array], ...] = ()

    @property
    def nbytes(self) -> int:
        return sum(weights.nbytes for _, weights in self._saved)

    @property
    def steps(self) -> list[int]:
        """The steps of the snapshots, rising."""
        return [step for step, _ in self._saved]

    def take(self, step: int, weights: Array) -> None:
        """Saves the weights of a step if it is a multiple of the stride."""
        if step % self.stride:
            return
        saved = (*self._saved, (step, np.array(weights, float)))
        while len(saved) > self.most:
            self.stride *= 2
            saved = tuple(entry for entry in saved if entry[0] % self.stride == 0)
        self._saved = saved

    def at(self, step: int) -> tuple[int, Array]:
        """Returns the step and the weights of the last snapshot at or before a step."""
        saved = self._saved
        return saved[max(bisect_right(saved, step, key=lambda entry: entry[0]) - 1, 0)]

    def weights(self, start: int, stop: int) -> Array:
        """Returns the snapshots start..stop (n, R, P)."""
        return np.stack([weights for _, weights in self._saved[start:stop]])

    @classmethod
    def of(cls, steps: Sequence[int], weights: Array) -> Snapshots:
        """Restores saved snapshots. ValueError unless the steps are the first multiples of a power of two."""
        _, runs, size = weights.shape
        restored = cls(runs, size)
        gap = int(steps[1]) if len(steps) > 1 else 1
        even = gap > 0 and [int(step) for step in steps] == list(range(0, gap * len(steps), gap))
        if not len(steps) or gap & (gap - 1) or not even:
            raise ValueError(tr("the snapshots must begin at 0 and be equally far apart, by a power of two"))
        if len(steps) > restored.most:
            raise ValueError(tr("{count} snapshots: at most {most}", count=len(steps), most=restored.most))
        restored.stride = gap
        restored._saved = tuple((int(step), values.copy()) for step, values in zip(steps, weights, strict=True))
        return restored


class FullLosses:
    """Stores the losses on all data (R,) at the start, at the end of every epoch and at the last step.

    That takes at most one more pass through the data in an epoch, at steps that do not depend on pauses. In place of a
    loss that is not finite, or of a run that has ended, stands the last finite one (NaN without one), also of a run
    whose epoch does not end where another's does; `newest` (R,) are the steps of their own last ones. `final` (R,) are
    the losses at the last finite steps of diverged runs, NaN for others. One thread appends, others read.
    """

    def __init__(self, runs: int) -> None:
        self.count = 0
        self.final = np.full(runs, np.nan)
        self.newest = np.zeros(runs, np.int64)
        self._steps, self._losses, self._least = Column(()), Column((runs,)), Column((runs,))
        self._before = self._lowest = np.full(runs, np.nan)

    @property
    def nbytes(self) -> int:
        return self._steps.nbytes + self._losses.nbytes + self._least.nbytes

    def append(self, steps: Array, losses: Array) -> None:
        """Appends the losses (k, R) of later steps (k,)."""
        if not len(steps):
            return
        known = np.concatenate([self._before[None], losses])
        rows = np.where(np.isfinite(known), np.arange(len(known))[:, None], 0)
        finite = np.take_along_axis(known, np.maximum.accumulate(rows), axis=0)[1:]
        lowest = np.fmin.accumulate(np.concatenate([self._lowest[None], finite]))[1:]
        self._before, self._lowest = finite[-1], lowest[-1]
        self.newest = np.maximum(self.newest, np.where(np.isfinite(losses), steps[:, None], 0).max(axis=0))
        self._steps.write(self.count, steps.astype(float))
        self._losses.write(self.count, finite)
        self._least.write(self.count, lowest)
        self.count += len(steps)

    def trim(self) -> None:
        """Frees what is reserved for further losses, where these are few."""
        for column in (self._steps, self._losses, self._least):
            column.trim(self.count)

    def at(self, row: int) -> Array:
        """Returns the losses (R,) at the last of the steps at or before a row."""
        index = self._index(row)
        losses: Array = self._losses.read(index, index + 1)[0]
        return losses

    def step_at(self, row: int) -> int:
        """Returns the last of the steps at or before a row."""
        return self._step(self._index(row))

    def least(self, row: int) -> Array:
        """Returns the least losses (R,) up to a row."""
        index = self._index(row)
        least: Array = self._least.read(index, index + 1)[0]
        return least

    def steps(self, count: int | None = None) -> Array:
        """Returns the first `count` steps (k,), by default all."""
        return self._steps.read(0, self.count if count is None else count).astype(np.int64)

    def losses(self, start: int, stop: int) -> Array:
        """Returns the losses (k, R) with these indices."""
        return self._losses.read(start, stop)

    def around(self, start: int, stop: int) -> tuple[Array, Array]:
        """Returns the steps (k,) and losses (k, R) that enclose the rows start..stop of the trace."""
        first, last = self._index(start), min(self._index(max(start, stop - 1)) + 2, self.count)
        return self._steps.read(first, last), self._losses.read(first, last)

    def _index(self, row: int) -> int:
        return max(0, bisect_right(range(self.count), row, key=self._step) - 1)

    def _step(self, index: int) -> int:
        return int(self._steps.read(index, index + 1)[0])

    @classmethod
    def of(cls, steps: Array, losses: Array, final: Array) -> Self:
        """Restores saved losses (k, R) at steps (k,)."""
        restored = cls(losses.shape[1])
        restored.final, restored.newest = final.copy(), np.full(losses.shape[1], steps[-1])
        restored._steps.write(0, steps.astype(float))
        restored._losses.write(0, losses)
        restored._least.write(0, np.fmin.accumulate(losses, axis=0))
        restored.count = len(steps)
        restored._before, restored._lowest = losses[-1].copy(), restored.least(int(steps[-1]))
        return restored
