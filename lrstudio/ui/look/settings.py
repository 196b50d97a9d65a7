"""What is remembered from one start to the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from lrstudio.ui.look.color_scheme import THEME_NAMES

LEAST_POINTS, MOST_POINTS = 9.0, 24.0
"""The font sizes that can be chosen."""


class Settings:
    """Typed access to a store; without one nothing is remembered. What is broken or foreign is as if it were not there.

    Only a store of the application's own is given; tests give an ini file of theirs.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the window, as QWidget.saveGeometry; empty where not known."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._write("window/geometry", geometry)

    @property
    def docks(self) -> QByteArray:
        """Docks and tool bars, as QMainWindow.saveState; empty where not known."""
        return self._bytes("window/docks")

    @docks.setter
    def docks(self, docks: QByteArray) -> None:
        self._write("window/docks", docks)

    @property
    def theme(self) -> str | None:
        """A name in THEME_NAMES."""
        found = self._read("window/theme")
        return found if isinstance(found, str) and found in THEME_NAMES else None

    @theme.setter
    def theme(self, name: str | None) -> None:
        self._write("window/theme", name)

    @property
    def points(self) -> float | None:
        """The chosen font size; None is the system's."""
        try:
            points = float(self._read("window/points"))
        except (TypeError, ValueError):
            return None
        return points if LEAST_POINTS <= points <= MOST_POINTS else None

    @points.setter
    def points(self, points: float | None) -> None:
        self._write("window/points", points)

    @property
    def layout(self) -> dict[str, Any]:
        """How the views stand, as ViewLayout.to_save; whoever reads it checks it."""
        found = self._parsed("window/views")
        return found if isinstance(found, dict) else {}

    @layout.setter
    def layout(self, layout: dict[str, Any]) -> None:
        self._write("window/views", json.dumps(layout))

    @property
    def recent(self) -> list[Path]:
        """The session files that were open, the newest first."""
        found = self._parsed("files/recent")
        names = found if isinstance(found, list) else []
        return [Path(name) for name in names if isinstance(name, str) and _can_be_file(name)]

    @recent.setter
    def recent(self, paths: Sequence[Path]) -> None:
        self._write("files/recent", json.dumps([str(path) for path in paths]))

    def sync(self) -> None:
        """Write to the disk what is not yet there."""
        if self._store is not None:
            self._store.sync()

    def _read(self, key: str) -> Any:
        return None if self._store is None else self._store.value(key)

    def _write(self, key: str, value: object) -> None:
        if self._store is None:
            return
        if value is None:
            self._store.remove(key)
        else:
            self._store.setValue(key, value)

    def _bytes(self, key: str) -> QByteArray:
        found = self._read(key)
        return found if isinstance(found, QByteArray) else QByteArray()

    def _parsed(self, key: str) -> Any:
        try:
            return json.loads(str(self._read(key)))
        except (ValueError, RecursionError):
            return None


def _can_be_file(name: str) -> bool:
    """Whether the system could have a file of this name; halves of a pair of UTF-16 are no letters."""
    try:
        return bool(name) and b"\0" not in name.encode()
    except UnicodeEncodeError:
        return False
