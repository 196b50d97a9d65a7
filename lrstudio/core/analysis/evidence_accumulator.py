"""Accumulates the statistics of many runs while they run, without storing their rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrstudio.core.analysis.evidence import BLOCKS, Window
from lrstudio.core.analysis.run_statistics import EARLY, FAINT, RunStatistics, norms, products
from lrstudio.core.array import Array
from lrstudio.core.network.products import sums_of_squares


class EvidenceAccumulator(RunStatistics):
    """Takes every row of R runs once, in order, and accumulates statistics, which are complete after the last row.

    With mini-batches `full` (R,) are the losses on all data at some rows, including the first. Weights are taken in the
    type of the gradients.
    """

    def __init__(
        self,
        steps: int,
        w: Array,
        loss: Array,
        gradient: Array,
        target: float | None = None,
        *,
        full: Array | None = None,
        recorded: Any = None,
    ) -> None:
        runs, w = len(w), w.astype(gradient.dtype, copy=False)
        self.window = Window(steps)
        self.ends = np.full(runs, -1)
        self.hits = np.full(runs, -1)
        self.best = np.full(runs, np.inf)
        self.last = self.judged = self.before = np.full(runs, np.nan)
        self.peak = np.full(runs, -np.inf)
        self.squares = np.zeros((BLOCKS, runs))
        self.max_losses = np.full((BLOCKS, runs), -np.inf)
        self.square_sums = np.zeros((BLOCKS, runs))
        self.sums = np.zeros((2, 2, runs))
        self.reversals = np.zeros(runs, np.int64)
        self.moved = np.zeros(runs, bool)
        self.turns = np.zeros(runs, np.int64)
        self.start = self.halfway = self.earlier = self.w = w
        self.gradient, self.first_gradient_norm = gradient, norms(gradient)
        self._target = None if target is None else np.float64(target)
        self._batches = full is not None
        self._recorded = recorded
        self._alive = np.ones(runs, bool)
        self._early, self._largest = np.zeros_like(w), np.zeros(runs, w.dtype)
        self._before = self._recorded_columns(w)
        self._move = np.zeros_like(self._before)
        self.gradient_sum = np.zeros_like(self._recorded_columns(gradient), dtype=float)
        self.update(0, w, loss, gradient, full)

    @property
    def alive(self) -> Array:
        return self._alive

    def update(self, row: int, w: Array, loss: Array, gradient: Array, full: Array | None = None) -> None:
        """Takes a row: weights (R, P), losses (R,) and gradients (R, P); stores the arrays without a copy."""
        w, loss = w.astype(gradient.dtype, copy=False), loss.astype(float, copy=False)
        own, slopes = self._recorded_columns(w), self._recorded_columns(gradient)
        squares = None if self._recorded is None else sums_of_squares(gradient)
        self.update_recorded(row, own, loss, slopes, self._fine(w, loss), squares, full, w)
        self.gradient = gradient

    def update_recorded(
        self,
        row: int,
        w: Array,
        loss: Array,
        gradient: Array,
        fine: Array,
        squares: Array | None,
        full: Array | None,
        whole: Array | None,
    ) -> None:
        """Takes a row of recorded weights (R, p), losses (R,) as float64, and recorded slopes (R, p).

        `fine` (R,) is whether all values are finite, `squares` (R,) are those of gradients that are recorded in part,
        and `whole` are all weights (R, P), at least in the early rows and the first rows of the window's outer blocks.
        """
        self.ends[self._alive & ~fine] = row
        self._alive &= fine
        self.before, self.last = self.last, np.where(self._alive, loss, self.last)
        np.fmax(self.peak, self.last, out=self.peak)
        if not self._batches:
            self.judged = self.last
            self._update_best(row, loss)
        elif full is not None:
            self.judged = np.where(self._alive & np.isfinite(full), full, self.judged)
            self._update_best(row, full)
        if whole is not None:
            self._take_whole(row, whole)
        if row >= self.window.starts[0] - 1:
            self._update_window(row, w, loss, gradient, squares)
        self._before = w

    def _take_whole(self, row: int, w: Array) -> None:
        if row == self.window.starts[0]:
            self.halfway = w
        if row == self.window.starts[-1]:
            self.earlier = w
        if 0 < row <= EARLY:
            self._count_turns(w)
        self.w = w

    def _fine(self, w: Array, loss: Array) -> Array:
        """Returns which runs (R,) have finite values; in the manner of a trace if the weights are recorded in part."""
        if self._recorded is not None:
            return np.isfinite(loss) & np.isfinite(sums_of_squares(w))
        if np.isfinite(loss.sum() + w.sum()):  # all values are finite
            return np.ones(len(loss), bool)
        fine: Array = np.isfinite(loss) & np.isfinite(w).all(axis=1)
        return fine

    def ending(self, w: Array, loss: Array) -> Array:
        """Returns which runs (R,) end with the next row, of weights w (R, P) and losses (R,)."""
        return self._alive & ~self._fine(w, loss)

    def settle(self, ended: Array, full: Array) -> None:
        """Takes the losses on all data at the last rows of the runs that have `ended` (R,)."""
        last = self.judged.copy()
        last[ended] = np.where(np.isfinite(full), full, last[ended])
        self.judged = last
        np.fmin(self.best, last, out=self.best)

    def _update_best(self, row: int, loss: Array) -> None:
        np.fmin(self.best, self.judged, out=self.best)
        if self._target is not None:
            self.hits[(self.hits < 0) & self._alive & (loss <= self._target)] = row

    def _count_turns(self, w: Array) -> None:
        move = w - self.w
        np.fmax(self._largest, products(move, move), out=self._largest)
        self.turns += self._alive & (products(move, self._early) < -FAINT * self._largest)
        self._early = move

    def _recorded_columns(self, values: Array) -> Array:
        """Returns the recorded columns of weights or gradients (R, P)."""
        return values if self._recorded is None else values[:, self._recorded]

    def _update_window(self, row: int, w: Array, loss: Array, gradient: Array, squares: Array | None) -> None:
        """Takes a row of the window, or the one before it."""
        if row:
            move = w - self._before
            if row > max(1, self.window.starts[0]):
                self.reversals += products(move, self._move) < 0
            if row > self.window.steps - self.window.length:
                self.moved |= (move != 0).any(axis=1)
            self._move = move
        if row < self.window.starts[0]:
            return
        self.gradient_sum += gradient
        own_squares = products(gradient, gradient)
        squares = own_squares if squares is None else squares
        blocks = self.window.blocks_of(row)
        self.square_sums[blocks[-1]] += own_squares
        for block in blocks:
            np.maximum(self.squares[block], squares, out=self.squares[block])
            np.maximum(self.max_losses[block], loss, out=self.max_losses[block])
            if block in (0, BLOCKS - 1):
                self.sums[int(block > 0)] += loss, loss * loss
