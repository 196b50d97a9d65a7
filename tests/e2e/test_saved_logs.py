"""Training logs are part of the session: saved, restored, kept for a recovery, and opened without their files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from lrstudio.store.logs.model import Log
from lrstudio.store.session import load
from lrstudio.ui.instruments.log.window import LogWindow
from tests.e2e.conftest import Driver
from tests.e2e.test_recovery import folder, offer, opened
from tests.e2e.test_training_logs import CASES, choose, open_log

__all__ = ["folder", "opened"]


@pytest.fixture
def window(driver: Driver) -> LogWindow:
    return driver.window.tools.show(LogWindow)


def write(path: Path, rows: int = 20) -> Path:
    path.write_text("step,lr,loss,mae\n" + "".join(f"{step},0.1,{1 / (step + 1)},{step}\n" for step in range(rows)))
    return path


def save(driver: Driver, path: Path) -> None:
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.session.save(path)


def reopen(driver: Driver, path: Path) -> LogWindow:
    """Start anew, open the session and return its window of logs."""
    driver.until_new_trace(driver.window.files.new)
    driver.until_new_trace(lambda: driver.session.open(path))
    window = driver.window.tools.opened[LogWindow]
    assert isinstance(window, LogWindow)
    driver.until(lambda: window.reads and not window.busy)
    return window


def test_what_is_open_is_saved_and_shown_again_without_the_files(
    driver: Driver, window: LogWindow, tmp_path: Path
) -> None:
    open_log(driver, window, first := write(tmp_path / "first.csv"))
    open_log(driver, window, write(tmp_path / "second.csv", 30))
    choose(driver, window, window.form.quantity, "mae")
    choose(driver, window, window.form.smoothing, "0.9")
    choose(driver, window, window.form.axis, "row")
    window.form.log_scale.click()
    window.runs_list.setCurrentRow(0)
    window.runs_list.item(1).setCheckState(Qt.CheckState.Unchecked)
    driver.until(lambda: not window.busy)
    assert driver.session.modified
    save(driver, tmp_path / "a.lrs")
    assert not driver.session.modified
    first.unlink()
    before = window.curves.values[0]
    assert reopen(driver, tmp_path / "a.lrs") is window
    driver.until(lambda: len(window.curves.values) == 1 and not window.busy)
    assert window.isVisible() and window.form.to_save() == {
        "quantity": "mae", "axis": "row", "smoothing": 0.9, "log": False,
    }  # fmt: skip
    assert window.runs_list.hidden() == [1] and window.runs_list.currentRow() == 0
    assert window.curves.values[0].main.tolist() == before.main.tolist()
    assert [each.paths for each in window.reads] == [(first,), (tmp_path / "second.csv",)]
    assert str(first) in window.runs_list.item(0).toolTip()
    assert not driver.session.modified and window.page.finding.text()


def test_a_choice_marks_the_session_until_it_is_taken_back(driver: Driver, window: LogWindow, tmp_path: Path) -> None:
    open_log(driver, window, write(tmp_path / "a.csv"))
    save(driver, tmp_path / "a.lrs")
    for change in (
        window.form.log_scale.click,
        lambda: window.runs_list.item(0).setCheckState(Qt.CheckState.Unchecked),
    ):
        change()
        assert driver.session.modified and driver.window.isWindowModified()
    window.runs_list.item(0).setCheckState(Qt.CheckState.Checked)
    window.form.log_scale.click()
    assert not driver.session.modified and not driver.window.isWindowModified()
    QTest.mouseClick(window.clear, Qt.MouseButton.LeftButton)
    assert driver.session.modified


def test_another_session_closes_the_logs_and_the_window(driver: Driver, window: LogWindow, tmp_path: Path) -> None:
    save(driver, tmp_path / "plain.lrs")
    open_log(driver, window, write(tmp_path / "a.csv"))
    save(driver, tmp_path / "logs.lrs")
    window.close()
    driver.until_new_trace(lambda: driver.session.open(tmp_path / "plain.lrs"))
    assert not window.reads and not window.isVisible() and not driver.session.modified
    driver.until_new_trace(lambda: driver.session.open(tmp_path / "logs.lrs"))
    driver.until(lambda: len(window.reads) == 1 and not window.busy)
    assert window.isVisible() and len(window.curves.values) == 1


def test_the_file_of_a_session_without_logs_does_not_change(driver: Driver, window: LogWindow, tmp_path: Path) -> None:
    save(driver, tmp_path / "before.lrs")
    open_log(driver, window, write(tmp_path / "a.csv"))
    save(driver, tmp_path / "with.lrs")
    window.close_logs()
    save(driver, tmp_path / "after.lrs")
    before, after = ((tmp_path / name).read_bytes() for name in ("before.lrs", "after.lrs"))
    assert before == after != (tmp_path / "with.lrs").read_bytes()


def test_no_file_is_opened_before_the_user_follows_it(
    driver: Driver, window: LogWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_log(driver, window, path := write(tmp_path / "a.csv"))
    save(driver, tmp_path / "a.lrs")
    with path.open("a") as growing:
        growing.write("20,0.1,0.5,1\n")
    reading: list[Path] = []
    read = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, *args, **named: (reading.append(self), read(self, *args, **named))[1]
    )
    reopen(driver, tmp_path / "a.lrs")
    assert path not in reading and len(window.curves.values[0].x) == 20 and not window.follow.isChecked()
    window.follow.setChecked(True)
    driver.until(lambda: len(window.curves.values[0].x) == 21 and not window.busy)
    assert path in reading
    window.follow.setChecked(False)


def test_a_log_of_a_session_with_other_columns_or_on_another_machine_is_not_followed(
    driver: Driver, window: LogWindow, tmp_path: Path
) -> None:
    open_log(driver, window, path := write(tmp_path / "a.csv"))
    save(driver, tmp_path / "a.lrs")
    path.write_text("step,password\n0,1\n1,2\n")
    reopen(driver, tmp_path / "a.lrs")
    window.follow.setChecked(True)
    driver.until(lambda: "has other columns than the session's log" in window.note.text())
    assert len(window.curves.values[0].x) == 20
    window.follow.setChecked(False)


def test_a_log_too_large_for_a_session_is_told_and_the_session_is_saved(
    driver: Driver, window: LogWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrstudio.store.saved_logs.MOST_VALUES", 100)
    open_log(driver, window, write(tmp_path / "small.csv"))
    assert not window.unsaved.isVisible()
    open_log(driver, window, write(tmp_path / "large.csv", 40))
    assert window.unsaved.isVisible() and "large.csv" in window.unsaved.text() and "small" not in window.unsaved.text()
    save(driver, tmp_path / "a.lrs")
    assert [log.log.title for log in load(tmp_path / "a.lrs").logs] == ["small.csv"]


def test_logs_survive_the_end_of_the_program(opened: Callable[[], Driver], folder: Path, tmp_path: Path) -> None:
    driver = opened()
    window = driver.window.tools.show(LogWindow)
    open_log(driver, window, CASES / "keras-3.15.1-plateau.csv")
    window.form.log_scale.click()
    driver.until(lambda: len(list(folder.glob("*.base"))) == 1)
    driver.window.end()
    driver.until(lambda: not driver.window.feed.alive and not list(folder.glob("*.lock")))
    again = opened()
    dialog = offer(again)
    QTest.mouseClick(dialog.restore, Qt.MouseButton.LeftButton)
    driver.until(lambda: LogWindow in again.window.tools.opened)
    restored = again.window.tools.opened[LogWindow]
    assert isinstance(restored, LogWindow)
    driver.until(lambda: len(restored.curves.values) == 2 and not restored.busy)
    assert not restored.form.log_scale.isChecked() and again.session.modified
    log: Log = restored.reads[0].log
    assert log.producer == "Keras" and log.runs[0].named("val_mae") is not None
    restored.close_logs()
    driver.until(lambda: not list(folder.glob("*.base")))
