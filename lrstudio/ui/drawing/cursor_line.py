"""The step that is looked at, as an upright line."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from lrstudio.ui.drawing.lines import one_line
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines
from lrstudio.ui.drawing.step_scale import StepScale


class CursorLine(PixelItem):
    """Nothing while the newest step is followed."""

    def __init__(self, scale: StepScale) -> None:
        super().__init__()
        self._scale = scale
        self._step: int | None = None
        self._color = QColor()
        self.setZValue(-9)
        self.hide()

    @property
    def step(self) -> int | None:
        """Where the line stands."""
        return self._step

    def set_step(self, step: int | None) -> None:
        if step != self._step:
            self._step = step
            self.setVisible(step is not None)
            self.update()

    def set_color(self, color: QColor) -> None:
        self._color = color
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._step is None:
            return
        x = round(self._scale.place(self._step) * transform.m11() + transform.dx()) + 0.5
        if area.left() <= x <= area.right():
            lines = one_line(x, area.top(), x, area.bottom()).lines
            draw_lines(painter, lines, self._color, 1.6, smooth=False)
