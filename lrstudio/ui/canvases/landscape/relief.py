"""The relief of a landscape of two parameters: the logarithmic height in colours, lit from the upper left."""

from __future__ import annotations

import sys
from functools import lru_cache

import numpy as np
from PySide6.QtGui import QColor, QImage

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.ui.look.theme import Theme

_LEVELS, LIGHTS = 256, 65
_STEEP = 3.0
"""Height of the picture of a hill, as a multiple of the picture's width, for its light."""
_LIGHT = np.array([-0.5, 0.5, 0.7071])
"""Direction to the light: left, up and out of the picture."""
_STRENGTH = 0.1
"""Greatest change of OKLab's lightness by the light."""
_TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


@dataclass(frozen=True)
class Heights:
    """Maps losses to heights, logarithmic above the least loss: log(1 + (loss - floor)/unit), 1 at the `top`."""

    floor: float
    unit: float
    top: float

    @classmethod
    def of(cls, loss: Array, floor: float = np.inf) -> Heights:
        """Returns the heights that suit losses; `floor` is the least loss computed so far."""
        finite = loss[np.isfinite(loss)]
        if not len(finite):
            return cls(0.0, 1.0, 1.0)
        floor = min(float(finite.min()), floor)
        low, high = (float(quarter) - floor / 4 for quarter in np.quantile(finite / 4, (0.02, 0.995)))  # no overflow
        height = min(max(4 * high, 1e-300), sys.float_info.max)
        unit = max(4 * low, height * 1e-3)
        return cls(floor, unit, float(np.log1p(height / unit)))

    def __call__(self, loss: Array) -> Array:
        """Returns heights from 0 on, more than 1 above the top; NaN stays NaN."""
        with np.errstate(over="ignore", invalid="ignore"):
            heights: Array = np.log1p(np.maximum(np.asarray(loss, float) - self.floor, 0.0) / self.unit) / self.top
        return heights


@dataclass(frozen=True)
class Relief:
    """Height (n, m) in 0..255, the rows upwards, and light (n, m) in 0..64, 32 of which is that of a plain."""

    heights: Array
    light: Array

    @classmethod
    def of(cls, loss: Array, floor: float = np.inf) -> Relief:
        """Returns the relief of losses (n, m); what is not finite is a plain at the top."""
        heights = np.nan_to_num(Heights.of(loss, floor)(loss), nan=1.0, posinf=1.0)
        if min(heights.shape) < 2:
            return cls(*np.zeros((2, *heights.shape), np.uint8))
        up, right = np.gradient(heights * _STEEP, 1 / (heights.shape[0] - 1), 1 / (heights.shape[1] - 1))
        normals = np.stack([-right, -up, np.ones_like(up)], axis=-1)
        light = normals @ _LIGHT / np.linalg.norm(normals, axis=-1) - _LIGHT[2]
        return cls(as_levels(heights), as_lights(light))

    def image(self, theme: Theme) -> QImage:
        """Returns the relief in the colours of a theme, a pixel for each loss."""
        pixels = np.ascontiguousarray(tones(theme)[self.heights[::-1], self.light[::-1]])
        rows, columns = pixels.shape
        return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


def as_levels(heights: Array) -> Array:
    """Returns heights 0..1 as rows of `tones`."""
    levels: Array = np.rint(np.clip(heights, 0, 1) * (_LEVELS - 1)).astype(np.uint8)
    return levels


def as_lights(light: Array) -> Array:
    """Returns light, 0 for that of a plain, as columns of `tones`."""
    half = LIGHTS // 2
    lights: Array = np.rint(np.clip(light / _LIGHT[2], -1, 1) * half + half).astype(np.uint8)
    return lights


@lru_cache(8)
def _tones(low: str, high: str) -> Array:
    """Returns pixels (256, 65) of 0xffRRGGBB by height and light, in equal steps of OKLab (Ottosson 2020)."""
    colors = [QColor(color) for color in (low, high)]
    ends = np.array([(color.redF(), color.greenF(), color.blueF()) for color in colors])
    linear = np.where(ends <= 0.04045, ends / 12.92, ((ends + 0.055) / 1.055) ** 2.4)
    first, last = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    lab = first + np.linspace(0, 1, _LEVELS)[:, None] * (last - first)
    lab = np.repeat(lab[:, None], LIGHTS, axis=1)
    lab[..., 0] += _STRENGTH * np.linspace(-1, 1, LIGHTS)
    linear = np.clip((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = np.rint(255 * encoded).astype(np.uint32).transpose(2, 0, 1)
    pixels: Array = np.uint32(0xFF000000) | red << 16 | green << 8 | blue
    return pixels


def tones(theme: Theme) -> Array:
    """Returns the pixels (256, 65) of a theme by height and light, as 0xffRRGGBB."""
    return _tones(theme.valley, theme.hill)
