"""How wide a page will be, without laying it out."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QFont, QFontMetricsF

from lrstudio.core.formula.typeset import Pieces, plain_text
from lrstudio.engine.explain.line import Line, Numbers
from lrstudio.ui.instruments.explain.page import BETWEEN, LONG, MARK, SECTIONS, Page, length

_CELL = 2.0
"""Pixels of padding that a cell has at both sides together."""
_SHIFTED = 0.7
"""The size of raised and lowered letters."""


class Measure:
    """The widths of a page in one font, in pixels, by whether it is wide and in two columns."""

    def __init__(self, page: Page, font: QFont) -> None:
        bold = QFont(font)
        bold.setBold(True)
        self._letters, self._bold = QFontMetricsF(font), QFontMetricsF(bold)
        where, rate, update = (page.lines(section) for section in SECTIONS)
        parts = {wide: [self._section(lines, wide) for lines in (where, rate, update)] for wide in (True, False)}
        self._widths = {
            (wide, beside): max(left, middle) + BETWEEN + right if beside else max(left, middle, right)
            for wide, (left, middle, right) in parts.items()
            for beside in (True, False)
        }

    def width(self, wide: bool, beside: bool) -> float:
        """So many pixels has a page that is written like this."""
        return self._widths[wide, beside]

    def _section(self, lines: list[Line], wide: bool) -> float:
        rows = [row for line in lines for row in line.numbers]
        names = max((self._pieces(line.name) for line in lines), default=0.0)
        labels = max((self._text(f"{row.parameter}:") for row in rows if row.parameter), default=0.0)
        formulas = self._widest(line.formula for line in lines)
        if wide:
            numbers, results = self._widest(row.pieces for row in rows), max(map(self._result, rows), default=0.0)
            alone = max((self._alone(line) for line in lines), default=0.0)
            return MARK + names + max(formulas, alone) + labels + numbers + results + self._text(" ") + 6 * _CELL
        both = max((self._equal(row.pieces) + self._result(row) for row in rows), default=0.0)
        return MARK + max(names, labels) + max(formulas, both) + 3 * _CELL

    def _alone(self, line: Line) -> float:
        """A formula that its value follows at once."""
        if len(line.numbers) > 1 or line.numbers[0].parameter or line.numbers[0].pieces:
            return 0.0
        return self._equal(line.formula) + self._result(line.numbers[0])

    def _widest(self, parts: Iterable[Pieces]) -> float:
        return max(map(self._equal, parts), default=0.0)

    def _equal(self, pieces: Pieces) -> float:
        return self._text("= ") + self._pieces(pieces) if pieces else 0.0

    def _result(self, row: Numbers) -> float:
        return self._bold.horizontalAdvance(f" = {plain_text(row.result)}")

    def _pieces(self, pieces: Pieces) -> float:
        widths = [self._text(piece.text) * (_SHIFTED if piece.shift else 1.0) for piece in pieces]
        return sum(widths) if length(pieces) < LONG else LONG / 2 * self._letters.averageCharWidth()

    def _text(self, text: str) -> float:
        return self._letters.horizontalAdvance(text)
