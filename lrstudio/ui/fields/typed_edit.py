"""What the fields for numbers share: a number is taken when it is entered, and what is none is put back."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QKeyEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

_BUTTONS = 32


class TypedEdit(QAbstractSpinBox):
    """`value_changed` comes when a number from `low` to `high` is entered, never for half-typed text.

    `refused` says why a text is none; it is put back. `widest` and `least` are the texts that it has room for.
    """

    value_changed = Signal(object)
    refused = Signal(str)
    widest, least = "", ""

    def __init__(self, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high = low, high
        self._value: Any = 0
        self.editingFinished.connect(self._enter)

    def number(self, text: str) -> Any:
        """What a text means, or None where it is no allowed number."""
        raise NotImplementedError

    def complaint(self, text: str) -> str:
        """Why a text is no allowed number."""
        raise NotImplementedError

    def shown_text(self, value: Any) -> str:
        """How a number is printed."""
        raise NotImplementedError

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a number without a signal; text that the user is typing stays."""
        if value != self._value or not self.lineEdit().isModified():
            self._value = value
            self.show_value()

    def show_value(self) -> None:
        """Put the number in the place of what has been typed."""
        self.lineEdit().setText(self.shown_text(self._value))
        self.lineEdit().setModified(False)

    def go_to(self, value: Any) -> None:
        """Take the nearest allowed number, as if it had been entered."""
        self._accept(min(max(value, self._low), self._high))
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self._value < self._high:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self._value > self._low:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        good = self.number(text) is not None
        return (QValidator.State.Acceptable if good else QValidator.State.Intermediate, text, position)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.widest) + _BUTTONS, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.least) + _BUTTONS, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text() == " ":
            return False  # a space is no part of a number: it runs and pauses
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.text() == "\x1b":
            self.show_value()

    def _enter(self) -> None:
        text = self.text()
        if text == self.shown_text(self._value):
            return
        value = self.number(text)
        if value is None:
            self.show_value()
            self.refused.emit(self.complaint(text))
        else:
            self._accept(value)

    def _accept(self, value: Any) -> None:
        changed = value != self._value
        self._value = value
        self.show_value()
        if changed:
            self.value_changed.emit(value)
