"""What is known about the place where a run is: the minimum it is nearest to, the curvature, what is left to fall."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT

Array = np.ndarray[Any, np.dtype[Any]]

_UPWARD = 1e-10


class Measurable(Protocol):
    """An objective: losses (R,) and gradients (R, P) of points (R, P)."""

    def loss(self, w: Array, rows: Array | None = None) -> Array: ...

    def loss_and_gradient(self, w: Array, rows: Array | None = None) -> tuple[Array, Array]: ...


class Surroundings(NamedTuple):
    """Of points (R, P), over all data: loss, gradient norm, `least` and `distance` of the nearest known minimum.

    `left` is how far the loss falls to the bottom of the bowl that has this slope and this curvature; `lowest` and
    `highest` are the curvatures' ends. All (R,); NaN is what is not known, or where there is no such bowl.
    """

    loss: Array
    slope: Array
    least: Array
    distance: Array
    left: Array
    lowest: Array
    highest: Array


def surroundings(objective: Measurable, w: Array, minima: tuple[tuple[float, ...], ...]) -> Surroundings:
    """Look around from the points w (R, P); `minima` are the problem's known ones."""
    w = np.asarray(w, float)
    with np.errstate(all="ignore"):
        loss, gradient = (np.asarray(values, float) for values in objective.loss_and_gradient(w))
        least, distance = _nearest(objective, w, minima)
        left, lowest, highest = _bowl(objective, w, gradient)
        return Surroundings(loss, np.sqrt((gradient**2).sum(axis=1)), least, distance, left, lowest, highest)


def _nearest(objective: Measurable, w: Array, minima: tuple[tuple[float, ...], ...]) -> tuple[Array, Array]:
    if not minima:
        return np.full(len(w), np.nan), np.full(len(w), np.nan)
    places = np.asarray(minima, float)
    heights = np.asarray(objective.loss(places), float)
    least, distance = np.full(len(w), np.nan), np.full(len(w), np.inf)
    for place, height in zip(places, heights, strict=True):
        away = np.sqrt(((w - place) ** 2).sum(axis=1))
        least = np.where(away < distance, height, least)
        distance = np.fmin(distance, away)
    return least, distance


def _bowl(objective: Measurable, w: Array, gradient: Array) -> tuple[Array, Array, Array]:
    """What is left to fall, and the least and the greatest curvature."""
    unknown = np.full(len(w), np.nan)
    hessian_at = getattr(objective, "hessian", None)
    if hessian_at is None or w.shape[1] > MOST_EXACT:
        return unknown, unknown, unknown
    hessian = np.asarray(hessian_at(w), float)
    fine = np.isfinite(hessian).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1)
    left, lowest, highest = unknown.copy(), unknown.copy(), unknown.copy()
    if fine.any():
        bent, turned = np.linalg.eigh(hessian[fine])
        lowest[fine], highest[fine] = bent[:, 0], bent[:, -1]
        along = np.einsum("rij,ri->rj", turned, gradient[fine])
        upward = bent[:, 0] > _UPWARD * np.abs(bent).max(axis=1)
        left[fine] = np.where(upward, (along**2 / (2 * bent)).sum(axis=1), np.nan)
    return left, lowest, highest
