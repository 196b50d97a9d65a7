"""The marks of a range test's plots: labelled vertical lines at rates, and the band between the rates of a cycle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTransform

from lrstudio.core.record import dataclass
from lrstudio.ui.drawing.lines import Segments, dashed, single_segment
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines, draw_symbol, draw_text_in
from lrstudio.ui.look.theme import LIGHT, Theme, mix

if TYPE_CHECKING:
    from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent

_DASH = (3.0, 4.0)
_SYMBOL, _GAP = 12.0, 5.0
_NEAR = 6.0
"""A click selects a line that is at most this many pixels away."""
MOST_ROWS = 6


@dataclass(frozen=True)
class Mark:
    """A labelled rate with pyqtgraph's symbol at the height `y`, in plot coordinates; a click emits `key`."""

    name: str
    lr: float
    symbol: str
    y: float | None = None
    selected: bool = False
    key: str = ""


class LabelItem(PixelItem):
    """The base of items that write text in a theme's colours and a plot's font."""

    def __init__(self, z: float) -> None:
        super().__init__()
        self._theme, self._font = LIGHT, QFont()
        self.setZValue(z)

    def set_style(self, theme: Theme, font: QFont) -> None:
        self._theme, self._font = theme, font
        self.update()


class MarksItem(LabelItem):
    """Draws marks; their names are in rows at the top so that none covers another. The selected mark is bold."""

    clicked = Signal(str)
    """The key of a mark."""

    def __init__(self) -> None:
        super().__init__(20)
        self.marks: Sequence[Mark] = ()
        self.margin = 0.0
        """Pixels between the lower ends of the lines and the lower edge of the plot."""

    def set_marks(self, marks: Sequence[Mark]) -> None:
        self.marks = sorted(marks, key=lambda mark: mark.lr)
        self.update()

    def at(self, point: QPointF) -> Mark | None:
        """Returns the mark whose name or line is at a point of the scene."""
        area = self.mapRectToScene(self.boundingRect())
        xs = self._xs(self.sceneTransform())
        for mark, box in zip(self.marks, self.boxes(xs, area), strict=True):
            if box.contains(point):
                return mark
        near = [(abs(x - point.x()), index) for index, x in enumerate(xs) if abs(x - point.x()) <= _NEAR]
        return self.marks[min(near)[1]] if near and area.contains(point) else None

    def mouseClickEvent(self, event: MouseClickEvent) -> None:
        mark = self.at(event.scenePos())
        if mark is not None:
            self.clicked.emit(mark.key)

    def boxes(self, xs: Sequence[float], area: QRectF) -> list[QRectF]:
        """Returns the rectangles of the names of marks at these pixels, right of the lines or, without room, left."""
        height, boxes = QFontMetricsF(self._bold()).height() + 2, list[QRectF]()
        for x, mark in zip(xs, self.marks, strict=True):
            metrics = QFontMetricsF(self._bold() if mark.selected else self._font)
            width = _SYMBOL + 3 * _GAP + metrics.horizontalAdvance(mark.name)
            left = x if x + width <= area.right() else max(area.left(), x - width)
            box = QRectF(left, area.top(), width, height)
            for row in range(MOST_ROWS):
                box.moveTop(area.top() + 2 + row * height)
                if not any(box.intersects(other) for other in boxes):
                    break
            boxes.append(box)
        return boxes

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        xs = self._xs(transform)
        marks = zip(xs, self.marks, self.boxes(xs, area), strict=True)
        visible = [(x, mark, box) for x, mark, box in marks if area.left() <= x <= area.right()]
        for x, mark, box in visible:
            middle = round(x) + 0.5
            self._draw_line(painter, mark, single_segment(middle, box.top() + 2, middle, area.bottom() - self.margin))
        for x, mark, box in visible:
            if mark.y is not None:
                self._draw_symbol(painter, mark, QPointF(x, mark.y * transform.m22() + transform.dy()))
            self._draw_name(painter, mark, box)

    def _xs(self, transform: QTransform) -> list[float]:
        return [math.log10(mark.lr) * transform.m11() + transform.dx() for mark in self.marks]

    def _color(self, mark: Mark) -> QColor:
        return QColor(self._theme.accent if mark.selected else self._theme.foreground)

    def _draw_line(self, painter: QPainter, mark: Mark, line: Segments) -> None:
        if mark.selected:
            draw_lines(painter, line.lines, self._color(mark), 2, smooth=False, flat=True)
        else:
            color = mix(self._theme.foreground, self._theme.background, 0.35)
            draw_lines(painter, dashed(line, [_DASH]).lines, color, 1, smooth=False, flat=True)

    def _draw_symbol(self, painter: QPainter, mark: Mark, at: QPointF) -> None:
        draw_symbol(painter, mark.symbol, at, self._color(mark), QColor(self._theme.background), _SYMBOL + 2)

    def _draw_name(self, painter: QPainter, mark: Mark, box: QRectF) -> None:
        back = QColor(self._theme.background)
        back.setAlpha(225)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.fillRect(box.adjusted(2, 0, 0, 0), back)
        self._draw_symbol(painter, mark, QPointF(box.left() + _GAP + 1 + _SYMBOL / 2, box.center().y()))
        painter.setFont(self._bold() if mark.selected else self._font)
        painter.setPen(self._color(mark))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        draw_text_in(painter, box.adjusted(_SYMBOL + 2 * _GAP, 0, 0, 0), flags, mark.name)

    def _bold(self) -> QFont:
        font = QFont(self._font)
        font.setBold(True)
        return font


class BandItem(LabelItem):
    """A pale band between two rates with its name at the bottom; draws nothing while `ends` is None."""

    def __init__(self) -> None:
        super().__init__(-30)
        self.ends: tuple[float, float] | None = None
        self.name = ""

    def set_ends(self, ends: tuple[float, float] | None) -> None:
        """Set the lower and the upper rate."""
        self.ends = ends
        self.update()

    @property
    def height(self) -> float:
        """Height of the name in pixels."""
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
        draw_text_in(painter, label, Qt.AlignmentFlag.AlignCenter, text)
