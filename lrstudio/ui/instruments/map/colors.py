"""The columns that a map can show, and its image in their colours, drawn in the thread that computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, get_args

import numpy as np
from PySide6.QtGui import QColor, QImage

from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.map import Picture
from lrstudio.engine.sweep.zones import RATE_KEYS, TOO_LARGE, cell_codes
from lrstudio.ui.drawing.axis import LOG_DEPTH, log_ends
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.look.verdict_style import verdict_color

Column = Literal["verdict", "final_loss", "best_loss", "steps_to_target", "diverged_at", "factor"]

COLUMNS: tuple[Column, ...] = get_args(Column)
LOGARITHMIC: frozenset[Column] = frozenset(("final_loss", "best_loss", "steps_to_target", "diverged_at"))
_SHADES = 256
_OUTLIERS = 0.5
"""Percentage of the cells beyond either end of the scale."""
_MOST_FACTOR = 1.5


@dataclass(frozen=True)
class Scale:
    """The values at both ends of the colours; `counts` (9,) has the number of cells for each of RATE_KEYS."""

    column: Column
    low: float
    high: float
    counts: tuple[int, ...]

    @property
    def log(self) -> bool:
        """Whether equal factors are equal steps of colour, which takes values above 0."""
        return self.column in LOGARITHMIC and self.low > 0

    def shares(self, values: Array) -> Array:
        """Returns values scaled to 0 … 1 between the ends, NaN where there is none."""
        scaled = self.scaled(values)
        low, high = self.scaled(np.array([self.low, self.high]))
        width = high - low
        return np.clip((scaled - low) / width, 0, 1) if width > 0 else np.where(np.isfinite(scaled), 0.5, np.nan)

    def scaled(self, values: Array) -> Array:
        """Returns the values or, on a logarithmic scale, their logarithms."""
        return np.asarray(np.log10(np.maximum(values, self.low)) if self.log else values, float)


@dataclass(frozen=True)
class Colored:
    """An image with one pixel per cell, its first row at the top, and the scale of its colours."""

    image: QImage
    scale: Scale


def colored(
    picture: Picture,
    column: Column,
    theme: Theme,
    x: Array,
    y: Array,
    axes: Sequence[Axis] = (),
    pause: Callable[[], object] = lambda: None,
) -> Colored:
    """Colours a picture; x and y have the column and the row of each pixel, from the left and from below.

    Diverged cells have their own colour unless the column is the step of overflow; cells without a value are grey.
    Where one of the sweep's `axes` has rates, neighbouring rates refine the verdicts (see `cell_codes`).
    `pause` is called between parts that take a millisecond.
    """
    verdicts = picture.filled("verdict")
    pause()
    losses = picture.filled("best_loss"), picture.filled("late_loss")
    pause()
    codes = cell_codes(axes, verdicts, *losses)
    pause()
    counts = tuple(np.bincount(codes.ravel() + 1, minlength=len(RATE_KEYS) + 1)[1:].tolist())
    pause()
    if column == "verdict":
        scale = Scale(column, 0.0, 1.0, counts)
        pixels = _verdict_shades(theme)[codes]
        pixels[(codes == TOO_LARGE) & _stripes(codes.shape)] = _color(theme.background)
    else:
        values = _values(picture, column, verdicts)
        pause()
        scale = Scale(column, *_ends(column, values), counts)
        pause()
        shares = scale.shares(values)
        pause()
        finite = np.isfinite(shares)
        pixels = shades()[np.where(finite, shares * (_SHADES - 1), 0).astype(np.intp)]
        pixels[~finite] = _color(theme.surface)
        if column != "diverged_at":
            pixels[verdicts == DIVERGED] = _color(theme.verdicts["diverged"])
    pause()
    whole = np.ascontiguousarray(pixels[np.ix_(y[::-1], x)])
    pause()
    height, width = whole.shape
    image = QImage(whole.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
    return Colored(image, scale)


@cache
def shades() -> Array:
    """Returns the colours of values as 0xffRRGGBB (256,): viridis, dark for small values."""
    from pyqtgraph import colormap  # which only maps need

    table = colormap.get("viridis").getLookupTable(nPts=_SHADES, alpha=False).astype(np.uint32)
    return np.asarray(0xFF000000 | table[:, 0] << 16 | table[:, 1] << 8 | table[:, 2], np.uint32)


def _verdict_shades(theme: Theme) -> Array:
    """Returns the colours of RATE_KEYS; the last one, at index -1, is that of cells without a verdict."""
    return np.array([*(verdict_color(key, theme).rgb() for key in RATE_KEYS), _color(theme.surface)], np.uint32)


def _stripes(shape: tuple[int, ...]) -> Array:
    """Returns a mask of every third diagonal, which tells too large rates from diverged ones of the same colour."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((rows + columns) % 3 == 0)


def _color(name: str) -> int:
    return QColor(name).rgb()


def _values(picture: Picture, column: Column, verdicts: Array) -> Array:
    """Returns the values as numbers, NaN where there are none."""
    values = np.asarray(picture.filled(column), float)
    if column in ("steps_to_target", "diverged_at"):
        return np.where(values >= 0, values, np.nan)
    if column == "factor":
        return np.where(values < _MOST_FACTOR, values, np.where(np.isnan(values), np.nan, _MOST_FACTOR))
    return np.where(verdicts == DIVERGED, np.nan, values)


def _ends(column: Column, values: Array) -> tuple[float, float]:
    """Returns the least and the greatest value without outliers."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return (0.0, 1.0) if column == "factor" else (1.0, 10.0)
    low, high = (float(end) for end in np.percentile(finite, [_OUTLIERS, 100 - _OUTLIERS]))
    if column not in LOGARITHMIC or (finite < 0).any():
        return low, high
    if low > LOG_DEPTH * high:
        return low, high
    return log_ends(finite[finite <= high])  # zeros have the colour of the lower end
