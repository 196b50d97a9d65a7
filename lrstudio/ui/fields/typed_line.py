"""Line edits of typed values, committed on entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from lrstudio.core.language import tr
from lrstudio.core.parameter import Parameter
from lrstudio.engine.experiment import read_lr_factors
from lrstudio.ui.fields.number_edit import ambiguity_text, decimal_mark, is_ambiguous, number_text, read_number
from lrstudio.ui.fields.rows import keep_field_width

_LEADING_ZERO = re.compile(r"\s*[+-]?0\d.*", re.ASCII)


class TypedLine(QLineEdit):
    """A line edit that emits `value_changed` on entry, or `refused` with the error; then it restores its value."""

    value_changed = Signal(object)
    refused = Signal(str)
    repeats = False
    """Whether entering the current value again also emits `value_changed`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: Any = None
        self.editingFinished.connect(self._enter)

    def read(self, text: str) -> Any:
        """Returns the value of a text; raises ValueError if it is invalid."""
        raise NotImplementedError

    def shown_text(self, value: Any) -> str:
        """Returns the text of a value."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Shows a value without a signal; keeps text that is being typed for the same value."""
        if value != self._value or not self.isModified():
            self._value = value
            self.setText(self.shown_text(value))
            self.setCursorPosition(0)
            self.setModified(False)

    def _enter(self) -> None:
        if not self.isModified():
            return
        self.setModified(False)
        before = self._value
        try:
            value = self.read(self.text().strip())
        except ValueError as error:
            self.set_value(before)
            self.refused.emit(str(error))
            return
        self.set_value(value)
        if self.repeats or value != before:
            self.value_changed.emit(value)


class ParameterLine(TypedLine):
    """A line edit of a declared parameter."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self._parameter = parameter

    def read(self, text: str) -> Any:
        return self._parameter.parse(text)

    def shown_text(self, value: Any) -> str:
        return self._parameter.plain(value)


class OptionalEdit(TypedLine):
    """An optional number; empty means None, and the placeholder `absent` names it."""

    def __init__(self, absent: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(absent)
        keep_field_width(self)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text() == " ":
            return False  # the window's shortcut: run or pause
        return super().event(event)

    def read(self, text: str) -> float | None:
        if text.lower() in ("", "none", "auto", self.placeholderText()):
            return None
        try:
            return read_number(text, decimal_mark(self))
        except ValueError:
            if is_ambiguous(text, decimal_mark(self)):
                raise ValueError(ambiguity_text(text, decimal_mark(self))) from None
            line = tr("{name} “{text}”: must be a number, or empty for {absent}")
            message = line.format(name=self.accessibleName(), text=text, absent=self.placeholderText())
            raise ValueError(message) from None

    def shown_text(self, value: float | None) -> str:
        return "" if value is None else number_text(value, decimal_mark(self))


class OptionalLine(OptionalEdit):
    """An optional number with the bounds of a declared parameter."""

    def __init__(self, parameter: Parameter, absent: str) -> None:
        super().__init__(absent)
        self._parameter = parameter

    def read(self, text: str) -> Any:
        return self._parameter.check(super().read(text))


class LrFactorsEdit(TypedLine):
    """The factors of the rate of groups of parameters: layer1:0.1, layer2:1; empty for none."""

    repeats = True  # the other selected runs may have others

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keep_field_width(self)
        self._owner: object = None

    def show_factors(self, owner: object, names: Sequence[str], factors: tuple[tuple[str, float], ...]) -> None:
        """Shows those of a run, the `owner`, whose groups have these names; keeps text that is being typed for them."""
        self.setModified(self.isModified() and owner == self._owner)
        self._owner = owner
        whole = [name for name in names if "." not in name]
        self.setPlaceholderText(", ".join([*(f"{name}:1" for name in whole[:2]), *["…"] * (len(whole) > 2)]))
        self.set_value(factors)

    def read(self, text: str) -> tuple[tuple[str, float], ...]:
        return read_lr_factors(text, decimal_mark(self))

    def shown_text(self, value: tuple[tuple[str, float], ...]) -> str:
        return ", ".join(f"{name}:{factor:.12g}" for name, factor in value)


class StartEdit(TypedLine):
    """The initial parameters of a run, separated by commas, or by semicolons where a comma is the decimal mark."""

    repeats = True  # the other selected runs may start elsewhere

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keep_field_width(self)
        self._names: Sequence[str] = ()
        self._owner: object = None

    def show_start(self, owner: object, names: Sequence[str], start: tuple[float, ...]) -> None:
        """Shows the start of a run, the `owner`; keeps text that is being typed for the same start."""
        self.setModified(self.isModified() and owner == self._owner)
        self._names, self._owner = names, owner
        self.set_value(start)

    def read(self, text: str) -> tuple[float, ...]:
        mark, names = decimal_mark(self), ", ".join(self._names)
        parts = re.split(";" if ";" in text else r",\s+" if mark == "," else ",", text)
        if len(self._names) == 1 or any(map(_LEADING_ZERO.fullmatch, parts)):
            parts = [text]  # 0,05 is one number
        for part in parts:
            if is_ambiguous(part, mark):
                raise ValueError(ambiguity_text(part, mark))
        try:
            return tuple(read_number(part, mark) for part in parts)
        except ValueError:
            line = tr("start: must be numbers for {names}, with commas")
            line = tr("start: must be numbers for {names}, with semicolons") if mark == "," else line
            raise ValueError(line.format(names=names)) from None

    def shown_text(self, value: tuple[float, ...]) -> str:
        mark = decimal_mark(self)
        return ("; " if mark == "," else ", ").join(f"{number:.12g}".replace(".", mark) for number in value)
