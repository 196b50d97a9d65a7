"""A number to type or to step through: 0.001, 1e-3 and, where the locale has it, 0,001."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QKeyEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from lrstudio.ui.typed_number import is_ambiguous, meanings, number_text, read_number

_SERIES = (1.0, 2.0, 5.0)


class NumberEdit(QAbstractSpinBox):
    """`value_changed` comes when a number is entered (Return, Tab, arrows), never for half-typed text.

    Arrows go through 1-2-5 on a logarithmic scale and through the last printed digit on a linear one. Numbers are
    printed with the locale's decimal mark; what is no allowed number is put back, and `refused` says why.
    """

    value_changed = Signal(float)
    refused = Signal(str)

    def __init__(
        self, low: float = -math.inf, high: float = math.inf, *, log: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._low, self._high, self._log = low, high, log
        self._value = 0.0
        self._tip = ""
        self.editingFinished.connect(self._enter)
        self.lineEdit().textEdited.connect(self._judge)

    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Show a number without a signal; text that the user is typing stays."""
        if value != self._value or not self.lineEdit().isModified():
            self._value = value
            self.lineEdit().setText(self._text(value))

    def number(self, text: str) -> float | None:
        """What a text means, or None where it is no allowed number."""
        try:
            value = read_number(text, self._mark)
        except ValueError:
            return None
        return value if math.isfinite(value) and self._low <= value <= self._high else None

    def stepBy(self, steps: int) -> None:
        value = stepped_1_2_5(self._value, steps) if self._log else self._stepped_linear(steps)
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
        return QSize(self.fontMetrics().horizontalAdvance("-0.000000000") + 32, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("-0.0000") + 32, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text() == " ":
            return False  # a space is no part of a number: it runs and pauses
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.text() == "\x1b":
            self._show()

    def _stepped_linear(self, steps: int) -> float:
        small = self._high - self._low <= 1
        width = 0.01 if small else 10.0 ** (math.floor(math.log10(max(abs(self._value), 1.0))) - 1)
        return round(round(self._value / width + steps) * width, 12)

    def _judge(self, text: str) -> None:
        wrong = self.number(text) is None
        if wrong and not self.property("wrong"):
            self._tip = self.toolTip()
        if wrong or self.property("wrong"):
            self.setToolTip(self._complaint(text) if wrong else self._tip)
        self.setProperty("wrong", wrong)

    def _complaint(self, text: str) -> str:
        if is_ambiguous(text, self._mark):
            one, other = meanings(text, self._mark)
            return self.tr("“{text}” can mean {one} or {other}: please type which").format(
                text=text.strip(), one=one, other=other
            )
        return self.tr("“{text}”: must be a number from {low:g} to {high:g}").format(
            text=text.strip(), low=self._low, high=self._high
        )

    def _enter(self) -> None:
        text = self.text()
        if text == self._text(self._value):
            return
        value = self.number(text)
        if value is None:
            self._show()
            self.refused.emit(self._complaint(text))
        else:
            self._accept(value)

    def _accept(self, value: float) -> None:
        changed = value != self._value
        self._value = value
        self._show()
        if changed:
            self.value_changed.emit(value)

    def _show(self) -> None:
        self.lineEdit().setText(self._text(self._value))
        self.lineEdit().setModified(False)
        self._judge(self.text())

    @property
    def _mark(self) -> str:
        return "," if self.locale().decimalPoint() == "," else "."

    def _text(self, value: float) -> str:
        return number_text(value, self._mark)


def stepped_1_2_5(value: float, steps: int) -> float:
    """The number that many places further among 1, 2, 5 × 10ⁿ; above 0 they begin at 1e-6."""
    if value <= 0:
        return 1e-6 if steps > 0 else value
    exponent = math.floor(math.log10(value) + 1e-9)
    mantissa = value / 10**exponent
    place = sum(mantissa > known * (1 + 1e-9) for known in _SERIES)
    between = not any(math.isclose(mantissa, known) for known in _SERIES)
    if between and steps > 0:
        steps -= 1
    decades, place = divmod(place + steps, 3)
    return float(f"{_SERIES[place]:g}e{exponent + decades}")
