"""Findings about how a run ended: slow, level, limited by noise, or by its schedule."""

from __future__ import annotations

import math

import numpy as np

from lrstudio.engine.diagnosis.finding import Finding, sure
from lrstudio.engine.diagnosis.measures import Drop, Measures, medians
from lrstudio.engine.diagnosis.recorded import Recorded

_GAIN, _PHASE = 0.1, 12
"""A drop of the rate ended a plateau of at least so many rows if it gained this share."""
_LONG, _SPENT, _SLOW, _LEVELLED = 0.33, 0.9, 0.16, 0.05
_JUMPS, _VAL_JUMPS, _UNPROVED = 0.02, 0.01, 0.75
"""Least jumps of the losses, of training and of validation data, and how sure a noise floor is without the latter."""
_CLEARLY = 2.8
"""Standard errors by which a loss must have left its start."""


def _was_level(drop: Drop) -> bool:
    return drop.fell < 0.25 * drop.gain + 0.05 + 1.5 * drop.fell_error


def _best_drop(m: Measures) -> Drop | None:
    seen = [drop for drop in m.drops if drop.gain > max(_GAIN, 2.1 * drop.noise)]
    good = [drop for drop in seen if _was_level(drop) and drop.rows >= _PHASE]
    return max(good, key=lambda drop: drop.gain, default=None)


def plateau_ended(run: Recorded, m: Measures) -> Finding | None:
    drop = _best_drop(m)
    if drop is None:
        return None
    before = medians(run.loss[: drop.row])
    level = float(np.median(before[-max(3, len(before) // 4) :]))
    spread = level * (0.05 + drop.noise)
    numbers = {"at": drop.at, "before": drop.before, "after": drop.after, "gain": drop.gain, "fell": drop.fell,
               "level_at": float(run.at[int(np.argmax(before <= level + spread))])}  # fmt: skip
    return Finding("plateau_ended", sure(drop.gain / max(_GAIN, 2.5 * drop.noise)), "plateau_ended", numbers)


def warmup_long(run: Recorded, m: Measures) -> Finding | None:
    share = m.warm_rows / max(1, m.rows)
    if share < _LONG or not (m.left_by_step > 0.03 or m.fall > max(0.1, 2 * m.fall_error)):
        return None
    numbers = {"share": share, "at": float(run.at[m.warm_rows]), "rate": m.largest_rate, "left": m.left_by_step}
    return Finding("warmup_long", sure(1.2 * share / _LONG), "warmup_long", numbers)


def ended_early(run: Recorded, m: Measures) -> Finding | None:
    if not (m.spent_early > _SPENT and m.last_rate < 0.1 * m.largest_rate and m.left_by_rate > 0.03):
        return None
    if m.drops and not m.drops[0].left > _LEVELLED:
        return None  # the loss was level before the rate fell
    row = int(np.argmax(run.rate[: m.rows] < 0.1 * m.largest_rate))
    numbers = {"at": float(run.at[row]), "left": m.left_by_rate, "rate": m.largest_rate, "last_rate": m.last_rate,
               "end": m.end, "share": row / m.rows}  # fmt: skip
    return Finding("ended_early", sure(m.left_by_rate / 0.05, 4 * (m.spent_early - 0.6)), "ended_early", numbers)


def too_slow(run: Recorded, m: Measures) -> Finding | None:
    if not (m.left_by_step > _SLOW and m.fall > max(2 * m.noise * math.sqrt(8 / m.rows), 1.6 * m.fall_error)):
        return None
    numbers = {"left": m.left_by_step, "rate": m.largest_rate, "fall": m.fall, "begin": m.begin, "end": m.end}
    return Finding("too_slow", sure(m.left_by_step / _SLOW), "too_slow", numbers)


def _level(m: Measures) -> bool:
    return m.fall < max(0.03, 2 * m.fall_error)


def noise_floor(run: Recorded, m: Measures) -> Finding | None:
    """A level loss that jumps: losses on validation data, if there are any, must jump too.

    They are measured on the same data each time, so that only the steps of the training move them; how far they jump is
    the least that a lower rate gains.
    """
    fell = m.last_rate < 0.5 * m.largest_rate and _best_drop(m) is None
    if not _level(m) or not m.noise > _JUMPS or fell or m.val_noise < _VAL_JUMPS:
        return None
    numbers = {"rate": m.last_rate, "level": m.end, "noise": m.noise}
    if math.isfinite(m.val_noise):
        more = {"val_noise": m.val_noise, "gain": m.val_noise}
        return Finding("noise_floor", sure(m.val_noise / _VAL_JUMPS), "noise_floor_val", numbers | more)
    return Finding("noise_floor", min(_UNPROVED, sure(m.noise / _JUMPS / 2)), "noise_floor", numbers)


def plateau(run: Recorded, m: Measures) -> Finding | None:
    faded = m.last_rate < 0.1 * m.largest_rate and not m.drops
    if not _level(m) or faded:
        return None
    numbers = {"rate": m.last_rate, "level": m.end, "noise": m.noise}
    if m.drops and _best_drop(m) is None:
        drop = m.drops[-1]
        more = {"at": drop.at, "before": drop.before, "after": drop.after, "gain": drop.gain}
        return Finding("plateau", _UNPROVED, "plateau_dropped", numbers | more)
    if math.isfinite(m.val_noise):
        return Finding(
            "plateau", sure(_VAL_JUMPS / max(m.val_noise, 1e-6)), "plateau_val", numbers | {"still": m.val_noise}
        )
    return Finding("plateau", _UNPROVED, "plateau", numbers)


def still(run: Recorded, m: Measures) -> Finding | None:
    """A loss that never left its noise."""
    loss = run.loss[: m.rows]
    last = loss[-max(2, m.rows // 4) :]
    spread = max(m.noise * abs(float(last.mean())) if math.isfinite(m.noise) else 0.0, 3e-4 * abs(m.begin))
    for rows in (1, 2, 4, max(8, m.rows // 8)):
        error = spread * math.sqrt(1 / rows + 1 / len(last))
        if float(loss[:rows].mean() - last.mean()) > _CLEARLY * error:
            return None
    if m.peak > 3 * abs(m.begin):
        return None
    return Finding("cannot_tell", 0.8, "still", {"begin": m.begin, "end": m.end, "noise": m.noise})
