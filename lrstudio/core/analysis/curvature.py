"""How curved a loss is: the eigenvalues of its Hessian, all of them or the largest alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from lrstudio.core.array import Array

Product = Callable[[Array], Array]
"""A direction (P,) to Hessian times direction (P,)."""

MOST_EXACT = 32
"""With more parameters than these no whole Hessian is taken."""
_NUDGE = float(np.finfo(float).eps) ** (1 / 3)


class Curved(Protocol):
    """An objective whose Hessian can be had."""

    def hessian(self, w: Array, rows: Array | None = None) -> Array:
        """The second derivatives (R, P, P) at w (R, P)."""


class Sloped(Protocol):
    """An objective of which the gradient is known."""

    def loss_and_gradient(self, w: Array, rows: Array | None = None) -> tuple[Array, Array]:
        """The losses (R,) and gradients (R, P) at w (R, P)."""


class Largest(NamedTuple):
    """The eigenvalue, its direction (P,) of length 1, the products that were needed, and whether it has settled."""

    value: float
    direction: Array
    products: int
    settled: bool


def curvatures(objective: Curved, w: Array, preconditioner: Array | None = None) -> Array:
    """The eigenvalues (R, P) of the exact Hessian at the points w (R, P), rising; NaN where it is not finite.

    With a preconditioner p (R, P) those of H divided by p, which is what an adaptive optimizer sees.
    """
    with np.errstate(all="ignore"):
        hessian = np.asarray(objective.hessian(w), float)
        if preconditioner is not None:
            root = 1 / np.sqrt(np.asarray(preconditioner, float))
            hessian = hessian * root[:, :, None] * root[:, None, :]
    values = np.full(hessian.shape[:2], np.nan)
    finite = np.isfinite(hessian).all(axis=(1, 2))
    values[finite] = np.linalg.eigvalsh((hessian[finite] + hessian[finite].transpose(0, 2, 1)) / 2)
    return values


def hessian_product(objective: Sloped, w: Array, rows: Array | None = None) -> Product:
    """Hessian times direction at one point w (P,): exactly where the objective offers `hessian_product(w, v, rows)`.

    Elsewhere as a central difference of gradients, good to some ten digits in float64.
    """
    exact = getattr(objective, "hessian_product", None)
    if exact is not None:
        return lambda direction: np.asarray(exact(w[None], direction[None], rows)[0], float)
    size = _NUDGE * max(1.0, float(np.abs(w).max(initial=0.0)))

    def product(direction: Array) -> Array:
        length = float(np.linalg.norm(direction))
        if length == 0:
            return np.zeros_like(direction)
        nudge = direction * (size / length)
        with np.errstate(all="ignore"):
            slopes = objective.loss_and_gradient(np.stack([w + nudge, w - nudge]), rows)[1].astype(float)
        difference: Array = (slopes[0] - slopes[1]) * (length / (2 * size))
        return difference

    return product


def steepest(
    objective: Sloped,
    w: Array,
    begin: Array | None = None,
    rows: Array | None = None,
    stop: Callable[[], bool] | None = None,
) -> Largest:
    """The largest curvature at one point w (P,): exactly where there are few parameters, else by power iteration.

    `begin` is the direction found at the last step, if there is one. Compare the value with 2/rate: on a full-batch
    network it may rise to that and stay near it (the edge of stability).
    """
    hessian = getattr(objective, "hessian", None)
    if hessian is not None and len(w) <= MOST_EXACT:
        with np.errstate(all="ignore"):
            matrix = np.asarray(hessian(w[None], rows)[0], float)
        if not np.isfinite(matrix).all():
            return Largest(float("nan"), np.full(len(w), np.nan), 0, False)
        values, directions = np.linalg.eigh((matrix + matrix.T) / 2)
        return Largest(float(values[-1]), directions[:, -1], 0, True)
    if begin is None:
        begin = np.random.default_rng(0).normal(size=len(w))
    return largest(hessian_product(objective, w, rows), begin, tolerance=1e-3, stop=stop)


def largest(
    product: Product, begin: Array, *, most: int = 100, tolerance: float = 1e-6, stop: Callable[[], bool] | None = None
) -> Largest:
    """The largest eigenvalue by power iteration from the direction `begin` (P,), which should not be 0.

    A direction found a few steps ago makes a good beginning: along a run two or three products are then enough. Where
    the eigenvalue of largest size is negative, a second iteration, shifted by it, finds the largest one. `tolerance` is
    the relative change at which it has settled; `most` the products in all; `stop()` ends it early.
    """
    found = _power(product, begin, 0.0, most, tolerance, stop)
    if found.value < 0 and found.products < most:
        # not the direction found: the shift would make a 0 of it
        shifted = _power(product, begin, found.value, most - found.products, tolerance, stop)
        return shifted._replace(products=shifted.products + found.products)
    return found


def _power(
    product: Product, begin: Array, shift: float, most: int, tolerance: float, stop: Callable[[], bool] | None
) -> Largest:
    """Power iteration on the Hessian less `shift`; the value is that of the Hessian itself."""
    direction = begin / np.linalg.norm(begin)
    value, before = float("nan"), float("nan")
    for count in range(1, most + 1):
        moved = product(direction) - shift * direction
        value = float(direction @ moved)
        length = float(np.linalg.norm(moved))
        if length == 0 or not np.isfinite(length):
            return Largest(value + shift, direction, count, length == 0)
        direction = moved / length
        if abs(value - before) <= tolerance * abs(value):
            return Largest(value + shift, direction, count, True)
        before = value
        if stop is not None and stop():
            break
    return Largest(value + shift, direction, count, False)
