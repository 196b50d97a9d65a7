"""The Tools menu and the windows that it opens."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QMenu

from lrstudio.ui.instruments.bench import Bench
from lrstudio.ui.instruments.compare_dock import CompareDock
from lrstudio.ui.instruments.explain_dock import ExplainDock
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.open_session import OpenSession
from lrstudio.ui.theme import LIGHT, Theme


class Tools(QObject):
    """Makes each instrument when it is first asked for."""

    def __init__(
        self, window: QMainWindow, session: OpenSession, bench: Bench, docks: Sequence[CompareDock | ExplainDock]
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._bench = window, session, bench
        self._docks = docks
        self._theme = LIGHT
        self.opened: dict[type[InstrumentWindow], InstrumentWindow] = {}

    def fill(self, menu: QMenu) -> None:
        """Add an entry for each instrument."""
        menu.setToolTipsVisible(True)
        for dock in self._docks:
            menu.addAction(dock.shown)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for dock in self._docks:
            dock.set_theme(theme)
        for opened in self.opened.values():
            opened.set_theme(theme)

    def close(self) -> None:
        """Close all windows."""
        for opened in self.opened.values():
            opened.close()
