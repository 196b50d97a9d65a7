"""The page of a step: its text, what it asks, what came of it, and the way to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.lessons import Judgement, Prose, Step, prose, shown
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.lessons.course import Course
from lrstudio.ui.lessons.parts import push_button, reading_area, row_of
from lrstudio.ui.lessons.prediction import PredictionBox
from lrstudio.ui.lessons.text import MUTED, ProseView, WrappedButton
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.theme import LIGHT, Theme

_TITLE_POINTS = 3
"""Points by which the title of a step is larger than the text."""
_BAR = 4


class StepPage(QWidget):
    """Shows the current step of a course and what the learner has done in it."""

    look_requested = Signal(str)
    list_requested = Signal()
    finished = Signal()
    """The last step was left with Next."""

    def __init__(self, course: Course, names: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._course, self._names = course, names
        self.theme: Theme = LIGHT
        self._follows = False
        """Whether what is new is scrolled to once it has been laid out."""
        self.place, self.title = Label(), Label()
        self.text = ProseView(tr("Text of the step"))
        self.table = ProseView(tr("Printed, and computed here"))
        self.look = QVBoxLayout()
        self.looks: list[WrappedButton] = []
        self.prediction = PredictionBox()
        self.prediction.made.connect(course.predict)
        self.goal = ProseView(tr("Task"))
        self.hint_button = push_button(tr("Hint"), tr("One hint, then a second one"), course.show_hint)
        self.hints = ProseView(tr("Hints"))
        self.now = Label()
        """What to do next."""
        self.result = Result(tr("What the run shows"))
        self.remember = Result(tr("Remember"))
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 4, 12, 8)
        layout.setSpacing(10)
        self.place.setForegroundRole(MUTED)
        for label in (self.place, self.title, self.now):
            label.setWordWrap(True)
        layout.addWidget(self.place)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addWidget(self.table)
        layout.addLayout(self.look)
        for part in (self.prediction, self.goal):
            layout.addWidget(part)
        layout.addLayout(_row(self.hint_button))
        for each in (self.hints, self.now, self.result, self.remember):
            layout.addWidget(each)
        layout.addStretch()
        self.area = reading_area(page)
        self.area.setAccessibleName(tr("The step"))
        self.area.setToolTip(tr("The step of the lesson; scroll for more"))
        tip = tr("Back to the list; your own experiment comes back")
        self.list_button = push_button(tr("All lessons"), tip, self.list_requested.emit)
        tip = tr("Shows the experiment of this step as it was at first")
        self.again = push_button(tr("Set up again"), tip, course.set_up)
        self.back = push_button(tr("Back"), tr("The step before"), partial(course.go, -1))
        self.next = push_button(tr("Next"), tr("The next step"), self._go_on)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 8)
        outer.setSpacing(4)
        outer.addWidget(self.area, 1)
        for buttons in ((self.back, self.next), (self.list_button, self.again)):
            outer.addLayout(row_of(*buttons, margin=12))
        FontFit(self, self._fit_font)
        course.step_changed.connect(self._show_step)
        course.judged.connect(self._show_news)
        course.ended.connect(self._forget)
        self.area.verticalScrollBar().rangeChanged.connect(lambda _low, _high: self._scroll())

    def focus_first(self) -> None:
        """Gives the focus to what the step asks with, or to Next."""
        asking = self.prediction
        fields = (*asking.choices[:1], asking.number, asking.sketch_box, self.next)
        next(field for field in fields if field.isVisibleTo(self)).setFocus()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        for box in (self.result, self.remember):
            box.set_theme(theme)

    def _fit_font(self) -> None:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() + _TITLE_POINTS)
        font.setBold(True)
        self.title.setFont(font)

    def _show_step(self) -> None:
        course, step, lesson = self._course, self._course.step, self._course.lesson
        assert lesson is not None
        text = tr("{lesson}: step {number} of {steps}")
        self.place.setText(text.format(lesson=lesson.title, number=course.index + 1, steps=len(lesson.steps)))
        self.title.setText(step.filled(step.title).plain)
        self.text.show_prose(step.shown[0])
        self._show_looks(step.look)
        self.prediction.show_step(step, course.work.guess, course.sketch)
        self.goal.show_prose(self._goal(step))
        self.back.setEnabled(course.index > 0)
        self.again.setEnabled(step.setup is not None)
        self._show_work()
        self._follows = course.work.guess is not None
        self._scroll()

    def _forget(self) -> None:
        self._show_looks(())
        self.prediction.forget()

    def _goal(self, step: Step) -> Prose:
        if step.task is None:
            return prose("")
        return step.filled(tr("**Your task: {goal}**", goal=step.task.goal))

    def _show_looks(self, names: tuple[str, ...]) -> None:
        for button in self.looks:
            self.look.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.looks = []
        for name in names:
            button = WrappedButton(tr("→ Show me: {name}", name=self._names[name]))
            button.setFlat(True)
            button.setToolTip(tr("Frames it for a moment"))
            button.clicked.connect(lambda _checked=False, name=name: self.look_requested.emit(name))
            self.look.addWidget(button)
            self.looks.append(button)

    def _show_news(self) -> None:
        self._follows = True
        self._show_work()
        self._scroll()

    def _show_work(self) -> None:
        course = self._course
        if course.lesson is None:
            return
        step, work = course.step, course.work
        asked = step.prediction or step.task
        hints = asked.hints if asked is not None else ()
        self.hint_button.setVisible(course.open and work.hints < len(hints))
        self.hint_button.setText(tr("Hint") if not work.hints else tr("Another hint"))
        self.hints.show_prose(step.filled("\n\n".join(hints[: work.hints])))
        self.now.setText(self._what_now())
        self.now.setVisible(bool(self.now.text()))
        last = course.index == len(course.lesson.steps) - 1
        self.next.setText(tr("Finish") if last else tr("Skip") if course.open else tr("Next"))
        tip = tr("The next step; this one is not answered yet, and you can come back to it")
        self.next.setToolTip(tip if course.open else tr("The next step"))
        self.table.show_prose(work.table or step.table_of(None))
        texts = [judgement for judgement in (work.prediction, work.task) if judgement is not None]
        self.result.show_judgements(texts)
        self.remember.show_prose(prose("") if course.open else step.shown[1])

    def _scroll(self) -> None:
        """Moves what the run shows to the top, below its table if both fit, or the newest hint into view."""
        bar = self.area.verticalScrollBar()
        if not self._follows:
            bar.setValue(0)
        elif self.result.isVisible():
            both = self.table.isVisible() and self._end_of_result - self.table.y() <= self.area.viewport().height()
            bar.setValue((self.table if both else self.result).y() - _BAR)
        elif self.hints.isVisible():
            self.area.ensureWidgetVisible(self.hints, 0, _BAR)

    @property
    def _end_of_result(self) -> int:
        return self.result.y() + self.result.height()

    def _what_now(self) -> str:
        step, work = self._course.step, self._course.work
        if self._course.held:
            return tr("The run begins once you have made your prediction.")
        if step.prediction is not None and work.prediction is None:
            return tr("Now press Run at the top, or Space, and watch.")
        return ""

    def _go_on(self) -> None:
        assert self._course.lesson is not None
        if self._course.index < len(self._course.lesson.steps) - 1:
            self._course.go(1)
        else:
            self.finished.emit()


class Result(QFrame):
    """A text with a heading and a coloured bar on its left."""

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading, self.text = Label(heading), ProseView(heading)
        self.heading.setForegroundRole(MUTED)
        self.theme: Theme = LIGHT
        self._right: bool | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_BAR + 10, 8, 8, 8)
        layout.setSpacing(4)
        layout.addWidget(self.heading)
        layout.addWidget(self.text)

    def show_judgements(self, judgements: list[Judgement]) -> None:
        self._right = judgements[-1].right if judgements else None
        self.show_prose(shown("\n\n".join(judgement.text for judgement in judgements)))

    def show_prose(self, text: Prose) -> None:
        self.setVisible(bool(text.markdown))
        self.text.show_prose(text)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        colors = {True: theme.verdicts["arrived"], False: theme.verdicts["oscillating"], None: theme.accent}
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.raised))
        painter.fillRect(0, 0, _BAR, self.height(), QColor(colors[self._right]))
        painter.end()


def _row(button: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(button)
    row.addStretch()
    return row
