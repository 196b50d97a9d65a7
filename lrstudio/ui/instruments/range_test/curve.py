"""A curve as the window shows it: thin enough to be drawn, and what is read off it. Made where there is time for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lrstudio.core.analysis.cycle_bounds import CycleBounds, cycle_bounds
from lrstudio.core.analysis.suggestions import Suggestion, smoothed, suggest
from lrstudio.core.array import Array
from lrstudio.engine.sweep.range_test import RangeCurve
from lrstudio.store.csv.training_log import TrainingLog

MOST_POINTS = 4000


@dataclass(frozen=True)
class Curve:
    """Steps, rates, losses and smoothed losses (n,), of which there are at most MOST_POINTS, and what they suggest."""

    step: Array
    lr: Array
    loss: Array
    smoothed: Array
    suggestions: tuple[Suggestion, ...] = ()
    bounds: CycleBounds | None = field(default=None)


def of_test(found: RangeCurve) -> Curve:
    """The curve of a test; while it is under way nothing is read off it."""
    step = np.arange(len(found.loss), dtype=float)
    if found.ended == "running":
        return _thin(step, found.lr, found.loss, found.smoothed)
    rises = found.test.end_lr > found.test.start_lr
    bounds = cycle_bounds(found.lr, found.loss) if rises else None
    return _thin(step, found.lr, found.loss, found.smoothed, found.suggestions(), bounds)


def of_log(log: TrainingLog, beta: float) -> Curve:
    """The curve of a log; something is read off it where its rates rise."""
    smooth = smoothed(log.loss, beta)
    if not log.rises:
        return _thin(log.step, log.lr, log.loss, smooth)
    return _thin(log.step, log.lr, log.loss, smooth, suggest(log.lr, log.loss, beta), cycle_bounds(log.lr, log.loss))


def _thin(
    step: Array,
    lr: Array,
    loss: Array,
    smooth: Array,
    suggestions: tuple[Suggestion, ...] = (),
    bounds: CycleBounds | None = None,
) -> Curve:
    places = extremes(loss)
    return Curve(step[places], lr[places], loss[places], smooth[places], suggestions, bounds)


def extremes(values: Array, most: int = MOST_POINTS) -> Array:
    """At most so many places (m,) among n values: of each stretch that of the least and that of the greatest one."""
    count = len(values)
    if count <= most:
        return np.arange(count)
    stretch = -(-count // (most // 2 - 1))
    whole = count // stretch * stretch
    blocks = values[:whole].reshape(-1, stretch)
    low = np.where(np.isfinite(blocks), blocks, np.inf).argmin(axis=1)
    high = np.where(np.isfinite(blocks), blocks, -np.inf).argmax(axis=1)
    begins = np.arange(0, whole, stretch)
    return np.unique(np.concatenate([begins + low, begins + high, [0, count - 1]]))
