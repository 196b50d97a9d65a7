"""The window is put back as it was left."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from lrstudio.ui.docks.transport import Transport
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.runs.panel import RunsPanel

_VERSION = 2
"""Of the docks; another one's are not restored."""


class WindowMemory:
    """Place, size and docks of a window. Made when the window is assembled: `reset` goes back to that."""

    def __init__(self, window: QMainWindow, settings: Settings) -> None:
        self._window, self._settings = window, settings
        self._docks = window.saveState(_VERSION)

    def restore(self) -> None:
        """As it was left, on a screen that is there; a part that does not fit stays as it is."""
        if not self._settings.geometry.isEmpty():
            self._window.restoreGeometry(self._settings.geometry)
        if not self._settings.docks.isEmpty():
            self._window.restoreState(self._settings.docks, _VERSION)

    def keep(self) -> None:
        self._settings.geometry = self._window.saveGeometry()
        self._settings.docks = self._window.saveState(_VERSION)
        self._settings.sync()

    def reset(self) -> None:
        """The docks as they were at first."""
        self._window.restoreState(self._docks, _VERSION)


class NarrowDock:
    """A dock that was as narrow as it could be becomes so again with other letters; Qt would leave it as it is."""

    def __init__(self, window: QMainWindow, dock: QDockWidget) -> None:
        self._window, self._dock = window, dock
        self._least, self._narrow = 0, False

    def look(self) -> None:
        """Other letters are about to come."""
        self._narrow = self._dock.width() <= self._dock.minimumSizeHint().width()

    def keep(self) -> None:
        """The window is laid out anew."""
        before, self._least = self._least, self._dock.minimumSizeHint().width()
        if self._least != before and (self._narrow or self._dock.width() <= before):
            self._narrow = False
            self._window.resizeDocks([self._dock], [self._least], Qt.Orientation.Horizontal)


class ViewState:
    """What a session file keeps of the window: the selected run and the steps per second."""

    def __init__(self, runs: RunsPanel, transport: Transport) -> None:
        self._runs, self._transport = runs, transport

    def to_save(self) -> dict[str, Any]:
        """The state as plain JSON."""
        return {"run": self._runs.current, "pace": self._transport.pace}

    def show(self, view: dict[str, Any]) -> None:
        """Show what a session file kept; what does not fit is left out."""
        run = view.get("run")
        if type(run) is int and 0 <= run < self._runs.count:
            self._runs.select(run)
        if "pace" in view:
            self._transport.restore_pace(view["pace"])
