"""Where the loss is least."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from lrstudio.ui.drawing.pixels import PixelItem, draw_symbol


class StarItem(PixelItem):
    """The minima, each marked by a star; the lowest by a large one."""

    def __init__(self) -> None:
        super().__init__()
        self._places: list[QPointF] = []
        self._fill, self._outline = QColor(), QColor()
        self.setZValue(-20)

    def set_places(self, places: list[QPointF]) -> None:
        """The minima, the lowest first."""
        self._places = places
        self.update()

    def set_colors(self, fill: QColor, outline: QColor) -> None:
        self._fill, self._outline = fill, outline
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        for place, minimum in enumerate(self._places):
            size = 12 if place else 20
            draw_symbol(painter, "star", transform.map(minimum), self._fill, self._outline, size)
