"""The largest eigenvalue of the Hessian at many points at once, by Lanczos' method if there are many parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT
from lrstudio.core.array import Array
from lrstudio.core.linear_algebra import eigen, largest_of_tridiagonal
from lrstudio.core.objective import Objective, Products
from lrstudio.core.random_numbers import normal

_MOST = 40


class Leading(NamedTuple):
    """The largest eigenvalues (R,), their unit eigenvectors (R, P), and whether each has `settled` (converged) (R,)."""

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
    """Returns the largest eigenvalue at each of the points w (R, P): exact for few parameters, otherwise by Lanczos.

    `begin` (R, P) are start directions, such as eigenvectors at nearby points. With a preconditioner p (R, P) it is
    that of H divided by p. The objective must be float64: in lower precision rounding dominates the products.
    """
    w = np.asarray(w, float)
    root = None if preconditioner is None else 1 / np.sqrt(np.asarray(preconditioner, float))
    if w.shape[1] <= MOST_EXACT:
        return _exact(np.asarray(_quietly(objective.hessian, w), float), root)
    if begin is None:
        begin = normal(np.random.default_rng(0), w.shape)
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
    """Returns the largest eigenvalues by Lanczos' method from the directions `begin` (R, P), which should not be 0.

    An eigenvalue has settled if the residual, a bound of its error, is below `tolerance` times it. `most` is the
    largest number of products; `stop()` ends early. NaN if a product is not finite.
    """
    runs, size = begin.shape
    most = min(most, size)
    values, directions = np.full(runs, np.nan), np.array(begin, float)
    settled: Array = np.zeros(runs, bool)
    basis = np.zeros((most, runs, size))
    diagonal, beside = np.zeros((runs, most)), np.zeros((runs, most))
    basis[0] = _unit(begin, np.linalg.norm(begin, axis=1))
    for index in range(most):
        product = products(basis[index])
        broken = ~np.isfinite(product).all(axis=1)
        product[broken | settled] = 0
        known = basis[: index + 1]
        diagonal[:, index] = (basis[index] * product).sum(axis=1)
        for _ in range(2):  # twice, because of rounding
            product -= (known * (known * product).sum(axis=2)[:, :, None]).sum(axis=0)
        norm = beside[:, index] = np.sqrt((product * product).sum(axis=1))
        values[broken & ~settled] = np.nan
        settled |= broken
        for run in np.flatnonzero(~settled):
            value, parts = largest_of_tridiagonal(diagonal[run, : index + 1].tolist(), beside[run, :index].tolist())
            values[run] = value
            directions[run] = (known[:, run] * np.array(parts)[:, None]).sum(axis=0)
            settled[run] = norm[run] * abs(parts[-1]) <= tolerance * abs(value)
        if settled.all() or index + 1 == most or (stop is not None and stop()):
            break
        basis[index + 1] = _unit(product, norm)
    return Leading(values, directions, settled & np.isfinite(values))


def _exact(hessian: Array, root: Array | None) -> Leading:
    if root is not None:
        hessian = hessian * root[:, :, None] * root[:, None, :]
    runs, size = hessian.shape[:2]
    finite = np.asarray(np.isfinite(hessian).all(axis=(1, 2)))
    result = Leading(np.full(runs, np.nan), np.full((runs, size), np.nan), finite)
    values, directions = eigen(hessian[result.settled])
    result.values[result.settled], result.directions[result.settled] = values[:, -1], directions[:, :, -1]
    return result


def _unit(vectors: Array, lengths: Array) -> Array:
    unit: Array = vectors / np.where(lengths > 0, lengths, 1.0)[:, None]
    return unit


def _quietly(function: Callable[[Array], Any], w: Array) -> Any:
    with np.errstate(all="ignore"):
        return function(w)
