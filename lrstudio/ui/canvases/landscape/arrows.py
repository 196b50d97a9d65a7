"""Arrows of the steps of runs and of the slopes that they follow."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.drawing.pixels import PixelItem
from lrstudio.ui.drawing.pyramid import drawable

_SLOPE_LENGTH, _TANGENT_LENGTH = 56.0, 64.0
_MARKER = 10.0
_HEAD, _SHORTEST, _LONGEST = 11.0, 7.0, 20_000.0


@dataclass(frozen=True)
class Step:
    """A step in plot coordinates: its start, its end (None: unknown) and the direction of descent.

    Over one parameter `down` is the tangent, drawn to both sides; over two it is -gradient. The marker of the run
    covers the end of a step that is made, whose arrow ends at its edge.
    """

    at: QPointF
    to: QPointF | None
    down: QPointF
    color: QColor
    tangent: bool = False
    made: bool = False


class StepArrows(PixelItem):
    """The steps of runs, below their paths and markers."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: Sequence[Step] = ()
        self._halo = QColor()
        self.setZValue(-0.5)

    def set_steps(self, steps: Sequence[Step], halo: QColor) -> None:
        """Sets the steps; `halo` is the colour of the background, around the arrows."""
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
                self._paint_step(painter, QLineF(at, transform.map(step.to)), step, area)

    def _paint_slope(self, painter: QPainter, transform: QTransform, step: Step, at: QPointF) -> None:
        """Draws the tangent, or a thin arrow of fixed length downhill."""
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

    def _paint_step(self, painter: QPainter, line: QLineF, step: Step, area: QRectF) -> None:
        """Draws the step to scale; one that leaves the view has no head."""
        if step.made and line.length() > _MARKER:
            line.setLength(line.length() - _MARKER)
        if not _SHORTEST < line.length() < math.inf:
            return
        inside = area.contains(line.p2())
        if line.length() > _LONGEST:
            line.setLength(_LONGEST)
        draw_arrow(painter, line, step.color, self._halo, 3.0, _HEAD if inside else 0.0)


def draw_arrow(
    painter: QPainter,
    line: QLineF,
    color: QColor,
    halo: QColor,
    width: float,
    head: float,
    pen: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    """Draws an arrow on a halo."""
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


@dataclass
class Steps:
    """Determines the arrows of runs at a row of their trace: the step from there or, where none follows, the last one.

    `points` returns the plotted points (n, R, 2) of the rows start..stop, `loss_at` the loss at parameters. `predicted`
    are the newest row and the parameters (R, P) that follow it, None if nothing follows; None while a run goes on.
    """

    points: Callable[[int, int], Array]
    loss_at: Callable[[tuple[float, ...]], float]
    predicted: tuple[int, Array | None] | None = None

    def step(self, trace: Trace, run: int, row: int, length: int, color: QColor) -> Step | None:
        """Returns a run's step at a row, None if unknown; `length` rows of the trace are drawn."""
        after = self._after(trace, run, row, length)
        made = after is None and self._is_last(trace, run, row)
        if made:
            after = self.points(row, row + 1)[0, run]
            row -= 1
        if after is None:
            return None
        slope = trace.read("grad", row, row + 1)[0, run].astype(float)
        at = self.points(row, row + 1)[0, run]
        if not np.isfinite([*slope, *at, *after]).all():
            return None
        flat = len(trace.names) == 1
        down = QPointF(1.0, float(slope[0])) if flat else QPointF(*(-float(value) for value in slope[:2]))
        return Step(QPointF(*at), QPointF(*after), down, color, flat, made)

    def _is_last(self, trace: Trace, run: int, row: int) -> bool:
        """Whether a row is a run's last one, and no run goes on."""
        if self.predicted is None or not row:
            return False
        newest, following = self.predicted
        return row == trace.rows(run) - 1 and (row < newest or (row == newest and following is None))

    def _after(self, trace: Trace, run: int, row: int, length: int) -> Array | None:
        """Returns the point after a row, recorded or predicted."""
        if row + 1 < min(length, trace.rows(run)):
            after: Array = self.points(row + 1, row + 2)[0, run]
            return after
        if self.predicted is None or self.predicted[0] != row:
            return None
        following = self.predicted[1]
        if following is None or len(following) <= run:
            return None
        params = drawable(following[run][:2])
        if len(params) > 1:
            return params
        return np.append(params, drawable(np.array(self.loss_at((float(params[0]),)))))
