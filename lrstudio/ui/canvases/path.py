"""The way of a run over a landscape: start, recent path step by step, walking point."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from lrstudio.ui.canvases.dashes import dashed
from lrstudio.ui.canvases.lines import polylines
from lrstudio.ui.canvases.pixels import (
    PixelItem,
    draw_dots,
    draw_lines,
    draw_symbol,
    draw_walker,
    edges_around,
    to_pixels,
)
from lrstudio.ui.theme import RunStyle, mix

Array = np.ndarray[Any, np.dtype[Any]]

_FIRST, _RECENT = 500, 1500
_DOTS = 200
_SMOOTH = 6_000.0
"""Pixels of path up to which it is antialiased and dashed."""
_APART = 9.0
_THIN = 2.0
_AGES = (0.45, 0.3, 0.15, 0.0)
"""How pale the quarters of a way are, the oldest first."""
_FADING = 24


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
        self._kept = np.empty((3, 0))
        self._last: Array | None = None
        self._start: Array | None = None
        self._head: tuple[int, Array] | None = None

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Change the looks; `outline` is the background's colour."""
        self._style, self._outline = style, outline
        self.update()

    def extend(self, first: int, points: Array) -> None:
        """Take in the drawable points (m, 2) of the rows from `first` on."""
        if not len(points):
            return
        if self._start is None:
            self._start = points[0]
        x, y = points.T
        cells = np.empty((2, len(points) + 1))
        cells[:, 0] = np.inf if self._last is None else self._last
        cells[0, 1:], cells[1, 1:] = np.floor(x / self._cell[0]), np.floor(y / self._cell[1])
        self._last = cells[:, -1]
        moved = cells[:, 1:] != cells[:, :-1]
        new = np.flatnonzero((moved[0] | moved[1]) & np.isfinite(x) & np.isfinite(y))
        if not len(new):
            return
        kept = np.concatenate([self._kept, [new + first, x[new], y[new]]], axis=1)
        spare = kept.shape[1] - _FIRST - _RECENT
        self._kept = np.delete(kept, slice(_FIRST, _FIRST + spare), axis=1) if spare > 0 else kept

    def points(self) -> Array:
        """The points (n, 2) that are kept of the way up to the walking point."""
        if self._head is None:
            return np.empty((0, 2))
        count = int(self._kept[0].searchsorted(self._head[0]))
        return np.concatenate([self._kept[1:, :count].T, self._head[1][None]])

    def nearest(self, transform: QTransform, at: QPointF) -> tuple[float, int]:
        """How many pixels `at` is from the nearest point of the path, and the row of that point."""
        if self._head is None:
            return math.inf, 0
        count = int(self._kept[0].searchsorted(self._head[0]))
        rows = np.append(self._kept[0, :count], self._head[0])
        x, y = (np.append(self._kept[axis + 1, :count], self._head[1][axis]) for axis in (0, 1))
        x, y = to_pixels(transform, x, y)
        away = np.hypot(x - at.x(), y - at.y())
        if not np.isfinite(away).any():
            return math.inf, 0
        best = int(np.nanargmin(away))
        return float(away[best]), int(rows[best])

    def set_head(self, row: int, point: Array) -> None:
        """Put the walking point at this row, and let the path end there."""
        self._head = row, point
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._head is None or self._start is None or not np.isfinite(self._head[1]).all():
            return
        row, head = self._head
        count = int(self._kept[0].searchsorted(row))
        x, y = np.append(self._kept[1, :count], head[0]), np.append(self._kept[2, :count], head[1])
        x, y = to_pixels(transform, x, y)
        if self._kept.shape[1] == _FIRST + _RECENT and count > _FIRST:
            x, y = np.insert(x, _FIRST, np.nan), np.insert(y, _FIRST, np.nan)
        along_x, along_y = x[1:] - x[:-1], y[1:] - y[:-1]
        long = np.sqrt(along_x * along_x + along_y * along_y)
        along = _along(long, math.hypot(area.width(), area.height()))
        newest = int(along.searchsorted(along[-1] - self._longest)) if len(along) else 0
        first = newest if self._recent is None else max(newest, len(x) - self._recent)
        drawn = _thinned(long[first:], along[first:]) + first
        self._draw_way(painter, area, x[drawn], y[drawn])
        self._draw_dots(painter, area, x[newest:], y[newest:], long[newest:] >= _APART)
        start = QPointF(*(float(pixel) for pixel in to_pixels(transform, *self._start)))
        if area.contains(start):
            draw_symbol(painter, "o", start, self._outline, self._style.color, 9)
        at = QPointF(float(x[-1]), float(y[-1]))
        draw_walker(painter, self._style.marker, at, area, self._style.color, self._outline, self._size)

    def _draw_way(self, painter: QPainter, area: QRectF, x: Array, y: Array) -> None:
        bundle = polylines(x, y[None], edges_around(area))
        smooth = float(bundle.ink()[0]) < _SMOOTH
        lines = (dashed(bundle, [self._style.dash]) if smooth else bundle).lines
        ages = len(_AGES) if len(lines) >= _FADING else 1  # a short way is all new
        for part, faded in zip(np.array_split(lines, ages), _AGES[-ages:], strict=True):
            color = mix(self._style.color.name(), self._outline.name(), faded)
            draw_lines(painter, part, color, 2, smooth=smooth, flat=smooth)

    def _draw_dots(self, painter: QPainter, area: QRectF, x: Array, y: Array, far: Array) -> None:
        """Dots at the points that are far from both neighbours."""
        if not far.any():
            return
        dots = np.append(far, False)
        dots[1:] &= far
        dots &= (x > area.left()) & (x < area.right()) & (y > area.top()) & (y < area.bottom())
        draw_dots(painter, x[dots][-_DOTS:], y[dots][-_DOTS:], self._style.color, 6)


def _along(long: Array, diagonal: float) -> Array:
    """The way up to the end of every step in pixels; a step counts for at most the diagonal.

    Steps of a hundred diagonals are those of a run that has left and do not count.
    """
    counted = np.minimum(long, diagonal)
    counted[~(long < 100 * diagonal)] = 0.0
    along: Array = np.cumsum(counted)
    return along


def _thinned(long: Array, along: Array) -> Array:
    """The places of the points that are drawn: the ends of long steps and gaps, of short steps one every few pixels."""
    kept = np.ones(len(long) + 1, bool)
    short = long < _THIN
    marks = np.floor(along / _THIN)
    kept[1:-1] = marks[1:] != marks[:-1]
    kept[1:-1] |= ~(short[1:] & short[:-1])
    return np.flatnonzero(kept)
