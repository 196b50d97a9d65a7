"""What is measured of a run: levels, pace, noise, reversals, and the parts of its schedule."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.diagnosis.recorded import Recorded

HUGE = 1e30
"""A larger loss is as lost as one that is not finite."""
_TOP = 0.97
"""A warm-up ends where the rate has this share of its largest value."""
_DROP = 0.6
"""A rate drops if it falls at once to this share or less."""


@dataclass(frozen=True)
class Level:
    """The mean of some losses and its standard error."""

    mean: float
    error: float


@dataclass(frozen=True)
class Drop:
    """A fall of the rate at once, before row `row`; the levels before and after it, and what it gained.

    `fell` is the share by which the loss fell in the half of the rows before the drop, since the last one; `gain` the
    share of the level before it by which the level at the end of the rows after it is lower; `noise` and `fell_error`
    are their errors, `rows` the number of rows before it, and `left` the share of their descent that was left.
    """

    row: int
    at: float
    before: float
    after: float
    fell: float
    gain: float
    noise: float
    fell_error: float
    rows: int
    left: float


@dataclass(frozen=True, eq=False)
class Measures:
    """The numbers of a run; see the functions below. Shares are of the descent from `begin` to `end`, or of a level."""

    rows: int
    begin: float
    end: float
    end_error: float
    least: float
    least_at: float
    peak: float
    peak_row: int
    noise: float
    early_noise: float
    alternating: float
    rising: float
    roughness: float
    fall: float
    fall_error: float
    left_by_step: float
    left_by_rate: float
    spent_early: float
    last_rate: float
    largest_rate: float
    first_rate: float
    warm_rows: int
    drops: tuple[Drop, ...]
    val_noise: float


def level(values: Array) -> Level:
    """Returns the mean of values (n,) and its error, which counts correlated neighbours."""
    if not len(values):
        return Level(float("nan"), float("nan"))
    mean = float(values.mean())
    if len(values) < 2:
        return Level(mean, abs(mean) * 0.05)
    spread = float(values.std(ddof=1)) / np.sqrt(len(values))
    if len(values) >= 8:
        halves = [float(part.mean()) for part in np.array_split(values, 4)]
        spread = max(spread, float(np.std(halves, ddof=1)) / 2)
    return Level(mean, spread)


def measured(run: Recorded) -> Measures:
    """Returns the numbers of a run, of at least 4 losses up to the first that is not finite."""
    loss = run.loss[: int(np.argmin(np.append(np.abs(run.loss) < HUGE, False)))]
    rate = run.rate[: len(loss)]
    n = len(loss)
    blocks = np.array_split(loss, min(20, n))
    means = np.array([block.mean() for block in blocks])
    least = int(means.argmin())
    late = loss[n // 2 :]
    quarters = [level(part) for part in np.array_split(late, 2)]
    end = level(loss[-max(2, n // 10) :])
    tail = loss[n // 3 :]
    steps = np.diff(tail)
    scale = max(abs(float(np.median(np.abs(tail)))), 1e-300)
    peak = int(loss.argmax())
    return Measures(
        rows=n,
        begin=_begin(loss),
        end=end.mean,
        end_error=end.error,
        least=float(means[least]),
        least_at=float(run.at[min(n - 1, least * n // len(blocks))]),
        peak=float(loss[peak]),
        peak_row=peak,
        noise=_noise(late),
        early_noise=_spread(loss[n // 10 : n // 3 + 3]),
        alternating=float((steps[1:] * steps[:-1] < 0).mean()) if len(steps) > 1 else 0.0,
        rising=float((steps > 0).mean()) if len(steps) else 0.0,
        roughness=float(np.median(np.abs(steps))) / scale if len(steps) else 0.0,
        fall=(quarters[0].mean - quarters[1].mean) / max(abs(quarters[0].mean), 1e-300),
        fall_error=_together(quarters[0].error, quarters[1].error) / max(abs(quarters[0].mean), 1e-300),
        left_by_step=left(loss, np.arange(1.0, n + 1)),
        left_by_rate=left(loss, np.cumsum(np.nan_to_num(rate))) if np.nansum(rate) > 0 else float("nan"),
        spent_early=_spent_early(rate),
        last_rate=float(rate[-1]),
        largest_rate=float(np.nanmax(rate)) if np.isfinite(rate).any() else float("nan"),
        first_rate=float(rate[0]),
        warm_rows=_warm_rows(rate),
        drops=_drops(run, loss, rate),
        val_noise=_noise(run.val[len(run.val) // 2 :]) if len(run.val) >= 8 else float("nan"),
    )


def _together(first: float, second: float) -> float:
    """Returns the error of a difference."""
    return float(np.sqrt(first * first + second * second))


def _begin(loss: Array) -> float:
    return float(loss[: max(1, len(loss) // 200)].mean())


def _noise(values: Array) -> float:
    """Returns the spread of values around a smooth line, as a share of their mean."""
    return _spread(values) / max(abs(float(values.mean())), 1e-300) if len(values) else float("nan")


def _spread(values: Array) -> float:
    """Returns the spread of values around a smooth line, by their second differences."""
    if len(values) < 3:
        return float("nan")
    second = values[2:] - 2 * values[1:-1] + values[:-2]
    return float(np.median(np.abs(second))) / 0.6745 / float(np.sqrt(6))


def left(loss: Array, spent: Array) -> float:
    """Returns the share of the descent that is left, if the loss falls by equal factors towards its floor.

    Of losses f at shares 0, 2/3 and 1 of `spent` (n,), which counts rows or sums rates, the last third of the descent
    l = (f(2/3) - f(1))/(f(0) - f(1)) is u^2/(1 + u + u^2), and u^3 is left. 1 for a descent that does not slow down;
    NaN for a loss that does not fall.
    """
    total = spent[-1]
    middle, last = _around(loss, spent, 2 / 3 * total), float(loss[-max(1, len(loss) // 20) :].mean())
    first = _begin(loss)
    if not first > last:
        return float("nan")
    share = (middle - last) / (first - last)
    if share <= 0:
        return 0.0
    if share >= 1 / 3:
        return 1.0
    u = (share + np.sqrt(share * share + 4 * share * (1 - share))) / (2 * (1 - share))
    return float(u * u * u)


def _around(loss: Array, spent: Array, place: float) -> float:
    row = int(np.searchsorted(spent, place))
    width = max(1, len(loss) // 40)
    return float(loss[max(0, row - width) : row + width + 1].mean())


def _spent_early(rate: Array) -> float:
    """Returns the share of the sum of the rates that the first half of the rows has."""
    total = float(np.nansum(rate))
    return float(np.nansum(rate[: len(rate) // 2])) / total if total > 0 else float("nan")


def _warm_rows(rate: Array) -> int:
    """Returns the number of rows in which the rate rises from the first one to its largest value."""
    if not np.isfinite(rate).all() or not len(rate):
        return 0
    top = int(np.argmax(rate >= _TOP * rate.max()))
    rises = bool((np.diff(rate[: top + 1]) >= 0).all())
    return top if rises and rate[0] < 0.9 * rate.max() else 0


def _drops(run: Recorded, loss: Array, rate: Array) -> tuple[Drop, ...]:
    if not np.isfinite(rate).all() or len(rate) < 4:
        return ()
    with np.errstate(all="ignore"):
        rows = np.flatnonzero(rate[1:] <= _DROP * rate[:-1]) + 1
    bounds = [0, *rows.tolist(), len(loss)]
    found = []
    for place, row in enumerate(rows.tolist()):
        before, after = loss[bounds[place] : row], loss[row : bounds[place + 2]]
        if len(before) < 4 or len(after) < 3:
            continue
        early, late = (level(part) for part in np.array_split(before[len(before) // 2 :], 2))
        final = level(after[len(after) // 2 :])
        base = level(before[-max(3, len(before) // 4) :])
        size = max(abs(base.mean), 1e-300)
        found.append(
            Drop(
                row=row,
                at=float(run.at[row]),
                before=float(rate[row - 1]),
                after=float(rate[row]),
                fell=(early.mean - late.mean) / max(abs(early.mean), 1e-300),
                gain=(base.mean - final.mean) / size,
                noise=_together(base.error, final.error) / size,
                fell_error=_noise(before) * float(np.sqrt(8 / len(before))),
                rows=len(before),
                left=left(before, np.arange(1.0, len(before) + 1)),
            )
        )
    return tuple(found)


def medians(loss: Array) -> Array:
    """Returns the median of each loss (n,) and the two before and after it."""
    if len(loss) < 5:
        return loss
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(loss, 2, mode="edge"), 5)
    return np.asarray(np.median(windows, axis=1))
