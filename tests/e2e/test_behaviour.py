"""Everyday behaviour: what the window remembers, how files come to it, how large its letters are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPointF, QSettings, QSize, Qt, QUrl
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.instruments.window import first_size
from lrstudio.ui.window.main_window import MainWindow
from tests.e2e.conftest import Driver
from tests.e2e.drops import drop


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.ini"


class Start:
    """Opens windows that remember, one after the other."""

    def __init__(self, file: Path, qtbot: QtBot) -> None:
        self.file, self._qtbot = file, qtbot
        self._open: Driver | None = None

    def again(self) -> Driver:
        """Close the window that is open, and open one as the next start would."""
        self.close()
        window = MainWindow("light", QSettings(str(self.file), QSettings.Format.IniFormat))
        window.show()
        self._open = driver = Driver(window, self._qtbot)
        driver.until(lambda: driver.session.trace is not None)
        return driver

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


@pytest.fixture
def start(file: Path, qtbot: QtBot) -> Iterator[Start]:
    start = Start(file, qtbot)
    yield start
    start.close()


def test_size_docks_and_theme_are_as_they_were_left(start: Start) -> None:
    driver = start.again()
    driver.window.resize(700, 620)
    driver.menu("View", "Step table")
    driver.menu("View", "Theme", "Dark")
    driver = start.again()
    assert (driver.window.width(), driver.window.height()) == (700, 620)
    assert driver.window.table_dock.isVisible()
    assert driver.window.menus.theme.actions["dark"].isChecked()
    driver.menu("View", "Theme", "Light")


def test_the_first_size_leaves_room_for_panels_and_the_frame(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver.window.size() == QSize(1280, 800)
    monkeypatch.setattr(QScreen, "availableSize", lambda _screen: QSize(1280, 772))
    size = first_size(driver.window, 1280, 800)
    assert size.width() <= 1280 - 2 * 8
    assert size.height() <= 772 - 8 - 32


def test_a_dock_that_was_narrow_is_so_again_after_large_letters_and_a_restart(start: Start) -> None:
    driver = start.again()
    dock = driver.window.dock
    width = dock.width()
    driver.window.font_size.choose(18)
    driver.until(lambda: dock.width() > 1.3 * width)
    driver.menu("View", "Font size", "Reset")
    driver.until(lambda: dock.width() == width)
    driver = start.again()
    assert driver.window.dock.width() == width
    driver.window.resizeDocks([driver.window.dock], [width + 200], Qt.Orientation.Horizontal)
    driver.until(lambda: driver.window.dock.width() == width + 200)
    for points in (18, None):
        driver.window.font_size.choose(points)
        driver.until(
            lambda points=points: driver.window.dock.problem.font().pointSizeF() == driver.window.font_size.points
        )
        QApplication.processEvents()
    assert driver.window.dock.width() == width + 200


def test_a_window_left_on_a_screen_that_is_gone_comes_back_on_one_that_is_there(start: Start) -> None:
    driver = start.again()
    driver.window.setGeometry(5000, 4000, 600, 500)
    driver = start.again()
    screen = QApplication.primaryScreen().availableGeometry()
    assert screen.contains(driver.window.geometry().center())


def test_settings_of_another_program_do_no_harm(start: Start) -> None:
    store = QSettings(str(start.file), QSettings.Format.IniFormat)
    store.setValue("window/geometry", QByteArray(b"nonsense"))
    store.setValue("window/docks", QByteArray(b"\x00\x00\x00\xff\x00\x00\x00\x01more nonsense"))
    store.setValue("window/theme", "purple")
    store.setValue("window/views", '{"columns": 3, "hidden": [[]]}')
    store.sync()
    driver = start.again()
    assert driver.window.dock.isVisible()
    assert driver.window.transport.isVisible()


def saved(driver: Driver, path: Path) -> Path:
    driver.session.save(path)
    driver.until(lambda: driver.session.path == path)
    return path


def recent(driver: Driver) -> list[str]:
    """The entries of File > Open recent, without their numbers."""
    texts = [action.text() for action in driver.entry("File", "Open recent").menu().actions()]  # type: ignore[attr-defined]
    return [text.lstrip("&0123456789 ") for text in texts if text and text != "&Clear"]


def test_recent_files_are_listed_newest_first_and_remembered(start: Start, tmp_path: Path) -> None:
    driver = start.again()
    assert not driver.entry("File", "Open recent").isEnabled()
    for name in ("a", "b & c", "a"):
        saved(driver, tmp_path / f"{name}.lrs")
    assert recent(driver) == ["a.lrs", "b && c.lrs"]
    driver = start.again()
    assert recent(driver) == ["a.lrs", "b && c.lrs"]
    driver.entry("File", "Open recent").menu().actions()[1].trigger()  # type: ignore[attr-defined]
    driver.until(lambda: driver.session.path == tmp_path / "b & c.lrs")
    assert recent(driver) == ["b && c.lrs", "a.lrs"]


def test_ten_recent_files_are_remembered(driver: Driver, tmp_path: Path) -> None:
    for place in range(12):
        saved(driver, tmp_path / f"{place}.lrs")
    assert [path.stem for path in driver.window.recent.paths] == [str(place) for place in range(11, 1, -1)]


def test_files_with_the_same_name_are_listed_with_their_folders(driver: Driver, tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        saved(driver, tmp_path / folder / "a.lrs")
    assert recent(driver) == [f"a.lrs - {tmp_path / 'y'}", f"a.lrs - {tmp_path / 'x'}"]


def test_a_recent_file_that_is_gone_says_so_and_leaves_the_list(driver: Driver, tmp_path: Path) -> None:
    saved(driver, tmp_path / "a.lrs").unlink()
    driver.window.recent.choose(tmp_path / "a.lrs")
    assert "a.lrs: it is no longer in its folder" in driver.window.status.note.text()
    assert recent(driver) == []


def test_the_recent_files_can_be_forgotten(start: Start, tmp_path: Path) -> None:
    driver = start.again()
    saved(driver, tmp_path / "a.lrs")
    driver.menu("File", "Open recent", "Clear")
    assert recent(driver) == []
    assert recent(start.again()) == []


def drop_files(target: QWidget, *paths: Path) -> None:
    """Drag files onto a widget and let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    drop(target, data, QPointF(20, 20))


def test_of_several_dropped_files_the_first_session_is_opened(driver: Driver, tmp_path: Path) -> None:
    first = saved(driver, tmp_path / "first.LRS")
    saved(driver, tmp_path / "second.lrs")
    (tmp_path / "notes.txt").write_text("no session")
    drop_files(driver.window, tmp_path / "notes.txt", first, tmp_path / "second.lrs")
    driver.until(lambda: driver.session.path == first)


def test_a_dropped_file_of_another_kind_is_refused_with_the_supported_kinds(driver: Driver, tmp_path: Path) -> None:
    drop_files(driver.window, tmp_path / "notes.txt")
    driver.until(lambda: "“notes.txt” cannot be opened" in driver.window.status.note.text())
    assert ".lrs" in driver.window.status.note.text()


def test_files_can_be_dropped_on_a_plot(driver: Driver, tmp_path: Path) -> None:
    path = saved(driver, tmp_path / "a.lrs")
    driver.session.show(driver.session.experiment)
    drop_files(driver.window.views.canvas(LossCanvas).viewport(), path)
    driver.until(lambda: driver.session.path == path)


def test_the_font_size_is_remembered(start: Start) -> None:
    driver = start.again()
    driver.window.font_size.choose(17)
    assert start.again().window.font_size.points == 17
    assert QApplication.font().pointSizeF() == 17
    start.again().window.font_size.choose(None)
