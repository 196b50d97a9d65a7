"""The surroundings of a run: the nearest minimum, the curvature, and the remaining loss and distance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT
from lrstudio.core.array import Array
from lrstudio.core.linear_algebra import eigen, ordered_sum, row_maxima, row_sums
from lrstudio.core.objective import Objective

_POSITIVE = 1e-10
_AGREES = 0.5
"""In a quadratic region the descent to the minimum differs from the predicted one by at most this share of it."""
_ROUNDING = 8.0
"""Differences of a loss below this number of machine epsilons are rounding."""
_FURTHER = 2.0
"""A known minimum is another one if it is this many times as far away as the quadratic's minimum."""
_NEGLIGIBLE = 1e-2
"""A direction is finished if its distance is below this share of the whole distance at the start."""


class Surroundings(NamedTuple):
    """The surroundings of points w (R, P) over all data; arrays are (R,), unknown values NaN.

    `least` and `distance` are the loss at and the distance to the minimum that a run approaches: the nearest known one,
    or in a quadratic region (`is_quadratic`: the loss agrees with its second-order expansion up to that minimum and
    rises beyond) w - n with n = H^-1 g for gradient g and Hessian H, of loss - g.n/2 (the Newton decrement).
    `distance_left` is the largest share of its distance that a direction has left: |d_i|/|s_i| along the eigenvectors
    of H, with d = w - minimum and s = start - minimum (|d|/|s| outside quadratic regions); directions with
    |d_i| < 0.01 |s| count as finished. `distance_left_earlier` is the same at earlier weights. `lowest` is the smallest
    eigenvalue of H. `chance_loss` is the loss of a network whose weights are 0.
    """

    loss: Array
    gradient_norm: Array
    least: Array
    distance: Array
    is_quadratic: Array
    distance_left: Array
    distance_left_earlier: Array
    lowest: Array
    chance_loss: Array

    @classmethod
    def unknown(cls, loss: Array, gradient_norm: Array) -> Surroundings:
        """Returns surroundings of which only loss and gradient norm (R,) are known."""
        nan = np.full(len(loss), np.nan)
        return cls(loss, gradient_norm, nan, nan, np.zeros(len(loss), bool), nan, nan, nan, nan)


def surroundings(
    objective: Objective, w: Array, minima: tuple[tuple[float, ...], ...], start: Array, earlier: Array
) -> Surroundings:
    """Returns the surroundings of w (R, P) in runs from `start` (R, P); `minima` are those of the problem."""
    w, start, earlier = (np.ascontiguousarray(values, float) for values in (w, start, earlier))
    with np.errstate(all="ignore"):
        loss, gradient = (np.ascontiguousarray(values, float) for values in objective.loss_and_gradient(w))
        gradient_norm = np.sqrt(row_sums(gradient**2))
        eigenvalues, eigenvectors = _eigen(objective, w)
        step = _downhill(gradient, eigenvalues, eigenvectors)
        quadratic, bottom = _is_quadratic(objective, w, loss, gradient, step)
        nearest, nearest_loss = _nearest(objective, w, minima)
        distance = np.sqrt(row_sums((w - nearest) ** 2))
        length = np.sqrt(row_sums(step**2))
        own = quadratic & ~(distance <= _FURTHER * length)
        least = np.where(own, bottom, nearest_loss)
        minimum = np.where(own[:, None], w - step, nearest)
        offsets = w - minimum, earlier - minimum
        left, left_earlier = _shares_left(offsets, start - minimum, eigenvectors, quadratic)
        left_earlier = np.where(left > 0, left_earlier, np.nan)
        distance, lowest, unknown = np.where(own, length, distance), eigenvalues[:, 0], np.full(len(w), np.nan)
        return Surroundings(loss, gradient_norm, least, distance, quadratic, left, left_earlier, lowest, unknown)


def newton_step(objective: Objective, w: Array) -> Array:
    """Returns Newton's step (R, P) with the absolute eigenvalues, or minus the gradient where that is 0."""
    gradient = np.asarray(objective.loss_and_gradient(w)[1], float)
    eigenvalues, eigenvectors = _eigen(objective, w)
    size = np.abs(eigenvalues)
    size = np.where(size > _POSITIVE * size.max(axis=1, keepdims=True), size, np.nan)
    along = ordered_sum(eigenvectors * gradient[:, :, None], 1)
    step = -ordered_sum(eigenvectors * np.where(np.isfinite(size), along / size, 0)[:, None, :], 2)
    return np.asarray(np.where((step != 0).any(axis=1, keepdims=True), step, -gradient))


def _eigen(objective: Objective, w: Array) -> tuple[Array, Array]:
    """Returns the rising eigenvalues (R, P) and the eigenvectors (R, P, P) of the Hessian; NaN if not computed."""
    runs, size = w.shape
    eigenvalues, eigenvectors = np.full((runs, size), np.nan), np.full((runs, size, size), np.nan)
    if size <= MOST_EXACT:
        hessian = np.asarray(objective.hessian(w), float)
        fine = np.isfinite(hessian).all(axis=(1, 2))
        if fine.all():
            return eigen(hessian)
        if fine.any():
            eigenvalues[fine], eigenvectors[fine] = eigen(hessian[fine])
    return eigenvalues, eigenvectors


def _downhill(gradient: Array, eigenvalues: Array, eigenvectors: Array) -> Array:
    """Returns n = H^-1 g (R, P), the offset from the quadratic's minimum; NaN unless H is positive definite."""
    along = ordered_sum(eigenvectors * gradient[:, :, None], 1)
    positive = eigenvalues[:, 0] > _POSITIVE * row_maxima(np.abs(eigenvalues))
    offset = ordered_sum(eigenvectors * (along / eigenvalues)[:, None, :], 2)
    return np.asarray(np.where(positive[:, None], offset, np.nan))


def _is_quadratic(objective: Objective, w: Array, loss: Array, gradient: Array, step: Array) -> tuple[Array, Array]:
    """Returns whether the loss falls as predicted to w - step and rises beyond (R,), and that prediction (R,)."""
    left = row_sums(gradient * step) / 2
    there, beyond = (np.asarray(objective.loss(w - times * step), float) for times in (1, 2))
    eps = np.finfo(np.asarray(objective.loss(w[:1])).dtype).eps
    slack = _ROUNDING * eps * np.abs(loss)
    falls = np.abs(loss - there - left) <= _AGREES * left + slack
    return np.asarray(falls & (beyond >= there - slack)), loss - left


def _nearest(objective: Objective, w: Array, minima: tuple[tuple[float, ...], ...]) -> tuple[Array, Array]:
    """Returns the nearest of the minima (R, P) and its loss (R,); NaN without minima."""
    if not minima:
        return np.full(w.shape, np.nan), np.full(len(w), np.nan)
    points = np.asarray(minima, float)
    losses = np.asarray(objective.loss(points), float)
    squares = ((w[:, None] - points) ** 2).sum(axis=2)
    nearest = np.where(np.isfinite(squares), squares, np.inf).argmin(axis=1)
    return points[nearest], losses[nearest]


def _shares_left(offsets: Iterable[Array], begin: Array, eigenvectors: Array, quadratic: Array) -> Iterator[Array]:
    """Yields the largest share (R,) of its distance that a direction has left, at each of some offsets (R, P)."""
    whole = np.sqrt(row_sums(begin**2))
    before = np.abs(ordered_sum(eigenvectors * begin[:, :, None], 1))
    for offset in offsets:
        along = np.abs(ordered_sum(eigenvectors * offset[:, :, None], 1))
        each = row_maxima(np.where(along > _NEGLIGIBLE * whole[:, None], np.minimum(along / before, 1), 0))
        yield np.where(quadratic, each, np.sqrt(row_sums(offset**2)) / whole)
