"""The evidence for a verdict: statistics of a run, accumulated while it runs or computed from its recorded rows."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import Any

import numpy as np

from lrstudio.core.analysis.surroundings import Surroundings
from lrstudio.core.array import Array
from lrstudio.core.elementary import power
from lrstudio.core.linear_algebra import ordered_sum
from lrstudio.core.record import dataclass

BLOCKS = 4
_LONGEST = 512
"""The largest number of rows of a block."""
_SHORT = 8
"""Runs of fewer steps are one window from the first row."""
SLOW_SHARE = 0.1
"""A run is too slow if more than this share of its descent, or of the slowest direction's loss, will be left."""


@dataclass(frozen=True)
class Window:
    """The last half of a run's rows, at most 2048, in four blocks of `length` rows that end with row `steps`.

    The blocks of fewer than four rows overlap.
    """

    steps: int

    @cached_property
    def length(self) -> int:
        """The number of rows of a block."""
        rows = self.steps + 1 if self.steps < _SHORT else self.steps + 1 - self.steps // 2
        return max(1, min(_LONGEST, rows // BLOCKS))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The first row of each block."""
        first = self.steps + 1 - BLOCKS * self.length
        return tuple(max(0, first + block * self.length) for block in range(BLOCKS))

    @property
    def span(self) -> int:
        """The number of steps from the first block to the last."""
        return self.starts[-1] - self.starts[0]

    def blocks_of(self, row: int) -> list[int]:
        """Returns the blocks that contain a row."""
        return [block for block, start in enumerate(self.starts) if start <= row < start + self.length]


def _unknown() -> Any:
    return field(default_factory=lambda: np.array(np.nan))


@dataclass(kw_only=True)
class Evidence:
    """The evidence on R runs after `steps` of `planned` updates; arrays are (R,) unless stated, unknown values NaN.

    Of the window's blocks: `gradient_norms` and `max_losses` are the largest gradient norm and loss of each (4, R),
    `means` and `mean_errors` the mean losses and their standard errors (2, R) in the first and the last; `moved` is
    whether a weight changed in the last one.

    Of the window: `reversals` counts the steps with a negative scalar product with the step before, `alignment` is
    |sum g|^2 / sum |g|^2 of the gradients g: the number of rows if all are equal, about 1 if they are noise around 0.

    Of the run: `begin` and `last` are the first and the newest loss, `peak` the largest, `before` the loss one row
    before the newest; with mini-batches (`noisy`) all but `peak` are over all data, and `before` is at the start of the
    last block; `halfway` (with mini-batches only) is at the first row of the window. `gradient_norm` is the newest and
    `first_gradient_norm` the first; `weight_growth` the factor by which the norm of a network's weights grew;
    `last_rate` the newest rate, `largest_rate` the larger of it and the first. `overflowed` is whether a value became
    infinite or NaN, `reached_target` whether the run had the target loss.

    The other fields are those of `Surroundings` at the end; `distance_left_earlier` is at the first row of the window.
    """

    steps: int
    planned: int
    noisy: bool
    overflowed: Array
    reached_target: Array
    begin: Array
    last: Array
    before: Array
    peak: Array
    gradient_norms: Array
    max_losses: Array
    means: Array
    mean_errors: Array
    reversals: Array
    alignment: Array
    moved: Array
    last_rate: Array
    largest_rate: Array
    gradient_norm: Array
    first_gradient_norm: Array
    least: Array = _unknown()
    distance: Array = _unknown()
    is_quadratic: Array = field(default_factory=lambda: np.array(False))
    distance_left: Array = _unknown()
    distance_left_earlier: Array = _unknown()
    lowest: Array = _unknown()
    chance_loss: Array = _unknown()
    halfway: Array = _unknown()
    weight_growth: Array = _unknown()

    def set_surroundings(self, around: Surroundings) -> None:
        """Copies the surroundings at the end of the runs."""
        for name in set(around._fields) - {"loss"}:
            setattr(self, name, getattr(around, name))

    @property
    def window(self) -> Window:
        return Window(self.steps)

    @property
    def late_loss(self) -> Array:
        """The loss by which runs are compared (R,): the largest of the last quarter of the steps.

        With mini-batches it is the larger of two losses over all data: at the end and an eighth of the steps earlier.
        """
        return np.fmax(self.last, self.before) if self.noisy else self.max_losses[-2:].max(axis=0)


def gather(
    losses: Array,
    params: Array,
    grads: Array,
    *,
    begin: Array,
    peak: Array,
    first_gradient_norm: Array,
    steps: int,
    planned: int,
    noisy: bool,
    norms: Array | None = None,
) -> Evidence:
    """Returns the evidence in the last n of `steps` + 1 rows: losses (n, R), params and grads (n, R, P).

    The rows begin at least one row before `Window(steps).starts[0]`, or at the start; `begin`, `peak` and
    `first_gradient_norm` (R,) are of the whole run. `norms` (n, R) are the norms of the whole gradients if `grads` has
    only some of their components. The caller fills in rates, target and surroundings.
    """
    window, shift = Window(steps), steps + 1 - len(losses)
    blocks = [slice(start - shift, start - shift + window.length) for start in window.starts]
    squares = ordered_sum(grads * grads, 2)
    norms = np.sqrt(squares) if norms is None else norms
    first = max(1, window.starts[0] - shift)
    moves = np.diff(params[first - 1 :], axis=0)
    reversed_steps = ordered_sum(moves[1:] * moves[:-1], 2) < 0
    total = grads[window.starts[0] - shift :].sum(axis=0)
    runs = losses.shape[1]
    return Evidence(
        steps=steps,
        planned=planned,
        noisy=noisy,
        overflowed=~np.isfinite(losses[-1]),
        reached_target=np.zeros(runs, bool),
        begin=begin,
        last=losses[-1],
        before=losses[max(0, len(losses) - 2)],
        peak=peak,
        gradient_norms=np.stack([norms[block].max(axis=0) for block in blocks]),
        max_losses=np.stack([losses[block].max(axis=0) for block in blocks]),
        means=np.stack([losses[block].mean(axis=0) for block in (blocks[0], blocks[-1])]),
        mean_errors=np.stack([losses[block].std(axis=0) / np.sqrt(window.length) for block in (blocks[0], blocks[-1])]),
        reversals=reversed_steps.sum(axis=0),
        alignment=ordered_sum(total * total, 1) / squares[window.starts[0] - shift :].sum(axis=0),
        moved=(moves[-window.length :] != 0).any(axis=(0, 2)) if steps else np.ones(runs, bool),
        last_rate=np.full(runs, np.nan),
        largest_rate=np.full(runs, np.nan),
        gradient_norm=norms[-1],
        first_gradient_norm=first_gradient_norm,
    )


def loss_left(evidence: Evidence) -> Array:
    """Returns the share L (R,) of the descent from the initial loss to the minimum that is left; NaN if unknown."""
    with np.errstate(all="ignore"):
        left: Array = np.maximum(evidence.last - evidence.least, 0) / (evidence.begin - evidence.least)
        return np.where(np.isfinite(left), left, np.nan)


def loss_projected(evidence: Evidence) -> Array:
    """Returns the share L (R,) that will be left after the planned steps at the pace of the window."""
    if not _steps_left(evidence):
        return loss_left(evidence)
    losses = evidence.means if evidence.noisy else evidence.max_losses[[0, -1]]
    ratio = (losses[1] - evidence.least) / (losses[0] - evidence.least)
    return np.asarray(loss_left(evidence) * power(_pace(ratio, evidence.window.span), _steps_left(evidence)))


def distance_projected(evidence: Evidence) -> Array:
    """Returns the share F (R,) left after the planned steps at the window's pace; NaN outside quadratic regions."""
    left = evidence.distance_left
    if _steps_left(evidence):
        pace = _pace(left / evidence.distance_left_earlier, evidence.steps - evidence.window.starts[0])
        left = left * power(np.where(np.isfinite(pace), pace, 1), _steps_left(evidence))
    return np.asarray(np.where(evidence.is_quadratic, left, np.nan))


def is_slow(evidence: Evidence) -> Array:
    """Whether L or F^2 will be above 0.1 (R,); if L is unknown, whether the loss changed by less than a tenth."""
    left, distance = loss_projected(evidence), distance_projected(evidence) ** 2
    change = np.abs(1 - evidence.last / evidence.begin)
    slow = np.where(np.isfinite(left), left > SLOW_SHARE, change < SLOW_SHARE)
    return np.asarray(slow | (distance > SLOW_SHARE))


def _pace(ratio: Array, span: int) -> Array:
    return np.asarray(power(np.clip(ratio, 0, 1), 1 / max(1, span)))


def _steps_left(evidence: Evidence) -> int:
    return max(0, evidence.planned - evidence.steps)
