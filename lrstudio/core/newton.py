"""Newton's direction: the gradient, divided by the curvature."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array


def newton_direction(hessian: Array, gradient: Array) -> Array:
    """The pseudo-inverse of each symmetric Hessian (R, P, P) times the gradient (R, P); NaN where one is not finite.

    Curvatures below P machine epsilons of the greatest count as none. No result depends on the other runs.
    """
    known = np.asarray(np.isfinite(hessian).all(axis=(1, 2)))
    finite = np.where(known[:, None, None], hessian, 0)
    rounding = hessian.shape[1] * float(np.finfo(hessian.dtype).eps)
    inverse = np.linalg.pinv(finite, rcond=rounding, hermitian=True)
    direction: Array = (inverse * gradient[:, None, :]).sum(axis=2)
    direction[~known] = np.nan
    return direction
