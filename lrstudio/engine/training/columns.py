"""What a trace is made of: rows that are appended without moving, weights at some steps, losses on all data at some."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Self

import numpy as np

from lrstudio.core.array import Array

BLOCK_ROWS = 65536
_BLOCK_VALUES = 2**22
_MOST, _FEWEST = 512, 16
_BYTES = 100_000_000


class Column:
    """Rows in preallocated blocks: growing copies nothing, and what a reader holds never moves."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._rows = max(1, min(BLOCK_ROWS, _BLOCK_VALUES // max(1, int(np.prod(shape)))))
        self._blocks: list[Array] = []

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)

    def write(self, start: int, values: Array) -> None:
        while len(self._blocks) * self._rows < start + len(values):
            self._blocks.append(np.empty((self._rows, *self._shape)))
        done = 0
        while done < len(values):
            block, row = divmod(start + done, self._rows)
            count = min(self._rows - row, len(values) - done)
            self._blocks[block][row : row + count] = values[done : done + count]
            done += count

    def read(self, start: int, stop: int) -> Array:
        pieces = [
            block[max(0, start - first) : stop - first]
            for first, block in ((place * self._rows, block) for place, block in enumerate(self._blocks))
            if first < stop and start < first + self._rows
        ]
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else np.empty((0, *self._shape))


class Snapshots:
    """Weights (R, P) at the multiples of `stride`, which doubles when there would be more of them than fit.

    One thread takes, others look.
    """

    def __init__(self, runs: int, size: int) -> None:
        self.shape = runs, size
        self.most = min(_MOST, max(_FEWEST, _BYTES // (8 * runs * size)))
        self.stride = 1
        self._kept: tuple[tuple[int, Array], ...] = ()

    @property
    def nbytes(self) -> int:
        """How much memory they take."""
        return sum(weights.nbytes for _, weights in self._kept)

    @property
    def steps(self) -> list[int]:
        """The steps at which there is one, in their order."""
        return [step for step, _ in self._kept]

    def take(self, step: int, weights: Array) -> None:
        """Keep the weights of a step, where it is one of those that are kept."""
        if step % self.stride:
            return
        kept = (*self._kept, (step, np.array(weights, float)))
        while len(kept) > self.most:
            self.stride *= 2
            kept = tuple(entry for entry in kept if entry[0] % self.stride == 0)
        self._kept = kept

    def at(self, step: int) -> tuple[int, Array]:
        """The last one at or before a step, and its own step."""
        kept = self._kept
        place = int(np.searchsorted([known for known, _ in kept], step, "right")) - 1
        return kept[max(place, 0)]

    def weights(self, start: int, stop: int) -> Array:
        """Those at the places start..stop (n, R, P)."""
        return np.stack([weights for _, weights in self._kept[start:stop]])

    @classmethod
    def of(cls, steps: Sequence[int], weights: Array) -> Snapshots:
        """Those that were saved. ValueError unless the steps are the first multiples of a power of two."""
        _, runs, size = weights.shape
        made = cls(runs, size)
        gap = int(steps[1]) if len(steps) > 1 else 1
        even = gap > 0 and [int(step) for step in steps] == list(range(0, gap * len(steps), gap))
        if not len(steps) or gap & (gap - 1) or not even:
            raise ValueError("the snapshots must begin at 0 and be equally far apart, by a power of two")
        if len(steps) > made.most:
            raise ValueError(f"{len(steps)} snapshots: at most {made.most}")
        made.stride = gap
        made._kept = tuple((int(step), values.copy()) for step, values in zip(steps, weights, strict=True))
        return made


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
