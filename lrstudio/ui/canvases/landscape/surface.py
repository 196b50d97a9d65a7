"""A landscape of two parameters as a surface in 3D, projected without OpenGL."""

from __future__ import annotations

from functools import cached_property
from math import cos, radians, sin, sqrt

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.landscape import Landscape
from lrstudio.core.record import dataclass
from lrstudio.ui.canvases.landscape.relief import Heights

_HEIGHT = 0.9
_LIGHT = np.array([-0.7, 0.1, 0.7071])
"""Direction to the light for a camera that is not turned: from the left."""


@dataclass(frozen=True)
class Camera:
    """An orthographic camera: azimuth and elevation in degrees, and zoom."""

    around: float = 30.0
    above: float = 58.0
    zoom: float = 1.0

    def turned(self, around: float, above: float) -> Camera:
        """Returns a rotated camera; the elevation is clamped to 8..85 degrees."""
        return Camera((self.around + around) % 360, min(max(self.above + above, 8.0), 85.0), self.zoom)

    def zoomed(self, factor: float) -> Camera:
        return Camera(self.around, self.above, min(max(self.zoom * factor, 0.5), 6.0))

    @property
    def extent(self) -> tuple[float, float]:
        """Half the width and the height of the projected cube at any azimuth."""
        tilt = radians(self.above)
        return sqrt(2), sqrt(2) * sin(tilt) + cos(tilt)

    def project(self, points: Array) -> tuple[Array, Array]:
        """Projects points (..., 3) of the cube [-1, 1]³ to the screen (..., 2), y downwards, with their depth."""
        a, e = radians(self.around), radians(self.above)
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        right, back = x * cos(a) - y * sin(a), x * sin(a) + y * cos(a)
        up, depth = z * cos(e) + back * sin(e), back * cos(e) - z * sin(e)
        return self.zoom * np.stack([right, -up], axis=-1), depth


class Surface:
    """The losses of a landscape as heights, logarithmic above the least loss."""

    def __init__(self, landscape: Landscape, cells: int) -> None:
        self.names, self.cut = landscape.names, landscape.cut
        self.axes = tuple(axis[np.linspace(0, len(axis) - 1, cells + 1).astype(int)] for axis in landscape.axes)
        rows, columns = (np.searchsorted(axis, coarse) for axis, coarse in zip(landscape.axes, self.axes, strict=True))
        loss = landscape.loss[np.ix_(columns, rows)]
        self._heights = Heights.of(landscape.loss)
        x, y = np.meshgrid(*(np.linspace(-1, 1, cells + 1) for _ in self.axes))
        self.points = np.stack([x, y, self.heights(loss)], axis=-1)

    def heights(self, loss: Array) -> Array:
        """Maps losses to heights from -1 on, clipped above the picture; NaN stays NaN."""
        return -1 + 2 * _HEIGHT * np.minimum(self._heights(loss), 1.1)

    def points_at(self, params: Array) -> Array:
        """Returns the points (n, 3) on the surface at parameters (n, 2), bilinear; NaN outside."""
        lows = np.array([axis[0] for axis in self.axes])
        highs = np.array([axis[-1] for axis in self.axes])
        share = (params - lows) / (highs - lows)
        inside = ((share >= 0) & (share <= 1)).all(axis=1)
        share[~inside] = np.nan
        across, up = np.nan_to_num(share.T * (len(self.axes[0]) - 1))
        heights = np.where(inside, bilinear(self.points[..., 2], across, up), np.nan)
        return np.concatenate([2 * share - 1, heights[:, None]], axis=1)

    @cached_property
    def levels(self) -> Array:
        """Heights of the points from 0 to 1; 1 where there is none."""
        levels: Array = np.nan_to_num((self.points[..., 2] + 1) / (2 * _HEIGHT), nan=1.0)
        return levels

    @cached_property
    def _normals(self) -> Array:
        step = 2 / (len(self.points) - 1)
        up, right = np.gradient(self.points[..., 2], step, step)
        normals = np.stack([-right, -up, np.ones_like(up)], axis=-1)
        unit: Array = normals / np.linalg.norm(normals, axis=-1, keepdims=True)
        return unit

    def light(self, camera: Camera) -> Array:
        """Returns the light of the points, 0 for that of a plain, from the viewer's left."""
        turn = radians(camera.around)
        x, y, z = _LIGHT
        light = np.array([x * cos(turn) + y * sin(turn), y * cos(turn) - x * sin(turn), z])
        lights: Array = np.nan_to_num(self._normals @ light - z)
        return lights


def bilinear(grid: Array, across: Array, up: Array) -> Array:
    """Returns the values of a grid (n, m) between its points, at columns and rows."""
    column = np.minimum(across.astype(int), grid.shape[1] - 2)
    row = np.minimum(up.astype(int), grid.shape[0] - 2)
    right, above = across - column, up - row
    first = row * grid.shape[1] + column
    values = grid.ravel()
    low = values[first] * (1 - right) + values[first + 1] * right
    high = values[first + grid.shape[1]] * (1 - right) + values[first + grid.shape[1] + 1] * right
    between: Array = low * (1 - above) + high * above
    return between
