"""A search for the minima of a loss from a few start points."""

from __future__ import annotations

from itertools import product

import numpy as np

from lrstudio.core.analysis.surroundings import newton_step
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective

Domain = tuple[tuple[float, float], ...]

_ROUNDS = 160
_CONVERGED = 1e-6
"""A search has converged if its trust radius is below this share of the domain's width."""
_DIVERGED = 10.0
"""A search further than this many domain widths from the centre has diverged."""
_SAME = 1e-3
"""Minima that differ by less than this share of the domain's width along every axis are one."""
_MOST_GRID = 2
"""The most parameters whose searches start on a grid of three values each."""


def searched_minima(objective: Objective, start: Array, domain: Domain) -> tuple[tuple[float, ...], ...]:
    """Returns local minima, the lowest first, from `start` (P,) and from a grid over `domain`; kinks count as minima.

    Each round tries the Newton step and a step up and down each axis; the lowest point is taken and the trust radius
    doubled, or the radius is halved if none is lower. Searches that diverge give no minimum.
    """
    low, high = np.array(domain, float).T
    middle, width = (low + high) / 2, np.maximum(high - low, 1e-6)
    starts = [start, middle]
    if len(start) <= _MOST_GRID:
        starts += [middle + width * np.array(share) / 3 for share in product((-1, 0, 1), repeat=len(start))]
    w = np.array(starts, float)
    radius = np.full(len(w), 0.1)
    axes = np.concatenate([np.eye(len(start)), -np.eye(len(start))]) * width
    with np.errstate(all="ignore"):
        loss = _losses(objective, w)
        for _ in range(_ROUNDS):
            step = newton_step(objective, w)
            length = np.sqrt(((step / width) ** 2).sum(axis=1))
            step = np.where(np.isfinite(step), step * np.minimum(1, radius / length)[:, None], 0)
            tries = w[:, None] + np.concatenate([step[:, None], radius[:, None, None] * axes], axis=1)
            losses = _losses(objective, tries.reshape(-1, len(start))).reshape(len(w), -1)
            best = losses.argmin(axis=1)
            lowest = losses[np.arange(len(w)), best]
            better = lowest < loss
            w = np.where(better[:, None], tries[np.arange(len(w)), best], w)
            loss = np.where(better, lowest, loss)
            radius = np.where(better, radius * 2, radius / 2)
            if (radius < _CONVERGED**2).all():  # later than converged: the minima get more digits
                break
        near = (np.abs(w - middle) <= _DIVERGED * width).all(axis=1)
        converged = near & (radius < _CONVERGED) & np.isfinite(loss)
    minima: list[Array] = []
    for search in np.argsort(loss):
        if converged[search] and all((np.abs(w[search] - other) > _SAME * width).any() for other in minima):
            minima.append(w[search])
    return tuple(tuple(minimum.tolist()) for minimum in minima)


def _losses(objective: Objective, w: Array) -> Array:
    """Returns the losses (R,), with inf for values that are not finite."""
    losses = np.asarray(objective.loss(w), float)
    return np.where(np.isfinite(losses), losses, np.inf)
