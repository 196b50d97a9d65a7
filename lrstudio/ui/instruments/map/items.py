"""The items of a map: the picture, the theory's line and the mark of the chosen cell."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QTransform

from lrstudio.core.array import Array
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed, draw_lines, draw_text_in, edges_around, to_pixels

_HALO, _LINE = 5.0, 2.0
_DASH = (10.0, 6.0)
_RING = 7.0


class PictureItem(PixelItem):
    """An image over a rectangle of the plot; its pixels are not smoothed."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()
        self._rect = QRectF()
        self.setZValue(-200)

    def show_image(self, image: QImage, rect: QRectF) -> None:
        """Shows an image over a rectangle in plot coordinates, whose top is the least y."""
        self.image, self._rect = image, rect
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self.image.isNull():
            return
        whole = transform.mapRect(self._rect)
        visible = whole.intersected(area)
        if visible.isEmpty() or whole.width() <= 0 or whole.height() <= 0:
            return
        across, down = self.image.width() / whole.width(), self.image.height() / whole.height()
        part = QRectF(
            (visible.left() - whole.left()) * across,
            (visible.top() - whole.top()) * down,
            visible.width() * across,
            visible.height() * down,
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(visible, self.image, part)


class LimitItem(PixelItem):
    """The theory's line, dashed on a pale one to be visible on every colour, with its name where there is space."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._points: Array = np.empty((0, 2))
        self._color, self._halo, self._font = QColor(), QColor(), QFont()

    def set_style(self, color: QColor, halo: QColor, font: QFont) -> None:
        self._color, self._halo, self._font = color, halo, font
        self.update()

    def show_line(self, points: Array | None) -> None:
        """Shows a line through points (n, 2) in plot coordinates; None hides it."""
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
            top = inside[np.argmin(y[inside])]
            self._draw_name(painter, QPointF(float(x[top]), float(y[top])), area)

    def _draw_name(self, painter: QPainter, point: QPointF, area: QRectF) -> None:
        metrics = QFontMetricsF(self._font)
        width, height = metrics.horizontalAdvance(self._name) + 8, metrics.height() + 2
        if width + 16 > area.width():
            return
        left = point.x() + 8 if point.x() + 8 + width <= area.right() else point.x() - 8 - width
        box = QRectF(left, min(max(point.y() + 4, area.top() + 4), area.bottom() - height), width, height)
        painter.fillRect(box, self._halo)
        painter.setFont(self._font)
        painter.setPen(self._color)
        draw_text_in(painter, box, Qt.AlignmentFlag.AlignCenter, self._name)


class MarkItem(PixelItem):
    """A ring around the chosen cell."""

    def __init__(self) -> None:
        super().__init__()
        self._point: QPointF | None = None
        self._color, self._halo = QColor(), QColor()
        self.setZValue(10)

    def set_style(self, color: QColor, halo: QColor) -> None:
        self._color, self._halo = color, halo
        self.update()

    def show_mark(self, point: QPointF | None) -> None:
        """Shows the mark at a point in plot coordinates; None hides it."""
        self._point = point
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._point is None or not area.contains(transform.map(self._point)):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((self._halo, 5.0), (self._color, 2.0)):
            painter.setPen(QPen(color, width))
            painter.drawEllipse(transform.map(self._point), _RING, _RING)
