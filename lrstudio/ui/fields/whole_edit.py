"""A whole number that may have more digits than a QSpinBox holds."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QWidget

from lrstudio.ui.fields.typed_edit import TypedEdit

_DIGITS = re.compile(r"\d+", re.ASCII)


class WholeEdit(TypedEdit):
    """From 0 to `high`."""

    widest, least = "0000000000", "000000"

    def __init__(self, high: int, parent: QWidget | None = None) -> None:
        super().__init__(0, high, parent)
        self.show_value()

    def number(self, text: str) -> int | None:
        """What a text means, or None where it is no number of these."""
        text = "".join(text.replace(self.locale().groupSeparator(), "").split())
        fits = _DIGITS.fullmatch(text) is not None and len(text.lstrip("0")) <= len(str(self._high))
        return int(text) if fits and int(text) <= self._high else None

    def complaint(self, text: str) -> str:
        return self.tr("“{text}”: must be a whole number from 0 to {high}").format(text=text.strip(), high=self._high)

    def shown_text(self, value: int) -> str:
        return str(value)

    def show_value(self) -> None:
        super().show_value()
        self.lineEdit().setCursorPosition(0)

    def stepBy(self, steps: int) -> None:
        self.go_to(self._value + steps)
