"""Small windows, small screens and large letters: nothing lies over anything else, what does not fit scrolls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.drawing.axis import Axis
from lrstudio.ui.look.theme import LIGHT
from lrstudio.ui.runs.dialogs import VaryDialog
from lrstudio.ui.window.help import ShortcutsDialog
from tests.e2e.conftest import Driver
from tests.e2e.test_font_size import choose
from tests.e2e.test_landscape_window import show


@pytest.fixture
def large(driver: Driver) -> Iterator[Driver]:
    """The window with letters of 24 points."""
    choose(driver, 24)
    yield driver
    driver.window.font_size.choose(None)


def test_the_hint_of_vary_is_read_to_its_end(large: Driver, qtbot: QtBot) -> None:
    dialog = VaryDialog(large.session.experiment, 0, LIGHT)
    qtbot.addWidget(dialog)
    dialog.show()
    QApplication.processEvents()
    for label in dialog.findChildren(QLabel):
        needed = label.fontMetrics().horizontalAdvance(label.text())
        assert label.height() >= label.heightForWidth(label.width()) if label.wordWrap() else label.width() >= needed


def test_the_page_of_shortcuts_fits_the_screen(large: Driver) -> None:
    large.menu("Help", "Keyboard shortcuts")
    dialog = large.window.findChild(ShortcutsDialog)
    assert dialog is not None
    room = dialog.screen().availableSize()
    assert dialog.size().boundedTo(room) == dialog.size()
    assert dialog.page.verticalScrollBar().maximum() > 0
    dialog.close()


def test_a_narrow_step_table_scrolls_and_a_wide_one_is_filled(driver: Driver) -> None:
    window, table = driver.window, driver.window.table.view
    driver.menu("View", "Step table")
    window.resize(1900, 900)
    driver.until(lambda: table.horizontalHeader().length() == table.viewport().width())
    window.resize(640, 600)
    driver.until(lambda: table.horizontalScrollBar().maximum() > 0)
    needed = table.fontMetrics().horizontalAdvance("-0.1234567")
    header = table.horizontalHeader()
    assert min(header.sectionSize(column) for column in range(header.count())) > needed


@pytest.mark.parametrize("width", [60, 120, 200, 700])
def test_the_title_of_a_plot_ends_before_its_buttons(driver: Driver, width: int) -> None:
    header = driver.window.views.canvas(RateCanvas).header
    header.title = "learning rate"
    header.resize(width, header.minimumHeight())
    metrics = QFontMetricsF(header.font())
    title = header.elided_title()
    assert metrics.horizontalAdvance(title) <= max(0, width - header.reserved)
    assert (title == "learning rate") == (width >= 200)


def overlapping(axis: Axis) -> list[str]:
    """Labels that lie over another one."""
    low, high = axis.range
    upright = axis.orientation == "left"
    metrics = QFontMetricsF(axis.style["tickFont"])
    spacing, values = axis.tickValues(low, high, 0.0)[0]
    texts = axis.tickStrings(values, 1.0, spacing)
    scale = (axis.height() if upright else axis.width()) / (high - low)
    labels = sorted((value * scale, text) for value, text in zip(values, texts, strict=True) if text)
    halves = [(metrics.ascent() if upright else metrics.horizontalAdvance(text)) / 2 for _, text in labels]
    return [
        f"{labels[place][1]} and {labels[place + 1][1]}"
        for place in range(len(labels) - 1)
        if labels[place][0] + halves[place] > labels[place + 1][0] - halves[place + 1]
    ]


@pytest.mark.parametrize("size", [QSize(130, 90), QSize(180, 110), QSize(260, 160), QSize(800, 500)], ids=str)
def test_the_labels_of_a_tiny_plot_do_not_lie_over_one_another(large: Driver, size: QSize) -> None:
    show(large, "noisy_line")
    large.menu("View", "Logarithmic steps")
    for log in (True, False):
        for canvas in large.window.views.canvases:
            canvas.resize(size)
            canvas.plotItem.layout.activate()
            assert [overlapping(canvas.axes[side]) for side in ("left", "bottom")] == [[], []]
        if log:
            large.menu("View", "Logarithmic steps")
