"""Losses of a network's outputs with their derivatives, and the predicted classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.network.layers import sigmoid


class Head(NamedTuple):
    """For outputs (R, m, out) and labels (m,): the mean loss (R,), its gradient `slope` in the outputs, the prediction.

    `bend` maps outputs and a direction (R, m, out) to the Hessian in the outputs times the direction.
    """

    loss: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array], Array]
    predicted: Callable[[Array], Array]


def _binary_loss(z: Array, labels: Array) -> Array:
    z = z[..., 0]
    loss: Array = (np.maximum(z, 0) - z * labels + np.log1p(np.exp(-np.abs(z)))).mean(axis=1)
    return loss


def _binary_slope(z: Array, labels: Array) -> Array:
    slope: Array = (sigmoid(z) - labels[:, None]) / len(labels)
    return slope


def _binary_bend(z: Array, direction: Array) -> Array:
    share = sigmoid(z)
    bend: Array = share * (1 - share) * direction / z.shape[1]
    return bend


def _shifted(z: Array) -> Array:
    shifted: Array = z - z.max(axis=-1, keepdims=True)
    return shifted


def _softmax_loss(z: Array, labels: Array) -> Array:
    shifted = _shifted(z)
    own = shifted[:, np.arange(len(labels)), labels]
    loss: Array = (np.log(np.exp(shifted).sum(axis=-1)) - own).mean(axis=1)
    return loss


def _softmax_slope(z: Array, labels: Array) -> Array:
    slope = np.exp(_shifted(z))
    slope /= slope.sum(axis=-1, keepdims=True)
    slope[:, np.arange(len(labels)), labels] -= 1
    slope /= len(labels)
    return slope


def _softmax_bend(z: Array, direction: Array) -> Array:
    share = np.exp(_shifted(z))
    share /= share.sum(axis=-1, keepdims=True)
    bend: Array = share * (direction - (share * direction).sum(axis=-1, keepdims=True)) / z.shape[1]
    return bend


HEADS: dict[str, Head] = {
    "binary": Head(_binary_loss, _binary_slope, _binary_bend, lambda z: (z[..., 0] > 0).astype(np.int64)),
    "softmax": Head(_softmax_loss, _softmax_slope, _softmax_bend, lambda z: z.argmax(axis=-1)),
}
"""One output and labels 0 and 1 (torch.nn.BCEWithLogitsLoss), or one output a class (torch.nn.CrossEntropyLoss)."""
