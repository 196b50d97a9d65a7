"""The dock of the lessons with the parts of the window that it holds back and points at."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.docks.experiment import ExperimentDock
from lrstudio.ui.docks.transport import Transport
from lrstudio.ui.files.actions import FileActions
from lrstudio.ui.lessons.course import Course
from lrstudio.ui.lessons.dock import Find, LessonDock
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
    PlotRoom(lessons, views, session)
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
        self._before: str | None = None
        self._enlarged = self._waits = False
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
        looks = [name for name in self._course.step.look if name in area.applicable]
        if area.width() >= area.fontMetrics().averageCharWidth() * _ROOMY_CHARS:
            area.require_views(looks)
            return
        if not self._enlarged:
            self._before, self._enlarged = area.enlarged, True
        area.enlarge(next(iter(looks or [name for name in area.frames if name in area.applicable])))

    def _restore(self) -> None:
        if self._enlarged:
            self._views.area.enlarge(self._before)
            self._enlarged = False


def _places(run: RunActions, dock: ExperimentDock, transport: Transport, views: Views) -> dict[str, tuple[str, Find]]:
    """Returns what lessons can point at: names of `engine.lessons.LOOKS`, what they are called, and where they are."""

    def button(name: str) -> QWidget | None:
        return transport.widgetForAction(getattr(run, name))

    def view(key: str) -> QWidget | None:
        if views.area.enlarged is not None:
            views.area.enlarge(key)
        elif not views.area.is_requested(key):
            views.area.require_views((key,))
        return views.area.frames.get(key)

    return {
        "problem": (tr("the problem"), lambda: dock.problem),
        "runs": (tr("the runs and their verdicts"), lambda: dock.runs),
        "lr": (tr("the learning rate"), lambda: dock.lr),
        "ruler": (tr("the ruler of rates"), lambda: dock.ruler),
        "run": (tr("Run"), partial(button, "play")),
        "step": (tr("Step"), partial(button, "step")),
        "reset": (tr("Reset"), partial(button, "reset")),
        "timeline": (tr("the timeline"), lambda: transport.timeline),
        "speed": (tr("the speed"), lambda: transport.speed),
        **{each.key: (tr(each.title), partial(view, each.key)) for each in VIEWS},
    }
