"""A landscape of two parameters: filled bands of loss, evenly spaced in its logarithm, and their outlines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import contourpy
import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem

from lrstudio.core.array import Array
from lrstudio.core.landscape import Landscape
from lrstudio.ui.drawing.axis import nice_step
from lrstudio.ui.drawing.pixels import PixelItem
from lrstudio.ui.look.theme import Theme, mix

_BANDS = 14
_RUNGS = (1 / 16, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 1)
_WIDE_RUNG = 1 / 4
"""From this width on rungs have one digit: 1, 2, 5, 10."""
_FEW_DECADES = 0.5
_LABELS = 5
_LINES_TRIED = 6
_CLEAR = 120.0
"""Pixels from a way beyond which it does not matter how far."""


@dataclass(frozen=True)
class Contours:
    """For each level the area in which the loss is less, and the lines at it, in the landscape's coordinates."""

    levels: Array
    areas: tuple[QPainterPath, ...]
    lines: tuple[tuple[Array, ...], ...]


def contours(landscape: Landscape, floor: float = np.inf) -> Contours:
    """The contours of a landscape of two parameters, by contourpy; `floor` is the least loss known anywhere."""
    levels = spaced_levels(landscape.loss, floor)
    x, y = landscape.axes
    generator = contourpy.contour_generator(
        x, y, np.ma.masked_invalid(landscape.loss), line_type="Separate", fill_type="OuterOffset"
    )
    areas = tuple(_area(*generator.filled(-np.inf, level)) for level in levels)
    return Contours(
        levels, areas, tuple(tuple(np.asarray(line) for line in generator.lines(level)) for level in levels)
    )


def spaced_levels(loss: Array, floor: float = np.inf) -> Array:
    """Levels above the least loss, spaced by equal factors: fine in the valley, sparse on the walls.

    They are rungs of one ladder, so that they stay where they are when the view is moved. Where the loss hardly
    differs, far from its floor, they are spaced evenly.
    """
    finite = loss[np.isfinite(loss)]
    if not len(finite) or not finite.max() > finite.min():
        return np.empty(0)
    floor = min(float(finite.min()), floor)
    height, inner = float(np.quantile(finite, 0.995)) - floor, float(np.quantile(finite, 0.015)) - floor
    inner = max(inner, height * 1e-6)
    decades = np.log10(height / inner)
    if decades < _FEW_DECADES:
        width = nice_step((finite.max() - finite.min()) / _BANDS)
        levels = np.arange(np.ceil(finite.min() / width), finite.max() / width) * width
    else:
        rung = next((rung for rung in _RUNGS if decades / rung <= _BANDS), _RUNGS[-1])
        powers = np.arange(np.ceil(np.log10(inner) / rung), np.log10(height) / rung) * rung
        digits = 1 if rung >= _WIDE_RUNG else 2
        levels = np.array([floor + float(f"{10**power:.{digits}g}") for power in powers])
    return np.unique(levels[(levels > finite.min()) & (levels < finite.max())])


def _area(points: list[Array], offsets: list[Array]) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for polygon, cuts in zip(points, offsets, strict=True):
        for start, stop in pairwise(cuts):
            path.addPath(pg.arrayToQPath(polygon[start:stop, 0].copy(), polygon[start:stop, 1].copy()))
    return path


class ContourItem(PixelItem):
    """The landscape behind the paths. It is painted once per view and kept as a picture."""

    def __init__(self, landscape: Landscape, drawn: Contours, theme: Theme, font: QFont) -> None:
        super().__init__()
        self._contours = drawn
        self._ways: list[QLineF] = []
        (left, *_, right), (low, *_, high) = landscape.axes
        self._domain = QRectF(left, low, right - left, high - low)
        self._theme, self._font = theme, font
        self.setZValue(-200)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_font(self, font: QFont) -> None:
        self._font = font
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def keep_clear(self, ways: list[QLineF]) -> None:
        """Write far from these lines: there the runs will go."""
        self._ways = ways
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        count = len(self._contours.levels)
        shades = [self._shade(place / max(1, count)) for place in range(count + 1)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.fillRect(transform.mapRect(self._domain), shades[-1])
        for place in reversed(range(count)):
            path = transform.map(self._contours.areas[place])
            painter.fillPath(path, shades[place])
        painter.setPen(QPen(mix(self._theme.background, self._theme.accent, 0.45), 1))
        for lines in self._contours.lines:
            for line in lines:
                painter.drawPath(transform.map(pg.arrayToQPath(*line.T.copy())))
        self._label(painter, transform, area)

    def _shade(self, height: float) -> QColor:
        return mix(self._theme.background, self._theme.accent, 0.26 * (1 - height))

    def _label(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        """Write the loss on some of the lines, apart from each other and from the edges."""
        metrics = QFontMetricsF(self._font)
        painter.setFont(self._font)
        taken: list[QRectF] = []
        count = len(self._contours.levels)
        for place in range(count - 1, -1, -max(1, round(count / _LABELS))):
            text = level_text(float(self._contours.levels[place]))
            size = metrics.boundingRect(text).adjusted(-3, 0, 3, 0)
            room = area.adjusted(size.width(), size.height(), -size.width(), -size.height())
            at = self._free_place(place, transform, room, taken)
            if at is None:
                continue
            size.moveCenter(at)
            taken.append(size.adjusted(-30, -16, 30, 16))
            painter.fillRect(size, self._shade(place / count))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(size, Qt.AlignmentFlag.AlignCenter, text)

    def _free_place(self, place: int, transform: QTransform, room: QRectF, taken: list[QRectF]) -> QPointF | None:
        """The place on a level's lines that is free and farthest from where runs will go."""
        ways = [(transform.map(way.p1()), transform.map(way.p2())) for way in self._ways]
        best, farthest = None, -1.0
        for line in sorted(self._contours.lines[place], key=len, reverse=True)[:_LINES_TRIED]:
            for x, y in line[:: max(1, len(line) // 40)]:
                at = transform.map(QPointF(float(x), float(y)))
                if room.contains(at) and not any(rect.contains(at) for rect in taken):
                    away = min([_CLEAR, *(_distance(at, *way) for way in ways)])
                    if away > farthest:
                        best, farthest = at, away
        return best


def _distance(at: QPointF, start: QPointF, end: QPointF) -> float:
    """How far a point is from the line between two others."""
    along, to = end - start, at - start
    length = QPointF.dotProduct(along, along)
    share = min(max(QPointF.dotProduct(to, along) / length, 0.0), 1.0) if length > 0 else 0.0
    away = to - along * share
    return math.hypot(away.x(), away.y())


def level_text(level: float) -> str:
    """A level's loss: two digits, as they are read."""
    return (
        f"{level:.2g}"
        if 1e-3 <= abs(level) < 100 or not level
        else f"{level:,.0f}"
        if abs(level) < 1e5 and abs(level) >= 1
        else f"{level:.0e}"
    )
