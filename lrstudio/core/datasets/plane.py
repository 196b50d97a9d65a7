"""Two classes of points in the plane."""

from __future__ import annotations

from collections.abc import Callable
from math import pi

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import cos, sin
from lrstudio.core.language import mark
from lrstudio.core.random_numbers import normal, uniform

Random = np.random.Generator


def _gaussians(random: Random, labels: Array) -> Array:
    centres = np.where(labels[:, None] == 1, 0.7, -0.7)
    points: Array = centres + 0.35 * normal(random, (len(labels), 2))
    return points


def _moons(random: Random, labels: Array) -> Array:
    angle = pi * random.random(len(labels))
    upper = np.stack([cos(angle) - 0.5, sin(angle) - 0.25], axis=1)
    return np.where(labels[:, None] == 1, -upper, upper)


def _circles(random: Random, labels: Array) -> Array:
    angle, radius = 2 * pi * random.random(len(labels)), np.where(labels == 1, 0.45, 1.0)
    return np.stack([radius * cos(angle), radius * sin(angle)], axis=1)


def _xor(random: Random, labels: Array) -> Array:
    corner = random.choice([-1.0, 1.0], len(labels))
    x = corner * uniform(random, 0.1, 1.0, len(labels))
    y = np.where(labels == 1, -corner, corner) * uniform(random, 0.1, 1.0, len(labels))
    return np.stack([x, y], axis=1)


def _spiral(random: Random, labels: Array) -> Array:
    along = np.sqrt(uniform(random, 0.02, 1.0, len(labels)))
    angle = 3.5 * pi / 2 * along + pi * labels
    return np.stack([along * cos(angle), along * sin(angle)], axis=1)


SHAPES: dict[str, Callable[[Random, Array], Array]] = {
    mark("gaussians"): _gaussians,
    mark("moons"): _moons,
    mark("circles"): _circles,
    mark("xor"): _xor,
    mark("spiral"): _spiral,
}


def points_in_plane(shape: str, n: int, noise: float, imbalance: float, random: Random) -> tuple[Array, Array]:
    """Points (n, 2) and their labels (n,), 0 and 1: about within [-1.5, 1.5]², moved by normal noise.

    `imbalance` is the share of label 1; each label has at least one point.
    """
    ones = min(max(round(n * imbalance), 1), n - 1)
    labels = random.permutation(np.repeat([1, 0], [ones, n - ones]))
    return SHAPES[shape](random, labels) + noise * normal(random, (n, 2)), labels
