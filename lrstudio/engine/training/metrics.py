"""What is measured of an objective beside its loss."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.objective import Objective

EVALUATIONS = 100
"""All data are looked at about so many times in the steps that were planned; between them the columns are NaN."""


class Metrics:
    """The columns of an objective's metrics, row by row."""

    def __init__(self, objective: Objective, planned: int) -> None:
        self._objective = objective
        self._every = max(1, -(-planned // EVALUATIONS))
        self.columns: tuple[str, ...] = objective.metrics

    def measure(self, step: int, w: Array, gradient: Array, *, last: bool) -> dict[str, Array]:
        """The metrics (R,) of weights and gradient (R, P) at a step, all of them at the `last` one."""
        if not self.columns:
            return {}
        values = {"norm": _norm(w), "grad_norm": _norm(gradient)}
        if step % self._every == 0 or last:
            values |= self._objective.evaluate(w)
        return values


def _norm(vectors: Array) -> Array:
    vectors = vectors.astype(float, copy=False)
    norm: Array = np.sqrt(np.einsum("rp,rp->r", vectors, vectors))
    return norm
