"""The dock of the lessons with the parts of the window that it holds back and points at."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QMainWindow, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.docks.experiment import ExperimentDock
from lrstudio.ui.docks.transport import Transport
from lrstudio.ui.files.actions import FileActions
from lrstudio.ui.lessons.course import Course
from lrstudio.ui.lessons.dock import LessonDock
from lrstudio.ui.lessons.spotlight import Place
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.catalogue import VIEWS
from lrstudio.ui.views.views import Views
from lrstudio.ui.window.run_actions import RunActions

_ROOMY_CHARS = 48
"""Width in characters above which the plots are readable beside one another."""


def lesson_dock(
    window: QMainWindow,
    session: OpenSession,
    bench: Bench,
    files: FileActions,
    run: RunActions,
    dock: ExperimentDock,
    transport: Transport,
    views: Views,
    settings: Settings,
    progress: Path | None,
) -> LessonDock:
    """Returns the dock of the lessons, connected; `progress` is the file of what learners have done."""
    lessons = LessonDock(window, session, bench, _places(run, dock, transport, views), settings, progress)
    files.lessons_found.connect(lessons.open_path)
    lessons.course.hold_changed.connect(run.hold)
    lessons.course.concealed.connect(dock.ruler.setHidden)
    lessons.course.pace_chosen.connect(transport.set_nearest_pace)
    course = lessons.course
    for changed in (course.step_changed, course.ended):
        changed.connect(partial(_show_sketch, course, views))
    return lessons


def _show_sketch(course: Course, views: Views) -> None:
    """Shows the curve that a step asks for in the plot of the loss."""
    canvas = views.area.frames["loss"].canvas
    if isinstance(canvas, LossCanvas) and canvas.sketch.sketch is not course.sketch:
        canvas.sketch.show_sketch(course.sketch)


class PlotRoom(QObject):
    """Shows the plots that a step points at, and the first of them alone while the lesson leaves no room for more."""

    def __init__(self, lessons: LessonDock, views: Views, session: OpenSession) -> None:
        super().__init__(lessons)
        self._course, self._views = lessons.course, views
        self._session = session
        self._before: str | None = None
        self._enlarged = self._waits = self._requires = self._roomy = False
        views.area.installEventFilter(self)
        lessons.course.step_changed.connect(self._show_step)
        session.simulation_changed.connect(self._show_simulation)
        lessons.course.ended.connect(self._restore)

    def _show_step(self) -> None:
        self._waits = True  # for the plots that apply to the problem of the step
        self._show_plots()

    def _show_simulation(self) -> None:
        if self._waits and self._course.lesson is not None:
            self._show_plots()
        self._waits = False

    def _show_plots(self) -> None:
        area = self._views.area
        self._roomy = self._is_roomy()
        looks = [name for name in self._course.step.look if name in area.applicable]
        if self._roomy:
            if self._enlarged:
                area.enlarge(self._before)
            area.require_views(looks)
            self._enlarged, self._requires = False, True
            return
        if not self._enlarged:
            self._before, self._enlarged = area.enlarged, True
        area.enlarge(next(iter(looks or [name for name in area.frames if name in area.applicable])))

    def renew(self) -> None:
        """Fits the plots of a lesson to a window that shows more or less than before."""
        if self._course.lesson is not None:
            self._show_plots()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._roomy is not self._is_roomy():
            self.renew()
        return False

    def _is_roomy(self) -> bool:
        area = self._views.area
        return area.width() >= area.fontMetrics().averageCharWidth() * _ROOMY_CHARS

    def _restore(self) -> None:
        if self._requires:
            example = self._session.example
            self._views.area.require_views(() if example is None or self._session.visiting else example.views)
            self._requires = False
        if self._enlarged:
            self._views.area.enlarge(self._before)
            self._enlarged = False


def _places(run: RunActions, dock: ExperimentDock, transport: Transport, views: Views) -> dict[str, Place]:
    """Returns what lessons can point at, by the names of `engine.lessons.LOOKS`."""
    area = views.area

    def button(name: str) -> QWidget | None:
        return transport.widgetForAction(getattr(run, name))

    return {
        "problem": Place(tr("the problem"), lambda: dock.problem, dock.reveal_page),
        "runs": Place(tr("the runs and their verdicts"), lambda: dock.runs, dock.reveal_page),
        "lr": Place(tr("the learning rate"), lambda: dock.lr),
        "ruler": Place(tr("the ruler of rates"), lambda: dock.ruler),
        "run": Place(tr("Run"), partial(button, "play")),
        "step": Place(tr("Step"), partial(button, "step")),
        "reset": Place(tr("Reset"), partial(button, "reset")),
        "timeline": Place(tr("the timeline"), lambda: transport.timeline),
        "speed": Place(tr("the speed"), lambda: transport.speed),
        **{
            each.key: Place(tr(each.title), partial(area.frames.get, each.key), partial(area.reveal, each.key))
            for each in VIEWS
        },
    }
