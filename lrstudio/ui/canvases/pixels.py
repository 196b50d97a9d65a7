"""The base of what is drawn in pixels over a plot, and the strokes that its items share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QWidget

Array = np.ndarray[Any, np.dtype[Any]]

CROWDED = 15_000
"""From this many pixels of line on, a curve is a block: it is drawn without antialiasing."""
MARKER_SIZE = 12.0
_WEAK = {"d": 1.3, "+": 1.25, "p": 1.1, "h": 1.1}
"""Symbols that look smaller than they are."""


class PixelItem(pg.GraphicsObject):  # type: ignore[misc]
    """Fills the view and paints in pixels: pens keep their width, and Qt takes its fast way for wide lines."""

    def boundingRect(self) -> QRectF:
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: object, widget: QWidget | None = None) -> None:
        transform = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        self.paint_pixels(painter, transform, transform.mapRect(self.boundingRect()))
        painter.restore()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        """Paint what is in `area`; `transform` maps the plot's coordinates to pixels."""
        raise NotImplementedError


def to_pixels(transform: QTransform, x: Array, y: Array) -> tuple[Array, Array]:
    """Plot coordinates in pixels."""
    return x * transform.m11() + transform.dx(), y * transform.m22() + transform.dy()


def draw_lines(
    painter: QPainter, lines: Array, color: QColor, width: float, *, smooth: bool = True, flat: bool = False
) -> None:
    """Draw the segments (n, 4); flat ends keep dashes apart, square ones leave no seams."""
    if not len(lines):
        return
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if flat else Qt.PenCapStyle.SquareCap)
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
    array = PrimitiveArray(QLineF, 4)
    array.resize(len(lines))
    array.ndarray()[:] = lines
    painter.drawLines(*array.drawargs())


def draw_dots(painter: QPainter, x: Array, y: Array, color: QColor, size: float) -> None:
    """Draw a round dot at every point."""
    if not len(x):
        return
    painter.setPen(QPen(color, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    array = PrimitiveArray(QPointF, 2)
    array.resize(len(x))
    array.ndarray()[:] = np.stack([x, y], axis=1)
    painter.drawPoints(*array.drawargs())


def draw_symbol(
    painter: QPainter, symbol: str, at: QPointF, fill: QColor, outline: QColor, size: float = MARKER_SIZE
) -> None:
    """Draw one of pyqtgraph's symbols with a thin outline that sets it off."""
    size *= _WEAK.get(symbol, 1.0)
    path: QPainterPath = QTransform.fromTranslate(at.x(), at.y()).scale(size, size).map(Symbols[symbol])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(outline, 1.5))
    painter.setBrush(fill)
    painter.drawPath(path)


def draw_walker(
    painter: QPainter,
    symbol: str,
    at: QPointF,
    area: QRectF,
    fill: QColor,
    outline: QColor,
    size: float = MARKER_SIZE,
) -> None:
    """The newest point of a run: its symbol, or a triangle at the edge of the view through which it left."""
    if not area.contains(at):
        half = size / 2 + 1
        if not area.top() <= at.y() <= area.bottom():
            symbol = "t1" if at.y() < area.top() else "t"
        else:
            symbol = "t3" if at.x() < area.left() else "t2"
        x = min(max(at.x(), area.left() + half), area.right() - half)
        y = min(max(at.y(), area.top() + half), area.bottom() - half)
        at = QPointF(x, y)
    draw_symbol(painter, symbol, at, fill, outline, size)
