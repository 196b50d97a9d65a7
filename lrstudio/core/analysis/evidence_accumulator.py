"""Accumulates the evidence of many runs while they run, without storing their rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrstudio.core.analysis.evidence import BLOCKS, Evidence, Window
from lrstudio.core.array import Array

EARLY = 64
"""The number of first steps in which reversals count as early."""
_FAINT = 1e-4
"""An early reversal counts if minus the scalar product of the steps exceeds this share of the largest step squared."""


class EvidenceAccumulator:
    """Takes every row of R runs once, in order, and accumulates statistics.

    After the last row `best` (R,) are the least losses, `last` the last finite ones, `ends` the first row with a value
    that is not finite and `hits` the first with the target loss or less, or -1. `start`, `halfway` and `earlier` are
    the weights at the start and at the first rows of the window and of its last block. `turns` counts the clear
    reversals among the first steps. Reversals, alignment and `moved` use only the `recorded` weights, as in a trace.
    With mini-batches `full` (R,) are the losses on all data at some rows, including the first: `best` and `hits` follow
    from those alone, and `judged` are the last finite ones.
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
        runs = len(w)
        self.window = Window(steps)
        self.ends = np.full(runs, -1)
        self.hits = np.full(runs, -1)
        self.alive = np.ones(runs, bool)
        self.best = np.full(runs, np.inf)
        self.last = np.full(runs, np.nan)
        self._target = None if target is None else np.float64(target)
        self.judged = self.last
        self._batches = full is not None
        self._before = self.last
        self._squares = np.zeros((BLOCKS, runs))
        self._max_losses = np.full((BLOCKS, runs), -np.inf)
        self._sums = np.zeros((2, 2, runs))
        self._reversals = np.zeros(runs, np.int64)
        self._moved = np.zeros(runs, bool)
        self.turns = np.zeros(runs, np.int64)
        self._early, self._largest = np.zeros_like(w), np.zeros(runs)
        self.start = self.halfway = self.earlier = w
        self.peak = np.full(runs, -np.inf)
        self._recorded = recorded
        self._w, self._move, self._gradient = w, np.zeros_like(self._recorded_columns(w)), gradient
        self._first_gradient_norm = _norm(gradient)
        self._gradient_sum = np.zeros_like(self._recorded_columns(gradient), dtype=float)
        self._square_sum = np.zeros(runs)
        self.update(0, w, loss, gradient, full)

    def update(self, row: int, w: Array, loss: Array, gradient: Array, full: Array | None = None) -> None:
        """Takes a row: weights (R, P), losses (R,) and gradients (R, P); stores the arrays without a copy."""
        loss = loss.astype(float, copy=False)
        if np.isfinite(loss.sum() + w.sum()):  # all values are finite
            self._before, self.last = self.last, np.where(self.alive, loss, self.last)
        else:
            fine = np.isfinite(loss) & np.isfinite(w).all(axis=1)
            self.ends[self.alive & ~fine] = row
            self.alive &= fine
            self._before, self.last = self.last, np.where(self.alive, loss, self.last)
        np.fmax(self.peak, self.last, out=self.peak)
        if not self._batches:
            self.judged = self.last
            self._update_best(row, loss)
        elif full is not None:
            self.judged = np.where(self.alive & np.isfinite(full), full, self.judged)
            self._update_best(row, full)
        if row == self.window.starts[0]:
            self.halfway = w
        if row == self.window.starts[-1]:
            self.earlier = w
        if 0 < row <= EARLY:
            self._count_turns(w)
        if row >= self.window.starts[0] - 1:
            self._update_window(row, w, loss, gradient)
        self._w = w

    def ending(self, w: Array, loss: Array) -> Array:
        """Returns which runs (R,) end with the next row, of weights w (R, P) and losses (R,)."""
        return self.alive & ~(np.isfinite(loss) & np.isfinite(w).all(axis=1))

    def settle(self, ended: Array, full: Array) -> None:
        """Takes the losses on all data at the last rows of the runs that have `ended` (R,)."""
        last = self.judged.copy()
        last[ended] = np.where(np.isfinite(full), full, last[ended])
        self.judged = last
        np.fmin(self.best, last, out=self.best)

    def _update_best(self, row: int, loss: Array) -> None:
        np.fmin(self.best, self.judged, out=self.best)
        if self._target is not None:
            self.hits[(self.hits < 0) & self.alive & (loss <= self._target)] = row

    def _count_turns(self, w: Array) -> None:
        move = w - self._w
        np.fmax(self._largest, _dot(move, move), out=self._largest, casting="same_kind")
        self.turns += self.alive & (_dot(move, self._early) < -_FAINT * self._largest)
        self._early = move

    def _recorded_columns(self, values: Array) -> Array:
        """Returns the recorded columns of weights or gradients (R, P)."""
        return values if self._recorded is None else values[:, self._recorded]

    def _update_window(self, row: int, w: Array, loss: Array, gradient: Array) -> None:
        """Takes a row of the window, or the one before it."""
        if row:
            move = self._recorded_columns(w) - self._recorded_columns(self._w)
            if row > max(1, self.window.starts[0]):
                self._reversals += _dot(move, self._move) < 0
            if row > self.window.steps - self.window.length:
                self._moved |= (move != 0).any(axis=1)
            self._move = move
        self._gradient = gradient
        if row < self.window.starts[0]:
            return
        recorded = self._recorded_columns(gradient)
        self._gradient_sum += recorded
        self._square_sum += (own_squares := _dot(recorded, recorded))
        squares = own_squares if self._recorded is None else _dot(gradient, gradient)
        for block in self.window.blocks_of(row):
            np.maximum(self._squares[block], squares, out=self._squares[block])
            np.maximum(self._max_losses[block], loss, out=self._max_losses[block])
            if block in (0, BLOCKS - 1):
                self._sums[int(block > 0)] += loss, loss * loss

    def evidence(self, planned: int, begin: Array, *, noisy: bool) -> Evidence:
        """Returns the evidence; the caller fills in rates and surroundings."""
        length = self.window.length
        means = self._sums[:, 0] / length
        spreads = np.sqrt(np.maximum(self._sums[:, 1] / length - means**2, 0) / length)
        return Evidence(
            steps=self.window.steps,
            planned=planned,
            noisy=noisy,
            overflowed=~self.alive,
            reached_target=self.hits >= 0,
            begin=begin,
            last=self.last,
            before=self.last if self.window.steps == 0 else self._before,
            peak=self.peak,
            gradient_norms=np.sqrt(self._squares),
            max_losses=self._max_losses,
            means=means,
            mean_errors=spreads,
            reversals=self._reversals,
            alignment=_dot(self._gradient_sum, self._gradient_sum) / self._square_sum,
            moved=self._moved | (self.window.steps == 0),
            last_rate=np.full(len(begin), np.nan),
            largest_rate=np.full(len(begin), np.nan),
            gradient_norm=_norm(self._gradient),
            first_gradient_norm=self._first_gradient_norm,
        )


def _norm(vectors: Array) -> Array:
    return np.asarray(np.sqrt(_dot(vectors, vectors)), float)


def _dot(a: Array, b: Array) -> Array:
    """Returns the scalar products (R,) of the rows of a and b (R, P), each summed in an order that R does not change.

    In arrays stored column by column NumPy adds in another order when there is one run than when there are many.
    """
    return np.asarray(np.einsum("rp,rp->r", np.ascontiguousarray(a), np.ascontiguousarray(b)))
