"""One editor per kind of declared parameter."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from lrstudio.core.formula import FormulaError
from lrstudio.core.formula.parse import ARITY
from lrstudio.core.language import tr
from lrstudio.core.parameter import Choice, Flag, Number, Numbers, Parameter, Text
from lrstudio.ui.fields.formula_edit import FormulaEdit, ValidatedField
from lrstudio.ui.fields.number_edit import NumberEdit, TypedEdit, WholeEdit
from lrstudio.ui.fields.rows import choice_combo, spin_box
from lrstudio.ui.fields.typed_line import OptionalEdit, ParameterLine, TypedLine

Validator = Callable[[Any], ValueError | None]
"""Returns the error that a value would raise in the entry, or None."""

_MOST = 2**31 - 1


class Editor(QObject):
    """A `field` of a parameter; emits `entered` with a value from the user, or `refused` with the error."""

    entered = Signal(object)
    refused = Signal(str)
    field: QWidget
    wide = False
    """Whether the field has its own row below its label."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self.parameter = parameter

    @property
    def row(self) -> QWidget:
        """The widget in the form: the field or a widget around it."""
        return self.field

    def show_value(self, value: Any) -> None:
        """Shows a value without a signal."""
        raise NotImplementedError

    def more_help(self) -> str:
        """Returns text for the tooltip after the parameter's help."""
        return ""


class FlagEditor(Editor):
    def __init__(self, parameter: Flag) -> None:
        super().__init__(parameter)
        self.field = self._box = QCheckBox()
        self._box.toggled.connect(self._enter)

    def _enter(self, on: bool) -> None:
        self.entered.emit(on)

    def show_value(self, value: Any) -> None:
        self._box.blockSignals(True)
        self._box.setChecked(value)
        self._box.blockSignals(False)


class WholeEditor(Editor):
    """A spin box; the value below its minimum is None, shown as the parameter's `auto` text."""

    def __init__(self, parameter: Number) -> None:
        super().__init__(parameter)
        self._automatic = parameter.default is None
        self._low = int(max(parameter.low, -_MOST))
        self.field = self._spin = spin_box(self._low - self._automatic, int(min(parameter.high, _MOST)), self._enter)
        self._spin.refused.connect(self.refused)
        if self._automatic:
            self._spin.setSpecialValueText(tr(parameter.auto) or tr("as steps"))

    def show_value(self, value: Any) -> None:
        shown = self._low - 1 if value is None else value
        if shown != self._spin.value():  # keeps text that is being typed
            self._spin.blockSignals(True)
            self._spin.setValue(shown)
            self._spin.blockSignals(False)

    def _enter(self, value: int) -> None:
        self.entered.emit(None if self._automatic and value < self._low else value)


class ChoiceEditor(Editor):
    def __init__(self, parameter: Choice) -> None:
        super().__init__(parameter)
        self.field = self._combo = choice_combo(parameter.choices, self.entered.emit, [*map(tr, parameter.titles)])

    def show_value(self, value: Any) -> None:
        self._combo.setCurrentIndex(self._combo.findData(value))


class TypedEditor(Editor):
    """An editor around a typed field; a TypedEdit keeps its text while the value is None."""

    def __init__(self, parameter: Parameter, field: TypedEdit | TypedLine) -> None:
        super().__init__(parameter)
        self.field = self._field = field
        field.value_changed.connect(self.entered)
        field.refused.connect(self.refused)

    def show_value(self, value: Any) -> None:
        if value is not None or isinstance(self._field, TypedLine):
            self._field.set_value(value)


class FormulaEditor(Editor):
    """A formula editor: marked while its text is invalid, which it keeps as long as it has the focus."""

    def __init__(self, parameter: Text, validate: Validator) -> None:
        super().__init__(parameter)
        self._validate_value, self._value = validate, parameter.default
        self.field = self._edit = FormulaEdit(lines=parameter.lines)
        self.wide = parameter.default is not None
        self._row = ValidatedField(self._edit)
        if parameter.default is None:
            self._edit.setPlaceholderText(tr("auto"))
        self._edit.textChanged.connect(self._show_error)
        self._edit.finished.connect(self._enter)
        self._edit.cancelled.connect(self._restore)

    @property
    def row(self) -> QWidget:
        return self._row

    def show_value(self, value: Any) -> None:
        if value == self._value and self._edit.hasFocus() and self._edit.document().isModified():
            return
        self._value = value
        self._restore()

    def more_help(self) -> str:
        if not self.wide:
            return ""
        names = ", ".join(name for name in ARITY if name not in ("mean", "sum"))
        return tr("\n\nThere are + - * / ^, comparisons, pi, e and {names}.", names=names)

    def _restore(self) -> None:
        plain = "" if self._value is None else self.parameter.plain(self._value)
        if plain != self._edit.toPlainText():
            self._edit.setPlainText(plain)
        self._edit.document().clearUndoRedoStacks()
        self._edit.document().setModified(False)
        self._row.show_error("")

    def _read(self) -> tuple[Any, ValueError | None]:
        """Returns the value of the text and its error, if any."""
        try:
            value = self.parameter.parse(self._edit.toPlainText())
        except ValueError as error:
            return None, error
        return value, None if value == self._value else self._validate_value(value)

    def _show_error(self) -> None:
        error = self._read()[1]
        column = error.column if isinstance(error, FormulaError) else 0
        line = error.line or 1 if isinstance(error, FormulaError) else 1
        self._row.show_error("" if error is None else str(error), line, column)

    def _enter(self) -> None:
        if not self._edit.document().isModified():
            return
        value, error = self._read()
        if error is not None:
            self.refused.emit(str(error))
            return
        changed, self._value = value != self._value, value
        self._restore()
        if changed:
            self.entered.emit(value)


def editor_for(parameter: Parameter, validate: Validator) -> Editor:
    """Returns the editor of a parameter."""
    match parameter:
        case Text():
            return FormulaEditor(parameter, validate)
        case Flag():
            return FlagEditor(parameter)
        case Choice():
            return ChoiceEditor(parameter)
        case Numbers():
            return TypedEditor(parameter, ParameterLine(parameter))
        case Number(whole=True, high=high):
            fits = high <= _MOST or math.isinf(high)
            return WholeEditor(parameter) if fits else TypedEditor(parameter, WholeEdit(int(high)))
        case Number(auto="", low=low, high=high):
            return TypedEditor(parameter, NumberEdit(low, high, log=parameter.scale == "log"))
    return TypedEditor(parameter, OptionalEdit(tr(parameter.auto)))
