"""Items that draw a landscape behind the paths: contours of two parameters, the profile of one, and the minima."""

from __future__ import annotations

import math
from itertools import pairwise

import contourpy
import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem

from lrstudio.core.array import Array
from lrstudio.core.landscape import Landscape
from lrstudio.core.record import dataclass
from lrstudio.ui.drawing.axis import nice_step
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines, draw_symbol, edges_around, to_pixels
from lrstudio.ui.drawing.pyqtgraph import pg
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.look.theme import Theme, mix

_BANDS = 14
_RUNGS = (1 / 16, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 1)
_WIDE_RUNG = 1 / 4
"""Levels spaced by at least this many decades are rounded to one digit."""
_FEW_DECADES = 0.5
_LABELS = 5
_LINES_TRIED = 6
_CLEAR = 120.0
"""Distance in pixels of labels from expected paths that is always sufficient."""


@dataclass(frozen=True)
class Contours:
    """For each level the area of lower loss and the contour lines, in the landscape's coordinates."""

    levels: Array
    areas: tuple[QPainterPath, ...]
    lines: tuple[tuple[Array, ...], ...]


def contours(landscape: Landscape, floor: float = np.inf) -> Contours:
    """Returns the contours of a landscape of two parameters (contourpy); `floor` is the least loss computed so far."""
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
    """Returns levels with logarithmic distances above the least loss.

    Their logarithms are multiples of one spacing, so that levels stay when the view moves. If the loss spans less than
    _FEW_DECADES the levels are spaced evenly.
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
    """A landscape of two parameters behind the paths, cached as a picture."""

    def __init__(self, landscape: Landscape, drawn: Contours, theme: Theme, font: QFont) -> None:
        super().__init__()
        self._contours = drawn
        self._paths: list[QLineF] = []
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

    def keep_clear(self, paths: list[QLineF]) -> None:
        """Keeps labels away from expected paths."""
        self._paths = paths
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        count = len(self._contours.levels)
        shades = [self._shade(index / max(1, count)) for index in range(count + 1)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.fillRect(transform.mapRect(self._domain), shades[-1])
        for area_path, shade in zip(self._contours.areas[::-1], shades[-2::-1], strict=True):
            painter.fillPath(transform.map(area_path), shade)
        painter.setPen(QPen(mix(self._theme.background, self._theme.accent, 0.45), 1))
        for lines in self._contours.lines:
            for line in lines:
                painter.drawPath(transform.map(pg.arrayToQPath(*line.T.copy())))
        self._label(painter, transform, area)

    def _shade(self, height: float) -> QColor:
        return mix(self._theme.background, self._theme.accent, 0.26 * (1 - height))

    def _label(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        """Writes the loss on some lines, away from other labels and the edges."""
        metrics = QFontMetricsF(self._font)
        painter.setFont(self._font)
        taken: list[QRectF] = []
        count = len(self._contours.levels)
        for index in range(count - 1, -1, -max(1, round(count / _LABELS))):
            text = level_text(float(self._contours.levels[index]))
            size = metrics.boundingRect(text).adjusted(-3, 0, 3, 0)
            room = area.adjusted(size.width(), size.height(), -size.width(), -size.height())
            at = self._label_position(index, transform, room, taken)
            if at is None:
                continue
            size.moveCenter(at)
            taken.append(size.adjusted(-30, -16, 30, 16))
            painter.fillRect(size, self._shade(index / count))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(size, Qt.AlignmentFlag.AlignCenter, text)

    def _label_position(self, index: int, transform: QTransform, room: QRectF, taken: list[QRectF]) -> QPointF | None:
        """Returns the free point on a level's lines that is farthest from expected paths."""
        paths = [(transform.map(path.p1()), transform.map(path.p2())) for path in self._paths]
        best, farthest = None, -1.0
        for line in sorted(self._contours.lines[index], key=len, reverse=True)[:_LINES_TRIED]:
            for x, y in line[:: max(1, len(line) // 40)]:
                at = transform.map(QPointF(float(x), float(y)))
                if room.contains(at) and not any(rect.contains(at) for rect in taken):
                    distance = min([_CLEAR, *(_distance(at, *path) for path in paths)])
                    if distance > farthest:
                        best, farthest = at, distance
        return best


def _distance(at: QPointF, start: QPointF, end: QPointF) -> float:
    """Returns the distance of a point from a line segment."""
    along, to = end - start, at - start
    length = QPointF.dotProduct(along, along)
    share = min(max(QPointF.dotProduct(to, along) / length, 0.0), 1.0) if length > 0 else 0.0
    offset = to - along * share
    return math.hypot(offset.x(), offset.y())


def level_text(level: float) -> str:
    """Formats a level's loss with two digits."""
    if 1e-3 <= abs(level) < 100 or not level:
        return f"{level:.2g}"
    return f"{level:,.0f}" if 1 <= abs(level) < 1e5 else f"{level:.0e}"


class ProfileItem(PixelItem):
    """The loss over one parameter behind the paths, cached as a picture."""

    def __init__(self, landscape: Landscape, theme: Theme) -> None:
        super().__init__()
        self._x, self._y = drawable(landscape.axes[0]), drawable(landscape.loss)
        self._theme = theme
        self.setZValue(-200)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        x, y = to_pixels(transform, self._x, self._y)
        finite = np.isfinite(y)
        heights = np.clip(y[finite], area.top() - 9, area.bottom() + 9)
        corners = [QPointF(float(left), float(top)) for left, top in zip(x[finite], heights, strict=True)]
        if corners:
            floor = area.bottom() + 9
            corners = [QPointF(corners[0].x(), floor), *corners, QPointF(corners[-1].x(), floor)]
        painter.setPen(QColor(0, 0, 0, 0))
        painter.setBrush(mix(self._theme.background, self._theme.accent, 0.08))
        painter.drawPolygon(QPolygonF(corners))
        lines = polylines(x, y[None], edges_around(area))
        draw_lines(painter, lines.lines, QColor(self._theme.muted), 2.5)


class StarItem(PixelItem):
    """Stars at the minima, a large one at the lowest."""

    def __init__(self) -> None:
        super().__init__()
        self._minima: list[QPointF] = []
        self._fill, self._outline = QColor(), QColor()
        self.setZValue(-20)

    def set_minima(self, minima: list[QPointF]) -> None:
        """Sets the minima, the lowest first."""
        self._minima = minima
        self.update()

    def set_colors(self, fill: QColor, outline: QColor) -> None:
        self._fill, self._outline = fill, outline
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        for index, minimum in enumerate(self._minima):
            size = 12 if index else 20
            draw_symbol(painter, "star", transform.map(minimum), self._fill, self._outline, size)
