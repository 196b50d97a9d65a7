"""Letters of every size: nothing is cut off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QTextEdit

from lrstudio.ui.canvases.loss import LossCanvas
from tests.e2e.conftest import Driver
from tests.e2e.screen import clipped

SIZES = ((1280, 800), (1920, 1080))


@pytest.fixture
def driver(driver: Driver) -> Iterator[Driver]:
    yield driver
    driver.window.font_size.choose(None)


def choose(driver: Driver, points: float) -> None:
    """Choose a size and let everything follow."""
    driver.window.font_size.choose(points)
    driver.until(lambda: driver.window.dock.field("steps").font().pointSizeF() == points)
    for _ in range(5):
        QApplication.processEvents()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut_off(driver: Driver, size: tuple[int, int]) -> None:
    window = driver.window
    window.resize(*size)
    window.table_dock.show()
    for points in (9, 13, 18, 24):
        choose(driver, points)
        assert (points, clipped(window)) == (points, [])
        assert (points, window.width(), window.height()) == (points, *size)


def test_a_long_name_and_open_docks_at_24_points_leave_the_window_its_size(driver: Driver) -> None:
    window = driver.window
    window.resize(1280, 800)
    long = driver.session.experiment.with_run(0, label="一个很长的中文名字 and a very long English name after it")
    driver.session.edit(long)
    for dock in (window.table_dock, window.compare_dock, window.explain):
        dock.show()
    choose(driver, 24)
    assert window.width() == 1280


@pytest.mark.parametrize("optimizer", ["Adam", "ASGD"])
def test_other_knobs_at_24_points_are_not_cut_off(driver: Driver, optimizer: str) -> None:
    driver.window.resize(1280, 800)
    choose(driver, 24)
    driver.until_new_trace(lambda: driver.menu("Optimizer", optimizer))
    driver.until(lambda: not clipped(driver.window))


def test_the_keys_change_the_size_and_it_stays_within_9_and_24(driver: Driver) -> None:
    window = driver.window
    choose(driver, 13)
    driver.menu("View", "Font size", "Larger")
    assert (window.font_size.points, QApplication.font().pointSizeF()) == (14, 14)
    for _ in range(20):
        driver.menu("View", "Font size", "Smaller")
    assert QApplication.font().pointSizeF() == 9
    for _ in range(20):
        driver.menu("View", "Font size", "Larger")
    assert QApplication.font().pointSizeF() == 24
    driver.menu("View", "Font size", "Reset")
    assert QApplication.font().pointSizeF() == window.font_size.points


def test_plots_and_rows_follow(driver: Driver) -> None:
    window = driver.window
    choose(driver, 24)
    driver.until(lambda: window.views.canvas(LossCanvas).header.font().pointSizeF() == 24)
    assert window.table.view.verticalHeader().defaultSectionSize() > window.fontMetrics().height()
    assert window.runs.view.height() >= 3 * 2 * window.fontMetrics().height()


def test_the_transport_gives_up_its_texts_before_its_buttons(driver: Driver) -> None:
    window = driver.window
    window.resize(1280, 800)
    choose(driver, 24)
    transport = window.transport
    driver.until(lambda: transport.sizeHint().width() <= transport.width())
    assert all(transport.widgetForAction(entry).isVisible() for entry in window.run_actions.actions())
    assert transport.step_label.isVisible()


def test_the_least_window_is_small(driver: Driver) -> None:
    choose(driver, 9)
    driver.until(lambda: driver.window.minimumSizeHint().width() < 640)
    assert driver.window.minimumSizeHint().height() < 480


def test_a_change_of_font_is_painted_once_the_layout_is_done(driver: Driver) -> None:
    driver.window.font_size.choose(16)
    assert not driver.window.updatesEnabled()
    driver.until(driver.window.updatesEnabled)


def test_ctrl_and_the_wheel_leave_the_letters_of_every_text_to_read_their_size(driver: Driver) -> None:
    window = driver.window
    window.explain.show()
    window.lessons.shown.trigger()
    driver.until(lambda: "limit" in window.lessons.list.buttons)
    driver.until_new_trace(window.lessons.list.buttons["limit"].click)
    for path in (("Help", "Guide and reference"), ("Help", "Keyboard shortcuts")):
        driver.menu(*path)
    texts = [each for each in QApplication.allWidgets() if isinstance(each, QTextEdit) and each.isReadOnly()]
    assert len(texts) > 6
    turn, buttons, phase = QPoint(0, -240), Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    for text in texts:
        control = Qt.KeyboardModifier.ControlModifier
        event = QWheelEvent(QPointF(5, 5), QPointF(5, 5), QPoint(), turn, buttons, control, phase, False)
        QApplication.sendEvent(text.viewport(), event)
        assert text.font().pointSizeF() == window.font().pointSizeF(), text.accessibleName()
