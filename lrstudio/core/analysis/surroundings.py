"""What is known about where a run is: the minimum it is nearest to, the curvature, what is left to fall and to go."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective

_UPWARD = 1e-10
_AGREES = 0.5
"""Of the fall to the bottom of a bowl may be missing, or be more, where the loss is a bowl as far as that."""
_ROUNDING = 8.0
"""Machine epsilons of a loss that are nothing."""
_OTHER = 2.0
"""Times as far as the bottom of the bowl is a known minimum that is another one."""
_COUNTS = 1e-2
"""Of the distance at the start counts as something that is left to go in a direction."""


class Surroundings(NamedTuple):
    """Of points (R, P), over all data. All (R,); NaN is what is not known.

    `least` and `distance` are of the minimum that a run goes to: the nearest known one, or the bottom of the bowl that
    the slope g and the curvature H tell, w - n with n = H^-1 g, where the loss is such a bowl as far as that and beyond
    (`bowl`). `least` there is loss - g.n/2, the Newton decrement. `far` is the largest share of its distance from that
    minimum that a direction has left: |d_i|/|s_i| along the eigenvectors of H, with d = w - minimum and s = start -
    minimum (|d|/|s| where there is no bowl); directions with |d_i| < 0.01 |s| are done, as a round bowl is where
    0.0001 of the loss is left. `far_earlier` is that of
    earlier weights. `lowest` and `highest` are the ends of the curvatures. `chance` is the loss of a network that knows
    nothing, for its weights are 0.
    """

    loss: Array
    slope: Array
    least: Array
    distance: Array
    bowl: Array
    far: Array
    far_earlier: Array
    lowest: Array
    highest: Array
    chance: Array

    @classmethod
    def unknown(cls, loss: Array, slope: Array) -> Surroundings:
        """Nothing but the loss and the slope (R,)."""
        nothing = np.full(len(loss), np.nan)
        no_bowl = np.zeros(len(loss), bool)
        return cls(loss, slope, nothing, nothing, no_bowl, nothing, nothing, nothing, nothing, nothing)


def surroundings(
    objective: Objective, w: Array, minima: tuple[tuple[float, ...], ...], start: Array, earlier: Array
) -> Surroundings:
    """Look around from the points w (R, P) of runs from `start` (R, P); `minima` are the problem's known ones."""
    w, start, earlier = (np.asarray(values, float) for values in (w, start, earlier))
    with np.errstate(all="ignore"):
        loss, gradient = (np.asarray(values, float) for values in objective.loss_and_gradient(w))
        slope = np.sqrt((gradient**2).sum(axis=1))
        bent, turned = _eigen(objective, w)
        step = _downhill(gradient, bent, turned)
        bowl, bottom = _is_bowl(objective, w, loss, gradient, step)
        known, height = _nearest(objective, w, minima)
        distance = np.sqrt(((w - known) ** 2).sum(axis=1))
        length = np.sqrt((step**2).sum(axis=1))
        own = bowl & ~(distance <= _OTHER * length)
        least = np.where(own, bottom, height)
        minimum = np.where(own[:, None], w - step, known)
        away, begin, before = w - minimum, start - minimum, earlier - minimum
        far, far_earlier = (_far(place, begin, turned, bowl) for place in (away, before))
        far_earlier = np.where(far > 0, far_earlier, np.nan)
        distance, nothing = np.where(own, length, distance), np.full(len(w), np.nan)
        return Surroundings(loss, slope, least, distance, bowl, far, far_earlier, bent[:, 0], bent[:, -1], nothing)


def newton_step(objective: Objective, w: Array) -> Array:
    """The step (R, P) downhill that the curvatures, taken as positive, tell; along the slope where there is none."""
    gradient = np.asarray(objective.loss_and_gradient(w)[1], float)
    bent, turned = _eigen(objective, w)
    size = np.abs(bent)
    size = np.where(size > _UPWARD * size.max(axis=1, keepdims=True), size, np.nan)
    along = np.einsum("rij,ri->rj", turned, gradient)
    step = -np.einsum("rij,rj->ri", turned, np.where(np.isfinite(size), along / size, 0))
    return np.asarray(np.where((step != 0).any(axis=1, keepdims=True), step, -gradient))


def _eigen(objective: Objective, w: Array) -> tuple[Array, Array]:
    """The curvatures (R, P), rising, and their directions (R, P, P); NaN where they are not known."""
    runs, size = w.shape
    bent, turned = np.full((runs, size), np.nan), np.full((runs, size, size), np.nan)
    if size <= MOST_EXACT:
        hessian = np.asarray(objective.hessian(w), float)
        fine = np.isfinite(hessian).all(axis=(1, 2))
        if fine.any():
            bent[fine], turned[fine] = np.linalg.eigh(hessian[fine])
    return bent, turned


def _downhill(gradient: Array, bent: Array, turned: Array) -> Array:
    """The way n = H^-1 g (R, P) from the bottom of the bowl; NaN where not every curvature is upwards."""
    along = np.einsum("rij,ri->rj", turned, gradient)
    upward = bent[:, 0] > _UPWARD * np.abs(bent).max(axis=1)
    return np.asarray(np.where(upward[:, None], np.einsum("rij,rj->ri", turned, along / bent), np.nan))


def _is_bowl(objective: Objective, w: Array, loss: Array, gradient: Array, step: Array) -> tuple[Array, Array]:
    """Whether the loss falls to the bottom as the curvature tells, and rises again beyond; the bottom's height (R,)."""
    left = (gradient * step).sum(axis=1) / 2
    there, beyond = (np.asarray(objective.loss(w - times * step), float) for times in (1, 2))
    eps = np.finfo(np.asarray(objective.loss(w[:1])).dtype).eps
    slack = _ROUNDING * eps * np.abs(loss)
    falls = np.abs(loss - there - left) <= _AGREES * left + slack
    return np.asarray(falls & (beyond >= there - slack)), loss - left


def _nearest(objective: Objective, w: Array, minima: tuple[tuple[float, ...], ...]) -> tuple[Array, Array]:
    """The nearest of the minima (R, P) and its height (R,); NaN where there is none."""
    if not minima:
        return np.full(w.shape, np.nan), np.full(len(w), np.nan)
    places = np.asarray(minima, float)
    heights = np.asarray(objective.loss(places), float)
    away = ((w[:, None] - places) ** 2).sum(axis=2)
    nearest = np.where(np.isfinite(away), away, np.inf).argmin(axis=1)
    return places[nearest], heights[nearest]


def _far(away: Array, begin: Array, turned: Array, bowl: Array) -> Array:
    """The largest share (R,) of its distance that a direction has left."""
    whole = np.sqrt((begin**2).sum(axis=1))
    along = np.abs(np.einsum("rij,ri->rj", turned, away))
    before = np.abs(np.einsum("rij,ri->rj", turned, begin))
    each = np.where(along > _COUNTS * whole[:, None], np.minimum(along / before, 1), 0).max(axis=1)
    total = np.sqrt((away**2).sum(axis=1)) / whole
    return np.asarray(np.where(bowl, each, total))
