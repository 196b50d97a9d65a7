"""The Hessian of a network's loss times directions, exactly: no weight is nudged over the kink of a relu."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.network.head import Head
from lrstudio.core.network.layers import ACTIVATIONS, Network


class HessianProducts:
    """Called with directions (R, P) it gives Hessian times direction (R, P), at the weights w (R, P).

    Pearlmutter (1994): all that the forward and the backward pass compute is differentiated along the direction.
    """

    def __init__(self, network: Network, head: Head, w: Array, x: Array, labels: Array) -> None:
        self._network, self._head = network, head
        activation = ACTIVATIONS[network.activation]
        self._matrices = [matrix for matrix, _ in network.matrices(w)]
        self._found = network.activations(w, x)
        hidden = self._found[1:-1]
        self._slopes = [activation.slope(values) for values in hidden]
        self._deltas = [head.slope(self._found[-1], labels)]
        self._bends: list[Array] = []
        for matrix, values, slope in reversed(list(zip(self._matrices[1:], hidden, self._slopes, strict=True))):
            back = self._deltas[0] @ matrix
            self._deltas.insert(0, back * slope)
            self._bends.insert(0, back * activation.bend(values))

    def __call__(self, directions: Array) -> Array:
        turns = self._network.matrices(directions)
        moved, inner = self._forward(turns)
        product = np.empty_like(directions)
        change = self._head.bend(self._found[-1], moved[-1])
        for place in reversed(range(len(turns))):
            weights, biases = self._network.parts[place]
            delta, before = self._deltas[place], self._found[place]
            slope = change.transpose(0, 2, 1) @ before
            if place:
                slope = slope + delta.transpose(0, 2, 1) @ inner[place - 1]
            product[:, weights], product[:, biases] = slope.reshape(len(product), -1), change.sum(axis=1)
            if place:
                change = (change @ self._matrices[place] + delta @ turns[place][0]) * self._slopes[place - 1]
                change += self._bends[place - 1] * moved[place - 1]
        return product

    def _forward(self, turns: list[tuple[Array, Array]]) -> tuple[list[Array], list[Array]]:
        """How what goes into each layer's activation changes along the directions, and what comes out of it."""
        moved: list[Array] = []
        inner: list[Array] = []
        for place, (turn, shift) in enumerate(turns):
            change = self._found[place] @ turn.transpose(0, 2, 1) + shift[:, None, :]
            if place:
                change = change + inner[-1] @ self._matrices[place].transpose(0, 2, 1)
            moved.append(change)
            if place < len(self._slopes):
                inner.append(change * self._slopes[place])
        return moved, inner
