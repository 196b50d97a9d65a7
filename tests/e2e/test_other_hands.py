"""Other programs and other windows: no file is overwritten that is not the one that was opened or saved here."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from lrstudio.store.session import load
from lrstudio.ui.files import actions
from lrstudio.ui.session.file_lock import FileLock
from tests.e2e.conftest import Driver, opened

SAVE_AS, REPLACE, READ_ONLY = "Save as…", "Replace", "Open read-only"


class Asked:
    """Answers the questions with buttons of these names; a function is called while the question stands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str | None) -> None:
        self.texts: list[str] = []
        self.choices: list[tuple[str, ...]] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self._answers = list(answers)
        monkeypatch.setattr(actions, "ask", self._ask)

    def _ask(self, _parent: Any, _title: str, text: str, details: str, *choices: str) -> str | None:
        self.texts.append(f"{text}\n{details}")
        self.choices.append(choices)
        self.meanwhile()
        answer = self._answers.pop(0)
        assert answer is None or answer in choices
        return answer


def save(driver: Driver) -> None:
    driver.menu("File", "Save")
    driver.until(lambda: driver.session.task is None)
    driver.until(lambda: not driver.window.feed.busy)


def same_status(path: Path, content: bytes) -> None:
    """Changes a file and keeps its size and its time."""
    status = path.stat()
    assert len(content) == status.st_size
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.fixture
def file(driver: Driver, tmp_path: Path) -> Path:
    """The file of the window, which has an unsaved change."""
    path = tmp_path / "mine.lrs"
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.session.save(path)
    driver.window.runs.actions_by_name["add"].trigger()
    return path


def changed(path: Path) -> bytes:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    return bytes(content)


def test_a_file_that_kept_size_and_time_is_not_replaced_without_a_question(
    driver: Driver, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = changed(file)
    same_status(file, theirs)
    asked = Asked(monkeypatch, None)
    save(driver)
    assert "changed by another program" in asked.texts[0]
    assert file.read_bytes() == theirs
    assert driver.session.modified


def test_a_file_that_is_replaced_while_the_question_stands_is_asked_about_again(
    driver: Driver, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"theirs")
    asked = Asked(monkeypatch, REPLACE, None)
    asked.meanwhile = lambda: file.write_bytes(b"theirs, too")
    save(driver)
    assert len(asked.texts) == 2
    assert file.read_bytes() == b"theirs, too"


def test_a_replaced_file_is_overwritten_once_that_is_wanted(
    driver: Driver, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"theirs")
    Asked(monkeypatch, REPLACE)
    save(driver)
    assert load(file).experiment == driver.session.experiment
    assert not driver.session.modified
    driver.window.runs.actions_by_name["add"].trigger()
    save(driver)
    assert load(file).experiment == driver.session.experiment


def test_a_deleted_file_is_missed(driver: Driver, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.unlink()
    asked = Asked(monkeypatch, None, "Save there again")
    save(driver)
    assert "deleted or moved" in asked.texts[0]
    assert not file.exists() and driver.session.modified
    save(driver)
    assert load(file).experiment == driver.session.experiment


@pytest.mark.skipif(sys.platform == "win32", reason="limits as POSIX has them")
def test_a_full_disk_leaves_the_file_names_the_cause_and_offers_another_place(
    driver: Driver, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    old, other = file.read_bytes(), tmp_path / "other.lrs"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    asked = Asked(monkeypatch, SAVE_AS)
    asked.meanwhile = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(other), ""))
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(old) // 2, limits[1]))
    try:
        save(driver)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert f"{file}: File too large" in asked.texts[0]
    assert asked.choices == [(SAVE_AS,)]
    driver.until(lambda: driver.session.path == other)
    assert file.read_bytes() == old
    assert load(other).experiment == driver.session.experiment
    assert not driver.session.modified


def test_closing_waits_for_the_answer_when_its_save_fails(
    driver: Driver, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"theirs")
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Save)
    Asked(monkeypatch, None, REPLACE)
    for closed in (False, True):
        driver.window.close()
        driver.until(lambda: driver.session.task is None)
        driver.until(lambda closed=closed: driver.window.isVisible() is not closed)
    assert load(file).experiment == driver.session.experiment


@pytest.fixture
def second(qtbot: QtBot) -> Iterator[Driver]:
    yield from opened(qtbot)


def test_a_second_window_is_told_and_reads_only(
    driver: Driver, second: Driver, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, other = Asked(monkeypatch, READ_ONLY), tmp_path / "other.lrs"
    second.window.files.open_path(file)
    second.until(lambda: second.session.path == file)
    assert f"process {os.getpid()}" in asked.texts[0]
    assert asked.choices == [(READ_ONLY, SAVE_AS)]
    second.until(lambda: "mine (read-only)" in second.window.windowTitle())
    second.window.runs.actions_by_name["add"].trigger()
    old = file.read_bytes()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(other), ""))
    save(second)
    assert second.session.path == other and not second.session.read_only
    assert file.read_bytes() == old


def test_a_second_window_saves_as_another_file_at_once(
    driver: Driver, second: Driver, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Asked(monkeypatch, SAVE_AS)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "other.lrs"), ""))
    second.window.files.open_path(file)
    second.until(lambda: second.session.path == tmp_path / "other.lrs")
    assert load(tmp_path / "other.lrs").experiment == load(file).experiment


def test_no_window_saves_to_a_file_that_another_one_has_open(
    driver: Driver, second: Driver, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, old = Asked(monkeypatch, None), file.read_bytes()
    second.session.save(file)
    second.until(lambda: bool(asked.texts))
    assert asked.choices == [(SAVE_AS,)]
    assert file.read_bytes() == old


def test_a_file_can_be_opened_when_the_other_window_has_closed_it(
    driver: Driver, second: Driver, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)
    driver.window.close()
    driver.until(lambda: not driver.window.feed.alive)
    second.window.files.open_path(file)
    second.until(lambda: second.session.path == file)
    assert not second.session.read_only
    second.session.close_file()
    assert [path.name for path in file.parent.iterdir()] == ["mine.lrs"]


@pytest.mark.parametrize("content", [b"", b"\xff\x00 no lock", b"4711\nlrstudio\nsome-other-machine\n\n\n"])
def test_a_lock_of_nobody_can_be_overridden(
    driver: Driver, second: Driver, file: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    driver.session.close_file()
    lock = file.with_name(".mine.lrs.lock")
    lock.write_bytes(content)
    asked = Asked(monkeypatch, "Open anyway")
    second.window.files.open_path(file)
    second.until(lambda: second.session.path == file)
    assert len(asked.texts) == 1
    assert not second.session.read_only
    assert not FileLock(file).take()


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_pipe_in_place_of_a_lock_blocks_nothing(
    driver: Driver, second: Driver, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.session.close_file()
    os.mkfifo(file.with_name(".mine.lrs.lock"))
    asked = Asked(monkeypatch, "Open anyway")
    second.window.files.open_path(file)
    second.until(lambda: second.session.path == file)
    assert "somebody unknown" in asked.texts[0]
    assert second.session.read_only
    assert "The lock of “mine.lrs” cannot be removed" in second.window.status.note.text()
