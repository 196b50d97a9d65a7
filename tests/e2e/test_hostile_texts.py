"""Texts of files are shown as they are in every window: no markup, no image of theirs is opened."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMessageBox,
    QToolTip,
)

from lrstudio.core.dataset import Dataset
from lrstudio.core.problems import OwnData
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.session import Session, save
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from lrstudio.ui.instruments.sweep.window import SweepWindow
from lrstudio.ui.look.plain import Label, menu_text, plain
from tests.e2e.conftest import Driver
from tests.e2e.screen import seen, texts_of

IMAGE = "<img src=x>"
HOSTILE = f"{IMAGE}<b>y</b>&amp;<a href=x>&z"
IN_OPEN = 0x20


class Watched:
    """The file x, and whether anyone has opened it since it was made."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(b"")
        self.path = path
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(os.O_NONBLOCK)
        assert self._libc.inotify_add_watch(self._fd, os.fsencode(path), IN_OPEN) >= 0

    def was_opened(self) -> bool:
        try:
            return bool(os.read(self._fd, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._fd)


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """The file that the texts name, in the current folder."""
    if sys.platform != "linux":
        pytest.skip("the opening of a file is noticed with inotify")
    monkeypatch.chdir(tmp_path)
    watched = Watched(tmp_path / "x")
    yield watched
    watched.close()


def hostile_session(path: Path) -> Path:
    """Writes a session whose every text is hostile."""
    x = np.linspace(0, 1, 12)
    data = Dataset(HOSTILE, (f"{HOSTILE}1", f"{HOSTILE}2"), (x, (x > 0.4) * 1.0), (f"{HOSTILE}no", f"{HOSTILE}yes"))
    runs = tuple(Run(lr=lr, label=f"{HOSTILE} {lr}", color=index) for index, lr in enumerate((0.1, 0.3)))
    simulation = Simulation(Experiment(problem=OwnData(dataset=data, kind="logistic"), runs=runs, steps=8))
    simulation.advance(8)
    save(path, Session.of(simulation, {"order": [1, 0]}))
    return path


def shown_texts(driver: Driver) -> set[tuple[str, str]]:
    """The hostile texts that the program shows, by kind; every visible widget is painted and its tooltip is shown."""
    found = set()
    for widget in QApplication.allWidgets():
        for kind, text in texts_of(widget):
            if "img" in text or "NOT ESCAPED" in text or "<b>y" in text:
                found.add((kind, text))
        if widget.isVisible():
            at = QPoint(3, 3)
            QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at)))
            if widget.isWindow():
                widget.grab()
    QToolTip.hideText()
    QApplication.processEvents()
    return found


def is_literal(text: str) -> bool:
    """Whether the image's tag can be read in a text, which may be elided."""
    return "NOT ESCAPED" not in text and IMAGE in text.replace("\n", " ")


def test_no_window_reads_a_text_of_a_session_as_markup(
    driver: Driver, image: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, session = driver.window, driver.session
    path = hostile_session(tmp_path / "<b>y<img src=x>&z.lrs")
    driver.until_new_trace(lambda: session.open(path))
    for name in ("Compare runs", "Explain this step"):
        driver.menu("Tools", name)
    driver.menu("View", "Step table")
    windows = [window.tools.show(kind) for kind in (MapWindow, RangeTestWindow, SweepWindow)]
    driver.until(lambda: window.explain.explanation is not None)
    driver.until(lambda: not any(each.busy for each in windows))
    maps = windows[0]
    assert isinstance(maps, MapWindow)
    maps.show_source(0)
    driver.until(lambda: not maps.busy)
    found = shown_texts(driver)
    assert {text for _, text in found if not is_literal(text)} == set()
    kinds = {kind for kind, _ in found}
    assert kinds >= {"title", "label", "tooltip", "cell", "cell's tooltip", "item's tooltip"}
    asked: list[str] = []

    def answer(*arguments: object) -> QMessageBox.StandardButton:
        asked.append(str(arguments[2]))
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "question", answer)
    session.edit(session.experiment.with_run(0, lr=0.2))
    window.files.when_safe(lambda: None)
    assert [is_literal(seen(text)) for text in asked] == [True]
    session.failed.emit(HOSTILE, HOSTILE)
    assert is_literal(seen(window.status.note.toolTip()))
    assert not image.was_opened()


def test_no_dialog_of_a_file_reads_its_texts_as_markup(driver: Driver, image: Watched, tmp_path: Path) -> None:
    table = tmp_path / "<img src=x>&z.csv"
    table.write_text(f"step,{HOSTILE}1,{HOSTILE}2\n0,1,2\n1,{HOSTILE},3\n2,3,4\n", encoding="utf-8")
    driver.window.files.data.begin(table)
    driver.until(lambda: driver.window.files.data.dialog is not None)
    dialog = driver.window.files.data.dialog
    assert dialog is not None
    driver.until(lambda: dialog.model.rowCount() > 0)
    logs = driver.window.tools.show(RangeTestWindow).logs
    logs.begin([table])
    driver.until(lambda: logs.dialog is not None and logs.dialog.model.rowCount() > 0)
    found = shown_texts(driver)
    assert {text for _, text in found if not is_literal(text)} == set()
    assert {kind for kind, _ in found} >= {"title", "cell", "cell's tooltip"}
    assert logs.dialog is not None
    logs.dialog.reject()
    dialog.reject()
    assert not image.was_opened()


@pytest.mark.parametrize("text", [HOSTILE, "a & b", "a &amp; b", "<b>x</b>", "1 < 2", "two\nlines", "", "  <p>"])
def test_a_plain_tooltip_shows_every_text_as_it_is(text: str, qapp: QApplication) -> None:
    assert seen(plain(text)).split() == text.split()
    assert Label(text).textFormat() is Qt.TextFormat.PlainText


def test_a_menu_shows_an_ampersand(qapp: QApplication) -> None:
    assert QAction(menu_text("R&D")).text() == "R&&D"


def test_the_watch_notices_an_image_in_a_label_that_reads_markup(image: Watched, qapp: QApplication) -> None:
    careless: Callable[[str], QLabel] = QLabel
    careless(HOSTILE).grab()
    assert image.was_opened()
