"""The Tools menu and the windows that it opens."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QMenu

from lrstudio.ui.actions import action
from lrstudio.ui.instruments.bench import Bench
from lrstudio.ui.instruments.map_window import MapWindow
from lrstudio.ui.instruments.sweep_window import SweepWindow
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.open_session import OpenSession
from lrstudio.ui.theme import LIGHT, Theme


class Tools(QObject):
    """Makes each instrument when it is first asked for."""

    def __init__(self, window: QMainWindow, session: OpenSession, bench: Bench) -> None:
        super().__init__(window)
        self._window, self._session, self._bench = window, session, bench
        self._theme = LIGHT
        self.opened: dict[type[InstrumentWindow], InstrumentWindow] = {}

    def fill(self, menu: QMenu) -> None:
        """Add an entry for each instrument."""
        tip = self.tr("A loss against hundreds of rates, for several optimizers at once")
        menu.addAction(action(self, self.tr("&Sweep…"), lambda: self.show(SweepWindow), "Ctrl+Alt+W", tip))
        tip = self.tr("Two numbers of a run, such as rate and momentum, and what becomes of every pair of them")
        menu.addAction(action(self, self.tr("&Map…"), lambda: self.show(MapWindow), "Ctrl+Alt+M", tip))

    def show(self, kind: type[InstrumentWindow]) -> None:
        """Show the window of an instrument; it is made when it is first asked for."""
        if kind not in self.opened:
            self.opened[kind] = kind(self._session, self._bench, self._theme, self._window)  # type: ignore[call-arg]
        opened = self.opened[kind]
        opened.show()
        opened.raise_()
        opened.activateWindow()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for opened in self.opened.values():
            opened.set_theme(theme)

    def close(self) -> None:
        """Close all windows."""
        for opened in self.opened.values():
            opened.close()
