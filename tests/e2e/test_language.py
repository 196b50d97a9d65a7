"""Another language: the window opens anew with everything in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QStandardPaths
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QWidget
from pytestqt.qtbot import QtBot

from lrstudio.core.language import LANGUAGES
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.pilot import State
from lrstudio.ui.window.main_window import MainWindow
from lrstudio.ui.window.program import Program, speak

Settled = Callable[[], MainWindow]


@pytest.fixture
def signals() -> list[Callable[[], None]]:
    """What the program does at SIGINT, SIGTERM and SIGHUP."""
    return []


@pytest.fixture
def program(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, signals: list[Callable[[], None]]
) -> Iterator[Program]:
    """The program with settings and recovery points of its own."""
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    monkeypatch.setattr("lrstudio.ui.window.program.QSettings", lambda: store)
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _which: str(tmp_path))
    hooks = ("SIGINT", "SIGTERM", "SIGHUP")
    for name in hooks:
        monkeypatch.setattr(f"signal.{name}", 0, raising=False)
    monkeypatch.setattr("signal.signal", lambda _number, handler: signals.append(handler))
    program = Program(None)
    qtbot.waitUntil(lambda: program.window.session.simulation is not None)
    yield program
    window = program.window
    window.end()
    qtbot.waitUntil(lambda: not window.feed.alive)
    program.close()
    speak("en")


def choose(qtbot: QtBot, program: Program, key: str) -> MainWindow:
    """Chooses a language in the View menu; returns the window that opens then."""
    before = program.window
    before.menus.language.actions[key].trigger()
    qtbot.waitUntil(lambda: program.window is not before and program.window.session.simulation is not None)
    return program.window


def titles(window: MainWindow) -> list[str]:
    return [action.text() for action in window.menuBar().actions()]


def test_a_language_is_chosen_without_a_restart_and_remembered(qtbot: QtBot, program: Program) -> None:
    english = titles(program.window)
    window = choose(qtbot, program, "zh_CN")
    chinese = titles(window)
    assert len(chinese) == len(english) and not set(chinese) & set(english)
    assert window.menus.language.actions["zh_CN"].isChecked() and window.settings.language == "zh_CN"
    assert titles(choose(qtbot, program, "en")) == english


def test_the_names_of_the_languages_are_in_themselves(qtbot: QtBot, program: Program) -> None:
    actions = program.window.menus.language.actions
    assert {key: actions[key].text() for key in LANGUAGES} == LANGUAGES


def test_qts_own_dialogs_speak_the_language_too(qtbot: QtBot, program: Program) -> None:
    choose(qtbot, program, "zh_CN")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text() == "取消"


def test_steps_runs_undo_and_unsaved_changes_stay(qtbot: QtBot, program: Program) -> None:
    window = program.window
    first = window.session.experiment
    window.session.edit(first.with_run(0, lr=0.25))
    qtbot.waitUntil(lambda: window.session.simulation is not None)
    window.transport.set_pace(None)
    window.run_actions.play.trigger()
    qtbot.waitUntil(lambda: window.session.state is State.FINISHED)
    experiment, steps, trace = window.session.experiment, window.session.steps_done, window.session.trace
    window = choose(qtbot, program, "zh_CN")
    assert (window.session.experiment, window.session.steps_done) == (experiment, steps)
    assert window.session.trace is trace and window.session.modified
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: window.session.simulation is not None)
    assert window.session.experiment == first


def test_the_file_stays_open_and_locked(qtbot: QtBot, program: Program, tmp_path: Path) -> None:
    path = tmp_path / "a.lrs"
    with qtbot.waitSignal(program.window.session.saved):
        program.window.session.save(path)
    window = choose(qtbot, program, "zh_CN")
    assert window.session.path == path and not window.session.modified and not window.session.read_only
    assert window.session.lock is not None
    with qtbot.waitSignal(window.session.saved):
        window.files.save()


def test_recovery_goes_on_with_the_files_of_the_window_before(qtbot: QtBot, program: Program, tmp_path: Path) -> None:
    session = program.window.session
    session.edit(replace(session.experiment, steps=77))
    points = tmp_path / "recovery"
    qtbot.waitUntil(lambda: len(list(points.glob("*.point"))) == 1)
    window = choose(qtbot, program, "zh_CN")
    window.session.edit(replace(window.session.experiment, steps=78))
    qtbot.waitUntil(lambda: window.session.steps_done == 0)
    assert len(list(points.glob("*.point"))) == 1


def test_the_window_before_is_gone(qtbot: QtBot, program: Program) -> None:
    gone: list[bool] = []
    program.window.destroyed.connect(lambda: gone.append(True))
    choose(qtbot, program, "zh_CN")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert gone == [True]
    assert sum(isinstance(widget, MainWindow) and widget.isVisible() for widget in QApplication.topLevelWidgets()) == 1


def shown_windows() -> list[QWidget]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow) and each.isVisible()]


def test_of_two_choices_at_once_the_last_one_counts_and_one_window_opens(qtbot: QtBot, program: Program) -> None:
    before = program.window
    english = titles(before)
    gone: list[bool] = []
    before.destroyed.connect(lambda: gone.append(True))
    for key in ("zh_CN", "zh_CN", "en"):
        before.menus.language.actions[key].trigger()
    qtbot.waitUntil(lambda: bool(gone) and program.window.session.simulation is not None)
    assert shown_windows() == [program.window] and titles(program.window) == english
    assert program.window.menus.language.actions["en"].isChecked()


def test_a_signal_ends_the_program_while_its_window_is_made_anew(
    qtbot: QtBot, program: Program, signals: list[Callable[[], None]]
) -> None:
    before = program.window
    before.menus.language.actions["zh_CN"].trigger()
    signals[1]()
    qtbot.waitUntil(lambda: program.window is not before)
    qtbot.waitUntil(lambda: not program.window.feed.alive and not shown_windows())


def test_a_run_that_goes_on_is_paused_at_its_step(qtbot: QtBot, program: Program) -> None:
    window = program.window
    window.session.show(replace(EXAMPLES[0].experiment, steps=100_000))
    qtbot.waitUntil(lambda: window.session.simulation is not None)
    window.run_actions.play.trigger()
    qtbot.waitUntil(lambda: window.session.steps_done > 3)
    window = choose(qtbot, program, "zh_CN")
    assert window.session.state is not State.RUNNING
    assert 3 < window.session.steps_done < 100_000
    before = window.session.steps_done
    window.run_actions.play.trigger()
    qtbot.waitUntil(lambda: window.session.steps_done > before)
    window.run_actions.play.trigger()
