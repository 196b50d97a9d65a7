"""Files of trainings that come from the menu, the desktop or the command line, and such that grow."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget

from lrstudio.ui.files import actions
from lrstudio.ui.instruments.log.follow_dialog import FollowDialog
from lrstudio.ui.instruments.log.window import LogWindow
from tests.e2e.conftest import Driver
from tests.e2e.drops import drop
from tests.e2e.test_training_logs import CASES

HEAD = "step,lr,loss\n"


def rows(first: int, last: int) -> str:
    return "".join(f"{step},0.1,{1 / (step + 1)}\n" for step in range(first, last))


def drop_files(target: QWidget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    drop(target, data, QPointF(50, 50))


def logs(driver: Driver, count: int = 1) -> LogWindow:
    """The window of logs once so many are open."""
    driver.until(lambda: LogWindow in driver.window.tools.opened)
    window = driver.window.tools.opened[LogWindow]
    assert isinstance(window, LogWindow)
    driver.until(lambda: len(window.reads) == count and not window.busy)
    return window


def asked(driver: Driver) -> FollowDialog:
    driver.menu("File", "Follow…")
    dialog = driver.window.findChildren(FollowDialog)[-1]
    assert dialog.isVisible()
    return dialog


def follow(dialog: FollowDialog, path: Path) -> None:
    dialog.path.setEditText(str(path))
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)


def test_a_file_that_is_followed_grows_in_the_window(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.csv"
    path.write_text(HEAD)
    dialog = asked(driver)
    follow(dialog, tmp_path / "none.csv")
    assert dialog.isVisible() and "There is no file" in dialog.note.text()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(dialog.file, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: LogWindow in driver.window.tools.opened)
    window = driver.window.tools.opened[LogWindow]
    assert isinstance(window, LogWindow) and window.follow.isChecked()
    driver.until(lambda: "run.csv" in window.note.text())
    path.write_text(HEAD + rows(0, 20))
    driver.until(lambda: bool(window.curves.values) and len(window.curves.values[0].x) == 20 and not window.busy)
    with path.open("a") as growing:
        growing.write(rows(20, 30))
    driver.until(lambda: len(window.curves.values[0].x) == 30 and not window.busy)
    assert len(window.reads) == 1
    window.follow.setChecked(False)


def test_a_new_log_in_a_folder_that_is_followed_is_added(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "one.csv").write_text(HEAD + rows(0, 20))
    (folder / "settings.json").write_text('{"batch_size": 32}')
    dialog = asked(driver)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    QTest.mouseClick(dialog.folder, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    window = logs(driver)
    assert window.runs_list.count() == 1 and "settings.json" in window.page.notes.text()
    with driver.qtbot.waitSignal(window.follower.looked):
        pass
    (folder / "two").mkdir()
    (folder / "two" / "log.csv").write_text(HEAD + rows(0, 10))
    driver.until(lambda: window.runs_list.count() == 2 and not window.busy)
    assert {window.runs_list.item(row).text() for row in range(2)} == {"runs", "two"}
    window.follow.setChecked(False)


def test_logs_that_are_dropped_on_the_main_window_open_in_that_of_logs(driver: Driver) -> None:
    drop_files(driver.window, CASES / "transformers-5.24.0-trainer_state.json")
    window = logs(driver)
    assert window.isVisible() and window.curves.values
    drop_files(driver.window, CASES / "dvclive-3.49.1-loss.tsv", CASES / "dvclive-3.49.1-learning_rate.tsv")
    logs(driver, 2)
    assert len(window.reads[1].log.runs) == 1 and window.curves.rates


def test_a_log_on_the_command_line_opens_in_the_window_of_logs(driver: Driver) -> None:
    driver.window.files.open_path(CASES / "keras-3.15.1-plateau.csv")
    assert logs(driver).page.finding.text()


def test_of_a_table_that_may_be_a_log_the_user_is_asked(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("epoch,accuracy\n" + "".join(f"{epoch},{epoch / 20}\n" for epoch in range(20)))
    questions: list[str] = []

    def answer(_parent: QWidget, _title: str, text: str, _details: str, *choices: str) -> str:
        questions.append(text)
        return choices[0]

    monkeypatch.setattr(actions, "ask", answer)
    drop_files(driver.window, path)
    window = logs(driver)
    assert questions == ["Is “table.csv” the log of a training, or data to train on?"]
    assert [series.name for series in window.reads[0].log.runs[0].series] == ["accuracy"]


def test_what_nobody_can_open_is_told(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\r\n")
    drop_files(driver.window, path)
    driver.until(lambda: "“picture.png” cannot be opened" in driver.window.status.note.text())
