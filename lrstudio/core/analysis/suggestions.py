"""The rates that a range test suggests: fastai's four rules, Lightning's and torch-lr-finder's.

All rules read a curve of losses against rising rates; `suggest` prepares it for each as the library does. They were
compared with fastai 2.8.12, Lightning 2.6.6 and torch-lr-finder 0.2.2 on the curves in tests/reference/lr_finders.json.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import log, power
from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass

_Read = Callable[[Array, Array], float | None]

SMOOTH = 0.98
FEWEST = 10
"""The fewest losses left after its library's cut from which a rule suggests a rate."""
_SLIDE_WIDTH, _SLIDE_LEVEL = 15, 0.005
_FASTAI_END, _LIGHTNING_BEGIN, _LIGHTNING_END = 5, 10, 1
_LIGHTNING_BETA = 0.98
_FINDER_BEGIN, _FINDER_END, _FINDER_SHARE = 10, 5, 0.05
_NEEDS_OF_SLIDE = _SLIDE_WIDTH + 1


@dataclass(frozen=True)
class Suggestion:
    """A rule's rate and the loss of its curve there; both may be None.

    `too_few` is whether too few losses are left after the library's cut.
    """

    rule: str
    lr: float | None
    loss: float | None
    too_few: bool = False

    @property
    def meaning(self) -> str:
        """What the rule looks for."""
        return tr(_MEANINGS[self.rule])


_MEANINGS = {
    "valley": mark("about half way along the longest stretch in which the loss keeps falling (fastai's default)"),
    "slide": mark(
        "before the loss blows up: the first point from the right whose slope is still that 15 points on (fastai)"
    ),
    "minimum": mark("a tenth of the rate at which the loss is least (fastai)"),
    "steep": mark("where the loss falls fastest against the logarithm of the rate (fastai)"),
    "lightning": mark("where the moving average of the loss falls fastest against the rate itself (Lightning)"),
    "torch_lr_finder": mark("where a slow average of the loss falls most from one rate to the next (torch-lr-finder)"),
}
RULES = tuple(_MEANINGS)


class Smoother:
    """The exponential moving average of successive losses with bias correction."""

    def __init__(self, beta: float) -> None:
        self._beta, self._average, self._weight = beta, 0.0, 1.0

    def __call__(self, loss: float) -> float:
        """Returns the average up to this finite loss; the first average is the first loss."""
        self._average = self._beta * self._average + (1 - self._beta) * loss
        self._weight *= self._beta
        return self._average / (1 - self._weight)


def smoothed(losses: Array, beta: float = SMOOTH) -> Array:
    """Returns the exponential moving average (n,) with bias correction, which begins with the first loss.

    It skips losses that are not finite; there it is NaN.
    """
    smooth = Smoother(beta)
    return np.array([smooth(loss) if math.isfinite(loss) else math.nan for loss in np.asarray(losses, float).tolist()])


def fewest(num: int) -> int:
    """Returns the fewest losses of a test of `num` growths from which any rule suggests a rate."""
    return FEWEST + min(num // 10 + _FASTAI_END, _LIGHTNING_BEGIN + _LIGHTNING_END)


def suggest(lrs: Array, losses: Array, beta: float = SMOOTH, num: int | None = None) -> tuple[Suggestion, ...]:
    """Returns the suggestions of all rules for losses (n,) at the rates (n,), each on the curve that its library uses.

    In a test of `num` growths, with num + 1 rates, fastai and Lightning make num iterations: the last loss is not used
    by them. With None (an imported curve) it is. fastai's rules use the smoothed curve without its first tenth and its
    last 5 points, up to the first loss that is not finite. Lightning's uses its own average of the losses without the
    first 10 and the last and without values that are not finite; its test skips the second rate, so each loss here is
    matched with the rate that Lightning gives it. torch-lr-finder's uses its own average, of num + 1 losses, without
    the first 10 and the last 5. A rule with fewer than FEWEST losses, or too few for its library, suggests nothing.
    """
    lrs, losses = np.asarray(lrs, float), np.asarray(losses, float)
    finder_curve = _finder_curve(lrs, losses)
    ladder = lrs if num is None else np.concatenate([lrs[:1], lrs[2:], lrs[-1:]])
    if num is not None:
        lrs, ladder, losses = lrs[:num], ladder[:num], losses[:num]
    rates, curve = _fastai_curve(lrs, smoothed(losses, beta), len(lrs) if num is None else num)
    lightning_curve = _lightning_curve(ladder, losses)
    rules = {
        "valley": (valley, (rates, curve), FEWEST),
        "slide": (slide, (rates, curve), _NEEDS_OF_SLIDE),
        "minimum": (minimum, (rates, curve), FEWEST),
        "steep": (steep, (rates, curve), FEWEST),
        "lightning": (steepest, lightning_curve, FEWEST),
        "torch_lr_finder": (most_falling, finder_curve, FEWEST),
    }
    return tuple(_suggestion(rule, read, *points, needs) for rule, (read, points, needs) in rules.items())


def valley(lrs: Array, losses: Array) -> float | None:
    """Returns the rate half a third past the first third of the longest falling subsequence of the losses.

    As in fastai, the first of the longest ones counts, and it is assumed to begin its length before its end.
    Source: fastai.callback.schedule.valley, fastai 2.8.12.
    """
    if len(losses) < 2:
        return None
    chain = _falling_lengths(losses)
    end = int(chain.argmax())
    begin = end - int(chain[end]) if end else 0
    third = (end - begin) / 3
    return float(lrs[begin + int(third) + int(third / 2)])


def _falling_lengths(losses: Array) -> Array:
    """Returns the length of the longest falling subsequence that ends at each index (n,), in O(n log n)."""
    chain = np.ones(len(losses), np.int64)
    ends: list[float] = []  # the negated last loss of the best subsequence of length 1, 2, ...
    for index, loss in enumerate((-np.asarray(losses, float)).tolist()):
        if loss == loss:
            length = bisect_left(ends, loss)
            ends[length : length + 1] = [loss]
            chain[index] = length + 1
    return chain


def slide(lrs: Array, losses: Array, width: int = _SLIDE_WIDTH, level: float = _SLIDE_LEVEL) -> float | None:
    """Returns the rate at the left end of an interval of `width` points, slid left while the slopes at its ends differ.

    Source: fastai.callback.schedule.slide, fastai 2.8.12, which raises IndexError for `width` losses or fewer.
    """
    count = len(losses)
    if count <= width:
        return None
    slopes = np.gradient(losses)
    level_now = np.abs(slopes[width:] - slopes[: count - width]) <= level  # by the index of the left end
    left = count - 1 - width
    steady = np.flatnonzero(level_now[: left + 1])
    if len(steady) == 0:
        return float(lrs[0])
    return float(lrs[min(int(steady[-1]) + 1, left)])


def minimum(lrs: Array, losses: Array) -> float | None:
    """Returns a tenth of the rate with the least loss.

    Source: fastai.callback.schedule.minimum, fastai 2.8.12.
    """
    return float(lrs[losses.argmin()]) / 10 if len(losses) else None


def steep(lrs: Array, losses: Array) -> float | None:
    """Returns the rate from which the loss falls fastest against ln rate.

    Source: fastai.callback.schedule.steep, fastai 2.8.12.
    """
    if len(losses) < 2:
        return None
    with np.errstate(all="ignore"):
        slopes = np.diff(losses) / np.diff(log(lrs))
    return float(lrs[np.nanargmin(slopes)]) if np.isfinite(slopes).any() else None


def lightning(lrs: Array, losses: Array) -> float | None:
    """Returns the rate at which Lightning's average of the losses (n,) falls fastest; None if fewer than 2 are left.

    Source: Tuner.lr_find and _LRFinder.suggestion, Lightning 2.6.6. Up to 2.5.2 the slope was against the index.
    """
    return steepest(*_lightning_curve(np.asarray(lrs, float), np.asarray(losses, float)))


def steepest(lrs: Array, losses: Array) -> float | None:
    """Returns the rate at which the loss falls fastest against the rate, by central differences of second order.

    It uses float32 as Lightning does, because rounding decides between nearly equal slopes; float64 on overflow.
    """
    if len(losses) < 2:
        return None
    with np.errstate(all="ignore"):
        slopes = np.gradient(losses.astype(np.float32), lrs.astype(np.float32))
        if not np.isfinite(slopes).all():
            slopes = np.gradient(losses, lrs)
    return float(lrs[int(slopes.argmin())])


def most_falling(lrs: Array, losses: Array) -> float | None:
    """Returns the rate at which the loss falls most from one rate to the next, by central differences.

    Source: LRFinder.plot with suggest_lr, torch-lr-finder 0.2.2.
    """
    return float(lrs[int(np.gradient(losses).argmin())]) if len(losses) > 1 else None


def finder_average(losses: Array, share: float = _FINDER_SHARE) -> Array:
    """Returns torch-lr-finder's moving average (n,): v[i] = share loss[i] + (1 - share) v[i-1], from v[0] = loss[0].

    Source: LRFinder.range_test with smooth_f = 0.05, torch-lr-finder 0.2.2. Nothing corrects the weight of v[0].
    """
    result = np.array(losses, float)
    for index in range(1, len(result)):
        result[index] = share * result[index] + (1 - share) * result[index - 1]
    return result


def lightning_average(losses: Array, beta: float = _LIGHTNING_BETA) -> Array:
    """Returns Lightning's moving average (n,), whose bias correction counts one loss too many.

    v[i] = beta v[i-1] + (1 - beta) loss[i], and v[i] / (1 - beta^(i + 2)); the first value is loss[0] / (1 + beta).
    After a loss that is not finite all values are not finite.
    Source: _LRCallback.on_train_batch_end, Lightning 2.6.6.
    """
    average, result = 0.0, np.empty(len(losses))
    for index, loss in enumerate(np.asarray(losses, float).tolist()):
        average = beta * average + (1 - beta) * loss
        result[index] = average
    with np.errstate(all="ignore"):
        corrected: Array = result / (1 - power(beta, np.arange(2.0, len(result) + 2)))
    return corrected


def _lightning_curve(lrs: Array, losses: Array) -> tuple[Array, Array]:
    """Returns the finite part of Lightning's average without the first 10 values and the last."""
    middle = slice(_LIGHTNING_BEGIN, max(0, len(losses) - _LIGHTNING_END))
    rates, curve = lrs[middle], lightning_average(losses)[middle]
    finite = np.isfinite(curve)
    return rates[finite], curve[finite]


def _finder_curve(lrs: Array, losses: Array) -> tuple[Array, Array]:
    """Returns torch-lr-finder's average without the first 10 and the last 5 values, up to one that is not finite."""
    middle = slice(_FINDER_BEGIN, max(0, len(losses) - _FINDER_END))
    return _until_broken(lrs[middle], finder_average(losses)[middle])


def _fastai_curve(lrs: Array, curve: Array, num: int) -> tuple[Array, Array]:
    """Returns the part of a smoothed curve (n,) that fastai's rules use."""
    cut = slice(num // 10, max(0, len(curve) - _FASTAI_END))
    return _until_broken(lrs[cut], curve[cut])


def _until_broken(lrs: Array, curve: Array) -> tuple[Array, Array]:
    """Returns a curve up to its first loss that is not finite."""
    broken = np.flatnonzero(~np.isfinite(curve))
    end = int(broken[0]) if len(broken) else len(curve)
    return lrs[:end], curve[:end]


def _suggestion(rule: str, read: _Read, rates: Array, curve: Array, needs: int) -> Suggestion:
    if len(curve) < needs:
        return Suggestion(rule, None, None, too_few=True)
    lr, loss = read(rates, curve), None
    if lr is not None:
        nearest = int(np.abs(log(rates) - log(lr)).argmin()) if lr > 0 and (rates > 0).all() else 0
        loss = float(curve[nearest])
    return Suggestion(rule, lr, loss)
