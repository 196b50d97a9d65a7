"""What is drawn on a map: the picture, the theory's line and the cell that was chosen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QTransform

from lrstudio.core.array import Array
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed, draw_lines, edges_around, to_pixels

_HALO, _LINE = 5.0, 2.0
_DASH = (10.0, 6.0)
_RING = 7.0


class PictureItem(PixelItem):
    """An image over a rectangle of the view; its pixels stay squares however far it is zoomed."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()
        self._place = QRectF()
        self.setZValue(-200)

    def show_image(self, image: QImage, place: QRectF) -> None:
        """`place` is in the plot's coordinates, its top the least y."""
        self.image, self._place = image, place
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self.image.isNull():
            return
        whole = transform.mapRect(self._place)
        seen = whole.intersected(area)
        if seen.isEmpty() or whole.width() <= 0 or whole.height() <= 0:
            return
        across, down = self.image.width() / whole.width(), self.image.height() / whole.height()
        part = QRectF(
            (seen.left() - whole.left()) * across,
            (seen.top() - whole.top()) * down,
            seen.width() * across,
            seen.height() * down,
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(seen, self.image, part)


class LimitItem(PixelItem):
    """The theory's line, dashed on a pale one so that it is seen on every colour, and its name where there is room."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._points: Array = np.empty((0, 2))
        self._color, self._halo, self._font = QColor(), QColor(), QFont()

    def set_looks(self, color: QColor, halo: QColor, font: QFont) -> None:
        self._color, self._halo, self._font = color, halo, font
        self.update()

    def show_line(self, points: Array | None) -> None:
        """Points (n, 2) of the plot; None hides it."""
        self._points = np.empty((0, 2)) if points is None else points
        self.setVisible(len(self._points) > 1)
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if len(self._points) < 2:
            return
        x, y = to_pixels(transform, *self._points.T)
        segments = polylines(x, y[None], edges_around(area))
        draw_lines(painter, segments.lines, self._halo, _HALO)
        draw_dashed(painter, segments, self._color, _LINE, _DASH)
        inside = np.flatnonzero((x > area.left()) & (x < area.right()) & (y > area.top()) & (y < area.bottom()))
        if len(inside):
            place = inside[np.argmin(y[inside])]
            self._write(painter, QPointF(float(x[place]), float(y[place])), area)

    def _write(self, painter: QPainter, at: QPointF, area: QRectF) -> None:
        metrics = QFontMetricsF(self._font)
        width, height = metrics.horizontalAdvance(self._name) + 8, metrics.height() + 2
        if width + 16 > area.width():
            return
        left = at.x() + 8 if at.x() + 8 + width <= area.right() else at.x() - 8 - width
        box = QRectF(left, min(max(at.y() + 4, area.top() + 4), area.bottom() - height), width, height)
        painter.fillRect(box, self._halo)
        painter.setFont(self._font)
        painter.setPen(self._color)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._name)


class MarkItem(PixelItem):
    """A ring around the chosen place."""

    def __init__(self) -> None:
        super().__init__()
        self._at: QPointF | None = None
        self._color, self._halo = QColor(), QColor()
        self.setZValue(10)

    def set_looks(self, color: QColor, halo: QColor) -> None:
        self._color, self._halo = color, halo
        self.update()

    def show_mark(self, at: QPointF | None) -> None:
        """Where it is, in the plot's coordinates; None hides it."""
        self._at = at
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._at is None:
            return
        at = transform.map(self._at)
        if not area.contains(at):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((self._halo, 5.0), (self._color, 2.0)):
            painter.setPen(QPen(color, width))
            painter.drawEllipse(at, _RING, _RING)
