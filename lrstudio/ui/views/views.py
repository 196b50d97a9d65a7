"""The canvases and where they stand; which of them are drawn in a frame."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lrstudio.core.array import Array
from lrstudio.core.problems import Problem
from lrstudio.core.schedules.base import Point
from lrstudio.engine.examples import Example
from lrstudio.ui.canvases.boundary import BoundaryCanvas
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.curvature import CurvatureCanvas
from lrstudio.ui.canvases.data_fit import DataFitCanvas
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.ground import Ground
from lrstudio.ui.canvases.landscape.surface_view import SurfaceView
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.metric import AccuracyCanvas
from lrstudio.ui.canvases.pictures import FirstLayerCanvas, MistakesCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.cursor import Cursor
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.area import ViewArea
from lrstudio.ui.views.frame import ViewFrame
from lrstudio.ui.views.ground_feed import GroundFeed
from lrstudio.ui.views.layout import ViewLayout
from lrstudio.ui.views.question import QuestionBar
from lrstudio.ui.views.upkeep import Upkeep

_BUDGET = 0.004
"""Seconds of a frame that drawing may take; what does not fit waits for the next frame."""

_FIRST = ViewLayout(
    columns=(
        ("landscape", "data", "boundary", "mistakes", "first_layer", "curvature"),
        ("weights", "loss", "accuracy", "rate"),
    ),
    widths=(560, 440),
    heights={
        "landscape": 600,
        "data": 400,
        "weights": 400,
        "loss": 400,
        "rate": 250,
        "boundary": 600,
        "mistakes": 500,
        "first_layer": 500,
        "accuracy": 400,
        "curvature": 400,
    },
    hidden=frozenset({"curvature"}),
)
"""Where the views stand at first; the heights are in the order of `Views.canvases`."""


class Views(QWidget):
    """All canvases of a session."""

    theme_chosen = Signal(str)

    def __init__(self, session: OpenSession, cursor: Cursor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.theme = theme
        self._cursor = cursor
        self.landscape, self.data_fit = LandscapeCanvas(theme), DataFitCanvas(theme)
        self.surface = SurfaceView(self.landscape)
        self.weights, self.loss, self.rate = WeightsCanvas(theme), LossCanvas(theme), RateCanvas(theme)
        self.boundary, self.accuracy = BoundaryCanvas(theme), AccuracyCanvas(theme)
        self.mistakes, self.first_layer = MistakesCanvas(theme), FirstLayerCanvas(theme)
        self.curvature = CurvatureCanvas(theme)
        self.of_one_run = (self.boundary, self.mistakes, self.first_layer)
        self.canvases: tuple[PlotCanvas, ...] = (
            *(self.landscape, self.data_fit, self.weights, self.loss, self.rate),
            *(self.boundary, self.mistakes, self.first_layer, self.accuracy),
            self.curvature,
        )
        self.of_steps = (self.weights, self.loss, self.rate, self.accuracy, self.curvature)
        self._waiting = list(self.canvases)
        self._problem: Problem | None = None
        self._example: Example | None = None
        self.question = QuestionBar()
        self._arrange()
        self.upkeep = Upkeep(session, self.canvases, self.seen, theme)
        self.area.changed.connect(self.upkeep.look_again)
        self._show_what_applies()
        session.simulation_changed.connect(self.show_simulation)
        session.experiment_changed.connect(self.show_experiment)
        session.arrangement_changed.connect(self.upkeep.renew)
        self.ground_feed = GroundFeed(session, self.landscape)
        self.ground_feed.home_changed.connect(self._set_home)
        self.landscape.start_dragged.connect(self._start_at)
        self.rate.points_drawn.connect(self._draw_points)
        session.next_step_changed.connect(self._set_next)
        session.preview_changed.connect(self._show_preview)
        session.feed.frame.connect(self.draw_frame)
        for canvas in self.of_steps:
            canvas.step_clicked.connect(cursor.go)

    def titles(self) -> Iterator[tuple[PlotCanvas, str]]:
        """The canvases and their names, for a menu."""
        names = (
            self.tr("Landscape"),
            self.tr("Data and fit"),
            self.tr("Weights against step"),
            self.tr("Loss against step"),
            self.tr("Learning rate against step"),
            self.tr("Points and boundary"),
            self.tr("Images read wrong"),
            self.tr("First layer"),
            self.tr("Accuracy against step"),
            self.tr("Curvature against step"),
        )
        return zip(self.canvases, names, strict=True)

    @property
    def current(self) -> PlotCanvas:
        """The canvas that was used last."""
        return self.area.frames[self.area.current].canvas

    def seen(self) -> list[PlotCanvas]:
        """The canvases that are shown, in the order in which they are brought up to date."""
        return [self.area.frames[name].canvas for name in self.area.shown()]

    def select(self, run: int) -> None:
        """The run that is shown where only one can be."""
        for canvas in self.of_one_run:
            canvas.select(run)

    def set_log(self, log: bool) -> None:
        self.loss.set_log(log)

    def set_log_steps(self, log: bool) -> None:
        for canvas in self.of_steps:
            canvas.set_log_steps(log)

    def set_smoothing(self, beta: str) -> None:
        self.loss.set_smoothing(float(beta))

    def set_theme(self, theme: Theme) -> None:
        self.theme = self.upkeep.theme = theme
        self.surface.set_theme(theme)
        self.upkeep.renew()
        self.area.set_theme(theme)

    def show_simulation(self) -> None:
        """Draw another trace from its beginning."""
        assert self._session.trace is not None
        self._show_own_views()
        self.landscape.dragger.end_unless(self._session.experiment)
        if self._session.experiment.problem != self._problem:  # its landscape is on the way; the old one would lie
            self._problem = self._session.experiment.problem
            self.landscape.set_home(None)
        self._show_what_applies()
        self.upkeep.renew()

    def show_experiment(self) -> None:
        """Draw the same trace with other names and colours; another number of runs comes with another trace."""
        self.landscape.dragger.end_unless(self._session.experiment)
        self.upkeep.renew()

    def draw_frame(self) -> None:
        """Draw what is new in as many canvases as a frame has time for, the longest waiting first."""
        if self.upkeep.bring_one():
            return
        left = _BUDGET
        drawn: list[PlotCanvas] = []
        for canvas in self._waiting:
            if drawn and canvas.cost > left:
                break
            if canvas.isVisible() and (canvas.refresh() | canvas.set_step(self._cursor.step)):
                left -= canvas.cost
            drawn.append(canvas)
        if self.surface.wanted:
            self.surface.refresh()
        self._waiting = self._waiting[len(drawn) :] + drawn

    def _set_home(self, ground: Ground | None) -> None:
        self.upkeep.bring(self.landscape)
        self.landscape.set_home(ground)

    def _set_next(self, row: int, params: Array | None) -> None:
        self.upkeep.bring(self.landscape)
        self.landscape.set_next(row, params)

    def _start_at(self, runs: tuple[int, ...], point: tuple[float, ...]) -> None:
        if self._session.simulation is None:  # other runs are on their way, and what was dragged is no more
            return
        experiment = self._session.experiment
        for run in runs:
            start = (*point, *experiment.starts()[run][len(point) :])
            experiment = experiment.with_run(run, start=start)
        self._session.edit(experiment)

    def _draw_points(self, run: int, points: tuple[Point, ...]) -> None:
        experiment = self._session.experiment
        try:
            schedule = experiment.runs[run].schedule.with_pairs(points)
        except ValueError as error:
            self._session.message.emit(str(error))
        else:
            self._session.edit(experiment.with_run(run, schedule=schedule))

    def _show_preview(self) -> None:
        if self._session.preview is not None:
            self.rate.set_preview(*self._session.preview)
        for canvas in self.of_steps:
            canvas.show_marks()

    def _show_own_views(self) -> None:
        """Show the views that a ready example needs for its own; they stay while its problem does."""
        example = self._session.example
        if example is None and self._session.experiment.problem == self._problem:
            return
        if example is not self._example:
            self._example = example
            self.area.ask_for(() if example is None else example.views)

    def _show_what_applies(self) -> None:
        problem = self._session.experiment.problem
        applies = {
            self.landscape: problem.has_landscape,
            self.data_fit: problem.model is not None,
            self.weights: problem.records_all_parameters,
            self.boundary: problem.has_decision_boundary,
            self.mistakes: problem.image_shape is not None,
            self.first_layer: problem.image_shape is not None,
            self.accuracy: "accuracy" in problem.metrics,
        }
        names = zip(_FIRST.heights, self.canvases, strict=True)
        self.area.set_applicable(name for name, canvas in names if applies.get(canvas, True))

    def _arrange(self) -> None:
        frames = {name: ViewFrame(*titled) for name, titled in zip(_FIRST.heights, self.titles(), strict=True)}
        self.area = ViewArea(frames, _FIRST)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.question)
        layout.addWidget(self.area, 1)
