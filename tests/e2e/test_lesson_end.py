"""The list while it is read, the end of a lesson, and what a teacher finds."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from lrstudio.engine.lessons import Lesson, LessonError, following, lessons, series
from lrstudio.store.lessons.progress import DEFAULT, ProgressFile, Record
from lrstudio.ui.lessons import course
from lrstudio.ui.lessons.ending import LessonEnd
from lrstudio.ui.window.main_window import MainWindow
from tests.e2e.conftest import Driver
from tests.e2e.test_lessons import click, open_lesson

OWN = lessons("en")
LIMIT = next(lesson for lesson in OWN if lesson.key == "limit")


def done(*all_of: Lesson) -> dict[tuple[str, int], Record]:
    """The records of somebody who has done all steps of lessons."""
    record = Record(right=True, attempts=1, done="2026-01-01T00:00:00+00:00")
    return {(lesson.id, index): record for lesson in all_of for index in range(len(lesson.steps))}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "progress.json"


@pytest.fixture
def driver(qtbot: QtBot, file: Path) -> Iterator[Driver]:
    window = MainWindow("light", progress=file)
    window.show()
    driver = Driver(window, qtbot)
    driver.until(lambda: driver.session.trace is not None)
    yield driver
    driver.close()


def at_the_end(driver: Driver, lesson: Lesson) -> LessonEnd:
    """Opens a lesson and leaves its last step with Next."""
    dock = driver.window.lessons
    open_lesson(driver, lesson.key)
    course = dock.course
    if course.index < len(lesson.steps) - 1:
        driver.until_new_trace(lambda: course.go(len(lesson.steps) - 1 - course.index))
    assert dock.page.next.text() == "Finish"
    click(dock.page.next)
    assert dock.end.isVisible() and driver.session.visiting
    return dock.end


def learned(end: LessonEnd) -> list[str]:
    return [view.toPlainText() for view in end.learned]


def test_the_end_of_a_lesson_says_what_was_learned_and_leads_to_the_next(driver: Driver, file: Path) -> None:
    first, second = OWN[:2]
    ProgressFile(file).change(lambda progress: progress.learners.update({DEFAULT: done(first)}))
    end = at_the_end(driver, first)
    assert end.title.text() == "You have done this lesson" and end.open.isHidden()
    remembered = [step.filled(step.remember).plain for step in first.steps if step.remember]
    assert len(remembered) >= 3
    assert [text.replace("**", "") for text in learned(end)] == [f"• {text.replace('**', '')}" for text in remembered]
    assert end.path.text() == "“From the beginning”: 1 of 5 lessons are done."
    assert end.next.accessibleName().startswith(f"Next lesson: {second.title}; {second.minutes} min")
    assert end.next.hasFocus() or not driver.window.isActiveWindow()
    driver.until_new_trace(lambda: click(end.next))
    page = driver.window.lessons.page
    assert page.isVisible() and page.place.text().startswith(f"{second.title}: step 1 of")


def test_what_is_not_answered_is_neither_told_nor_counted(driver: Driver) -> None:
    end = at_the_end(driver, LIMIT)
    asking = sum(step.prediction is not None or step.task is not None for step in LIMIT.steps)
    assert end.title.text() == "The end of the lesson"
    assert end.open.text() == f"{asking} steps are not answered yet."
    assert len(learned(end)) < sum(bool(step.remember) for step in LIMIT.steps)
    first = next(index for index, step in enumerate(LIMIT.steps) if step.prediction is not None)
    assert len(end.unanswered) == asking
    assert end.unanswered[0].accessibleName().startswith(f"Step {first + 1}: ")
    driver.until_new_trace(lambda: click(end.unanswered[0]))
    page = driver.window.lessons.page
    assert page.isVisible() and driver.window.lessons.course.index == first and page.next.text() == "Skip"
    driver.until_new_trace(lambda: driver.window.lessons.course.go(len(LIMIT.steps) - 1 - first))
    click(page.next)
    assert end.path.text() == "“From the beginning”: 0 of 5 lessons are done."
    click(end.back)
    assert page.isVisible() and driver.window.lessons.course.index == len(LIMIT.steps) - 1
    click(page.next)
    driver.until_new_trace(lambda: click(end.list_button))
    assert driver.window.lessons.list.isVisible() and not driver.session.visiting


def test_the_end_of_a_path_offers_the_next_path_and_the_end_of_all_none(driver: Driver, file: Path) -> None:
    path = series(LIMIT, OWN)
    ProgressFile(file).change(lambda progress: progress.learners.update({DEFAULT: done(*path)}))
    end = at_the_end(driver, path[-1])
    after = following(path[-1], OWN)
    assert after is not None and after.path == "methods" and after.order == 1
    assert end.next_heading.text() == "This was the last lesson of this path."
    assert f"Next path: Optimizers and schedules. It begins with: {after.title}" in end.next.accessibleName()
    assert end.path.text() == "“From the beginning”: 5 of 5 lessons are done."
    end.show_lesson(OWN[-1])
    assert end.next.isHidden() and end.next_heading.text() == "This was the last lesson."


def test_a_lesson_of_a_folder_is_followed_by_one_of_its_folder_only() -> None:
    first, last = (replace(LIMIT, folder="7b", key=key) for key in ("a", "b"))
    among = (*OWN, first, last)
    assert following(first, among) == last and following(last, among) is None
    assert series(last, among) == (first, last)
    assert [len(series(lesson, among)) for lesson in (OWN[0], OWN[-1])] == [
        sum(each.path == lesson.path for each in OWN) for lesson in (OWN[0], OWN[-1])
    ]


def test_the_list_says_that_it_is_read_and_why_it_could_not_be(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, found = Event(), list[tuple[Lesson, ...] | LessonError]()
    found += [LessonError("limit.md, line 3: path is missing"), ()]

    def translated(_name: str) -> tuple[Lesson, ...]:
        go_on.wait(10)
        go_on.clear()
        result = found.pop(0)
        if isinstance(result, LessonError):
            raise result
        return result

    monkeypatch.setattr(course, "translated", translated)
    shown = driver.window.lessons.list
    driver.menu("Help", "Lessons")
    assert shown.note.isVisible() and shown.note.text() == "Reading the lessons…"
    go_on.set()
    driver.until(lambda: "could not be read. limit.md, line 3: path is missing" in shown.note.text())
    click(shown.again_button)
    assert shown.note.text() == "Reading the lessons…" and shown.again_button.isHidden()
    go_on.set()
    driver.until(lambda: shown.note.text() == "This copy of the program has no lessons.")


def test_what_is_read_takes_the_place_of_the_note(driver: Driver) -> None:
    shown = driver.window.lessons.list
    driver.menu("Help", "Lessons")
    driver.until(lambda: bool(shown.buttons))
    assert shown.note.isHidden() and shown.again_button.isHidden()


def test_a_teacher_finds_export_and_reset_without_scrolling(
    driver: Driver, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ProgressFile(file).change(lambda progress: progress.learners.update({"Ann": done(LIMIT), "Ben": done(LIMIT)}))
    table = tmp_path / "class.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(table), ""))
    driver.menu("Help", "Export progress as CSV…")  # before the progress was ever read
    driver.until(table.exists)
    driver.until(lambda: driver.session.task is None)
    with table.open(encoding="utf-8", newline="") as text:
        assert {row["learner"] for row in csv.DictReader(text)} == {"Ann", "Ben"}

    driver.menu("Help", "Lessons")
    shown = driver.window.lessons.list
    driver.until(lambda: bool(shown.buttons))
    assert shown.viewport().rect().contains(shown.teacher.mapTo(shown.viewport(), shown.teacher.rect().bottomRight()))
    menu = shown.teacher.menu()
    names = [entry.text().replace("&", "") for entry in menu.actions() if entry.text()]
    assert names == [
        "Open lesson folder…", "Make a lesson step…", "Worksheet", "Export progress as CSV…", "Forget all learners…",
    ]  # fmt: skip
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answers.pop(0))
    shown.learner.forget.trigger()
    assert shown.learner.button.text() == "Learner: learner" and len(driver.window.lessons.learners.names) == 3
    shown.learner.forget.trigger()
    assert driver.window.lessons.learners.names == [DEFAULT]
    driver.until(lambda: not ProgressFile(file).read().learners)


def test_the_keyboard_leads_from_the_last_step_to_the_next_lesson(driver: Driver) -> None:
    end = at_the_end(driver, LIMIT)
    driver.window.activateWindow()
    driver.until(end.next.hasFocus)
    driver.until_new_trace(lambda: QTest.keyClick(end.next, Qt.Key.Key_Return))
    assert driver.window.lessons.course.lesson == following(LIMIT, OWN)
