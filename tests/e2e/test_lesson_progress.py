"""What a learner does is kept on this computer, by name, and written as a table for the teacher."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from lrstudio.store.lessons.progress import ProgressFile
from lrstudio.ui.lessons.learner_bar import LearnerBar
from lrstudio.ui.lessons.page import StepPage
from lrstudio.ui.window.main_window import MainWindow
from tests.e2e.conftest import Driver
from tests.e2e.test_lessons import click, go_on, open_lesson, until_judged


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "progress.json"


def opened(qtbot: QtBot, file: Path) -> Driver:
    window = MainWindow("light", progress=file)
    window.show()
    driver = Driver(window, qtbot)
    driver.until(lambda: driver.session.trace is not None)
    return driver


@pytest.fixture
def driver(qtbot: QtBot, file: Path) -> Iterator[Driver]:
    driver = opened(qtbot, file)
    yield driver
    driver.close()


def bar(driver: Driver) -> LearnerBar:
    return driver.window.lessons.list.learner


def more(driver: Driver, key: str) -> str:
    return driver.window.lessons.list.buttons[key].more.text()


def type_name(driver: Driver, name: str) -> None:
    bar(driver).menu.aboutToShow.emit()
    bar(driver).other.trigger()
    QTest.keyClicks(bar(driver).line, name)
    QTest.keyClick(bar(driver).line, Qt.Key.Key_Return)


def choose(driver: Driver, name: str) -> None:
    menu = bar(driver).menu
    menu.aboutToShow.emit()
    next(entry for entry in menu.actions() if entry.text() == name).trigger()


def answer(driver: Driver, page: StepPage, choice: int) -> str:
    click(page.prediction.choices[choice])
    click(page.prediction.button)
    return until_judged(driver, page)


def leave(driver: Driver, page: StepPage) -> None:
    driver.until_new_trace(lambda: click(page.list_button))


def exported(driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    bar(driver).export.trigger()
    driver.until(path.exists)
    driver.until(lambda: driver.session.task is None)
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_answers_attempts_and_hints_are_counted_for_the_learner_and_exported(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.menu("Help", "Lessons")
    driver.until(lambda: "limit" in driver.window.lessons.list.buttons)
    assert bar(driver).button.text() == "Learner: learner"
    type_name(driver, "  =Ann ")
    assert bar(driver).button.text() == "Learner: =Ann" and bar(driver).line.isHidden()

    page = open_lesson(driver, "limit")
    click(page.hint_button)
    assert answer(driver, page, 0).startswith("You said")
    go_on(driver, page)
    assert answer(driver, page, 2).startswith("Right")
    driver.window.run_actions.reset.trigger()
    until_judged(driver, page)  # once more is no other attempt
    leave(driver, page)
    assert more(driver, "limit") == "12 min, 5 steps, ◐ 2 of 5 answered"
    assert more(driver, "gradient") == "10 min, 6 steps"

    first, second = exported(driver, tmp_path / "a.csv", monkeypatch)
    assert (first["learner"], first["lesson"], first["step"]) == ("'=Ann", "limit", "1")
    assert (first["first answer"], first["right at once"]) == ("It comes nearer, only slowly", "no")
    assert (first["attempts"], first["hints used"]) == ("1", "1")
    assert datetime.fromisoformat(first["done at"]).tzinfo is not None
    assert (second["right at once"], second["attempts"], second["hints used"]) == ("yes", "1", "0")


def test_the_tries_at_a_task_are_counted_until_it_is_solved(driver: Driver) -> None:
    page = open_lesson(driver, "gradient")
    course, learners = driver.window.lessons.course, driver.window.lessons.learners
    driver.until_new_trace(lambda: course.go(5))
    for _ in range(2):
        assert until_judged(driver, page).startswith("Not yet.")
        driver.window.run_actions.reset.trigger()
    for rate in ("0.2", "0.4", "0.45"):
        driver.window.dock.lr.selectAll()
        QTest.keyClicks(driver.window.dock.lr, rate)
        driver.until_new_trace(lambda: QTest.keyClick(driver.window.dock.lr, Qt.Key.Key_Return))
        before = page.result.text.toPlainText()
        driver.finish()
        driver.until(lambda before=before: page.result.text.toPlainText() != before)
    assert course.lesson is not None
    record = learners.record(course.lesson, 5)
    assert (record.answer, record.right, record.attempts) == ("lr=0.1", False, 3)
    assert record.done


def test_the_next_start_goes_on_where_the_learner_was(qtbot: QtBot, file: Path) -> None:
    driver = opened(qtbot, file)
    driver.menu("Help", "Lessons")
    type_name(driver, "Ann")
    page = open_lesson(driver, "limit")
    answer(driver, page, 1)
    driver.close()

    driver = opened(qtbot, file)
    page = open_lesson(driver, "limit")
    assert "step 2 of 5" in page.place.text()
    leave(driver, page)
    assert "◐ 1 of 5" in more(driver, "limit")
    choose(driver, "learner")
    assert "◐" not in more(driver, "limit")
    page = open_lesson(driver, "limit")
    assert "step 1 of 5" in page.place.text() and page.prediction.button.isVisible()
    leave(driver, page)
    choose(driver, "Ann")
    assert "◐ 1 of 5" in more(driver, "limit")
    driver.close()
    assert ProgressFile(file).read().last == "Ann"


def test_starting_over_asks_first_and_forgets_one_learner_only(
    driver: Driver, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_lesson(driver, "limit")
    answer(driver, page, 1)
    leave(driver, page)
    type_name(driver, "Ben")
    page = open_lesson(driver, "limit")
    answer(driver, page, 1)
    leave(driver, page)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    bar(driver).start_over.trigger()
    assert "◐" in more(driver, "limit")
    asked: list[str] = []
    yes = QMessageBox.StandardButton.Yes
    monkeypatch.setattr(QMessageBox, "question", lambda _parent, _title, text, *_: (asked.append(text), yes)[1])
    bar(driver).start_over.trigger()
    assert "◐" not in more(driver, "limit") and "Ben" in asked[0]
    choose(driver, "learner")
    assert "◐" in more(driver, "limit")
    driver.until(lambda: file.exists() and not ProgressFile(file).read().learners.get("Ben"))


def test_a_damaged_file_is_told_and_kept(qtbot: QtBot, file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"damaged')
    driver = opened(qtbot, file)
    driver.menu("Help", "Lessons")
    driver.until(lambda: "progress-damaged-1.json" in driver.window.status.note.text())
    assert "progress-damaged-1.json" in bar(driver).note.text() and bar(driver).note.isVisible()
    assert file.with_name("progress-damaged-1.json").read_text() == '{"damaged'
    answer(driver, open_lesson(driver, "limit"), 1)
    driver.close()
    assert ProgressFile(file).read().learners["learner"]["limit", 0].right is True


def test_what_cannot_be_kept_is_told_and_kept_once_it_can(qtbot: QtBot, file: Path) -> None:
    file.parent.write_text("in the way")
    driver = opened(qtbot, file)
    driver.menu("Help", "Lessons")
    driver.until(lambda: "could not be kept" in driver.window.status.note.text())
    answer(driver, open_lesson(driver, "limit"), 1)
    file.parent.unlink()
    driver.close()
    assert ProgressFile(file).read().learners["learner"]["limit", 0].right is True


def test_a_name_that_cannot_be_shown_is_refused_and_escape_leaves_it(driver: Driver) -> None:
    driver.menu("Help", "Lessons")
    type_name(driver, "   ")
    assert bar(driver).note.text() == "a name has 1 to 60 letters" and bar(driver).line.isVisible()
    QTest.keyClick(bar(driver).line, Qt.Key.Key_Escape)
    assert bar(driver).line.isHidden() and bar(driver).note.isHidden()
    assert bar(driver).button.text() == "Learner: learner"
