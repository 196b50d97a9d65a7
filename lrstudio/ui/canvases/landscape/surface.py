"""A landscape of two parameters as a surface in 3D, projected and depth-sorted without OpenGL."""

from __future__ import annotations

from math import cos, radians, sin, sqrt

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.landscape import Landscape
from lrstudio.core.record import dataclass

_HEIGHT = 0.9
_LIGHT = np.array([-0.45, -0.5, 0.74])


@dataclass(frozen=True)
class Camera:
    """An orthographic camera: azimuth and elevation in degrees, and zoom."""

    around: float = 30.0
    above: float = 38.0
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
        finite = loss[np.isfinite(loss)]
        self._floor = float(finite.min()) if len(finite) else 0.0
        height = float(np.quantile(finite, 0.995)) - self._floor if len(finite) else 1.0
        self._unit = max(float(np.quantile(finite, 0.02)) - self._floor, height * 1e-3) if len(finite) else 1.0
        self._most = np.log1p(max(height, 1e-300) / max(self._unit, 1e-300))
        x, y = np.meshgrid(*(np.linspace(-1, 1, cells + 1) for _ in self.axes))
        self.points = np.stack([x, y, self.heights(loss)], axis=-1)
        self.shades = self._shades()

    def heights(self, loss: Array) -> Array:
        """Maps losses to heights from -1 on, clipped above the picture; NaN stays NaN."""
        above = np.maximum(np.asarray(loss, float) - self._floor, 0.0)
        with np.errstate(invalid="ignore"):
            scaled = np.log1p(above / max(self._unit, 1e-300)) / (self._most or 1.0)
        return -1 + 2 * _HEIGHT * np.minimum(scaled, 1.1)

    def points_at(self, params: Array) -> Array:
        """Returns the points (n, 3) on the surface at parameters (n, 2), bilinear; NaN outside."""
        lows = np.array([axis[0] for axis in self.axes])
        highs = np.array([axis[-1] for axis in self.axes])
        share = (params - lows) / (highs - lows)
        inside = ((share >= 0) & (share <= 1)).all(axis=1)
        share[~inside] = np.nan
        cells = len(self.axes[0]) - 1
        x, y = np.nan_to_num(share.T * cells)
        column, row = np.minimum(x, cells - 1).astype(int), np.minimum(y, cells - 1).astype(int)
        right, back, z = x - column, y - row, self.points[..., 2]
        near = z[row, column] * (1 - right) + z[row, column + 1] * right
        far = z[row + 1, column] * (1 - right) + z[row + 1, column + 1] * right
        heights = np.where(inside, near * (1 - back) + far * back, np.nan)
        return np.concatenate([2 * share - 1, heights[:, None]], axis=1)

    def quads(self, camera: Camera) -> tuple[Array, Array]:
        """Returns the projected cells (n, 4, 2) from back to front, and their indices in `shades`."""
        screen, depth = camera.project(self.points)
        corners = (slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None)), (slice(1, None),) * 2
        corners = (*corners, (slice(1, None), slice(None, -1)))  # type: ignore[assignment]
        cells = np.stack([screen[corner] for corner in corners], axis=2).reshape(-1, 4, 2)
        far = sum(depth[corner] for corner in corners).ravel()  # type: ignore[union-attr]
        order = np.argsort(-far, kind="stable")
        order = order[np.isfinite(cells[order]).all(axis=(1, 2))]
        return cells[order], order

    def _shades(self) -> Array:
        """Returns the brightness of each cell (n,), 0 to 1, lit from the upper left."""
        p = self.points
        along, across = p[:-1, 1:] - p[:-1, :-1], p[1:, :-1] - p[:-1, :-1]
        normals = np.cross(along, across)
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
        shades: Array = np.clip(normals @ _LIGHT, 0, 1).ravel()
        return np.nan_to_num(shades, nan=0.5)
