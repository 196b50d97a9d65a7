"""Training logs in the window of the range test; the window of logs is tested in test_training_logs."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from lrstudio.core.analysis.suggestions import suggest
from lrstudio.ui.files.log_dialog import LogDialog
from lrstudio.ui.instruments.range_test.log_pick import PickDialog
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from tests.e2e.conftest import Driver

LRS = [1e-6 * 10 ** (step / 15) for step in range(100)]
LOSSES = [2.3 - 1.5 / (1 + math.exp(-3 * (math.log10(lr) + 2))) + max(0.0, lr - 0.5) for lr in LRS]
FIND = "step,lr,loss\n" + "".join(
    f"{step},{lr!r},{loss!r}\n" for step, (lr, loss) in enumerate(zip(LRS, LOSSES, strict=True))
)


@pytest.fixture
def window(driver: Driver) -> RangeTestWindow:
    driver.session.edit(replace(driver.session.experiment, steps=50))  # the result of the test does not matter here
    window = driver.window.tools.show(RangeTestWindow)
    driver.until(lambda: window.result is not None and window.result.complete)
    return window


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def begin(driver: Driver, window: RangeTestWindow, *paths: Path) -> None:
    """Imports files that need no dialog."""
    before = window.log
    window.logs.begin(paths)
    driver.until(lambda: window.log is not before)
    assert window.logs.dialog is None


def open_dialog(driver: Driver, window: RangeTestWindow, *paths: Path) -> LogDialog:
    """Previews files that need a dialog and returns the dialog."""
    window.logs.begin(paths)
    driver.until(lambda: isinstance(window.logs.dialog, LogDialog) and window.logs.dialog.model.rowCount() > 0)
    assert isinstance(window.logs.dialog, LogDialog)
    return window.logs.dialog


def test_the_log_of_a_range_test_gets_the_same_suggestions(
    driver: Driver, window: RangeTestWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "lr_find.csv", FIND + "100,5,nan\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    QTest.mouseClick(window.import_button, Qt.MouseButton.LeftButton)
    driver.until(lambda: window.log is not None)
    expected = {
        suggestion.rule: suggestion.lr for suggestion in suggest(np.array([*LRS, 5]), np.array([*LOSSES, np.nan]))
    }
    assert {choice.rule: choice.lr for choice in window.panel.choices} == expected
    assert window.panel.loss.against_rate and not window.panel.sweep.isVisible()
    assert window.panel.answer.text().startswith(f"valley says {expected['valley']:.3g}: ")
    assert "1 of them are no numbers" in window.panel.why.text()
    before = driver.session.experiment
    QTest.mouseClick(window.panel.use, Qt.MouseButton.LeftButton)
    assert driver.session.experiment == before.with_run(0, lr=float(f"{expected['valley']:.3g}"))


def test_a_keras_log_is_shown_against_the_step_with_the_reason(
    driver: Driver, window: RangeTestWindow, tmp_path: Path
) -> None:
    lines = "".join(f"{epoch},0.5,{2 / (epoch + 1)},{0.01 * 0.5 ** (epoch // 5)},1\n" for epoch in range(20))
    begin(driver, window, write(tmp_path / "log.csv", "epoch,accuracy,loss,learning_rate,val_loss\n" + lines))
    assert not window.panel.loss.against_rate
    assert window.panel.answer.text().startswith("No suggestion: the rate goes from 0.01 to 0.00125")
    assert window.panel.rates.isVisible() and not window.panel.suggestions.isVisible()
    assert window.panel.rates.lines[0].curve.lr.tolist() == [0.01 * 0.5 ** (epoch // 5) for epoch in range(20)]
    QTest.mouseClick(window.back, Qt.MouseButton.LeftButton)
    assert window.log is None and window.panel.sweep.isVisible() and window.panel.suggestions.isVisible()
    assert window.panel.loss.against_rate and window.form_fields.field("start_lr").isVisible()


def test_two_tensorboard_files_are_read_in_any_order(driver: Driver, window: RangeTestWindow, tmp_path: Path) -> None:
    head = "Wall time,Step,Value\n"
    loss = write(
        tmp_path / "tag-loss.csv", head + "".join(f"1.7e9,{step},{loss!r}\n" for step, loss in enumerate(LOSSES))
    )
    rate = write(tmp_path / "tag-lr.csv", head + "".join(f"1.7e9,{step},{lr!r}\n" for step, lr in enumerate(LRS)))
    begin(driver, window, rate, loss)
    assert window.log is not None and window.log.log.title == "tag-lr.csv + tag-loss.csv"
    assert window.log.log.lr.tolist() == LRS and window.log.log.loss.tolist() == LOSSES


def test_two_ambiguous_files_open_the_dialog_and_can_be_swapped(
    driver: Driver, window: RangeTestWindow, tmp_path: Path
) -> None:
    head = "Wall time,Step,Value\n"
    rate = write(tmp_path / "a.csv", head + "".join(f"1.7e9,{step},{lr!r}\n" for step, lr in enumerate(LRS)))
    loss = write(tmp_path / "b.csv", head + "".join(f"1.7e9,{step},{loss!r}\n" for step, loss in enumerate(LOSSES)))
    dialog = open_dialog(driver, window, rate, loss)
    assert dialog.lr.currentText() == "(of b.csv)"
    dialog.swap_requested.emit()
    driver.until(lambda: window.logs.dialog not in (None, dialog) and window.logs.dialog.model.rowCount() > 0)
    other = window.logs.dialog
    assert isinstance(other, LogDialog)
    assert other.lr.currentText() == "(of a.csv)"
    QTest.mouseClick(other.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: window.log is not None)
    assert window.log is not None and window.log.log.lr.tolist() == LRS


def test_a_log_without_rates_asks_for_the_start_and_the_end_rate(
    driver: Driver, window: RangeTestWindow, tmp_path: Path
) -> None:
    path = write(tmp_path / "loss.csv", "batch;loss\n" + "".join(f"{step};{str(loss).replace('.', ',')}\n"
                                                                 for step, loss in enumerate(LOSSES)))  # fmt: skip
    dialog = open_dialog(driver, window, path)
    assert dialog.start_lr.isVisible() and dialog.note.text().startswith("The file has no rates")
    for field, text in ((dialog.start_lr, "1e-6"), (dialog.end_lr, "4")):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Tab)
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: window.log is not None)
    assert window.log is not None
    assert window.log.log.lr == pytest.approx(np.geomspace(1e-6, 4, 100))
    assert window.log.log.loss == pytest.approx(LOSSES)
    assert window.panel.loss.against_rate


def test_bad_cells_are_listed_and_left_out_on_request(driver: Driver, window: RangeTestWindow, tmp_path: Path) -> None:
    path = write(tmp_path / "bad.csv", FIND + "100,much,1\n101,7,oops\n")
    window.logs.begin([path])
    driver.until(lambda: window.logs.dialog is not None and window.logs.dialog.bad.count() == 2)
    dialog = window.logs.dialog
    assert dialog is not None and not dialog.ok.isEnabled()
    assert dialog.bad.item(0).text() == "row 102, column 2 (lr): “much” is not a number"
    assert dialog.bad.item(1).text() == "row 103, column 3 (loss): “oops” is not a number"
    dialog.drop.click()
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: window.log is not None)
    assert "2 rows with a bad cell were left out" in window.panel.why.text()


def test_a_file_can_be_dropped_on_the_window(driver: Driver, window: RangeTestWindow, tmp_path: Path) -> None:
    path = write(tmp_path / "dropped.csv", FIND)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(QPoint(50, 50)), copy, data, button, keys))
    driver.until(lambda: window.log is not None)
    assert window.log is not None and window.log.log.title == "dropped.csv"


@pytest.mark.parametrize("paths", [["none.csv"], ["a.csv", "b.csv", "c.csv"]])
def test_files_that_cannot_be_read_are_reported(
    driver: Driver, window: RangeTestWindow, tmp_path: Path, paths: list[str]
) -> None:
    window.logs.begin([tmp_path / name for name in paths])
    driver.until(lambda: window.note.text() != "")
    assert window.log is None and paths[0] in window.note.text()


def test_another_smoothing_recomputes_the_suggestions_of_the_log(
    driver: Driver, window: RangeTestWindow, tmp_path: Path
) -> None:
    begin(driver, window, write(tmp_path / "a.csv", FIND))
    before = window.log
    edit = window.form_fields.field("smooth")
    edit.selectAll()
    QTest.keyClicks(edit, "0.5")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    driver.until(lambda: window.log is not before)
    expected = {suggestion.rule: suggestion.lr for suggestion in suggest(np.array(LRS), np.array(LOSSES), 0.5)}
    assert {choice.rule: choice.lr for choice in window.panel.choices} == expected


def test_a_long_log_is_read_outside_the_gui_thread_and_can_be_cancelled(
    driver: Driver, window: RangeTestWindow, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "long.csv", "step,lr,loss\n" + "".join(f"{row},{1 + row},{row % 7}\n" for row in range(300_000))
    )
    window.logs.begin([path])
    driver.until(lambda: (window.job.fraction or 0) > 0.05)
    QTest.mouseClick(window.cancel_button, Qt.MouseButton.LeftButton)
    assert not window.busy and window.log is None
    begin(driver, window, path)
    assert window.log is not None and len(window.log.log.loss) == 300_000
    assert len(window.log.curve.loss) <= 4000
    path = tmp_path / "again.csv"
    rows = window.rows()
    assert rows is not None and next(rows) == "iteration,lr,loss,smoothed\n" and next(rows).startswith("0,1.0,0.0,")


def test_rejecting_the_dialog_keeps_the_result(driver: Driver, window: RangeTestWindow, tmp_path: Path) -> None:
    result = window.result
    dialog = open_dialog(driver, window, write(tmp_path / "x.csv", "a,b\n1,2\n3,4\n"))
    assert not dialog.ok.isEnabled() or dialog.loss.currentData() is not None
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.logs.dialog is None and window.result is result and window.log is None


def test_closing_the_window_closes_the_dialog(driver: Driver, window: RangeTestWindow, tmp_path: Path) -> None:
    path = tmp_path / "no_rates.csv"
    path.write_text("step,loss\n" + "\n".join(f"{step},{1 / (1 + step)}" for step in range(50)), encoding="utf-8")
    window.logs.begin([path])
    driver.until(lambda: window.logs.dialog is not None)
    window.close()
    assert window.logs.dialog is None


CASES = Path(__file__).parent.parent / "store" / "logs" / "cases"


def test_a_log_of_any_producer_opens_at_once(driver: Driver, window: RangeTestWindow) -> None:
    for names, count in (
        (["epoch_batch.csv"], 60),
        (["dvclive-3.49.1-loss.tsv", "dvclive-3.49.1-learning_rate.tsv"], 80),
        (["mlflow-3.17.2-lr", "mlflow-3.17.2-train-loss"], 80),
        (["run-lr_0.01-tag-learning_rate.csv", "run-lr_0.01-tag-train_loss.csv"], 80),
        (["ignite-0.5.5-lr_finder.json"], 75),
        (["lightning-2.6.6-lr_find.json"], 95),
        (["mmengine-0.10.7-scalars.json"], 80),
        (["transformers-5.24.0-stdout.log"], 80),
        (["transformers-5.24.0-trainer_state.json"], 8),
        (["tensorboard-2.21.0-events.out.tfevents.tbx"], 80),
        (["tensor.csv"], 60),
    ):
        begin(driver, window, *(CASES / name for name in names))
        assert window.log is not None and len(window.log.log.loss) == count
        assert window.log.log.rises and window.panel.suggestions.isVisible()


def test_what_is_not_shown_is_told(driver: Driver, window: RangeTestWindow) -> None:
    begin(driver, window, CASES / "keras-3.15.1-plateau.csv")
    assert "not shown: val_loss, mae, val_mae" in window.panel.why.text()
    begin(driver, window, CASES / "keras-3.15.1-diverge.tsv")
    assert "losses above 1e+30 are taken as diverged" in window.panel.why.text()
    assert window.log is not None and math.isinf(window.log.log.loss[36])


def test_of_several_runs_one_is_picked(driver: Driver, window: RangeTestWindow) -> None:
    window.logs.begin([CASES / "keras-3.15.1-append_twice.csv"])
    driver.until(lambda: window.logs.dialog is not None)
    dialog = window.logs.dialog
    assert isinstance(dialog, PickDialog) and dialog.run.count() == 2 and dialog.run.isVisible()
    assert not dialog.lr.isVisible() and "not shown: mae" in dialog.note.text()
    dialog.run.setFocus()
    QTest.keyClick(dialog.run, Qt.Key.Key_Down)
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: window.log is not None)
    assert window.log is not None and window.log.log.loss[0] == 13.495271682739258
    assert "not shown: run 1" in window.panel.why.text()


def test_an_answer_reads_the_file_again(driver: Driver, window: RangeTestWindow, tmp_path: Path) -> None:
    text = "step,lr,loss\n" + "".join(f"{row},0.1,{row + 10 * turn}\n" for turn in range(2) for row in range(9))
    window.logs.begin([write(tmp_path / "twice.csv", text)])
    driver.until(lambda: window.logs.dialog is not None)
    dialog = window.logs.dialog
    assert isinstance(dialog, PickDialog) and dialog.run.count() == 2
    answer = dialog.questions["restarts"]
    answer.setFocus()
    QTest.keyClick(answer, Qt.Key.Key_Down)
    driver.until(lambda: dialog.run.count() == 1)
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: window.log is not None)
    assert window.log is not None and len(window.log.log.loss) == 18


def test_a_rate_chosen_as_the_loss_is_told(driver: Driver, window: RangeTestWindow) -> None:
    dialog = open_dialog(driver, window, CASES / "dvclive-3.49.1-learning_rate.tsv")
    assert dialog.note.text() == "“learning_rate” is a rate by its name: choose the column with the loss"


def test_a_file_that_is_no_log_says_what_it_is(driver: Driver, window: RangeTestWindow, tmp_path: Path) -> None:
    path = tmp_path / "run.wandb"
    path.write_bytes(b":W&B\xe1\xbe\x00")
    window.logs.begin([path])
    driver.until(lambda: window.note.text() != "")
    assert window.note.text().startswith("run.wandb: is a store of Weights & Biases: export a CSV file")
