"""The end of a lesson: what was learned, how far the path is done, and the lesson that comes next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lrstudio.core.language import tr, trn
from lrstudio.engine.lessons import PATH_TITLES, Lesson, following, series
from lrstudio.ui.fields.rows import heading
from lrstudio.ui.lessons.learners import Learners, asks
from lrstudio.ui.lessons.parts import column, push_button, reading_area, row_of, wrapped
from lrstudio.ui.lessons.text import MUTED, ProseView, WrappedButton
from lrstudio.ui.look.font_size import FontFit

_TITLE_POINTS = 3
"""Points by which the title is larger than the text."""


class LessonEnd(QWidget):
    """Shows the end of a lesson; `known` returns all lessons of the list, in their order."""

    lesson_chosen = Signal(object)
    list_requested = Signal()
    back_requested = Signal()
    step_chosen = Signal(int)
    """The index of a step that is not answered yet."""

    def __init__(self, learners: Learners, known: Callable[[], Sequence[Lesson]]) -> None:
        super().__init__()
        self._learners, self._known = learners, known
        self._lesson: Lesson | None = None
        self._following: Lesson | None = None
        self.place, self.title, self.open, self.path = wrapped(), wrapped(), wrapped(), wrapped()
        self.place.setForegroundRole(MUTED)
        self.learned_heading, self.next_heading = heading(tr("What you have learned")), heading("")
        self.learned: list[ProseView] = []
        self._list = column()
        self.unanswered: list[WrappedButton] = []
        self._open_steps = column()
        self.next = WrappedButton(tr("What comes next"))
        self.next.clicked.connect(lambda _checked=False: self.lesson_chosen.emit(self._following))
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 4, 12, 8)
        layout.setSpacing(10)
        for label in (self.place, self.title, self.open):
            layout.addWidget(label)
        layout.addLayout(self._open_steps)
        layout.addWidget(self.learned_heading)
        layout.addLayout(self._list)
        for below in (self.path, self.next_heading, self.next):
            layout.addWidget(below)
        layout.addStretch()
        self.next_heading.setWordWrap(True)
        self.next_heading.setMinimumWidth(1)
        self.area = reading_area(page)
        self.area.setAccessibleName(tr("The end of the lesson"))
        self.area.setToolTip(tr("What you have learned, and what comes next"))
        self.back = push_button(tr("Back"), tr("The last step"), self.back_requested.emit)
        tip = tr("Back to the list; your own experiment comes back")
        self.list_button = push_button(tr("All lessons"), tip, self.list_requested.emit)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 8)
        outer.setSpacing(4)
        outer.addWidget(self.area, 1)
        outer.addLayout(row_of(self.back, self.list_button, margin=12))
        FontFit(self, self._fit_font)
        learners.changed.connect(self._show_progress)

    def show_lesson(self, lesson: Lesson) -> None:
        """Shows the end of a lesson."""
        self._lesson = lesson
        self.place.setText(lesson.title)
        for view in self.learned:
            self._list.removeWidget(view)
            view.hide()
            view.deleteLater()
        steps = [step for index, step in enumerate(lesson.steps) if step.remember and self._learned(lesson, index)]
        self.learned = [ProseView(tr("What you have learned")) for _ in steps]
        for view, step in zip(self.learned, steps, strict=True):
            self._list.addWidget(view)
            view.show_prose(step.filled(f"• {step.remember}"))
        self.learned_heading.setVisible(bool(steps))
        self._show_progress()
        self._show_next(lesson)
        self.area.verticalScrollBar().setValue(0)

    def _learned(self, lesson: Lesson, index: int) -> bool:
        """Whether what is to be remembered of a step is no answer to it any more."""
        return not asks(lesson.steps[index]) or bool(self._learners.record(lesson, index).done)

    def _show_progress(self) -> None:
        lesson = self._lesson
        if lesson is None:
            return
        done, asked = self._learners.count(lesson)
        left = asked - done
        self.title.setText(tr("You have done this lesson") if not left else tr("The end of the lesson"))
        text = trn("{n} step is not answered yet.", "{n} steps are not answered yet.", left)
        self.open.setText(text if left else "")
        self.open.setVisible(bool(left))
        self._show_unanswered(lesson)
        own = [each for each in series(lesson, self._known()) if self._learners.count(each)[1]]
        count = sum(self._learners.done(each) for each in own)
        name = lesson.folder or tr(PATH_TITLES[lesson.path])
        self.path.setText(tr("“{path}”: {done} of {count} lessons are done.", path=name, done=count, count=len(own)))
        self.path.setVisible(bool(own))

    def _show_unanswered(self, lesson: Lesson) -> None:
        for button in self.unanswered:
            self._open_steps.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.unanswered = []
        for index in self._learners.unanswered(lesson):
            step = lesson.steps[index]
            button = WrappedButton(tr("Step {number}: {title}", number=index + 1, title=step.filled(step.title).plain))
            button.clicked.connect(lambda _checked=False, index=index: self.step_chosen.emit(index))
            self._open_steps.addWidget(button)
            self.unanswered.append(button)

    def _show_next(self, lesson: Lesson) -> None:
        after = self._following = following(lesson, self._known())
        self.next.setHidden(after is None)
        if after is None:
            text = tr("This was the last lesson of the folder.") if lesson.folder else tr("This was the last lesson.")
            self.next_heading.setText(text)
            return
        if lesson.folder or after.path == lesson.path:
            self.next_heading.setText(tr("What comes next"))
            text = tr("Next lesson: {title}", title=after.title)
        else:
            self.next_heading.setText(tr("This was the last lesson of this path."))
            text = tr("Next path: {path}. It begins with: {title}", path=tr(PATH_TITLES[after.path]), title=after.title)
        minutes, steps = after.minutes, len(after.steps)
        self.next.set_texts(text, tr("{minutes} min, {steps} steps", minutes=minutes, steps=steps))

    def _fit_font(self) -> None:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() + _TITLE_POINTS)
        font.setBold(True)
        self.title.setFont(font)
