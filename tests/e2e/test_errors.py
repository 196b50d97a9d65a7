"""Errors of the program: each is in the log and in the bar, and the program goes on."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from lrstudio.core.problems import Rosenbrock
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.pilot import State
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.drawing.guard import PaintedWidget
from lrstudio.ui.files import data_import
from lrstudio.ui.session import jobs
from lrstudio.ui.window.errors import ErrorLog
from lrstudio.ui.window.main_window import MainWindow
from tests.e2e.conftest import Driver


class Injected(Exception):  # noqa: N818 - a name to look for in the log
    """An error that no one expects."""


class Broken(PaintedWidget):
    def draw(self, painter: QPainter) -> None:
        raise Injected("in paint")


def fail(where: str) -> Callable[..., None]:
    def failing(*_arguments: object, **_options: object) -> None:
        raise Injected(f"in {where}")

    return failing


@pytest.fixture
def errors(tmp_path: Path, qapp: object) -> Iterator[ErrorLog]:
    log = ErrorLog(tmp_path)
    log.install()
    yield log
    log.uninstall()


@pytest.fixture
def driver(qtbot: QtBot, errors: ErrorLog) -> Iterator[Driver]:
    window = MainWindow("light", errors=errors)
    window.show()
    driver = Driver(window, qtbot)
    driver.until(lambda: driver.session.trace is not None)
    yield driver
    driver.close()


def until_shown(driver: Driver, errors: ErrorLog, what: str) -> None:
    """Waits until an error is in the bar, and asserts that it is in the log."""
    bar = driver.window.error_bar
    driver.until(lambda: bar.isVisible() and what in bar.note.text())
    assert errors.path is not None
    assert what in errors.path.read_text("utf-8")


def in_slot(driver: Driver, _patch: pytest.MonkeyPatch, _folder: Path) -> None:
    entry = QAction(driver.window)
    entry.triggered.connect(fail("slot"))
    entry.trigger()


def in_timer(driver: Driver, _patch: pytest.MonkeyPatch, _folder: Path) -> None:
    QTimer.singleShot(0, driver.window, fail("timer"))


def in_paint(driver: Driver, _patch: pytest.MonkeyPatch, _folder: Path) -> None:
    broken = Broken(driver.window)
    broken.show()
    broken.grab()
    broken.deleteLater()


def in_worker(driver: Driver, patch: pytest.MonkeyPatch, _folder: Path) -> None:
    patch.setattr(Simulation, "advance", fail("worker"))
    driver.window.run_actions.play.trigger()
    driver.until_state(State.FAILED)
    patch.undo()


def in_thread(_driver: Driver, _patch: pytest.MonkeyPatch, _folder: Path) -> None:
    thread = threading.Thread(target=fail("thread"))
    thread.start()
    thread.join()


def in_import(driver: Driver, patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr(data_import, "read_preview", fail("import"))
    driver.window.files.data.begin(folder / "data.csv")
    dialog = driver.window.files.data.dialog
    assert dialog is not None
    driver.until(lambda: "in import" in dialog.note.text())
    dialog.reject()


def in_export(driver: Driver, patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr(jobs, "write_csv", fail("export"))
    patch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(folder / "trace.csv"), ""))
    driver.menu("File", "Export CSV…")
    driver.until(lambda: driver.session.task is None)


def in_hook(driver: Driver, patch: pytest.MonkeyPatch, _folder: Path) -> None:
    patch.setattr(traceback, "format_exception", fail("hook"))
    QTimer.singleShot(0, driver.window, fail("a timer that is not described"))
    driver.until(lambda: "its description failed with Injected" in driver.window.error_bar.note.text())


PLACES = (in_slot, in_timer, in_paint, in_worker, in_thread, in_import, in_export, in_hook)


def test_an_error_anywhere_is_logged_and_shown_and_the_program_goes_on(
    driver: Driver, errors: ErrorLog, tmp_path: Path
) -> None:
    for number, inject in enumerate(PLACES, 1):
        with pytest.MonkeyPatch.context() as patch:
            inject(driver, patch, tmp_path)
            name = inject.__name__.removeprefix("in_")
            until_shown(driver, errors, f"in {name}" if inject is not in_hook else "Injected (its description failed")
        assert errors.count >= number  # a paint method may be called twice
        driver.session.message.emit("another message")
        assert driver.window.error_bar.isVisible()
        experiment = Experiment(problem=Rosenbrock(), runs=(Run(lr=1e-3 / number),), steps=5)
        driver.until_new_trace(lambda experiment=experiment: driver.session.show(experiment))
    driver.finish()
    QTest.mouseClick(driver.window.error_bar.copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("LR Studio ") and str(errors.path) in copied
    assert copied.count("Traceback") == len(PLACES) - 1 and "in worker" in copied
    driver.window.error_bar.close_button.click()
    assert not driver.window.error_bar.isVisible() and errors.count == 0


@pytest.mark.parametrize(
    ("error", "method"),
    [
        (MemoryError(), "advance"),
        (MemoryError(), "amend"),
        (SystemExit(3), "advance"),
        (RecursionError("deep"), "amend"),
        (KeyboardInterrupt(), "next_weights"),
    ],
)
def test_whatever_a_worker_raises_the_next_experiment_loads(
    driver: Driver, errors: ErrorLog, error: BaseException, method: str
) -> None:
    def failing(*_arguments: object) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Simulation, method, failing)
        driver.session.edit(driver.session.experiment.with_run(0, lr=0.07))
        driver.window.run_actions.play.trigger()
        driver.until(lambda: errors.count > 0)
        if method != "next_weights":
            driver.until_state(State.FAILED)
    until_shown(driver, errors, type(error).__name__)
    driver.until_new_trace(lambda: driver.session.show(Experiment(problem=Rosenbrock(), runs=(Run(lr=1e-3),), steps=5)))
    driver.finish()
    assert driver.session.state is State.FINISHED


def test_an_error_of_the_bar_itself_ends(driver: Driver, errors: ErrorLog) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver.window.error_bar.note, "setText", fail("bar"), raising=False)
        sys.excepthook(Injected, Injected("in a test"), None)
        driver.until(lambda: errors.count >= 2)
        driver.qtbot.wait(50)
    assert errors.count == 2
