"""Unsaved work is kept, offered at the next start and deleted only when it is saved or discarded."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from lrstudio.engine.examples import EXAMPLES
from lrstudio.store.recovery import read_point
from lrstudio.ui.files import restore_dialog
from lrstudio.ui.files.restore_dialog import RestoreDialog
from lrstudio.ui.window.main_window import MainWindow
from tests.e2e.conftest import Driver
from tests.patience import patience

posix = pytest.mark.skipif(os.name != "posix", reason="processes that are forked")


@posix
@pytest.mark.parametrize(
    "soak", ["recovery --count 3", "saves --count 8 --way terminal", "saves --count 4 --way window"]
)
def test_kills_lose_nothing(soak: str) -> None:
    command = [sys.executable, "-m", f"tests.soak.{soak.split()[0]}", *soak.split()[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(120))
    assert done.returncode == 0, done.stderr
    assert "kills" in done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recovery"


@pytest.fixture
def opened(qtbot: QtBot, folder: Path) -> Iterator[Callable[[], Driver]]:
    """Opens windows that keep what is unsaved in the folder."""
    drivers: list[Driver] = []

    def open_window() -> Driver:
        window = MainWindow("light", recovery=folder)
        window.show()
        drivers.append(Driver(window, qtbot))
        drivers[-1].until(lambda: window.session.simulation is not None)
        return drivers[-1]

    yield open_window
    for driver in drivers:
        driver.close()


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir()) if folder.exists() else []


def left(opened: Callable[[], Driver], folder: Path) -> Driver:
    """A window that was ended from outside, with a run more than the example and one of them hidden."""
    driver = opened()
    driver.until_new_trace(driver.window.runs.actions_by_name["add"].trigger)
    driver.session.arrange(driver.session.arrangement.toggled(1))
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 1)
    driver.window.end()
    driver.until(lambda: not driver.window.feed.alive and not driver.window.isVisible())
    driver.until(lambda: ".lock" not in files(folder))
    return driver


def offer(driver: Driver) -> RestoreDialog:
    dialogs: list[Any] = []
    driver.until(lambda: dialogs.append(driver.window.findChild(RestoreDialog)) or dialogs[-1] is not None)
    assert isinstance(dialogs[-1], RestoreDialog)
    return dialogs[-1]


def test_what_was_unsaved_is_offered_and_restored_with_its_steps_and_its_view(
    opened: Callable[[], Driver], folder: Path
) -> None:
    before, driver = left(opened, folder), opened()
    dialog = offer(driver)
    assert not dialog.isModal()
    driver.until_new_trace(dialog.restore.click)
    assert driver.session.experiment == before.session.experiment
    assert driver.session.arrangement == before.session.arrangement
    assert driver.session.steps_done == 1
    assert driver.session.modified
    driver.until(lambda: driver.window.findChild(RestoreDialog) is None)
    assert opened().window.findChild(RestoreDialog) is None  # a window that is alive has it


def test_what_is_left_for_later_is_offered_again(opened: Callable[[], Driver], folder: Path) -> None:
    left(opened, folder)
    for _ in range(2):
        dialog = offer(opened())
        assert dialog.list.topLevelItemCount() == 1
        dialog.later.click()
    assert ".point" in files(folder)


@pytest.mark.parametrize("sure", [False, True])
def test_what_is_discarded_is_deleted_after_a_question(
    opened: Callable[[], Driver], folder: Path, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    left(opened, folder)
    driver = opened()
    dialog = offer(driver)
    monkeypatch.setattr(restore_dialog, "ask", lambda *arguments: arguments[-1] if sure else None)
    dialog.discard.click()
    if sure:
        driver.until(lambda: files(folder) == [])
    else:
        assert dialog.list.topLevelItemCount() == 1 and ".point" in files(folder)


def test_a_point_is_deleted_once_the_session_is_saved(opened: Callable[[], Driver], folder: Path) -> None:
    driver = opened()
    driver.window.runs.actions_by_name["add"].trigger()
    driver.until(lambda: ".point" in files(folder))
    assert len(read_point(next(folder.glob("*.point"))).experiment.runs) == 4
    driver.session.save(folder.with_name("mine.lrs"))
    driver.until(lambda: files(folder) == [])


def test_a_point_that_cannot_be_read_is_shown_and_not_restored(opened: Callable[[], Driver], folder: Path) -> None:
    folder.mkdir()
    (folder / "1.point").write_bytes(b"no point")
    dialog = offer(opened())
    assert "not a session file" in dialog.list.topLevelItem(0).text(3)
    assert not dialog.restore.isEnabled()


def test_a_disk_that_takes_no_points_is_told_once(
    opened: Callable[[], Driver], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_text("a file where the folder should be")
    driver, told = opened(), list[tuple[str, str]]()
    driver.session.failed.connect(lambda *failure: told.append(failure))
    for _ in range(2):
        with driver.qtbot.waitSignal(driver.session.query_done, check_params_cb=lambda name, _: name == "recovery"):
            driver.window.runs.actions_by_name["add"].trigger()
    driver.until(lambda: told == [("Unsaved work is not kept", f"{folder}: File exists")])


def hide_a_run(driver: Driver) -> None:
    driver.session.arrange(driver.session.arrangement.toggled(0))


def change_a_rate(driver: Driver) -> None:
    driver.session.edit(driver.session.experiment.with_run(0, lr=0.02))


def make_steps(driver: Driver) -> None:
    """Makes the steps of an experiment that is no ready example."""
    driver.until_new_trace(lambda: driver.session.show(replace(EXAMPLES[0].experiment, steps=20_000)))
    driver.finish()


def change_a_rate_on_the_way_and_back(driver: Driver) -> None:
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 1)
    change_a_rate(driver)
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 2)
    driver.session.edit(EXAMPLES[0].experiment)
    driver.until(lambda: not driver.window.feed.busy)


@pytest.mark.parametrize("work", [hide_a_run, change_a_rate, make_steps, change_a_rate_on_the_way_and_back])
def test_closing_asks_about_work_that_is_in_no_file_yet(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, work: Callable[[Driver], None]
) -> None:
    work(driver)
    asked: list[str] = []
    cancel = QMessageBox.StandardButton.Cancel
    monkeypatch.setattr(QMessageBox, "question", lambda *arguments: asked.append(arguments[2]) or cancel)
    driver.window.close()
    assert "is in no file yet" in asked[0]
    assert driver.window.isVisible()


def test_closing_a_ready_example_asks_nothing_also_after_its_run(driver: Driver) -> None:
    driver.finish()
    driver.window.close()  # a question fails the test
    driver.until(lambda: not driver.window.isVisible())


def test_a_lesson_leaves_the_point_of_the_experiment_that_it_sets_aside(
    opened: Callable[[], Driver], folder: Path
) -> None:
    driver = opened()
    driver.until_new_trace(driver.window.runs.actions_by_name["add"].trigger)
    mine = driver.session.experiment
    driver.menu("Help", "Lessons")
    driver.until(lambda: bool(driver.window.lessons.list.buttons))
    driver.until_new_trace(driver.window.lessons.list.buttons["limit"].click)
    driver.window.lessons.course.predict(0)
    driver.finish()
    driver.until(lambda: ".point" in files(folder))
    driver.window.end()
    driver.until(lambda: not driver.window.feed.alive and not driver.window.isVisible())
    driver.until(lambda: ".lock" not in files(folder))
    assert read_point(next(folder.glob("*.point"))).experiment == mine
