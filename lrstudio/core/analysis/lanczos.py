"""The largest curvature at many points at once, where the Hessian is too large to be written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT, Sloped
from lrstudio.core.array import Array

Products = Callable[[Array], Array]
"""Directions (R, P), one for each of R points, to Hessian times direction (R, P)."""

_NUDGE = float(np.finfo(float).eps) ** (1 / 3)
_MOST = 40


class Leading(NamedTuple):
    """The largest eigenvalues (R,), their directions (R, P) of length 1, and which of them have settled (R,)."""

    values: Array
    directions: Array
    settled: Array


def leading(
    objective: Sloped,
    w: Array,
    begin: Array | None = None,
    *,
    preconditioner: Array | None = None,
    tolerance: float = 2e-3,
    stop: Callable[[], bool] | None = None,
) -> Leading:
    """The largest curvature at each of the points w (R, P): exactly where there are few parameters, else by Lanczos.

    `begin` (R, P) are directions found nearby, if there are some. With a preconditioner p (R, P), the curvature of H
    divided by p. Give a float64 objective: of others a difference of gradients is mostly rounding.
    """
    w = np.asarray(w, float)
    root = None if preconditioner is None else 1 / np.sqrt(np.asarray(preconditioner, float))
    hessian = getattr(objective, "hessian", None)
    if hessian is not None and w.shape[1] <= MOST_EXACT:
        return _exact(np.asarray(_quietly(hessian, w), float), root)
    if begin is None:
        begin = np.random.default_rng(0).normal(size=w.shape)
    plain = hessian_products(objective, w)
    products = plain if root is None else lambda directions: root * plain(root * directions)
    return lanczos(products, begin, tolerance=tolerance, stop=stop)


def hessian_products(objective: Sloped, w: Array) -> Products:
    """Hessian times direction at the points w (R, P): exactly where the objective has `hessian_products(w)`.

    Elsewhere from a central difference of the gradients.
    """
    exact = getattr(objective, "hessian_products", None)
    if exact is not None:
        made = _quietly(exact, w)
        return lambda directions: np.asarray(_quietly(made, directions), float)
    sizes = _NUDGE * np.maximum(1.0, np.abs(w).max(axis=1, initial=0.0))

    def products(directions: Array) -> Array:
        lengths = np.linalg.norm(directions, axis=1)
        scale = np.where(lengths > 0, lengths, 1.0)
        nudge = directions * (sizes / scale)[:, None]
        slopes = _quietly(objective.loss_and_gradient, np.concatenate([w + nudge, w - nudge]))[1].astype(float)
        moved: Array = (slopes[: len(w)] - slopes[len(w) :]) * (scale / (2 * sizes))[:, None]
        return moved

    return products


def lanczos(
    products: Products,
    begin: Array,
    *,
    most: int = _MOST,
    tolerance: float = 2e-3,
    stop: Callable[[], bool] | None = None,
) -> Leading:
    """The largest eigenvalues by Lanczos' method from the directions `begin` (R, P), which should not be 0.

    Where the residual is below `tolerance` times the eigenvalue, it has settled: its error is at most that, and mostly
    far less. `most` is the number of products; `stop()` ends it early. NaN where a product is not finite.
    """
    runs, size = begin.shape
    most = min(most, size)
    values, directions = np.full(runs, np.nan), np.array(begin, float)
    settled: Array = np.zeros(runs, bool)
    basis = np.zeros((most, runs, size))
    tridiagonal = np.zeros((runs, most, most))
    basis[0] = _unit(begin, np.linalg.norm(begin, axis=1))
    for place in range(most):
        moved = products(basis[place])
        broken = ~np.isfinite(moved).all(axis=1)
        moved[broken | settled] = 0
        tridiagonal[:, place, place] = np.einsum("rp,rp->r", basis[place], moved)
        for _ in range(2):  # once is not enough in floating point
            moved -= np.einsum("krp,kr->rp", basis[: place + 1], np.einsum("krp,rp->kr", basis[: place + 1], moved))
        left = np.linalg.norm(moved, axis=1)
        found, turned = np.linalg.eigh(tridiagonal[:, : place + 1, : place + 1])
        going = ~(settled | broken)
        values[going] = found[going, -1]
        directions[going] = np.einsum("krp,rk->rp", basis[: place + 1], turned[:, :, -1])[going]
        values[broken & ~settled] = np.nan
        settled = settled | broken | (left * np.abs(turned[:, -1, -1]) <= tolerance * np.abs(found[:, -1]))
        if settled.all() or place + 1 == most or (stop is not None and stop()):
            break
        tridiagonal[:, place, place + 1] = tridiagonal[:, place + 1, place] = left
        basis[place + 1] = _unit(moved, left)
    return Leading(values, directions, settled & np.isfinite(values))


def _exact(hessian: Array, root: Array | None) -> Leading:
    if root is not None:
        hessian = hessian * root[:, :, None] * root[:, None, :]
    runs, size = hessian.shape[:2]
    finite = np.asarray(np.isfinite(hessian).all(axis=(1, 2)))
    found = Leading(np.full(runs, np.nan), np.full((runs, size), np.nan), finite)
    fine = hessian[found.settled]
    values, directions = np.linalg.eigh((fine + fine.transpose(0, 2, 1)) / 2)
    found.values[found.settled], found.directions[found.settled] = values[:, -1], directions[:, :, -1]
    return found


def _unit(vectors: Array, lengths: Array) -> Array:
    unit: Array = vectors / np.where(lengths > 0, lengths, 1.0)[:, None]
    return unit


def _quietly(function: Callable[[Array], Any], w: Array) -> Any:
    with np.errstate(all="ignore"):
        return function(w)
