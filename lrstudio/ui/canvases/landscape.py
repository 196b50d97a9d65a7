"""The loss over its parameters with the paths of the runs: a curve for one parameter, contours for two."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.landscape import Landscape
from lrstudio.ui.canvases.contours import ContourItem
from lrstudio.ui.canvases.path import PathItem
from lrstudio.ui.canvases.pixels import PixelItem, draw_symbol
from lrstudio.ui.canvases.plot import PlotCanvas
from lrstudio.ui.canvases.profile import ProfileItem
from lrstudio.ui.canvases.pyramid import drawable
from lrstudio.ui.canvases.reading import Reading, Row, exact_text, place_text
from lrstudio.ui.theme import Theme

Array = np.ndarray[Any, np.dtype[Any]]

_CELLS = 1024
_LONGEST = 24_000.0
"""Pixels of path that all runs may have together."""
_NEAR = 12.0
"""Pixels from a path within which it is read."""
_RECENT = 12
"""Over one parameter the way back crosses the way there: more jumps than these would be a tangle."""


class LandscapeCanvas(PlotCanvas):
    """The view is the problem's domain and stays there, wherever the runs go."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._ground: ContourItem | ProfileItem | None = None
        self._landscape: Landscape | None = None
        self._paths: list[tuple[int, PathItem]] = []
        self._star = StarItem()
        self._read = 0
        super().__init__(theme, parent)
        self.addItem(self._star, ignoreBounds=True)

    def set_landscape(self, landscape: Landscape | None) -> None:
        """The ground to draw; None draws none."""
        if self._ground is not None:
            self.removeItem(self._ground)
        self._landscape, self._ground = landscape, None
        if landscape is not None:
            ground = ProfileItem(landscape, self.theme) if len(landscape.axes) == 1 else None
            self._ground = ground or ContourItem(landscape, self.theme, self.header.font())
            self.addItem(self._ground, ignoreBounds=True)
        self._grid.setVisible(landscape is None or len(landscape.axes) == 1)
        if self.experiment is not None:
            self._place_star()
        self.reset_view()

    def _apply_font(self) -> None:
        super()._apply_font()
        if isinstance(self._ground, ContourItem):
            self._ground.set_font(self.header.font())

    def build(self) -> None:
        assert self.experiment is not None and self.trace is not None
        problem = self.experiment.problem
        self._read = 0
        x, y = problem.domain[0], problem.domain[min(1, len(problem.domain) - 1)]
        recent = _RECENT if len(problem.names) == 1 else None
        outline = QColor(self.theme.background)
        cell = (x[1] - x[0]) / _CELLS, (y[1] - y[0]) / _CELLS
        longest = _LONGEST / max(3, self.trace.runs)
        self._paths = []
        for run in range(self.trace.runs):
            size = max(11, 18 - 3 * run)  # smaller ones on top: runs at one place are seen as rings
            path = PathItem(self.style(run), outline, cell, longest=longest, recent=recent, size=size)
            self._paths.append((run, path))
            self.add_run_item(run, path)
        if len(problem.names) == 1:
            self.set_titles(self.tr("loss"), problem.names[0])
        else:
            self.set_titles(
                problem.names[1], problem.names[0], self.tr("the loss over {0} and {1}").format(*problem.names)
            )
        if self._landscape is not None and self._landscape.names != problem.names:
            self.set_landscape(None)
        self._place_star()
        self._star.set_colors(QColor(self.theme.foreground), QColor(self.theme.background))

    def _place_star(self) -> None:
        assert self.experiment is not None
        problem = self.experiment.problem
        optimum = problem.optimum(problem.data(self.experiment.seed))
        self._star.set_place(self._point(optimum) if optimum else None)

    def draw(self) -> None:
        assert self.trace is not None
        length = self.trace.length  # it grows meanwhile
        points = self._points(self._read, length)
        for run, path in self._paths:
            path.extend(self._read, points[:, run])
            row = self.row(run)
            head = self._points(row, row + 1)[0, run]
            path.set_head(row, head)
            path.put_behind(not self._is_inside(head))  # who has left stands behind those who stay
        self._read = length

    def restyle(self) -> None:
        for run, path in self._paths:
            path.set_style(self.style(run), QColor(self.theme.background))
        if self._ground is not None:
            self._ground.set_theme(self.theme)
        self._star.set_colors(QColor(self.theme.foreground), QColor(self.theme.background))

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        if self.experiment is None:
            return None
        domain = self.experiment.problem.domain
        if len(domain) > 1:
            return domain[0], domain[1]
        if self._landscape is None or not np.isfinite(self._landscape.loss).any():
            return None
        low, high = float(np.nanmin(self._landscape.loss)), float(np.nanmax(self._landscape.loss))
        return domain[0], (low - 0.08 * (high - low), high)

    def reading(self, place: QPointF, mouse: QPointF) -> Reading | None:
        """The loss at the mouse and, near a path, what its nearest point has."""
        assert self.experiment is not None and self.trace is not None
        names = self.experiment.problem.names
        width, height = self.plotItem.vb.viewPixelSize()
        here = (place.x(), place.y())[: len(names)]
        loss = self._landscape.loss_at(here) if self._landscape is not None else np.nan
        values = [place_text(x, size) for x, size in zip(here, (width, height), strict=False)]
        scene = self.plotItem.vb.childGroup.sceneTransform()
        paths = [(*path.nearest(scene, mouse), run) for run, path in self._paths if run not in self.hidden]
        close = sorted(found for found in paths if found[0] <= _NEAR)[:1]
        rows = [self._row(run, row) for _, row, run in close]
        return Reading("", [Row(self.tr("here"), (*values, exact_text(loss))), *rows], (*names, self.tr("loss")))

    def _row(self, run: int, row: int) -> Row:
        """A run's point of its path."""
        assert self.trace is not None
        values = [*self.trace.read("params", row, row + 1)[0, run], self.trace.read("loss", row, row + 1)[0, run]]
        x, y = self._points(row, row + 1)[0, run]
        name = self.tr("{0} at step {1}").format(self.name(run), f"{row:,}")
        shown = tuple(exact_text(float(value)) for value in values)
        return Row(name, shown, self.style(run), self.to_pixel(float(x), float(y)), strong=True)

    def _is_inside(self, point: Array) -> bool:
        assert self.experiment is not None
        domain = self.experiment.problem.domain
        return all(low <= value <= high for value, (low, high) in zip(point, domain, strict=False))

    def _points(self, start: int, stop: int) -> Array:
        """The places of all runs (n, R, 2) in these rows."""
        assert self.trace is not None
        params = self.trace.read("params", start, stop)
        if params.shape[2] > 1:
            return drawable(params[:, :, :2])
        return drawable(np.concatenate([params, self.trace.read("loss", start, stop)[:, :, None]], axis=2))

    def _point(self, optimum: tuple[float, ...]) -> QPointF | None:
        if len(optimum) > 1:
            return QPointF(optimum[0], optimum[1])
        if self._landscape is None:
            return None
        return QPointF(optimum[0], float(np.interp(optimum[0], self._landscape.axes[0], self._landscape.loss)))


class StarItem(PixelItem):
    """The optimum, marked by a star."""

    def __init__(self) -> None:
        super().__init__()
        self._place: QPointF | None = None
        self._fill, self._outline = QColor(), QColor()
        self.setZValue(-20)

    def set_place(self, place: QPointF | None) -> None:
        self._place = place
        self.update()

    def set_colors(self, fill: QColor, outline: QColor) -> None:
        self._fill, self._outline = fill, outline
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._place is not None:
            draw_symbol(painter, "star", transform.map(self._place), self._fill, self._outline, 20)
