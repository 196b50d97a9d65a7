"""Every control says what it is and can be worked without a mouse."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMenu,
    QMenuBar,
    QScrollBar,
    QSlider,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from lrstudio.core.language import use
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.fields.formula_edit import FormulaEdit
from lrstudio.ui.fields.typed_line import LrFactorsEdit
from lrstudio.ui.lessons.learner_bar import LearnerBar
from lrstudio.ui.look.targets import LEAST
from lrstudio.ui.views.frame import CornerButton
from lrstudio.ui.window.help import ShortcutsDialog, entries, keys_of
from lrstudio.ui.window.main_window import MainWindow
from lrstudio.ui.window.reference import HelpWindow
from tests.e2e.conftest import Driver


def with_docks(driver: Driver) -> Driver:
    """Shows all docks, with the lessons in their list."""
    driver.window.table_dock.show()
    driver.window.compare_dock.show()
    driver.window.explain.show()
    driver.window.lessons.show()
    driver.until(lambda: len(driver.window.lessons.list.buttons) > 0)
    QApplication.processEvents()  # lays them out
    return driver


@pytest.fixture
def driver(driver: Driver) -> Driver:
    return with_docks(driver)


@pytest.fixture(scope="module")
def common(common: Driver) -> Driver:
    return with_docks(common)


def controls(window: QWidget) -> Iterator[QWidget]:
    """What can have the focus or be pressed; not the inner parts of Qt's own controls."""
    for widget in window.findChildren(QWidget):
        works = widget.focusPolicy() != Qt.FocusPolicy.NoFocus or isinstance(widget, QAbstractButton)
        inner = widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar | QHeaderView | QMenu | QMenuBar)
        outer = widget.parentWidget()
        inner |= isinstance(widget, QTabBar) or isinstance(outer, QTabBar)  # the main window's, for docks at one place
        viewport = isinstance(outer, QAbstractScrollArea) and outer.viewport() is widget
        popup = widget.window() is not window or isinstance(outer.parentWidget(), QComboBox)
        unused = (
            isinstance(widget, QAbstractButton) and widget.isHidden() and not widget.text() and widget.icon().isNull()
        )
        if works and not (inner or viewport or popup or unused):
            yield widget


def name(widget: QWidget) -> str:
    """What a screen reader says."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def test_every_control_has_a_name_and_a_tooltip(common: Driver) -> None:
    found = list(controls(common.window))
    assert len(found) > 40
    nameless = [repr(widget) for widget in found if not name(widget)]
    assert nameless == []
    without = [name(widget) for widget in found if not widget.toolTip() and not isinstance(widget, PlotCanvas)]
    assert without == []


def test_a_plot_has_a_description_but_no_tooltip_over_its_readings(common: Driver) -> None:
    for canvas in common.window.views.canvases:
        assert canvas.accessibleName()
        assert "wheel" in canvas.accessibleDescription()


def test_the_knobs_of_every_kind_have_names_and_tooltips(driver: Driver) -> None:
    for optimizer in ("Adam", "ASGD", "Rprop"):
        driver.until_new_trace(lambda optimizer=optimizer: driver.menu("Optimizer", optimizer))
        poor = [repr(widget) for widget in controls(driver.window.dock) if not (name(widget) and widget.toolTip())]
        assert (optimizer, poor) == (optimizer, [])


def test_every_button_without_a_tab_stop_has_an_entry_in_a_menu(common: Driver) -> None:
    in_menus = [entry for _, entry in entries(common.window.menuBar().actions())]
    for widget in controls(common.window):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus and not isinstance(widget, CornerButton):
            entry = widget.defaultAction() if isinstance(widget, QToolButton) else None
            closes = widget.toolTip().startswith(("Close", "Stop"))
            assert entry in in_menus or closes, repr(widget)


def test_every_entry_has_a_text_and_says_more_in_its_tooltip(common: Driver) -> None:
    for menu in common.window.menuBar().findChildren(QMenu):
        menu.aboutToShow.emit()
    found = list(entries(common.window.menuBar().actions()))
    assert len(found) > 90
    poor = [path for path, entry in found if not path[-1] or entry.toolTip() in ("", path[-1], path[-1].rstrip("…"))]
    assert poor == []


def test_every_control_is_large_enough_to_be_hit(common: Driver) -> None:
    pressed = QAbstractButton | QComboBox | QAbstractSpinBox | QLineEdit | QSlider
    found = [widget for widget in controls(common.window) if isinstance(widget, pressed) and widget.isVisible()]
    assert len(found) > 40
    small = {name(widget): widget.size().toTuple() for widget in found if min(widget.width(), widget.height()) < LEAST}
    assert small == {}


def test_every_action_is_in_a_menu(common: Driver) -> None:
    window = common.window
    in_menus = {entry for _, entry in entries(window.menuBar().actions())}
    learner = window.findChild(LearnerBar)  # whose menu is filled when it opens
    assert learner is not None
    in_menus |= {learner.other, learner.start_over, learner.forget}
    bars = window.dock, window.transport, window.table_dock, window.compare_dock, window.explain, window.lessons
    qt_own = {bar.toggleViewAction() for bar in bars}
    lost = [
        action.text()
        for action in window.findChildren(QAction)
        if action.text() and not action.isSeparator() and action.menu() is None and action not in in_menus | qt_own
    ]
    assert set(lost) <= {"Export...", "&Help on this plot"}  # pyqtgraph's own; that of a plot's own menu
    assert window.contextMenuPolicy() == Qt.ContextMenuPolicy.NoContextMenu


def test_no_two_entries_have_the_same_keys(common: Driver) -> None:
    keys = defaultdict(list)
    for action in common.window.findChildren(QAction):
        for sequence in action.shortcuts():
            keys[sequence.toString()].append(action.text())
    for shortcut in common.window.findChildren(QShortcut):
        if shortcut.isEnabled() and shortcut.parent().window() is common.window:
            keys[shortcut.key().toString()].append(repr(shortcut))
    assert {sequence: texts for sequence, texts in keys.items() if len(texts) > 1} == {}


def test_the_tab_key_reaches_every_control_that_takes_the_focus(common: Driver) -> None:
    """Also that it never gets caught."""
    window = common.window
    window.activateWindow()
    window.dock.problem.setFocus()
    common.until(lambda: window.focusWidget() is window.dock.problem)
    reached = set()
    for _ in range(120):
        window.focusNextChild()
        reached.add(window.focusWidget())
    wanted = [
        widget
        for widget in controls(window)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled()
    ]
    missed = [name(widget) for widget in wanted if widget not in reached and widget.focusProxy() not in reached]
    spins = [name(widget) for widget in wanted if isinstance(widget, QAbstractSpinBox)]
    assert [text for text in missed if text not in spins] == []
    assert len(reached) > 20


def test_space_runs_and_pauses_wherever_no_text_is_typed(driver: Driver, qtbot: QtBot) -> None:
    window, pressed = driver.window, []
    assert window.focusWidget() is window.runs.view
    window.activateWindow()
    driver.until_new_trace(lambda: driver.menu("Problem", "Your own loss"))
    window.transport.set_pace(1)
    window.run_actions.play.triggered.connect(lambda: pressed.append(window.focusWidget()))
    reached = 0
    for widget in controls(window):
        widget.setFocus()
        if window.focusWidget() is not widget:
            continue
        reached += 1
        qtbot.keyClick(widget, Qt.Key.Key_Space)
        typed = isinstance(widget, (FormulaEdit, LrFactorsEdit)) or widget is window.dock.start
        assert pressed == ([] if typed else [widget]), name(widget)
        pressed.clear()
    assert reached > 35


def test_the_shortcuts_page_has_every_key_of_the_menus(driver: Driver) -> None:
    driver.menu("Help", "Keyboard shortcuts")
    dialog = driver.window.findChild(ShortcutsDialog)
    assert dialog is not None
    assert dialog.isVisible()
    text = dialog.page.toPlainText()
    for path, entry in entries(driver.window.menuBar().actions()):
        if entry.shortcuts():
            assert keys_of(entry) in text, path
            assert path[-1] in text
    assert "double click" in text
    driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    driver.until(lambda: driver.window.findChild(ShortcutsDialog) is None)


def test_the_guide_names_only_keys_and_entries_that_the_menus_have_and_is_scrolled_by_keyboard(driver: Driver) -> None:
    driver.menu("Help", "Guide and reference")
    driver.menu("Help", "Guide and reference")
    windows = driver.window.findChildren(HelpWindow)
    assert len(windows) == 1 and windows[0].isVisible()
    page = windows[0].page
    windows[0].show_page("guide/2")
    page.setFocus()
    driver.qtbot.keyClick(page, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    driver.until(lambda: page.verticalScrollBar().value() == page.verticalScrollBar().maximum())
    menus = dict(entries(driver.window.menuBar().actions()))
    text = (files("lrstudio.resources") / "help" / "en" / "guide.md").read_text("utf-8")
    keys = {key for entry in menus.values() for key in keys_of(entry).split(", ")}
    named = set(re.findall(r"(?:Ctrl|Alt)\+(?:(?:Shift|Alt)\+)?[^\s),:.*]+|F\d", text)) - {"Ctrl+Return"}
    assert len(named) > 20 and named <= keys
    shown = {" ▸ ".join(path).replace("…", "") for path in menus} | {" ▸ ".join(path[:2]) for path in menus}
    markdown = (files("lrstudio.resources") / "help" / "en" / "guide.md").read_text("utf-8").replace("\n", " ")
    paths = set(re.findall(r"\*((?:File|Edit|Run|Tools|View|Help) ▸ [^*]+)\*", markdown))
    assert len(paths) > 10 and {path.replace("…", "") for path in paths} <= shown


def test_the_chinese_guide_names_the_entries_of_the_chinese_menus(qtbot: QtBot) -> None:
    use("zh_CN")
    try:
        window = MainWindow("light")
    finally:
        use("en")
    qtbot.addWidget(window)
    menus = dict(entries(window.menuBar().actions()))
    shown = {" ▸ ".join(path).replace("…", "") for path in menus} | {" ▸ ".join(path[:2]) for path in menus}
    shown = {path.replace(" (Language)", "").replace("（Language）", "") for path in shown}
    markdown = (files("lrstudio.resources") / "help" / "zh_CN" / "guide.md").read_text("utf-8")
    named = set(re.findall(r"\*((?:文件|编辑|运行|工具|视图|帮助) ▸ [^*]+)\*", markdown))
    assert len(named) > 10 and {path.replace("…", "") for path in named} <= shown
    window.end()
    qtbot.waitUntil(lambda: not window.feed.alive)


def test_a_line_parts_the_groups_of_problems(common: Driver) -> None:
    menu, combo = common.entry("Problem").menu(), common.window.dock.problem
    lines = [place for place, entry in enumerate(menu.actions()) if entry.isSeparator()]  # type: ignore[attr-defined]
    assert len(lines) == 4
    assert lines == [place for place in range(combo.count()) if combo.itemData(place) is None]
