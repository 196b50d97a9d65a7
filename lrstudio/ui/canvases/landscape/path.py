"""The way of a run over a landscape: start, recent path step by step, walking point."""

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
"""Points of a way that are kept; beyond, older jumps than the recent that are alike to the eye become one."""
_COARSEST, _COARSE = 1024.0, 64.0
_DOTS = 200
_LONGEST = 24_000.0
"""The newest pixels of way that are drawn wide, of all runs together."""
_SMOOTH = 6_000.0
"""Pixels of path up to which it is antialiased and dashed."""
_APART = 9.0
_THIN = 2.0
_OLD_WIDTH, _OLD_INK = 1.5, 240_000.0
"""Of what is older than the newest pixels: the width, and the pixels that all runs may have together."""
_AGES = (0.45, 0.3, 0.15, 0.0)
"""How pale the quarters of a way are, the oldest first."""
_FADING = 24


class PathItem(PixelItem):
    """A line from point to point, with a dot at each step where steps are long enough to be told apart.

    Points that differ by less than `cell` are one. Where there are more than 3000, the older jumps between the same two
    cells, which grow until that suffices, are one: the first. The newest pixels are drawn wide, what is older thin and
    pale; `share` is that of one run in what all may draw. A jump is left out only where another is drawn in its place.
    """

    def __init__(
        self, style: RunStyle, outline: QColor, cell: tuple[float, float], *, share: float = 1.0, size: float = 15
    ) -> None:
        super().__init__()
        self._style, self._outline = style, outline
        self._cell = np.array(cell)
        self._share, self._size = share, size
        self._coarse = 1.0
        self._kept = np.empty((4, 0))
        self._last: Array | None = None
        self._start: Array | None = None
        self._read = 0
        self._head: tuple[int, Array] | None = None
        self._before: Array | None = None
        self.behind: PixelItem = OldItem(self)

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Change the looks; `outline` is the background's colour."""
        self._style, self._outline = style, outline
        self.update()
        self.behind.update()

    def extend(self, first: int, points: Array) -> None:
        """Take in the drawable points (m, 2) of the rows from `first` on."""
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
        self._kept = np.concatenate([self._kept, [new + first, x[new], y[new], np.ones(len(new))]], axis=1)
        while self._kept.shape[1] > _MOST and self._coarse < _COARSEST:
            older, newer = np.split(self._kept, [self._kept.shape[1] - _RECENT], axis=1)
            self._kept = np.concatenate([fewer(older, self._coarse * self._cell), newer], axis=1)
            self._coarse *= 1 if self._kept.shape[1] < _ENOUGH else 1.5

    def points(self) -> Array:
        """The points (n, 2) that are kept of the way up to the walking point; NaN where it is interrupted."""
        way: Array = self._way()[1:].T
        return way

    def _way(self) -> Array:
        """Rows, x and y (3, n) of the points."""
        if self._head is None:
            return np.empty((3, 0))
        row, head = self._head
        count = int(self._kept[0].searchsorted(row))
        gaps = np.flatnonzero(self._kept[3, 1:count] == 0) + 1
        parts = [np.insert(self._kept[:3, :count], gaps, np.nan, axis=1)]
        known = self._kept[3, count] > 0 if count < self._kept.shape[1] else self._read > row
        if not known and self._before is not None:
            parts += [np.full((3, 1), np.nan), np.array([[row - 1], *self._before[:, None]])]
        return np.concatenate([*parts, np.array([[row], *head[:, None]])], axis=1)

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

    @property
    def head(self) -> Array | None:
        """The walking point."""
        return None if self._head is None else self._head[1]

    def set_head(self, row: int, point: Array, before: Array | None = None) -> None:
        """Put the walking point at this row, and let the path end there; `before` is the point of the row before."""
        self._head, self._before = (row, point), before
        self.update()
        self.behind.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._start is None or self._head is None or not np.isfinite(self._head[1]).all():
            return
        rows, x, y, long, along, newest = self._measured(transform, area)
        drawn = _thinned(long[newest:], along[newest:]) + newest
        self._draw_way(painter, area, x[drawn], y[drawn])
        self._draw_dots(painter, area, x, y, (long >= _APART) & (rows[1:] == rows[:-1] + 1))
        start = QPointF(*(float(pixel) for pixel in to_pixels(transform, *self._start)))
        if area.contains(start):
            draw_symbol(painter, "o", start, self._outline, self._style.color, 9)
        at = QPointF(float(x[-1]), float(y[-1]))
        draw_head(painter, self._style.marker, at, area, self._style.color, self._outline, self._size)

    def paint_old(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        """What is older: jumps between the same squares of pixels once; the squares grow where they are many."""
        if self._head is None or not np.isfinite(self._head[1]).all():
            return
        _, x, y, _, _, newest = self._measured(transform, area)
        lines = polylines(x[: newest + 1], y[None, : newest + 1], edges_around(area)).lines
        lines = sparing(lines, _OLD_INK * self._share)
        color = mix(self._style.color.name(), self._outline.name(), _AGES[0])
        draw_lines(painter, lines, color, _OLD_WIDTH, smooth=False)

    def _measured(self, transform: QTransform, area: QRectF) -> tuple[Array, Array, Array, Array, Array, int]:
        """Rows, x and y of the points in pixels, how long the lines between them are, the way, and the newest of it."""
        rows, x, y = self._way()
        x, y = to_pixels(transform, x, y)
        along_x, along_y = x[1:] - x[:-1], y[1:] - y[:-1]
        long = np.sqrt(along_x * along_x + along_y * along_y)
        along = _along(long, math.hypot(area.width(), area.height()))
        newest = int(along.searchsorted(along[-1] - _LONGEST * self._share)) if len(along) else 0
        return rows, x, y, long, along, newest

    def _draw_way(self, painter: QPainter, area: QRectF, x: Array, y: Array) -> None:
        segments = polylines(x, y[None], edges_around(area))
        smooth = float(segments.lengths()[0]) < _SMOOTH
        lines = (dashed(segments, [self._style.dash]) if smooth else segments).lines
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


class OldItem(PixelItem):
    """The older part of a way, behind the newer parts and the walking points of all runs."""

    def __init__(self, path: PathItem) -> None:
        super().__init__()
        self._path = path
        self.setZValue(-2)

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        self._path.paint_old(painter, transform, area)


def outside(heads: Mapping[int, Array | None], view: Sequence[Sequence[float]]) -> dict[int, str]:
    """Which walking points (2,) are beyond which edge of a view, its x and its y range."""
    (left, right), (low, high) = view
    area = QRectF(left, -high, right - left, high - low)
    points = {run: QPointF(float(head[0]), -float(head[1])) for run, head in heads.items() if head is not None}
    return {run: exit_symbol(at, area)[1] for run, at in points.items() if not area.contains(at)}


def sparing(lines: Array, most: float) -> Array:
    """Of lines (n, 4) in pixels the first between any two squares, which grow until they have `most` pixels at most."""
    side = 1.0
    while side <= _COARSE and segment_lengths(lines).sum() > most:
        lines = lines[distinct(lines.T, side, side)]
        side *= 2
    return lines


def fewer(kept: Array, cell: Array) -> Array:
    """A way (4, n) of rows, x, y, and 1 where a line leads to a point, in fewer points.

    Neighbours within a cell are one point, and all points within a cell stand where its first one does; of the lines
    between two cells, in either direction, the first is left.
    """
    cells = _numbered(kept[1:3], *cell)
    here = np.ones(kept.shape[1], bool)
    here[1:] = (cells[1:] != cells[:-1]) | (kept[3, 1:] == 0)
    kept = kept[:, here].copy()
    _, first, own = np.unique(cells[here], return_index=True, return_inverse=True)
    kept[1:3] = kept[1:3, first[own]]
    ends = np.flatnonzero(kept[3, 1:]) + 1
    kept[3, ends] = distinct(np.concatenate([kept[1:3, ends - 1], kept[1:3, ends]]), *cell)
    needed = kept[3] > 0
    needed[:-1] |= kept[3, 1:] > 0
    needed[-1:] = True
    return kept[:, needed]


def distinct(lines: Array, width: float, height: float) -> Array:
    """Which of the lines (4, n) have none before them between the same two cells of this size, in either direction."""
    first, second = _numbered(lines[:2], width, height), _numbered(lines[2:], width, height)
    keys = np.minimum(first, second) << 32 | np.maximum(first, second)
    kept = np.zeros(lines.shape[1], bool)
    kept[np.unique(keys, return_index=True)[1]] = True
    return kept


def _numbered(points: Array, width: float, height: float) -> Array:
    """A number below 2**32 for the cell of every point (2, n); what is some ten thousand cells away shares one."""
    x, y = (
        np.clip(np.floor(part / side), -(2.0**15), 2.0**15 - 1)
        for part, side in zip(points, (width, height), strict=True)
    )
    numbers: Array = (x.astype(np.int64) + 2**15 << 16) | (y.astype(np.int64) + 2**15)
    return numbers


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
