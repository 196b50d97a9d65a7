"""The window of training logs: runs and files in one view, with a diagnosis of each."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog

from lrstudio.core.analysis.suggestions import smoothed
from lrstudio.store.logs.read import read_log
from lrstudio.ui.drawing.curve import PolylineItem
from lrstudio.ui.drawing.header import sample_pixmap
from lrstudio.ui.instruments.log.window import LogWindow
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from lrstudio.ui.look.theme import DARK
from tests.e2e.conftest import Driver
from tests.e2e.test_hostile_texts import HOSTILE, Watched, image, is_literal, shown_texts

CASES = Path(__file__).parent.parent / "store" / "logs" / "cases"
__all__ = ["Watched", "image"]
PARTS = "step,lr,train/cls_loss,train/box_loss,train/loss,val/cls_loss\n" + "".join(
    f"{row},0.1,{2 - row / 99},{1 - row / 99},{3 - row / 50},{2.5 - row / 99}\n" for row in range(40)
)


@pytest.fixture
def window(driver: Driver) -> LogWindow:
    return driver.window.tools.show(LogWindow)


def open_log(driver: Driver, window: LogWindow, *paths: Path) -> None:
    """Open the files of one log that needs no dialog."""
    count = len(window.reads)
    window.opener.begin(paths)
    driver.until(lambda: len(window.reads) > count and not window.busy)
    assert window.opener.dialog is None


def choose(driver: Driver, window: LogWindow, combo: QComboBox, text: str) -> None:
    """Choose an entry with the keyboard."""
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Home)
    for _ in range(combo.findText(text)):
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert combo.currentText() == text
    driver.until(lambda: not window.busy)


def test_the_menu_opens_a_log_in_a_window_of_its_own(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    path = CASES / "keras-3.15.1-plateau.csv"
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    driver.menu("Tools", "Import training log…")
    window = driver.window.tools.opened[LogWindow]
    assert isinstance(window, LogWindow)
    driver.until(lambda: len(window.curves.values) == 2 and not window.busy)
    loss, val = window.curves.values
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert loss.main.tolist() == [float(row["loss"]) for row in rows] and loss.smooth is None
    assert (val.name, val.part) == ("val_loss", "validation") and len(val.x) == 60
    assert RangeTestWindow not in driver.window.tools.opened
    assert window.page.finding.text() and window.page.advice.text() and window.page.sure.text()
    assert window.rates.isVisible() and window.table.rows_model.rowCount() == 60


def test_a_metric_is_drawn_in_place_of_the_loss(driver: Driver, window: LogWindow) -> None:
    open_log(driver, window, CASES / "keras-3.15.1-plateau.csv")
    choose(driver, window, window.form.quantity, "mae")
    assert [curve.name for curve in window.curves.values] == ["mae", "val_mae"]
    assert window.values.header.title == "mae"


def test_raw_is_the_thick_line_until_smoothing_is_asked_for(driver: Driver, window: LogWindow) -> None:
    open_log(driver, window, CASES / "epoch_batch.csv")
    raw = window.curves.values[0].raw
    assert window.curves.values[0].main is raw and "average" not in window.values.header.title
    choose(driver, window, window.form.smoothing, "0.9")
    curve = window.curves.values[0]
    assert curve.main == pytest.approx(smoothed(raw, 0.9)) and curve.main[0] == pytest.approx(raw[0])
    assert window.values.header.title == "Loss: moving average 0.9, bias-corrected"


def test_smoothed_losses_are_above_all_raw_ones_and_named_beside_a_long_title(
    driver: Driver, window: LogWindow, tmp_path: Path
) -> None:
    """The title leaves less of the first line to the names: the others stand below."""
    (tmp_path / "parts.csv").write_text(PARTS)
    open_log(driver, window, tmp_path / "parts.csv")
    window.resize(1000, 700)
    choose(driver, window, window.form.smoothing, "0.9")
    entries, more = window.values.header.legend()
    assert [entry.label for entry in entries] == ["loss", "cls_loss", "box_loss"] and more is None
    assert entries[-1].line == 1 and window.values.header.minimumHeight() > 1.5 * window.values.header.line_height
    items = [item for item in window.values.items() if isinstance(item, PolylineItem)]
    assert [item.zValue() for item in items].count(-1) == len(items) / 2 == 4


def test_the_axis_is_one_of_those_that_the_log_has(driver: Driver, window: LogWindow) -> None:
    open_log(driver, window, CASES / "epoch_batch.csv")
    assert [window.form.axis.itemText(place) for place in range(window.form.axis.count())] == ["step", "epoch", "row"]
    choose(driver, window, window.form.axis, "epoch")
    assert window.curves.values[0].x.tolist() == [row // 10 for row in range(60)]
    low, high = window.values.plotItem.vb.viewRange()[0]
    assert low < 0 < 5 < high and window.rates.plotItem.vb.viewRange()[0] == [low, high]


def test_a_loss_that_diverges_leaves_the_view_and_a_rate_does_not(driver: Driver, window: LogWindow) -> None:
    open_log(driver, window, CASES / "keras-3.15.1-diverge.tsv")
    assert window.values.plotItem.vb.viewRange()[1][1] < 4 < np.log10(window.curves.values[0].raw[35])
    low, high = window.rates.plotItem.vb.viewRange()[1]
    assert low < -2 and high > 2 and window.curves.rates[0].raw[-1] == pytest.approx(100)


def test_several_logs_are_in_one_view_and_can_be_hidden(driver: Driver, window: LogWindow) -> None:
    open_log(driver, window, CASES / "mlflow-3.17.2-store.db")
    open_log(driver, window, CASES / "epoch_batch.csv")
    assert [window.runs_list.item(row).text() for row in range(3)] == [
        "mlflow-3.17.2-store.db · small", "mlflow-3.17.2-store.db · large", "epoch_batch.csv",
    ]  # fmt: skip
    assert {curve.run for curve in window.curves.values} == {0, 1, 2} and window.runs_list.currentRow() == 2
    assert len({window.values.style_of(curve).color.name() for curve in window.curves.values}) == 3
    window.runs_list.item(0).setCheckState(Qt.CheckState.Unchecked)
    driver.until(lambda: {curve.run for curve in window.curves.values} == {1, 2})
    window.runs_list.setCurrentRow(1)
    driver.until(lambda: window.page.title.text() == "large" and not window.busy)
    assert "from 1 to 4.322" in window.page.finding.text()
    rows = list(csv.DictReader(io.StringIO("".join(window.lines()))))
    assert len({row["run"] for row in rows}) == 3
    QTest.mouseClick(window.clear, Qt.MouseButton.LeftButton)
    driver.until(lambda: not window.reads and not window.busy)
    assert window.runs_list.count() == 0 and not window.curves.values and not window.exports.isEnabled()


def test_a_click_moves_one_cursor_through_plots_and_table(driver: Driver, window: LogWindow) -> None:
    open_log(driver, window, CASES / "keras-3.15.1-plateau.csv")
    at = window.values.to_pixel(20.2, window.values.viewRect().center().y())
    assert at is not None
    QTest.mouseClick(window.values.viewport(), Qt.MouseButton.LeftButton, pos=at.toPoint())
    driver.until(lambda: window.values.cursor.step == 20)
    assert window.rates.cursor.step == 20 and window.table.currentIndex().row() == 20
    QTest.keyClick(window.table, Qt.Key.Key_Down)
    assert window.values.cursor.step == 21 and window.rates.cursor.step == 21


def test_the_mouse_reads_every_curve(driver: Driver, window: LogWindow) -> None:
    open_log(driver, window, CASES / "keras-3.15.1-plateau.csv")
    at = window.values.to_pixel(30, window.values.viewRect().center().y())
    assert at is not None
    reading = window.values.reading(window.values.to_plot(at), at)
    assert reading is not None and reading.title == "epoch 30"
    assert [row.name for row in reading.rows] == ["loss", "val_loss"]
    assert reading.rows[0].values == (f"{window.curves.values[0].raw[30]:.7g}",)


def dashes(window: LogWindow, run: int) -> dict[str, tuple[float, ...]]:
    curves = [curve for curve in window.curves.values if curve.run == run]
    return {curve.name: window.values.style_of(curve).dash for curve in curves}


def test_losses_of_a_run_differ_without_colours_and_are_named(
    driver: Driver, window: LogWindow, tmp_path: Path
) -> None:
    """The first is that which is trained on; a loss on other data has the dash of its like in the training."""
    (tmp_path / "parts.csv").write_text(PARTS)
    open_log(driver, window, tmp_path / "parts.csv")
    legend = window.values.header.entries
    assert [name for name, _style in legend] == ["loss", "cls_loss", "box_loss"]
    assert len({style.dash for _name, style in legend}) == 3 and legend[0][1].dash == ()
    found = dashes(window, 0)
    assert found["val/cls_loss"] == found["train/cls_loss"] == legend[1][1].dash
    assert window.rates.header.entries[0][0] == "parts.csv"
    assert "“train/loss”" in window.page.sure.text()
    window.set_theme(DARK)
    assert dashes(window, 0) == found


def test_twelve_losses_look_different_in_the_samples_of_a_narrow_legend(
    driver: Driver, window: LogWindow, tmp_path: Path
) -> None:
    names = [f"model/encoder/layers/that/all/names/begin/with/{place}_loss" for place in range(12)]
    rows = "".join(f"{row}{f',{3 - row / 20}' * 12}\n" for row in range(20))
    (tmp_path / "many.csv").write_text(f"step,{','.join(names)}\n{rows}")
    open_log(driver, window, tmp_path / "many.csv")
    window.resize(900, 700)
    samples = set()
    for name, style in window.values.header.entries:
        sample = sample_pixmap(style, window.theme, QSize(20, 24), 1).toImage()
        pixels = [sample.pixelColor(x, 12).alpha() > 127 for x in range(20)]
        assert pixels.count(False) > 3 or style.dash == (), name
        samples.add((style.color.name(), *pixels))
    assert len(samples) == 12
    shown, more = window.values.header.legend()
    assert [entry.label for entry in shown] == [f"…{place}_loss" for place in range(12)] and more is None


def test_where_runs_have_several_losses_the_colour_is_the_run_and_the_dash_the_loss(
    driver: Driver, window: LogWindow, tmp_path: Path
) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text(PARTS)
        open_log(driver, window, tmp_path / name)
    assert dashes(window, 0) == dashes(window, 1)
    (tmp_path / "total.csv").write_text(PARTS.replace("train/loss", "total_loss"))
    open_log(driver, window, tmp_path / "total.csv")
    assert [*dashes(window, 2).values()] == [*dashes(window, 0).values()]
    window.runs_list.item(2).setCheckState(Qt.CheckState.Unchecked)
    driver.until(lambda: {curve.run for curve in window.curves.values} == {0, 1} and not window.busy)
    legend = window.values.header.entries
    assert [name for name, _style in legend] == ["one.csv", "two.csv", "loss", "cls_loss", "box_loss"]
    assert len({(style.color.name(), style.dash) for _name, style in legend}) == 5


def test_runs_of_one_loss_look_as_in_all_plots(driver: Driver, window: LogWindow, tmp_path: Path) -> None:
    for name, loss in (("one.csv", "loss"), ("two.csv", "lm loss")):
        (tmp_path / name).write_text(
            PARTS.replace("train/loss", loss).replace("cls_loss", "acc").replace("box_loss", "iou")
        )
        open_log(driver, window, tmp_path / name)
    assert [name for name, _style in window.values.header.entries] == ["one.csv", "two.csv"]
    styles = [window.values.style_of(curve) for curve in window.curves.values]
    assert styles == [window.values.theme.run_style(run) for run in (0, 1)]


def test_one_of_several_losses_is_drawn_by_itself(driver: Driver, window: LogWindow, tmp_path: Path) -> None:
    (tmp_path / "parts.csv").write_text(PARTS)
    open_log(driver, window, tmp_path / "parts.csv")
    texts = [window.form.quantity.itemText(place) for place in range(window.form.quantity.count())]
    assert texts == ["all losses", "loss", "cls_loss", "box_loss"]
    choose(driver, window, window.form.quantity, "cls_loss")
    assert [curve.name for curve in window.curves.values] == ["train/cls_loss", "val/cls_loss"]
    assert [name for name, _style in window.values.header.entries] == ["parts.csv"]
    assert window.values.header.title == "cls_loss"


def test_equal_rates_of_groups_are_one_curve_with_their_names(
    driver: Driver, window: LogWindow, tmp_path: Path
) -> None:
    rows = "".join(f"{row},{0.5**row},{0.5**row},{0.1 * 0.5**row},{3 - row / 9}\n" for row in range(20))
    (tmp_path / "groups.csv").write_text(f"step,lr/pg0,lr/pg1,lr/pg2,loss\n{rows}")
    open_log(driver, window, tmp_path / "groups.csv")
    assert [curve.name for curve in window.curves.rates] == ["lr/pg0, lr/pg1", "lr/pg2"]
    assert [name for name, _style in window.rates.header.entries] == ["lr/pg0, lr/pg1", "lr/pg2"]


def test_a_rising_rate_is_offered_as_a_range_test(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(CASES / "epoch_batch.csv")], ""))
    driver.menu("Tools", "Import training log…")
    window = driver.window.tools.opened[LogWindow]
    assert isinstance(window, LogWindow)
    driver.until(lambda: len(window.reads) == 1 and not window.busy)
    assert window.page.range_test.isVisible() and "range test" in window.page.finding.text()
    QTest.mouseClick(window.page.range_test, Qt.MouseButton.LeftButton)
    test = driver.window.tools.opened[RangeTestWindow]
    assert isinstance(test, RangeTestWindow)
    driver.until(lambda: test.log is not None)
    assert test.log is not None and len(test.log.log.loss) == 60 and test.panel.loss.against_rate
    driver.until(lambda: not test.busy)
    open_log(driver, window, CASES / "keras-3.15.1-plateau.csv")
    assert not window.page.range_test.isVisible()


def test_a_question_is_answered_on_the_page(driver: Driver, window: LogWindow, tmp_path: Path) -> None:
    text = "step,lr,loss\n" + "".join(f"{row},0.1,{row + 10 * turn}\n" for turn in range(2) for row in range(9))
    path = tmp_path / "twice.csv"
    path.write_text(text, encoding="utf-8")
    open_log(driver, window, path)
    assert window.runs_list.count() == 2
    combo = window.page.combos["restarts"]
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    driver.until(lambda: window.runs_list.count() == 1 and not window.busy)
    assert len(window.curves.values[0].raw) == 18


def test_unclear_columns_are_asked_for(driver: Driver, window: LogWindow, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("step,lr,loss\n0,0.1,2\n1,0.1,1\n2,much,1\n3,0.1,0.9\n", encoding="utf-8")
    window.opener.begin([path])
    driver.until(lambda: window.opener.dialog is not None and window.opener.dialog.bad.count() == 1)
    dialog = window.opener.dialog
    assert dialog is not None
    dialog.drop.click()
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: len(window.reads) == 1 and not window.busy)
    assert window.opener.dialog is None and window.curves.values[0].raw.tolist() == [2, 1, 0.9]
    assert "1 rows with a bad cell were left out" in window.page.notes.text()
    assert "cannot be told" in window.page.finding.text()
    assert window.page.sure.isVisible() == bool(window.page.sure.text())


def test_a_file_that_is_no_log_says_what_it_is(driver: Driver, window: LogWindow, tmp_path: Path) -> None:
    path = tmp_path / "run.wandb"
    path.write_bytes(b":W&B\xe1\xbe\x00")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(QPoint(50, 50)), copy, data, button, keys))
    driver.until(lambda: window.note.text() != "")
    assert window.note.text().startswith("run.wandb: is a store of Weights & Biases: export a CSV file")


def test_a_long_log_is_read_beside_the_window_and_can_be_cancelled(
    driver: Driver, window: LogWindow, tmp_path: Path
) -> None:
    path = tmp_path / "long.csv"
    path.write_text("step,lr,loss\n" + "".join(f"{row},0.1,{1 + row % 7}\n" for row in range(300_000)), "utf-8")
    window.opener.begin([path])
    driver.until(lambda: (window.job.fraction or 0) > 0.05)
    QTest.mouseClick(window.cancel_button, Qt.MouseButton.LeftButton)
    assert not window.busy and not window.reads
    open_log(driver, window, path)
    curve = window.curves.values[0]
    assert len(curve.raw) == 300_000 and len(curve.shown(-np.inf, np.inf)) <= 4000
    assert curve.shown(1000, 1100).tolist() == list(range(999, 1101))


def test_every_producer_opens_at_once(driver: Driver, window: LogWindow) -> None:
    for names in (
        ["dvclive-3.49.1-loss.tsv", "dvclive-3.49.1-learning_rate.tsv"],
        ["mlflow-3.17.2-lr", "mlflow-3.17.2-train-loss"],
        ["lightning-2.6.6-two_groups-metrics.csv"],
        ["mmengine-0.10.7-scalars.json"],
        ["transformers-5.24.0-stdout.log"],
        ["tensorboard-2.21.0-events.out.tfevents.tbx"],
        ["trackio-0.43.0-store.db"],
    ):
        open_log(driver, window, *(CASES / name for name in names))
        assert window.curves.values and window.page.finding.text(), names
        window.close_logs()
        driver.until(lambda: not window.busy)


def test_no_text_of_a_log_is_read_as_markup(driver: Driver, window: LogWindow, image: Watched, tmp_path: Path) -> None:
    path = tmp_path / "<b>y<img src=x>&z.csv"
    rows = "".join(f"{step},0.1,{2 / (1 + step)},{step}\n" for step in range(40))
    path.write_text(f"step,lr,loss,{HOSTILE}\n{rows}", encoding="utf-8")
    open_log(driver, window, path, CASES / "epoch_batch.csv")
    assert len(read_log([path, CASES / "epoch_batch.csv"]).runs) == 2
    choose(driver, window, window.form.quantity, window.form.quantity.itemText(1))
    found = shown_texts(driver)
    assert {text for _, text in found if not is_literal(text)} == set()
    assert {kind for kind, _ in found} >= {"cell", "label"}
    assert not image.was_opened()


def test_a_log_that_grows_is_followed_and_the_selected_run_stays(
    driver: Driver, window: LogWindow, tmp_path: Path
) -> None:
    path, other = tmp_path / "run.csv", tmp_path / "other.csv"
    for file in (other, path):
        file.write_text("step,lr,loss\n" + "".join(f"{step},0.1,{1 / (step + 1)}\n" for step in range(20)))
        open_log(driver, window, file)
    window.runs_list.setCurrentRow(0)
    QTest.mouseClick(window.follow, Qt.MouseButton.LeftButton, pos=QPoint(8, window.follow.height() // 2))
    assert window.follow.isChecked()
    with driver.qtbot.waitSignal(window.follower.looked):
        pass
    with path.open("a") as growing:
        growing.write("20,0.05,0.04\n21,0.05,0.0")
    driver.until(lambda: len(window.curves.values) == 2 and len(window.curves.values[1].x) >= 21 and not window.busy)
    assert window.runs_list.currentRow() == 0
    path.write_text("step,lr,loss\n0,0.1,5\n1,0.1,4\n")
    driver.until(lambda: len(window.curves.values[1].x) == 2 and not window.busy)
    path.unlink()
    with driver.qtbot.waitSignal(window.follower.looked):
        pass
    assert len(window.curves.values[1].x) == 2
    window.follow.setChecked(False)
