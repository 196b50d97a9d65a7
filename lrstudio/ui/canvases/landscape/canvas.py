"""The loss over its parameters with the paths of the runs: a curve for one parameter, contours for two."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import mark, tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.landscape.arrows import Step, StepArrows, Steps
from lrstudio.ui.canvases.landscape.background import Background, View, expected_paths, shown_area, suitable
from lrstudio.ui.canvases.landscape.contours import ContourItem, ProfileItem, StarItem
from lrstudio.ui.canvases.landscape.path import PathItem, outside
from lrstudio.ui.canvases.landscape.start_drag import Start, StartDragger, starts_at
from lrstudio.ui.canvases.landscape.vectors import ExplainedStep, Vector
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.reading import Reading, Row, coordinate_text, exact_text, rounded
from lrstudio.ui.look.theme import Theme

_CELLS = 1024
_NEAR = 12.0
"""Distance in pixels from a path within which its point is read."""
_MOST_ARROWS = 8
_POINTS_A_FRAME = 2**13
"""Greatest number of points of all paths that one refresh reads."""
_REST_MS = 100
"""Time in ms without a change of the view after which its background is requested."""


class LandscapeCanvas(PlotCanvas):
    """Shows the problem's domain, whether or not the runs stay in it."""

    background_requested = Signal(object, object)
    """The background of the domain, and the visible domain, which needs another one."""
    start_dragged = Signal(object, object)
    """Indices of runs, and the point (P,) at which they should start."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._background_item: ContourItem | ProfileItem | None = None
        self.domain_background: Background | None = None
        self.shown_background: Background | None = None
        self._paths: list[PathItem] = []
        self._star = StarItem()
        self.arrows = StepArrows()
        self.explained = ExplainedStep(self._points)
        self._steps = Steps(self._points, self._loss_at)
        self._read = 0
        super().__init__(theme, parent)
        for item in (self._star, self.arrows, self.explained.item):
            self.addItem(item)
        self.dragger = StartDragger(self)
        self.dragger.dropped.connect(self._start_dropped)
        self._moved = QTimer(self, singleShot=True, interval=_REST_MS)
        self._moved.timeout.connect(self._request_background)
        self.plotItem.vb.sigRangeChangedManually.connect(self._view_moved)

    def _view_moved(self, *_: object) -> None:
        self._moved.start()
        self._update_outside()

    def follow(self) -> None:
        before = self.plotItem.vb.viewRange()
        super().follow()
        if self.plotItem.vb.viewRange() != before:
            self._moved.start()
        self._update_outside()

    def reset_view(self) -> None:
        super().reset_view()
        if self.shown_background is not self.domain_background:
            self.show_background(self.domain_background)

    def set_experiment(self, experiment: Experiment, trace: Trace) -> None:
        self.dragger.cancel_unless(experiment)
        if self.experiment is not None and experiment.problem != self.experiment.problem:
            self.set_domain_background(None)  # that of the new problem is being computed
        super().set_experiment(experiment, trace)

    def set_domain_background(self, background: Background | None) -> None:
        """Sets the background of the problem's domain; another slice of the same domain does not reset the view."""
        before, self.domain_background = self.domain_background, background
        self.show_background(background)
        self._grid.setVisible(background is None or background.contours is None)
        if self.experiment is not None:
            self._place_star()
            self._set_titles()
        if background is not None and background.is_other_slice_of(before):
            self._view_moved()
        else:
            self.reset_view()

    def set_view_background(self, background: Background) -> None:
        """Sets the background of the visible domain, unless it belongs to another problem."""
        whole = self.domain_background
        if whole is not None and background.landscape.objective is whole.landscape.objective:
            self.show_background(background)

    def show_background(self, background: Background | None) -> None:
        """Shows a background in place of the previous one."""
        if self._background_item is not None:
            self.removeItem(self._background_item)
        self.shown_background, self._background_item = background, None
        if background is None:
            return
        landscape, contours, relief = background.landscape, background.contours, background.relief
        if contours is None or relief is None:
            self._background_item = ProfileItem(landscape, self.theme)
        else:
            self._background_item = ContourItem(landscape, contours, relief, self.theme, self.header.font())
            self._background_item.keep_clear(expected_paths(self.experiment) if self.experiment else [])
        self.addItem(self._background_item)

    def _request_background(self) -> None:
        """Requests the background of the view, unless one of the existing ones suits it."""
        if self.domain_background is None or self.shown_background is None or not self.isVisible():
            return
        (left, right), (low, high) = self.plotItem.vb.viewRange()
        view = ((left, right), (low, high))[: len(self.domain_background.domain)]
        background = suitable(self.domain_background, self.shown_background, view)
        if background is None:
            self.background_requested.emit(self.domain_background, view)
        elif background is not self.shown_background:
            self.show_background(background)

    def set_next(self, row: int, params: Array | None) -> None:
        """Sets the newest row and the parameters (R, P) that follow it; None if nothing follows or it is not told."""
        self._steps.predicted = row, params
        self._show_arrows()

    def _apply_font(self) -> None:
        super()._apply_font()
        if isinstance(self._background_item, ContourItem):
            self._background_item.set_font(self.header.font())

    def build(self) -> None:
        assert self.experiment is not None and self.trace is not None
        problem = self.experiment.problem
        self._read, self._steps.predicted, self._paths = 0, None, []
        if not problem.domain:
            return self.set_domain_background(None)
        x, y = problem.domain[0], problem.domain[min(1, len(problem.domain) - 1)]
        outline = QColor(self.theme.background)
        cell = (x[1] - x[0]) / _CELLS, (y[1] - y[0]) / _CELLS
        for run in range(self.trace.runs):
            size = max(11, 18 - 3 * run)  # the later, smaller ones are on top: runs at the same point look like rings
            path = PathItem(self.style(run), outline, cell, share=1 / max(3, self.trace.runs), size=size)
            self._paths.append(path)
            self.add_run_item(run, path)
        self._set_titles()
        if self.domain_background is not None and self.domain_background.landscape.names != problem.names[:2]:
            self.set_domain_background(None)
        self._place_star()
        self._star.set_colors(QColor(self.theme.foreground), QColor(self.theme.background))

    @property
    def unfinished(self) -> bool:
        return self._read < self.length

    def _set_titles(self) -> None:
        assert self.experiment is not None
        names = self.experiment.problem.names
        text = mark("Loss over {across} → and {up} ↑") if len(names) > 1 else mark("Loss over {across}")
        title = tr(text, across=names[0], up=names[min(1, len(names) - 1)])
        background = self.domain_background
        where = "" if len(names) <= 2 or background is None else ", ".join(background.landscape.cut)
        note = tr("slice at {where}", where=where) if where else ""
        self.set_titles(title, names[0], note)

    def _place_star(self) -> None:
        assert self.experiment is not None
        problem = self.experiment.problem
        points = [self._point(minimum) for minimum in problem.minima(problem.data(self.experiment.seed))]
        self._star.set_minima([point for point in points if point is not None])

    def draw(self) -> None:
        assert self.trace is not None and self.experiment is not None
        domain = self.experiment.problem.domain
        length = min(self.trace.length, self._read + max(1, _POINTS_A_FRAME // self.trace.runs))
        points = self._points(self._read, length)
        for run, path in enumerate(self._paths):
            path.extend(self._read, points[:, run])
            row = self.row(run)
            *before, head = self._points(max(0, row - 1), row + 1)[:, run]
            path.set_head(row, head, *before)
            inside = all(low <= value <= high for value, (low, high) in zip(head, domain, strict=False))
            path.put_behind(not inside)
        self._read = length
        self._show_arrows()
        self._update_outside()

    def set_hidden(self, runs: Iterable[int]) -> None:
        super().set_hidden(runs)
        self._show_arrows()

    def _update_outside(self) -> None:
        heads = {run: self._paths[run].head for run in self.visible_runs() if run < len(self._paths)}
        self.set_outside(outside(heads, self.plotItem.vb.viewRange()))

    def explain(self, run: int, row: int, vectors: Sequence[Vector]) -> None:
        """Shows the vectors of a run's step from a row in place of its arrows; none restores the arrows."""
        self.explained.set_step(self.trace, run, row, vectors)
        self._show_arrows()

    def _show_arrows(self) -> None:
        """Shows the step of each run at the shown row, and the direction of descent that it follows."""
        steps: list[Step | None] = []
        explained = self.explained.draw(self)
        runs = [run for run in self.visible_runs() if run != explained]
        if self.trace is not None and self.length and len(runs) <= _MOST_ARROWS:
            color = {run: self.style(run).color for run in runs}
            steps = [self._steps.step(self.trace, run, self.row(run), self.length, color[run]) for run in runs]
        self.arrows.set_steps([step for step in steps if step is not None], QColor(self.theme.background))

    def restyle(self) -> None:
        for run, path in enumerate(self._paths):
            path.set_style(self.style(run), QColor(self.theme.background))
        if self._background_item is not None:
            self._background_item.set_theme(self.theme)
        self._star.set_colors(QColor(self.theme.foreground), QColor(self.theme.background))
        self._show_arrows()

    def path_points(self, run: int) -> Array:
        """Returns the points (n, 2) of a run's path up to the shown step."""
        return self._paths[run].points()

    def view(self) -> View | None:
        if self.experiment is None:
            return None
        known = self.trace is not None and self.length > 0
        starts = self._points(0, 1)[0, self.visible_runs()] if known else np.empty((0, 2))
        return shown_area(self.domain_background, self.experiment.problem.domain, starts)

    def reading(self, position: QPointF, mouse: QPointF) -> Reading | None:
        """Returns the loss at the mouse and the values of the nearest point of a close path."""
        assert self.experiment is not None and self.trace is not None
        names, pixel = self.experiment.problem.names[:2], self.plotItem.vb.viewPixelSize()
        here = (position.x(), position.y())[: len(names)]
        loss = self._loss_at(here)
        values = [coordinate_text(x, size) for x, size in zip(here, pixel, strict=False)]
        scene = self.plotItem.vb.childGroup.sceneTransform()
        paths = [(*path.nearest(scene, mouse), run) for run, path in enumerate(self._paths) if run not in self.hidden]
        close = sorted(path for path in paths if path[0] <= _NEAR)[:1]
        rows = [self._row(run, row) for _, row, run in close]
        return Reading("", [Row(tr("here"), (*values, exact_text(loss))), *rows], (*names, tr("loss")))

    def _row(self, run: int, row: int) -> Row:
        """Returns the row of the reading for a point of a run's path."""
        assert self.trace is not None
        values = [*self.trace.read("params", row, row + 1)[0, run][:2], self.trace.read("loss", row, row + 1)[0, run]]
        x, y = self._points(row, row + 1)[0, run]
        name = tr("{name} at step {step:,}", name=self.name(run), step=row)
        shown = tuple(exact_text(float(value)) for value in values)
        return Row(name, shown, self.style(run), self.to_pixel(float(x), float(y)), strong=True)

    def _points(self, start: int, stop: int) -> Array:
        """Returns the plotted points (n, R, 2) of the rows start..stop."""
        assert self.trace is not None
        params = self.trace.read("params", start, stop)
        if params.shape[2] > 1:
            return drawable(params[:, :, :2])
        return drawable(np.concatenate([params, self.trace.read("loss", start, stop)[:, :, None]], axis=2))

    def _point(self, optimum: tuple[float, ...]) -> QPointF | None:
        if len(optimum) > 1:
            return QPointF(optimum[0], optimum[1])
        return QPointF(optimum[0], self._loss_at(optimum)) if self.domain_background is not None else None

    def _loss_at(self, point: tuple[float, ...]) -> float:
        """Returns the exact loss at a point; NaN without a background."""
        return math.nan if self.domain_background is None else self.domain_background.landscape.loss_at(point)

    def starts(self, *, alone: bool = False) -> list[Start]:
        """Returns the starts of the visible runs; if `alone`, only the topmost of equal ones."""
        if self.experiment is None or self.trace is None or not self.length:
            return []
        return starts_at(self._points(0, 1)[0], self.visible_runs(), self.style, alone=alone)

    def position_below(self, mouse: QPointF) -> QPointF:
        """Returns the point under the mouse, rounded to a pixel; for one parameter on the curve."""
        point, (width, height) = self.to_plot(mouse), self.plotItem.vb.viewPixelSize()
        x = rounded(point.x(), width)
        if self.trace is not None and len(self.trace.names) > 1:
            return QPointF(x, rounded(point.y(), height))
        loss = self._loss_at((x,))
        return QPointF(x, loss if math.isfinite(loss) else point.y())

    def _start_dropped(self, start: Start, to: QPointF) -> None:
        assert self.experiment is not None
        self.start_dragged.emit(start.runs, (to.x(), to.y())[: len(self.experiment.problem.names)])
