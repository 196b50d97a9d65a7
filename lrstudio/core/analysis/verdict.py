"""What runs did: one of eight verdicts for each, from the evidence of their last half.

| verdict | a run that |
|---|---|
| `diverged` | left the numbers a computer has |
| `arrived` | is at a minimum (`arrived`) |
| `diverged` | grows (`growing`), or falls without a floor (`falls_for_ever`) |
| `arrived` | had the target loss |
| `diverged` | is of a network that was `thrown_out` |
| `stuck` | does not move a single bit, though its rate has not faded and it is not at a minimum |
| `cycling` | jumps from side to side for ever: its reversals neither shrink nor grow (`cycles`) |
| `diverged` | was `thrown_out` |
| `cycling` | jumps about without coming closer (`jumps_about`) |
| `plateau` | stands still short of the minimum: `in_noise`, `fades_short`, or on `flat` ground |
| `oscillating` | comes closer while it turns back again and again (`turns_back`) |
| `plateau` | would be too slow, but its rate is too large, for it was `thrown` far up on its way |
| `too_slow` | will, at its pace, have more than a tenth of its way before it after the planned steps (`slow_after`) |
| `converging` | comes closer, and soon enough |

The first that applies counts, in this order.

The way is measured twice. In loss (`way_left`): L = (last - least)/(begin - least), with `least` the loss at the
minimum that the run goes to. And in the direction that has the most left (`Surroundings.far`): F, a share of its
distance, so F^2 of that direction's own loss. A run is at a minimum only where L <= 0.0001 and F <= 0.1: in a narrow
valley the steep direction is done long before the run is there.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from lrstudio.core.analysis.evidence import BLOCKS, Evidence
from lrstudio.core.analysis.way import far_projected, projected, slow_after, way_left
from lrstudio.core.array import Array

Key = Literal["too_slow", "converging", "oscillating", "cycling", "diverged", "stuck", "plateau", "arrived"]

VERDICTS: tuple[Key, ...] = get_args(Key)
TOO_SLOW, CONVERGING, OSCILLATING, CYCLING, DIVERGED, STUCK, PLATEAU, ARRIVED = range(8)

ARRIVED_SHARE = 1e-4
"""A run has arrived if no more than this share of its way in loss is left (L)."""
ARRIVED_FAR = 0.1
"""A run has arrived if no more than this share of the distance in the slowest direction is left (F)."""
FADED = 1e-3
"""A rate has faded below this fraction of its maximum."""
THROWN = 10.0
"""Large steps have thrown a run up if its loss rose above this multiple of its way at the start."""
_FALLS, _NOISE_FALLS, _NETWORK_FALLS = 0.9, 0.5, 0.1
"""A loss comes down if it ends the window below this share of its height: without noise, with noise, of a network."""
STRETCHED, _ROSE, _NO_BETTER, _LOST = 2.0, 1.15, 0.75, 2.0
"""Large steps have thrown a network out if its weights grew by the first factor, its loss once rose by the second and
the third share of its way is left; or if its loss is the fourth multiple of that of chance."""
_ROUNDING = 1e-14
"""Differences below this share of a loss are rounding."""
_LEVEL, _CLEARLY = 1e-3, float(np.log(2))
"""A growth is none if the size of its logarithm is below the first value, and clear above the second."""
_SURGE = 4.0
"""A loss surges if it rises to this multiple of what it was."""
_WILD, _MANY = 0.25, 8
"""A run jumps about if at least this share of its steps, and this number of them, turn back."""
_FLAT, _GONE = 0.2, 1e-3
"""Ground is flat if the slope is below this share of a bowl's at this height, or of the largest slope of the run."""
_NOISE_GROWTH, _NOISE_RUSH, _NOISE_LEVEL, _SIGMAS = 2.0, 10.0, 0.05, 2.0
"""Mean losses grow above the first factor (without regard to errors above the second), and are level if their fall is
below the third share or this number of standard errors."""
_BEGUN = 0.1
"""A run has barely begun if it has made less than this share of its way."""
_PULL = 6.0
"""Gradients have a common direction if their sum is this many times as long as noise would make it."""


def judge(evidence: Evidence) -> Array:
    """The verdicts (R,), indices into VERDICTS."""
    with np.errstate(all="ignore"):
        slow = slow_after(evidence)
        cases = [
            (evidence.ended, DIVERGED),
            (arrived(evidence), ARRIVED),
            (growing(evidence) | falls_for_ever(evidence), DIVERGED),
            (evidence.hit, ARRIVED),
            (thrown_out(evidence) & np.isfinite(evidence.chance), DIVERGED),
            (~evidence.moved & ~faded(evidence), STUCK),
            (cycles(evidence), CYCLING),
            (thrown_out(evidence), DIVERGED),
            (jumps_about(evidence), CYCLING),
            (in_noise(evidence) | fades_short(evidence) | flat(evidence), PLATEAU),
            (turns_back(evidence), OSCILLATING),
            (slow & thrown(evidence), PLATEAU),
            (slow, TOO_SLOW),
        ]
        conditions, codes = zip(*cases, strict=True)
        return np.asarray(np.select(conditions, codes, CONVERGING), np.int8)


def arrived(evidence: Evidence) -> Array:
    """Whether it is at a minimum (R,): L <= 0.0001 at its last two rows, and F <= 0.1 where F is known."""
    slack = _ROUNDING * np.maximum(np.abs(evidence.begin), np.abs(evidence.least))
    way = np.maximum(ARRIVED_SHARE * (evidence.begin - evidence.least), slack)
    last = np.maximum(evidence.last, evidence.before)
    done = (last - evidence.least <= way) & (last <= evidence.begin + slack)
    near = ~(evidence.far > ARRIVED_FAR) | (last - evidence.least <= slack)
    return np.asarray(done & near)


def factor(evidence: Evidence) -> Array:
    """By what the slope is multiplied each step (R,), measured from the first to the last block of the window.

    Near a minimum that is the factor of the distance from it.
    """
    with np.errstate(all="ignore"):
        ratio: Array = evidence.slopes[-1] / evidence.slopes[0]
        return np.asarray(ratio ** (1 / max(1, evidence.window.span)))


def growing(evidence: Evidence) -> Array:
    """Whether it diverges at this moment (R,).

    Without noise: the slopes rise from block to block, and the highest losses too, above the start; or the slopes
    double from the first block to the last while the loss becomes 4 times as high, or in a bowl every other step
    turns back, and at this pace (`factor`^2 per step) the loss would be above the start's after as many steps
    again. Or the newest loss, above the start's, is 4 times that of each block before; or 64 times that and
    anywhere. With noise: the mean loss doubles from the first block to the last, by more than its error, and ends
    above the start.
    """
    slopes, heights, least = evidence.slopes, evidence.heights, base(evidence)
    if evidence.noisy:
        first, last = evidence.means
        growth = (last - least) / (first - least)
        sure = (last - first > 3 * _error(evidence)) | (growth > _NOISE_RUSH)
        return np.asarray((growth > _NOISE_GROWTH) & sure & (last > evidence.begin))
    growth, rising = np.log(slopes[-1] / slopes[0]), (slopes[1:] > slopes[:-1]).all(axis=0)
    rise, above = heights[-1] > heights[0], heights[-1] > evidence.begin
    often = evidence.reversals >= max(2, evidence.window.length * BLOCKS // 2)
    soon = (heights[-1] - least) * factor(evidence) ** (2 * evidence.steps) > evidence.begin - least
    higher = heights[-1] - least > _SURGE * (heights[0] - least)
    doubling = (growth > _CLEARLY) & (higher | (often & evidence.bowl)) & soon
    last = np.minimum(evidence.last, heights[-1]) - least
    surge = last > np.where(evidence.last > evidence.begin, _SURGE, _SURGE**3) * (heights[:-1].max(axis=0) - least)
    steadily = rising & ((growth > _LEVEL) & rise & above | doubling)
    return np.asarray(steadily | surge)


def falls_for_ever(evidence: Evidence) -> Array:
    """Whether it falls ever faster (R,) where no minimum is known and the ground curves downwards."""
    rising = (evidence.slopes[1:] > evidence.slopes[:-1]).all(axis=0)
    faster = rising & (np.log(evidence.slopes[-1] / evidence.slopes[0]) > _CLEARLY)
    return np.asarray(faster & (evidence.last < evidence.begin) & ~np.isfinite(evidence.least) & (evidence.lowest < 0))


def thrown_out(evidence: Evidence) -> Array:
    """Whether it stands (R,) more than 10 times as high above the minimum as it began, and does not come down.

    Of a network also whether it was thrown up on its way, or its weights are twice as long, and it stands at more than
    twice the loss of one that knows nothing. To come down is to have less than 0.9 (with noise 0.5, of a network 0.1)
    of the window's first block left in its last one; but where the rate has `faded` or it `jumps_about` it goes no
    further.
    """
    least, last = base(evidence), np.minimum(evidence.last, evidence.heights[-1])
    high = (last - least > THROWN * (evidence.begin - least)) & (last > THROWN * evidence.begin)
    lost = (_thrown_up(evidence) | (evidence.stretch > STRETCHED)) & (last > _LOST * evidence.chance)
    network = np.isfinite(evidence.chance)
    enough = np.where(network, _NETWORK_FALLS, _NOISE_FALLS if evidence.noisy else _FALLS)
    falling = evidence.heights[-1] - least < enough * (evidence.heights[0] - least)
    return np.asarray((high | lost) & (~falling | faded(evidence) | jumps_about(evidence)))


def thrown(evidence: Evidence) -> Array:
    """Whether large steps threw it up on its way (R,).

    Its loss was more than 10 times as far above the minimum as at the start (of formulas: without noise, and it is in
    no bowl now), or a
    network's weights are twice as long, its loss was 1.15 times that of the start, and three quarters of the way
    are left.
    """
    rose = evidence.peak > _ROSE * evidence.begin
    stretched = rose & (evidence.stretch > STRETCHED) & (way_left(evidence) > _NO_BETTER)
    return np.asarray((_thrown_up(evidence) & ~(evidence.bowl & ~np.isfinite(evidence.chance))) | stretched)


def _thrown_up(evidence: Evidence) -> Array:
    least, sure = base(evidence), np.isfinite(evidence.stretch) | (not evidence.noisy)
    high = (evidence.peak - least > THROWN * (evidence.begin - least)) & (evidence.peak > THROWN * evidence.begin)
    return np.asarray(high & sure)


def cycles(evidence: Evidence) -> Array:
    """Whether it turns back while slopes and losses stay level from the first block to the last (R,)."""
    if evidence.noisy:
        return np.zeros(len(evidence.last), bool)
    slopes, heights, least = evidence.slopes, evidence.heights, evidence.least
    level = np.abs(np.log(slopes[-1] / slopes[0])) <= _LEVEL
    loss_level = np.abs(np.log((heights[-1] - least) / (heights[0] - least))) <= 2 * _LEVEL
    return np.asarray(_turning(evidence) & level & (loss_level | ~np.isfinite(least)))


def jumps_about(evidence: Evidence) -> Array:
    """Whether a quarter of its steps, at least 8, turn back while slopes and losses go neither up nor down (R,)."""
    if evidence.noisy:
        return np.zeros(len(evidence.last), bool)
    slopes, heights = evidence.slopes, evidence.heights
    often = evidence.reversals >= max(_MANY, _WILD * evidence.window.length * BLOCKS)
    one_way = (slopes[1:] > slopes[:-1]).all(axis=0) | (slopes[1:] < slopes[:-1]).all(axis=0)
    least = np.where(np.isfinite(evidence.least), evidence.least, 0)
    high = heights[-1] - least > 0.5 * (heights[0] - least)
    return np.asarray(often & ~one_way & (np.abs(np.log(slopes[-1] / slopes[0])) < _CLEARLY) & high)


def in_noise(evidence: Evidence) -> Array:
    """Whether the noise of the mini-batches is all that moves it (R,).

    The mean loss of the window does not fall by more than twice its error (of formulas: nor by 5 % of what is left),
    and its gradients have no common direction: |sum g|^2 is less than 6 times the sum of |g|^2, which it would be
    about where they are noise. A network that stands where it began has not got as far, nor has one whose loss over
    all data has fallen by a tenth since the window began; unless it was `thrown`.
    """
    if not evidence.noisy:
        return np.zeros(len(evidence.last), bool)
    first, last = evidence.means
    network, left = np.isfinite(evidence.chance), way_left(evidence)
    least_fall = np.where(network, 0, _NOISE_LEVEL * (first - base(evidence)))
    level = first - last <= np.maximum(_SIGMAS * _error(evidence), least_fall)
    begun = ~network | ((np.abs(left - 1) > _BEGUN) & (evidence.last > _FALLS * evidence.halfway)) | thrown(evidence)
    return np.asarray(level & begun & ~(evidence.pull > _PULL))


def faded(evidence: Evidence) -> Array:
    """Whether the rate has faded to nothing (R,)."""
    return np.asarray(evidence.rate_last < FADED * evidence.rate_most)


def fades_short(evidence: Evidence) -> Array:
    """Whether the rate has faded and too much is left for a minimum (R,)."""
    left = (projected(evidence) > ARRIVED_SHARE) | (far_projected(evidence) > ARRIVED_FAR)
    return np.asarray(faded(evidence) & left)


def flat(evidence: Evidence) -> Array:
    """Whether the ground is flatter than in any bowl with this minimum (R,), or the slope gone where there is no bowl.

    Above a convex loss's minimum, slope times distance is at least the height. Gone is a slope of a thousandth of the
    largest that it had at the start or in the window, and one that is rounding from the start.
    """
    if evidence.noisy:
        return np.zeros(len(evidence.last), bool)
    height = evidence.last - evidence.least
    level = evidence.slope * evidence.distance < _FLAT * height
    most = np.fmax(np.fmax(evidence.slopes[0], evidence.slopes[-1]), evidence.slope_begin)
    nowhere = ~evidence.bowl & ~np.isfinite(evidence.distance)
    gone = (evidence.slope < _GONE * most) | (most < _ROUNDING * np.abs(evidence.last))
    return np.asarray(level | (gone & nowhere))


def turns_back(evidence: Evidence) -> Array:
    """Whether it turned back at least twice in the window (R,); with noise at more than three quarters of the steps."""
    if evidence.noisy:
        return np.asarray(evidence.reversals > 3 * _WILD * evidence.window.length * BLOCKS)
    rise = evidence.heights[-1] > evidence.heights[0]
    return np.asarray(_turning(evidence) | (rise & (evidence.reversals > 0)))


def base(evidence: Evidence) -> Array:
    """From where losses are measured (R,): the minimum's, or 0 where it is not known and no loss is below."""
    return np.where(np.isfinite(evidence.least), evidence.least, np.minimum(0, evidence.last))


def _error(evidence: Evidence) -> Array:
    return np.asarray(np.sqrt((evidence.spreads**2).sum(axis=0)))


def _turning(evidence: Evidence) -> Array:
    return np.asarray(evidence.reversals >= np.minimum(2, max(1, evidence.steps - 1)))
