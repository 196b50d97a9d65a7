"""The dock of the lessons, on the right of the plots: the list, and the page of the step."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QFileDialog, QMainWindow, QStackedWidget

from lrstudio.core.language import tr
from lrstudio.ui.docks.tab_dock import DockTitle
from lrstudio.ui.fields.actions import action
from lrstudio.ui.lessons.course import Course
from lrstudio.ui.lessons.ending import LessonEnd
from lrstudio.ui.lessons.learners import Learners
from lrstudio.ui.lessons.lesson_list import LessonList
from lrstudio.ui.lessons.page import StepPage
from lrstudio.ui.lessons.spotlight import Place, Spotlight
from lrstudio.ui.lessons.tour import Tour
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession

if TYPE_CHECKING:
    from lrstudio.ui.lessons.editor import StepEditor

_SHARE = 3
"""The dock takes at most this part of the window's width: a third."""
_CHARS = 46


class LessonDock(QDockWidget):
    """Hidden at first. The action `shown`, for a menu, opens and closes it; closing it ends the lesson.

    `places` are those of the names in `engine.lessons.LOOKS`.
    `progress` is the file of what learners have done.
    """

    def __init__(
        self,
        window: QMainWindow,
        session: OpenSession,
        bench: Bench,
        places: Mapping[str, Place],
        settings: Settings,
        progress: Path | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("lessons")
        self.setWindowTitle(tr("Lessons"))
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self._title = DockTitle(self)
        self.setTitleBarWidget(self._title)
        self.learners = Learners(bench, progress, self)
        self.course = Course(session, bench, self.learners, self)
        self._places, self._told = places, session.message
        tip = tr("A step of a lesson of your own: this experiment with your text, a question or a task")
        self.make_step: QAction = action(self, tr("&Make a lesson step…"), self._make_step, None, tip)
        tip = tr("Lessons in a folder of your own or on a stick")
        self.open_folder: QAction = action(self, tr("Open &lesson folder…"), self._ask_folder, None, tip)
        entries = self.open_folder, self.make_step
        self.list = LessonList(self.course, self.learners, session, bench, window, *entries)
        self.editor: StepEditor | None = None
        names = {name: place.title for name, place in places.items()}
        self._new_editor = partial(_editor, session, bench, settings, names, window)
        self.page = StepPage(self.course, names)
        self.end = LessonEnd(self.learners, lambda: self.list.known)
        self.spotlight = Spotlight(window)
        self.stack = QStackedWidget()
        for page in (self.list, self.page, self.end):
            self.stack.addWidget(page)
        self.setWidget(self.stack)
        tip = tr("Learn step by step what the learning rate does: predict, run, understand")
        self.shown: QAction = action(self, tr("&Lessons"), self._toggle, "Shift+F1", tip, checked=False)
        self._tour: Tour | None = None
        tip = tr("Five parts of the window and what they are for")
        self.begin_tour: QAction = action(self, tr("&Tour"), self._begin_tour, None, tip)
        self.learners.told.connect(session.message)
        self.learners.failed.connect(session.failed)
        self.learners.changed.connect(self._read)
        self.visibilityChanged.connect(lambda _visible: self.shown.setChecked(self.isVisible()))
        self.course.step_changed.connect(self._show_page)
        self.course.ended.connect(self._show_list)
        self.page.list_requested.connect(self.course.leave)
        self.page.finished.connect(self._show_end)
        self.end.list_requested.connect(self.course.leave)
        self.end.back_requested.connect(lambda: self.stack.setCurrentWidget(self.page))
        self.end.lesson_chosen.connect(self.course.begin)
        self.end.step_chosen.connect(lambda index: self.course.go(index - self.course.index))
        self.page.look_requested.connect(self._look)
        window.installEventFilter(self)
        FontFit(self, self._fit)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self)
        self.hide()

    def _begin_tour(self) -> None:
        if self._tour is None:
            self._tour = Tour(self._window, self.spotlight, self._places)
        self._tour.start()

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
        self.learners.read()
        self._read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            QTimer.singleShot(0, self, self._leave_if_hidden)  # docks that are restored are hidden for a moment

    def _leave_if_hidden(self) -> None:
        if self.isHidden():
            self.course.leave()

    def _fit(self) -> None:
        """Gives the dock the width of a good line, and at most a third of the window's."""
        wanted = self.fontMetrics().averageCharWidth() * _CHARS
        self.setFixedWidth(max(200, min(wanted, self._window.width() // _SHARE)))

    def open_path(self, path: Path) -> None:
        """Shows the lessons of a folder, or begins the lesson of a file."""
        self.course.leave()
        self.list.open_path(path)
        self.show()

    def close_all(self) -> None:
        """Keeps what is not kept yet, before the window closes."""
        self.learners.close()
        if self.editor is not None:
            self.editor.keep_draft()

    def _make_step(self) -> None:
        if self.editor is None:
            self.editor = self._new_editor()
            self.editor.tried.connect(self.open_path)
        self.editor.open_for_step()

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self._window, tr("Open lesson folder"))
        if name:
            self.open_path(Path(name))

    def _read(self) -> None:
        """Reads the lessons once it is known what has been done."""
        if not self.isHidden() and self.learners.known:
            self.list.read()

    def _toggle(self) -> None:
        self.setVisible(self.isHidden())
        if not self.isHidden():
            self.list.learner.button.setFocus()  # Tab leads on to the lessons

    def _show_page(self) -> None:
        """Shows the step; a focus that was in the lessons goes to what the step asks."""
        focused = QApplication.focusWidget()
        mine = focused is not None and self.isAncestorOf(focused)
        self.stack.setCurrentWidget(self.page)
        self.spotlight.point_at(None)
        if mine and self.course.work.guess is None:
            self.page.focus_first()

    def _show_list(self) -> None:
        self.spotlight.point_at(None)
        self.stack.setCurrentWidget(self.list)

    def _show_end(self) -> None:
        assert self.course.lesson is not None
        self.end.show_lesson(self.course.lesson)
        self.stack.setCurrentWidget(self.end)
        (self.end.next if self.end.next.isVisible() else self.end.list_button).setFocus()

    def _look(self, name: str) -> None:
        place = self._places[name]
        if not self.spotlight.point_at(place):
            self._told.emit(tr("“{name}” is not shown in this step", name=place.title))


def _editor(
    session: OpenSession, bench: Bench, settings: Settings, places: Mapping[str, str], window: QMainWindow
) -> StepEditor:
    from lrstudio.ui.lessons.editor import StepEditor  # no start without it should wait for this

    return StepEditor(session, bench, settings, places, window)
