"""How a point is measured: its loss and its gradient, exactly or by differences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.engine.experiment import Gradient

_VALUES = 2**22
"""Runs times data points that are looked at side by side."""


class Measured(NamedTuple):
    """loss (R,), gradient (R, P) and, for a one-sided difference, the losses beside the point (R, P)."""

    loss: Array
    gradient: Array
    loss_plus: Array | None = None


def measure(objective: Objective, gradient: Gradient, w: Array, rows: Array | None) -> Measured:
    """The points w (R, P), measured as the experiment asks.

    A difference nudges the weights in their own precision: a float32 weight can be too large to notice 0.0001, and
    then the measured gradient is exactly 0.
    """
    if gradient.mode == "analytic":
        return Measured(*objective.loss_and_gradient(w, rows))
    assert gradient.eps is not None
    runs, size = w.shape
    nudge = np.asarray(gradient.eps * np.eye(size), w.dtype)
    sides = [w[:, None, :] + nudge]
    if gradient.mode == "central":
        sides.append(w[:, None, :] - nudge)
    points = np.concatenate([w, *(side.reshape(-1, size) for side in sides)])
    losses = objective.loss(points, rows)
    loss, plus = losses[:runs], losses[runs : runs + runs * size].reshape(runs, size)
    if gradient.mode == "forward":
        return Measured(loss, (plus - loss[:, None]) / gradient.eps, plus)
    minus = losses[runs + runs * size :].reshape(runs, size)
    return Measured(loss, (plus - minus) / (2 * gradient.eps))


def loss_on_all_data(objective: Objective, w: Array) -> Array:
    """The losses (R,) of the points w (R, P) on all data, as float64."""
    at_once = max(1, _VALUES // max(1, objective.size))
    pieces = [objective.loss(w[first : first + at_once]) for first in range(0, len(w), at_once)]
    return np.concatenate(pieces).astype(float)
