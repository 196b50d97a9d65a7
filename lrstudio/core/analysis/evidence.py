"""What of a run a verdict rests on: a few numbers, gathered while it runs or read from its rows afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lrstudio.core.analysis.surroundings import Surroundings
from lrstudio.core.array import Array

BLOCKS = 4
_LONGEST = 512
_SHORT = 8


@dataclass(frozen=True)
class Window:
    """The last half of a run's rows, at most 2048, in four blocks of `length` rows that end with row `steps`.

    Fewer than four rows are used more than once.
    """

    steps: int

    @cached_property
    def length(self) -> int:
        """How many rows a block has."""
        rows = self.steps + 1 if self.steps < _SHORT else self.steps + 1 - self.steps // 2
        return max(1, min(_LONGEST, rows // BLOCKS))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The first rows of the blocks."""
        first = self.steps + 1 - BLOCKS * self.length
        return tuple(max(0, first + place * self.length) for place in range(BLOCKS))

    @property
    def span(self) -> int:
        """How many steps the last block comes after the first."""
        return self.starts[-1] - self.starts[0]

    def blocks_of(self, row: int) -> list[int]:
        """The blocks that a row belongs to."""
        return [place for place, start in enumerate(self.starts) if start <= row < start + self.length]


@dataclass(kw_only=True)
class Evidence:
    """Of R runs after `steps` of `planned` updates; all (R,) unless said, NaN is what is not known.

    Of the window's blocks: `slopes` are the largest gradient norms and `heights` the largest losses of each (4, R),
    `means` and `spreads` the mean losses and their standard errors (2, R) of the first and the last. `moved` says
    whether a weight changed in the last one.

    Of the whole window: `reversals` counts the steps that went against the step before, `pull` is |sum g|^2 / sum |g|^2
    of its gradients g: the number of rows where they all say the same, about 1 where they are noise around 0.

    Of the whole run: `begin` and `last` are its first and newest loss, `peak` its highest, `before` the loss one row
    before the newest; with mini-batches (`noisy`) all but `peak` are over all data, and `before` is at the
    beginning of the last block; `halfway` (with mini-batches only) is that at the first row of the window. `slope`
    is the newest gradient norm and `slope_begin` the first; `stretch` by what the length of a network's weights was
    multiplied; `rate_last` and `rate_most` are the newest rate and the larger of it and the first. `ended` says
    whether its numbers left all bounds, `hit` whether it had the target.

    `least`, `distance`, `bowl`, `far`, `far_earlier`, `lowest` and `chance` are those of `Surroundings` at the end,
    where `far_earlier` is at the first row of the window.
    """

    steps: int
    planned: int
    noisy: bool
    ended: Array
    hit: Array
    begin: Array
    last: Array
    before: Array
    peak: Array
    slopes: Array
    heights: Array
    means: Array
    spreads: Array
    reversals: Array
    pull: Array
    moved: Array
    rate_last: Array
    rate_most: Array
    slope: Array
    slope_begin: Array
    least: Array = field(default_factory=lambda: np.array(np.nan))
    distance: Array = field(default_factory=lambda: np.array(np.nan))
    bowl: Array = field(default_factory=lambda: np.array(False))
    far: Array = field(default_factory=lambda: np.array(np.nan))
    far_earlier: Array = field(default_factory=lambda: np.array(np.nan))
    lowest: Array = field(default_factory=lambda: np.array(np.nan))
    chance: Array = field(default_factory=lambda: np.array(np.nan))
    halfway: Array = field(default_factory=lambda: np.array(np.nan))
    stretch: Array = field(default_factory=lambda: np.array(np.nan))

    def look_around(self, around: Surroundings) -> None:
        """Take what is known of the surroundings at the end."""
        self.slope, self.lowest, self.bowl, self.chance = around.slope, around.lowest, around.bowl, around.chance
        self.least, self.distance = around.least, around.distance
        self.far, self.far_earlier = around.far, around.far_earlier

    @property
    def window(self) -> Window:
        return Window(self.steps)

    @property
    def height(self) -> Array:
        """What the runs are compared by (R,): the largest loss of the last quarter of the steps.

        With mini-batches the larger of two over all data, that at the end and that an eighth of the steps before.
        """
        return np.fmax(self.last, self.before) if self.noisy else self.heights[-2:].max(axis=0)


def gather(
    losses: Array,
    params: Array,
    grads: Array,
    *,
    begin: Array,
    peak: Array,
    slope_begin: Array,
    steps: int,
    planned: int,
    noisy: bool,
    norms: Array | None = None,
) -> Evidence:
    """The evidence of the last rows of runs: losses (n, R), params and grads (n, R, P) of the n last of `steps` + 1.

    The rows have to reach back to one before `Window(steps).starts[0]`, or to the start; `begin`, `peak` and
    `slope_begin` (R,) are of the whole run. `norms` (n, R) are those of the gradients where `grads` has some of their
    parts only. Rates, target and surroundings are for the caller to fill in.
    """
    window, shift = Window(steps), steps + 1 - len(losses)
    cuts = [slice(start - shift, start - shift + window.length) for start in window.starts]
    squares = np.einsum("nrp,nrp->nr", grads, grads)
    norms = np.sqrt(squares) if norms is None else norms
    first = max(1, window.starts[0] - shift)
    moves = np.diff(params[first - 1 :], axis=0)
    turns = np.einsum("nrp,nrp->nr", moves[1:], moves[:-1]) < 0
    pulls = grads[window.starts[0] - shift :].sum(axis=0)
    runs = losses.shape[1]
    return Evidence(
        steps=steps,
        planned=planned,
        noisy=noisy,
        ended=~np.isfinite(losses[-1]),
        hit=np.zeros(runs, bool),
        begin=begin,
        last=losses[-1],
        before=losses[max(0, len(losses) - 2)],
        peak=peak,
        slopes=np.stack([norms[cut].max(axis=0) for cut in cuts]),
        heights=np.stack([losses[cut].max(axis=0) for cut in cuts]),
        means=np.stack([losses[cut].mean(axis=0) for cut in (cuts[0], cuts[-1])]),
        spreads=np.stack([losses[cut].std(axis=0) / np.sqrt(window.length) for cut in (cuts[0], cuts[-1])]),
        reversals=turns.sum(axis=0),
        pull=np.einsum("rp,rp->r", pulls, pulls) / squares[window.starts[0] - shift :].sum(axis=0),
        moved=(moves[-window.length :] != 0).any(axis=(0, 2)) if steps else np.ones(runs, bool),
        rate_last=np.full(runs, np.nan),
        rate_most=np.full(runs, np.nan),
        slope=norms[-1],
        slope_begin=slope_begin,
    )
