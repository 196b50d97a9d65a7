"""This step, with its numbers: the dock that explains what an optimizer does at the step that is looked at."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QToolButton, QVBoxLayout, QWidget

from lrstudio.engine.explanation import MOST_SHOWN, Explanation, explain
from lrstudio.engine.replay import Replay
from lrstudio.engine.trace import Trace
from lrstudio.ui.actions import action
from lrstudio.ui.canvases.landscape import LandscapeCanvas
from lrstudio.ui.combo import Combo
from lrstudio.ui.cursor import Cursor
from lrstudio.ui.dock_title import DockTitle
from lrstudio.ui.field_manners import FieldManners
from lrstudio.ui.instruments import explain_words as words
from lrstudio.ui.instruments.bench import Bench, Work
from lrstudio.ui.instruments.explain_page import Page
from lrstudio.ui.instruments.explain_vectors import kinds, strong, vectors
from lrstudio.ui.instruments.explain_view import ExplainView
from lrstudio.ui.open_session import OpenSession
from lrstudio.ui.theme import LIGHT, Theme

_READ_SECONDS = 0.2
"""Numbers that change faster cannot be read."""
_DIM_MS = 120
"""An answer that comes sooner takes the place of the one before without a flicker."""


class ExplainDock(QDockWidget):
    """Follows the time cursor and the selected run while it can be seen; off at first."""

    def __init__(
        self, session: OpenSession, cursor: Cursor, bench: Bench, landscape: LandscapeCanvas, window: QMainWindow
    ) -> None:
        super().__init__(self.tr("This step"), window)
        self.setObjectName("explain step")
        self._session, self._cursor, self._bench, self._landscape = session, cursor, bench, landscape
        self._theme = LIGHT
        self._run = 0
        self.explanation: Explanation | None = None
        self._work: Work | None = None
        self._replay: Replay | None = None
        self._asked: object = None
        self._asked_at = 0.0
        self._dim = QTimer(self)
        self._dim.setSingleShot(True)
        self._dim.setInterval(_DIM_MS)
        self._dim.timeout.connect(lambda: self.view.set_dimmed(True))
        self._build()
        tip = self.tr("The optimizer's rule at the step that is looked at, with its numbers put in")
        self.shown: QAction = action(
            self, self.tr("&Explain this step"), self._toggle, "Ctrl+Shift+T", tip, checked=False
        )
        self.visibilityChanged.connect(self._visibility_changed)
        cursor.moved.connect(self.refresh)
        session.feed.frame.connect(self.refresh)
        session.simulation_changed.connect(self._forget)

    def select(self, run: int) -> None:
        """Explain this run."""
        self._run = run
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._title.set_theme(theme)
        self.view.set_theme(theme)
        if self.explanation is not None:
            self._show_outcome(self.explanation)

    def refresh(self) -> None:
        """Explain the step that is looked at, where that is another one than what is explained or asked for."""
        if not self.view.isVisible() or self._session.trace is None:
            return
        question = self._question()
        running = self._cursor.step is None and perf_counter() - self._asked_at < _READ_SECONDS
        if question is None or question == self._asked or (running and self._work is not None):
            return
        if running and self._asked is not None and self._same_run(question):
            return
        self._ask(question)

    def copy(self) -> None:
        """Copy the explanation as text."""
        if self.view.page is not None:
            QGuiApplication.clipboard().setText(self.view.page.text(self.heading.text(), self.outcome.text()))

    def _question(self) -> tuple[object, ...] | None:
        """What there is to explain; equal questions have equal answers."""
        trace, experiment = self._session.trace, self._session.experiment
        if trace is None or trace.runs != len(experiment.runs) or trace.names != experiment.problem.names:
            return None  # another trace is on its way
        self._offer_parameters(trace)
        run = min(self._run, trace.runs - 1)
        step = min(self._cursor.place, trace.rows(run) - 1)
        recorded = step + 1 < trace.rows(run)
        return trace, experiment, run, step, recorded, max(0, self.parameter.currentIndex())

    def _same_run(self, question: tuple[object, ...]) -> bool:
        return isinstance(self._asked, tuple) and self._asked[0] is question[0] and self._asked[2] == question[2]

    def _ask(self, question: tuple[object, ...]) -> None:
        trace, _experiment, run, step, _, parameter = question
        assert isinstance(trace, Trace) and isinstance(run, int) and isinstance(step, int)
        assert isinstance(parameter, int)
        self._asked, self._asked_at = question, perf_counter()

        if self._work is not None:
            self._work.cancel()
        replay = self._replay
        shown = self._session.experiment

        def job(work: Work) -> tuple[Replay, Explanation | None]:
            known = replay
            if known is None or known.trace is not trace or known.run != run or known.experiment is not shown:
                known = (
                    Replay(shown, trace, run)
                    if known is None or known.trace is not trace or known.run != run
                    else known.amended(shown)
                )
            return known, explain(known, step, parameter, work.stop)

        self._work = self._bench.start(job, done=self._show, failed=self._fail)
        self._dim.start()

    def _show(self, answer: tuple[Replay, Explanation | None]) -> None:
        self._replay, explanation = answer
        self._work = None
        self._dim.stop()
        self.explanation = explanation
        experiment = self._session.experiment
        if explanation is None or explanation.run >= len(experiment.runs):
            return
        self.heading.setText(words.title(explanation, experiment))
        self._show_outcome(explanation)
        self.view.show_page(
            Page(
                explanation,
                words.headings(explanation, experiment),
                words.remarks(explanation, experiment),
                kinds(explanation, self._dimensions),
                words.tips(),
            )
        )
        self._landscape.explain(explanation.run, explanation.step, vectors(explanation, self._dimensions))

    def _show_outcome(self, explanation: Explanation) -> None:
        """What became of the loss, in a colour that says so too."""
        text, fell = words.outcome(explanation)
        colors = {True: self._theme.verdicts["converging"], False: self._theme.verdicts["diverged"]}
        self.outcome.setText(text)
        self.outcome.setStyleSheet(f"color: {colors.get(fell, self._theme.foreground)}; font-weight: bold")  # type: ignore[arg-type]

    @property
    def _dimensions(self) -> int:
        return min(2, len(self._session.experiment.problem.domain))

    def _fail(self, why: str) -> None:
        self._work = None
        self._dim.stop()
        self.outcome.clear()
        self.heading.setText(self.tr("This step cannot be explained: {why}").format(why=why))
        self.view.show_page(None)
        self._landscape.explain(0, 0, ())

    def _forget(self) -> None:
        self._asked = self.explanation = None
        self._landscape.explain(0, 0, ())
        self.refresh()

    def _offer_parameters(self, trace: Trace) -> None:
        """The parameters to choose from where they are not all written out; at first that with the steepest slope."""
        names = trace.names
        known = [self.parameter.itemText(place) for place in range(self.parameter.count())]
        if known != list(names):
            steepest = int(np.abs(np.nan_to_num(trace.read("grad", 0, 1)[0])).max(axis=0).argmax())
            self.parameter.blockSignals(True)
            self.parameter.clear()
            self.parameter.addItems(names)
            self.parameter.setCurrentIndex(steepest)
            self.parameter.blockSignals(False)
        for widget in (self.parameter, self._parameter_label):
            widget.setVisible(len(names) > MOST_SHOWN)

    def _point(self, key: str) -> None:
        if self.explanation is not None:
            self._landscape.explained.item.set_strong(strong(self.explanation, key, self._dimensions))

    def _toggle(self) -> None:
        in_front = self.view.isVisible()
        self.setVisible(not in_front)
        if not in_front:
            self.raise_()
        self.shown.setChecked(not in_front)

    def _visibility_changed(self, visible: bool) -> None:
        self.shown.setChecked(visible)
        if visible:
            self.refresh()
        else:
            if self._work is not None:
                self._work.cancel()
                self._work = None
            self._asked = None
            self._dim.stop()
            self._landscape.explain(0, 0, ())

    def _build(self) -> None:
        self._title = DockTitle(self)
        self.setTitleBarWidget(self._title)
        self.heading, self.outcome, self.view = QLabel(), QLabel(), ExplainView()
        self.view.setAccessibleName(self.tr("This step, with its numbers"))
        self.view.setToolTip(
            self.tr("Point at a line: its arrow stands out in the landscape. On a number: all its digits")
        )
        self.view.pointed.connect(self._point)
        self.parameter, self._parameter_label = Combo(), QLabel(self.tr("Parameter"))
        self.parameter.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToContents)
        self.parameter.setAccessibleName(self.tr("Parameter that is written out"))
        self.parameter.setToolTip(self.tr("Which parameter is written out; the rule does the same with each"))
        self.parameter.currentIndexChanged.connect(lambda _place: self.refresh())
        copy = QToolButton()
        copy.setText(self.tr("Copy"))
        copy.setAccessibleName(self.tr("Copy explanation"))
        copy.setToolTip(self.tr("Copy the whole explanation as text"))
        copy.clicked.connect(lambda _checked=False: self.copy())
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.heading)
        row.addWidget(self.outcome, 1)
        for widget in (self._parameter_label, self.parameter, copy):
            row.addWidget(widget)
        whole = QWidget()
        FieldManners(whole).teach(self.parameter)
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.view, 1)
        self.setWidget(whole)
