"""The verdict on each run, one of eight, from the evidence in its last half.

| verdict | condition |
|---|---|
| `diverged` | a value overflowed |
| `arrived` | it is at a minimum (`arrived`) |
| `diverged` | it grows (`is_growing`) or falls without a bound (`falls_without_bound`) |
| `arrived` | it had the target loss |
| `diverged` | it is a network that `is_lost` |
| `stuck` | no bit of the weights changes, though the rate has not faded and it is not at a minimum |
| `cycling` | it reverses, and the reversals neither shrink nor grow (`cycles`) |
| `diverged` | it `is_lost` |
| `cycling` | it reverses irregularly without progress (`is_erratic`) |
| `plateau` | it stops short of the minimum: `is_noise_limited`, `faded_early` or `is_flat` |
| `oscillating` | it converges with reversals (`reverses`) |
| `plateau` | it would be too slow, but because its rate is too large: it `overshot` |
| `too_slow` | at its pace more than a tenth will be left after the planned steps (`is_slow`) |
| `converging` | none of these |

The first condition that holds counts.

Progress is measured twice. In loss (`loss_left`): L = (last - least)/(begin - least), with `least` the loss at the
minimum that the run approaches. And in the direction with the most left (`Surroundings.distance_left`): F, a share of
its distance, so F^2 of that direction's loss. A run is at a minimum only if L <= 0.0001 and F <= 0.1: in a narrow
valley the steep direction converges long before the other.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from lrstudio.core.analysis.evidence import (
    BLOCKS,
    Evidence,
    distance_projected,
    is_slow,
    loss_left,
    loss_projected,
)
from lrstudio.core.array import Array
from lrstudio.core.elementary import log, power

Key = Literal["too_slow", "converging", "oscillating", "cycling", "diverged", "stuck", "plateau", "arrived"]

VERDICTS: tuple[Key, ...] = get_args(Key)
TOO_SLOW, CONVERGING, OSCILLATING, CYCLING, DIVERGED, STUCK, PLATEAU, ARRIVED = range(8)

ARRIVED_SHARE = 1e-4
"""A run has arrived if no more than this share of its descent is left (L)."""
ARRIVED_FAR = 0.1
"""A run has arrived if no more than this share of the distance in the slowest direction is left (F)."""
FADED = 1e-3
"""A rate has faded below this fraction of its maximum."""
_OVERSHOOT = 10.0
"""A run has overshot if its loss rose above this multiple of its initial height above the minimum."""
_FALLS, _NOISE_FALLS, _NETWORK_FALLS = 0.9, 0.5, 0.1
"""A loss falls if it ends the window below this share of its first block: without noise, with noise, of a network."""
STRETCHED, _ROSE, _NO_BETTER, _LOST = 2.0, 1.15, 0.75, 2.0
"""A network has overshot if its weights grew by the first factor, its loss once rose by the second and the third share
of its descent is left; it is lost if its loss is above the fourth multiple of the loss of chance."""
_ROUNDING = 1e-14
"""Differences below this share of a loss are rounding."""
_LEVEL, _CLEARLY = 1e-3, float(log(2))
"""Growth is zero if its absolute logarithm is below the first value, and clear above the second."""
_JUMP = 4.0
"""A loss jumps if it rises to this multiple."""
_ERRATIC, _MANY = 0.25, 8
"""A run is erratic if at least this share of its steps, and this number of them, are reversals."""
_FLAT, _VANISHED = 0.2, 1e-3
"""A loss is flat if the gradient is below the first share of a convex loss's, or the second of the run's largest."""
_NOISE_GROWTH, _NOISE_JUMP, _NOISE_LEVEL, _SIGMAS = 2.0, 10.0, 0.05, 2.0
"""Mean losses grow above the first factor (regardless of errors above the second), and are level if their fall is below
the third share or this number of standard errors."""
_BEGUN = 0.1
"""A run has barely begun if its loss changed by less than this share of its descent."""
_ALIGNED = 6.0
"""Gradients have a common direction if |sum g|^2 is this multiple of sum |g|^2, which noise would make it."""


def judge(evidence: Evidence) -> Array:
    """Returns the verdicts (R,), indices into VERDICTS."""
    with np.errstate(all="ignore"):
        slow = is_slow(evidence)
        cases = [
            (evidence.overflowed, DIVERGED),
            (arrived(evidence), ARRIVED),
            (is_growing(evidence) | falls_without_bound(evidence), DIVERGED),
            (evidence.reached_target, ARRIVED),
            (is_lost(evidence) & np.isfinite(evidence.chance_loss), DIVERGED),
            (~evidence.moved & ~faded(evidence), STUCK),
            (cycles(evidence), CYCLING),
            (is_lost(evidence), DIVERGED),
            (is_erratic(evidence), CYCLING),
            (is_noise_limited(evidence) | faded_early(evidence) | is_flat(evidence), PLATEAU),
            (reverses(evidence), OSCILLATING),
            (slow & overshot(evidence), PLATEAU),
            (slow, TOO_SLOW),
        ]
        conditions, codes = zip(*cases, strict=True)
        return np.asarray(np.select(conditions, codes, CONVERGING), np.int8)


def arrived(evidence: Evidence) -> Array:
    """Returns whether it is at a minimum (R,): L <= 0.0001 at its last two rows, and F <= 0.1 if F is known."""
    slack = _ROUNDING * np.maximum(np.abs(evidence.begin), np.abs(evidence.least))
    tolerance = np.maximum(ARRIVED_SHARE * (evidence.begin - evidence.least), slack)
    last = np.maximum(evidence.last, evidence.before)
    done = (last - evidence.least <= tolerance) & (last <= evidence.begin + slack)
    near = ~(evidence.distance_left > ARRIVED_FAR) | (last - evidence.least <= slack)
    return np.asarray(done & near)


def factor(evidence: Evidence) -> Array:
    """Returns the factor per step of the gradient norm (R,) from the first to the last block of the window.

    Near a minimum that is the factor of the distance from it.
    """
    with np.errstate(all="ignore"):
        ratio: Array = evidence.gradient_norms[-1] / evidence.gradient_norms[0]
        return np.asarray(power(ratio, 1 / max(1, evidence.window.span)))


def is_growing(evidence: Evidence) -> Array:
    """Returns whether it diverges now (R,).

    Without noise: the gradient norms rise from block to block, and the largest losses too, above the start; or the
    norms double from the first block to the last while the loss becomes 4 times as large, or in a quadratic region
    every other step is a reversal, and at this pace (`factor`^2 per step) the loss would pass the start's after as
    many more steps. Or the newest loss is above the start's and 4 times that of each block before, or 64 times that.
    With noise: the mean loss doubles from the first block to the last, by more than its error, and ends above the
    start.
    """
    norms, losses, least = evidence.gradient_norms, evidence.max_losses, base(evidence)
    if evidence.noisy:
        first, last = evidence.means
        growth = (last - least) / (first - least)
        sure = (last - first > 3 * _error(evidence)) | (growth > _NOISE_JUMP)
        return np.asarray((growth > _NOISE_GROWTH) & sure & (last > evidence.begin))
    growth, rising = log(norms[-1] / norms[0]), (norms[1:] > norms[:-1]).all(axis=0)
    larger, above = losses[-1] > losses[0], losses[-1] > evidence.begin
    often = evidence.reversals >= max(2, evidence.window.length * BLOCKS // 2)
    soon = (losses[-1] - least) * power(factor(evidence), 2 * evidence.steps) > evidence.begin - least
    higher = losses[-1] - least > _JUMP * (losses[0] - least)
    doubling = (growth > _CLEARLY) & (higher | (often & evidence.is_quadratic)) & soon
    last = np.minimum(evidence.last, losses[-1]) - least
    jumps = last > np.where(evidence.last > evidence.begin, _JUMP, _JUMP**3) * (losses[:-1].max(axis=0) - least)
    steadily = rising & ((growth > _LEVEL) & larger & above | doubling)
    return np.asarray(steadily | jumps)


def falls_without_bound(evidence: Evidence) -> Array:
    """Returns whether it falls ever faster (R,) along negative curvature without a known minimum."""
    rising = (evidence.gradient_norms[1:] > evidence.gradient_norms[:-1]).all(axis=0)
    faster = rising & (log(evidence.gradient_norms[-1] / evidence.gradient_norms[0]) > _CLEARLY)
    return np.asarray(faster & (evidence.last < evidence.begin) & ~np.isfinite(evidence.least) & (evidence.lowest < 0))


def is_lost(evidence: Evidence) -> Array:
    """Returns whether its loss (R,) is more than 10 times as far above the minimum as at the start and does not fall.

    A network is also lost if it overshot or its weights doubled in norm, and its loss is more than twice the loss of
    chance. A loss falls if less than 0.9 (with noise 0.5, of a network 0.1) of the window's first block is left in the
    last one, unless the rate has `faded` or the run `is_erratic`.
    """
    least, last = base(evidence), np.minimum(evidence.last, evidence.max_losses[-1])
    high = (last - least > _OVERSHOOT * (evidence.begin - least)) & (last > _OVERSHOOT * evidence.begin)
    lost = (_loss_overshot(evidence) | (evidence.weight_growth > STRETCHED)) & (last > _LOST * evidence.chance_loss)
    network = np.isfinite(evidence.chance_loss)
    enough = np.where(network, _NETWORK_FALLS, _NOISE_FALLS if evidence.noisy else _FALLS)
    falling = evidence.max_losses[-1] - least < enough * (evidence.max_losses[0] - least)
    return np.asarray((high | lost) & (~falling | faded(evidence) | is_erratic(evidence)))


def overshot(evidence: Evidence) -> Array:
    """Returns whether large steps once raised its loss (R,).

    The loss was more than 10 times as far above the minimum as at the start (for formulas: without noise, and it is
    outside quadratic regions now), or a network's weights doubled in norm, its loss was 1.15 times that of the start,
    and three quarters of the descent are left.
    """
    rose = evidence.peak > _ROSE * evidence.begin
    stretched = rose & (evidence.weight_growth > STRETCHED) & (loss_left(evidence) > _NO_BETTER)
    return np.asarray(
        (_loss_overshot(evidence) & ~(evidence.is_quadratic & ~np.isfinite(evidence.chance_loss))) | stretched
    )


def _loss_overshot(evidence: Evidence) -> Array:
    least, sure = base(evidence), np.isfinite(evidence.weight_growth) | (not evidence.noisy)
    high = (evidence.peak - least > _OVERSHOOT * (evidence.begin - least)) & (
        evidence.peak > _OVERSHOOT * evidence.begin
    )
    return np.asarray(high & sure)


def cycles(evidence: Evidence) -> Array:
    """Returns whether it reverses with constant gradient norms and losses from the first block to the last (R,)."""
    if evidence.noisy:
        return np.zeros(len(evidence.last), bool)
    norms, losses, least = evidence.gradient_norms, evidence.max_losses, evidence.least
    level = np.abs(log(norms[-1] / norms[0])) <= _LEVEL
    loss_level = np.abs(log((losses[-1] - least) / (losses[0] - least))) <= 2 * _LEVEL
    return np.asarray(_reverses(evidence) & level & (loss_level | ~np.isfinite(least)))


def is_erratic(evidence: Evidence) -> Array:
    """Returns whether a quarter of its steps, at least 8, are reversals without a trend of norms and losses (R,)."""
    if evidence.noisy:
        return np.zeros(len(evidence.last), bool)
    norms, losses = evidence.gradient_norms, evidence.max_losses
    often = evidence.reversals >= max(_MANY, _ERRATIC * evidence.window.length * BLOCKS)
    monotonic = (norms[1:] > norms[:-1]).all(axis=0) | (norms[1:] < norms[:-1]).all(axis=0)
    least = np.where(np.isfinite(evidence.least), evidence.least, 0)
    high = losses[-1] - least > 0.5 * (losses[0] - least)
    return np.asarray(often & ~monotonic & (np.abs(log(norms[-1] / norms[0])) < _CLEARLY) & high)


def is_noise_limited(evidence: Evidence) -> Array:
    """Returns whether it moves only by the noise of the mini-batches (R,).

    The mean loss of the window does not fall by more than twice its error (for formulas: nor by 5 % of the rest), and
    the gradients have no common direction: |sum g|^2 is less than 6 times the sum of |g|^2, its expectation for noise.
    A network that has barely begun is not limited by noise yet, nor is one whose loss over all data has fallen by a
    tenth since the window began, unless it `overshot`.
    """
    if not evidence.noisy:
        return np.zeros(len(evidence.last), bool)
    first, last = evidence.means
    network, left = np.isfinite(evidence.chance_loss), loss_left(evidence)
    least_fall = np.where(network, 0, _NOISE_LEVEL * (first - base(evidence)))
    level = first - last <= np.maximum(_SIGMAS * _error(evidence), least_fall)
    begun = ~network | ((np.abs(left - 1) > _BEGUN) & (evidence.last > _FALLS * evidence.halfway)) | overshot(evidence)
    return np.asarray(level & begun & ~(evidence.alignment > _ALIGNED))


def faded(evidence: Evidence) -> Array:
    """Returns whether the rate has faded (R,)."""
    return np.asarray(evidence.last_rate < FADED * evidence.largest_rate)


def faded_early(evidence: Evidence) -> Array:
    """Returns whether the rate has faded and too much is left for a minimum (R,)."""
    left = (loss_projected(evidence) > ARRIVED_SHARE) | (distance_projected(evidence) > ARRIVED_FAR)
    return np.asarray(faded(evidence) & left)


def is_flat(evidence: Evidence) -> Array:
    """Returns whether the loss is flatter than any convex loss with this minimum (R,), or the gradient has vanished.

    For a convex loss, gradient norm times distance is at least the height above the minimum. A gradient has vanished if
    it is a thousandth of the largest at the start or in the window, or within rounding from the start, outside
    quadratic regions and without a known minimum.
    """
    if evidence.noisy:
        return np.zeros(len(evidence.last), bool)
    height = evidence.last - evidence.least
    level = evidence.gradient_norm * evidence.distance < _FLAT * height
    most = np.fmax(np.fmax(evidence.gradient_norms[0], evidence.gradient_norms[-1]), evidence.first_gradient_norm)
    no_minimum = ~evidence.is_quadratic & ~np.isfinite(evidence.distance)
    vanished = (evidence.gradient_norm < _VANISHED * most) | (most < _ROUNDING * np.abs(evidence.last))
    return np.asarray(level | (vanished & no_minimum))


def reverses(evidence: Evidence) -> Array:
    """Returns whether it reversed at least twice in the window (R,); with noise at more than 3/4 of the steps."""
    if evidence.noisy:
        return np.asarray(evidence.reversals > 3 * _ERRATIC * evidence.window.length * BLOCKS)
    rise = evidence.max_losses[-1] > evidence.max_losses[0]
    return np.asarray(_reverses(evidence) | (rise & (evidence.reversals > 0)))


def base(evidence: Evidence) -> Array:
    """Returns the loss from which heights are measured (R,): that of the minimum, or min(0, last) if unknown."""
    return np.where(np.isfinite(evidence.least), evidence.least, np.minimum(0, evidence.last))


def _error(evidence: Evidence) -> Array:
    return np.asarray(np.sqrt((evidence.mean_errors**2).sum(axis=0)))


def _reverses(evidence: Evidence) -> Array:
    return np.asarray(evidence.reversals >= np.minimum(2, max(1, evidence.steps - 1)))
