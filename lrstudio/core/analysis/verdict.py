"""What runs did: one of eight verdicts for each, from the evidence of their last half.

| verdict | a run that |
|---|---|
| `diverged` | overflowed, or whose slopes and losses grow from block to block |
| `arrived` | has the target loss or less; without one, has come 99.99 % of the way down to its minimum |
| `stuck` | does not move a single bit, though its rate has not faded and it is not at a minimum |
| `cycling` | jumps about for ever: its reversals neither shrink nor grow |
| `oscillating` | comes closer while it turns back again and again |
| `plateau` | stands still short of the minimum: flat ground, noise, a faded rate, or large steps have thrown it out |
| `too_slow` | will, at its pace, have more than a tenth of the way before it after the planned steps |
| `converging` | comes closer, and soon enough |

The first that applies counts, in this order. Ways are measured in loss above the minimum.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from lrstudio.core.analysis.evidence import BLOCKS, Evidence

Array = np.ndarray[Any, np.dtype[Any]]
Key = Literal["too_slow", "converging", "oscillating", "cycling", "diverged", "stuck", "plateau", "arrived"]

VERDICTS: tuple[Key, ...] = get_args(Key)
TOO_SLOW, CONVERGING, OSCILLATING, CYCLING, DIVERGED, STUCK, PLATEAU, ARRIVED = range(8)

ARRIVED_SHARE = 1e-4
"""Of the way in loss that may be left."""
SLOW_SHARE = 0.1
"""Of the way in loss that is left after the planned steps of a run that is too slow."""
FADED = 1e-3
"""Of its largest rate is what a run has whose rate has faded."""
_THROWN_STRETCH, _THROWN_LEFT = 2.0, 0.75
_ROUNDING = 1e-14
_LEVEL = 1e-3
_WILD = 0.25
_FLAT = 0.2
_NOISE_RUSH = 10.0
_NOISE_GROWTH, _NOISE_LEVEL, _SIGMAS, _NOISE_START = 2.0, 0.05, 2.0, 0.3


def judge(evidence: Evidence) -> Array:
    """The verdicts (R,), places in VERDICTS."""
    with np.errstate(all="ignore"):
        cases = _noisy_cases(evidence) if evidence.noisy else _exact_cases(evidence)
        conditions, codes = zip(*cases, strict=True)
        return np.asarray(np.select(conditions, codes, CONVERGING), np.int8)


def way_left(evidence: Evidence) -> Array:
    """The share (R,) of the way from the start's loss to the minimum's that is left; NaN where that is not known."""
    with np.errstate(all="ignore"):
        floor = floors(evidence)
        left: Array = np.maximum(evidence.last - floor, 0) / (evidence.begin - floor)
        return np.where(np.isfinite(left), left, np.nan)


def floors(evidence: Evidence) -> Array:
    """The least loss (R,) that a run can reach: that of the known minimum, or what slope and curvature tell."""
    with np.errstate(all="ignore"):
        told = np.where(np.isfinite(evidence.left), evidence.last - evidence.left, np.nan)
        near = evidence.left <= ARRIVED_SHARE * (evidence.begin - told)
        known = np.isfinite(evidence.least) & ~near
        return np.where(known, evidence.least, told)


def factor(evidence: Evidence) -> Array:
    """By what the slope is multiplied each step (R,), measured from the first to the last block of the window.

    Near a minimum that is the factor of the distance from it.
    """
    with np.errstate(all="ignore"):
        ratio: Array = evidence.slopes[-1] / evidence.slopes[0]
        return np.asarray(ratio ** (1 / max(1, evidence.window.span)))


def faded(evidence: Evidence) -> Array:
    """Whether the rate has faded to nothing (R,)."""
    return np.asarray(evidence.rate_last < FADED * evidence.rate_most)


def thrown(evidence: Evidence) -> Array:
    """Whether large steps have thrown a network's weights out (R,): they are long, and the loss is as at the start."""
    return np.asarray((evidence.stretch > _THROWN_STRETCH) & (way_left(evidence) > _THROWN_LEFT))


def flat(evidence: Evidence) -> Array:
    """Whether the ground is flatter than in any bowl with this minimum (R,).

    Above a convex loss's minimum, slope times distance is at least the height.
    """
    height = evidence.last - evidence.least
    return np.asarray(evidence.slope * evidence.distance < _FLAT * height)


def projected(evidence: Evidence) -> Array:
    """The share (R,) of the way that will be left after the planned steps, at the pace of the window."""
    floor = floors(evidence)
    heights = evidence.means if evidence.noisy else evidence.heights[[0, -1]]
    ratio = (heights[1] - floor) / (heights[0] - floor)
    pace = np.clip(ratio, 0, 1) ** (1 / max(1, evidence.window.span))
    return np.asarray(way_left(evidence) * pace ** max(0, evidence.planned - evidence.steps))


def arrived(evidence: Evidence) -> Array:
    """Whether the loss, of the last two rows, is all but the least there is (R,); the target is another matter."""
    floor = floors(evidence)
    slack = _ROUNDING * np.maximum(np.abs(evidence.begin), np.abs(floor))
    way = np.maximum(ARRIVED_SHARE * (evidence.begin - floor), slack)
    last = np.maximum(evidence.last, evidence.before)
    return np.asarray((last - floor <= way) & (last <= evidence.begin + slack))


def _exact_cases(evidence: Evidence) -> list[tuple[Array, int]]:
    slopes, heights = evidence.slopes, evidence.heights
    growth, rise = np.log(slopes[-1] / slopes[0]), heights[-1] > heights[0]
    often = evidence.reversals >= max(2, evidence.window.length * BLOCKS // 2)
    turning = evidence.reversals >= np.minimum(2, max(1, evidence.steps - 1))
    rising, falling = (slopes[1:] > slopes[:-1]).all(axis=0), (slopes[1:] < slopes[:-1]).all(axis=0)
    growing = (growth > _LEVEL) & rising & (rise | often)
    runaway = rising & (growth > 1) & (evidence.last < evidence.begin - 1e3 * (np.abs(evidence.begin) + 1))
    there = arrived(evidence)
    level = np.abs(growth) <= _LEVEL
    loss_level = np.abs(np.log((heights[-1] - floors(evidence)) / (heights[0] - floors(evidence)))) <= 2 * _LEVEL
    wild = (evidence.reversals >= _WILD * evidence.window.length * BLOCKS) & ~rising & ~falling
    wild &= (np.abs(growth) < np.log(2)) & (heights[-1] > 0.5 * heights[0])
    standing = faded(evidence) & (projected(evidence) > ARRIVED_SHARE)
    return [
        (evidence.ended, DIVERGED),
        (there, ARRIVED),
        (growing | runaway, DIVERGED),
        (evidence.hit, ARRIVED),
        (~evidence.moved & ~faded(evidence), STUCK),
        (turning & level & (loss_level | ~np.isfinite(floors(evidence))), CYCLING),
        (wild, CYCLING),
        (standing, PLATEAU),
        (flat(evidence) | _saddle(evidence), PLATEAU),
        (turning | (rise & (evidence.reversals > 0)), OSCILLATING),
        (_slow(evidence) & thrown(evidence), PLATEAU),
        (_slow(evidence), TOO_SLOW),
    ]


def _noisy_cases(evidence: Evidence) -> list[tuple[Array, int]]:
    floor, (first, last) = floors(evidence), evidence.means
    error = np.sqrt((evidence.spreads**2).sum(axis=0))
    growth = (last - floor) / (first - floor)
    growing = (growth > _NOISE_GROWTH) & ((last - first > 3 * error) | (growth > _NOISE_RUSH)) & (last > evidence.begin)
    level = first - last <= np.maximum(_SIGMAS * error, _NOISE_LEVEL * (first - floor))
    elsewhere = np.abs((evidence.last - floor) / (evidence.begin - floor) - 0.8) > _NOISE_START
    turning = evidence.reversals > 3 * _WILD * evidence.window.length * BLOCKS
    return [
        (evidence.ended, DIVERGED),
        (arrived(evidence), ARRIVED),
        (growing, DIVERGED),
        (evidence.hit, ARRIVED),
        (~evidence.moved & ~faded(evidence), STUCK),
        (level & elsewhere, PLATEAU),
        (faded(evidence) & (projected(evidence) > ARRIVED_SHARE), PLATEAU),
        (turning, OSCILLATING),
        (_slow(evidence) & thrown(evidence), PLATEAU),
        (_slow(evidence), TOO_SLOW),
    ]


def _slow(evidence: Evidence) -> Array:
    """Whether too much of the way will be left; where nothing is known of the minimum, whether hardly any was made."""
    ahead = projected(evidence)
    fallen = 1 - evidence.last / evidence.begin
    return np.where(np.isfinite(ahead), ahead > SLOW_SHARE, np.abs(fallen) < SLOW_SHARE)


def _saddle(evidence: Evidence) -> Array:
    """Whether the slope has all but gone where there is no bowl and no known minimum near."""
    gone = evidence.slope < 1e-3 * np.maximum(evidence.slopes[0], evidence.slopes[-1])
    return np.asarray(gone & ~(evidence.lowest > 0) & ~np.isfinite(evidence.left))
