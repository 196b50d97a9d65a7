"""Which rate a range test suggests: fastai's four rules and Lightning's, side by side.

All rules read a curve of losses against rising rates; `suggest` prepares it for each as the library does. A rule that
cannot say anything about a curve says None.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

SMOOTH = 0.98
_SLIDE_WIDTH, _SLIDE_LEVEL = 15, 0.005
_FASTAI_END, _LIGHTNING_BEGIN, _LIGHTNING_END = 5, 10, 1


@dataclass(frozen=True)
class Suggestion:
    """A rule's rate, the loss of its curve there, and what the rule looks for. `lr` and `loss` may be None."""

    rule: str
    lr: float | None
    loss: float | None
    meaning: str


_MEANINGS = {
    "valley": "about two thirds along the longest stretch in which the loss keeps falling (fastai's default)",
    "slide": "before the loss blows up: the first place from the right whose slope is still that 15 points on",
    "minimum": "a tenth of the rate at which the loss is least",
    "steep": "where the loss falls fastest against the logarithm of the rate",
    "lightning": "where the loss falls fastest from one iteration to the next, without the first 10 (Lightning)",
}
RULES = tuple(_MEANINGS)


def smoothed(losses: Array, beta: float = SMOOTH) -> Array:
    """The exponential moving average (n,) with bias correction: the first value is the first loss.

    A loss that is not finite is left out of the average: there the result is NaN.
    """
    average, weight, result = 0.0, 1.0, np.full(len(losses), np.nan)
    for place, loss in enumerate(np.asarray(losses, float).tolist()):
        if np.isfinite(loss):
            average, weight = beta * average + (1 - beta) * loss, weight * beta
            result[place] = average / (1 - weight)
    return result


def suggest(lrs: Array, losses: Array, beta: float = SMOOTH, num: int | None = None) -> tuple[Suggestion, ...]:
    """What all rules say of the recorded losses (n,) at the rates (n,), each on the curve its library takes.

    fastai's rules take the smoothed curve without its first points, a tenth of the `num` that were planned (all there
    are where None is given), and its last 5, up to the first NaN; of a curve too short for that they take all.
    Lightning's takes the raw losses without the first 10 and the last, and leaves out what is not finite.
    """
    lrs, losses = np.asarray(lrs, float), np.asarray(losses, float)
    rates, curve = _fastai_curve(lrs, smoothed(losses, beta), len(lrs) if num is None else num)
    found = {
        "valley": valley(rates, curve),
        "slide": slide(rates, curve),
        "minimum": minimum(rates, curve),
        "steep": steep(rates, curve),
        "lightning": lightning(lrs, losses),
    }
    return tuple(_suggestion(rule, lr, rates, curve) for rule, lr in found.items())


def valley(lrs: Array, losses: Array) -> float | None:
    """The rate half a third past the first third of the longest chain of falling losses, which need not be neighbours.

    As fastai has it, the first of the longest chains counts, and it is taken to begin its length before its end.
    """
    if len(losses) < 2:
        return None
    chain = _falling_chains(losses)
    end = int(chain.argmax())
    begin = end - int(chain[end]) if end else 0
    third = (end - begin) / 3
    return float(lrs[begin + int(third) + int(third / 2)])


def _falling_chains(losses: Array) -> Array:
    """How long the longest chain of falling losses is that ends at each place (n,): n log n steps."""
    chain = np.ones(len(losses), np.int64)
    ends: list[float] = []  # of the chains of 1, 2, ... losses, negated: those that are the easiest to go on
    for place, loss in enumerate((-np.asarray(losses, float)).tolist()):
        if loss == loss:
            length = bisect_left(ends, loss)
            ends[length : length + 1] = [loss]
            chain[place] = length + 1
    return chain


def slide(lrs: Array, losses: Array, width: int = _SLIDE_WIDTH, level: float = _SLIDE_LEVEL) -> float | None:
    """The rate at the left foot of a ruler of `width` points, slid left while the slopes at its ends differ."""
    count = len(losses)
    if count <= width + 1:
        return None
    slopes = np.gradient(losses)
    level_now = np.abs(slopes[width:] - slopes[: count - width]) <= level  # by the place of the left foot
    left = count - 1 - width
    steady = np.flatnonzero(level_now[: left + 1])
    if len(steady) == 0:
        return float(lrs[0])
    return float(lrs[min(int(steady[-1]) + 1, left)])


def minimum(lrs: Array, losses: Array) -> float | None:
    """A tenth of the rate with the least loss."""
    return float(lrs[losses.argmin()]) / 10 if len(losses) else None


def steep(lrs: Array, losses: Array) -> float | None:
    """The rate from which the loss falls fastest against ln rate."""
    if len(losses) < 2:
        return None
    with np.errstate(all="ignore"):
        slopes = np.diff(losses) / np.diff(np.log(lrs))
    return float(lrs[np.nanargmin(slopes)]) if np.isfinite(slopes).any() else None


def lightning(
    lrs: Array, losses: Array, skip_begin: int = _LIGHTNING_BEGIN, skip_end: int = _LIGHTNING_END
) -> float | None:
    """The rate of the steepest fall from point to point, by central differences.

    As Lightning has it, losses that are not finite are dropped before, so that the place is counted without them.
    """
    kept = losses[skip_begin : len(losses) - skip_end]
    kept = kept[np.isfinite(kept)]
    if len(kept) < 2:
        return None
    return float(lrs[skip_begin + int(np.gradient(kept).argmin())])


def _fastai_curve(lrs: Array, curve: Array, num: int) -> tuple[Array, Array]:
    cut = slice(num // 10, len(curve) - _FASTAI_END)
    if cut.stop - cut.start >= 2:
        lrs, curve = lrs[cut], curve[cut]
    broken = np.flatnonzero(~np.isfinite(curve))
    end = int(broken[0]) if len(broken) else len(curve)
    return lrs[:end], curve[:end]


def _suggestion(rule: str, lr: float | None, rates: Array, curve: Array) -> Suggestion:
    loss = None
    if lr is not None and len(rates):
        nearest = int(np.abs(np.log(rates) - np.log(lr)).argmin()) if lr > 0 and (rates > 0).all() else 0
        loss = float(curve[nearest])
    return Suggestion(rule, lr, loss, _MEANINGS[rule])
