"""A landscape of one parameter: the loss as a line, with the ground below it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem

from lrstudio.core.landscape import Landscape
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines, edges_around, to_pixels
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.look.theme import Theme, mix


class ProfileItem(PixelItem):
    """The loss over its parameter. It is painted once per view and kept as a picture."""

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
        known = np.isfinite(y)
        heights = np.clip(y[known], area.top() - 9, area.bottom() + 9)
        corners = [QPointF(float(left), float(top)) for left, top in zip(x[known], heights, strict=True)]
        if corners:
            floor = area.bottom() + 9
            corners = [QPointF(corners[0].x(), floor), *corners, QPointF(corners[-1].x(), floor)]
        painter.setPen(QColor(0, 0, 0, 0))
        painter.setBrush(mix(self._theme.background, self._theme.accent, 0.08))
        painter.drawPolygon(QPolygonF(corners))
        lines = polylines(x, y[None], edges_around(area))
        draw_lines(painter, lines.lines, QColor(self._theme.muted), 2.5)
