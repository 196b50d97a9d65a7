"""Letters of every size: nothing is cut off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.docks.status_line import Note
from tests.e2e.conftest import Driver

SIZES = ((1280, 800), (1920, 1080))


@pytest.fixture
def driver(driver: Driver) -> Iterator[Driver]:
    yield driver
    driver.window.font_size.choose(None)


def needed(widget: QWidget) -> int:
    """The width that a widget's text takes, in pixels."""
    text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()  # type: ignore[attr-defined]
    return widget.fontMetrics().horizontalAdvance(text)


def room(widget: QWidget) -> int:
    """The width that it has for its text."""
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        return widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, widget).width()
    if isinstance(widget, QAbstractSpinBox):
        return widget.lineEdit().width() - 4
    return widget.width()


def clipped(window: QWidget) -> list[str]:
    """What is visible and has less room than its text needs, or stands out of what holds it."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, Note):
            continue
        name = f"{type(widget).__name__} {getattr(widget, 'text', widget.accessibleName)()!r}"
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.height() < widget.heightForWidth(widget.width()):
                found.append(f"{name} is {widget.height()} high")
        elif isinstance(widget, QAbstractButton):
            if widget.width() < widget.minimumSizeHint().width() or widget.height() < widget.minimumSizeHint().height():
                found.append(f"{name} is {widget.size()}")
        elif isinstance(widget, QLabel | QComboBox | QAbstractSpinBox) or type(widget) is QLineEdit:
            if room(widget) < needed(widget):
                found.append(f"{name} has {room(widget)} px and needs {needed(widget)}")
            if widget.height() < widget.fontMetrics().height():
                found.append(f"{name} is {widget.height()} high")
        else:
            continue
        if stands_out(widget, window):
            found.append(f"{name} stands out")
    return found


def stands_out(widget: QWidget, window: QWidget) -> bool:
    """Whether a part of it lies outside of something that holds it; what scrolls may lie further down."""
    outer = widget.parentWidget()
    while outer is not None:
        place = QRect(widget.mapTo(outer, QPoint()), widget.size())
        scrolls = isinstance(outer.parentWidget(), QAbstractScrollArea)
        if place.left() < 0 or place.right() >= outer.width():
            return True
        if not scrolls and (place.top() < 0 or place.bottom() >= outer.height()):
            return True
        if scrolls or outer is window:
            return False
        outer = outer.parentWidget()
    return False


def choose(driver: Driver, points: float) -> None:
    """Choose a size and let everything follow."""
    driver.window.font_size.choose(points)
    driver.until(lambda: driver.window.dock.field("steps").font().pointSizeF() == points)
    for _ in range(5):
        QApplication.processEvents()


@pytest.mark.parametrize("points", [9, 13, 18, 24])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut_off(driver: Driver, points: int, size: tuple[int, int]) -> None:
    window = driver.window
    window.resize(*size)
    window.table_dock.show()
    choose(driver, points)
    assert clipped(window) == []
    assert clipped(window) == []
    assert (window.width(), window.height()) == size


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
