"""A landscape of two parameters: filled bands of loss, evenly spaced in its logarithm, and their outlines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import contourpy
import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem

from lrstudio.core.landscape import Landscape
from lrstudio.ui.canvases.pixels import PixelItem
from lrstudio.ui.theme import Theme, mix

Array = np.ndarray[Any, np.dtype[Any]]

_BANDS = 14
_LABELS = 5


@dataclass(frozen=True)
class Contours:
    """For each level the area in which the loss is less, and the lines at it, in the landscape's coordinates."""

    levels: Array
    areas: tuple[QPainterPath, ...]
    lines: tuple[tuple[Array, ...], ...]


def contours(landscape: Landscape) -> Contours:
    """The contours of a landscape of two parameters, by contourpy."""
    levels = spaced_levels(landscape.loss)
    x, y = landscape.axes
    generator = contourpy.contour_generator(
        x, y, np.ma.masked_invalid(landscape.loss), line_type="Separate", fill_type="OuterOffset"
    )
    areas = tuple(_area(*generator.filled(-np.inf, level)) for level in levels)
    return Contours(
        levels, areas, tuple(tuple(np.asarray(line) for line in generator.lines(level)) for level in levels)
    )


def spaced_levels(loss: Array) -> Array:
    """Levels above the least loss, spaced by equal factors: fine in the valley, sparse on the walls."""
    finite = loss[np.isfinite(loss)]
    if not len(finite) or not finite.max() > finite.min():
        return np.empty(0)
    least, height = finite.min(), float(np.quantile(finite, 0.995) - finite.min())
    inner = float(np.quantile(finite, 0.015) - least)
    factors = np.geomspace(max(inner, height * 1e-6), height, _BANDS + 1)[:-1]
    levels = [_round(float(least + factor), 2) for factor in factors]
    return np.unique([level for level in levels if finite.min() < level < finite.max()])


def _round(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


def _area(points: list[Array], offsets: list[Array]) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for polygon, cuts in zip(points, offsets, strict=True):
        for start, stop in pairwise(cuts):
            path.addPath(pg.arrayToQPath(polygon[start:stop, 0].copy(), polygon[start:stop, 1].copy()))
    return path


class ContourItem(PixelItem):
    """The landscape behind the paths. It is painted once per view and kept as a picture."""

    def __init__(self, landscape: Landscape, theme: Theme, font: QFont) -> None:
        super().__init__()
        self._contours = contours(landscape)
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
        for line in sorted(self._contours.lines[place], key=len, reverse=True):
            for x, y in line[:: max(1, len(line) // 40)]:
                at = transform.map(QPointF(float(x), float(y)))
                if room.contains(at) and not any(rect.contains(at) for rect in taken):
                    return at
        return None


def level_text(level: float) -> str:
    """A level's loss: two digits, as they are read."""
    return (
        f"{level:.2g}"
        if 1e-3 <= abs(level) < 100 or not level
        else f"{level:,.0f}"
        if abs(level) < 1e5 and abs(level) >= 1
        else f"{level:.0e}"
    )
