"""The first tour of the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from lrstudio.engine.lessons import LOOKS
from lrstudio.ui.lessons.tour import STOPS, Tour
from tests.e2e.conftest import Driver


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
