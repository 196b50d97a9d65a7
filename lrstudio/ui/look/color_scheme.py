"""Light, dark, or as the system has it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from lrstudio.ui.look.theme import DARK, LIGHT, Theme

THEME_NAMES = ("system", "light", "dark")


def named_theme(name: str) -> Theme:
    """The theme of a name in THEME_NAMES."""
    if name == "system":
        return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
    return {"light": LIGHT, "dark": DARK}[name]
