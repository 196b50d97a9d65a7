"""Linear layers with activations between them, for R runs at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import sigmoid, tanh
from lrstudio.core.formula.tensors import Tensor, Tensors
from lrstudio.core.network.products import linear, slopes, sums
from lrstudio.core.record import dataclass


class Activation(NamedTuple):
    """a = f(z), and its derivatives `slope` f'(z) and `bend` f''(z) as functions of a."""

    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    bend: Callable[[Array], Array]


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(tanh, lambda a: 1 - a * a, lambda a: -2 * a * (1 - a * a)),
    "relu": Activation(lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype), np.zeros_like),
    "sigmoid": Activation(sigmoid, lambda a: a * (1 - a), lambda a: a * (1 - a) * (1 - 2 * a)),
}
"""The activations by PyTorch's names; the derivative of relu is 0 at 0, its second derivative 0."""


@dataclass(frozen=True)
class Network:
    """A network with layers of these sizes, inputs first. The weights (R, P) are, by layer, W (out, in) by row, then b.

    That is the order of torch.nn.Sequential(Linear, ...).parameters(), flattened.
    """

    sizes: tuple[int, ...]
    activation: str = "tanh"

    @cached_property
    def parts(self) -> tuple[tuple[slice, slice], ...]:
        """The slices of W and b of each layer in the weights."""
        parts, start = [], 0
        for inside, outside in pairwise(self.sizes):
            middle, end = start + outside * inside, start + outside * inside + outside
            parts.append((slice(start, middle), slice(middle, end)))
            start = end
        return tuple(parts)

    @cached_property
    def tensors(self) -> Tensors:
        """The matrices and biases, in this order."""
        tensors: list[Tensor] = []
        for (inside, outside), (weights, biases) in zip(pairwise(self.sizes), self.parts, strict=True):
            hidden = biases.stop < self.size
            tensors += [Tensor(weights.start, outside, inside, True, hidden), Tensor(biases.start, outside)]
        return tuple(tensors)

    @property
    def size(self) -> int:
        """P, the number of weights."""
        return int(self.parts[-1][1].stop)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the weights: w1_2_3 is that of layer 1 from input 3 to unit 2, b1_2 the unit's bias, from 1."""
        names: list[str] = []
        for layer, (inside, outside) in enumerate(pairwise(self.sizes), 1):
            names += [f"w{layer}_{unit + 1}_{source + 1}" for unit in range(outside) for source in range(inside)]
            names += [f"b{layer}_{unit + 1}" for unit in range(outside)]
        return tuple(names)

    def matrices(self, w: Array) -> list[tuple[Array, Array]]:
        """Returns views of W (R, out, in) and b (R, out) of each layer."""
        shapes = list(pairwise(self.sizes))
        return [
            (w[:, weights].reshape(len(w), outside, inside), w[:, biases])
            for (inside, outside), (weights, biases) in zip(shapes, self.parts, strict=True)
        ]

    def activations(self, w: Array, x: Array) -> list[Array]:
        """Returns the inputs (1, in, m) and the outputs (R, out, m) of each layer, the last one without an activation.

        The points x are (m, in).
        """
        value = ACTIVATIONS[self.activation].value
        activations, layers = [np.ascontiguousarray(x.T)[None]], self.matrices(w)
        for index, (weights, biases) in enumerate(layers):
            z = linear(weights, activations[-1], biases[:, :, None])
            activations.append(z if index == len(layers) - 1 else value(z))
        return activations

    def outputs(self, w: Array, x: Array) -> Array:
        """Returns the last layer's outputs (R, out, m) for inputs (m, in)."""
        return self.activations(w, x)[-1]

    def gradient(self, w: Array, activations: list[Array], delta: Array) -> Array:
        """Returns the gradient (R, P) from `activations` and the gradient of the loss in the outputs (R, out, m)."""
        slope = ACTIVATIONS[self.activation].slope
        gradient = np.empty_like(w)
        layers = list(zip(self.parts, self.matrices(w), activations[:-1], strict=True))
        for (weights, biases), (matrix, _), before in reversed(layers):
            gradient[:, weights] = slopes(delta, before).reshape(len(w), -1)
            gradient[:, biases] = sums(delta)
            if weights.start:
                delta = linear(matrix.swapaxes(1, 2), delta) * slope(before)
        return gradient
