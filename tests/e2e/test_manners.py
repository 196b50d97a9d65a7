"""Everyday manners: what the window remembers, how files come to it, how large its letters are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lrstudio.ui.main_window import MainWindow
from tests.e2e.conftest import Driver


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
