"""What is measured of a network beside its loss."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.network import NetworkObjective
from lrstudio.core.objective import Objective

EVALUATIONS = 100
"""All data are looked at about so many times in the steps that were planned; between them the columns are NaN."""


class Metrics:
    """The columns of a problem's metrics, row by row; none for problems without a network."""

    def __init__(self, objective: Objective | NetworkObjective, planned: int) -> None:
        self._objective = objective
        self._every = max(1, -(-planned // EVALUATIONS))
        self.columns: tuple[str, ...] = objective.problem.metrics

    def measure(self, step: int, w: Array, gradient: Array, *, last: bool) -> dict[str, Array]:
        """The metrics (R,) of weights and gradient (R, P) at a step, all of them at the `last` one."""
        if not isinstance(self._objective, NetworkObjective):
            return {}
        found = {"norm": _norm(w), "grad_norm": _norm(gradient)}
        if step % self._every == 0 or last:
            found |= self._objective.evaluate(w)
        return found


def _norm(vectors: Array) -> Array:
    vectors = vectors.astype(float, copy=False)
    norm: Array = np.sqrt(np.einsum("rp,rp->r", vectors, vectors))
    return norm
