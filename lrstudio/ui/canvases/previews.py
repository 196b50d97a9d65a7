"""What the schedules will give: wide pale lines, one for every run, in one picture that is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem

from lrstudio.core.array import Array
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines, edges_around, to_pixels
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.step_scale import StepScale
from lrstudio.ui.drawing.strokes import curve_scale

_WIDTH = 5.0


class PreviewsItem(PixelItem):
    """Behind the curves. Painted when it changes: 60 items of their own take 60 pictures."""

    def __init__(self, scale: StepScale) -> None:
        super().__init__()
        self._scale = scale
        self._steps, self._rates = np.empty(0), np.empty((0, 0))
        self._colors: Sequence[QColor] = ()
        self._hidden: Collection[int] = ()
        self._log = False
        self.setZValue(-5)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_rates(self, steps: Array, rates: Array, *, log: bool) -> None:
        """The rates (n, R) at these steps (n,), upwards by their logarithm or not."""
        self._steps, self._rates, self._log = steps, drawable(rates), log
        self.update()

    def set_look(self, colors: Sequence[QColor], hidden: Collection[int]) -> None:
        """The colours of the runs, and those that are not drawn."""
        if (colors, hidden) != (self._colors, self._hidden):
            self._colors, self._hidden = colors, hidden
            self.update()

    @property
    def shown(self) -> bool:
        """Whether there is anything."""
        return self._rates.shape[1] > 0

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        places, edges = self._scale.positions(self._steps), edges_around(area)
        for run, color in enumerate(self._colors[: self._rates.shape[1]]):
            if run not in self._hidden:
                x, y = to_pixels(transform, places, curve_scale(self._rates[:, run], self._log))
                draw_lines(painter, polylines(x, y[None], edges).lines, color, _WIDTH)
