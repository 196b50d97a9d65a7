"""The loss at which the runs have arrived, or none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from lrstudio.ui.fields.typed_number import number_text, read_number


class TargetEdit(QLineEdit):
    """A number, or nothing. `entered` brings a float or None when it is entered and another one."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: float | None = None
        self.setPlaceholderText(self.tr("none"))
        self.editingFinished.connect(self._enter)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text() == " ":
            return False  # a space is no part of a number: it runs and pauses
        return super().event(event)

    def set_value(self, value: float | None) -> None:
        """Show a target without a signal; text that the user is typing stays."""
        if value != self._value or not self.isModified():
            self._value = value
            self._show()

    def _enter(self) -> None:
        if not self.isModified():
            return
        text = self.text().strip()
        try:
            value = None if text.lower() in ("", "none", self.tr("none")) else read_number(text, self._mark)
        except ValueError:
            self._show()
            self.refused.emit(self.tr("target loss “{text}”: must be a number, or empty for none").format(text=text))
            return
        changed = value != self._value
        self._value = value
        self._show()
        if changed:
            self.entered.emit(value)

    def _show(self) -> None:
        self.setText("" if self._value is None else number_text(self._value, self._mark))
        self.setModified(False)

    @property
    def _mark(self) -> str:
        return "," if self.locale().decimalPoint() == "," else "."
