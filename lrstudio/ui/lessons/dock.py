"""The dock of the lessons, on the right of the plots: the list, and the page of the step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.lessons import Lesson
from lrstudio.ui.docks.tab_dock import DockTitle
from lrstudio.ui.fields.actions import action
from lrstudio.ui.fields.rows import heading
from lrstudio.ui.lessons.course import Course
from lrstudio.ui.lessons.page import StepPage
from lrstudio.ui.lessons.spotlight import Spotlight
from lrstudio.ui.lessons.text import WrappedButton
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession

_SHARE = 3
"""The dock takes at most this part of the window's width: a third."""
_CHARS = 46
Find = Callable[[], QWidget | None]


class LessonDock(QDockWidget):
    """Hidden at first. The action `shown`, for a menu, opens and closes it; closing it ends the lesson.

    `places` are the names of `engine.lessons.LOOKS` with what they are called and the functions that find them.
    """

    def __init__(
        self, window: QMainWindow, session: OpenSession, bench: Bench, places: Mapping[str, tuple[str, Find]]
    ) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("lessons")
        self.setWindowTitle(tr("Lessons"))
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self._title = DockTitle(self)
        self.setTitleBarWidget(self._title)
        self.course = Course(session, bench, self)
        self._places = places
        self.list = LessonList(self.course)
        self.page = StepPage(self.course, {name: title for name, (title, _) in places.items()})
        self.spotlight = Spotlight(window)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.page)
        self.setWidget(self.stack)
        tip = tr("Learn step by step what the learning rate does: predict, run, understand")
        self.shown: QAction = action(self, tr("&Lessons"), self._toggle, "Shift+F1", tip, checked=False)
        self.visibilityChanged.connect(lambda _visible: self.shown.setChecked(self.isVisible()))
        self.course.step_changed.connect(lambda: self.stack.setCurrentWidget(self.page))
        self.course.step_changed.connect(lambda: self.spotlight.point_at(None))
        self.course.ended.connect(self._show_list)
        self.page.list_requested.connect(self.course.leave)
        self.page.finished.connect(self.course.leave)
        self.page.look_requested.connect(self._look)
        window.installEventFilter(self)
        FontFit(self, self._fit)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self._title.set_theme(theme)
        self.page.set_theme(theme)
        self.spotlight.theme = theme

    def sizeHint(self) -> QSize:
        return QSize(self.maximumWidth(), super().sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.list.buttons:
            self.course.read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous() and self.isHidden():
            self.course.leave()

    def _fit(self) -> None:
        """Gives the dock the width of a good line, and at most a third of the window's."""
        wanted = self.fontMetrics().averageCharWidth() * _CHARS
        self.setFixedWidth(max(200, min(wanted, self._window.width() // _SHARE)))

    def _toggle(self) -> None:
        self.setVisible(self.isHidden())

    def _show_list(self) -> None:
        self.spotlight.point_at(None)
        self.list.show_progress()
        self.stack.setCurrentWidget(self.list)

    def _look(self, name: str) -> None:
        _, find = self._places[name]
        self.spotlight.point_at(find())


class LessonList(QScrollArea):
    """The lessons by path, with how long they take and which are done."""

    def __init__(self, course: Course, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._course = course
        self.buttons: dict[str, WrappedButton] = {}
        self._lessons: tuple[Lesson, ...] = ()
        self._page = QWidget()
        self._layout = QVBoxLayout(self._page)
        self._layout.setContentsMargins(12, 4, 12, 8)
        self._layout.setSpacing(6)
        self.intro = Label(
            tr("In each step you predict, run and see. Your own experiment comes back when you close the lesson.")
        )
        self.intro.setWordWrap(True)
        self._layout.addWidget(self.intro)
        self.setWidget(self._page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        course.listed.connect(self._fill)

    def show_progress(self) -> None:
        """Shows which lessons are done."""
        for lesson in self._lessons:
            text = tr("{minutes} min, {steps} steps")
            if self._course.done(lesson):
                text = tr("{minutes} min, {steps} steps, ✓ done")
            more = text.format(minutes=lesson.minutes, steps=len(lesson.steps))
            self.buttons[lesson.key].set_texts(f"{lesson.order}. {lesson.title}", more)

    def _fill(self, lessons: tuple[Lesson, ...]) -> None:
        if self.buttons:
            return
        titles = {
            "beginner": tr("From the beginning"),
            "methods": tr("Optimizers and schedules"),
            "practice": tr("In practice"),
        }
        path = ""
        self._lessons = lessons
        for lesson in lessons:
            if lesson.path != path:
                path = lesson.path
                self._layout.addWidget(heading(titles[path]))
            button = WrappedButton()
            button.clicked.connect(lambda _checked=False, lesson=lesson: self._course.begin(lesson))
            self._layout.addWidget(button)
            self.buttons[lesson.key] = button
        self._layout.addStretch()
        self.show_progress()
