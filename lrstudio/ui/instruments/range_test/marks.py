"""Upright lines at rates, with a symbol where the curve is and a name above, and the band of a cycle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTransform

from lrstudio.ui.drawing.lines import Bundle, dashed
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines, draw_symbol
from lrstudio.ui.look.theme import LIGHT, Theme, mix

_DASH = (3.0, 4.0)
_SYMBOL, _GAP = 12.0, 5.0
_NEAR = 6.0
"""Pixels from a line within which a click means it."""
MOST_ROWS = 6


@dataclass(frozen=True)
class Mark:
    """A rate to point at: its name, pyqtgraph's symbol, and how high the curve is there, in the plot's coordinates.

    `key` is what it is known by to those who are told of a click on it.
    """

    name: str
    lr: float
    symbol: str
    y: float | None = None
    selected: bool = False
    key: str = ""


class MarksItem(PixelItem):
    """Names stand in rows at the top, so that none lies over another one. The selected mark is strong."""

    def __init__(self, *, names: bool = True) -> None:
        super().__init__()
        self.marks: Sequence[Mark] = ()
        self._names = names
        self.foot = 0.0
        """Pixels at the bottom that lines leave free."""
        self._theme, self._font = LIGHT, QFont()
        self.setZValue(20)

    def set_marks(self, marks: Sequence[Mark]) -> None:
        self.marks = sorted(marks, key=lambda mark: mark.lr)
        self.update()

    def set_look(self, theme: Theme, font: QFont) -> None:
        self._theme, self._font = theme, font
        self.update()

    def at(self, place: QPointF) -> Mark | None:
        """The mark whose name or line is at a point of the scene."""
        transform, area = self.sceneTransform(), self.mapRectToScene(self.boundingRect())
        xs = [math.log10(mark.lr) * transform.m11() + transform.dx() for mark in self.marks]
        for mark, box in zip(self.marks, self.boxes(xs, area), strict=True):
            if self._names and box.contains(place):
                return mark
        near = [(abs(x - place.x()), place_of) for place_of, x in enumerate(xs) if abs(x - place.x()) <= _NEAR]
        return self.marks[min(near)[1]] if near and area.contains(place) else None

    def boxes(self, xs: Sequence[float], area: QRectF) -> list[QRectF]:
        """Where the names of marks at these pixels stand: right of the line or, where there is no room, left of it."""
        height, found = QFontMetricsF(self._bold()).height() + 2, list[QRectF]()
        for x, mark in zip(xs, self.marks, strict=True):
            metrics = QFontMetricsF(self._bold() if mark.selected else self._font)
            width = _SYMBOL + 3 * _GAP + metrics.horizontalAdvance(mark.name)
            left = x if x + width <= area.right() else max(area.left(), x - width)
            box = QRectF(left, area.top(), width, height)
            for row in range(MOST_ROWS):
                box.moveTop(area.top() + 2 + row * height)
                if not any(box.intersects(other) for other in found):
                    break
            found.append(box)
        return found

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        xs = [math.log10(mark.lr) * transform.m11() + transform.dx() for mark in self.marks]
        boxes = self.boxes(xs, area)
        for x, mark, box in zip(xs, self.marks, boxes, strict=True):
            if area.left() <= x <= area.right():
                top = box.top() + 2 if self._names else area.top()
                self._draw_line(painter, mark, round(x) + 0.5, top, area.bottom() - self.foot)
        for x, mark, box in zip(xs, self.marks, boxes, strict=True):
            if area.left() <= x <= area.right():
                if mark.y is not None:
                    at = QPointF(x, mark.y * transform.m22() + transform.dy())
                    self._draw_symbol(painter, mark, at)
                if self._names:
                    self._write(painter, mark, box)

    def _color(self, mark: Mark) -> QColor:
        return QColor(self._theme.accent if mark.selected else self._theme.foreground)

    def _draw_line(self, painter: QPainter, mark: Mark, x: float, top: float, bottom: float) -> None:
        line = Bundle(np.array([[x, top, x, bottom]]), np.array([0, 1]))
        if mark.selected:
            draw_lines(painter, line.lines, self._color(mark), 2, smooth=False, flat=True)
        else:
            color = mix(self._theme.foreground, self._theme.background, 0.35)
            draw_lines(painter, dashed(line, [_DASH]).lines, color, 1, smooth=False, flat=True)

    def _draw_symbol(self, painter: QPainter, mark: Mark, at: QPointF) -> None:
        draw_symbol(painter, mark.symbol, at, self._color(mark), QColor(self._theme.background), _SYMBOL + 2)

    def _write(self, painter: QPainter, mark: Mark, box: QRectF) -> None:
        back = QColor(self._theme.background)
        back.setAlpha(225)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.fillRect(box.adjusted(2, 0, 0, 0), back)
        self._draw_symbol(painter, mark, QPointF(box.left() + _GAP + 1 + _SYMBOL / 2, box.center().y()))
        painter.setFont(self._bold() if mark.selected else self._font)
        painter.setPen(self._color(mark))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(box.adjusted(_SYMBOL + 2 * _GAP, 0, 0, 0), flags, mark.name)

    def _bold(self) -> QFont:
        font = QFont(self._font)
        font.setBold(True)
        return font


class BandItem(PixelItem):
    """The rates of a cycle: a pale band with its name at the bottom; None shows nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: tuple[float, float] | None = None
        self.name = ""
        self._theme, self._font = LIGHT, QFont()
        self.setZValue(-30)

    def set_ends(self, ends: tuple[float, float] | None) -> None:
        """The lower and the upper rate."""
        self.ends = ends
        self.update()

    def set_look(self, theme: Theme, font: QFont) -> None:
        self._theme, self._font = theme, font
        self.update()

    @property
    def height(self) -> float:
        """The height of its name in pixels."""
        return QFontMetricsF(self._font).height() + 4

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self.ends is None:
            return
        left, right = (math.log10(end) * transform.m11() + transform.dx() for end in self.ends)
        band = QRectF(left, area.top(), right - left, area.height()).intersected(area)
        if band.isEmpty():
            return
        painter.fillRect(band, mix(self._theme.accent, self._theme.background, 0.9))
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font)
        text = metrics.elidedText(self.name, Qt.TextElideMode.ElideRight, band.width() - 8)
        painter.setPen(QColor(self._theme.accent))
        width, height = metrics.horizontalAdvance(text) + 8, metrics.height()
        label = QRectF(band.center().x() - width / 2, band.bottom() - height - 4, width, height)
        painter.fillRect(label, mix(self._theme.accent, self._theme.background, 0.9))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
