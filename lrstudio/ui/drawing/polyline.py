"""A line through some points: a fit, a preview."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTransform

from lrstudio.core.array import Array
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed, edges_around, to_pixels
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.strokes import curve_scale
from lrstudio.ui.look.theme import RunStyle


class PolylineItem(PixelItem):
    """At most a few thousand points, in the colour and dash of a run."""

    def __init__(self, style: RunStyle, *, width: float = 2.5, log: bool = False) -> None:
        super().__init__()
        self._style, self._width, self._log = style, width, log
        self._x = self._y = np.empty(0)

    def set_style(self, style: RunStyle) -> None:
        self._style = style
        self.update()

    def set_points(self, x: Array, y: Array) -> None:
        self._x, self._y = drawable(x), drawable(y)
        self.update()

    def set_log(self, log: bool) -> None:
        self._log = log
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        x, y = to_pixels(transform, self._x, curve_scale(self._y, self._log))
        bundle = polylines(x, y[None], edges_around(area))
        draw_dashed(painter, bundle, self._style.color, self._width, self._style.dash)
