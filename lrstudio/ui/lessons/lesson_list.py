"""The list of the lessons: those of a folder that was opened, and the program's own, with what has been done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.lessons import Lesson
from lrstudio.store.lessons.folder import SUFFIX, Shelf, read_shelf
from lrstudio.ui.fields.rows import heading
from lrstudio.ui.lessons.course import Course
from lrstudio.ui.lessons.learner_bar import LearnerBar
from lrstudio.ui.lessons.learners import Learners
from lrstudio.ui.lessons.text import MUTED, WrappedButton
from lrstudio.ui.look.plain import Label
from lrstudio.ui.session.bench import Bench, LatestJob
from lrstudio.ui.session.open_session import OpenSession


class LessonList(QScrollArea):
    """The lessons by path, with how long they take and which are begun and done."""

    folder_requested = Signal()
    step_requested = Signal()

    def __init__(self, course: Course, learners: Learners, session: OpenSession, bench: Bench, window: QWidget) -> None:
        super().__init__()
        self._course, self._learners, self._bench, self._session = course, learners, bench, session
        self.buttons: dict[str, WrappedButton] = {}
        """By the id of the lesson."""
        self._lessons: dict[str, Lesson] = {}
        self._reading = False
        self._job = LatestJob[object](bench)
        self.learner = LearnerBar(learners, session, window)
        self.intro = Label(
            tr("In each step you predict, run and see. Your own experiment comes back when you close the lesson.")
        )
        self.intro.setWordWrap(True)
        self.folder = FolderBox()
        self.folder.closed.connect(self.close_folder)
        self.folder.again.connect(self._read_again)
        self._path: Path | None = None
        self._own = _column()
        self.open_button = _button(tr("Open lesson folder…"), tr("Lessons in a folder or on a stick"))
        self.open_button.clicked.connect(lambda _checked=False: self.folder_requested.emit())
        self.make_button = _button(
            tr("Make a lesson step…"), tr("The experiment that is shown becomes a step of your own lesson")
        )
        self.make_button.clicked.connect(lambda _checked=False: self.step_requested.emit())
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 4, 12, 8)
        layout.setSpacing(6)
        layout.addWidget(self.learner)
        layout.addWidget(self.intro)
        layout.addWidget(self.folder)
        layout.addLayout(self._own)
        layout.addWidget(heading(tr("Lessons of your own")))
        layout.addWidget(self.open_button)
        layout.addWidget(self.make_button)
        layout.addStretch()
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        course.listed.connect(self._show_own)
        learners.changed.connect(self.show_progress)

    def read(self) -> None:
        """Reads the program's lessons, once."""
        if not self._reading:
            self._reading = True
            self._course.read()

    def open_path(self, path: Path) -> None:
        """Reads and shows the lessons of a folder; the one of a file begins."""
        self._path = path
        self.folder.show_reading(path)
        self.verticalScrollBar().setValue(0)
        self._job.ask(
            None,
            lambda work: read_shelf(path, work.stop),
            self._show_shelf,
            failed=lambda why: self.folder.show_problems(path, (why,)),
        )

    def close_folder(self) -> None:
        """Hides the lessons of the folder."""
        self._job.cancel()
        self._path = None
        self._remove_folder()
        self.folder.hide()

    def show_progress(self) -> None:
        """Shows which lessons are begun and done."""
        for lesson in self._lessons.values():
            done, asked = self._learners.count(lesson)
            if asked and done == asked:
                text = tr("{minutes} min, {steps} steps, ✓ done")
            elif self._learners.begun(lesson):
                text = tr("{minutes} min, {steps} steps, ◐ {done} of {asked} answered")
            else:
                text = tr("{minutes} min, {steps} steps")
            more = text.format(minutes=lesson.minutes, steps=len(lesson.steps), done=done, asked=asked)
            self.buttons[lesson.id].set_texts(f"{lesson.order}. {lesson.title}", more)

    def _read_again(self) -> None:
        if self._path is not None:
            self.open_path(self._path)

    def _show_own(self, lessons: tuple[Lesson, ...]) -> None:
        titles = {
            "beginner": tr("From the beginning"),
            "methods": tr("Optimizers and schedules"),
            "practice": tr("In practice"),
        }
        path = ""
        for lesson in lessons:
            if lesson.path != path:
                path = lesson.path
                self._own.addWidget(heading(titles[path]))
            self._own.addWidget(self._button_of(lesson))
        self.show_progress()

    def _show_shelf(self, shelf: Shelf) -> None:
        assert self._path is not None
        self._remove_folder()
        self.folder.show_lessons(self._path, [self._button_of(lesson) for lesson in shelf.lessons], shelf.problems)
        self.show_progress()
        if self._path.suffix.lower() == SUFFIX and shelf.lessons:
            self._course.begin(shelf.lessons[0])

    def _remove_folder(self) -> None:
        for lesson in [lesson for lesson in self._lessons.values() if lesson.folder]:
            del self._lessons[lesson.id], self.buttons[lesson.id]
        self.folder.clear()

    def _button_of(self, lesson: Lesson) -> WrappedButton:
        button = self.buttons[lesson.id] = WrappedButton()
        self._lessons[lesson.id] = lesson
        button.clicked.connect(lambda _checked=False: self._course.begin(lesson))
        return button


class FolderBox(QWidget):
    """The lessons of a folder, and what is wrong with the files that could not be read."""

    closed = Signal()
    again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.note = heading(""), Label()
        self.problems: list[Label] = []
        self._parts: list[QWidget] = []
        for label in (self.title, self.note):
            label.setWordWrap(True)
            label.setMinimumWidth(1)
        self.note.setForegroundRole(MUTED)
        self._list = _column()
        self.again_button = _button(tr("Read again"), tr("After you have changed a file of the folder"))
        self.close_button = _button(tr("Close folder"), tr("Takes these lessons out of the list"))
        self.again_button.clicked.connect(lambda _checked=False: self.again.emit())
        self.close_button.clicked.connect(lambda _checked=False: self.closed.emit())
        row = QHBoxLayout()
        row.addWidget(self.again_button)
        row.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.title)
        layout.addWidget(self.note)
        layout.addLayout(self._list)
        layout.addLayout(row)
        self.hide()

    def show_reading(self, path: Path) -> None:
        """Shows that a folder is being read."""
        self._show(path, tr("Reading the lessons…"))

    def show_problems(self, path: Path, problems: Sequence[str]) -> None:
        """Shows that there is no lesson, and why."""
        self.show_lessons(path, (), problems)

    def show_lessons(self, path: Path, buttons: Sequence[QWidget], problems: Sequence[str]) -> None:
        """Shows lessons by their buttons, then what could not be read."""
        self.clear()
        note = tr("There is no lesson here. A lesson is a file such as first_steps.md.")
        self._show(path, "" if buttons or problems else note)
        for button in buttons:
            self._add(button)
        if problems:
            text = tr("⚠ These files could not be read. Mend them and press Read again.")
            self._add(_wrapped(text))
        self.problems = [_wrapped(problem) for problem in problems]
        for label in self.problems:
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setForegroundRole(MUTED)
            self._add(label)

    def clear(self) -> None:
        for part in self._parts:
            self._list.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts, self.problems = [], []

    def _show(self, path: Path, note: str) -> None:
        self.title.setText(path.name if path.is_dir() else path.parent.name)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.show()

    def _add(self, part: QWidget) -> None:
        self._list.addWidget(part)
        self._parts.append(part)


def _column() -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    return column


def _wrapped(text: str) -> Label:
    label = Label(text)
    label.setWordWrap(True)
    label.setMinimumWidth(1)  # a long word must not widen the list
    return label


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setMinimumHeight(28)
    return button
