"""The way of a run over a landscape: start, recent path step by step, walking point."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from lrstudio.ui.canvases.lines import clip, dash, lengths, polyline
from lrstudio.ui.canvases.pixels import PixelItem, draw_dots, draw_lines, draw_symbol, draw_walker, to_pixels
from lrstudio.ui.canvases.pyramid import drawable
from lrstudio.ui.theme import RunStyle

Array = np.ndarray[Any, np.dtype[Any]]

_FIRST, _RECENT = 500, 1500
_DOTS = 200
_SMOOTH = 6_000.0
"""Pixels of path up to which it is antialiased and dashed."""
_APART = 9.0


class PathItem(PixelItem):
    """A line from point to point, with a dot at each step where steps are long enough to be told apart.

    Of a long path the first 2000 and the last 6000 points are kept that differ by more than `cell`; drawn are the
    newest `longest` pixels of it, or only the `recent` last points, and the dots of the others.
    """

    def __init__(
        self,
        style: RunStyle,
        outline: QColor,
        cell: tuple[float, float],
        *,
        longest: float = 40_000,
        recent: int | None = None,
        size: float = 15,
    ) -> None:
        super().__init__()
        self._style, self._outline = style, outline
        self._cell = np.array(cell)
        self._recent, self._longest, self._size = recent, longest, size
        self._kept = np.empty((0, 3))
        self._last: Array | None = None
        self._start: Array | None = None
        self._head: tuple[int, Array] | None = None

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Change the looks; `outline` is the background's colour."""
        self._style, self._outline = style, outline
        self.update()

    def extend(self, first: int, points: Array) -> None:
        """Take in the points (m, 2) of the rows from `first` on."""
        points = drawable(points)
        if not len(points):
            return
        if self._start is None:
            self._start = points[0]
        before = points[:1] + np.inf if self._last is None else self._last
        cells = np.floor(np.concatenate([before, points]) / self._cell)
        new = (cells[1:] != cells[:-1]).any(axis=1) & np.isfinite(points).all(axis=1)
        rows = np.arange(first, first + len(points))[:, None]
        kept = np.concatenate([self._kept, np.concatenate([rows, points], axis=1)[new]])
        self._kept = np.concatenate([kept[:_FIRST], kept[_FIRST:][-_RECENT:]])
        self._last = points[-1:]

    def set_head(self, row: int, point: Array) -> None:
        """Put the walking point at this row, and let the path end there."""
        self._head = row, drawable(point)
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._head is None or self._start is None or not np.isfinite(self._head[1]).all():
            return
        row, head = self._head
        way = self._kept[self._kept[:, 0] < row, 1:]
        x, y = to_pixels(transform, *np.concatenate([way, head[None]]).T)
        if len(self._kept) == _FIRST + _RECENT and len(way) > _FIRST:
            x, y = np.insert(x, _FIRST, np.nan), np.insert(y, _FIRST, np.nan)
        newest = slice(_newest(x, y, math.hypot(area.width(), area.height()), self._longest), None)
        self._draw_way(painter, area, x[newest], y[newest])
        start = QPointF(*(float(pixel) for pixel in to_pixels(transform, *self._start)))
        if area.contains(start):
            draw_symbol(painter, "o", start, self._outline, self._style.color, 9)
        at = QPointF(float(x[-1]), float(y[-1]))
        draw_walker(painter, self._style.marker, at, area, self._style.color, self._outline, self._size)

    def _draw_way(self, painter: QPainter, area: QRectF, x: Array, y: Array) -> None:
        recent = slice(None if self._recent is None else -self._recent, None)
        lines = clip(
            polyline(x[recent], y[recent]), area.left() - 4, area.top() - 4, area.right() + 4, area.bottom() + 4
        )
        smooth = float(lengths(lines).sum()) < _SMOOTH
        draw_lines(
            painter,
            dash(lines, self._style.dash) if smooth else lines,
            self._style.color,
            2,
            smooth=smooth,
            flat=smooth,
        )
        far = np.hypot(np.diff(x), np.diff(y)) >= _APART
        dots = np.concatenate([far, [False]]) & (np.concatenate([[True], far]))
        dots &= (x > area.left()) & (x < area.right()) & (y > area.top()) & (y < area.bottom())
        draw_dots(painter, x[dots][-_DOTS:], y[dots][-_DOTS:], self._style.color, 6)


def _newest(x: Array, y: Array, diagonal: float, longest: float) -> int:
    """The first of the points that make up the newest `longest` pixels; a step counts for at most the diagonal.

    Steps of a hundred diagonals are those of a run that has left and do not count.
    """
    long = np.hypot(np.diff(x), np.diff(y))
    long = np.where(long < 100 * diagonal, np.minimum(long, diagonal), 0.0)
    return len(long) - int(np.searchsorted(np.cumsum(long[::-1]), longest))
