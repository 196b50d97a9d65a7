"""The question of an experiment and, once it has been run, its answer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.claims import Outcome
from lrstudio.engine.examples import Example
from lrstudio.engine.training.pilot import State
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench, LatestJob
from lrstudio.ui.session.open_session import OpenSession

_QUESTION_POINTS, _ANSWER_POINTS = 5, 3
"""Points by which the question and the answer are larger than the window's font."""
_ENDED = (State.FINISHED, State.DIVERGED)


class QuestionBar(QWidget):
    """Shows a question and, on request, the answer below it; hidden without a question."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question_label, self.answer_label = Label(), Label()
        for label in (self.question_label, self.answer_label):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.answer_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.answer_label.setAccessibleName(tr("Answer"))
        self.answer_label.setToolTip(tr("The answer; it can be selected and copied"))
        self.button = QToolButton()
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setToolTip(tr("What the run has shown, in words and numbers (Alt+A)"))
        self.button.toggled.connect(self._reveal)
        FieldBehavior(self).install(self.button)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Space still runs and pauses after a click
        policy = self.button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.button.setSizePolicy(policy)
        row = QHBoxLayout()
        row.addWidget(self.question_label, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.answer_label)
        self._scale()
        self._allowed = True
        self.show_question("")

    def show_question(self, question: str) -> None:
        """Shows a question without an answer, or hides the bar if it is empty."""
        self.question_label.setText(question)
        self.set_allowed(self._allowed)
        self.clear_answer()

    def set_allowed(self, allowed: bool) -> None:
        """Shows the bar while it has a question, or never."""
        self._allowed = allowed
        self.setVisible(allowed and bool(self.question_label.text()))

    def set_answer(self, answer: str) -> None:
        """Sets the answer, which the button reveals; a revealed one stays so."""
        self.answer_label.setText(answer)
        self.button.setVisible(bool(answer))
        self._reveal(self.button.isChecked())

    def clear_answer(self) -> None:
        """Removes the answer and its button."""
        self.answer_label.setText("")
        self.button.setVisible(False)
        self.button.setChecked(False)
        self._reveal(False)

    def set_theme(self, theme: Theme) -> None:
        for label in (self.question_label, self.answer_label):
            label.setStyleSheet(f"color: {theme.foreground};")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._scale()

    def _scale(self) -> None:
        for label, more in ((self.question_label, _QUESTION_POINTS), (self.answer_label, _ANSWER_POINTS)):
            font = self.font()
            font.setPointSizeF(font.pointSizeF() + more)
            font.setWeight(QFont.Weight.DemiBold if label is self.question_label else QFont.Weight.Normal)
            label.setFont(font)

    def _reveal(self, shown: bool) -> None:
        self.answer_label.setVisible(shown)
        self.button.setText(tr("Hide &answer") if shown else tr("Show &answer"))


class AnswerFeed(QObject):
    """Shows the question of the open example and, after its run, the answer, which a background job computes.

    An experiment that differs from the example in more than names, colours and order of the runs has no question;
    undoing the edit brings it back.
    """

    def __init__(self, session: OpenSession, bench: Bench, bar: QuestionBar) -> None:
        super().__init__(bar)
        self._session, self._bar = session, bar
        self._example: Example | None = None
        self._job = LatestJob[object](bench)
        session.experiment_changed.connect(self._update_question)
        session.simulation_changed.connect(self._discard_answer)
        session.state_changed.connect(self._update_answer)
        self._update_question()

    def _update_question(self) -> None:
        """Shows the question of another example, and updates the names in the answer."""
        example = None if self._session.visiting else self._session.example  # a lesson asks its own question
        if example is not self._example:
            self._example = example
            self._bar.show_question("" if example is None else example.question)
        self._update_answer()

    def _discard_answer(self) -> None:
        """Cancels the job and removes the answer, which belongs to another trace."""
        self._job.cancel()
        self._bar.clear_answer()

    def _update_answer(self) -> None:
        """Computes the answer if the run is over."""
        session, example = self._session, self._example
        trace, experiment = session.trace, session.experiment
        if example is None or trace is None or session.simulation is None or session.state not in _ENDED:
            self._discard_answer()
            return
        self._job.ask(
            (experiment, trace, trace.length),
            lambda work: example.answer(Outcome(experiment, trace, work.stop)),
            self._bar.set_answer,
            failed=self._fail,
        )

    def _fail(self, why: str) -> None:
        self._session.failed.emit(tr("Could not tell the answer"), why)
