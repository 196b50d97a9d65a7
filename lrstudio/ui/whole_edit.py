"""A whole number that may have more digits than a QSpinBox holds."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QKeyEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

_DIGITS = re.compile(r"\d+", re.ASCII)


class WholeEdit(QAbstractSpinBox):
    """From 0 to `high`. `value_changed` comes when one is entered; what is none is put back, and `refused` says so."""

    value_changed = Signal(object)
    refused = Signal(str)

    def __init__(self, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._high, self._value = high, 0
        self.editingFinished.connect(self._enter)
        self._show()

    def value(self) -> int:
        return self._value

    def set_value(self, value: int) -> None:
        """Show a number without a signal; text that the user is typing stays."""
        if value != self._value or not self.lineEdit().isModified():
            self._value = value
            self._show()

    def number(self, text: str) -> int | None:
        """What a text means, or None where it is no number of these."""
        text = "".join(text.replace(self.locale().groupSeparator(), "").split())
        fits = _DIGITS.fullmatch(text) is not None and len(text.lstrip("0")) <= len(str(self._high))
        value = int(text) if fits else self._high + 1
        return value if value <= self._high else None

    def stepBy(self, steps: int) -> None:
        self._accept(min(max(self._value + steps, 0), self._high))
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self._value < self._high:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self._value > 0:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        good = self.number(text) is not None
        return (QValidator.State.Acceptable if good else QValidator.State.Intermediate, text, position)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("0000000000") + 32, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("000000") + 32, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text() == " ":
            return False  # a space is no part of a number: it runs and pauses
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.text() == "\x1b":
            self._show()

    def _enter(self) -> None:
        text = self.text().strip()
        if text == str(self._value):
            return
        value = self.number(text)
        if value is None:
            self._show()
            self.refused.emit(
                self.tr("“{text}”: must be a whole number from 0 to {high}").format(text=text, high=self._high)
            )
        else:
            self._accept(value)

    def _accept(self, value: int) -> None:
        changed = value != self._value
        self._value = value
        self._show()
        if changed:
            self.value_changed.emit(value)

    def _show(self) -> None:
        self.lineEdit().setText(str(self._value))
        self.lineEdit().setCursorPosition(0)
        self.lineEdit().setModified(False)
