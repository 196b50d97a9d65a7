"""The largest curvature at many points at once, where the Hessian is too large to be written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective, Products

_MOST = 40


class Leading(NamedTuple):
    """The largest eigenvalues (R,), their directions (R, P) of length 1, and which of them have settled (R,)."""

    values: Array
    directions: Array
    settled: Array


def leading(
    objective: Objective,
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
    if w.shape[1] <= MOST_EXACT:
        return _exact(np.asarray(_quietly(objective.hessian, w), float), root)
    if begin is None:
        begin = np.random.default_rng(0).normal(size=w.shape)
    plain, scale = _quietly(objective.hessian_products, w), 1.0 if root is None else root

    def products(directions: Array) -> Array:
        return np.asarray(scale * np.asarray(_quietly(plain, scale * directions), float))

    return lanczos(products, begin, tolerance=tolerance, stop=stop)


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
    for index in range(most):
        moved = products(basis[index])
        broken = ~np.isfinite(moved).all(axis=1)
        moved[broken | settled] = 0
        tridiagonal[:, index, index] = np.einsum("rp,rp->r", basis[index], moved)
        for _ in range(2):  # once is not enough in floating point
            moved -= np.einsum("krp,kr->rp", basis[: index + 1], np.einsum("krp,rp->kr", basis[: index + 1], moved))
        left = np.linalg.norm(moved, axis=1)
        found, turned = np.linalg.eigh(tridiagonal[:, : index + 1, : index + 1])
        going = ~(settled | broken)
        values[going] = found[going, -1]
        directions[going] = np.einsum("krp,rk->rp", basis[: index + 1], turned[:, :, -1])[going]
        values[broken & ~settled] = np.nan
        settled = settled | broken | (left * np.abs(turned[:, -1, -1]) <= tolerance * np.abs(found[:, -1]))
        if settled.all() or index + 1 == most or (stop is not None and stop()):
            break
        tridiagonal[:, index, index + 1] = tridiagonal[:, index + 1, index] = left
        basis[index + 1] = _unit(moved, left)
    return Leading(values, directions, settled & np.isfinite(values))


def _exact(hessian: Array, root: Array | None) -> Leading:
    if root is not None:
        hessian = hessian * root[:, :, None] * root[:, None, :]
    runs, size = hessian.shape[:2]
    finite = np.asarray(np.isfinite(hessian).all(axis=(1, 2)))
    result = Leading(np.full(runs, np.nan), np.full((runs, size), np.nan), finite)
    fine = hessian[result.settled]
    values, directions = np.linalg.eigh((fine + fine.transpose(0, 2, 1)) / 2)
    result.values[result.settled], result.directions[result.settled] = values[:, -1], directions[:, :, -1]
    return result


def _unit(vectors: Array, lengths: Array) -> Array:
    unit: Array = vectors / np.where(lengths > 0, lengths, 1.0)[:, None]
    return unit


def _quietly(function: Callable[[Array], Any], w: Array) -> Any:
    with np.errstate(all="ignore"):
        return function(w)
