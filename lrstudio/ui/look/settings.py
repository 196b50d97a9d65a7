"""Settings that are saved between sessions of the program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from lrstudio.core.language import LANGUAGES
from lrstudio.ui.look.theme import THEME_NAMES

LEAST_POINTS, MOST_POINTS = 9.0, 24.0
"""Limits of the font size."""


class Settings:
    """Typed access to a store; without one nothing is saved. Invalid values read as missing."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store

    @property
    def geometry(self) -> QByteArray:
        """The window's geometry, as QWidget.saveGeometry; empty if not saved."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._write("window/geometry", geometry)

    @property
    def docks(self) -> QByteArray:
        """Docks and tool bars, as QMainWindow.saveState; empty if not saved."""
        return self._bytes("window/docks")

    @docks.setter
    def docks(self, docks: QByteArray) -> None:
        self._write("window/docks", docks)

    @property
    def theme(self) -> str | None:
        """A name in THEME_NAMES."""
        name = self._read("window/theme")
        return name if isinstance(name, str) and name in THEME_NAMES else None

    @theme.setter
    def theme(self, name: str | None) -> None:
        self._write("window/theme", name)

    @property
    def language(self) -> str | None:
        """A key of LANGUAGES; None is the system's."""
        key = self._read("window/language")
        return key if isinstance(key, str) and key in LANGUAGES else None

    @language.setter
    def language(self, language: str | None) -> None:
        self._write("window/language", language)

    @property
    def simple(self) -> bool | None:
        """Whether the window is the simple one; None if nobody has chosen."""
        return {"true": True, "false": False}.get(str(self._read("window/simple")).lower())

    @simple.setter
    def simple(self, simple: bool) -> None:
        self._write("window/simple", simple)

    @property
    def points(self) -> float | None:
        """The font size that the user chose; None is the system's."""
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
        """The layout of the views, as ViewLayout.to_save; its values are not validated."""
        layout = self._parsed("window/views")
        return layout if isinstance(layout, dict) else {}

    @layout.setter
    def layout(self, layout: dict[str, Any]) -> None:
        self._write("window/views", json.dumps(layout))

    @property
    def recent(self) -> list[Path]:
        """Recently opened session files, newest first."""
        return self._paths("files/recent")

    @recent.setter
    def recent(self, paths: Sequence[Path]) -> None:
        self._write("files/recent", json.dumps([str(path) for path in paths]))

    @property
    def followed(self) -> list[Path]:
        """Files and folders that were followed, newest first."""
        return self._paths("files/followed")

    @followed.setter
    def followed(self, paths: Sequence[Path]) -> None:
        self._write("files/followed", json.dumps([str(path) for path in paths]))

    @property
    def lesson_draft(self) -> dict[str, str]:
        """The texts of a lesson's step that is not saved yet, by the names of their fields."""
        parsed = self._parsed("lessons/draft")
        items = parsed.items() if isinstance(parsed, dict) else ()
        return {name: text for name, text in items if isinstance(text, str)}

    @lesson_draft.setter
    def lesson_draft(self, draft: dict[str, str]) -> None:
        self._write("lessons/draft", json.dumps(draft))

    def sync(self) -> None:
        """Writes unsaved changes to the disk."""
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
        value = self._read(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def _paths(self, key: str) -> list[Path]:
        parsed = self._parsed(key)
        names = parsed if isinstance(parsed, list) else []
        return [Path(name) for name in names if isinstance(name, str) and _can_be_file(name)]

    def _parsed(self, key: str) -> Any:
        try:
            return json.loads(str(self._read(key)))
        except (ValueError, RecursionError):
            return None


def _can_be_file(name: str) -> bool:
    """Whether a file can have this name; a lone UTF-16 surrogate cannot be encoded."""
    try:
        return bool(name) and b"\0" not in name.encode()
    except UnicodeEncodeError:
        return False
