"""The evidence of many runs, gathered while they run, so that no row has to be kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrstudio.core.analysis.evidence import BLOCKS, Evidence, Window
from lrstudio.core.array import Array

EARLY = 64
"""Among so many first steps it is counted how often a run turns back."""
_FAINT = 1e-4
"""Turning back counts while both steps together are at least this share of the largest one squared."""


class EvidenceAccumulator:
    """Sees every row of R runs once, in order, and keeps what sums them up.

    After the last row `best` (R,) are the least losses, `last` the last finite ones, `ends` the first row with a number
    that is not finite and `hits` the first with the target loss or less; -1 where there is none. `start`, `halfway` and
    `earlier` are the weights at the start and at the beginning of the window and of its last block. `turns` says how
    often a run clearly turned back at first. Reversals, pull and whether a weight moved go by the `recorded` weights
    alone, as in a trace. With mini-batches `full` (R,) are the losses on all data at some rows, the first one included:
    `best` and `hits` follow from those alone, and `judged` are the last finite ones.
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
        self._heights = np.full((BLOCKS, runs), -np.inf)
        self._sums = np.zeros((2, 2, runs))
        self._reversals = np.zeros(runs, np.int64)
        self._moved = np.zeros(runs, bool)
        self.turns = np.zeros(runs, np.int64)
        self._early, self._largest = np.zeros_like(w), np.zeros(runs)
        self.start = self.halfway = self.earlier = w
        self.peak = np.full(runs, -np.inf)
        self._recorded = recorded
        self._w, self._move, self._slope = w, np.zeros_like(self._shown(w)), gradient
        self._slope_begin = _norm(gradient)
        self._pull = np.zeros_like(self._shown(gradient), dtype=float)
        self._effort = np.zeros(runs)
        self.see(0, w, loss, gradient, full)

    def see(self, row: int, w: Array, loss: Array, gradient: Array, full: Array | None = None) -> None:
        """Take a row: weights (R, P), losses (R,) and gradients (R, P); the arrays are kept, not copied."""
        loss = loss.astype(float, copy=False)
        if np.isfinite(loss.sum() + w.sum()):  # then each of them is
            self._before, self.last = self.last, np.where(self.alive, loss, self.last)
        else:
            fine = np.isfinite(loss) & np.isfinite(w).all(axis=1)
            self.ends[self.alive & ~fine] = row
            self.alive &= fine
            self._before, self.last = self.last, np.where(self.alive, loss, self.last)
        np.fmax(self.peak, self.last, out=self.peak)
        if not self._batches:
            self.judged = self.last
            self._look_for_target(row, loss)
        elif full is not None:
            self.judged = np.where(self.alive & np.isfinite(full), full, self.judged)
            self._look_for_target(row, full)
        if row == self.window.starts[0]:
            self.halfway = w
        if row == self.window.starts[-1]:
            self.earlier = w
        if 0 < row <= EARLY:
            self._count_turns(w)
        if row >= self.window.starts[0] - 1:
            self._look(row, w, loss, gradient)
        self._w = w

    def ending(self, w: Array, loss: Array) -> Array:
        """Which runs (R,) end with the next row, whose weights (R, P) and losses (R,) these are."""
        return self.alive & ~(np.isfinite(loss) & np.isfinite(w).all(axis=1))

    def settle(self, ended: Array, full: Array) -> None:
        """Take the losses on all data that the runs which end (R,) had at their last row."""
        last = self.judged.copy()
        last[ended] = np.where(np.isfinite(full), full, last[ended])
        self.judged = last
        np.fmin(self.best, last, out=self.best)

    def _look_for_target(self, row: int, loss: Array) -> None:
        """Look at the losses (R,) that the runs are judged by."""
        np.fmin(self.best, self.judged, out=self.best)
        if self._target is not None:
            self.hits[(self.hits < 0) & self.alive & (loss <= self._target)] = row

    def _count_turns(self, w: Array) -> None:
        move = w - self._w
        np.fmax(self._largest, np.einsum("rp,rp->r", move, move), out=self._largest, casting="same_kind")
        self.turns += np.einsum("rp,rp->r", move, self._early) < -_FAINT * self._largest
        self._early = move

    def _shown(self, values: Array) -> Array:
        """What a trace records of weights or gradients (R, P)."""
        return values if self._recorded is None else values[:, self._recorded]

    def _look(self, row: int, w: Array, loss: Array, gradient: Array) -> None:
        """A row of the window, or the one before it."""
        if row:
            move = self._shown(w) - self._shown(self._w)
            if row > max(1, self.window.starts[0]):
                self._reversals += np.einsum("rp,rp->r", move, self._move) < 0
            if row > self.window.steps - self.window.length:
                self._moved |= (move != 0).any(axis=1)
            self._move = move
        self._slope = gradient
        if row < self.window.starts[0]:
            return
        shown = self._shown(gradient)
        self._pull += shown
        self._effort += (effort := np.einsum("rp,rp->r", shown, shown))
        squares = effort if self._recorded is None else np.einsum("rp,rp->r", gradient, gradient)
        for block in self.window.blocks_of(row):
            np.maximum(self._squares[block], squares, out=self._squares[block])
            np.maximum(self._heights[block], loss, out=self._heights[block])
            if block in (0, BLOCKS - 1):
                self._sums[int(block > 0)] += loss, loss * loss

    def evidence(self, planned: int, begin: Array, *, noisy: bool) -> Evidence:
        """What has been seen; rates and surroundings are for the caller to fill in."""
        length = self.window.length
        means = self._sums[:, 0] / length
        spreads = np.sqrt(np.maximum(self._sums[:, 1] / length - means**2, 0) / length)
        return Evidence(
            steps=self.window.steps,
            planned=planned,
            noisy=noisy,
            ended=~self.alive,
            hit=self.hits >= 0,
            begin=begin,
            last=self.last,
            before=self.last if self.window.steps == 0 else self._before,
            peak=self.peak,
            slopes=np.sqrt(self._squares),
            heights=self._heights,
            means=means,
            spreads=spreads,
            reversals=self._reversals,
            pull=np.einsum("rp,rp->r", self._pull, self._pull) / self._effort,
            moved=self._moved | (self.window.steps == 0),
            rate_last=np.full(len(begin), np.nan),
            rate_most=np.full(len(begin), np.nan),
            slope=_norm(self._slope),
            slope_begin=self._slope_begin,
        )


def _norm(vectors: Array) -> Array:
    return np.asarray(np.sqrt(np.einsum("rp,rp->r", vectors, vectors)), float)
