"""The control that is made for rates, in the window."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from lrstudio.engine.training.pilot import State
from tests.e2e.conftest import Driver


def spot(place: QPointF) -> QPoint:
    return place.toPoint()


def test_a_handle_that_is_dragged_changes_the_rate_of_a_run_that_goes_on(driver: Driver, qtbot: QtBot) -> None:
    ruler, session = driver.window.dock.ruler, driver.session
    driver.window.run_actions.play.trigger()
    driver.until(lambda: session.steps_done > 3)
    trace = session.trace
    start = spot(ruler.handle_center(1))
    qtbot.mousePress(ruler, Qt.MouseButton.LeftButton, pos=start)
    assert driver.window.runs.current == 1
    qtbot.mouseMove(ruler, start - QPoint(20, 0))
    driver.until(lambda: session.experiment.runs[1].lr < 0.1)
    qtbot.mouseRelease(ruler, Qt.MouseButton.LeftButton, pos=start - QPoint(20, 0))
    rate = session.experiment.runs[1].lr
    assert driver.window.dock.lr.value() == rate
    driver.until(lambda: session.trace is trace and trace.read("lr")[-2, 1] == rate)
    assert session.state is State.RUNNING
    driver.window.run_actions.play.trigger()
    driver.until_state(State.PAUSED)


def test_the_keys_of_the_ruler_are_its_own_and_space_still_runs(driver: Driver, qtbot: QtBot) -> None:
    ruler = driver.window.dock.ruler
    ruler.setFocus()
    qtbot.keyClick(ruler, Qt.Key.Key_Right)
    assert driver.session.experiment.runs[0].lr == 0.02
    assert driver.session.steps_done == 0
    qtbot.keyClick(ruler, Qt.Key.Key_PageDown)
    assert driver.window.runs.current == 1
    qtbot.keyClick(ruler, Qt.Key.Key_Home)
    assert [run.lr for run in driver.session.experiment.runs] == [0.02, 0.0001, 1.0]
    qtbot.keyClick(ruler, Qt.Key.Key_Space)
    driver.until_state(State.RUNNING)


def test_the_ruler_follows_the_field_and_the_selected_run(driver: Driver, qtbot: QtBot) -> None:
    dock = driver.window.dock
    driver.window.runs.select(2)
    assert "run 3 of 3" in dock.ruler.accessibleDescription()
    dock.lr.setFocus()
    dock.lr.selectAll()
    qtbot.keyClicks(dock.lr, "500")
    qtbot.keyClick(dock.lr, Qt.Key.Key_Return)
    assert "rate 500" in dock.ruler.accessibleDescription()
    assert dock.ruler.scale.high == 3


def test_a_rate_that_can_mean_two_is_refused_in_the_status_line(driver: Driver, qtbot: QtBot) -> None:
    edit = driver.window.dock.lr
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "1,000")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert "can mean 1 or 1000" in driver.window.status.note.text()
    assert driver.session.experiment.runs[0].lr == 0.01
