"""F1 and question marks: every control of every window leads to a page of the help that exists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QApplication, QDialog, QMenuBar, QTabBar, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from lrstudio.core.language import tr, use
from lrstudio.engine.examples import EXAMPLES
from lrstudio.ui.docks.tab_dock import TabDock
from lrstudio.ui.figures.dialog import FigureDialog
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from lrstudio.ui.instruments.sweep.window import SweepWindow
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.help import HelpButton, page_about
from lrstudio.ui.runs.dialogs import VaryDialog
from lrstudio.ui.views.catalogue import VIEWS
from lrstudio.ui.window.reference import HelpWindow
from tests.e2e.conftest import Driver

_KEY = Qt.ItemDataRole.UserRole


def open_help(driver: Driver) -> HelpWindow:
    driver.until(lambda: driver.window.findChild(HelpWindow) is not None)
    found: HelpWindow | None = driver.window.findChild(HelpWindow)
    assert found is not None
    return found


def page_shown(driver: Driver) -> str:
    return str(open_help(driver).list.currentItem().data(0, _KEY))


def controls(window: QWidget) -> Iterator[QWidget]:
    """What of a window takes the focus."""
    for widget in window.findChildren(QWidget):
        own = widget.window() is window or isinstance(widget.window(), TabDock)
        bars = isinstance(widget, (QMenuBar, QTabBar)) or isinstance(widget.parentWidget(), QTabBar)
        if own and widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not bars:
            yield widget


def instruments(driver: Driver) -> list[InstrumentWindow]:
    for path in (("Tools", "Range test…"), ("Tools", "Sweep…"), ("Tools", "Map…")):
        driver.menu(*path)
    found = driver.window.findChildren(InstrumentWindow)
    assert {type(each) for each in found} == {RangeTestWindow, SweepWindow, MapWindow}
    return found


@pytest.mark.parametrize("metric", [(), ("accuracy",)], ids=["formula", "network"])
def test_every_control_of_every_window_leads_to_a_page(driver: Driver, metric: tuple[str, ...]) -> None:
    example = next(each for each in EXAMPLES[1:] if set(metric) <= set(each.experiment.problem.metrics))
    driver.until_new_trace(lambda: driver.session.show(example.experiment.bare()))
    for dock in driver.window.findChildren(TabDock):
        dock.shown.trigger()
    driver.menu("Help", "Guide and reference")
    keys = open_help(driver).keys
    windows: list[QWidget] = [driver.window, *instruments(driver)]
    for window in windows:
        found = list(controls(window))
        assert len(found) > 8
        missing = {
            (type(widget).__name__, widget.accessibleName(), type(widget.parentWidget()).__name__)
            for widget in found
            if page_about(widget) not in keys
        }
        assert not missing, f"{window.windowTitle()}: {missing}"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_plot_has_a_page_with_its_title(qtbot: QtBot, driver: Driver, language: str) -> None:
    driver.menu("Help", "Guide and reference")
    assert {f"view/{view.key}" for view in VIEWS} <= open_help(driver).keys
    use(language)
    try:
        from lrstudio.engine.help.handbook import sections

        titles = {section.key: section.title for section in sections(language)}
        assert {view.key: titles[f"view/{view.key}"] for view in VIEWS} == {v.key: tr(v.title) for v in VIEWS}
    finally:
        use("en")


def test_question_marks_lead_to_the_page_of_their_window(driver: Driver) -> None:
    expected = {RangeTestWindow: "tool/range_test", SweepWindow: "tool/sweep", MapWindow: "tool/map"}
    for window in instruments(driver):
        window.findChild(HelpButton).click()
        assert page_shown(driver) == expected[type(window)]
    for dock, page in ((driver.window.compare_dock, "tool/compare"), (driver.window.table_dock, "tool/step")):
        dock.findChild(HelpButton).click()
        assert page_shown(driver) == page
    driver.window.explain.findChild(HelpButton).click()
    assert page_shown(driver) == "tool/explain"


def test_f1_shows_the_page_about_the_focus_and_after_a_move_that_below_the_mouse(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = driver.window
    canvas = window.views.area.frames["loss"].canvas
    window.activateWindow()
    window.dock.optimizer.setFocus()
    window.menus.show_experiment(window.session.experiment)
    f1: QAction = driver.entry("Help", "Guide and reference")
    middle = canvas.mapToGlobal(canvas.rect().center())
    mouse = [middle]
    monkeypatch.setattr(QCursor, "pos", lambda: mouse[0])
    window.dock.schedule.setFocus()
    window.dock.optimizer.setFocus()
    f1.trigger()
    assert page_shown(driver) == "optimizer/sgd"
    window.activateWindow()
    window.dock.optimizer.setFocus()
    mouse[0] = middle + QPoint(3, 3)
    monkeypatch.setattr(QApplication, "widgetAt", lambda _at: canvas)
    f1.trigger()
    assert page_shown(driver) == "view/loss"


def test_f1_works_in_a_window_of_a_tool_and_in_a_dialog(driver: Driver) -> None:
    driver.menu("Tools", "Sweep…")
    sweep = driver.window.findChild(SweepWindow)
    sweep.activateWindow()
    driver.until(sweep.isActiveWindow)
    driver.qtbot.keyClick(sweep, Qt.Key.Key_F1)
    driver.until(lambda: page_shown(driver) == "tool/sweep")
    dialog = VaryDialog(driver.session.experiment, 0, driver.window.views.theme, driver.window)
    dialog.setModal(True)
    dialog.show()
    dialog.activateWindow()
    driver.until(dialog.isActiveWindow)
    driver.qtbot.keyClick(dialog, Qt.Key.Key_F1)
    driver.until(lambda: dialog.findChild(HelpWindow) is not None)
    found = dialog.findChild(HelpWindow)
    assert found.list.currentItem().data(0, _KEY) == "tool/vary" and found.isVisible()
    dialog.close()


def test_the_menu_of_a_plot_and_the_search_lead_to_its_page(driver: Driver) -> None:
    area = driver.window.views.area
    area.current = "loss"
    driver.window.menus.views.explain.trigger()
    assert page_shown(driver) == "view/loss"
    found = open_help(driver)
    driver.qtbot.keyClicks(found.search, "noise floor validation")
    items = [item for item in map(found.list.topLevelItem, range(found.list.topLevelItemCount())) if item is not None]
    shown = {
        item.child(row).data(0, _KEY)
        for item in items
        for row in range(item.childCount())
        if not item.child(row).isHidden()
    }
    assert "view/loss" in shown and "tool/map" not in shown


def test_a_help_button_is_large_enough_and_named(driver: Driver) -> None:
    for button in driver.window.findChildren(HelpButton):
        assert isinstance(button, QToolButton) and button.accessibleName() and "F1" in button.toolTip()
        assert button.sizeHint().expandedTo(button.minimumSize()).height() >= 24


def test_dialogs_name_their_page(driver: Driver) -> None:
    driver.menu("File", "Export figure…")
    dialog = driver.window.findChild(FigureDialog)
    assert isinstance(dialog, QDialog) and page_about(dialog) == "tool/figure"
    dialog.close()
