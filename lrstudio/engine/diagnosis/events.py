"""Findings about what happened in a run: it diverged, overfitted, leapt, oscillated, or is a range test."""

from __future__ import annotations

import math

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import log
from lrstudio.engine.diagnosis.finding import Finding, sure
from lrstudio.engine.diagnosis.measures import HUGE, Measures, medians
from lrstudio.engine.diagnosis.recorded import Recorded

_GROWN, _ROWS = 1.2, 10
"""A loss is lost above this multiple of the first one, from the row on where so many are on average."""
_LEAP, _ZIGZAG, _WAVES, _ROUGH, _RISES = 1.5, 0.85, 0.45, 0.02, 0.15
"""A leap is this multiple of the first loss; of white noise two thirds of the differences alternate in sign."""
_RISEN = 0.03
_RISE, _RANGE = 1.5, 10.0
"""A range test raises the rate by at least the first factor from row to row, or the second in even steps."""
_LAST = 0.95
"""A loss that is least after this share of the rates still falls at their end."""


def diverged(run: Recorded, m: Measures) -> Finding | None:
    broken = np.flatnonzero(~(np.abs(run.loss) < HUGE))
    finite = run.loss[: int(broken[0])] if len(broken) else run.loss
    if not len(broken):
        grown = m.end / m.begin if m.begin > 0 else math.nan
        late = float(np.median(finite[-max(2, m.rows // 4) :]))
        steady = m.end - m.begin > 3 * m.end_error and m.end > _GROWN * m.least
        wild = (late > _GROWN * m.begin and m.peak > 3 * m.begin) or m.peak > 10 * m.begin
        if not (grown > _GROWN and (steady or wild)):
            return None
    row = int(broken[0]) if len(broken) else _leaves(finite)
    numbers = {"at": float(run.at[row]), "rate": _rate(run, row), "begin": _first(run), "end": m.end}
    before = run.rate[: max(1, row)]
    rose = bool(np.isfinite(before).all()) and before[-1] > 1.5 * before[0]
    if len(broken):
        return Finding("diverged", 0.99, "overflow_rising" if rose else "overflow", numbers)
    margin = sure(m.end / m.begin / _GROWN * 1.3)
    return Finding("diverged", margin, "grew_rising" if rose else "grew", numbers)


def diverged_early(run: Recorded, finite: int) -> Finding | None:
    """Returns the finding of a run whose loss is lost after a few rows; None if its log ends there."""
    if finite == len(run.loss):
        return None
    numbers = {"at": float(run.at[finite]), "rate": _rate(run, finite), "begin": _first(run)}
    return Finding("diverged", 0.95, "overflow", numbers)


def _leaves(loss: Array) -> int:
    """Returns the first row of a lost run that is a fifth above the first, as are the ten rows from it on average."""
    bound = _GROWN * loss[0] if loss[0] > 0 else loss[0]
    sums = np.cumsum(np.append(0.0, np.append(loss, np.full(_ROWS - 1, loss[-1]))))
    means = (sums[_ROWS:] - sums[:-_ROWS]) / _ROWS
    lost = np.flatnonzero((loss > bound) & (means > bound))
    return int(lost[0]) if len(lost) else len(loss) - 1


def _rate(run: Recorded, row: int) -> float:
    return float(run.rate[row]) if len(run.rate) else math.nan


def _first(run: Recorded) -> float:
    return float(run.loss[0]) if len(run.loss) else math.nan


def range_test(run: Recorded, m: Measures) -> Finding | None:
    rate = run.rate[np.isfinite(run.rate)]
    if len(rate) < len(run.loss) or len(rate) < 2 or not (np.diff(rate) >= 0).all() or rate[0] <= 0:
        return None
    late = rate[-1] > 1.01 * rate[-max(2, len(rate) // 10)]
    broken = not np.isfinite(run.loss[-1])
    middle, half = float(rate[len(rate) // 2]), float(rate[0] + rate[-1]) / 2
    geometric = abs(log(middle / math.sqrt(rate[0] * rate[-1]))) < abs(log(middle / half))
    if rate[-1] < (_RISE if geometric else _RANGE) * rate[0] or not late or (broken and not geometric):
        return None
    smooth = medians(run.loss)
    low, end = int(np.nanargmin(smooth)), len(rate) - 1
    numbers = {"first": float(rate[0]), "last": float(rate[-1]), "least": m.least, "rate": float(rate[low])}
    reason = "range_test_falls" if low >= _LAST * end and not broken else "range_test"
    if low <= (1 - _LAST) * end:
        reason = "range_test_never_falls"
    return Finding("range_test", 0.99 if geometric else 0.8, reason, numbers)


def overfitting(run: Recorded, m: Measures) -> Finding | None:
    val = run.val
    if len(val) < 5:
        return None
    width = max(1, len(val) // 20)
    smooth = np.convolve(val, np.ones(width) / width, "valid")
    least = int(smooth.argmin())
    last = float(smooth[-max(1, len(smooth) // 20) :].mean())
    rise = last / float(smooth[least]) - 1 if smooth[least] > 0 else math.nan
    noise = m.val_noise if math.isfinite(m.val_noise) else 0.0
    at = float(run.val_at[min(len(val) - 1, least + width // 2)])
    after = np.flatnonzero(run.at > at)
    if least >= len(smooth) - 2 or len(after) < 3 or not rise > max(_RISEN, 2.5 * noise / math.sqrt(width)):
        return None
    around = run.loss[max(0, int(after[0]) - max(1, m.rows // 20)) : int(after[0]) + max(1, m.rows // 20)]
    fell = 1 - m.end / float(np.nanmean(around))
    if not fell > 0.02:
        return None
    numbers = {"at": at, "val": float(smooth[least]), "val_end": last, "rise": rise, "fell": fell}
    return Finding("overfitting", sure(rise / max(_RISEN, 2.5 * noise / math.sqrt(width))), "overfitting", numbers)


def _leap(run: Recorded, m: Measures) -> int | None:
    """Returns the row of a leap of the loss in the first quarter from which it came back; None without one."""
    early = run.loss[: max(3, m.rows // 4)]
    if not m.begin > 0:
        return None
    row = int(np.nanargmax(early))
    high = int((early > 1.2 * m.begin).sum())
    back = m.end < 0.9 * early[row] and m.end < 1.1 * m.begin
    above_noise = early[row] - m.begin > max((_LEAP - 1) * m.begin, 5 * m.early_noise)
    far = early[row] > 3 * max(m.begin, float(np.median(early)))
    return row if row > 0 and back and (far or (above_noise and high >= 2)) else None


def _changes(m: Measures) -> bool:
    """Whether the rate is known and not constant."""
    return m.largest_rate > 1.05 * min(m.last_rate, m.first_rate)


def warmup_short(run: Recorded, m: Measures) -> Finding | None:
    row = _leap(run, m)
    if row is None or not _changes(m):
        return None
    numbers = {
        "at": float(run.at[row]), "peak": float(run.loss[row]), "begin": m.begin, "rate": m.largest_rate,
        "warm": float(run.at[m.warm_rows]) if m.warm_rows else 0.0,
    }  # fmt: skip
    return Finding(
        "warmup_short", sure(run.loss[row] / m.begin / _LEAP), "warmup_short" if m.warm_rows else "no_warmup", numbers
    )


def oscillating(run: Recorded, m: Measures) -> Finding | None:
    row = None if _changes(m) else _leap(run, m)
    numbers = {"rate": m.last_rate, "rises": m.rising, "jump": m.roughness, "alternating": m.alternating}
    if row is not None:
        numbers |= {"at": float(run.at[row]), "peak": float(run.loss[row]), "begin": m.begin}
        return Finding("oscillating", sure(run.loss[row] / m.begin / _LEAP), "leapt", numbers)
    count = max(1, 2 * m.rows // 3)
    chance = 3 / math.sqrt(5 * count)
    zigzag, waves = m.alternating > max(_ZIGZAG, 2 / 3 + chance), m.alternating < min(_WAVES, 2 / 3 - chance)
    if m.rising < _RISES or m.roughness < _ROUGH or not (zigzag or waves) or m.rows < 12:
        return None
    return Finding(
        "oscillating", sure(m.roughness / _ROUGH, m.rising / _RISES), "zigzag" if zigzag else "waves", numbers
    )
