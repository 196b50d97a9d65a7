"""The run ends when every run is there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lrstudio.engine.training.pilot import State
from tests.e2e.conftest import Driver


def enter(driver: Driver, qtbot: QtBot, text: str) -> None:
    edit = driver.window.dock.field("target_loss")
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClick(edit, Qt.Key.Key_Delete)
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_a_target_loss_ends_the_run_and_without_it_the_run_can_go_on(driver: Driver, qtbot: QtBot) -> None:
    session, trace = driver.session, driver.session.trace
    assert trace is not None
    enter(driver, qtbot, "0.5")
    assert session.experiment.target_loss == 0.5
    driver.window.transport.set_pace(None)
    driver.window.run_actions.play.trigger()
    driver.until_state(State.FINISHED)
    assert session.trace is trace
    assert trace.read("loss")[trace.reached(0), 0] <= 0.5
    assert session.steps_done == max(trace.reached(0), trace.reached(1), trace.ends[2])
    assert session.steps_done < 1000
    enter(driver, qtbot, "")
    assert session.experiment.target_loss is None
    driver.until_state(State.PAUSED)
    driver.finish()
    assert session.steps_done == 1000


def test_an_invalid_target_is_restored_with_a_message(driver: Driver, qtbot: QtBot) -> None:
    enter(driver, qtbot, "low")
    assert driver.window.dock.field("target_loss").text() == ""
    assert "must be a number" in driver.window.status.note.text()
    assert driver.session.experiment.target_loss is None
    enter(driver, qtbot, "1e-3")
    assert driver.window.dock.field("target_loss").text() == "0.001"
