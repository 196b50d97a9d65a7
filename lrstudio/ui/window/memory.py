"""Saved and restored state of the window."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from lrstudio.ui.docks.transport import Transport
from lrstudio.ui.look.settings import Settings
from lrstudio.ui.runs.panel import RunsPanel

_VERSION = 2
"""Version of the docks' state; QMainWindow restores no other."""


class WindowMemory:
    """Geometry and docks of a window; `reset` returns to the docks at construction."""

    def __init__(self, window: QMainWindow, settings: Settings) -> None:
        self._window, self._settings = window, settings
        self._docks = window.saveState(_VERSION)

    def restore(self) -> None:
        """Restores the saved geometry and docks."""
        if not self._settings.geometry.isEmpty():
            self._window.restoreGeometry(self._settings.geometry)
        if not self._settings.docks.isEmpty():
            self._window.restoreState(self._settings.docks, _VERSION)

    def save(self) -> None:
        self._settings.geometry = self._window.saveGeometry()
        self._settings.docks = self._window.saveState(_VERSION)
        self._settings.sync()

    def reset(self) -> None:
        """Restores the docks at construction."""
        self._window.restoreState(self._docks, _VERSION)


class NarrowDock:
    """Keeps a dock at its minimum width when a change of font changes that minimum."""

    def __init__(self, window: QMainWindow, dock: QDockWidget) -> None:
        self._window, self._dock = window, dock
        self._min_width, self._is_narrow = 0, False

    def before_font_change(self) -> None:
        self._is_narrow = self._dock.width() <= self._dock.minimumSizeHint().width()

    def after_layout(self) -> None:
        before, self._min_width = self._min_width, self._dock.minimumSizeHint().width()
        if self._min_width != before and (self._is_narrow or self._dock.width() <= before):
            self._is_narrow = False
            self._window.resizeDocks([self._dock], [self._min_width], Qt.Orientation.Horizontal)


class ViewState:
    """The part of the window in a session file: the current run and the steps per second."""

    def __init__(self, runs: RunsPanel, transport: Transport) -> None:
        self._runs, self._transport = runs, transport

    def to_save(self) -> dict[str, Any]:
        """Returns the state as JSON values."""
        return {"run": self._runs.current, "pace": self._transport.pace}

    def show(self, view: dict[str, Any]) -> None:
        """Restores the state from a session file; ignores invalid values."""
        run = view.get("run")
        if type(run) is int and 0 <= run < self._runs.count:
            self._runs.select(run)
        if "pace" in view:
            self._transport.restore_pace(view["pace"])
