"""Whatever was changed can be taken back and made again; a trace that a change has cost comes back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.pilot import State
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.session import history
from tests.e2e.conftest import Driver


def undo(driver: Driver) -> None:
    driver.window.menus.undo.trigger()


def redo(driver: Driver) -> None:
    driver.window.menus.redo.trigger()


def type_rate(driver: Driver, text: str) -> None:
    edit = driver.window.dock.lr
    edit.lineEdit().selectAll()
    driver.qtbot.keyClicks(edit, text)
    driver.qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_at_first_there_is_nothing_to_undo(driver: Driver) -> None:
    menus = driver.window.menus
    assert not menus.undo.isEnabled()
    assert not menus.redo.isEnabled()
    assert not driver.session.modified


def test_a_rate_is_undone_and_redone_and_the_menu_says_what(driver: Driver) -> None:
    driver.until_new_trace(lambda: type_rate(driver, "0.05")) if driver.session.steps_done else type_rate(
        driver, "0.05"
    )
    menus = driver.window.menus
    assert driver.session.experiment.runs[0].lr == 0.05
    assert driver.session.modified
    assert menus.undo.text().replace("&", "") == "Undo learning rate"
    undo(driver)
    assert driver.session.experiment == EXAMPLES[0].experiment
    assert driver.window.dock.lr.value() == 0.01
    assert not driver.session.modified
    assert menus.redo.text().replace("&", "") == "Redo learning rate"
    redo(driver)
    assert driver.session.experiment.runs[0].lr == 0.05


def test_undoing_another_problem_brings_the_trace_back(driver: Driver) -> None:
    driver.finish()
    trace = driver.session.trace
    assert trace is not None
    losses = trace.read("loss").copy()
    driver.until_new_trace(lambda: driver.menu("Problem", "Parabola (w + 1)²"))
    driver.finish()
    other = driver.session.trace
    driver.until_new_trace(lambda: undo(driver))
    driver.until_state(State.FINISHED)
    assert driver.session.trace is trace
    np.testing.assert_array_equal(driver.session.trace.read("loss"), losses)
    driver.until_new_trace(lambda: redo(driver))
    assert driver.session.trace is other
    driver.until_state(State.FINISHED)


def test_a_reset_is_undone_and_the_run_goes_on_from_where_it_was(driver: Driver) -> None:
    for _ in range(3):
        driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 3)
    driver.until_new_trace(driver.window.run_actions.reset.trigger)
    assert driver.session.steps_done == 0
    driver.until_new_trace(lambda: undo(driver))
    assert driver.session.steps_done == 3
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 4)


def test_what_was_changed_quickly_is_undone_in_order(driver: Driver) -> None:
    """The worker has not yet made the first simulation when the next change comes."""
    driver.finish()
    trace = driver.session.trace
    dock, runs = driver.window.dock, driver.window.runs
    dock.choose_optimizer("adam")
    dock.field("steps").setValue(50)
    runs.actions_by_name["add"].trigger()
    type_rate(driver, "0.3")
    driver.until(lambda: driver.session.trace is not trace and driver.session.trace.runs == 4)
    for _ in range(4):
        undo(driver)
    driver.until(lambda: driver.session.trace is trace)
    assert driver.session.experiment == EXAMPLES[0].experiment
    assert not driver.window.menus.undo.isEnabled()
    for _ in range(4):
        redo(driver)
    experiment = driver.session.experiment
    driver.until(lambda: driver.session.trace is not None and driver.session.trace.runs == 4)
    assert (len(experiment.runs), experiment.steps, experiment.runs[0].optimizer.key) == (4, 50, "adam")
    assert experiment.runs[3].lr == 0.3


def test_hiding_reordering_and_the_baseline_are_undone(driver: Driver) -> None:
    session, actions = driver.session, driver.window.runs.actions_by_name
    before = session.arrangement
    driver.window.runs.select(1)
    for name in ("hide", "baseline", "up"):
        actions[name].trigger()
    after = session.arrangement
    assert (after.hidden, after.baseline, after.order) == ({1}, 1, (1, 0, 2))
    texts = []
    while driver.window.menus.undo.isEnabled():
        texts.append(driver.window.menus.undo.text().replace("&", ""))
        undo(driver)
    assert texts == ["Undo order of the runs", "Undo baseline", "Undo hiding and showing"]
    assert session.arrangement == before
    assert driver.window.views.canvas(LossCanvas).hidden == frozenset()


def test_a_change_after_an_undo_ends_what_could_be_redone(driver: Driver) -> None:
    driver.window.dock.field("steps").setValue(50)
    undo(driver)
    driver.window.dock.field("steps").setValue(60)
    assert not driver.window.menus.redo.isEnabled()
    undo(driver)
    assert driver.session.experiment.steps == 1000


def test_one_drag_is_one_change(driver: Driver) -> None:
    start, ruler = driver.session.experiment, driver.window.dock.ruler
    for rate in (0.02, 0.03, 0.04):
        ruler.rate_changed.emit(0, rate)
    ruler.drag_finished.emit()
    ruler.rate_changed.emit(0, 0.06)
    ruler.drag_finished.emit()
    undo(driver)
    assert driver.session.experiment.runs[0].lr == 0.04
    undo(driver)
    assert driver.session.experiment == start
    redo(driver)
    assert driver.session.experiment.runs[0].lr == 0.04


def test_opening_an_example_leaves_nothing_to_undo(driver: Driver) -> None:
    driver.window.dock.field("steps").setValue(50)
    undo(driver)
    driver.until_new_trace(lambda: driver.session.show(EXAMPLES[1].experiment))
    assert not driver.window.menus.undo.isEnabled()
    assert not driver.window.menus.redo.isEnabled()


def test_traces_beyond_the_memory_that_is_kept_are_run_anew(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "CACHED_BYTES", 0)
    driver.finish()
    trace = driver.session.trace
    driver.until_new_trace(lambda: driver.menu("Problem", "Parabola (w + 1)²"))
    driver.until_new_trace(lambda: undo(driver))
    assert driver.session.trace is not trace
    assert driver.session.experiment == EXAMPLES[0].experiment
    assert driver.session.steps_done == 0


def test_what_was_said_of_a_change_goes_with_the_next_one(driver: Driver) -> None:
    session, note = driver.session, driver.window.status.note
    driver.until_new_trace(lambda: driver.menu("Problem", "Rosenbrock valley"))
    assert "undo: Ctrl+Z" in note.text()
    driver.until_new_trace(session.history.undo)
    assert note.text() == ""
    driver.until_new_trace(session.history.redo)
    driver.menu("Problem", "Beale")
    session.arrange(session.arrangement.toggled(0))
    assert "undo: Ctrl+Z" not in note.text()
    driver.until(lambda: session.simulation is not None)
