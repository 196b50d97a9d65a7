"""The views of a session: creation, common options, and drawing frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lrstudio.core.problems import Problem
from lrstudio.engine.examples import Example
from lrstudio.ui.canvases.canvas import PlotCanvas, PlotOptions
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.cursor import Cursor
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.area import ViewArea
from lrstudio.ui.views.catalogue import VIEWS, View, first_layout
from lrstudio.ui.views.frame import ViewFrame
from lrstudio.ui.views.question import AnswerFeed, QuestionBar
from lrstudio.ui.views.updater import CanvasUpdater

_MAIN_VIEWS = ("landscape", "boundary", "mistakes", "data", "weights", "loss")
"""The plots that show best what happens, the best one first."""
_BUDGET = 0.004
"""Drawing time in seconds per frame; further canvases wait for the next frame."""

Canvas = TypeVar("Canvas", bound=PlotCanvas)


class Views(QWidget):
    """Arranges views by a saved layout; a canvas is created when its view is first shown."""

    theme_chosen = Signal(str)

    def __init__(
        self,
        session: OpenSession,
        bench: Bench,
        cursor: Cursor,
        theme: Theme,
        saved: dict[str, Any],
        views: Sequence[View] = VIEWS,
    ) -> None:
        super().__init__()
        self._session, self._bench, self._cursor, self._views = session, bench, cursor, views
        self.theme = theme
        self._options = PlotOptions()
        self._simple = False
        self._waiting: list[PlotCanvas] = []
        self._problem: Problem | None = None
        self._example: Example | None = None
        self.question = QuestionBar()
        AnswerFeed(session, bench, self.question)
        self.updater = CanvasUpdater(session, self.visible_canvases, theme)
        frames = {view.key: ViewFrame(view, self._create_canvas) for view in views}
        self.area = ViewArea(frames, first_layout(views), saved, self._applicable())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.question)
        layout.addWidget(self.area, 1)
        self.area.changed.connect(self.updater.update_visible)
        session.simulation_changed.connect(self.show_simulation)
        session.experiment_changed.connect(self.updater.invalidate)
        session.arrangement_changed.connect(self.updater.invalidate)
        session.preview_changed.connect(self._show_marks)
        session.feed.frame.connect(self.draw_frame)

    @property
    def canvases(self) -> list[PlotCanvas]:
        """The canvases created so far."""
        return [frame.built_canvas for frame in self.area.frames.values() if frame.built_canvas is not None]

    def canvas(self, kind: type[Canvas]) -> Canvas:
        """Returns the canvas of a class, created on first access."""
        canvas = next(self.area.frames[view.key].canvas for view in self._views if issubclass(view.canvas, kind))
        assert isinstance(canvas, kind)
        return canvas

    @property
    def current(self) -> PlotCanvas:
        """The canvas of the current view."""
        return self.area.frames[self.area.current].canvas

    def visible_canvases(self) -> list[PlotCanvas]:
        """Returns the visible canvases in the order of their updates."""
        return [self.area.frames[name].canvas for name in self.area.shown()]

    def set_options(self, **changes: Any) -> None:
        """Changes some of the PlotOptions of all plots, including those created later."""
        self._options = replace(self._options, **changes)
        for canvas in self.canvases:
            canvas.set_options(self._options)

    def set_simple(self, simple: bool) -> None:
        """Shows the plot of the parameters and that of the loss alone, or all that the layout says."""
        self._simple = simple
        self.area.show_only((self._main_view(), "loss") if simple else None)

    def _main_view(self) -> str:
        """Returns the plot that shows best what happens: the first that applies to the problem."""
        return next(name for name in _MAIN_VIEWS if name in self.area.applicable)

    def set_theme(self, theme: Theme) -> None:
        self.theme = self.updater.theme = theme
        self.updater.invalidate()
        self.area.set_theme(theme)
        self.question.set_theme(theme)

    def show_simulation(self) -> None:
        """Shows another trace from its first row."""
        self._show_required_views()
        self._problem = self._session.experiment.problem
        self.area.set_applicable(self._applicable())
        if self._simple:
            self.set_simple(True)
        self.updater.invalidate()
        shown = self.visible_canvases()
        for canvas in self.canvases:
            if canvas.trace is not self._session.trace and canvas not in shown:
                canvas.forget()

    def draw_frame(self) -> None:
        """Updates as many canvases as a frame has time for, in turn."""
        if self.updater.update_one():
            return
        left = _BUDGET
        drawn: list[PlotCanvas] = []
        for canvas in self._waiting:
            if drawn and canvas.cost > left:
                break
            if canvas.isVisible() and (canvas.refresh() | canvas.set_step(self._cursor.step)):
                left -= canvas.cost
            drawn.append(canvas)
        self._waiting = self._waiting[len(drawn) :] + drawn
        plots = [canvas for canvas in self._waiting if isinstance(canvas, StepCanvas) and canvas.pyramid.columns]
        rows = [canvas.pyramid.length for canvas in plots if canvas.isVisible()]
        self._session.feed.drawn = min(rows) if rows else None

    def _create_canvas(self, view: View) -> PlotCanvas:
        canvas = view.canvas(self.theme)
        canvas.set_options(self._options)
        if isinstance(canvas, StepCanvas):
            canvas.step_clicked.connect(self._cursor.go)
        self._waiting.append(canvas)
        if view.feed is not None:
            view.feed(self._session, self._bench, self.updater, canvas)
        return canvas

    def _show_marks(self) -> None:
        for canvas in self.canvases:
            if isinstance(canvas, StepCanvas):
                canvas.show_marks()

    def _show_required_views(self) -> None:
        """Shows the views that the open example requires; they stay until the problem changes."""
        example = self._session.example
        if example is None and self._session.experiment.problem == self._problem:
            return
        if example is not self._example:
            self._example = example
            self.area.require_views(() if example is None else example.views)

    def _applicable(self) -> list[str]:
        return [view.key for view in self._views if view.applies(self._session.experiment.problem)]
