"""The dock that explains the current optimizer step with its numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from time import perf_counter

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QToolButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.explain.explanation import MOST_SHOWN, Explanation, explain
from lrstudio.engine.explain.replay import Replay
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.vectors import Vector
from lrstudio.ui.docks.tab_dock import TabDock
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.fields.rows import Combo
from lrstudio.ui.instruments.explain.page import Page, headings, outcome, remarks, title
from lrstudio.ui.instruments.explain.vectors import kinds, strong, vectors
from lrstudio.ui.instruments.explain.view import ExplainView
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.theme import LIGHT, Theme
from lrstudio.ui.session.bench import Bench, LatestJob
from lrstudio.ui.session.cursor import Cursor
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.views import Views


@dataclass(frozen=True)
class ExplainRequest:
    """A step of a run of a trace; equal requests have equal explanations. `recorded`: the step is in the trace."""

    trace: Trace
    experiment: Experiment
    run: int
    step: int
    recorded: bool
    parameter: int


class Explainer:
    """Reuses the replay of the previous request, even if that was cancelled."""

    def __init__(self) -> None:
        self._replay: Replay | None = None

    def explain(self, request: ExplainRequest, stop: Callable[[], bool]) -> Explanation | None:
        """Returns the explanation, or None if it is stopped."""
        replay = self._replay
        if replay is None or replay.trace is not request.trace or replay.run != request.run:
            replay = Replay(request.experiment, request.trace, request.run)
        elif replay.experiment is not request.experiment:
            replay = replay.amended(request.experiment)
        self._replay = replay
        return explain(replay, request.step, request.parameter, stop)


_READ_SECONDS = 0.2
"""During a run an explanation is shown for at least this time, so that it can be read."""
_MOST_REPLAYED = 4096
"""During a run at most this many steps are replayed, so that it is not slowed down."""
_DIM_MS = 120
"""The previous explanation is dimmed if the next one takes longer than this."""


class ExplainDock(TabDock):
    """Follows the time cursor and the selected run while it is visible; hidden by default."""

    def __init__(self, session: OpenSession, cursor: Cursor, bench: Bench, views: Views, window: QMainWindow) -> None:
        super().__init__(
            "explain step",
            QWidget(),
            window,
            tr("&Explain this step"),
            "Ctrl+Shift+T",
            tr("The optimizer's rule at the step that is looked at, with its numbers put in"),
        )
        self._session, self._cursor, self._views = session, cursor, views
        self._theme = LIGHT
        self._run = 0
        self._draws = False
        self.title = self.outcome = ""
        self.explanation: Explanation | None = None
        self._job = LatestJob[ExplainRequest](bench)
        self._explainer = Explainer()
        self._last_start = 0.0
        self._dim = QTimer(self)
        self._dim.setSingleShot(True)
        self._dim.setInterval(_DIM_MS)
        self._dim.timeout.connect(lambda: self.view.set_dimmed(True))
        self._build(self.widget())
        self.visibilityChanged.connect(self._visibility_changed)
        cursor.moved.connect(self.refresh)
        session.feed.frame.connect(self.refresh)
        session.simulation_changed.connect(self._clear)

    def select(self, run: int) -> None:
        """Explain the steps of this run."""
        self._run = run
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        super().set_theme(theme)
        self.view.set_theme(theme)
        if self.explanation is not None and self._is_of_experiment(self.explanation):
            self._show_summary(self.explanation)

    def refresh(self) -> None:
        """Explain the current step, unless it is explained or being explained."""
        if not self.view.isVisible() or self._session.trace is None:
            return
        request = self._request()
        if request is None or self._can_wait(request):
            return
        explain = partial(self._explainer.explain, request)
        if self._job.ask(request, lambda work: explain(work.stop), self.show_explanation, failed=self._fail):
            self._last_start = perf_counter()
            self._dim.start()

    def copy(self) -> None:
        """Copy the explanation as plain text."""
        if self.view.page is not None:
            QGuiApplication.clipboard().setText(self.view.page.text(self.title, self.outcome))

    def _request(self) -> ExplainRequest | None:
        """Returns the request for the current step; None until the trace has the runs of the experiment."""
        trace, experiment = self._session.trace, self._session.experiment
        if self._session.simulation is None or trace is None or trace.runs != len(experiment.runs):
            return None
        self._list_parameters(trace)
        run = min(self._run, trace.runs - 1)
        step = min(self._cursor.position, trace.rows(run) - 1)
        recorded = step + 1 < trace.rows(run)
        return ExplainRequest(trace, experiment, run, step, recorded, max(0, self.parameter.currentIndex()))

    def _can_wait(self, request: ExplainRequest) -> bool:
        """Whether a request can be skipped because newer steps of the same run follow soon."""
        last = self._job.question
        same_run = last is not None and last.trace is request.trace and last.run == request.run
        if not same_run or self._cursor.step is not None or self._session.state is not State.RUNNING:
            return False
        shown = 0 if self.explanation is None else self.explanation.step
        too_soon = self._job.busy or perf_counter() - self._last_start < _READ_SECONDS
        return too_soon or request.step - shown > _MOST_REPLAYED

    def show_explanation(self, explanation: Explanation | None) -> None:
        self._dim.stop()
        self.explanation = explanation
        if explanation is None or not self._is_of_experiment(explanation):
            return
        experiment = self._session.experiment
        self._show_summary(explanation)
        drawn = kinds(explanation, self._dimensions)
        self.view.show_page(
            Page(explanation, headings(explanation, experiment), remarks(explanation, experiment), drawn)
        )
        self._draw(explanation.run, explanation.step, vectors(explanation, self._dimensions))
        self._highlight(self.view.marked)

    def _is_of_experiment(self, explanation: Explanation) -> bool:
        """Returns whether a step is one of the experiment that is open; otherwise the trace of this one follows."""
        experiment = self._session.experiment
        return explanation.run < len(experiment.runs) and explanation.names == experiment.problem.names

    def _show_summary(self, explanation: Explanation) -> None:
        """Show the step and the change of the loss, coloured by its sign."""
        text, fell = outcome(explanation)
        colors = {True: self._theme.verdicts["arrived"], False: self._theme.warning}
        color = self._theme.foreground if fell is None else colors[fell]
        self.title, self.outcome = title(explanation, self._session.experiment), text
        bold = f'<b style="color:{color}">{escape(text)}</b>'
        self.summary.setText(f"{escape(self.title)}&nbsp; &nbsp; {bold}")

    def _draw(self, run: int = 0, row: int = 0, arrows: Sequence[Vector] = ()) -> None:
        """Draw the vectors of a step over the landscape, or take away those that are there."""
        if arrows or self._draws:
            self._draws = bool(arrows)
            self._views.canvas(LandscapeCanvas).explain(run, row, arrows)

    @property
    def _dimensions(self) -> int:
        return min(2, len(self._session.experiment.problem.domain))

    def _fail(self, why: str) -> None:
        self._dim.stop()
        self.summary.setText(escape(tr("This step cannot be explained: {why}", why=why)))
        self.view.show_page(None)
        self._draw()

    def _clear(self) -> None:
        self._job.cancel()
        self.explanation, self._explainer = None, Explainer()
        self._draw()
        self.refresh()

    def _list_parameters(self, trace: Trace) -> None:
        """List the parameters, first choosing that with the largest gradient; hidden if all are written out."""
        names = trace.names
        if [self.parameter.itemText(index) for index in range(self.parameter.count())] != list(names):
            steepest = int(np.abs(np.nan_to_num(trace.read("grad", 0, 1)[0])).max(axis=0).argmax())
            self.parameter.blockSignals(True)
            self.parameter.clear()
            self.parameter.addItems(names)
            self.parameter.setCurrentIndex(steepest)
            self.parameter.blockSignals(False)
        for widget in (self.parameter, self._parameter_label):
            widget.setVisible(len(names) > MOST_SHOWN)

    def _highlight(self, key: str) -> None:
        if self.explanation is not None and self._draws:
            arrows = self._views.canvas(LandscapeCanvas).explained.item
            arrows.set_strong(strong(self.explanation, key, self._dimensions))

    def _visibility_changed(self, visible: bool) -> None:
        if visible:
            self.refresh()
        else:
            self._job.cancel()
            self._dim.stop()
            self._draw()

    def _build(self, whole: QWidget) -> None:
        self.summary, self.view = Label(), ExplainView()
        self.summary.setTextFormat(Qt.TextFormat.RichText)
        self.summary.setWordWrap(True)
        self.view.setAccessibleName(tr("This step, with its numbers"))
        self.view.setToolTip(tr("Point at a line: its arrow stands out in the landscape. On a number: all its digits"))
        self.view.marked_changed.connect(self._highlight)
        self.parameter, self._parameter_label = Combo(), Label(tr("Parameter"))
        self.parameter.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToContents)
        self.parameter.setAccessibleName(tr("Parameter that is written out"))
        self.parameter.setToolTip(tr("Which parameter is written out; the rule does the same with each"))
        self.parameter.currentIndexChanged.connect(lambda _index: self.refresh())
        copy = QToolButton()
        copy.setText(tr("Copy"))
        copy.setAccessibleName(tr("Copy explanation"))
        copy.setToolTip(tr("Copy the whole explanation as text"))
        copy.clicked.connect(lambda _checked=False: self.copy())
        row = QHBoxLayout()
        row.addWidget(self.summary, 1)
        for widget in (self._parameter_label, self.parameter, copy):
            row.addWidget(widget)
        FieldBehavior(whole).install(self.parameter)
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.view, 1)
