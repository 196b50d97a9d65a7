"""Exact Hessian-vector products of a network's loss, without finite differences across the kink of a relu."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.network.head import Head
from lrstudio.core.network.layers import ACTIVATIONS, Network
from lrstudio.core.network.products import linear, slopes, sums


class HessianProducts:
    """Multiplies the Hessian at the weights w (R, P) by directions (R, P).

    Source: Pearlmutter 1994: the forward and the backward pass are differentiated along the direction.
    """

    def __init__(self, network: Network, head: Head, w: Array, x: Array, labels: Array) -> None:
        self._network, self._head = network, head
        activation = ACTIVATIONS[network.activation]
        self._matrices = [matrix for matrix, _ in network.matrices(w)]
        self._activations = network.activations(w, x)
        hidden = self._activations[1:-1]
        self._slopes = [activation.slope(values) for values in hidden]
        self._deltas = [head.slope(self._activations[-1], labels)]
        self._bends: list[Array] = []
        for matrix, values, slope in reversed(list(zip(self._matrices[1:], hidden, self._slopes, strict=True))):
            back = linear(matrix.swapaxes(1, 2), self._deltas[0])
            self._deltas.insert(0, back * slope)
            self._bends.insert(0, back * activation.bend(values))

    def __call__(self, directions: Array) -> Array:
        directions = directions.astype(float, copy=False)
        turns = self._network.matrices(directions)
        moved, inner = self._forward(turns)
        product = np.empty_like(directions)
        change = self._head.bend(self._activations[-1], moved[-1])
        for index in reversed(range(len(turns))):
            weights, biases = self._network.parts[index]
            delta, before = self._deltas[index], self._activations[index]
            slope = slopes(change, before)
            if index:
                slope = slope + slopes(delta, inner[index - 1])
            product[:, weights], product[:, biases] = slope.reshape(len(product), -1), sums(change)
            if index:
                matrix, turn = self._matrices[index].swapaxes(1, 2), turns[index][0].swapaxes(1, 2)
                change = linear(turn, delta, linear(matrix, change)) * self._slopes[index - 1]
                change += self._bends[index - 1] * moved[index - 1]
        return product

    def _forward(self, turns: list[tuple[Array, Array]]) -> tuple[list[Array], list[Array]]:
        """Returns the directional derivatives of the inputs and the outputs of each layer's activation."""
        moved: list[Array] = []
        inner: list[Array] = []
        for index, (turn, shift) in enumerate(turns):
            change = linear(turn, self._activations[index], shift[:, :, None])
            if index:
                change = linear(self._matrices[index], inner[-1], change)
            moved.append(change)
            if index < len(self._slopes):
                inner.append(change * self._slopes[index])
        return moved, inner
