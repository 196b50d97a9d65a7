"""Looking at another step: timeline, keys, table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from lrstudio.core.formula.typeset import power_of_ten
from lrstudio.engine.training.pilot import State
from tests.e2e.conftest import Driver


@pytest.fixture
def ended(driver: Driver) -> Driver:
    driver.finish()
    return driver


def at(driver: Driver, step: int) -> None:
    """Wait until everything stands at a step."""
    window = driver.window
    driver.until(lambda: window.time_cursor.position == step and window.transport.timeline.value() == step)
    assert f"step {step:,} " in window.transport.step_label.text()


def test_the_keys_go_back_and_forward_and_to_both_ends(ended: Driver, qtbot: QtBot) -> None:
    views = ended.window.views
    for key, step in ((Qt.Key.Key_Left, 999), (Qt.Key.Key_Left, 998), (Qt.Key.Key_Right, 999), (Qt.Key.Key_Home, 0),
                      (Qt.Key.Key_Left, 0), (Qt.Key.Key_End, 1000)):  # fmt: skip
        qtbot.keyClick(views, key)
        at(ended, step)


def test_all_canvases_and_the_runs_stand_at_the_step_that_is_looked_at(ended: Driver) -> None:
    ended.window.time_cursor.go(3)
    ended.until(lambda: all(canvas.step == 3 for canvas in ended.window.views.canvases if canvas.isVisible()))
    model = ended.window.runs.view.model()
    trace = ended.session.trace
    assert trace is not None
    loss = power_of_ten(f"{trace.read('loss')[3, 2]:.3g}")
    ended.until(lambda: loss in model.index(2, 0).data(Qt.ItemDataRole.ToolTipRole))


def test_pressing_the_timeline_goes_there(ended: Driver, qtbot: QtBot) -> None:
    timeline = ended.window.transport.timeline
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(timeline.width() // 2, timeline.height() // 2))
    ended.until(lambda: abs(ended.window.time_cursor.position - 500) < 20)


def test_the_handle_stays_at_the_newest_step(driver: Driver, qtbot: QtBot) -> None:
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 1)
    at(driver, 1)
    timeline = driver.window.transport.timeline
    there = QPoint(3 * timeline.width() // 4, timeline.height() // 2)
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=there)
    assert timeline.sliderPosition() == timeline.value() == 1
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=QPoint(8, timeline.height() // 2))
    qtbot.mouseMove(timeline, there)
    assert timeline.sliderPosition() <= 1
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=there)
    qtbot.keyClick(timeline, Qt.Key.Key_PageUp)
    at(driver, 1)
    assert driver.window.time_cursor.step is None


def test_while_it_runs_the_cursor_may_stay_behind(driver: Driver) -> None:
    driver.window.transport.set_pace(200)
    driver.window.run_actions.play.trigger()
    driver.until(lambda: driver.window.time_cursor.position > 20)  # the window has seen so many
    driver.window.time_cursor.go(10)
    before = driver.session.steps_done
    driver.until(lambda: driver.session.steps_done > before + 20)
    at(driver, 10)
    driver.window.run_actions.last.trigger()
    assert driver.window.time_cursor.step is None
    driver.window.run_actions.play.trigger()
    driver.until_state(State.PAUSED)


def test_a_new_start_follows_again(ended: Driver) -> None:
    ended.window.time_cursor.go(3)
    ended.until_new_trace(ended.window.run_actions.reset.trigger)
    assert ended.window.time_cursor.step is None
    at(ended, 0)


def shown_table(driver: Driver) -> None:
    driver.menu("View", "Step table")
    driver.until(lambda: driver.window.table.model.rowCount() == 1001)


def test_the_table_prints_what_the_text_prints(ended: Driver) -> None:
    shown_table(ended)
    model = ended.window.table.model
    header = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert header == ["step", "lr", "w", "b", "loss", "grad_w", "grad_b", "w after", "b after"]
    first = [model.value(0, column) for column in range(model.columnCount())]
    assert first == pytest.approx([0, 0.01, 0, 0, 67.5, -45, -15, 0.45, 0.15])
    last = [model.value(1000, column) for column in range(model.columnCount())]
    assert [place for place, value in enumerate(last) if value is None] == [1, 5, 6, 7, 8]


def test_the_table_and_the_cursor_go_together(ended: Driver) -> None:
    shown_table(ended)
    table = ended.window.table
    ended.window.time_cursor.go(77)
    ended.until(lambda: table.view.currentIndex().row() == 77)
    table.view.setCurrentIndex(table.model.index(123, 2))
    at(ended, 123)


def test_another_run_can_be_chosen_in_the_table(ended: Driver) -> None:
    shown_table(ended)
    ended.window.table.run.setCurrentIndex(2)
    assert ended.window.table.model.rowCount() == 128
    assert ended.window.table.model.value(0, 1) == 1.0


def test_selected_rows_are_copied_in_full(ended: Driver) -> None:
    shown_table(ended)
    table = ended.window.table
    table.view.selectRow(0)
    selection = table.view.selectionModel()
    selection.select(table.model.index(1, 0), selection.SelectionFlag.Select | selection.SelectionFlag.Rows)
    table.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    trace = ended.session.trace
    assert trace is not None
    assert len(lines) == 3
    assert lines[0].split("\t")[:3] == ["step", "lr", "w"]
    assert float(lines[2].split("\t")[2]) == trace.read("params")[1, 0, 0]


def test_too_many_rows_to_copy_are_refused_with_advice(ended: Driver, qtbot: QtBot) -> None:
    shown_table(ended)
    ended.window.table.view.clearSelection()
    with qtbot.waitSignal(ended.window.table.refused) as refusal:
        ended.window.table.copy()
    assert "export the CSV" in refusal.args[0]
