"""Number fields that commit on entry and restore the last value after invalid text."""

from __future__ import annotations

import math
import re
from typing import Any

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QKeyEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from lrstudio.core.language import tr
from lrstudio.core.parameter import AMBIGUOUS
from lrstudio.ui.look.plain import plain

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def read_number(text: str, mark: str = ".") -> float:
    """Returns the number in a text with a decimal point or comma; raises ValueError if invalid, too large or ambiguous.

    `mark` is the locale's decimal mark. The other mark is accepted except where it may separate thousands (1,000).
    """
    text = text.strip()
    value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) is not None else math.nan
    if not math.isfinite(value) or is_ambiguous(text, mark):
        raise ValueError(text)
    return value


def is_ambiguous(text: str, mark: str = ".") -> bool:
    """Whether the text has the other decimal mark where the locale may separate thousands."""
    grouped = AMBIGUOUS.fullmatch(text.strip())
    return grouped is not None and grouped[1] != mark


def meanings(text: str, mark: str = ".") -> tuple[str, str]:
    """Returns both printed readings of an ambiguous text: as decimal mark, as thousands separator."""
    text = text.strip()
    as_mark, as_group = text.replace(",", "."), re.sub("[.,]", "", text)
    return number_text(float(as_mark), mark), number_text(float(as_group), mark)


def read_whole(text: str, separator: str = "") -> int:
    """Returns the whole number in a text, whose thousands may be apart by spaces or `separator`; raises ValueError."""
    text = text.strip()
    grouped = rf"[+-]?\d{{1,3}}(?:[ \u00a0\u202f{re.escape(separator)}]\d{{3}})+"
    if re.fullmatch(grouped, text) is not None:
        text = re.sub(r"[^\d+-]", "", text)
    if re.fullmatch(r"[+-]?\d{1,400}", text) is None:
        raise ValueError(text)
    return int(text)


def ambiguity_text(text: str, mark: str) -> str:
    """Returns the question for the meaning of an ambiguous text."""
    one, other = meanings(text, mark)
    question = tr("“{text}” can mean {one} or {other}: please type which")
    return question.format(text=text.strip(), one=one, other=other)


def number_text(value: float, mark: str = ".") -> str:
    """Returns the shortest text that reads back to the same number."""
    return repr(float(value)).removesuffix(".0").replace(".", mark)


_BUTTONS = 32
_SERIES = (1.0, 2.0, 5.0)


class TypedEdit(QAbstractSpinBox):
    """A spin box that emits `value_changed` on entry of a number from `low` to `high`, never for half-typed text.

    It emits `refused` with the error for an invalid text and restores its value. `widest` and `least` are the texts
    that determine its preferred and minimum width.
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
        """Returns the value of a text; None if it is invalid or out of range."""
        raise NotImplementedError

    def error_text(self, text: str) -> str:
        """Returns the error message of an invalid text."""
        raise NotImplementedError

    def shown_text(self, value: Any) -> str:
        """Returns the text of a number."""
        raise NotImplementedError

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        """Shows a number without a signal; keeps text that is being typed."""
        if value != self._value or not self.lineEdit().isModified():
            self._value = value
            self.show_value()

    def show_value(self) -> None:
        """Replaces typed text by the current number."""
        self.lineEdit().setText(self.shown_text(self._value))
        self.lineEdit().setModified(False)

    def go_to(self, value: Any) -> None:
        """Enters the nearest allowed number."""
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
            return False  # the window's shortcut: run or pause
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
            self.refused.emit(self.error_text(text))
        else:
            self._accept(value)

    def _accept(self, value: Any) -> None:
        changed = value != self._value
        self._value = value
        self.show_value()
        if changed:
            self.value_changed.emit(value)


class NumberEdit(TypedEdit):
    """A float field; arrows step through 1-2-5 on a logarithmic scale and by the second digit on a linear one.

    Numbers are printed with the locale's decimal mark. The tooltip shows the error of an invalid text.
    """

    widest, least = "-0.000000000", "-0.0000"

    def __init__(
        self, low: float = -math.inf, high: float = math.inf, *, log: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(low, high, parent)
        self._log = log
        self._value = 0.0
        self._tip = ""
        self.lineEdit().textEdited.connect(self._validate)

    def number(self, text: str) -> float | None:
        try:
            value = read_number(text, decimal_mark(self))
        except ValueError:
            return None
        return value if self._low <= value <= self._high else None

    def error_text(self, text: str) -> str:
        if is_ambiguous(text, decimal_mark(self)):
            return ambiguity_text(text, decimal_mark(self))
        return tr(
            "“{text}”: must be a number from {low:g} to {high:g}", text=text.strip(), low=self._low, high=self._high
        )

    def shown_text(self, value: float) -> str:
        return number_text(value, decimal_mark(self))

    def show_value(self) -> None:
        super().show_value()
        self._validate(self.text())

    def stepBy(self, steps: int) -> None:
        self.go_to(stepped_1_2_5(self._value, steps) if self._log else self._stepped_linear(steps))

    def _stepped_linear(self, steps: int) -> float:
        small = self._high - self._low <= 1
        width = 0.01 if small else 10.0 ** (math.floor(math.log10(max(abs(self._value), 1.0))) - 1)
        stepped: float = round(round(self._value / width + steps) * width, 12)
        return stepped

    def _validate(self, text: str) -> None:
        wrong = self.number(text) is None
        if wrong and not self.property("wrong"):
            self._tip = self.toolTip()
        if wrong or self.property("wrong"):
            self.setToolTip(plain(self.error_text(text)) if wrong else self._tip)
        self.setProperty("wrong", wrong)


class WholeEdit(TypedEdit):
    """An integer field from 0 to `high`, which may exceed the 32 bits of a QSpinBox."""

    widest, least = "0000000000", "000000"

    def __init__(self, high: int, parent: QWidget | None = None) -> None:
        super().__init__(0, high, parent)
        self.show_value()

    def number(self, text: str) -> int | None:
        try:
            value = read_whole(text, self.locale().groupSeparator())
        except ValueError:
            return None
        return value if 0 <= value <= self._high else None

    def error_text(self, text: str) -> str:
        return tr("“{text}”: must be a whole number from 0 to {high}", text=text.strip(), high=self._high)

    def shown_text(self, value: int) -> str:
        return str(value)

    def show_value(self) -> None:
        super().show_value()
        self.lineEdit().setCursorPosition(0)

    def stepBy(self, steps: int) -> None:
        self.go_to(self._value + steps)


def stepped_1_2_5(value: float, steps: int) -> float:
    """Returns the number `steps` positions after `value` in the series 1, 2, 5 × 10ⁿ, which starts at 1e-6 above 0."""
    if value <= 0:
        return 1e-6 if steps > 0 else value
    exponent = math.floor(math.log10(value) + 1e-9)
    mantissa = value / 10**exponent
    index = sum(mantissa > factor * (1 + 1e-9) for factor in _SERIES)
    between = not any(math.isclose(mantissa, factor) for factor in _SERIES)
    decades, index = divmod(index + steps - (between and steps > 0), 3)
    return float(f"{_SERIES[index]:g}e{exponent + decades}")


def decimal_mark(field: QWidget) -> str:
    """Returns the decimal mark of the field's locale."""
    return "," if field.locale().decimalPoint() == "," else "."
