"""The eigenvalues of the Hessian of a loss."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.linear_algebra import eigen
from lrstudio.core.objective import Objective

MOST_EXACT = 32
"""The largest number of parameters for which the whole Hessian is computed."""


def curvatures(objective: Objective, w: Array, preconditioner: Array | None = None) -> Array:
    """Returns the rising eigenvalues (R, P) of the exact Hessian at w (R, P); NaN if it is not finite.

    With a preconditioner p (R, P) they are those of H divided by p, as for an adaptive optimizer.
    """
    with np.errstate(all="ignore"):
        hessian = np.asarray(objective.hessian(w), float)
        if preconditioner is not None:
            root = 1 / np.sqrt(np.asarray(preconditioner, float))
            hessian = hessian * root[:, :, None] * root[:, None, :]
    values = np.full(hessian.shape[:2], np.nan)
    finite = np.isfinite(hessian).all(axis=(1, 2))
    values[finite] = eigen(hessian[finite]).values
    return values
