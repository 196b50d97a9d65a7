"""The first tour of the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from lrstudio.engine.lessons import LOOKS
from lrstudio.ui.lessons.tour import STOPS, Tour
from tests.e2e.conftest import Driver
from tests.e2e.test_lessons import open_lesson


def begun(driver: Driver) -> Tour:
    driver.menu("Help", "Tour")
    tour = driver.window.findChild(Tour)
    assert tour is not None
    return tour


def test_five_steps_point_at_parts_of_the_window_and_end(driver: Driver) -> None:
    tour = begun(driver)
    window = driver.window
    parts = [window.dock.problem, window.dock.lr, None, window.runs, window.dock.ruler]
    for index, part in enumerate(parts):
        assert tour.isVisible() and tour.count.text() == f"{index + 1} of 5"
        assert window.rect().contains(tour.geometry())
        target = window.lessons.spotlight.target
        assert target is not None and (part is None or target is part)
        covered = QRect(target.mapTo(window, QPoint()), target.size()).intersected(tour.geometry())
        assert covered.isEmpty(), f"{STOPS[index][0]} is covered"
        QTest.mouseClick(tour.next, Qt.MouseButton.LeftButton)
    assert not tour.isVisible() and window.lessons.spotlight.target is None


def test_what_is_hidden_is_left_out_and_nothing_points_at_it(driver: Driver) -> None:
    window = driver.window
    page = open_lesson(driver, "gradient")
    driver.until_new_trace(lambda: window.lessons.course.go(5))  # a task, whose answer the ruler would tell
    assert window.dock.ruler.isHidden()
    tour = begun(driver)
    seen = []
    while tour.isVisible():
        target = window.lessons.spotlight.target
        assert target is not None and target.isVisible()
        seen.append(tour.count.text())
        QTest.mouseClick(tour.next, Qt.MouseButton.LeftButton)
    assert seen == [f"{number} of 4" for number in range(1, 5)]
    page.look_requested.emit("ruler")
    assert window.lessons.spotlight.target is None and not window.dock.ruler.isVisible()
    assert window.status.note.text() == "“the ruler of rates” is not shown in this step"


@pytest.mark.parametrize("simple", [True, False])
def test_a_plot_that_is_hidden_is_shown_and_put_back(driver: Driver, simple: bool) -> None:
    window, area = driver.window, driver.window.views.area
    page = open_lesson(driver, "limit")
    window.simple.show(simple)
    area.set_shown("rate", False)
    before = area.shown(), area.enlarged
    page.look_requested.emit("rate")
    assert area.frames["rate"].isVisible() and window.lessons.spotlight.target is area.frames["rate"]
    if area.enlarged is None:
        assert set(before[0]) < set(area.shown())  # the others stay
    page.look_requested.emit("lr")
    assert (area.shown(), area.enlarged) == before
    page.look_requested.emit("accuracy")  # of a network
    assert window.lessons.spotlight.target is None and (area.shown(), area.enlarged) == before


def test_plots_that_a_lesson_needs_go_when_it_ends(driver: Driver) -> None:
    area = driver.window.views.area
    driver.window.resize(1920, 1080)
    before = area.shown()
    page = open_lesson(driver, "edge_of_stability")
    driver.until(area.frames["curvature"].isVisible)
    driver.until_new_trace(page.list_requested.emit)
    assert area.shown() == before


def test_back_shows_the_part_before(driver: Driver) -> None:
    tour = begun(driver)
    assert not tour.back.isEnabled()
    first = tour.text.text()
    QTest.mouseClick(tour.next, Qt.MouseButton.LeftButton)
    assert tour.text.text() != first
    QTest.mouseClick(tour.back, Qt.MouseButton.LeftButton)
    assert tour.text.text() == first


@pytest.mark.parametrize("key", [True, False])
def test_it_can_be_left_at_any_time(driver: Driver, key: bool) -> None:
    tour = begun(driver)
    QTest.mouseClick(tour.next, Qt.MouseButton.LeftButton)
    if key:
        QTest.keyClick(tour.next, Qt.Key.Key_Escape)
    else:
        QTest.mouseClick(tour.leave, Qt.MouseButton.LeftButton)
    assert not tour.isVisible()


def test_its_places_are_those_of_lessons() -> None:
    assert {place for place, _ in STOPS} <= set(LOOKS)
