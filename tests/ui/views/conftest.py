"""The real window with other views or another saved layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from lrstudio.ui.views.catalogue import View
from lrstudio.ui.views.views import Views
from lrstudio.ui.window import main_window
from tests.e2e.conftest import KNOWN_VIEWS, Driver

Opened = Callable[..., Driver]


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Opens the real window with more views than it has, perhaps with a layout that was saved."""
    drivers: list[Driver] = []

    def open_window(*more: View, layout: str = "{}") -> Driver:
        monkeypatch.setattr(main_window, "Views", partial(Views, views=(*KNOWN_VIEWS, *more)))
        store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        store.setValue("window/views", layout)
        window = main_window.MainWindow("light", store)
        window.show()
        driver = Driver(window, qtbot)
        drivers.append(driver)
        driver.until(lambda: driver.session.trace is not None)
        return driver

    yield open_window
    for driver in drivers:
        driver.close()
