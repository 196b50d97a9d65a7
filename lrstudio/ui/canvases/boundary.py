"""Points of two classes in the plane, and the decision boundary of each run's network."""

from __future__ import annotations

import contourpy
import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.elementary import sigmoid
from lrstudio.core.language import tr
from lrstudio.core.problems import Problem
from lrstudio.ui.canvases.canvas import OneRunCanvas
from lrstudio.ui.drawing.axis import with_margins
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed, draw_dots, edges_around, to_pixels
from lrstudio.ui.drawing.reading import Reading, Row
from lrstudio.ui.look.theme import RunStyle, Theme, mix

_CELLS = 40
_MOST_DOTS = 1500
_MARGIN = 0.08
_MOST_RUNS = 8


class BoundaryCanvas(OneRunCanvas):
    """Draws the decision boundaries of all runs over the class probabilities of the selected one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._tint, self._dots = TintItem(), ClassesItem()
        self._lines: list[tuple[int, BoundaryItem]] = []
        self._grid_points = np.empty((0, 2))
        self._ends: tuple[tuple[float, float], tuple[float, float]] | None = None
        super().__init__(theme, parent)
        for item in (self._tint, self._dots):
            self.addItem(item)
        self._grid.setVisible(False)

    @property
    def problem(self) -> Problem | None:
        """The problem, if it has a decision boundary."""
        problem = self.experiment.problem if self.experiment is not None else None
        return problem if problem is not None and problem.has_decision_boundary else None

    def build(self) -> None:
        problem = self.problem
        self._lines = []
        if problem is None or self.trace is None or self.experiment is None:
            self._ends = None
            return
        x, y = problem.input_range(self.experiment.seed).T
        self._ends = with_margins(x, _MARGIN), with_margins(y, _MARGIN)
        axes = [np.linspace(*ends, _CELLS) for ends in self._ends]
        self._grid_points = np.stack([values.ravel() for values in np.meshgrid(*axes)], axis=1)
        for run in range(min(self.trace.runs, _MOST_RUNS)):
            line = BoundaryItem(self.style(run), axes[0], axes[1])
            self._lines.append((run, line))
            self.add_run_item(run, line)
        self.set_titles(tr("Points and decision boundary"), "x1", "x2 ↑")

    def draw(self) -> None:
        if self.problem is None or self.experiment is None or self.trace is None or self.trace.snapshots is None:
            return
        step = self.trace.length - 1 if self.step is None else self.step
        seed = self.experiment.seed
        self._dots.set_points(self.problem.inputs(seed, step), self.problem.split(seed).labels)
        runs = [run for run, _ in self._lines]
        weights = np.stack([self.shown_weights(run) for run in runs])
        assert self.problem.network is not None
        with np.errstate(all="ignore"):
            z = self.problem.network.outputs(weights, self._grid_points)[:, 0].reshape(-1, _CELLS, _CELLS)
        for (_, line), values in zip(self._lines, z, strict=True):
            line.set_values(values)
        self._tint.set_values(z[self.selected] if self.selected < len(z) else None, self._ends)

    def restyle(self) -> None:
        for run, line in self._lines:
            line.set_style(self.style(run))
        self._tint.set_theme(self.theme)
        self._dots.set_theme(self.theme)

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        return self._ends

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        """Returns the probability of the second class that each run predicts at a point."""
        if self.problem is None or self.trace is None or self.trace.snapshots is None:
            return None
        weights = np.stack([self.shown_weights(run) for run in range(self.trace.runs)])
        assert self.problem.network is not None
        with np.errstate(all="ignore"):
            z = self.problem.network.outputs(weights, np.array([[point.x(), point.y()]]))
        rows = [
            Row(self.name(run), (f"{float(sigmoid(z[run, 0, 0])):.3f}",), self.style(run))
            for run in self.visible_runs()[:_MOST_RUNS]
        ]
        return Reading(f"x1 = {point.x():.3g}   x2 = {point.y():.3g}", rows, (tr("share of the second kind"),))


class BoundaryItem(PixelItem):
    """The decision boundary of a network: both classes have probability 1/2."""

    def __init__(self, style: RunStyle, x: Array, y: Array) -> None:
        super().__init__()
        self._style, self._x, self._y = style, x, y
        self._lines: list[Array] = []

    def set_style(self, style: RunStyle) -> None:
        self._style = style
        self.update()

    def set_values(self, z: Array) -> None:
        """Sets the network's outputs (rows, columns) on the grid; the boundary is their zero contour."""
        generator = contourpy.contour_generator(self._x, self._y, np.ma.masked_invalid(z), line_type="Separate")
        self._lines = [np.asarray(line) for line in generator.lines(0.0)]
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        for line in self._lines:
            x, y = to_pixels(transform, line[:, 0], line[:, 1])
            draw_dashed(painter, polylines(x, y[None], edges_around(area)), self._style.color, 2.8, self._style.dash)


class TintItem(PixelItem):
    """Class probabilities as two tints of the plane, pale near 1/2."""

    def __init__(self) -> None:
        super().__init__()
        self._z: Array | None = None
        self._ends: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._colors: tuple[tuple[int, int, int], ...] = ()
        self.setZValue(-60)

    def set_theme(self, theme: Theme) -> None:
        shades = [QColor(theme.background), *(mix(theme.background, color, 0.3) for color in _class_colors(theme))]
        self._colors = tuple((color.red(), color.green(), color.blue()) for color in shades)
        self.update()

    def set_values(self, z: Array | None, ends: tuple[tuple[float, float], tuple[float, float]] | None) -> None:
        self._z, self._ends = z, ends
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._z is None or self._ends is None or not self._colors:
            return
        share = sigmoid(np.nan_to_num(np.clip(self._z, -50, 50)))[..., None]
        plain, first, second = (np.array(color, float) for color in self._colors)
        certainty = np.abs(2 * share - 1)
        rgb = plain + certainty * (np.where(share > 0.5, second, first) - plain)
        pixels = np.ascontiguousarray(rgb[::-1], np.uint8)
        height, width, _ = pixels.shape
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        (left, right), (low, high) = self._ends
        painter.setClipRect(area)
        painter.drawImage(transform.mapRect(QRectF(left, low, right - left, high - low)), image)
        painter.setClipping(False)


class ClassesItem(PixelItem):
    """The data: dots of the first class, squares of the second."""

    def __init__(self) -> None:
        super().__init__()
        self._points: tuple[Array, Array] = (np.empty((0, 2)), np.empty((0, 2)))
        self._colors: tuple[QColor, ...] = ()
        self._outline = QColor()
        self.setZValue(-50)

    def set_theme(self, theme: Theme) -> None:
        self._colors = tuple(mix(color, theme.foreground, 0.15) for color in _class_colors(theme))
        self._outline = QColor(theme.background)
        self.update()

    def set_points(self, x: Array, labels: Array) -> None:
        stride = max(1, len(x) // _MOST_DOTS)
        x, labels = x[::stride], labels[::stride]
        self._points = x[labels == 0], x[labels == 1]
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if not self._colors:
            return
        (first, second), few = self._points, len(self._points[0]) + len(self._points[1]) <= 400
        draw_dots(painter, *to_pixels(transform, *first.T), self._colors[0], 7 if few else 4)
        x, y = to_pixels(transform, *second.T)
        half = 4.0 if few else 2.5
        painter.setPen(QPen(self._outline, 1.2))
        painter.setBrush(self._colors[1])
        painter.drawRects([QRectF(a - half, b - half, 2 * half, 2 * half) for a, b in zip(x, y, strict=True)])


def _class_colors(theme: Theme) -> tuple[str, str]:
    return theme.muted, theme.runs[3]
