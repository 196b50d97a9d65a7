"""Every export asks for its path in the same way, and no file is replaced without a question."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from lrstudio.ui.figures.dialog import FigureDialog
from lrstudio.ui.instruments.exports import ExportButtons
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.instruments.range_test.window import RangeTestWindow
from lrstudio.ui.instruments.sweep.window import SweepWindow
from lrstudio.ui.instruments.window import InstrumentWindow
from tests.e2e.conftest import Driver

Export = Callable[[Driver], object]
WINDOWS: tuple[tuple[type[InstrumentWindow], str], ...] = (
    (RangeTestWindow, "Range test…"),
    (SweepWindow, "Sweep…"),
    (MapWindow, "Map…"),
)


def by_menu(*path: str) -> Export:
    return lambda driver: driver.menu(*path)


def as_figure(driver: Driver) -> None:
    driver.menu("File", "Export figure…")
    dialog = driver.window.findChild(FigureDialog)
    assert dialog is not None
    dialog.export.click()
    dialog.close()


def comparison(driver: Driver) -> None:
    compare = driver.window.compare
    if not compare.seen:
        with driver.qtbot.waitSignal(compare.feed.compared):
            driver.menu("Tools", "Compare runs")
    compare.export()


def by_button(kind: type[InstrumentWindow], entry: str, button: str) -> Export:
    def press(driver: Driver) -> None:
        driver.menu("Tools", entry)
        window = driver.window.tools.opened[kind]
        exports = window.findChild(ExportButtons)
        assert exports is not None
        driver.until(lambda: exports.isEnabled() and not window.busy)
        getattr(exports, button).click()

    return press


EXPORTS = [
    pytest.param(by_menu("File", "Save as…"), ".lrs", id="session"),
    pytest.param(by_menu("File", "Export CSV…"), ".csv", id="trace"),
    pytest.param(by_menu("File", "Export script", "NumPy…"), ".py", id="script"),
    pytest.param(as_figure, ".png", id="figure"),
    pytest.param(comparison, ".csv", id="comparison"),
    *(
        pytest.param(by_button(kind, entry, button), suffix, id=f"{entry[:-1].lower()} {button}")
        for kind, entry in WINDOWS
        for button, suffix in (("table", ".csv"), ("figure", ".png"))
    ),
]


def visible(folder: Path) -> list[Path]:
    """The files of a folder but the hidden lock of an open session."""
    return [file for file in folder.iterdir() if not file.name.startswith(".")]


def typed(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """The next dialog is left with this path, and no kind of file is chosen in it."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


def answered(monkeypatch: pytest.MonkeyPatch, answer: QMessageBox.StandardButton) -> list[str]:
    """Answers questions; returns the list that they are added to."""
    questions: list[str] = []

    def question(_parent: object, _title: str, text: str, *_: object) -> QMessageBox.StandardButton:
        questions.append(text)
        return answer

    monkeypatch.setattr(QMessageBox, "question", question)
    return questions


@pytest.mark.parametrize(("export", "suffix"), EXPORTS)
def test_a_file_is_not_replaced_by_a_name_without_its_suffix_before_the_user_agrees(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, export: Export, suffix: str
) -> None:
    file = tmp_path / f"sweep{suffix}"
    file.write_bytes(b"old")
    typed(monkeypatch, tmp_path / "sweep")
    questions = answered(monkeypatch, QMessageBox.StandardButton.No)
    export(driver)
    assert questions == [f"“sweep{suffix}” exists already. Replace it?"]
    driver.until(lambda: driver.session.task is None)
    assert file.read_bytes() == b"old" and visible(tmp_path) == [file]
    answered(monkeypatch, QMessageBox.StandardButton.Yes)
    export(driver)
    driver.until(lambda: file.read_bytes() != b"old")
    assert visible(tmp_path) == [file]


@pytest.mark.parametrize(("export", "suffix"), EXPORTS)
def test_a_name_that_ends_in_another_suffix_gets_the_right_one(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, export: Export, suffix: str
) -> None:
    typed(monkeypatch, tmp_path / "my.data")
    export(driver)
    driver.until((tmp_path / f"my.data{suffix}").exists)
    driver.until(lambda: driver.session.task is None)
    assert [file.name for file in visible(tmp_path)] == [f"my.data{suffix}"]


@pytest.mark.parametrize(("kind", "entry"), WINDOWS, ids=["range test", "sweep", "map"])
@pytest.mark.parametrize("button", ["table", "figure"])
def test_an_instrument_says_how_writing_went(
    driver: Driver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[InstrumentWindow],
    entry: str,
    button: str,
) -> None:
    export, suffix = by_button(kind, entry, button), {"table": ".csv", "figure": ".png"}[button]
    typed(monkeypatch, tmp_path / f"good{suffix}")
    export(driver)
    window = driver.window.tools.opened[kind]
    driver.until(lambda: f"Exported good{suffix}" in window.note.text())
    typed(monkeypatch, tmp_path / "missing" / f"bad{suffix}")
    export(driver)
    driver.until(lambda: f"Could not export bad{suffix}" in window.note.text())


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices as POSIX has them")
@pytest.mark.parametrize("device", [False, True], ids=["pipe", "device"])
@pytest.mark.parametrize(("export", "suffix"), EXPORTS)
def test_nothing_is_written_to_a_pipe_or_a_device_and_the_training_goes_on(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, export: Export, suffix: str, device: bool
) -> None:
    """A pipe that nobody reads would stop the worker for ever."""
    path = tmp_path / f"there{suffix}"
    if device:
        path.symlink_to("/dev/null")
    else:
        os.mkfifo(path)
    typed(monkeypatch, path)
    why: list[str] = []
    driver.session.failed.connect(lambda _what, reason: why.append(reason))
    monkeypatch.setattr("lrstudio.ui.files.actions.ask", lambda *_: None)
    export(driver)
    notes = [window.note.text for window in driver.window.tools.opened.values()]
    expected = f"{path}: is a pipe or a device; choose a file"
    driver.until(lambda: why == [expected] or any(note().endswith(expected) for note in notes))
    driver.finish()


@pytest.mark.parametrize(("export", "suffix"), EXPORTS[:5])
@pytest.mark.parametrize("length", [256, 254])
def test_a_name_that_no_folder_takes_is_told_before_any_work(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, export: Export, suffix: str, length: int
) -> None:
    """With the suffix or once it has been added."""
    typed(monkeypatch, tmp_path / ("a" * (length - len(suffix)) + suffix if length == 256 else "a" * length))
    said: list[str] = []
    driver.session.message.connect(said.append)
    export(driver)
    assert driver.session.task is None and visible(tmp_path) == []
    assert "the name is too long for this folder; most take 255 bytes" in said[-1]


def test_a_session_with_the_longest_name_that_a_folder_takes_is_saved_and_opened_again(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ("a" * 251 + ".lrs")
    typed(monkeypatch, file)
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.menu("File", "Save as…")
    driver.until_new_trace(lambda: driver.menu("File", "New"))
    driver.until_new_trace(lambda: driver.window.files.open_path(file))
    assert driver.session.path == file and visible(tmp_path) == [file]
