"""Texts of files are shown letter by letter: Qt reads a text as HTML if it looks so, and opens the images in it."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt as Core
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel, QWidget


class Label(QLabel):
    """A label that shows its text as it is, without markup."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Core.TextFormat.PlainText)


def plain(text: str) -> str:
    """Returns what a tooltip or a message box must be given to show this text as it is."""
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text


def menu_text(text: str) -> str:
    """Returns what a menu entry must be given to show this text as it is: a single & would underline a letter."""
    return text.replace("&", "&&")


def without_mnemonic(text: str) -> str:
    """Returns the text of an entry or a button without the mark of its key, as in “&Undo” or “撤销(&U)”."""
    return re.sub(r"\(&\w\)|&(.)", lambda found: found[1] or "", text)
