"""Newton's direction: the inverse Hessian times the gradient."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.linear_algebra import pseudo_solve


def newton_direction(hessian: Array, gradient: Array) -> Array:
    """Returns the pseudo-inverse of each symmetric Hessian (R, P, P) times the gradient (R, P); NaN if not finite.

    Eigenvalues below P machine epsilons of the largest count as 0. No result depends on the other runs.
    """
    is_finite = np.asarray(np.isfinite(hessian).all(axis=(1, 2)))
    finite = np.where(is_finite[:, None, None], hessian, 0)
    direction = pseudo_solve(finite, gradient)
    direction[~is_finite] = np.nan
    return direction
