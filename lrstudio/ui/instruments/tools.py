"""The Tools menu and the windows that it opens."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QMenu

from lrstudio.ui.actions import action
from lrstudio.ui.instruments.bench import Bench
from lrstudio.ui.instruments.range_window import RangeTestWindow
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
        self.run = 0
        """The run that is selected."""

    def fill(self, menu: QMenu) -> None:
        """Add an entry for each instrument."""
        tip = self.tr("The rate grows from batch to batch, and the loss is watched: which rate to choose")
        menu.addAction(action(self, self.tr("&Range test…"), self.range_test, "Ctrl+Shift+R", tip))
        tip = self.tr("Steps, rates and losses of a training elsewhere, from CSV files, as a range test")
        menu.addAction(action(self, self.tr("Import training &log…"), self.import_log, "Ctrl+Shift+I", tip))

    def import_log(self) -> None:
        """Ask for a log and show it in the window of the range test."""
        self.range_test().logs.ask()

    def range_test(self) -> RangeTestWindow:
        """Show the range test of the selected run."""
        window = self.opened.get(RangeTestWindow)
        if not isinstance(window, RangeTestWindow):
            window = RangeTestWindow(self._session, self._bench, self._theme, self._window)
            self.opened[RangeTestWindow] = window
            window.select(self.run)
        window.bring()
        return window

    def select(self, run: int) -> None:
        """Tell the instruments that look at one run which it is."""
        self.run = run
        for opened in self.opened.values():
            opened.select(run)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for opened in self.opened.values():
            opened.set_theme(theme)

    def close(self) -> None:
        """Close all windows."""
        for opened in self.opened.values():
            opened.close()
