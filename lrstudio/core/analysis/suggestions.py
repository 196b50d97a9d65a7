"""Which rate a range test suggests: fastai's four rules and Lightning's, side by side.

All rules read a curve of losses against rising rates; `suggest` prepares it for each as the library does. They were
compared with fastai 2.8.12 and Lightning 2.6.6 on the curves in tests/reference/lr_finders.json.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lrstudio.core.array import Array

_Read = Callable[[Array, Array], float | None]

SMOOTH = 0.98
FEWEST = 10
"""Losses that a rule must be left with after its library's cut. A steepest fall among fewer means nothing."""
_SLIDE_WIDTH, _SLIDE_LEVEL = 15, 0.005
_FASTAI_END, _LIGHTNING_BEGIN, _LIGHTNING_END = 5, 10, 1
_LIGHTNING_BETA = 0.98
_NEEDS_OF_SLIDE = _SLIDE_WIDTH + 1


@dataclass(frozen=True)
class Suggestion:
    """A rule's rate, the loss of its curve there, and what the rule looks for. `lr` and `loss` may be None.

    `too_few` is whether the rule has no rate because too few losses are left after its library's cut.
    """

    rule: str
    lr: float | None
    loss: float | None
    meaning: str
    too_few: bool = False


_MEANINGS = {
    "valley": "about two thirds along the longest stretch in which the loss keeps falling (fastai's default)",
    "slide": "before the loss blows up: the first point from the right whose slope is still that 15 points on (fastai)",
    "minimum": "a tenth of the rate at which the loss is least (fastai)",
    "steep": "where the loss falls fastest against the logarithm of the rate (fastai)",
    "lightning": "where the moving average of the loss falls fastest against the rate itself (Lightning)",
}
RULES = tuple(_MEANINGS)


class Smoother:
    """The exponential moving average with bias correction, one loss after the other."""

    def __init__(self, beta: float) -> None:
        self._beta, self._average, self._weight = beta, 0.0, 1.0

    def __call__(self, loss: float) -> float:
        """The average up to this loss, which must be finite; the first one is the first loss."""
        self._average = self._beta * self._average + (1 - self._beta) * loss
        self._weight *= self._beta
        return self._average / (1 - self._weight)


def smoothed(losses: Array, beta: float = SMOOTH) -> Array:
    """The exponential moving average (n,) with bias correction: the first value is the first loss.

    A loss that is not finite is left out of the average: there the result is NaN.
    """
    smooth = Smoother(beta)
    return np.array([smooth(loss) if math.isfinite(loss) else math.nan for loss in np.asarray(losses, float).tolist()])


def fewest(num: int) -> int:
    """How many losses a test of `num` growths must have for any rule to suggest a rate."""
    return FEWEST + min(num // 10 + _FASTAI_END, _LIGHTNING_BEGIN + _LIGHTNING_END)


def suggest(lrs: Array, losses: Array, beta: float = SMOOTH, num: int | None = None) -> tuple[Suggestion, ...]:
    """What all rules say of the recorded losses (n,) at the rates (n,), each on the curve its library takes.

    Of a test of `num` growths, which has num + 1 rates, both libraries make num iterations: the last loss is not read.
    None stands for a curve of another origin, of which all is. fastai's rules take the smoothed curve without its first
    points, a tenth of the number, and its last 5, up to the first loss that is no number. Lightning's takes its own
    average of the losses without the first 10 and the last, and leaves out what is not finite; its test leaves out the
    second rate, so that each loss of ours stands at the rate Lightning gives it. A rule that is left with fewer than
    FEWEST losses, or whose library takes none from so few, suggests nothing.
    """
    lrs, losses = np.asarray(lrs, float), np.asarray(losses, float)
    ladder = lrs if num is None else np.concatenate([lrs[:1], lrs[2:], lrs[-1:]])
    if num is not None:
        lrs, ladder, losses = lrs[:num], ladder[:num], losses[:num]
    rates, curve = _fastai_curve(lrs, smoothed(losses, beta), len(lrs) if num is None else num)
    kept = _lightning_curve(ladder, losses)
    found = {
        "valley": (valley, (rates, curve), FEWEST),
        "slide": (slide, (rates, curve), _NEEDS_OF_SLIDE),
        "minimum": (minimum, (rates, curve), FEWEST),
        "steep": (steep, (rates, curve), FEWEST),
        "lightning": (steepest, kept, FEWEST),
    }
    return tuple(_suggestion(rule, read, *seen, needs) for rule, (read, seen, needs) in found.items())


def valley(lrs: Array, losses: Array) -> float | None:
    """The rate half a third past the first third of the longest chain of falling losses, which need not be neighbours.

    As fastai has it, the first of the longest chains counts, and it is taken to begin its length before its end.
    Source: fastai.callback.schedule.valley, fastai 2.8.12.
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
    """The rate at the left foot of a ruler of `width` points, slid left while the slopes at its ends differ.

    Source: fastai.callback.schedule.slide, fastai 2.8.12, which raises IndexError for `width` losses or fewer.
    """
    count = len(losses)
    if count <= width:
        return None
    slopes = np.gradient(losses)
    level_now = np.abs(slopes[width:] - slopes[: count - width]) <= level  # by the place of the left foot
    left = count - 1 - width
    steady = np.flatnonzero(level_now[: left + 1])
    if len(steady) == 0:
        return float(lrs[0])
    return float(lrs[min(int(steady[-1]) + 1, left)])


def minimum(lrs: Array, losses: Array) -> float | None:
    """A tenth of the rate with the least loss.

    Source: fastai.callback.schedule.minimum, fastai 2.8.12.
    """
    return float(lrs[losses.argmin()]) / 10 if len(losses) else None


def steep(lrs: Array, losses: Array) -> float | None:
    """The rate from which the loss falls fastest against ln rate.

    Source: fastai.callback.schedule.steep, fastai 2.8.12.
    """
    if len(losses) < 2:
        return None
    with np.errstate(all="ignore"):
        slopes = np.diff(losses) / np.diff(np.log(lrs))
    return float(lrs[np.nanargmin(slopes)]) if np.isfinite(slopes).any() else None


def lightning(lrs: Array, losses: Array) -> float | None:
    """The rate at which Lightning's average of the losses (n,) falls fastest; None where fewer than 2 are left.

    Source: Tuner.lr_find and _LRFinder.suggestion, Lightning 2.6.6. Up to 2.5.2 the slope was against the index.
    """
    return steepest(*_lightning_curve(np.asarray(lrs, float), np.asarray(losses, float)))


def steepest(lrs: Array, losses: Array) -> float | None:
    """The rate at which the loss falls fastest against the rate itself, by central differences of second order.

    In float32, as Lightning computes: among slopes that are all but equal the rounding decides. In float64 where that
    overflows.
    """
    if len(losses) < 2:
        return None
    with np.errstate(all="ignore"):
        slopes = np.gradient(losses.astype(np.float32), lrs.astype(np.float32))
        if not np.isfinite(slopes).all():
            slopes = np.gradient(losses, lrs)
    return float(lrs[int(slopes.argmin())])


def lightning_average(losses: Array, beta: float = _LIGHTNING_BETA) -> Array:
    """The moving average (n,) that Lightning keeps: its correction counts one loss too many.

    v[i] = beta v[i-1] + (1 - beta) loss[i], and v[i] / (1 - beta^(i + 2)); the first value is loss[0] / (1 + beta).
    Once a loss is not finite all that follow are not either.
    Source: _LRCallback.on_train_batch_end, Lightning 2.6.6.
    """
    average, result = 0.0, np.empty(len(losses))
    for index, loss in enumerate(np.asarray(losses, float).tolist()):
        average = beta * average + (1 - beta) * loss
        result[index] = average / (1 - beta ** (index + 2))
    return result


def _lightning_curve(lrs: Array, losses: Array) -> tuple[Array, Array]:
    """What Lightning's rule reads: its average without the first 10 and the last, where that is finite."""
    kept = slice(_LIGHTNING_BEGIN, max(0, len(losses) - _LIGHTNING_END))
    rates, curve = lrs[kept], lightning_average(losses)[kept]
    finite = np.isfinite(curve)
    return rates[finite], curve[finite]


def _fastai_curve(lrs: Array, curve: Array, num: int) -> tuple[Array, Array]:
    """What fastai's rules read of a smoothed curve (n,)."""
    cut = slice(num // 10, max(0, len(curve) - _FASTAI_END))
    lrs, curve = lrs[cut], curve[cut]
    broken = np.flatnonzero(~np.isfinite(curve))
    end = int(broken[0]) if len(broken) else len(curve)
    return lrs[:end], curve[:end]


def _suggestion(rule: str, read: _Read, rates: Array, curve: Array, needs: int) -> Suggestion:
    if len(curve) < needs:
        return Suggestion(rule, None, None, _MEANINGS[rule], too_few=True)
    lr, loss = read(rates, curve), None
    if lr is not None:
        nearest = int(np.abs(np.log(rates) - np.log(lr)).argmin()) if lr > 0 and (rates > 0).all() else 0
        loss = float(curve[nearest])
    return Suggestion(rule, lr, loss, _MEANINGS[rule])
