"""Runs are hidden, listed in another order, renamed, recoloured, compared and made into families."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.fields.knob_label import KnobLabel
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.runs.delegate import eye_rect, sample_rect
from lrstudio.ui.runs.dialogs import StylePopup, VaryDialog
from lrstudio.ui.runs.model import COMPARED, COST, OUTCOME
from tests.e2e.conftest import Driver
from tests.e2e.drops import drop

LEFT = Qt.MouseButton.LeftButton


def labels(driver: Driver) -> list[str]:
    model = driver.window.runs.view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def act(driver: Driver, name: str) -> None:
    driver.window.runs.actions_by_name[name].trigger()


def test_a_click_on_the_eye_hides_a_run_in_all_views_and_shows_it_again(driver: Driver) -> None:
    view = driver.window.runs.view
    at = eye_rect(view.visualRect(view.model().index(1, 0))).center()
    for hidden in ({1}, set()):
        driver.qtbot.mouseClick(view.viewport(), LEFT, pos=at)
        assert {canvas.hidden for canvas in driver.window.views.visible_canvases()} == {frozenset(hidden)}
        driver.menu("View", "Curvature against step")  # a view that was not seen follows when it is
        assert {canvas.hidden for canvas in driver.window.views.visible_canvases()} == {frozenset(hidden)}
    assert driver.window.runs.current == 0


def test_a_run_is_renamed_in_place_and_emptying_its_name_brings_the_automatic_one(driver: Driver) -> None:
    view = driver.window.runs.view
    driver.window.runs.select(2)
    for typed, shown in (("太快 too fast", "太快 too fast"), ("", "1")):
        act(driver, "rename")
        editor = view.focusWidget()
        assert isinstance(editor, QLineEdit)
        editor.selectAll()
        editor.backspace()
        editor.insert(typed)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        driver.until(lambda shown=shown: labels(driver)[2] == shown and view.focusWidget() is view)
    assert driver.session.experiment.runs[2].label == ""


def test_another_run_is_renamed_while_a_name_is_being_typed(driver: Driver) -> None:
    view = driver.window.runs.view
    act(driver, "rename")
    first = view.focusWidget()
    assert isinstance(first, QLineEdit)
    first.selectAll()
    QTest.keyClicks(first, "one")
    driver.window.runs.select(2)
    act(driver, "rename")
    driver.until(lambda: isinstance(view.focusWidget(), QLineEdit) and view.focusWidget() is not first)
    editor = view.focusWidget()
    assert isinstance(editor, QLineEdit) and editor.text() == "1"
    assert labels(driver) == ["one", "0.1", "1"]


def test_asking_twice_for_a_new_name_while_another_window_is_in_front_is_no_fault(driver: Driver) -> None:
    """The field of the name has no focus there, and stays open."""
    driver.menu("Tools", "Map…")
    driver.until(driver.window.tools.opened[MapWindow].isActiveWindow)
    for _ in range(2):
        act(driver, "rename")
    view = driver.window.runs.view
    assert isinstance(view.indexWidget(view.currentIndex()), QLineEdit)


def test_a_name_can_be_typed_while_it_runs(driver: Driver) -> None:
    driver.window.run_actions.play.trigger()
    act(driver, "rename")
    editor = driver.window.runs.view.focusWidget()
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, "slow")
    went = driver.session.steps_done + 20
    driver.until(lambda: driver.session.steps_done > went)
    assert editor.text() == "slow"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    driver.until(lambda: labels(driver)[0] == "slow")
    assert driver.session.steps_done > went


def test_a_run_gets_another_colour_from_its_sample(driver: Driver) -> None:
    view = driver.window.runs.view
    place = view.visualRect(view.model().index(1, 0))
    driver.qtbot.mouseClick(view.viewport(), LEFT, pos=sample_rect(place).center())
    popup = driver.window.runs.findChild(StylePopup)
    assert popup is not None
    popup.setCurrentRow(5)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert driver.session.experiment.runs[1].color == 5
    canvas = driver.window.views.canvas(LossCanvas)
    assert canvas.style(1).color == canvas.theme.run_style(5).color


def test_a_colour_chosen_for_a_run_that_is_gone_changes_nothing(driver: Driver) -> None:
    panel, session = driver.window.runs, driver.session
    panel.select(2)
    act(driver, "recolour")
    popup = panel.findChild(StylePopup)
    assert popup is not None
    driver.until_new_trace(lambda: session.edit(replace(session.experiment, runs=session.experiment.runs[:1])))
    popup.setCurrentRow(5)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert [run.color for run in session.experiment.runs] == [0]


def test_runs_are_listed_in_another_order_without_a_new_start(driver: Driver) -> None:
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 1)
    driver.window.runs.select(2)
    act(driver, "up")
    act(driver, "up")
    assert labels(driver) == ["1", "0.01", "0.1"]
    assert driver.window.runs.current == 2
    assert driver.session.steps_done == 1
    act(driver, "up")
    assert labels(driver) == ["1", "0.01", "0.1"]
    model = driver.window.runs.view.model()
    assert model.moveRows(QModelIndex(), 0, 1, QModelIndex(), 3)
    assert labels(driver) == ["0.01", "0.1", "1"]


def test_the_selected_run_is_edited_in_whatever_order_runs_are_listed(driver: Driver) -> None:
    driver.window.runs.select(2)
    act(driver, "up")
    driver.window.dock.choose_optimizer("adam")
    assert [run.optimizer.key for run in driver.session.experiment.runs] == ["sgd", "sgd", "adam"]


def test_with_a_baseline_the_others_say_how_many_times_its_loss_they_have(driver: Driver) -> None:
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 1)
    driver.window.runs.select(1)
    act(driver, "baseline")
    trace = driver.session.trace
    assert trace is not None
    losses = trace.read("loss")[1]
    model = driver.window.runs.view.model()
    driver.until(lambda: model.index(1, 0).data(COMPARED) == "baseline")
    assert model.index(0, 0).data(COMPARED) == f"×{losses[0] / losses[1]:.3g}"


def test_a_family_is_created_from_one_run_in_one_dialog(driver: Driver) -> None:
    driver.window.runs.select(0)
    act(driver, "vary")
    dialog = driver.window.runs.findChild(VaryDialog)
    assert dialog is not None
    assert dialog.values.text() == "0.001, 0.01, 0.1"
    dialog.values.setText("0.2..x")
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()
    assert "a number is missing" in dialog.count.text()
    dialog.values.setText("0.01, 0.05; 0.2")
    dialog.values.setText("0.02, 0.05, 0.2")
    assert dialog.count.text() == "3 runs: 0.02, 0.05, 0.2"
    driver.until_new_trace(ok.click)
    assert [run.lr for run in driver.session.experiment.runs] == [0.02, 0.05, 0.2, 0.1, 1]
    driver.menu("Edit", "Undo adding runs")
    assert [run.lr for run in driver.session.experiment.runs] == [0.01, 0.1, 1]


def test_a_run_for_each_batch_size_is_made_in_one_dialog(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.session.edit(experiment_of("--problem noisy_line --lr 0.1 --batch-size 10")))
    act(driver, "batches")
    dialog = driver.window.runs.findChild(VaryDialog)
    assert dialog is not None and dialog.scaling.currentData() == "linear"
    dialog.values.setText("10, 20, 50")
    assert dialog.count.text() == "3 runs: 10 at 0.1, 20 at 0.2, 50 at 0.5"
    dialog.scaling.setCurrentIndex(0)
    assert dialog.count.text() == "3 runs: 10 at 0.1, 20 at 0.1, 50 at 0.1"
    driver.until_new_trace(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click)
    assert driver.session.experiment.batch_sizes == (10, 20, 50)
    driver.window.runs.select(1)
    dock = driver.window.dock
    assert dock.batch_size.text() == "20"
    dock.batch_size.selectAll()
    driver.qtbot.keyClick(dock.batch_size, Qt.Key.Key_Delete)
    driver.until_new_trace(lambda: driver.qtbot.keyClick(dock.batch_size, Qt.Key.Key_Return))
    assert driver.session.experiment.batch_sizes == (10, 10, 50)


def test_the_other_weight_decay_is_laid_beside_in_one_click(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.session.edit(experiment_of("--lr 0.1 --optimizer adam:weight_decay=0.3")))
    driver.until_new_trace(lambda: act(driver, "decay"))
    assert [run.optimizer.key for run in driver.session.experiment.runs] == ["adam", "adamw"]
    driver.until_new_trace(lambda: driver.session.edit(experiment_of("--lr 0.1")))
    with driver.qtbot.waitSignal(driver.window.runs.refused) as refusal:
        act(driver, "decay")
    assert "SGD without momentum" in refusal.args[0]


def test_a_number_dropped_on_vary_becomes_a_family_in_one_gesture(driver: Driver) -> None:
    button = driver.window.runs.vary
    data = KnobLabel("learning rate", "lr", "lr").mime()
    drop(button, data, QPointF(button.rect().center()), Qt.DropAction.CopyAction)
    assert [run.lr for run in driver.session.experiment.runs] == [0.001, 0.01, 0.1, 0.1, 1]
    driver.menu("Edit", "Undo adding runs")
    assert len(driver.session.experiment.runs) == 3


def test_runs_that_are_selected_together_are_changed_hidden_and_removed_together(driver: Driver, qtbot: QtBot) -> None:
    panel, dock, session = driver.window.runs, driver.window.dock, driver.session
    panel.view.setCurrentIndex(panel.view.model().index(0, 0))
    qtbot.keyClick(panel.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert panel.selection == (0, 1)
    assert dock.run_heading.text() == "2 selected runs"
    driver.until_new_trace(lambda: dock.choose_optimizer("adam"))
    assert [run.optimizer.key for run in session.experiment.runs] == ["adam", "adam", "sgd"]
    assert panel.selection == (0, 1)
    driver.until_new_trace(lambda: dock.optimizer_form.edited.emit(Adam(beta1=0.5)))
    assert [run.optimizer for run in session.experiment.runs] == [Adam(beta1=0.5)] * 2 + [SGD()]
    dock.lr.value_changed.emit(0.25)
    assert [run.lr for run in session.experiment.runs] == [0.25, 0.25, 1]
    panel.actions_by_name["hide"].trigger()
    assert session.arrangement.hidden == {0, 1}
    driver.until_new_trace(panel.actions_by_name["remove"].trigger)
    assert [run.lr for run in session.experiment.runs] == [1]
    assert dock.run_heading.text() == "Selected run"
    panel.actions_by_name["remove"].setEnabled(True)
    panel.actions_by_name["remove"].trigger()
    assert len(session.experiment.runs) == 1
    driver.menu("Edit", "Undo removing runs")
    assert len(session.experiment.runs) == 3


def test_without_a_baseline_the_best_run_is_named(driver: Driver) -> None:
    driver.finish()
    model = driver.window.runs.view.model()
    driver.until(lambda: [model.index(row, 0).data(COMPARED) for row in range(3)] == ["", "best", ""])
    tip = model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "best" in tip and "least loss over the last quarter of 1,000 steps" in tip
    driver.window.runs.select(1)
    act(driver, "hide")
    assert [model.index(row, 0).data(COMPARED) for row in range(3)] == ["best", "", ""]


def test_a_run_shows_its_cost_up_to_the_selected_step(driver: Driver) -> None:
    driver.finish()
    model = driver.window.runs.view.model()
    driver.until(lambda: model.index(0, 0).data(COST) == "1,001 gradients")
    driver.window.time_cursor.go(40)
    driver.until(lambda: model.index(0, 0).data(COST) == "41 gradients")
    assert "41 gradients" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_run_that_has_reached_the_target_says_when(driver: Driver) -> None:
    target = driver.window.dock.field("target_loss")
    target.selectAll()
    driver.qtbot.keyClicks(target, "1e-3")
    driver.qtbot.keyClick(target, Qt.Key.Key_Return)
    driver.finish()
    trace = driver.session.trace
    assert trace is not None
    first = [int((trace.read("loss")[:, run] <= 1e-3).argmax()) for run in (0, 1)]
    model = driver.window.runs.view.model()
    driver.until(lambda: model.index(1, 0).data(OUTCOME) == f"target at step {first[1]}")
    assert model.index(0, 0).data(OUTCOME) == f"target at step {first[0]}"
    assert driver.session.steps_done == max(first)


def test_order_hidden_runs_and_baseline_are_saved_and_reopened(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "arranged.lrs"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    driver.window.runs.select(1)
    for name in ("hide", "baseline", "up"):
        act(driver, name)
    arrangement = driver.session.arrangement
    driver.menu("File", "Save")
    driver.until(lambda: driver.session.path == file)
    assert not driver.session.modified
    act(driver, "hide")
    assert driver.session.modified
    driver.menu("File", "Save")
    driver.until(lambda: not driver.session.modified)
    act(driver, "hide")
    driver.menu("File", "Save")
    driver.until(lambda: not driver.session.modified)
    driver.until_new_trace(lambda: driver.session.open(file))
    assert driver.session.arrangement == arrangement
    assert labels(driver) == ["0.1", "0.01", "1"]
    assert driver.window.views.canvas(LossCanvas).hidden == {1}
    assert not driver.session.modified


def test_the_list_of_runs_has_a_menu_of_its_own(driver: Driver) -> None:
    view = driver.window.runs.view
    view.customContextMenuRequested.emit(view.visualRect(view.currentIndex()).center())
    menu = QApplication.activePopupWidget()
    assert menu is not None
    texts = [action.text().replace("&", "") for action in menu.actions()]
    assert {"Vary…", "Hide run", "Use as baseline"} <= set(texts)
    menu.close()
