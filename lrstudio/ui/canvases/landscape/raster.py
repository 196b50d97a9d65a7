"""The picture of a surface in space: each column of pixels is drawn from the back to the front, in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, cos, radians, sin, sqrt

import numpy as np
from PySide6.QtGui import QImage

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.ui.canvases.landscape.relief import LIGHTS, as_levels, as_lights, tones
from lrstudio.ui.canvases.landscape.surface import Camera, Surface, bilinear
from lrstudio.ui.look.theme import Theme

_COLUMNS = 48
"""Columns that are drawn at once, which bounds how long other threads wait."""
_SLICES = 1.5
"""Slices from the back to the front, as a multiple of the cells of the surface."""
_BAND = 16
"""Levels of height between two lines."""
_INK = 0.72
"""Share of a colour's lightness that is left on a line."""
_BELOW = 14
"""Lights that the lower side of the surface is darker."""
Stop = Callable[[], bool]


@dataclass(frozen=True)
class View3D:
    """How a surface is seen: the camera, pixels of the picture, pixels of a unit of the cube."""

    camera: Camera
    width: int
    height: int
    scale: float

    def finer(self, factor: float) -> View3D:
        """Returns the same view with other pixels."""
        width, height = ceil(self.width * factor), ceil(self.height * factor)
        return View3D(self.camera, width, height, self.scale * factor)


def picture(surface: Surface, view: View3D, theme: Theme, stop: Stop = lambda: False, *, lines: bool = True) -> QImage:
    """Returns the surface in the colours of a theme, transparent around it; unfinished if `stop` becomes true."""
    codes = _codes(surface, view, stop)
    colors = np.concatenate([np.zeros(1, np.uint32), tones(theme).ravel()])
    pixels = colors[codes]
    if lines:
        on_line = _edges((codes - 1) // (LIGHTS * _BAND)) & (codes > 0)
        inked = pixels[on_line].view(np.uint8).reshape(-1, 4) * np.array([_INK, _INK, _INK, 1.0])
        pixels[on_line] = inked.astype(np.uint8).view(np.uint32).ravel()
    form = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, view.width, view.height, 4 * view.width, form).copy()


def _edges(bands: Array) -> Array:
    """Returns the mask of the pixels that differ from the one above or at the left."""
    edges = np.zeros(bands.shape, bool)
    edges[1:] = bands[1:] != bands[:-1]
    edges[:, 1:] |= bands[:, 1:] != bands[:, :-1]
    return edges


def _codes(surface: Surface, view: View3D, stop: Stop) -> Array:
    """Returns 1 + index in `tones` of each pixel (height, width), 0 where the surface is not."""
    codes = np.zeros((view.height, view.width), np.int32)
    levels, lights = as_levels(surface.levels), as_lights(surface.light(view.camera))
    unit = view.scale * view.camera.zoom
    middle = view.width / 2
    first = max(0, int(middle - sqrt(2) * unit))
    last = min(view.width, int(middle + sqrt(2) * unit) + 1)
    for begin in range(first, last, _COLUMNS):
        if stop():
            break
        columns = np.arange(begin, min(begin + _COLUMNS, last))
        _draw(codes, columns, (columns + 0.5 - middle) / unit, surface, (levels, lights), view)
    return codes


def _draw(
    codes: Array, columns: Array, right: Array, surface: Surface, fields: tuple[Array, Array], view: View3D
) -> None:
    """Draws columns of pixels at distances `right` from the middle."""
    turn, tilt = radians(view.camera.around), radians(view.camera.above)
    heights = surface.points[..., 2]
    cells = len(heights) - 1
    back = np.linspace(sqrt(2), -sqrt(2), ceil(_SLICES * cells * sqrt(2)))[:, None]
    x, y = right * cos(turn) + back * sin(turn), back * cos(turn) - right * sin(turn)
    inside = (np.abs(x) <= 1) & (np.abs(y) <= 1)
    across, up = (np.clip((part + 1) / 2 * cells, 0, cells) for part in (x, y))
    unit = view.scale * view.camera.zoom
    rows = view.height / 2 - unit * (bilinear(heights, across, up) * cos(tilt) + back * sin(tilt))
    inside &= np.isfinite(rows)
    rows = np.clip(np.nan_to_num(rows), -1, view.height)
    counts = np.maximum(np.ceil(np.abs(np.diff(rows, axis=0))), 1).astype(int)
    counts[~(inside[1:] & inside[:-1])] = 0
    flat = counts.ravel()
    total = int(flat.sum())
    if not total:
        return
    part = np.repeat(np.arange(flat.size), flat)
    share = (np.arange(total) - np.repeat(np.cumsum(flat) - flat, flat)) / flat[part]

    def along(values: Array) -> Array:
        start = values[:-1].ravel()[part]
        between: Array = start + share * (values[1:].ravel()[part] - start)
        return between

    at = np.floor(along(rows)).astype(int)
    level, light = (np.rint(along(bilinear(field.astype(float), across, up))).astype(np.int32) for field in fields)
    light = np.where((np.diff(rows, axis=0) < 0).ravel()[part], np.maximum(light - _BELOW, 0), light)
    seen = (at >= 0) & (at < view.height)
    where = at[seen], columns[part[seen] % len(columns)]
    codes[where] = 1 + level[seen] * LIGHTS + light[seen]


@dataclass(frozen=True)
class Request:
    """What a picture of the surface depends on."""

    surface: Surface
    view: View3D
    theme: Theme

    def picture(self, stop: Stop = lambda: False, *, lines: bool = True) -> QImage:
        """Returns the picture; to be called in any thread."""
        return picture(self.surface, self.view, self.theme, stop, lines=lines)
