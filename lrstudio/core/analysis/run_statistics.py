"""The statistics of many runs from which their evidence follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrstudio.core.analysis.evidence import BLOCKS, Evidence, Window
from lrstudio.core.array import Array
from lrstudio.core.linear_algebra import ordered_sum

EARLY = 64
"""The number of first steps in which reversals count as early."""
FAINT = 1e-4
"""An early reversal counts if minus the scalar product of the steps exceeds this share of the largest step squared."""
_LOOPED = 64
"""The terms of longer vectors are added in NumPy's order of summation, run by run."""


@dataclass(kw_only=True)
class RunStatistics:
    """The statistics of R runs in the rows of so many steps; of runs that have ended only `ends` to `hits` count.

    `ends` (R,) are the first rows with a value that is not finite and `hits` the first with the target loss or less,
    or -1; `last` the last finite losses, `before` those one row earlier, `peak` the largest and `best` the least.
    `start`, `halfway`, `earlier` and `w` (R, P) are the weights at the start, at the first rows of the window and of
    its last block, and at the end. `turns` counts the clear reversals among the first steps.

    Of the blocks of the window (4, R): the largest `squares` of gradients and `max_losses`, and the sums of the
    recorded squares. Of the first and the last block `sums` (2, 2, R) of losses and of losses squared. Of the window
    `reversals` and the `gradient_sum` (R, P); `moved` is whether a weight changed in the last block. Reversals, sums
    and `moved` use only the recorded weights, as in a trace. Sums are float64.

    With mini-batches `best` and `hits` follow from the losses on all data alone, and `judged` are the last finite ones.
    """

    window: Window
    ends: Array
    last: Array
    judged: Array
    peak: Array
    best: Array
    hits: Array
    before: Array
    start: Array
    halfway: Array
    earlier: Array
    w: Array
    turns: Array
    squares: Array
    max_losses: Array
    square_sums: Array
    sums: Array
    reversals: Array
    gradient_sum: Array
    moved: Array
    gradient: Array
    first_gradient_norm: Array

    @property
    def alive(self) -> Array:
        """Which runs (R,) have only finite values."""
        return self.ends < 0

    def evidence(self, planned: int, begin: Array, *, noisy: bool) -> Evidence:
        """Returns the evidence; the caller fills in rates and surroundings."""
        length, steps = self.window.length, self.window.steps
        means = self.sums[:, 0] / length
        spreads = np.sqrt(np.maximum(self.sums[:, 1] / length - means**2, 0) / length)
        square_sum = self.square_sums[0]
        for block in range(1, BLOCKS):
            square_sum = square_sum + self.square_sums[block]
        return Evidence(
            steps=steps,
            planned=planned,
            noisy=noisy,
            overflowed=~self.alive,
            reached_target=self.hits >= 0,
            begin=begin,
            last=self.last,
            before=self.last if steps == 0 else self.before,
            peak=self.peak,
            gradient_norms=np.sqrt(self.squares),
            max_losses=self.max_losses,
            means=means,
            mean_errors=spreads,
            reversals=self.reversals,
            alignment=products(self.gradient_sum, self.gradient_sum) / square_sum,
            moved=self.moved | (steps == 0),
            last_rate=np.full(len(begin), np.nan),
            largest_rate=np.full(len(begin), np.nan),
            gradient_norm=norms(self.gradient),
            first_gradient_norm=self.first_gradient_norm,
        )


def products(left: Array, right: Array) -> Array:
    """Returns the scalar products (R,) of vectors (R, P), each summed in an order that R does not change.

    The terms of short vectors are added one after the other, as in the kernel.
    """
    terms = left * right
    if terms.shape[1] > _LOOPED:
        return np.asarray(np.ascontiguousarray(terms).sum(axis=1))
    return ordered_sum(terms, 1)


def norms(vectors: Array) -> Array:
    """Returns the lengths (R,) of vectors (R, P), as float64."""
    return np.asarray(np.sqrt(products(vectors, vectors)), float)
