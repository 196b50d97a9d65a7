"""The loss over its parameters with the paths of the runs: a curve for one parameter, contours for two."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.landscape.arrows import Foresight, Step, StepArrows
from lrstudio.ui.canvases.landscape.contours import ContourItem, ProfileItem, StarItem
from lrstudio.ui.canvases.landscape.ground import Ground, expected_ways, fitting
from lrstudio.ui.canvases.landscape.path import PathItem, outside
from lrstudio.ui.canvases.landscape.start_drag import Start, StartDragger, starts_at
from lrstudio.ui.canvases.landscape.vectors import ExplainedStep, Vector
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.reading import Reading, Row, coordinate_text, exact_text, rounded
from lrstudio.ui.look.theme import Theme

_CELLS = 1024
_NEAR = 12.0
"""Pixels from a path within which it is read."""
_MOST_ARROWS = 8
_POINTS_A_FRAME = 2**13
"""Points of all ways that are taken in at once."""
_REST_MS = 100
"""So long the view has to stand still before its ground is asked for."""


class LandscapeCanvas(PlotCanvas):
    """The view is the problem's domain and stays there, wherever the runs go."""

    ground_wanted = Signal(object, object)
    """The ground of the whole domain, and the part of the plane that is in view now."""
    start_dragged = Signal(object, object)
    """These runs (places in the experiment) are to start at this point (P,)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._ground: ContourItem | ProfileItem | None = None
        self.home: Ground | None = None
        self.drawn: Ground | None = None
        self._paths: list[PathItem] = []
        self._star = StarItem()
        self.arrows = StepArrows()
        self.explained = ExplainedStep(self._points)
        self._foresight = Foresight(self._points, self._loss_at)
        self._read = 0
        super().__init__(theme, parent)
        for item in (self._star, self.arrows, self.explained.item):
            self.addItem(item, ignoreBounds=True)
        self.dragger = StartDragger(self)
        self.dragger.dropped.connect(self._start_dropped)
        self._moved = QTimer(self, singleShot=True, interval=_REST_MS)
        self._moved.timeout.connect(self._fetch_ground)
        self.plotItem.vb.sigRangeChangedManually.connect(self._view_moved)

    def _view_moved(self, *_: object) -> None:
        self._moved.start()
        self._find_outside()

    def follow(self) -> None:
        super().follow()
        self._find_outside()

    def reset_view(self) -> None:
        super().reset_view()
        if self.drawn is not self.home:
            self.lay(self.home)

    def set_experiment(self, experiment: Experiment, trace: Trace) -> None:
        self.dragger.end_unless(experiment)
        if self.experiment is not None and experiment.problem != self.experiment.problem:
            self.set_home(None)  # that of the new problem is on its way; the old one would lie
        super().set_experiment(experiment, trace)

    def set_home(self, ground: Ground | None) -> None:
        """The ground of the problem's whole domain or None; another slice of it leaves the view as it is."""
        before, self.home = self.home, ground
        self.lay(ground)
        self._grid.setVisible(ground is None or ground.contours is None)
        if self.experiment is not None:
            self._place_star()
            self._set_titles()
        if ground is not None and ground.is_slice_beside(before):
            self._view_moved()
        else:
            self.reset_view()

    def set_ground(self, ground: Ground) -> None:
        """The ground of another part, which was asked for; what has come too late is left."""
        if self.home is not None and ground.landscape.objective is self.home.landscape.objective:
            self.lay(ground)

    def lay(self, ground: Ground | None) -> None:
        """Draw this ground in place of the one before."""
        if self._ground is not None:
            self.removeItem(self._ground)
        self.drawn, self._ground = ground, None
        if ground is None:
            return
        if ground.contours is None:
            self._ground = ProfileItem(ground.landscape, self.theme)
        else:
            self._ground = ContourItem(ground.landscape, ground.contours, self.theme, self.header.font())
            self._ground.keep_clear(expected_ways(self.experiment) if self.experiment else [])
        self.addItem(self._ground, ignoreBounds=True)

    def _fetch_ground(self) -> None:
        """Ask for the ground that is in view, where what is drawn does not serve."""
        if self.home is None or self.drawn is None or not self.isVisible():
            return
        (left, right), (low, high) = self.plotItem.vb.viewRange()
        view = ((left, right), (low, high))[: len(self.home.domain)]
        ground = fitting(self.home, self.drawn, view)
        if ground is None:
            self.ground_wanted.emit(self.home, view)
        elif ground is not self.drawn:
            self.lay(ground)

    def set_next(self, row: int, params: Array | None) -> None:
        """Where the runs (R, P) go from this row, the newest; None where that is not known."""
        known, self._foresight.foreseen = self._foresight.foreseen, None if params is None else (row, params)
        if known is not None or params is not None:
            self._show_arrows()

    def _apply_font(self) -> None:
        super()._apply_font()
        if isinstance(self._ground, ContourItem):
            self._ground.set_font(self.header.font())

    def build(self) -> None:
        assert self.experiment is not None and self.trace is not None
        problem = self.experiment.problem
        self._read, self._foresight.foreseen, self._paths = 0, None, []
        if not problem.domain:
            return self.set_home(None)
        x, y = problem.domain[0], problem.domain[min(1, len(problem.domain) - 1)]
        outline = QColor(self.theme.background)
        cell = (x[1] - x[0]) / _CELLS, (y[1] - y[0]) / _CELLS
        for run in range(self.trace.runs):
            size = max(11, 18 - 3 * run)  # smaller ones on top: runs at one place are seen as rings
            path = PathItem(self.style(run), outline, cell, share=1 / max(3, self.trace.runs), size=size)
            self._paths.append(path)
            self.add_run_item(run, path)
        self._set_titles()
        if self.home is not None and self.home.landscape.names != problem.names[:2]:
            self.set_home(None)
        self._place_star()
        self._star.set_colors(QColor(self.theme.foreground), QColor(self.theme.background))

    @property
    def unfinished(self) -> bool:
        return self._read < self.length

    def _set_titles(self) -> None:
        assert self.experiment is not None
        names = self.experiment.problem.names
        title = self.tr("Loss over {0}") if len(names) == 1 else self.tr("Loss over {0} → and {1} ↑")
        where = "" if len(names) <= 2 or self.home is None else ", ".join(self.home.landscape.cut)
        note = self.tr("slice at {where}").format(where=where) if where else ""
        self.set_titles(title.format(*names), names[0], note)

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
            path.put_behind(not inside)  # who has left stands behind those who stay
        self._read = length
        self._show_arrows()
        self._find_outside()

    def set_hidden(self, runs: Iterable[int]) -> None:
        super().set_hidden(runs)
        self._show_arrows()

    def _find_outside(self) -> None:
        heads = {run: self._paths[run].head for run in self.visible_runs() if run < len(self._paths)}
        self.tell_outside(outside(heads, self.plotItem.vb.viewRange()))

    def explain(self, run: int, row: int, vectors: Sequence[Vector]) -> None:
        """Show the vectors of the step that a run makes from a row, in the place of its arrows; none end that."""
        self.explained.set_step(self.trace, run, row, vectors)
        self._show_arrows()

    def _show_arrows(self) -> None:
        """For each run at the step that is looked at: which way is down, and the next step where it is known."""
        steps: list[Step] = []
        explained = self.explained.draw(self)
        runs = [run for run in self.visible_runs() if run != explained]
        if self.trace is not None and self.length and len(runs) <= _MOST_ARROWS:
            color = {run: self.style(run).color for run in runs}
            found = [self._foresight.step(self.trace, run, self.row(run), self.length, color[run]) for run in runs]
            steps = [step for step in found if step is not None]
        self.arrows.set_steps(steps, QColor(self.theme.background))

    def restyle(self) -> None:
        for run, path in enumerate(self._paths):
            path.set_style(self.style(run), QColor(self.theme.background))
        if self._ground is not None:
            self._ground.set_theme(self.theme)
        self._star.set_colors(QColor(self.theme.foreground), QColor(self.theme.background))
        self._show_arrows()

    def path_points(self, run: int) -> Array:
        """Returns the points (n, 2) of a run's path up to the shown step."""
        return self._paths[run].points()

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        if self.experiment is None:
            return None
        domain = self.experiment.problem.domain
        if len(domain) > 1:
            return domain[0], domain[1]
        if self.home is None or not np.isfinite(self.home.landscape.loss).any():
            return None
        low, high = float(np.nanmin(self.home.landscape.loss)), float(np.nanmax(self.home.landscape.loss))
        return domain[0], (low - 0.08 * (high - low), high)

    def reading(self, place: QPointF, mouse: QPointF) -> Reading | None:
        """The loss at the mouse and, near a path, what its nearest point has."""
        assert self.experiment is not None and self.trace is not None
        names, pixel = self.experiment.problem.names[:2], self.plotItem.vb.viewPixelSize()
        here = (place.x(), place.y())[: len(names)]
        loss = self._loss_at(here)
        values = [coordinate_text(x, size) for x, size in zip(here, pixel, strict=False)]
        scene = self.plotItem.vb.childGroup.sceneTransform()
        paths = [(*path.nearest(scene, mouse), run) for run, path in enumerate(self._paths) if run not in self.hidden]
        close = sorted(found for found in paths if found[0] <= _NEAR)[:1]
        rows = [self._row(run, row) for _, row, run in close]
        return Reading("", [Row(self.tr("here"), (*values, exact_text(loss))), *rows], (*names, self.tr("loss")))

    def _row(self, run: int, row: int) -> Row:
        """A run's point of its path."""
        assert self.trace is not None
        values = [*self.trace.read("params", row, row + 1)[0, run][:2], self.trace.read("loss", row, row + 1)[0, run]]
        x, y = self._points(row, row + 1)[0, run]
        name = self.tr("{0} at step {1}").format(self.name(run), f"{row:,}")
        shown = tuple(exact_text(float(value)) for value in values)
        return Row(name, shown, self.style(run), self.to_pixel(float(x), float(y)), strong=True)

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
        return QPointF(optimum[0], self._loss_at(optimum)) if self.home is not None else None

    def _loss_at(self, place: tuple[float, ...]) -> float:
        """The exact loss at a place; NaN where there is no ground."""
        return math.nan if self.home is None else self.home.landscape.loss_at(place)

    def starts(self, *, alone: bool = False) -> list[Start]:
        """Where the visible runs start, those at one place together or, `alone`, only the topmost of them."""
        if self.experiment is None or self.trace is None or not self.length:
            return []
        return starts_at(self._points(0, 1)[0], self.visible_runs(), self.style, alone=alone)

    def ground_below(self, mouse: QPointF) -> QPointF:
        """The place under the mouse, as exact as a pixel tells; over one parameter on the curve."""
        place, (width, height) = self.to_plot(mouse), self.plotItem.vb.viewPixelSize()
        x = rounded(place.x(), width)
        if self.trace is not None and len(self.trace.names) > 1:
            return QPointF(x, rounded(place.y(), height))
        loss = self._loss_at((x,))
        return QPointF(x, loss if math.isfinite(loss) else place.y())

    def _start_dropped(self, start: Start, to: QPointF) -> None:
        assert self.experiment is not None
        self.start_dragged.emit(start.runs, (to.x(), to.y())[: len(self.experiment.problem.names)])
