"""Lessons of a folder in the real window: opened, hostile or damaged ones too, and made by a teacher."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QTimer, QUrl
from PySide6.QtGui import Qt as Gui
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QMessageBox, QPlainTextEdit, QWidget

from lrstudio.engine.lessons import lesson_file, read_lesson
from lrstudio.engine.lessons.draft import step_of
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.training.trace import Trace
from lrstudio.store.lessons.folder import MARKER
from lrstudio.ui.lessons.editor import StepEditor
from lrstudio.ui.lessons.lesson_list import LessonList
from lrstudio.ui.look.settings import Settings
from tests.e2e.conftest import Driver
from tests.e2e.drops import drop
from tests.e2e.test_lessons import click, until_judged

GOOD = lesson_file("en", "limit").read_text("utf-8")
HOSTILE = "<img src=x><b>y</b>&z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Class & 7b"
    folder.mkdir()
    (folder / "mine.md").write_text(GOOD)
    return folder


def lessons(driver: Driver) -> LessonList:
    return driver.window.lessons.list


def until_read(driver: Driver, *keys: str) -> None:
    driver.until(lambda: set(keys) <= lessons(driver).buttons.keys())


def drop_file(driver: Driver, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop(driver.window, data, QPointF(20, 20))


def test_a_bad_lesson_is_listed_below_the_good_ones_and_can_be_read_again(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "bad.md").write_text(GOOD.replace("path: beginner", "path: x"))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    driver.menu("File", "Open lesson folder…")
    until_read(driver, "Class & 7b/mine", "gradient")
    box = lessons(driver).folder
    assert box.isVisible() and box.title.text() == "Class & 7b"
    assert [label.text() for label in box.problems] == ["bad.md, line 3: path is one of beginner, methods, practice"]
    (folder / "bad.md").write_text(GOOD)
    click(box.again_button)
    until_read(driver, "Class & 7b/bad")
    driver.until(lambda: not box.problems)
    click(box.close_button)
    assert box.isHidden() and not any("/" in key for key in lessons(driver).buttons)


def test_a_dropped_lesson_begins_and_its_marker_shows_the_folder(driver: Driver, folder: Path) -> None:
    (folder / "other.md").write_text(GOOD)
    page = driver.window.lessons.page
    drop_file(driver, folder / "mine.md")
    driver.until(page.isVisible)
    assert "The limit" in page.place.text()
    driver.until(lambda: driver.session.experiment == experiment_of("--problem parabola --start 5 --lr 1 --steps 20"))
    driver.until(lambda: driver.session.trace is not None)
    click(page.prediction.choices[1])
    click(page.prediction.button)
    assert until_judged(driver, page).startswith("Right")
    (folder / MARKER).write_text("")
    driver.until_new_trace(lambda: driver.window.files.open_path(folder / MARKER))
    until_read(driver, "Class & 7b/mine", "Class & 7b/other")
    assert "◐ 1 of 5" in lessons(driver).buttons["Class & 7b/mine"].more.text()
    assert lessons(driver).isVisible() and not driver.session.visiting


def test_a_lesson_is_opened_as_a_session_is(driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = str(folder / "mine.md")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (chosen, ""))
    driver.menu("File", "Open…")
    driver.until(driver.window.lessons.page.isVisible)
    assert driver.session.visiting


def test_an_empty_and_a_missing_folder_are_told(driver: Driver, tmp_path: Path) -> None:
    box = lessons(driver).folder
    (tmp_path / "empty").mkdir()
    drop_file(driver, tmp_path / "empty")
    driver.until(lambda: "There is no lesson here" in box.note.text())
    driver.window.files.open_path(tmp_path / "gone" / MARKER)
    driver.until(lambda: "This folder could not be read" in box.note.text())
    assert "No such file" in box.note.text() and not box.problems


def test_hostile_texts_are_shown_as_they_are(driver: Driver, tmp_path: Path) -> None:
    folder = tmp_path / HOSTILE.replace("/", "-")
    folder.mkdir()
    text = GOOD.replace("title: The limit", f"title: {HOSTILE}").replace("## A jump that comes back", f"## {HOSTILE}")
    text = text.replace("- It comes nearer, only slowly", f"- {HOSTILE}").replace("In the last lesson", HOSTILE)
    (folder / "mine.md").write_text(text)
    (folder / "bad.md").write_text(text.replace("order: 3", f"order: {HOSTILE}"))
    (folder / f"{folder.name}.md").write_text(text)
    driver.window.files.open_path(folder)
    key = f"{folder.name}/mine"
    until_read(driver, key)
    button = lessons(driver).buttons[key]
    assert not Gui.mightBeRichText(button.toolTip()) or "&lt;img" in button.toolTip()
    for label in lessons(driver).findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText
    driver.until_new_trace(lambda: click(button))
    page = driver.window.lessons.page
    assert HOSTILE in page.place.text() and page.title.text() == HOSTILE
    assert HOSTILE in page.text.toPlainText()
    for widget in page.findChildren(QWidget):
        tip = widget.toolTip()
        assert not Gui.mightBeRichText(tip) or "&lt;img" in tip, tip


# ------------------------------------------------------------------------------------------------ the teacher's editor


def fill(editor: StepEditor, **texts: str) -> None:
    for name, text in texts.items():
        field = editor.form.fields[name.replace("_", " ")]
        field.setFocus()
        if isinstance(field, QPlainTextEdit):
            field.clear()
        else:
            edit = field if isinstance(field, QLineEdit) else field.lineEdit()  # type: ignore[attr-defined]
            edit.clear()
            field = edit
        QTest.keyClicks(field, text)


def choose_kind(editor: StepEditor, kind: str) -> None:
    editor.form.kind.setCurrentIndex(editor.form.kind.findData(kind))
    editor.form.kind.activated.emit(editor.form.kind.currentIndex())


@pytest.fixture
def editor(driver: Driver) -> StepEditor:
    driver.session.show(experiment_of("--problem parabola --start 5 --lr 0.1 --lr 0.4 --steps 20"))
    driver.menu("Help", "Make a lesson step…")
    editor = driver.window.lessons.editor
    assert editor is not None and editor.isVisible()
    return editor


def test_a_teacher_makes_a_lesson_of_two_steps_and_a_learner_walks_it(
    driver: Driver, editor: StepEditor, tmp_path: Path
) -> None:
    assert editor.words.text() == "--problem parabola --start 5.0 --lr 0.1 --lr 0.4 --steps 20"
    choose_kind(editor, "choose")
    fill(editor, title="Two rates", text="Here are {run 1: rate} and $2*w$.", question="Which one is first?")
    fill(editor, choice_1="The small one", when_1="run 1: loss at end < 1", because_1="It is.")
    fill(editor, choice_2="The large one", when_2="run 2: loss at end < run 1: loss at end", because_2="So.")
    click(editor.save_button)
    assert "choose the folder" in editor.note.text()
    editor.target.choose_folder(tmp_path)
    editor.target.title.setText("My lesson")
    click(editor.save_button)
    driver.until(lambda: "several answers are right: 1, 2" in editor.note.text())
    assert editor.note.text().startswith("⚠ Answer 2 is right if: ") and list(tmp_path.iterdir()) == []
    fill(editor, when_1="run 1: loss at end < run 2: loss at end")
    driver.until(lambda: editor.shown.parts["answer"].toPlainText() == "Right is “The large one”. So.")
    assert editor.shown.parts["text"].toPlainText() == "Here are 0.1 and 2·w."
    assert editor.note.text() == ""
    draft = editor.form.values()
    click(editor.save_button)
    driver.until(lambda: editor.note.text() == "✓ The step was added to my_lesson.md.")
    assert editor.form.empty and editor.target.file.currentText() == "my_lesson.md"
    click(editor.try_button)
    assert editor.isHidden()

    page = driver.window.lessons.page
    driver.until(page.isVisible)
    lesson = read_lesson((tmp_path / "my_lesson.md").read_text("utf-8"), "my_lesson")
    assert lesson.steps == (step_of(draft | {"pace": "20"}, lesson.steps[0].setup.experiment),)
    driver.until(lambda: driver.session.trace is not None)
    click(page.prediction.choices[0])
    click(page.prediction.button)
    assert until_judged(driver, page) == "You said “The small one”. What happened: “The large one”. So."

    driver.menu("Help", "Make a lesson step…")
    assert editor.target.file.currentText() == "my_lesson.md" and not editor.form.values()["title"]
    choose_kind(editor, "task")
    fill(editor, title="Now you", goal="Come within 0.01.", when="run 1: distance at end < 0.01", done="{run 1: rate}.")
    fill(editor, rate="0.3")
    click(editor.save_button)
    driver.until(lambda: editor.target.steps.count() == 2)
    lesson = read_lesson((tmp_path / "my_lesson.md").read_text("utf-8"), "my_lesson")
    assert [step.title for step in lesson.steps] == ["Two rates", "Now you"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my_lesson.md", MARKER]


def test_a_lesson_of_every_kind_of_step_takes_few_clicks_and_its_steps_are_changed_moved_and_deleted(
    driver: Driver, editor: StepEditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, form, file = editor.target, editor.form, tmp_path / "my_lesson.md"

    def titles() -> list[str]:
        return [step.title for step in read_lesson(file.read_text("utf-8"), "my_lesson").steps]

    def saved(count: int) -> None:
        click(editor.save_button)
        driver.until(lambda: target.steps.count() == count and editor.save_button.isEnabled())

    target.choose_folder(tmp_path)
    target.title.setText("My lesson")
    places = {"choose": "because 2", "number": "because", "draw": "because", "task": "rate"}
    for count, (kind, last) in enumerate(places.items(), 1):
        fill(editor, title=kind)
        choose_kind(editor, kind)
        click(form.propose)
        driver.until(lambda last=last: bool(form.values()[last]))
        saved(count)
    fill(editor, title="table")
    choose_kind(editor, "text")
    click(form.table_button)
    driver.until(lambda: "{run 1: loss at 20}" in form.values()["table"])
    for key in ("loss", "run"):
        form.fields["look"].entries[key].trigger()  # type: ignore[attr-defined]
    driver.until(lambda: "23" in editor.shown.parts["table"].toPlainText())
    assert editor.shown.parts["look"].toPlainText() == "→ Show me: Loss against step, Run"
    saved(5)
    steps = read_lesson(file.read_text("utf-8"), "my_lesson").steps
    assert titles() == [*places, "table"]
    assert steps[2].prediction is not None and steps[2].prediction.draws == 0
    assert steps[4].look == ("loss", "run") and steps[4].table is not None and len(steps[4].table.rows) == 7

    target.steps.setCurrentRow(1)
    click(target.edit)
    assert form.values()["title"] == "number" and editor.save_button.text() == "Save changes"
    driver.session.edit(driver.session.experiment.with_run(0, lr=0.2))
    assert "--lr 0.1" in editor.words.text()  # the step keeps its own experiment
    click(editor.take_button)
    assert "--lr 0.2" in editor.words.text()
    fill(editor, title="a number")
    click(editor.save_button)
    driver.until(lambda: "was changed" in editor.note.text())
    changed = read_lesson(file.read_text("utf-8"), "my_lesson").steps
    assert changed[1].title == "a number" and changed[1].setup.experiment.runs[0].lr == 0.2
    assert (changed[0], *changed[2:]) == (steps[0], *steps[2:])

    driver.until(lambda: target.steps.count() == 5)
    target.steps.setCurrentRow(4)
    click(target.up)
    driver.until(lambda: titles()[3:] == ["table", "task"])
    driver.until(lambda: target.steps.item(3).text() == "4. table" and target.steps.currentRow() == 3)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    click(target.delete)
    driver.until(lambda: titles() == ["choose", "a number", "draw", "task"])
    driver.until(lambda: target.steps.count() == 4)


def test_what_can_be_asked_about_the_run_is_offered(driver: Driver, editor: StepEditor) -> None:
    choose_kind(editor, "number")
    value = editor.form.fields["value"]
    driver.until(lambda: value.count() > 0)  # type: ignore[attr-defined]
    assert value.findText("run 2: limit") >= 0  # type: ignore[attr-defined]
    menu = editor.form.insert.menu()
    entry = next(entry for entry in menu.actions() if entry.text() == "run 2: rate = 0.4")
    editor.form.fields["title"].setFocus()
    QTest.keyClicks(editor.form.fields["title"], "At ")
    entry.trigger()
    assert editor.form.values()["title"] == "At {run 2: rate}"
    driver.until(lambda: editor.shown.title.text() == "At 0.4")
    focus = [editor.form.fields["title"]]
    while focus[-1] is not editor.form.insert and len(focus) < 9:
        QTest.keyClick(focus[-1], Qt.Key.Key_Tab)
        focus.append(editor.focusWidget())
    assert focus[1:] == [editor.form.fields["text"], editor.form.insert]
    entry.trigger()
    assert editor.form.values()["text"] == "{run 2: rate}" and editor.form.fields["text"].hasFocus()


def test_what_was_typed_stays_when_the_dialog_is_closed_and_after_the_next_start(
    driver: Driver, tmp_path: Path
) -> None:
    window, store = driver.window, str(tmp_path / "settings.ini")

    def opened() -> StepEditor:
        settings = Settings(QSettings(store, QSettings.Format.IniFormat))
        editor = StepEditor(driver.session, window.bench, settings, {}, window)
        editor.open_for_step()
        return editor

    editor = opened()
    choose_kind(editor, "choose")
    fill(editor, title="Mine", choice_1="a")
    for number in range(4, 7):
        click(editor.form.more)
        fill(editor, **{f"choice_{number}": str(number)})
    assert not editor.form.more.isEnabled()
    click(editor.close_button)
    typed = editor.form.values()
    assert typed["title"] == "Mine" and typed["choice 6"] == "6"
    editor.open_for_step()
    assert editor.form.values() == typed
    other = opened()
    assert other.form.values() == typed and other.form.fields["choice 6"].isVisibleTo(other)
    click(other.clear_button)
    click(other.close_button)
    assert not opened().form.values()["title"]


def test_a_closed_editor_keeps_no_run(driver: Driver) -> None:
    def traces() -> dict[int, Trace]:
        driver.until_idle()
        gc.collect()
        return {id(each): each for each in gc.get_objects() if isinstance(each, Trace) and each.length > 1}

    def kept() -> list[Trace]:
        return [each for key, each in traces().items() if key not in others and each is not driver.session.trace]

    driver.until_new_trace(lambda: driver.session.show(experiment_of("--problem parabola --lr 0.1 --steps 20")))
    others = traces()
    driver.menu("Help", "Make a lesson step…")
    editor = driver.window.lessons.editor
    assert editor is not None
    assert kept()
    fill(editor, title="Typed just before")
    waiting = next(each for each in editor.findChildren(QTimer) if each.isActive() and each.isSingleShot())
    with driver.qtbot.waitSignal(waiting.timeout):
        click(editor.close_button)
    assert not kept()
    driver.menu("Help", "Make a lesson step…")
    assert kept()


def test_an_experiment_that_no_lesson_can_have_is_told(driver: Driver) -> None:
    driver.session.show(driver.session.experiment.with_run(0, lr=0.1).changed("steps", 10**6))
    driver.menu("Help", "Make a lesson step…")
    editor = driver.window.lessons.editor
    driver.until(lambda: "at most 200,000 steps" in editor.note.text())
    assert "at most 200,000 steps" in editor.words_note.text() and editor.words_note.isVisible()


def test_the_editor_fits_the_smallest_screen(driver: Driver, editor: StepEditor) -> None:
    assert editor.minimumSizeHint().width() <= 800 and editor.minimumSizeHint().height() <= 560
