"""The simple window and the presentation."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget
from pytestqt.qtbot import QtBot

from lrstudio.engine.examples import EXAMPLES
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.window.main_window import MainWindow
from lrstudio.ui.window.modes import Spotlight
from tests.e2e.conftest import Driver
from tests.e2e.test_lessons import click, open_lesson


def visible_docks(window: MainWindow) -> set[str]:
    return {dock.objectName() for dock in window.findChildren(QDockWidget) if dock.isVisible()}


def test_the_simple_window_shows_problem_rate_runs_and_two_plots_alone(driver: Driver) -> None:
    window = driver.window
    window.simple.shown.trigger()
    dock = window.dock
    assert dock.problem.isVisible() and dock.lr.isVisible() and dock.ruler.isVisible() and window.runs.isVisible()
    assert not any(each.isVisible() for each in (dock.optimizer, dock.schedule, dock.computation, dock.problem_form))
    assert window.views.area.shown() == ["landscape", "loss"]


def test_one_click_brings_everything_back(driver: Driver) -> None:
    window = driver.window
    before = window.views.area.shown()
    window.simple.shown.trigger()
    QTest.mouseClick(window.dock.more, Qt.MouseButton.LeftButton)
    assert window.dock.optimizer.isVisible() and window.views.area.shown() == before
    assert not window.simple.shown.isChecked()


@pytest.mark.parametrize(("key", "view"), [("digits", "mistakes"), ("spiral", "boundary"), ("first", "landscape")])
def test_each_example_has_its_best_plot_in_the_simple_window(driver: Driver, key: str, view: str) -> None:
    window = driver.window
    window.simple.show(True)
    example = next((each for each in EXAMPLES if each.key == key), EXAMPLES[0])
    driver.until_new_trace(lambda: window.session.show(example.experiment))
    assert {view, "loss"} <= set(window.views.area.shown())


def test_a_plot_that_is_asked_for_joins_the_two_of_the_simple_window(driver: Driver) -> None:
    area = driver.window.views.area
    driver.window.simple.show(True)
    area.set_shown("rate", True)
    assert area.shown() == ["landscape", "loss", "rate"]
    area.set_shown("loss", False)
    assert area.shown() == ["landscape", "rate"]


def test_the_choice_of_the_simple_window_is_saved(tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    settings = Settings(store)
    assert settings.simple is None
    for simple in (True, False):
        settings.simple = simple
        settings.sync()
        assert Settings(QSettings(store.fileName(), QSettings.Format.IniFormat)).simple is simple


def test_the_rate_has_the_largest_letters_of_the_dock(driver: Driver) -> None:
    dock = driver.window.dock
    points = {name: getattr(dock, name).font().pointSizeF() for name in ("lr", "problem", "optimizer")}
    assert points["lr"] > 1.4 * max(points["problem"], points["optimizer"])


def test_a_presentation_shows_plots_transport_and_rate_alone_with_large_letters_and_lines(driver: Driver) -> None:
    window = driver.window
    points = QApplication.font().pointSizeF()
    window.table_dock.shown.trigger()
    window.presentation.shown.trigger()
    assert window.isFullScreen() and not window.menuBar().isVisible() and not window.statusBar().isVisible()
    assert visible_docks(window) == {"experiment"}
    assert window.dock.lr.isVisible() and window.dock.ruler.isVisible() and not window.dock.problem.isVisible()
    assert window.transport.isVisible() and window.views.area.shown() == ["landscape", "loss"]
    assert QApplication.font().pointSizeF() >= 18 > points
    assert window.views.canvas(LossCanvas).style(0).thick > 1.5
    window.presentation.end()


@pytest.mark.parametrize(("width", "height"), [(800, 800), (1024, 768), (1280, 800), (1920, 1080)])
def test_a_presentation_leaves_the_screen_to_the_plots_and_loses_no_control(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, width: int, height: int
) -> None:
    window = driver.window
    monkeypatch.setattr(window, "showFullScreen", lambda: window.resize(width, height))
    window.session.edit(window.session.experiment.changed("steps", 10**6))
    driver.until(lambda: "1,000,000" in window.transport.step_label.text())
    window.presentation.start()
    dock, transport = window.dock, window.transport
    controls = transport.timeline, transport.speed, *map(transport.widgetForAction, window.run_actions.actions())
    driver.until(lambda: window.views.height() > height // 2)
    driver.until(lambda: dock.lr.mapTo(dock, QPoint()).y() <= 16)  # no empty strip above the rate
    driver.until(lambda: dock.height() - dock.ruler.geometry().bottom() <= 24)  # and none below its ruler
    driver.until(lambda: all(each.isVisible() and transport.rect().contains(each.geometry()) for each in controls))
    assert not window.views.question.isVisible()
    window.presentation.end()
    driver.until(lambda: window.views.question.isVisible() == bool(window.views.question.question_label.text()))


def test_a_lesson_goes_on_in_a_presentation_and_after_it(driver: Driver) -> None:
    window, course = driver.window, driver.window.lessons.course
    page = open_lesson(driver, "limit")
    driver.until_new_trace(lambda: course.go(1))
    trace = window.session.trace
    window.presentation.start()
    assert visible_docks(window) == {"experiment", "lessons"} and page.isVisible()
    assert window.dock.problem.isHidden() or not window.dock.problem.isVisible()
    page.look_requested.emit("runs")  # is shown, and put back
    assert window.runs.isVisible() and window.lessons.spotlight.target is window.runs
    page.look_requested.emit("lr")
    assert not window.runs.isVisible() and window.lessons.spotlight.target is window.dock.lr
    click(page.prediction.choices[0])
    click(page.prediction.button)
    window.presentation.end()
    driver.until(window.dock.problem.isVisible)
    assert course.lesson is not None and course.index == 1 and course.work.guess == 0
    assert window.session.trace is trace and window.session.visiting and page.isVisible()
    assert visible_docks(window) == {"experiment", "lessons"}


def test_escape_ends_a_presentation_and_everything_is_as_before(driver: Driver) -> None:
    window = driver.window
    window.table_dock.shown.trigger()
    before = (
        window.views.area.shown(),
        visible_docks(window),
        QApplication.font().pointSizeF(),
        window.dockWidgetArea(window.dock),
        window.isFullScreen(),
    )
    window.presentation.shown.trigger()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.presentation.on
    assert (
        window.views.area.shown(),
        visible_docks(window),
        QApplication.font().pointSizeF(),
        window.dockWidgetArea(window.dock),
        window.isFullScreen(),
    ) == before
    assert window.menuBar().isVisible() and window.statusBar().isVisible() and window.dock.problem.isVisible()
    assert window.views.canvas(LossCanvas).style(0).thick == 1


def test_presentations_leave_no_widgets_behind(driver: Driver) -> None:
    presentation = driver.window.presentation
    counts = []
    for _ in range(4):
        presentation.start()
        presentation.end()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        counts.append(Counter(type(widget).__name__ for widget in driver.window.findChildren(QWidget)))
    assert counts[3] == counts[1]


def test_a_window_that_closes_during_a_presentation_saves_nothing_of_it(qtbot: QtBot, tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    points = QApplication.font().pointSizeF()
    window = MainWindow(settings=store)
    window.show()
    window.presentation.start()
    window.end()
    qtbot.waitUntil(lambda: not window.feed.alive)
    assert QApplication.font().pointSizeF() == points
    assert Settings(store).points is None and Settings(store).simple is None
    again = MainWindow(settings=store)
    assert again.dockWidgetArea(again.dock) is Qt.DockWidgetArea.LeftDockWidgetArea
    again.end()
    qtbot.waitUntil(lambda: not again.feed.alive)


def test_the_spotlight_follows_the_pointer_and_takes_no_clicks(driver: Driver) -> None:
    window = driver.window
    window.presentation.start()
    spotlight = window.findChild(Spotlight)
    assert spotlight is not None

    def follows(x: int) -> bool:
        for moved in (x + 1, x):  # the layout of the presentation may still move the widget below
            QTest.mouseMove(window.views, QPoint(moved, 10))
        at = window.views.mapTo(window, QPoint(x, 10))
        return (spotlight.geometry().center() - at).manhattanLength() <= 2

    for x in (40, 90):
        driver.until(partial(follows, x))
    assert spotlight.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    window.presentation.end()
