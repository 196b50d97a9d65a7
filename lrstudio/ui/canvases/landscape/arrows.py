"""Where the next step goes: its arrow, and the slope that it follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from lrstudio.ui.drawing.pixels import PixelItem

_SLOPE_LENGTH, _TANGENT_LENGTH = 56.0, 64.0
_HEAD, _SHORTEST, _LONGEST = 11.0, 7.0, 20_000.0


@dataclass(frozen=True)
class Step:
    """In the plot's coordinates: where a run stands, where it goes (None: unknown) and which way is down.

    Over one parameter `down` is the tangent, drawn to both sides; over two it is the direction of -gradient.
    """

    at: QPointF
    to: QPointF | None
    down: QPointF
    color: QColor
    tangent: bool = False


class StepArrows(PixelItem):
    """The steps of some runs, below their paths and walking points."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: Sequence[Step] = ()
        self._halo = QColor()
        self.setZValue(-0.5)

    def set_steps(self, steps: Sequence[Step], halo: QColor) -> None:
        """Show these; `halo` sets the arrows off, it is the background's colour."""
        if steps or self.steps:
            self.steps, self._halo = steps, halo
            self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for step in self.steps:
            at = transform.map(step.at)
            if area.adjusted(-9, -9, 9, 9).contains(at):
                self._paint_slope(painter, transform, step, at)
        for step in self.steps:
            at = transform.map(step.at)
            if step.to is not None and area.adjusted(-9, -9, 9, 9).contains(at):
                self._paint_step(painter, QLineF(at, transform.map(step.to)), step.color, area)

    def _paint_slope(self, painter: QPainter, transform: QTransform, step: Step, at: QPointF) -> None:
        """The tangent, or a thin arrow of one length downhill."""
        down = QLineF(at, transform.map(step.at + step.down))
        if not 1e-9 < down.length() < math.inf:
            return
        if step.tangent:
            down.setLength(_TANGENT_LENGTH)
            other = QLineF(at, at + at - down.p2())
            painter.setPen(QPen(self._halo, 4))
            painter.drawLine(QLineF(down.p2(), other.p2()))
            painter.setPen(QPen(step.color, 1.6, Qt.PenStyle.SolidLine))
            painter.drawLine(QLineF(down.p2(), other.p2()))
        else:
            down.setLength(_SLOPE_LENGTH)
            draw_arrow(painter, down, step.color, self._halo, 1.4, 7.0, Qt.PenStyle.DashLine)

    def _paint_step(self, painter: QPainter, line: QLineF, color: QColor, area: QRectF) -> None:
        """The step in its real length; one that leaves the view ends at its edge, without a head."""
        if not _SHORTEST < line.length() < math.inf:
            return
        inside = area.contains(line.p2())
        if line.length() > _LONGEST:
            line.setLength(_LONGEST)
        draw_arrow(painter, line, color, self._halo, 3.0, _HEAD if inside else 0.0)


def draw_arrow(
    painter: QPainter,
    line: QLineF,
    color: QColor,
    halo: QColor,
    width: float,
    head: float,
    pen: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    """A line with a head at its end, on a halo."""
    head = min(head, 0.6 * line.length())
    direction = (line.p2() - line.p1()) / line.length()
    across = QPointF(-direction.y(), direction.x())
    neck = line.p2() - direction * head
    tip = QPolygonF([line.p2(), neck + across * (0.55 * head), neck - across * (0.55 * head)])
    shaft = QLineF(line.p1(), neck if head else line.p2())
    for paint, more, style in ((halo, 2.5, Qt.PenStyle.SolidLine), (color, 0.0, pen)):
        painter.setPen(QPen(paint, width + more, style, Qt.PenCapStyle.FlatCap))
        painter.drawLine(shaft)
        if head:
            painter.setPen(QPen(paint, max(more, 0.1), Qt.PenStyle.SolidLine))
            painter.setBrush(paint)
            painter.drawPolygon(tip)
