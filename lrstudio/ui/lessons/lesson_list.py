"""The list of the lessons: those of a folder that was opened, and the program's own, with what has been done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.lessons import PATH_TITLES, Lesson
from lrstudio.store.lessons.folder import SUFFIX, Shelf, read_shelf
from lrstudio.ui.fields.rows import heading
from lrstudio.ui.lessons.course import Course
from lrstudio.ui.lessons.learner_bar import LearnerBar
from lrstudio.ui.lessons.learners import Learners
from lrstudio.ui.lessons.parts import column, push_button, row_of, wrapped
from lrstudio.ui.lessons.text import MUTED, WrappedButton
from lrstudio.ui.lessons.worksheets import WorksheetMenu
from lrstudio.ui.look.plain import Label
from lrstudio.ui.session.bench import Bench, LatestJob
from lrstudio.ui.session.open_session import OpenSession


class LessonList(QScrollArea):
    """The lessons by path, with how long they take and which are begun and done; above them what teachers do."""

    def __init__(
        self,
        course: Course,
        learners: Learners,
        session: OpenSession,
        bench: Bench,
        window: QWidget,
        open_folder: QAction,
        make_step: QAction,
    ) -> None:
        super().__init__()
        self._course, self._learners, self._bench, self._session = course, learners, bench, session
        self.buttons: dict[str, WrappedButton] = {}
        """By the id of the lesson."""
        self._lessons: dict[str, Lesson] = {}
        self._reading = False
        self._job = LatestJob[object](bench)
        self.learner = LearnerBar(learners, session, window)
        self.teacher = QPushButton(tr("For teachers"))
        self.teacher.setMinimumHeight(28)
        tip = tr("Lessons of your own, and what the learners of this computer have done")
        self.teacher.setToolTip(tip)
        menu = QMenu(self.teacher)
        menu.setToolTipsVisible(True)
        menu.addActions([open_folder, make_step])
        self.worksheets = WorksheetMenu(lambda: self.known, session, window)
        menu.addMenu(self.worksheets)
        menu.addSeparator()
        menu.addActions([self.learner.export, self.learner.forget])
        self.teacher.setMenu(menu)
        self.intro = Label(
            tr("In each step you predict, run and see. Your own experiment comes back when you close the lesson.")
        )
        self.intro.setWordWrap(True)
        self.folder = FolderBox()
        self.folder.closed.connect(self.close_folder)
        self.folder.again.connect(self._read_again)
        self._path: Path | None = None
        self._own = column()
        self.note = wrapped(tr("Reading the lessons…"))
        """What is the matter while there is no lesson of the program."""
        tip = tr("Reads the lessons of the program again")
        self.again_button = push_button(tr("Read again"), tip, self.read)
        self.again_button.hide()
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 4, 12, 8)
        layout.setSpacing(6)
        for part in (self.learner, self.teacher, self.intro):
            layout.addWidget(part)
        layout.addWidget(self.folder)
        layout.addWidget(self.note)
        layout.addWidget(self.again_button)
        layout.addLayout(self._own)
        layout.addStretch()
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        course.listed.connect(self._show_own)
        course.unread.connect(self._show_unread)
        learners.changed.connect(self.show_progress)

    def read(self) -> None:
        """Reads the program's lessons, once; again where that has failed."""
        if not self._reading:
            self._reading = True
            self.again_button.hide()
            self._tell(tr("Reading the lessons…"))
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
            failed=lambda why: self.folder.show_unread(path, why),
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
            if self._learners.done(lesson):
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

    @property
    def known(self) -> tuple[Lesson, ...]:
        """The lessons in the list, in their order: those of the program, then those of the folder."""
        return tuple(self._lessons.values())

    def _tell(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _show_unread(self, why: str) -> None:
        self._reading = False
        self._tell(tr("⚠ The lessons of the program could not be read. {why}", why=why))
        self.again_button.show()

    def _show_own(self, lessons: tuple[Lesson, ...]) -> None:
        self._tell("" if lessons else tr("This copy of the program has no lessons."))
        path = ""
        for lesson in lessons:
            if lesson.path != path:
                path = lesson.path
                self._own.addWidget(heading(tr(PATH_TITLES[path])))
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
        self.title, self.note = heading(""), wrapped()
        self.problems: list[Label] = []
        self._parts: list[QWidget] = []
        self.title.setWordWrap(True)
        self.title.setMinimumWidth(1)
        self.note.setForegroundRole(MUTED)
        self._list = column()
        tip = tr("After you have changed a file of the folder")
        self.again_button = push_button(tr("Read again"), tip, self.again.emit)
        self.close_button = push_button(tr("Close folder"), tr("Takes these lessons out of the list"), self.closed.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.title)
        layout.addWidget(self.note)
        layout.addLayout(self._list)
        layout.addLayout(row_of(self.again_button, self.close_button))
        self.hide()

    def show_reading(self, path: Path) -> None:
        """Shows that a folder is being read."""
        self._show(path, tr("Reading the lessons…"))

    def show_unread(self, path: Path, why: str) -> None:
        """Shows that a folder could not be read, and why."""
        self.clear()
        self._show(path, tr("⚠ This folder could not be read, so nothing of it is shown. {why}", why=why))

    def show_lessons(self, path: Path, buttons: Sequence[QWidget], problems: Sequence[str]) -> None:
        """Shows lessons by their buttons, then what could not be read."""
        self.clear()
        note = tr("There is no lesson here. A lesson is a file such as first_steps.md.")
        self._show(path, "" if buttons or problems else note)
        for button in buttons:
            self._add(button)
        if problems:
            text = tr("⚠ These files could not be read. Mend them and press Read again.")
            self._add(wrapped(text))
        self.problems = [wrapped(problem) for problem in problems]
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
