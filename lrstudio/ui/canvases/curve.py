"""A curve of a million points against the step: one column of a pyramid, drawn as what a pixel column can show."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from lrstudio.ui.canvases.lines import STEEP, clip, dash, is_on, lengths, polyline
from lrstudio.ui.canvases.pixels import CROWDED, PixelItem, draw_lines, draw_walker, to_pixels
from lrstudio.ui.canvases.pyramid import Pyramid
from lrstudio.ui.theme import RunStyle, mix

Array = np.ndarray[Any, np.dtype[Any]]

_BUCKET_PIXELS = 2.0
SMALLEST = 1e-30
"""What a logarithmic axis takes for 0: far below every view, so that the curve leaves it downwards."""


_FEW = 30


class CurveItem(PixelItem):
    """Row number against value, with the run's colour and dash, and its marker at the newest point.

    Rows are drawn one by one while a pixel column has at most two; from there on in buckets of 2**k rows, each as the
    middle of its extremes, and as an upright bar where those reach beyond the line through the middles.
    """

    def __init__(
        self, pyramid: Pyramid, column: int, style: RunStyle, outline: QColor, *, width: float = 2.0, log: bool = False
    ) -> None:
        super().__init__()
        self._pyramid, self._column = pyramid, column
        self._style, self._outline = style, outline
        self._width, self._log = width, log
        self._head: tuple[float, float] | None = None
        self._drawn: tuple[tuple[object, ...], Array, Array] | None = None

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Change the looks; `outline` sets the marker off, it is the background's colour."""
        self._style, self._outline = style, outline
        self.update()

    def set_log(self, log: bool) -> None:
        """Whether the view's y is the decimal logarithm."""
        self._log = log
        self.update()

    def set_head(self, row: int | None) -> None:
        """Put the marker at this row; None hides it."""
        self._head = None
        if row is not None:
            value = self._pyramid.rows(row, row + 1)[:, self._column]
            if len(value) and np.isfinite(value[0]):
                self._head = float(row), float(self._scaled(value)[0])
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        lines, bars = self._geometry(transform, area)
        color, pattern = self._style.color, self._style.dash
        everything = np.concatenate([lines, bars])
        if not is_crowded(everything, area, self._width):
            draw_lines(painter, bars, color, self._width)
            draw_lines(painter, dash(lines, pattern), color, self._width, flat=bool(pattern))
        else:
            self._draw_block(painter, everything)
        if self._head is not None:
            self._draw_head(painter, transform, area, everything[:, 2])

    def _draw_block(self, painter: QPainter, lines: Array) -> None:
        """Lines so dense that they fill an area: it is pale, and dashes are stripes of it, paler in the gaps."""
        on = is_on(lines[:, 0], tuple(2 * length for length in self._style.dash))
        for part, pale in ((lines[~on], 0.7), (lines[on], 0.4)):
            color = mix(self._style.color.name(), self._outline.name(), pale)
            draw_lines(painter, part, color, self._width, smooth=False)

    def _draw_head(self, painter: QPainter, transform: QTransform, area: QRectF, drawn: Array) -> None:
        """The marker; of a curve that has left the view, a triangle where it left."""
        assert self._head is not None
        x, y = (float(pixel) for pixel in to_pixels(transform, *np.array(self._head)))
        if not area.left() - 1 <= x <= area.right() + 1:
            return
        if not area.top() <= y <= area.bottom():
            x = float(drawn[drawn <= x].max(initial=area.left()))
        draw_walker(painter, self._style.marker, QPointF(x, y), area, self._style.color, self._outline)

    def _geometry(self, transform: QTransform, area: QRectF) -> tuple[Array, Array]:
        """Lines and bars within the area; kept until data or view change."""
        key = self._pyramid.length, self._log, *transform_key(transform, area)
        if self._drawn is None or self._drawn[0] != key:
            edges = area.left() - 4, area.top() - 4, area.right() + 4, area.bottom() + 4
            x, low, high = self._buckets(transform, area)
            middle = (low + high) / 2
            lines, bars = polyline(x, middle), uncovered(x, low, high, middle)
            self._drawn = key, clip(lines, *edges), clip(bars, *edges)
        return self._drawn[1:]

    def _buckets(self, transform: QTransform, area: QRectF) -> tuple[Array, Array, Array]:
        """x, upper and lower end (pixels) of the buckets of rows that are in the area, and one on either side."""
        per_pixel = 1 / transform.m11()
        level = max(0, math.ceil(math.log2(_BUCKET_PIXELS * per_pixel)))
        count = -(-self._pyramid.length >> level)
        left, right = ((edge - transform.dx()) * per_pixel for edge in (area.left(), area.right()))
        first = int(min(max(left // 2**level - 1, 0), count))
        stop = int(min(max(right // 2**level + 3, first), count))
        low, high = self._pyramid.envelope(level, first, stop, self._column)
        starts = np.arange(first, first + len(low)) * 2.0**level
        rows = (starts + np.minimum(starts + 2**level, self._pyramid.length) - 1) / 2
        x, bottom = to_pixels(transform, rows, self._scaled(low))
        top = to_pixels(transform, rows, self._scaled(high))[1]
        return x, np.clip(top, -STEEP, STEEP), np.clip(bottom, -STEEP, STEEP)

    def _scaled(self, values: Array) -> Array:
        return curve_scale(values, self._log)


def curve_scale(values: Array, log: bool) -> Array:
    """Values as the view has them: their decimal logarithm where it is logarithmic."""
    return np.log10(np.maximum(values, SMALLEST)) if log else values


def uncovered(x: Array, low: Array, high: Array, middle: Array) -> Array:
    """Upright bars low..high where these reach a pixel or more beyond the line through the middles."""
    if not len(x):
        return np.empty((0, 4))
    before, after = np.concatenate([middle[:1], middle[:-1]]), np.concatenate([middle[1:], middle[-1:]])
    least = np.fmin(middle, np.fmin(before, after)) - 1
    most = np.fmax(middle, np.fmax(before, after)) + 1
    bar = (low < least) | (high > most)
    bars: Array = np.stack([x, low, x, high], axis=1)[bar]
    return bars


def is_crowded(lines: Array, area: QRectF, width: float) -> bool:
    """Whether the lines are so dense that they fill a third of the area in which they are."""
    ink = float(lengths(lines).sum())
    if len(lines) < _FEW:
        return False
    extent = float(lines[:, [0, 2]].max() - lines[:, [0, 2]].min())
    return ink > CROWDED or ink * width > 0.3 * extent * area.height()


def transform_key(transform: QTransform, area: QRectF) -> tuple[float, ...]:
    """What a drawing in pixels depends on."""
    return transform.m11(), transform.m22(), transform.dx(), transform.dy(), area.width(), area.height()
