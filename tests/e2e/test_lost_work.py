"""What is changed while a file is written or read is never lost without a question."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox

from lrstudio.engine.examples import EXAMPLES
from lrstudio.store.session import load, save
from lrstudio.ui.session import session_file
from lrstudio.ui.session.jobs import Cancelled
from tests.e2e.conftest import Driver
from tests.patience import PATIENCE

SAVE, DISCARD, CANCEL = (
    QMessageBox.StandardButton.Save,
    QMessageBox.StandardButton.Discard,
    QMessageBox.StandardButton.Cancel,
)


class Held:
    """Keeps a file job on the worker's thread until it may go on."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    def hold(self, job: Callable[..., Any]) -> Callable[..., Any]:
        def held(*args: Any, **options: Any) -> Any:
            self.may_go_on.wait(PATIENCE)
            return job(*args, **options)

        return held


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held()
    monkeypatch.setattr(session_file, "save", held.hold(save))
    monkeypatch.setattr(session_file, "load", held.hold(load))
    yield held
    held.may_go_on.set()


@pytest.fixture
def file(driver: Driver, tmp_path: Path) -> Path:
    """A file that holds what the window shows."""
    path = tmp_path / "mine.lrs"
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.session.save(path)
    return path


def answer(monkeypatch: pytest.MonkeyPatch, *answers: QMessageBox.StandardButton) -> list[object]:
    """Answers the questions, in their order; the questions that were asked."""
    left, asked = list(answers), []
    monkeypatch.setattr(QMessageBox, "question", lambda *args: asked.append(args) or left.pop(0))
    return asked


def add_run(driver: Driver) -> None:
    driver.window.runs.actions_by_name["add"].trigger()


def finish_job(driver: Driver, held: Held) -> None:
    held.may_go_on.set()
    driver.until(lambda: driver.session.task is None)
    driver.until(lambda: not driver.window.feed.busy)


def test_what_is_changed_while_the_question_s_save_runs_is_asked_about_again(
    driver: Driver, file: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(driver)
    asked = answer(monkeypatch, SAVE, CANCEL)
    driver.window.files.show_example(EXAMPLES[3])
    add_run(driver)
    edited = driver.session.experiment
    finish_job(driver, held)
    assert len(asked) == 2
    assert driver.session.experiment == edited
    assert driver.session.modified
    assert len(load(file).experiment.runs) == len(edited.runs) - 1


def test_steps_that_a_run_makes_while_it_is_saved_ask_nothing(
    driver: Driver, file: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.window.run_actions.play.trigger()
    driver.until(lambda: driver.session.steps_done > 1)
    asked = answer(monkeypatch, SAVE)
    driver.window.files.show_example(EXAMPLES[3])
    finish_job(driver, held)
    driver.until(lambda: driver.session.experiment == EXAMPLES[3].experiment)
    assert len(asked) == 1


def test_a_later_save_does_not_go_on_with_what_waited_for_a_cancelled_one(
    driver: Driver, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled(*_: object, **_options: Any) -> None:
        raise Cancelled

    add_run(driver)
    edited = driver.session.experiment
    with monkeypatch.context() as patch:
        patch.setattr(session_file, "save", cancelled)
        answer(patch, SAVE)
        driver.window.files.show_example(EXAMPLES[3])
        driver.until(lambda: driver.session.task is None)
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.menu("File", "Save")
    assert driver.session.experiment == edited


@pytest.mark.parametrize("choice", [CANCEL, DISCARD])
def test_what_is_changed_while_a_file_is_opened_is_asked_about(
    driver: Driver, file: Path, held: Held, monkeypatch: pytest.MonkeyPatch, choice: QMessageBox.StandardButton
) -> None:
    saved = driver.session.experiment
    driver.window.files.open_path(file)
    add_run(driver)
    edited = driver.session.experiment
    asked = answer(monkeypatch, choice)
    finish_job(driver, held)
    assert len(asked) == 1
    assert driver.session.experiment == (edited if choice == CANCEL else saved)
    assert driver.session.history.canUndo() == (choice == CANCEL)


def test_a_file_that_was_chosen_over_unsaved_changes_is_opened_without_another_question(
    driver: Driver, file: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = driver.session.experiment
    add_run(driver)
    asked = answer(monkeypatch, DISCARD)
    driver.window.files.open_path(file)
    finish_job(driver, held)
    assert driver.session.experiment == saved
    assert len(asked) == 1
