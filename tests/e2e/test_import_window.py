"""Importing a CSV file with the real window and the real dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from lrstudio.core.problems import OwnData, Proportional
from lrstudio.ui.canvases.data_fit import DataFitCanvas
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.figures.dialog import FigureOptions
from lrstudio.ui.files.import_dialog import ImportDialog
from tests.e2e.conftest import Driver

TABLE = "size;rooms;price;sold\n50,5;2;200;no\n60;3;240,5;no\n80;3;310;yes\n100;4;400;no\n120;2;420;yes\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "houses.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture
def opened(driver: Driver, table: Path, monkeypatch: pytest.MonkeyPatch) -> ImportDialog:
    """The dialog for the table, as the menu opens it."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(table), ""))
    driver.menu("File", "Import data…")
    return looked(driver)


def looked(driver: Driver) -> ImportDialog:
    driver.until(lambda: driver.window.files.data.dialog is not None)
    dialog = driver.window.files.data.dialog
    assert dialog is not None
    driver.until(lambda: dialog.model.rowCount() > 0)
    return dialog


def tick(dialog: ImportDialog, *places: int) -> None:
    """Tick these columns x with the keyboard."""
    features = dialog.columns.features
    for place in range(features.count()):
        if (features.item(place).checkState() == Qt.CheckState.Checked) != (place in places):
            features.setCurrentRow(place)
            QTest.keyClick(features, Qt.Key.Key_Space)


def choose(combo: object, data: object) -> None:
    combo.setCurrentIndex(combo.findData(data))  # type: ignore[attr-defined]
    combo.activated.emit(combo.currentIndex())  # type: ignore[attr-defined]


def take(driver: Driver, dialog: ImportDialog) -> OwnData:
    """Press Import and wait for the new problem."""
    driver.until_new_trace(lambda: QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton))
    problem = driver.session.experiment.problem
    assert isinstance(problem, OwnData)
    return problem


def test_the_guesses_are_shown_and_imported_as_they_are(driver: Driver, opened: ImportDialog) -> None:
    assert (opened.format.delimiter.currentData(), opened.format.decimal.currentData()) == (";", ",")
    assert opened.format.encoding.currentData() == "utf-8" and opened.format.header.isChecked()
    assert (opened.columns.chosen_x, opened.columns.chosen_y, opened.columns.chosen_kind) == ((0,), 3, "logistic")
    problem = take(driver, opened)
    assert (problem.kind, problem.dataset.words) == ("logistic", ("no", "yes"))
    assert driver.window.status.note.text() == "Imported houses.csv, rows: 5; no = 0, yes = 1"
    assert driver.window.files.data.dialog is None
    assert driver.window.views.question.question_label.text() == ""  # that of the example that was open
    assert driver.window.figures.figure(FigureOptions()).title == ""


def test_a_line_is_fitted_and_told_in_the_units_of_the_file(driver: Driver, opened: ImportDialog) -> None:
    choose(opened.columns.target, 2)
    choose(opened.columns.kind, "linear")
    take(driver, opened)
    driver.session.edit(driver.session.experiment.with_run(0, lr=0.4))
    driver.until(lambda: driver.session.simulation is not None)
    driver.finish()
    size, price = np.array([50.5, 60, 80, 100, 120]), np.array([200, 240.5, 310, 400, 420])
    slope, bias = np.polyfit(size, price, 1)
    panel = driver.window.dock.data_panel
    driver.until(lambda: panel.equation.text() == f"price = {slope:.5g}·size + {bias:.5g}")
    assert panel.source.text() == "houses.csv: 5 rows; price from size"
    canvas = driver.window.views.canvas(DataFitCanvas)
    np.testing.assert_allclose(canvas.predicted(size)[0], slope * size + bias, rtol=1e-6)
    (low, high), (least, most) = canvas.view() or ((0, 0), (0, 0))
    assert low < 50.5 < 120 < high and least < 200 < 420 < most
    assert canvas.isVisible() and driver.window.views.canvas(LandscapeCanvas).isVisible()


def test_the_fit_follows_y_and_the_dialog_says_how_much_it_has_seen(driver: Driver, opened: ImportDialog) -> None:
    assert opened.note.text() == f"4 columns, 5 rows ({len(TABLE)} bytes)"
    choose(opened.columns.target, 2)
    assert opened.columns.chosen_kind == "linear"
    assert opened.ok.isEnabled()
    choose(opened.columns.kind, "logistic")
    assert opened.note.text() == "y = price has more than two values, as 310 in row 4: choose a line or a polynomial"
    assert not opened.ok.isEnabled()
    choose(opened.columns.target, 3)
    assert opened.columns.chosen_kind == "logistic"
    assert opened.ok.isEnabled()
    header, letters = opened.table.horizontalHeader(), opened.table.fontMetrics()
    names = [str(opened.model.headerData(column, Qt.Orientation.Horizontal)) for column in range(4)]
    assert all(header.sectionSize(at) > letters.horizontalAdvance(name) for at, name in enumerate(names))


def test_rates_that_an_import_changes_are_said_and_come_back(driver: Driver, opened: ImportDialog) -> None:
    driver.session.edit(driver.session.experiment.with_run(0, lr=1e-5).with_run(1, lr=2e-5).with_run(2, lr=4e-5))
    before = driver.session.experiment
    choose(opened.columns.target, 2)
    problem, note = take(driver, opened), driver.window.status.note.text()
    assert problem.kind == "linear"
    after = [run.lr for run in driver.session.experiment.runs]
    assert note.startswith("None of the rates suited this problem: 1e-05 → ")
    assert all(f" → {lr:g}" in note for lr in after)
    assert note.endswith("Imported houses.csv, rows: 5")
    driver.menu("Edit", "Undo problem")
    assert driver.session.experiment == before


def test_undo_takes_the_import_back(driver: Driver, opened: ImportDialog) -> None:
    before, trace = driver.session.experiment, driver.session.trace
    take(driver, opened)
    driver.menu("Edit", "Undo problem")
    driver.until(lambda: driver.session.trace is trace)
    assert driver.session.experiment == before
    driver.menu("Edit", "Redo problem")
    driver.until(lambda: isinstance(driver.session.experiment.problem, OwnData))
    driver.until(lambda: driver.session.simulation is not None)


def test_several_columns_are_ticked_and_the_loss_is_shown_without_a_data_plot(
    driver: Driver, opened: ImportDialog
) -> None:
    choose(opened.columns.target, 2)
    choose(opened.columns.kind, "linear")
    tick(opened, 0, 1)
    assert opened.columns.chosen_x == (0, 1)
    choose(opened.columns.kind, "polynomial")
    assert opened.note.text() == "a polynomial takes one column x" and not opened.ok.isEnabled()
    choose(opened.columns.kind, "linear")
    assert take(driver, opened).names == ("w1", "w2", "b")
    views = driver.window.views
    assert not views.canvas(DataFitCanvas).isVisible() and views.canvas(LossCanvas).isVisible()


def test_bad_cells_are_listed_with_row_and_column_and_left_out_on_demand(driver: Driver, table: Path) -> None:
    table.write_text(TABLE + "none;3;5;no\n" + "90;3;300;no\n" * 300 + "95;3;x;no\n", encoding="utf-8")
    driver.window.files.data.begin(table)
    dialog = looked(driver)
    choose(dialog.columns.target, 2)
    choose(dialog.columns.kind, "linear")
    assert [dialog.bad.item(0).text()] == ["row 7, column 1 (size): “none” is missing"]
    assert not dialog.ok.isEnabled()
    table.write_text(TABLE + "90;3;300;no\n" * 300 + "95;3;x;no\n", encoding="utf-8")
    choose(dialog.format.encoding, "utf-8")
    driver.until(dialog.ok.isEnabled)
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: dialog.bad.count() == 1)
    assert dialog.bad.item(0).text() == "row 307, column 3 (price): “x” is not a number"
    assert "1 bad cells in 1 rows" in dialog.note.text() and not dialog.ok.isEnabled()
    QTest.mouseClick(dialog.drop, Qt.MouseButton.LeftButton, pos=QPoint(8, dialog.drop.height() // 2))
    assert len(take(driver, dialog).dataset) == 305
    left_out = "left out: 1 (row 307, column 3 (price): “x” is not a number)"
    assert driver.window.status.note.text() == f"Imported houses.csv, rows: 305; {left_out}"


@pytest.mark.parametrize(("answer", "price", "mark"), [(0, [999.5, 1.5, 1.75], ".=,"), (1, [999.5, 1500, 1750], ",.")])
def test_cells_that_can_mean_two_numbers_are_asked_with_both_readings(
    driver: Driver, table: Path, answer: int, price: list[float], mark: str
) -> None:
    table.write_text("size;price\n40;999,5\n52;1.500\n60;1.750\n")
    driver.window.files.data.begin(table)
    dialog = looked(driver)
    question = dialog.question
    assert question.isVisible() and "“1.500” can mean two numbers" in question.text.text()
    assert [button.text() for button in question.answers] == [
        "price = 999.5;  1.5;  1.75",
        "price = 999.5;  1500;  1750",
    ]
    QTest.mouseClick(dialog.drop, Qt.MouseButton.LeftButton, pos=QPoint(8, dialog.drop.height() // 2))
    assert not dialog.ok.isEnabled() and dialog.note.text().startswith("2 cells can mean two numbers")
    QTest.mouseClick(question.answers[answer], Qt.MouseButton.LeftButton)
    driver.until(dialog.ok.isEnabled)
    assert not question.isVisible() and dialog.format.decimal.currentData() == mark
    assert take(driver, dialog).dataset.columns[1].tolist() == price


def test_a_cell_with_two_readings_far_below_is_asked_and_all_bad_cells_are_copied(driver: Driver, table: Path) -> None:
    table.write_text("size;price\n" + "".join(f"{row};{row % 7}\n" for row in range(3000)) + "3000;1.500\n")
    driver.window.files.data.begin(table)
    dialog = looked(driver)
    assert dialog.format.decimal.currentIndex() == -1 and not dialog.copy.isVisible()
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(dialog.question.isVisible)
    assert [button.text() for button in dialog.question.answers] == ["price = 1.5", "price = 1500"]
    QTest.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "row 3002, column 2 (price): “1.500” can mean 1.5 or 1500"
    QTest.mouseClick(dialog.question.answers[0], Qt.MouseButton.LeftButton)
    driver.until(dialog.ok.isEnabled)
    assert take(driver, dialog).dataset.columns[1][-1] == 1.5


def test_another_format_is_looked_at_again(driver: Driver, opened: ImportDialog) -> None:
    opened.format.header.click()
    driver.until(lambda: opened.model.rowCount() == 6)
    assert opened.model.headerData(0, Qt.Orientation.Horizontal) == "column 1"
    choose(opened.format.delimiter, ",")
    driver.until(lambda: opened.model.columnCount() != 4)
    choose(opened.format.delimiter, ";")
    driver.until(lambda: opened.model.columnCount() == 4)
    choose(opened.format.encoding, "utf-16")
    driver.until(lambda: opened.model.rowCount() == 0 or opened.model.columnCount() != 4)
    choose(opened.format.encoding, "utf-8")
    driver.until(lambda: opened.model.columnCount() == 4)


def test_what_is_no_table_says_so_in_the_dialog(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    driver.window.files.data.begin(tmp_path / "empty.csv")
    dialog = driver.window.files.data.dialog
    assert dialog is not None
    driver.until(lambda: dialog.note.text() == "is empty")
    assert not dialog.ok.isEnabled()
    dialog.reject()
    assert driver.window.files.data.dialog is None


def test_reading_shows_progress_and_is_cancelled(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("x,y\n" + "".join(f"{place},{place % 7}\n" for place in range(200_000)))
    before = driver.session.experiment
    driver.window.files.data.begin(path)
    dialog = looked(driver)
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: dialog.progress.isVisible() and dialog.progress.value() > 0)
    assert not dialog.ok.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    driver.until(lambda: not driver.window.bench.busy)
    assert driver.session.experiment == before
    assert driver.window.files.data.dialog is None


def test_a_dropped_table_opens_the_dialog(driver: Driver, table: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(table))])
    window = driver.window
    event = QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)
    assert looked(driver).windowTitle() == "Import houses.csv"
    window.files.data.dialog.reject()


def test_the_saved_session_brings_the_data_back(driver: Driver, opened: ImportDialog, tmp_path: Path) -> None:
    problem = take(driver, opened)
    driver.session.save(tmp_path / "a.lrs")
    driver.until(lambda: driver.session.path is not None)
    driver.until_new_trace(lambda: driver.window.dock.choose_problem(Proportional.key))
    assert not driver.window.dock.data_panel.isVisible()
    driver.until_new_trace(lambda: driver.session.open(tmp_path / "a.lrs"))
    assert driver.session.experiment.problem == problem
    assert driver.window.dock.data_panel.isVisible()


def test_another_kind_keeps_the_starts_of_the_parameters_it_still_has(driver: Driver, opened: ImportDialog) -> None:
    choose(opened.columns.target, 2)
    choose(opened.columns.kind, "linear")
    take(driver, opened)
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_run(0, start=(1.0, 2.0))))
    form: Callable[[str], object] = driver.window.dock.problem_form.editor
    driver.until_new_trace(lambda: choose(form("kind"), "polynomial"))
    assert driver.session.experiment.starts()[0] == (0.0, 0.0, 2.0)
