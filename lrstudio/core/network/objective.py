"""A network's loss on its data, with the methods of core.objective.Objective."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.network.curved import HessianProducts
from lrstudio.core.network.head import HEADS

if TYPE_CHECKING:
    from lrstudio.core.problems.network import NetworkProblem


_WIDTH = 1e-5
"""Of a difference of gradients, relative to the weight."""


class NetworkObjective:
    """The loss of a network on its training data, computed in `dtype`; `rows` picks a mini-batch.

    Weights w are (R, P). A run's result depends on the others by rounding only (BLAS).
    """

    def __init__(self, problem: NetworkProblem, seed: int, dtype: DType) -> None:
        self.problem, self.dtype, self._seed = problem, dtype, seed
        self._network, self._head = problem.network, HEADS[problem.head]
        self.data = problem.data(seed)
        self._step = 0
        self._split = problem.split(seed)
        self._x = self._split.x.astype(dtype)

    @property
    def size(self) -> int:
        """The number of training examples."""
        return len(self._split.labels)

    def at(self, step: int) -> None:
        """Look at the data as they are at a step; they may drift."""
        if step != self._step:
            self._step = step
            if self.problem.drifts:
                self._x = self.problem.drifted(self._split.x, step).astype(self.dtype)

    def loss(self, w: Array, rows: Array | None = None) -> Array:
        """The losses (R,)."""
        x, labels = self._batch(rows)
        return self._head.loss(self._network.outputs(w.astype(self.dtype, copy=False), x), labels)

    def loss_and_gradient(self, w: Array, rows: Array | None = None) -> tuple[Array, Array]:
        """The losses (R,) and their exact gradients (R, P)."""
        x, labels = self._batch(rows)
        w = w.astype(self.dtype, copy=False)
        found = self._network.activations(w, x)
        delta = self._head.slope(found[-1], labels)
        return self._head.loss(found[-1], labels), self._network.gradient(w, found, delta)

    def hessian(self, w: Array, rows: Array | None = None) -> Array:
        """The second derivatives (R, P, P), from central differences of the exact gradient; for few weights."""
        size = w.shape[1]
        w = w.astype(float)
        width = _WIDTH * np.maximum(1.0, np.abs(w))
        columns = []
        for place in range(size):
            nudge = np.zeros_like(w)
            nudge[:, place] = width[:, place]
            up, down = (self.loss_and_gradient(w + sign * nudge, rows)[1] for sign in (1, -1))
            columns.append((up - down) / (2 * width[:, place, None]))
        hessian = np.stack(columns, axis=2)
        return ((hessian + hessian.transpose(0, 2, 1)) / 2).astype(self.dtype)

    def hessian_products(self, w: Array) -> HessianProducts:
        """What gives Hessian times direction (R, P), over all data, for directions (R, P)."""
        x, labels = self._batch(None)
        return HessianProducts(self._network, self._head, w.astype(self.dtype, copy=False), x, labels)

    def evaluate(self, w: Array) -> dict[str, Array]:
        """Over all data: the share of training examples that is right, the loss and this share on the others (R,)."""
        split, w = self._split, w.astype(self.dtype, copy=False)
        x = split.other_x if not self.problem.drifts else self.problem.drifted(split.other_x, self._step)
        train = self._head.predicted(self._network.outputs(w, self._x)) == split.labels
        z = self._network.outputs(w, x.astype(self.dtype))
        other = self._head.predicted(z) == split.other_labels
        return {
            "accuracy": train.mean(axis=1),
            "val_loss": self._head.loss(z, split.other_labels),
            "val_accuracy": other.mean(axis=1),
        }

    def _batch(self, rows: Array | None) -> tuple[Array, Array]:
        if rows is None:
            return self._x, self._split.labels
        return self._x[rows], self._split.labels[rows]
