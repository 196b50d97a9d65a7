"""Views are enlarged, hidden, moved; what is chosen is remembered and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtWidgets import QApplication, QMenu, QSplitter
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.window.main_window import MainWindow
from tests.e2e.conftest import Driver

NAMES = ["landscape", "data", "weights", "loss", "rate"]
TITLES = ["Landscape", "Data and fit", "Weights against step", "Loss against step", "Learning rate against step"]


@pytest.fixture
def driver(driver: Driver) -> Driver:
    driver.window.resize(1280, 800)
    driver.until(lambda: seen(driver) == NAMES and driver.window.views.width() > 800)
    return driver


def seen(driver: Driver) -> list[str]:
    """The views that can be seen on the screen."""
    frames = driver.window.views.area.frames
    assert all(frame.canvas.isVisible() == frame.isVisible() for frame in frames.values())
    return [name for name, frame in frames.items() if frame.isVisible()]


def places(driver: Driver) -> dict[str, tuple[int, int, int, int]]:
    """Where the views are, in pixels of the area."""
    area = driver.window.views.area
    return {
        name: (*frame.mapTo(area, QPoint()).toTuple(), *frame.size().toTuple())
        for name, frame in area.frames.items()
        if frame.isVisible()
    }


def settled(driver: Driver) -> dict[str, tuple[int, int, int, int]]:
    for _ in range(5):
        QApplication.processEvents()
    return places(driver)


@pytest.mark.parametrize("place", range(5), ids=NAMES)
def test_a_view_is_enlarged_by_its_key_and_escape_restores(driver: Driver, qtbot: QtBot, place: int) -> None:
    before = settled(driver)
    qtbot.keyClick(driver.window, Qt.Key(Qt.Key.Key_1 + place), Qt.KeyboardModifier.AltModifier)
    assert seen(driver) == [NAMES[place]]
    area = driver.window.views.area
    assert settled(driver)[NAMES[place]][2:] == (area.width(), area.height())
    qtbot.keyClick(driver.window, Qt.Key.Key_Escape)
    assert settled(driver) == before


def test_the_same_entry_enlarges_and_restores(driver: Driver) -> None:
    driver.menu("View", "Enlarge", "Loss against step")
    assert seen(driver) == ["loss"]
    assert driver.entry("View", "Enlarge", "Loss against step").isChecked()
    driver.menu("View", "Enlarge", "Landscape")
    assert seen(driver) == ["landscape"]
    driver.menu("View", "Enlarge", "Landscape")
    assert seen(driver) == NAMES
    assert not driver.entry("View", "Enlarge", "All again").isEnabled()


def test_the_button_over_a_plot_enlarges_and_restores(driver: Driver, qtbot: QtBot) -> None:
    frame = driver.window.views.area.frames["rate"]
    qtbot.mouseClick(frame.enlarge, Qt.MouseButton.LeftButton)
    assert seen(driver) == ["rate"]
    assert "Show all views again" in frame.enlarge.toolTip()
    qtbot.mouseClick(frame.enlarge, Qt.MouseButton.LeftButton)
    assert seen(driver) == NAMES


def test_an_enlarged_view_goes_on_drawing(driver: Driver) -> None:
    driver.menu("View", "Enlarge", "Loss against step")
    driver.finish()
    driver.until(lambda: driver.window.views.canvas(LossCanvas).pyramid.length == 1001)
    driver.menu("View", "Enlarge", "All again")
    driver.until(lambda: driver.window.views.canvas(WeightsCanvas).pyramid.length == 1001)


def test_views_are_hidden_by_button_and_menu_and_shown_again(driver: Driver, qtbot: QtBot) -> None:
    qtbot.mouseClick(driver.window.views.area.frames["weights"].close_button, Qt.MouseButton.LeftButton)
    assert seen(driver) == ["landscape", "data", "loss", "rate"]
    assert not driver.entry("View", "Weights against step").isChecked()
    driver.menu("View", "Weights against step")
    assert seen(driver) == NAMES


def test_a_column_without_views_leaves_its_room(driver: Driver) -> None:
    before = settled(driver)
    for title in TITLES[:2]:
        driver.menu("View", title)
    assert settled(driver)["loss"][2] == driver.window.views.area.width()
    for title in TITLES[:2]:
        driver.menu("View", title)
    assert settled(driver) == before


def test_all_hidden_says_how_they_come_back(driver: Driver) -> None:
    for title in TITLES:
        driver.menu("View", title)
    assert seen(driver) == []
    assert driver.window.views.area.empty_note.isVisible()
    driver.menu("View", "Reset layout")
    assert seen(driver) == NAMES
    assert not driver.window.views.area.empty_note.isVisible()


def test_nothing_else_moves_when_a_problem_has_no_data(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_run(0, start=(1.0, 1.0))))
    before = settled(driver)  # without the question of an example, which goes with its problem
    driver.until_new_trace(lambda: driver.menu("Problem", "Rosenbrock valley"))
    now = settled(driver)
    assert "data" not in now
    assert {name: now[name] for name in NAMES[2:]} == {name: before[name] for name in NAMES[2:]}
    assert now["landscape"][:3] == before["landscape"][:3]
    driver.until_new_trace(driver.session.history.undo)
    assert settled(driver) == before


def test_an_enlarged_view_without_content_is_restored(driver: Driver) -> None:
    driver.menu("View", "Enlarge", "Data and fit")
    driver.until_new_trace(lambda: driver.menu("Problem", "Rosenbrock valley"))
    assert seen(driver) == ["landscape", "weights", "loss", "rate"]


def drag(driver: Driver, qtbot: QtBot, name: str, target: QPoint) -> None:
    """Drag a view by its grip to a place of the area."""
    area = driver.window.views.area
    grip = area.frames[name].grip
    to = grip.mapFrom(area, target)
    qtbot.mousePress(grip, Qt.MouseButton.LeftButton)
    qtbot.mouseMove(grip, (grip.rect().center() + to) / 2)
    qtbot.mouseMove(grip, to)
    qtbot.mouseRelease(grip, Qt.MouseButton.LeftButton, pos=to)


def test_a_view_dragged_onto_another_swaps_with_it(driver: Driver, qtbot: QtBot) -> None:
    before = settled(driver)
    x, y, width, height = before["landscape"]
    drag(driver, qtbot, "loss", QPoint(x + width // 2, y + height // 2))
    now = settled(driver)
    assert now == {**before, "loss": before["landscape"], "landscape": before["loss"]}
    assert not driver.window.views.area.drop_mark.isVisible()


def test_a_view_that_is_let_go_nowhere_stays(driver: Driver, qtbot: QtBot) -> None:
    before = settled(driver)
    drag(driver, qtbot, "loss", QPoint(-200, -50))
    assert settled(driver) == before


def test_the_target_of_a_drag_is_marked(driver: Driver, qtbot: QtBot) -> None:
    area = driver.window.views.area
    x, y, width, height = settled(driver)["data"]
    area.frames["rate"].dragged.emit(area.mapToGlobal(QPoint(x + 9, y + 9)))
    assert area.drop_mark.isVisible()
    assert area.drop_mark.geometry().getRect() == (x, y, width, height)
    area.frames["rate"].dragged.emit(area.mapToGlobal(QPoint(-99, -99)))
    assert not area.drop_mark.isVisible()


def test_the_current_view_is_moved_by_keys(driver: Driver, qtbot: QtBot) -> None:
    driver.window.activateWindow()
    driver.window.views.canvas(LossCanvas).setFocus()
    driver.until(lambda: driver.window.views.area.current == "loss")
    before = settled(driver)
    keys = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(driver.window.views.canvas(LossCanvas), Qt.Key.Key_Up, keys)
    assert settled(driver)["loss"][:2] == before["weights"][:2]
    qtbot.keyClick(driver.window.views.canvas(LossCanvas), Qt.Key.Key_Left, keys)
    now = settled(driver)
    assert now["loss"][0] == now["landscape"][0] == now["data"][0]
    driver.menu("View", "Reset layout")
    assert settled(driver) == before


def test_a_click_on_the_grip_opens_a_menu_about_its_view(driver: Driver, qtbot: QtBot) -> None:
    qtbot.mouseClick(driver.window.views.area.frames["rate"].grip, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    texts = [entry.text().replace("&", "") for entry in menu.actions() if not entry.isSeparator()]
    assert texts[:2] == [TITLES[4], TITLES[4]] and texts[-4:] == ["Left", "Right", "Up", "Down"]
    menu.actions()[-2].trigger()
    menu.close()
    assert driver.window.views.area.layout_of_views.columns[1] == ("weights", "rate", "accuracy", "loss")


def test_the_legend_leaves_room_for_the_buttons(driver: Driver) -> None:
    frame = driver.window.views.area.frames["loss"]
    driver.until(lambda: frame.canvas.header.reserved >= frame.corner.width())
    assert frame.corner.geometry().right() < frame.width()
    assert frame.corner.height() <= frame.canvas.header.size().height() + 4


def move_border(driver: Driver) -> None:
    """Drag the border between the columns, as a mouse would."""
    outer = driver.window.views.area.findChild(QSplitter)
    assert outer is not None
    outer.moveSplitter(300, 1)


def test_layouts_are_remembered_and_reset(tmp_path: Path, qtbot: QtBot) -> None:
    def opened() -> Driver:
        store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        window = MainWindow("light", store)
        window.resize(1200, 760)
        window.show()
        driver = Driver(window, qtbot)
        driver.until(lambda: driver.session.trace is not None)
        return driver

    driver = opened()
    first = settled(driver)
    driver.menu("View", "Weights against step")
    driver.window.views.area.set_layout(driver.window.views.area.layout_of_views.swapped("loss", "data"))
    move_border(driver)
    left = settled(driver)
    assert left != first
    driver.close()
    driver = opened()
    assert settled(driver) == left
    driver.menu("View", "Reset layout")
    assert settled(driver) == first
    driver.close()
    driver = opened()
    assert settled(driver) == first
    driver.close()
