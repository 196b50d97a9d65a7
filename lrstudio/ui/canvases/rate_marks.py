"""Upright lines: where rates were changed on the way, in the run's colour, and where the planned steps end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTransform

from lrstudio.engine.training.trace import RateChange
from lrstudio.ui.drawing.lines import single_segment
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed
from lrstudio.ui.drawing.step_scale import StepScale

_APART = 5.0
"""Lines that are nearer to one another than so many pixels would be an area: one is drawn for them."""
_DASH = (4.0, 4.0)


class RateMarks(PixelItem):
    """Behind the curves; no more lines than there is room for."""

    def __init__(self, scale: StepScale) -> None:
        super().__init__()
        self._scale = scale
        self._lines: list[tuple[float, QColor]] = []
        self.setZValue(-8)

    def set_changes(self, changes: Sequence[RateChange], colors: dict[int, QColor]) -> None:
        """Show the changes of the runs that have a colour here."""
        lines = [(change.step, colors[change.run]) for change in changes if change.run in colors]
        if lines != self._lines:
            self._lines = [(float(step), color) for step, color in lines]
            self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        last: dict[int, float] = {}
        for step, color in self._lines:
            x = round(self._scale.position(step) * transform.m11() + transform.dx()) + 0.5
            if not area.left() <= x <= area.right() or x - last.get(color.rgb(), -_APART) < _APART:
                continue
            last[color.rgb()] = x
            draw_dashed(painter, single_segment(x, area.top(), x, area.bottom()), color, 1.2, _DASH, smooth=False)


class PlanMark(PixelItem):
    """The step at which the planned steps end and those begin that were added; None shows nothing."""

    def __init__(self, scale: StepScale, name: str) -> None:
        super().__init__()
        self.step: int | None = None
        self._scale, self._name = scale, name
        self._color, self._font = QColor(), QFont()
        self.setZValue(-8)

    def show_step(self, step: int | None, color: QColor, font: QFont) -> None:
        """The step, and the looks."""
        self.step, self._color, self._font = step, color, font
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self.step is None:
            return
        x = round(self._scale.position(self.step) * transform.m11() + transform.dx()) + 0.5
        if not area.left() <= x <= area.right():
            return
        draw_dashed(painter, single_segment(x, area.top(), x, area.bottom()), self._color, 1.0, (6, 4))
        metrics = QFontMetricsF(self._font)
        width, height = metrics.horizontalAdvance(self._name) + 8, metrics.height()
        left = x + 4 if x + width < area.right() else x - width
        painter.setFont(self._font)
        painter.setPen(self._color)
        painter.drawText(QRectF(left, area.top(), width, height), Qt.AlignmentFlag.AlignVCenter, self._name)
