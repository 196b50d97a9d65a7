"""The base class of plot items that paint in pixels, and functions that paint lines, dots and markers."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import cast

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QWidget
from shiboken6 import Shiboken

from lrstudio.core.array import Array
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.drawing.lines import Edges, Pattern, Segments, dashed
from lrstudio.ui.drawing.pyqtgraph import pg
from lrstudio.ui.look.theme import RunStyle

CROWDED = 15_000
"""Length in pixels from which a curve counts as crowded."""
MARKER_SIZE = 12.0
_WEAK = {"d": 1.3, "+": 1.25, "p": 1.1, "h": 1.1}
"""Scale factors of symbols that look smaller than others of their size."""


class PixelItem(pg.GraphicsObject):  # type: ignore[misc]
    """Fills the view and paints in pixels: pens keep their width, and Qt can use its fast path for wide lines.

    `behind` is a companion that is painted behind the items of all runs.
    """

    behind: PixelItem | None = None

    def boundingRect(self) -> QRectF:
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()

    def put_behind(self, behind: bool) -> None:
        """Sets whether the item is painted behind the other curves."""
        if self.zValue() != -behind:
            self.setZValue(-behind)

    @guarded
    def paint(self, painter: QPainter, option: object, widget: QWidget | None = None) -> None:
        transform = painter.worldTransform()
        painter.setWorldTransform(QTransform())  # the scene saves and restores the painter around every item
        area = transform.mapRect(self.viewRect())
        if area.width() >= 1 and area.height() >= 1:  # a plot may be squeezed to nothing
            self.paint_pixels(painter, transform, area)

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        """Paints within `area`; `transform` maps plot coordinates to pixels."""
        raise NotImplementedError


def to_pixels(transform: QTransform, x: Array, y: Array) -> tuple[Array, Array]:
    """Maps plot coordinates to pixels."""
    return x * transform.m11() + transform.dx(), y * transform.m22() + transform.dy()


def edges_around(area: QRectF) -> Edges:
    """Returns clipping edges with a margin, so that the caps of wide lines are invisible."""
    return area.left() - 4, area.top() - 4, area.right() + 4, area.bottom() + 4


def draw_lines(
    painter: QPainter,
    lines: Array,
    color: QColor,
    width: float,
    *,
    smooth: bool = True,
    flat: bool = False,
) -> None:
    """Draws segments (n, 4), as far as they reach into an image.

    Flat caps separate dashes, square caps leave no seams.
    """
    lines = lines[crossing(lines[:, ::2], painter, width)]
    if not len(lines):
        return
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if flat else Qt.PenCapStyle.SquareCap)
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
    lines = np.ascontiguousarray(lines, np.float64)
    painter.drawLines(cast(QLineF, Shiboken.wrapInstance(lines.ctypes.data, QLineF)), len(lines))


def crossing(x: Array, painter: QPainter, margin: float) -> Array | slice:
    """Returns which rows of ends x (n, 2) reach into the columns of pixels of the image that is painted on."""
    device = painter.device()
    if not isinstance(device, QImage):
        return slice(None)
    shown, _ = painter.combinedTransform().inverted()
    left, right = (shown.map(QPointF(x, 0)).x() for x in (0, device.width()))
    found: Array = (x.max(axis=1) >= left - margin) & (x.min(axis=1) <= right + margin)
    return found


def draw_text_in(painter: QPainter, box: QRectF, flags: Qt.AlignmentFlag | int, text: str) -> None:
    """Draws a text at its place in a box, which does not clip it: Qt's SVG would clip what is drawn later, too."""
    painter.drawText(box, int(flags) | Qt.TextFlag.TextDontClip, text)


def draw_dashed(
    painter: QPainter, segments: Segments, color: QColor, width: float, pattern: Pattern, *, smooth: bool = True
) -> None:
    """Draws the segments of one curve with its dash pattern."""
    draw_lines(painter, dashed(segments, [pattern]).lines, color, width, smooth=smooth, flat=bool(pattern))


def bold(font: QFont) -> QFont:
    """Returns the bold variant of a font."""
    font = QFont(font)
    font.setBold(True)
    return font


def draw_text(painter: QPainter, at: QPointF, text: str, font: QFont, color: QColor, halo: QColor) -> None:
    """Draws a text on a halo, its baseline from `at` on."""
    path = QPainterPath()
    path.addText(at, font, text)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.strokePath(path, QPen(halo, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.fillPath(path, color)


def draw_dots(painter: QPainter, x: Array, y: Array, color: QColor, size: float) -> None:
    """Draws a round dot at each point."""
    if not len(x):
        return
    painter.setPen(QPen(color, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    points = np.stack([x, y], axis=1)
    painter.drawPoints(cast(QPointF, Shiboken.wrapInstance(points.ctypes.data, QPointF)), len(points))


def draw_symbol(
    painter: QPainter, symbol: str, at: QPointF, fill: QColor, outline: QColor, size: float = MARKER_SIZE
) -> None:
    """Draws one of pyqtgraph's symbols with a thin outline."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(outline, 1.5))
    painter.setBrush(fill)
    painter.drawPath(_symbol(symbol, size).translated(at))


@lru_cache(64)
def _symbol(symbol: str, size: float) -> QPainterPath:
    size *= _WEAK.get(symbol, 1.0)
    path: QPainterPath = QTransform.fromScale(size, size).map(pg.graphicsItems.ScatterPlotItem.Symbols[symbol])
    return path


def draw_head(
    painter: QPainter,
    style: RunStyle,
    at: QPointF,
    area: QRectF,
    outline: QColor,
    size: float = MARKER_SIZE,
) -> None:
    """Draws the newest point of a run: its symbol, or outside the area a triangle at the edge that it left through."""
    symbol, size = style.marker, size * math.sqrt(style.thick)
    if not area.contains(at):
        half = size / 2 + 1
        symbol = exit_symbol(at, area)[0]
        x = min(max(at.x(), area.left() + half), area.right() - half)
        y = min(max(at.y(), area.top() + half), area.bottom() - half)
        at = QPointF(x, y)
    draw_symbol(painter, symbol, at, style.color, outline, size)


def exit_symbol(at: QPointF, area: QRectF) -> tuple[str, str]:
    """Returns the triangle for the edge beyond which a point lies, as pyqtgraph's symbol and as a character."""
    if not area.top() <= at.y() <= area.bottom():
        return ("t1", "▲") if at.y() < area.top() else ("t", "▼")
    return ("t3", "◀") if at.x() < area.left() else ("t2", "▶")
