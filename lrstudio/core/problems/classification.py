from __future__ import annotations

from math import pi

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.datasets.plane import SHAPES, points_in_plane
from lrstudio.core.declaration import choice, param
from lrstudio.core.elementary import cos, sin
from lrstudio.core.network import ACTIVATIONS, INITS, Network, Split
from lrstudio.core.problems.network import NetworkProblem


class Classification(NetworkProblem):
    """Two classes of points in the plane, separated by a small network, or by logistic regression (layers = 0)."""

    key = "classification"
    title = "Points in the plane"
    head = "binary"
    has_decision_boundary = True

    shape: str = choice("moons", tuple(SHAPES), "arrangement of the two classes")
    n: int = param(
        200, "number of training points; as many others measure", 10, 20_000, scale="log", label="training points"
    )
    noise: float = param(0.15, "standard deviation of the points around the shape", 0, 2)
    imbalance: float = param(
        0.5, "share of the points that are of the second class", 0.01, 0.99, label="2nd class share"
    )
    scale: float = param(
        1.0, "factor of the second input: unequal scales make a ravine", 0.01, 100, scale="log", label="scale of x2"
    )
    drift: float = param(0.0, "degrees by which the points turn in 1000 steps", -3600, 3600)
    layers: int = param(2, "hidden layers; 0 is logistic regression", 0, 3, label="hidden layers")
    units: int = param(8, "units in each hidden layer", 1, 16, label="units per layer")
    activation: str = choice("tanh", tuple(ACTIVATIONS), "what a hidden unit does with its sum")
    init: str = choice("default", INITS, "how the weights begin", label="initial weights")

    @property
    def network(self) -> Network:
        return Network((2, *[self.units] * self.layers, 1), self.activation)

    def make_split(self, seed: int) -> Split:
        streams = np.random.SeedSequence(seed).spawn(2)
        (x, labels), (other_x, other_labels) = (
            points_in_plane(self.shape, self.n, self.noise, self.imbalance, np.random.default_rng(stream))
            for stream in streams
        )
        stretch = np.array([1.0, self.scale])
        return Split(x * stretch, labels, other_x * stretch, other_labels)

    @property
    def turn(self) -> tuple[float, float] | None:  # type: ignore[override]
        return (self.drift, self.scale) if self.drift else None

    def input_range(self, seed: int) -> Array:
        """Returns the inputs, or a square that holds every rotation of drifting points."""
        x = self.split(seed).x
        if not self.drifts:
            return x
        radius = float(np.sqrt(x[:, 0] ** 2 + (x[:, 1] / self.scale) ** 2).max())
        return np.array([[-radius, -radius * self.scale], [radius, radius * self.scale]])

    def drifted(self, x: Array, step: int) -> Array:
        angle = self.drift * step / 1000 * pi / 180
        along, beside = cos(angle), sin(angle)
        across, up = x[:, 0], x[:, 1] / self.scale
        turned = (along * across - beside * up, (beside * across + along * up) * self.scale)
        return np.stack(turned, axis=1)
