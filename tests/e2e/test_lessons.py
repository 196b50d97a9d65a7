"""Lessons in the real window: predict, run, understand, and the own experiment comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from lrstudio.core.language import tr
from lrstudio.engine.examples import example_of
from lrstudio.engine.lessons import LOOKS, Lesson, lessons, prose
from lrstudio.engine.lessons.table import OPEN
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.training.pilot import State
from lrstudio.store.session import load
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.lessons.page import StepPage
from lrstudio.ui.session.file_lock import FileLock
from lrstudio.ui.views.catalogue import VIEWS
from lrstudio.ui.window.program import greeting, speak
from tests.e2e.conftest import Driver, opened
from tests.e2e.screen import clipped


@pytest.fixture
def chinese(qtbot: QtBot) -> Iterator[Driver]:
    """A window in Chinese."""
    speak("zh_CN")
    try:
        yield from opened(qtbot)
    finally:
        speak("en")


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def open_lesson(driver: Driver, key: str) -> StepPage:
    dock = driver.window.lessons
    if dock.isHidden():
        dock.shown.trigger()
    driver.until(lambda: key in dock.list.buttons)
    driver.until(dock.list.buttons[key].isVisible)
    driver.until_new_trace(lambda: click(dock.list.buttons[key]))
    return dock.page


def go_on(driver: Driver, page: StepPage) -> None:
    driver.until_new_trace(lambda: click(page.next))


def leave_at_the_end(driver: Driver, page: StepPage) -> None:
    """Leaves the last step of a lesson, and its end."""
    click(page.next)
    driver.until_new_trace(lambda: click(driver.window.lessons.end.list_button))


def until_judged(driver: Driver, page: StepPage) -> str:
    driver.finish()
    driver.until(page.result.isVisible)
    return page.result.text.toPlainText()


def test_a_lesson_is_walked_from_its_first_prediction_to_its_last_task(driver: Driver) -> None:
    window, play = driver.window, driver.window.run_actions.play
    told: list[object] = []
    driver.session.next_step_changed.connect(lambda _step, weights: told.append(weights))
    page = open_lesson(driver, "gradient")
    assert "step 1 of 6" in page.place.text()
    assert told[-1] is None  # the arrow of the next step would tell the answer
    assert not play.isEnabled() and not window.run_actions.step.isEnabled()
    click(page.prediction.choices[1])
    click(page.prediction.button)
    assert play.isEnabled() and not page.result.isVisible()
    driver.until(lambda: told[-1] is not None)
    text = until_judged(driver, page)
    assert text.startswith("You said “To a larger w, to the right”.") and "from w = 5 to 3.8" in text

    go_on(driver, page)
    assert not play.isEnabled()
    QTest.keyClicks(page.prediction.number, "twelve")
    click(page.prediction.button)
    assert not play.isEnabled() and "is no number" in page.prediction.note.text()
    page.prediction.number.clear()
    QTest.keyClicks(page.prediction.number, "12")
    QTest.keyClick(page.prediction.number, Qt.Key.Key_Return)
    assert window.lessons.course.work.hints == 0  # Return has pressed nothing else
    assert until_judged(driver, page).startswith("Right: you said 12, and it is 12.")
    assert page.remember.isVisible()

    for guess in ("3.8", 1, 0):
        go_on(driver, page)
        if isinstance(guess, str):
            QTest.keyClicks(page.prediction.number, guess)
        else:
            click(page.prediction.choices[guess])
        click(page.prediction.button)
        assert until_judged(driver, page).startswith("Right")

    go_on(driver, page)
    assert page.next.text() == "Finish" and play.isEnabled()
    assert window.dock.ruler.isHidden()  # it would tell the answer
    for number in (1, 2):
        click(page.hint_button)
        assert page.hints.document().blockCount() == number
    assert not page.hint_button.isVisible()
    assert until_judged(driver, page).startswith("Not yet.")
    assert not page.remember.isVisible()
    window.dock.lr.setFocus()
    window.dock.lr.selectAll()
    QTest.keyClicks(window.dock.lr, "0.4")
    driver.until_new_trace(lambda: QTest.keyClick(window.dock.lr, Qt.Key.Key_Return))
    driver.finish()
    driver.until(lambda: page.result.text.toPlainText().startswith("Done."))
    assert not window.dock.ruler.isHidden()
    driver.until(lambda: not page.result.visibleRegion().isEmpty())
    assert page.remember.isVisible()
    leave_at_the_end(driver, page)
    assert "✓ done" in window.lessons.list.buttons["gradient"].more.text()
    assert "✓ done" not in window.lessons.list.buttons["limit"].more.text()


@pytest.mark.parametrize("lesson", lessons("en")[::2], ids=lambda lesson: lesson.key)
def test_every_step_of_a_lesson_is_judged_in_the_window(driver: Driver, lesson: Lesson) -> None:
    walk(driver, lesson)


@pytest.mark.parametrize("lesson", lessons("zh_CN")[1::2], ids=lambda lesson: lesson.key)
def test_every_step_of_a_chinese_lesson_is_judged_in_a_chinese_window(chinese: Driver, lesson: Lesson) -> None:
    walk(chinese, lesson)


def walk(driver: Driver, lesson: Lesson) -> None:
    """Goes through a lesson: what it asks is judged, what it wants is done in a second attempt."""
    page = open_lesson(driver, lesson.key)
    for step in lesson.steps:
        assert page.table.isVisible() is (step.table is not None)
        if step.prediction is not None:
            if step.prediction.choices:
                click(page.prediction.choices[-1])
            elif step.prediction.draws is not None:
                assert not page.prediction.button.isEnabled()
                QTest.keyClick(page.prediction.sketch_box, Qt.Key.Key_Up)
            else:
                QTest.keyClicks(page.prediction.number, "1")
            click(page.prediction.button)
            assert re.search(r"\d", until_judged(driver, page)), step.title
        if step.table is not None:
            assert OPEN not in page.table.toPlainText()
        if step.task is not None:
            assert until_judged(driver, page).startswith(tr("Not yet.")), step.title
            driver.until_new_trace(partial(driver.session.edit, experiment_of(step.task.solution)))
            driver.finish()
            driver.until(lambda: page.result.text.toPlainText().startswith(tr("Done.")))
        if step is not lesson.steps[-1]:
            go_on(driver, page)
    leave_at_the_end(driver, page)
    button = driver.window.lessons.list.buttons[lesson.key]
    assert lesson.title in button.accessibleName() and "✓" in button.more.text()


def drawn_lesson(driver: Driver) -> tuple[StepPage, LossCanvas]:
    """Opens the step that asks for a drawing of a loss that falls from 36 to 0.005 in 20 steps."""
    page = open_lesson(driver, "too_slow_too_large")
    go_on(driver, page)
    canvas = driver.window.views.area.frames["loss"].canvas
    assert isinstance(canvas, LossCanvas)
    driver.until(lambda: canvas.isVisible() and canvas.viewRect().top() < -3)
    return page, canvas


def test_a_loss_is_drawn_with_the_mouse_before_the_run_and_stays_over_it(driver: Driver) -> None:
    page, canvas = drawn_lesson(driver)
    sketch = canvas.sketch.sketch
    assert sketch is not None and not page.prediction.button.isEnabled()
    assert not driver.window.run_actions.play.isEnabled()
    ends = [canvas.to_pixel(*at) for at in ((1, 1.4), (20, -2.3))]
    assert ends[0] is not None and ends[1] is not None
    first, last = (point.toPoint() for point in ends)
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseMove(canvas.viewport(), (first + last) / 2)
    QTest.mouseMove(canvas.viewport(), last)
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=last)
    heights = sketch.drawing.heights
    assert heights[0] == pytest.approx(np.log10(36)) and heights[-1] == pytest.approx(-2.3, abs=0.1)
    assert all(np.diff(heights) < 0)
    click(page.prediction.button)
    assert sketch.fixed and driver.window.run_actions.play.isEnabled()
    assert until_judged(driver, page).startswith("Right. You drew a loss that ends at 0.00")
    assert canvas.sketch.sketch is sketch
    go_on(driver, page)
    assert canvas.sketch.sketch is None
    driver.until_new_trace(lambda: click(page.back))
    assert canvas.sketch.sketch is not None and canvas.sketch.sketch.drawing.heights == heights


def test_a_loss_is_drawn_with_the_keys(driver: Driver) -> None:
    page, canvas = drawn_lesson(driver)
    box, sketch = page.prediction.sketch_box, canvas.sketch.sketch
    assert sketch is not None
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Right)
    QTest.keyClick(box, Qt.Key.Key_Up)
    QTest.keyClick(box, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert sketch.chosen == 2
    assert sketch.heights[2] - sketch.heights[0] == pytest.approx(0.2)
    assert "Point 2 of" in box.accessibleDescription() and "loss 57" in box.accessibleDescription()
    for _ in range(40):
        QTest.keyClick(box, Qt.Key.Key_Right)
    assert sketch.chosen == len(sketch.heights) - 1
    click(page.prediction.button)
    text = until_judged(driver, page)
    assert "The direction is another one." in text and "powers of ten off" in text
    heights = sketch.heights[:]
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert sketch.heights == heights


def test_a_step_shows_the_plots_it_points_at_and_no_answer_of_an_example(driver: Driver) -> None:
    page = open_lesson(driver, "edge_of_stability")
    frames = driver.window.views.area.frames
    driver.until(frames["curvature"].isVisible)
    driver.window.lessons.course.go(3)
    driver.until(lambda: example_of(driver.session.experiment) is not None)
    assert driver.window.views.question.isHidden()
    driver.until_new_trace(lambda: click(page.list_button))
    assert driver.window.views.question.isVisible()


def test_closing_a_lesson_brings_back_the_experiment_with_its_trace_history_and_file(
    driver: Driver, tmp_path: Path
) -> None:
    session, window, file = driver.session, driver.window, tmp_path / "mine.lrs"
    session.edit(session.experiment.with_run(0, lr=0.03))
    driver.finish()
    session.save(file)
    driver.until(lambda: session.path == file)
    driver.until_new_trace(lambda: session.edit(session.experiment.with_run(1, lr=0.07)))
    driver.finish()
    window.runs.select(2)
    window.transport.set_pace(200)
    trace, experiment = session.trace, session.experiment
    assert trace is not None
    losses = np.array(trace.read("loss", 0, trace.length))

    page = open_lesson(driver, "limit")
    assert page.prediction.choices
    assert session.path is None and not session.history.canUndo()
    session.edit(session.experiment.with_run(0, lr=0.5))
    assert window.menus.undo.isEnabled()
    go_on(driver, page)
    driver.until_new_trace(lambda: driver.menu("Help", "Lessons"))

    assert window.lessons.isHidden() and not page.prediction.choices and not page.looks
    assert (session.experiment, session.path, session.trace) == (experiment, file, trace)
    assert np.array_equal(session.trace.read("loss", 0, session.trace.length), losses, equal_nan=True)
    assert session.state in (State.FINISHED, State.DIVERGED) and session.modified
    assert (window.runs.current, window.transport.pace) == (2, 200)
    assert load(file).experiment.runs[1].lr == 0.1
    driver.until_new_trace(lambda: driver.menu("Edit", "Undo learning rate"))
    assert session.experiment.runs[1].lr == 0.1
    driver.until_new_trace(session.history.undo)
    assert session.experiment.runs[0].lr == 0.01


def test_opening_another_experiment_in_a_lesson_asks_about_the_own_one_and_loses_nothing(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = driver.session
    session.edit(session.experiment.with_run(0, lr=0.03))
    mine = session.experiment
    open_lesson(driver, "limit")
    asked: list[str] = []

    def cancel(*arguments: object) -> QMessageBox.StandardButton:
        asked.append(str(arguments[2]))
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "question", cancel)
    driver.until_new_trace(lambda: driver.menu("File", "New"))
    assert len(asked) == 1 and "Proportional" in asked[0]
    assert session.experiment == mine and session.edited
    assert driver.window.lessons.stack.currentWidget() is driver.window.lessons.list
    assert driver.window.run_actions.play.isEnabled()


def test_a_lesson_that_is_chosen_before_the_own_experiment_is_back_begins_then(driver: Driver) -> None:
    first, second = lessons("en")[:2]
    course = driver.window.lessons.course
    course.begin(first)
    driver.until(lambda: driver.session.simulation is not None)
    course.leave()
    assert driver.session.simulation is None
    course.begin(second)
    driver.until(lambda: course.lesson is second and driver.session.visiting and driver.session.simulation is not None)
    course.leave()


def test_a_guess_and_its_judgement_are_still_there_after_a_look_at_another_step(driver: Driver) -> None:
    page = open_lesson(driver, "too_slow_too_large")
    click(page.prediction.choices[2])
    click(page.prediction.button)
    text = until_judged(driver, page)
    go_on(driver, page)
    assert not page.result.isVisible() and not driver.window.run_actions.play.isEnabled()
    driver.until_new_trace(lambda: click(page.back))
    assert page.result.text.toPlainText() == text
    assert driver.window.run_actions.play.isEnabled()


def test_a_changed_experiment_does_not_judge_the_prediction(driver: Driver) -> None:
    page = open_lesson(driver, "limit")
    click(page.prediction.choices[0])
    click(page.prediction.button)
    driver.session.edit(driver.session.experiment.with_run(0, lr=0.2))
    assert "Set the step up again" in until_judged(driver, page)
    driver.until_new_trace(lambda: click(page.again))
    driver.finish()
    driver.until(lambda: "jumps between two places" in page.result.text.toPlainText())


def test_no_text_of_a_lesson_is_cut_off(driver: Driver) -> None:
    assert cut_off_in_a_lesson(driver) == []


def test_no_text_of_a_chinese_lesson_is_cut_off(chinese: Driver) -> None:
    assert cut_off_in_a_lesson(chinese) == []


def cut_off_in_a_lesson(driver: Driver) -> list[str]:
    """The texts of the window, at three font sizes, that have no room while a judged step is shown."""
    window = driver.window
    page = open_lesson(driver, "too_slow_too_large")
    click(page.prediction.choices[2])
    click(page.prediction.button)
    until_judged(driver, page)
    window.resize(1280, 800)
    found = []
    for points in (9, 12, 18):
        for simple in (True, False):
            window.simple.show(simple)
            window.font_size.choose(points)
            driver.until(lambda points=points: page.text.font().pointSizeF() == points)
            for _ in range(5):
                QApplication.processEvents()
            found += [f"{points} pt: {text}" for text in clipped(window)]
    return found


def test_space_in_a_lesson_says_why_the_run_waits(driver: Driver) -> None:
    open_lesson(driver, "gradient")
    driver.window.activateWindow()
    QTest.keyClick(driver.window.runs.view, Qt.Key.Key_Space)
    driver.until(lambda: "First make your prediction" in driver.window.status.note.text())
    assert driver.session.state is State.IDLE


@pytest.mark.parametrize(("width", "points"), [(1280, 9), (1280, 18), (1920, 18)])
def test_the_pane_takes_at_most_a_third_and_covers_nothing(driver: Driver, width: int, points: float) -> None:
    window = driver.window
    window.font_size.choose(points)
    window.resize(width, 800)
    page = open_lesson(driver, "too_slow_too_large")
    driver.until(lambda: window.lessons.width() <= window.width() / 3)
    assert window.lessons.geometry().intersected(window.centralWidget().geometry()).isEmpty()
    chars = page.text.viewport().width() / QFontMetrics(page.text.font()).averageCharWidth()
    assert chars >= 25
    for part in (page.text, *page.prediction.choices):
        assert 0 < part.width() <= page.area.viewport().width()
    window.font_size.choose(None)


def test_everything_that_a_lesson_points_at_is_found_and_framed(driver: Driver) -> None:
    dock = driver.window.lessons
    page = open_lesson(driver, "straight_line")
    dock.course.predict(3)
    until_judged(driver, page)
    driver.until(driver.window.views.area.frames["loss"].isVisible)
    shown = [name for name in LOOKS if name not in {view.key for view in VIEWS}] + ["landscape", "data", "loss"]
    for name in (*LOOKS, *shown):
        dock.page.look_requested.emit(name)
        if name not in shown:
            continue
        target = dock.spotlight.target
        assert target is not None and dock.spotlight.isVisible(), name
        assert dock.spotlight.geometry().contains(target.mapTo(driver.window, target.rect().center()))


def test_the_text_of_a_lesson_loads_nothing_and_shows_markup_as_text(driver: Driver, tmp_path: Path) -> None:
    page = open_lesson(driver, "gradient")
    picture = tmp_path / "picture.png"
    driver.window.grab().save(str(picture))
    page.text.show_prose(prose(f"a ![]({picture.as_uri()}) <img src='{picture.as_uri()}'> <b>bold</b> $w^2$"))
    assert "<b>bold</b> w2" in page.text.toPlainText()
    assert page.text.document().size().height() < 100
    click_on_link = page.text.openLinks() or page.text.openExternalLinks()
    assert not click_on_link


def test_files_that_are_being_written_belong_to_the_session_that_began_it(driver: Driver, tmp_path: Path) -> None:
    session, mine, other = driver.session, tmp_path / "mine.lrs", tmp_path / "other.lrs"
    experiment = session.experiment
    session.save(mine)
    assert not session.visit(experiment.with_run(0, lr=0.2)) and not session.visiting
    driver.until(lambda: session.path == mine)
    assert session.visit(experiment.with_run(0, lr=0.2))
    driver.until(lambda: session.simulation is not None)
    session.save(other)
    driver.until_new_trace(session.end_visit)
    driver.until(lambda: not driver.window.feed.busy)
    assert (session.path, session.experiment, session.modified) == (mine, experiment, False)
    assert session.lock is not None and session.lock.path == FileLock(mine).path
    free = FileLock(other)
    assert free.take()
    free.release()


def test_the_first_window_of_a_user_points_to_the_lessons(driver: Driver) -> None:
    assert "Lessons" in greeting(driver.window)
    assert driver.entry("Help", "Lessons").isEnabled()


@pytest.mark.parametrize(("key", "points"), [("stuck_weight", 9), ("stuck_weight", 18), ("tutorial_table", 24)])
def test_no_word_of_a_table_is_broken_at_any_letter_size(driver: Driver, key: str, points: float) -> None:
    driver.window.font_size.choose(points)
    page = open_lesson(driver, key)
    if page.prediction.choices:
        click(page.prediction.choices[0])
    else:
        QTest.keyClicks(page.prediction.number, "1")
    click(page.prediction.button)
    until_judged(driver, page)
    document = page.table.document()
    block, words = document.begin(), 0
    while block.isValid():
        lines = [block.layout().lineAt(index) for index in range(block.layout().lineCount())]
        ends = [block.text()[line.textStart() : line.textStart() + line.textLength()] for line in lines]
        assert all(end.endswith(" ") for end in ends[:-1]), block.text()
        words += len(block.text().split())
        block = block.next()
    assert words > 10
    assert document.size().width() <= page.table.viewport().width()
    driver.window.font_size.choose(None)
