"""The loss of a network on its training examples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.network.classifier import Classifier, Split
from lrstudio.core.network.curved import HessianProducts
from lrstudio.core.network.head import HEADS
from lrstudio.core.network.layers import Network
from lrstudio.core.objective import Objective

_STEP = 1e-5
"""The step of a difference of gradients, relative to the weight."""


class NetworkObjective(Objective):
    """The loss of a network with a head; `drift` returns the inputs (m, in) at a step.

    The order of every sum is that of `products`, so that no result depends on the processor or on the other runs.
    """

    metrics = ("norm", "grad_norm", "accuracy", "val_loss", "val_accuracy")

    def __init__(
        self,
        network: Network,
        head: str,
        split: Split,
        dtype: DType,
        drift: Callable[[Array, int], Array] | None = None,
    ) -> None:
        super().__init__(network.names, {"label": split.labels}, dtype)
        if drift is None:
            self.classifier = Classifier(network, head, split)
        self._network, self._head, self._split, self._drift = network, HEADS[head], split, drift
        self._step, self._x = 0, split.x.astype(dtype)

    def at(self, step: int) -> None:
        if step != self._step:
            self._step = step
            if self._drift is not None:
                self._x = self._drift(self._split.x, step).astype(self.dtype)

    def loss(self, w: Array, rows: Array | None = None) -> Array:
        x, labels = self._batch(rows)
        return self._head.loss(self._network.outputs(w.astype(self.dtype, copy=False), x), labels)

    def loss_and_gradient(self, w: Array, rows: Array | None = None) -> tuple[Array, Array]:
        x, labels = self._batch(rows)
        w = w.astype(self.dtype, copy=False)
        layers = self._network.activations(w, x)
        delta = self._head.slope(layers[-1], labels)
        return self._head.loss(layers[-1], labels), self._network.gradient(w, layers, delta)

    def hessian(self, w: Array, rows: Array | None = None) -> Array:
        """Returns the second derivatives (R, P, P) from central differences of the exact gradient; for few weights."""
        size = w.shape[1]
        w = w.astype(float)
        width = _STEP * np.maximum(1.0, np.abs(w))
        columns = []
        for index in range(size):
            nudge = np.zeros_like(w)
            nudge[:, index] = width[:, index]
            up, down = (self.loss_and_gradient(w + sign * nudge, rows)[1] for sign in (1, -1))
            columns.append((up - down) / (2 * width[:, index, None]))
        hessian = np.stack(columns, axis=2)
        return ((hessian + hessian.transpose(0, 2, 1)) / 2).astype(self.dtype)

    def hessian_products(self, w: Array) -> HessianProducts:
        """Returns the exact Hessian-vector products at w (R, P) over all data, in float64."""
        x, labels = self._batch(None)
        return HessianProducts(self._network, self._head, w.astype(float), x.astype(float), labels)

    def evaluate(self, w: Array) -> dict[str, Array]:
        """Returns the accuracy on the training examples and the loss and the accuracy on the others (R,)."""
        split, w = self._split, w.astype(self.dtype, copy=False)
        x = split.other_x if self._drift is None else self._drift(split.other_x, self._step)
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
