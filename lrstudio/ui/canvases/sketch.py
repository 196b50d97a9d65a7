"""A loss curve that a learner draws on the plot before the run, with the mouse or the keys."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.engine.lessons.drawing import COLUMNS, DOWN, UP, Drawing, loss_at
from lrstudio.ui.drawing.pixels import PixelItem, draw_symbol
from lrstudio.ui.drawing.step_scale import StepScale

_WIDTH, _SIZE, _CHOSEN_SIZE = 2.0, 8.0, 13.0
_MARGIN = 0.3
"""Powers of ten above and below a drawing that are in view."""


class Sketch(QObject):
    """The heights of a loss curve, in decimal logarithms, at equal distances; the first one is known and stays."""

    changed = Signal()

    def __init__(self, steps: int, start: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.steps = [steps * index / (COLUMNS - 1) for index in range(COLUMNS)]
        self.heights = [start] * COLUMNS
        self.low, self.high = start - DOWN, start + UP
        self.chosen = 1
        self.touched = self.fixed = False

    @property
    def drawing(self) -> Drawing:
        return Drawing(tuple(self.heights))

    def fix(self, drawing: Drawing) -> None:
        """Shows a drawing that can no longer be changed."""
        self.heights, self.fixed = list(drawing.heights), True
        self.changed.emit()

    def choose(self, index: int) -> None:
        self.chosen = min(max(index, 1), COLUMNS - 1)
        self.changed.emit()

    def lift(self, by: float) -> None:
        """Moves the chosen point by powers of ten."""
        self._set(self.chosen, self.heights[self.chosen] + by)
        self.changed.emit()

    def draw(self, step: float, height: float, before: tuple[float, float] | None = None) -> None:
        """Moves the point nearest to a step to a height, and those on the way from the place before."""
        index = self._nearest(step)
        if before is not None:
            (first, low), (last, high) = sorted((before, (step, height)))
            for between in range(self._nearest(first) + 1, self._nearest(last)):
                self._set(between, float(np.interp(self.steps[between], (first, last), (low, high))))
        self._set(index, height)
        self.choose(index)

    def _nearest(self, step: float) -> int:
        return min(max(round(step / self.steps[-1] * (COLUMNS - 1)), 1), COLUMNS - 1)

    def _set(self, index: int, height: float) -> None:
        if not self.fixed:
            self.heights[index] = min(max(height, self.low), self.high)
            self.touched = True


class SketchCanvas(Protocol):
    """What a SketchLayer uses of a canvas."""

    scale: StepScale
    following: bool
    length: int

    @property
    def logarithmic(self) -> bool: ...
    def to_plot(self, pixel: QPointF) -> QPointF: ...
    def plot_contains(self, mouse: QPointF) -> bool: ...
    def follow(self) -> None: ...
    def read(self, on: bool = True) -> None: ...


class SketchLayer(QObject):
    """Shows a sketch on a canvas of losses, and lets the mouse draw it."""

    sketch: Sketch | None = None
    """Also of an object that Python has cleared already when its viewport gets a last event."""

    def __init__(self, canvas: Any, item: SketchItem) -> None:
        super().__init__(canvas)
        self._canvas: SketchCanvas = canvas
        self._viewport: QWidget = canvas.viewport()
        self.item = item
        self._before: tuple[float, float] | None = None
        canvas.addItem(self.item)
        self._viewport.installEventFilter(self)

    def show_sketch(self, sketch: Sketch | None) -> None:
        """Shows a sketch in place of the one before; None hides it."""
        if self.sketch is not None:
            self.sketch.changed.disconnect(self.show)
        self.sketch, self._before = sketch, None
        if sketch is not None:
            sketch.changed.connect(self.show)
        self._canvas.following = True
        self.show()

    def show(self) -> None:
        """Shows the sketch as it is now, and all of it."""
        self.place()
        if self._canvas.length:
            self._canvas.follow()

    def place(self) -> None:
        """Places the points on the axes as they are now."""
        sketch, log = self.sketch, self._canvas.logarithmic
        points = [] if sketch is None else zip(sketch.steps, sketch.heights, strict=True)
        positions = [QPointF(self._canvas.scale.position(x), y if log else loss_at(y)) for x, y in points]
        self.item.set_positions(positions, None if sketch is None or sketch.fixed else sketch.chosen)

    def covering(self, low: float, high: float) -> tuple[float, float]:
        """Returns a range of the axis, grown to what can be drawn, or to what was drawn."""
        if self.sketch is None or not self._canvas.logarithmic:
            return low, high
        fixed, heights = self.sketch.fixed, self.sketch.heights
        bottom, top = (min(heights), max(heights)) if fixed else (self.sketch.low, self.sketch.high)
        return min(low, bottom - _MARGIN), max(high, top + _MARGIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.sketch is None or self.sketch.fixed or not isinstance(event, QMouseEvent):
            return False
        inside = self._canvas.plot_contains(event.position())
        match event.type():
            case QEvent.Type.MouseButtonPress if event.button() == Qt.MouseButton.LeftButton and inside:
                self._canvas.read(False)
                self._draw(event.position())
                return True
            case QEvent.Type.MouseMove if self._before is not None:
                self._draw(event.position())
                return True
            case QEvent.Type.MouseButtonRelease if self._before is not None:
                self._before = None
                return True
        return False

    def _draw(self, mouse: QPointF) -> None:
        assert self.sketch is not None
        at = self._canvas.to_plot(mouse)
        height = at.y() if self._canvas.logarithmic else float(np.log10(max(at.y(), loss_at(self.sketch.low))))
        place = self._canvas.scale.step(at.x()), height
        before, self._before = self._before, place
        self.sketch.draw(*place, before)


class SketchItem(PixelItem):
    """A dashed line through the points of a sketch, with discs while it can be changed; the chosen one is larger."""

    def __init__(self) -> None:
        super().__init__()
        self._positions: list[QPointF] = []
        self._chosen: int | None = None
        self._color, self._outline = QColor(), QColor()
        self.setZValue(9)

    def set_positions(self, positions: list[QPointF], chosen: int | None) -> None:
        """Sets the points in plot coordinates, and the index of the chosen one; None if none can be changed."""
        self._positions, self._chosen = positions, chosen
        self.update()

    def set_colors(self, color: QColor, outline: QColor) -> None:
        self._color, self._outline = color, outline
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        points = [transform.map(position) for position in self._positions]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(self._color, _WIDTH, Qt.PenStyle.DashLine))
        painter.drawPolyline(points)
        for index, point in enumerate(points[1:], 1):
            if self._chosen is not None:
                size = _CHOSEN_SIZE if index == self._chosen else _SIZE
                draw_symbol(painter, "o", point, self._color, self._outline, size)
