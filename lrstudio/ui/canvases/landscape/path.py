"""The path of a run over a landscape: start, line through its steps, marker at the current step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from lrstudio.core.array import Array
from lrstudio.ui.drawing.lines import dashed, polylines, segment_lengths
from lrstudio.ui.drawing.pixels import (
    PixelItem,
    draw_dots,
    draw_head,
    draw_lines,
    draw_symbol,
    edges_around,
    exit_symbol,
    to_pixels,
)
from lrstudio.ui.look.theme import RunStyle, mix

_MOST, _ENOUGH, _RECENT = 3000, 2500, 1000
"""Greatest number of stored points, target of simplification, and newest points that are never simplified."""
_COARSEST, _COARSE = 1024.0, 64.0
_DOTS = 200
_LONGEST = 24_000.0
"""Length in pixels of the newest parts that are drawn wide, of all runs together."""
_SMOOTH = 6_000.0
"""Length in pixels up to which a path is antialiased and dashed."""
_APART = 9.0
_THIN = 2.0
_OLD_WIDTH, _OLD_LENGTH = 1.5, 240_000.0
"""Width of the older parts, and their greatest length in pixels, of all runs together."""
_AGES = (0.36, 0.24, 0.12, 0.0)
"""Share of the background in the colours of a path's quarters, the oldest first."""
_FADING = 24
CASING = 3.0
"""Width in pixels of the background's colour on both sides of a path together: reliefs have all tones."""


class PathItem(PixelItem):
    """A line through the points of a run, with dots at steps that are long enough.

    Points within a `cell` are merged. Beyond 3000 points, older segments between the same two cells are merged, with
    growing cells. The newest part is drawn wide, the older one thin and pale; `share` is a run's share in the lengths
    that all runs may draw.
    """

    def __init__(
        self, style: RunStyle, outline: QColor, cell: tuple[float, float], *, share: float = 1.0, size: float = 15
    ) -> None:
        super().__init__()
        self._style, self._outline = style, outline
        self._cell = np.array(cell)
        self._share, self._size = share, size
        self._coarse = 1.0
        self._points = np.empty((4, 0))
        self._last: Array | None = None
        self._start: Array | None = None
        self._read = 0
        self._head: tuple[int, Array] | None = None
        self._before: Array | None = None
        self.behind: PixelItem = OldItem(self)

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Sets the style; `outline` is the colour of the background."""
        self._style, self._outline = style, outline
        self.update()
        self.behind.update()

    def extend(self, first: int, points: Array) -> None:
        """Adds the drawable points (m, 2) of the rows from `first` on."""
        if not len(points):
            return
        self._read = first + len(points)
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
        self._points = np.concatenate([self._points, [new + first, x[new], y[new], np.ones(len(new))]], axis=1)
        while self._points.shape[1] > _MOST and self._coarse < _COARSEST:
            older, newer = np.split(self._points, [self._points.shape[1] - _RECENT], axis=1)
            self._points = np.concatenate([simplified(older, self._coarse * self._cell), newer], axis=1)
            self._coarse *= 1 if self._points.shape[1] < _ENOUGH else 1.5

    def points(self) -> Array:
        """Returns the stored points (n, 2) up to the marker, with NaN at gaps."""
        points: Array = self._trajectory()[1:].T
        return points

    def _trajectory(self) -> Array:
        """Returns row, x and y of the points (3, n)."""
        if self._head is None:
            return np.empty((3, 0))
        row, head = self._head
        count = int(self._points[0].searchsorted(row))
        gaps = np.flatnonzero(self._points[3, 1:count] == 0) + 1
        parts = [np.insert(self._points[:3, :count], gaps, np.nan, axis=1)]
        joined = self._points[3, count] > 0 if count < self._points.shape[1] else self._read > row
        if not joined and self._before is not None:
            parts += [np.full((3, 1), np.nan), np.array([[row - 1], *self._before[:, None]])]
        return np.concatenate([*parts, np.array([[row], *head[:, None]])], axis=1)

    def nearest(self, transform: QTransform, at: QPointF) -> tuple[float, int]:
        """Returns the distance in pixels of `at` from the nearest point of the path, and that point's row."""
        if self._head is None:
            return math.inf, 0
        count = int(self._points[0].searchsorted(self._head[0]))
        rows = np.append(self._points[0, :count], self._head[0])
        x, y = (np.append(self._points[axis + 1, :count], self._head[1][axis]) for axis in (0, 1))
        x, y = to_pixels(transform, x, y)
        distances = np.hypot(x - at.x(), y - at.y())
        if not np.isfinite(distances).any():
            return math.inf, 0
        best = int(np.nanargmin(distances))
        return float(distances[best]), int(rows[best])

    @property
    def head(self) -> Array | None:
        """Point of the marker."""
        return None if self._head is None else self._head[1]

    def set_head(self, row: int, point: Array, before: Array | None = None) -> None:
        """Moves the marker and the end of the path to a row; `before` is the point of the previous row."""
        self._head, self._before = (row, point), before
        self.update()
        self.behind.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._start is None or self._head is None or not np.isfinite(self._head[1]).all():
            return
        rows, x, y, long, along, newest = self._in_pixels(transform, area)
        drawn = _drawn_indices(long[newest:], along[newest:]) + newest
        self._draw_line(painter, area, x[drawn], y[drawn])
        self._draw_dots(painter, area, x, y, (long >= _APART) & (rows[1:] == rows[:-1] + 1))
        start = QPointF(*(float(pixel) for pixel in to_pixels(transform, *self._start)))
        if area.contains(start):
            draw_symbol(painter, "o", start, self._outline, self._style.color, 9)
        at = QPointF(float(x[-1]), float(y[-1]))
        draw_head(painter, self._style, at, area, self._outline, self._size)

    def paint_old(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        """Draws the older part, thinned to its greatest length."""
        if self._head is None or not np.isfinite(self._head[1]).all():
            return
        _, x, y, _, _, newest = self._in_pixels(transform, area)
        lines = polylines(x[: newest + 1], y[None, : newest + 1], edges_around(area)).lines
        lines = thinned(lines, _OLD_LENGTH * self._share)
        color = mix(self._style.color.name(), self._outline.name(), _AGES[0])
        draw_lines(painter, lines, color, _OLD_WIDTH, smooth=False)

    def _in_pixels(self, transform: QTransform, area: QRectF) -> tuple[Array, Array, Array, Array, Array, int]:
        """Returns rows, x and y in pixels, segment lengths, arc lengths, and the index from which points are new."""
        rows, x, y = self._trajectory()
        x, y = to_pixels(transform, x, y)
        along_x, along_y = x[1:] - x[:-1], y[1:] - y[:-1]
        long = np.sqrt(along_x * along_x + along_y * along_y)
        along = _arc_lengths(long, math.hypot(area.width(), area.height()))
        newest = int(along.searchsorted(along[-1] - _LONGEST * self._share)) if len(along) else 0
        return rows, x, y, long, along, newest

    def _draw_line(self, painter: QPainter, area: QRectF, x: Array, y: Array) -> None:
        segments = polylines(x, y[None], edges_around(area))
        smooth = float(segments.lengths()[0]) < _SMOOTH
        width = 2 * self._style.thick
        draw_lines(painter, segments.lines, self._outline, width + CASING, smooth=smooth)
        lines = (dashed(segments, [self._style.dash]) if smooth else segments).lines
        ages = len(_AGES) if len(lines) >= _FADING else 1  # a short path is all new
        for part, faded in zip(np.array_split(lines, ages), _AGES[-ages:], strict=True):
            color = mix(self._style.color.name(), self._outline.name(), faded)
            draw_lines(painter, part, color, width, smooth=smooth, flat=smooth)

    def _draw_dots(self, painter: QPainter, area: QRectF, x: Array, y: Array, far: Array) -> None:
        """Draws dots at the points that are far from both neighbours."""
        if not far.any():
            return
        dots = np.append(far, False)
        dots[1:] &= far
        dots &= (x > area.left()) & (x < area.right()) & (y > area.top()) & (y < area.bottom())
        draw_dots(painter, x[dots][-_DOTS:], y[dots][-_DOTS:], self._style.color, 6)


class OldItem(PixelItem):
    """Draws the older part of a path behind the newer parts and the markers of all runs."""

    def __init__(self, path: PathItem) -> None:
        super().__init__()
        self._path = path
        self.setZValue(-2)

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        self._path.paint_old(painter, transform, area)


def outside(heads: Mapping[int, Array | None], view: Sequence[Sequence[float]]) -> dict[int, str]:
    """Returns the triangle of the edge for each marker (2,) outside a view, given by its x and y range."""
    (left, right), (low, high) = view
    area = QRectF(left, -high, right - left, high - low)
    points = {run: QPointF(float(head[0]), -float(head[1])) for run, head in heads.items() if head is not None}
    return {run: exit_symbol(at, area)[1] for run, at in points.items() if not area.contains(at)}


def thinned(lines: Array, most: float) -> Array:
    """Thins lines (n, 4) to the first between any two squares, which grow until the total length is at most `most`."""
    side = 1.0
    while side <= _COARSE and segment_lengths(lines).sum() > most:
        lines = lines[distinct(lines.T, side, side)]
        side *= 2
    return lines


def simplified(points: Array, cell: Array) -> Array:
    """Simplifies a path (4, n) of row, x, y, and 1 if a line leads to the point.

    Neighbours within a cell are merged, all points within a cell move to its first one, and of the lines between two
    cells, in either direction, the first remains.
    """
    cells = _cell_ids(points[1:3], *cell)
    here = np.ones(points.shape[1], bool)
    here[1:] = (cells[1:] != cells[:-1]) | (points[3, 1:] == 0)
    points = points[:, here].copy()
    _, first, own = np.unique(cells[here], return_index=True, return_inverse=True)
    points[1:3] = points[1:3, first[own]]
    ends = np.flatnonzero(points[3, 1:]) + 1
    points[3, ends] = distinct(np.concatenate([points[1:3, ends - 1], points[1:3, ends]]), *cell)
    needed = points[3] > 0
    needed[:-1] |= points[3, 1:] > 0
    needed[-1:] = True
    return points[:, needed]


def distinct(lines: Array, width: float, height: float) -> Array:
    """Returns the mask of lines (4, n) that are the first between their two cells, in either direction."""
    first, second = _cell_ids(lines[:2], width, height), _cell_ids(lines[2:], width, height)
    keys = np.minimum(first, second) << 32 | np.maximum(first, second)
    mask = np.zeros(lines.shape[1], bool)
    mask[np.unique(keys, return_index=True)[1]] = True
    return mask


def _cell_ids(points: Array, width: float, height: float) -> Array:
    """Returns the cell of every point (2, n) as a number below 2**32; coordinates are clipped to 2**15 cells."""
    x, y = (
        np.clip(np.floor(part / side), -(2.0**15), 2.0**15 - 1)
        for part, side in zip(points, (width, height), strict=True)
    )
    numbers: Array = (x.astype(np.int64) + 2**15 << 16) | (y.astype(np.int64) + 2**15)
    return numbers


def _arc_lengths(long: Array, diagonal: float) -> Array:
    """Returns the arc length at the end of every segment in pixels.

    A segment counts for at most the diagonal, and not at all beyond 100 diagonals, where a run diverges.
    """
    counted = np.minimum(long, diagonal)
    counted[~(long < 100 * diagonal)] = 0.0
    arcs: Array = np.cumsum(counted)
    return arcs


def _drawn_indices(long: Array, along: Array) -> Array:
    """Returns the indices of drawn points: ends of long segments and gaps, otherwise one every few pixels."""
    drawn = np.ones(len(long) + 1, bool)
    short = long < _THIN
    marks = np.floor(along / _THIN)
    drawn[1:-1] = marks[1:] != marks[:-1]
    drawn[1:-1] |= ~(short[1:] & short[:-1])
    return np.flatnonzero(drawn)
