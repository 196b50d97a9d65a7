"""The data and the prediction of each run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QWidget

from lrstudio.core.array import Array
from lrstudio.core.formula import parse_expression
from lrstudio.core.formula.compile import Function, numpy_function
from lrstudio.core.formula.graph import Graph
from lrstudio.core.language import tr
from lrstudio.core.problems import Data, Problem
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.drawing.axis import with_margins
from lrstudio.ui.drawing.curve import PolylineItem
from lrstudio.ui.drawing.pixels import PixelItem, draw_dots, to_pixels
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.reading import Reading, Row, coordinate_text, exact_text, nearest
from lrstudio.ui.look.theme import Theme

_MARGIN = 0.1
_POINTS = 200
_MOST_DOTS = 5000


class DataFitCanvas(PlotCanvas):
    """Shows the range of the data, whatever the predictions; empty for problems without data."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._lines: list[tuple[int, PolylineItem]] = []
        self._dots = DotsItem()
        self._predict: Function | None = None
        self._x = np.empty(0)
        self._view: tuple[tuple[float, float], tuple[float, float]] | None = None
        super().__init__(theme, parent)
        self.addItem(self._dots)

    def set_data(self, data: Data) -> None:
        """Sets the data columns x and y in place of the problem's own."""
        has_data = len(data.get("x", ())) > 0 and "y" in data
        x, y = (data["x"], data["y"]) if has_data else (np.empty(0), np.empty(0))
        self._dots.set_points(x, y)
        self._view = (with_margins(x, _MARGIN), with_margins(y, _MARGIN)) if has_data else None
        self._x = np.linspace(*self._view[0], _POINTS) if self._view else x
        if self._predict is not None:
            self.draw()
        self.follow()

    def build(self) -> None:
        assert self.experiment is not None
        problem = self.experiment.problem
        self._lines, self._predict = [], None
        self.set_data(problem.shown(self.experiment.seed))
        if problem.model is None or self._view is None:
            self.set_titles("", "", tr("this problem has no data"))
            return
        self._predict = prediction(problem, problem.model)
        self._show_starts()
        for run in range(len(self.experiment.runs)):
            line = PolylineItem(self.style(run))
            self._lines.append((run, line))
            self.add_run_item(run, line)
        x, y = problem.axes
        self.set_titles(tr("Data and fit"), x, f"{y} = {problem.model}")

    def draw(self) -> None:
        if self._predict is None:
            return
        y = self.predicted(self._x)
        for run, line in self._lines:
            line.set_points(self._x, y[run])

    def _show_starts(self) -> None:
        """Extends the view to the initial predictions by at most its height in each direction."""
        assert self._view is not None and self.experiment is not None and self._predict is not None
        w = np.array(self.experiment.starts())
        with np.errstate(all="ignore"):
            y = np.broadcast_to(self._predict(*w.T[:, :, None], self._x)[0], (len(w), len(self._x)))
        x_range, (low, high) = self._view
        size = high - low
        near = y[(y >= low - size) & (y <= high + size)]
        least, most = near.min(initial=low), near.max(initial=high)
        self._view = x_range, (least - _MARGIN * size * (least < low), most + _MARGIN * size * (most > high))

    def predicted(self, x: Array) -> Array:
        """Returns the predictions (R, m) of the runs for x (m,) at their markers."""
        assert self.trace is not None and self._predict is not None
        w = np.stack([self.trace.read("params", row, row + 1)[0, run] for run, row in self._rows()])
        with np.errstate(all="ignore"):
            return np.broadcast_to(self._predict(*w.T[:, :, None], x)[0], (len(w), len(x)))

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        if self._predict is None:
            return None
        width, height = self.plotItem.vb.viewPixelSize()
        rows = []
        for run, (y,) in enumerate(self.predicted(np.array([point.x()])).tolist()):
            if run not in self.hidden:
                dot = self.to_pixel(point.x(), y)
                distance = math.inf if dot is None else abs(dot.y() - mouse.y())
                rows.append(Row(self.name(run), (exact_text(y),), self.style(run), dot, distance))
        title = f"x = {coordinate_text(point.x(), width)}   y = {coordinate_text(point.y(), height)}"
        return Reading(title, nearest(rows), line=mouse.x())

    def restyle(self) -> None:
        self._dots.set_color(QColor(self.theme.muted))
        for run, line in self._lines:
            line.set_style(self.style(run))

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        return self._view

    def _rows(self) -> list[tuple[int, int]]:
        return [(run, self.row(run)) for run, _ in self._lines]


def prediction(problem: Problem, model: str) -> Function:
    """Returns the model as a function of the parameters (R, 1) and x (m,), with y (R, m) in the axes' units."""
    graph = Graph()
    inputs = [graph.input(name) for name in problem.names] + [graph.input("x", data=True)]
    y = graph.lower(parse_expression(model), dict(zip((*problem.names, "x"), inputs, strict=True)))
    plain = numpy_function(graph, inputs, [y], np.dtype(np.float64))
    (x_offset, x_scale), (y_offset, y_scale) = problem.axis_units

    def shown(*inputs: Array) -> tuple[Any, ...]:
        (value,) = plain(*inputs[:-1], (inputs[-1] - x_offset) / x_scale)
        return (y_offset + y_scale * value,)

    return shown if problem.axis_units != Problem.axis_units else plain


class DotsItem(PixelItem):
    """The data points, of very many every n-th, cached as a picture."""

    def __init__(self) -> None:
        super().__init__()
        self._x = self._y = np.empty(0)
        self._color = QColor()
        self.setZValue(-50)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_points(self, x: Array, y: Array) -> None:
        stride = max(1, len(x) // _MOST_DOTS)
        self._x, self._y = drawable(x[::stride]), drawable(y[::stride])
        self.update()

    def set_color(self, color: QColor) -> None:
        self._color = color
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        x, y = to_pixels(transform, self._x, self._y)
        inside = (x > area.left() - 9) & (x < area.right() + 9) & (y > area.top() - 9) & (y < area.bottom() + 9)
        draw_dots(painter, x[inside], y[inside], self._color, 11 if len(x) <= 20 else 7 if len(x) <= 200 else 4)
