"""The minima of a loss that nobody has worked out: found by searching downhill from a few points."""

from __future__ import annotations

from itertools import product

import numpy as np

from lrstudio.core.analysis.surroundings import newton_step
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective

Domain = tuple[tuple[float, float], ...]

_ROUNDS = 160
_FINE = 1e-6
"""Of the domain's width is the reach of a search that has settled."""
_AWAY = 10.0
"""Domain widths beyond which a search has found no floor."""
_SAME = 1e-3
_MOST_GRID = 2
"""Parameters up to which the searches begin on a grid of three values each."""


def searched_minima(objective: Objective, start: Array, domain: Domain) -> tuple[tuple[float, ...], ...]:
    """Local minima, the lowest first, that are reached from `start` (P,) and from a grid over `domain`.

    Each round tries the Newton step and a step up and down each axis; the lowest is taken and the reach doubled, or the
    reach is halved where none is lower. Kinks are found too. Searches that leave the domain far behind count as falling
    without a floor. Empty where none settles.
    """
    low, high = np.array(domain, float).T
    middle, width = (low + high) / 2, np.maximum(high - low, 1e-6)
    places = [start, middle]
    if len(start) <= _MOST_GRID:
        places += [middle + width * np.array(share) / 3 for share in product((-1, 0, 1), repeat=len(start))]
    w = np.array(places, float)
    reach = np.full(len(w), 0.1)
    axes = np.concatenate([np.eye(len(start)), -np.eye(len(start))]) * width
    with np.errstate(all="ignore"):
        height = _losses(objective, w)
        for _ in range(_ROUNDS):
            step = newton_step(objective, w)
            length = np.sqrt(((step / width) ** 2).sum(axis=1))
            step = np.where(np.isfinite(step), step * np.minimum(1, reach / length)[:, None], 0)
            tries = w[:, None] + np.concatenate([step[:, None], reach[:, None, None] * axes], axis=1)
            heights = _losses(objective, tries.reshape(-1, len(start))).reshape(len(w), -1)
            best = heights.argmin(axis=1)
            found = heights[np.arange(len(w)), best]
            better = found < height
            w = np.where(better[:, None], tries[np.arange(len(w)), best], w)
            height = np.where(better, found, height)
            reach = np.where(better, reach * 2, reach / 2)
            if (reach < _FINE**2).all():
                break
        near = (np.abs(w - middle) <= _AWAY * width).all(axis=1)
        settled = near & (reach < _FINE) & np.isfinite(height)
    minima: list[Array] = []
    for place in np.argsort(height):
        if settled[place] and all((np.abs(w[place] - known) > _SAME * width).any() for known in minima):
            minima.append(w[place])
    return tuple(tuple(place.tolist()) for place in minima)


def _losses(objective: Objective, w: Array) -> Array:
    """The losses (R,), infinite where they are not finite."""
    found = np.asarray(objective.loss(w), float)
    return np.where(np.isfinite(found), found, np.inf)
