"""Losses of a network's outputs with their derivatives, and the predicted classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import exp, log, sigmoid, softplus
from lrstudio.core.network.products import sums


class Head(NamedTuple):
    """For outputs (R, out, m) and labels (m,): the mean loss (R,), its gradient `slope` in the outputs, the prediction.

    `bend` maps outputs and a direction (R, out, m) to the Hessian in the outputs times the direction. Sums over the
    outputs are in their order, sums over the points in that of `products`.
    """

    loss: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array], Array]
    predicted: Callable[[Array], Array]


def _mean(values: Array) -> Array:
    """Returns the means (R,) over the points of values (R, m)."""
    mean: Array = sums(values) / values.shape[1]
    return mean


def _binary_loss(z: Array, labels: Array) -> Array:
    z = z[:, 0]
    return _mean(softplus(z) - z * labels.astype(z.dtype))


def _binary_slope(z: Array, labels: Array) -> Array:
    slope: Array = (sigmoid(z) - labels.astype(z.dtype)) / len(labels)
    return slope


def _binary_bend(z: Array, direction: Array) -> Array:
    share = sigmoid(z)
    bend: Array = share * (1 - share) * direction / z.shape[2]
    return bend


def _shifted(z: Array) -> Array:
    """Returns the outputs minus the largest of each point."""
    shifted: Array = z - z.max(axis=1, keepdims=True)
    return shifted


def _total(values: Array) -> Array:
    """Returns the sums (R, 1, m) over the outputs, in their order."""
    total = values[:, :1]
    for index in range(1, values.shape[1]):
        total = total + values[:, index : index + 1]
    return total


def _shares(z: Array) -> Array:
    """Returns the softmax of the outputs."""
    powers = exp(_shifted(z))
    shares: Array = powers / _total(powers)
    return shares


def _softmax_loss(z: Array, labels: Array) -> Array:
    shifted = _shifted(z)
    return _mean(log(_total(exp(shifted))[:, 0]) - shifted[:, labels, np.arange(len(labels))])


def _softmax_slope(z: Array, labels: Array) -> Array:
    slope = _shares(z)
    slope[:, labels, np.arange(len(labels))] -= 1
    slope /= len(labels)
    return slope


def _softmax_bend(z: Array, direction: Array) -> Array:
    share = _shares(z)
    bend: Array = share * (direction - _total(share * direction)) / z.shape[2]
    return bend


def _largest(z: Array) -> Array:
    """Returns the index (R, m) of the largest output of each point, the first of equal ones."""
    best, index = z[:, 0], np.zeros((len(z), z.shape[2]), np.int64)
    for unit in range(1, z.shape[1]):
        larger = z[:, unit] > best
        best, index = np.where(larger, z[:, unit], best), np.where(larger, unit, index)
    return index


HEADS: dict[str, Head] = {
    "binary": Head(_binary_loss, _binary_slope, _binary_bend, lambda z: (z[:, 0] > 0).astype(np.int64)),
    "softmax": Head(_softmax_loss, _softmax_slope, _softmax_bend, _largest),
}
"""One output and labels 0 and 1 (torch.nn.BCEWithLogitsLoss), or one output a class (torch.nn.CrossEntropyLoss)."""
