"""Texts in paragraphs: what no line break may separate, and emphasis in letters that have no italics."""

from __future__ import annotations

import re

from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor, QTextDocument, QTextFragment

_NO_BREAK, _JOINER = "\u00a0", "\u2060"
_PERCENT = re.compile(r"(?<=\d) (?=%)")
_RELATION = re.compile(r"(?<=[\w)]) ([=≈<>≤≥]) (?=[\w(√−-])")
_ABOUT = re.compile(r"(?<=≈) (?=\d)")
_TIMES = re.compile(r"(?<=\d) · (?=\d)")
_SLASH = re.compile(r"(?<=\w)/(?=\w)")
_IDEOGRAPH = re.compile("[\u2e80-\u9fff\uf900-\ufaff]")


def unbroken(text: str) -> str:
    """Returns a text in which `10 %`, `λ = 2` and `2/λ` stay on one line."""
    for gap in (_PERCENT, _ABOUT):
        text = gap.sub(_NO_BREAK, text)
    text = _RELATION.sub(rf"{_NO_BREAK}\1{_NO_BREAK}", text)
    text = _TIMES.sub(f"{_NO_BREAK}·{_NO_BREAK}", text)
    return _SLASH.sub(f"/{_JOINER}", text)


def has_ideographs(text: str) -> bool:
    """Whether a text has Chinese letters."""
    return _IDEOGRAPH.search(text) is not None


def set_upright(document: QTextDocument) -> None:
    """Makes emphasis in Chinese letters bold: slanted they are hard to read, and no book prints them so."""
    bold = QTextCharFormat()
    bold.setFontItalic(False)
    bold.setFontWeight(QFont.Weight.Bold)
    slanted = [each for each in fragments(document) if each.charFormat().fontItalic() and has_ideographs(each.text())]
    for start, length in [(each.position(), each.length()) for each in slanted]:
        cursor = QTextCursor(document)
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(bold)


def fragments(document: QTextDocument) -> list[QTextFragment]:
    """Returns the pieces of a document that have one format each."""
    found, block = [], document.begin()
    while block.isValid():
        found += [each.fragment() for each in block]  # type: ignore[attr-defined]
        block = block.next()
    return found
