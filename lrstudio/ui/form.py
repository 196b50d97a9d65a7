"""A form that is built from a declaration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QSpinBox, QWidget

from lrstudio.core.declaration import Declared, Parameter
from lrstudio.ui.field_manners import FieldManners
from lrstudio.ui.font_size import FontFit
from lrstudio.ui.knob_label import KnobLabel
from lrstudio.ui.number_edit import NumberEdit

_MOST = 2**31 - 1
_LABEL_CHARS, _FIELD_CHARS = 15, 12


class DeclarationForm(QWidget):
    """One row per declared parameter. `edited` brings the entry with the new value; a refused one says why.

    With a `group` (optimizer, schedule) the names of its numbers can be dragged onto “Vary”.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, group: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = group
        self._entry: Declared | None = None
        self._editors: dict[str, QWidget] = {}
        self._manners = FieldManners(self)
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def show_entry(self, entry: Declared) -> None:
        """Show an entry; the rows are rebuilt only when its kind changes."""
        if type(entry) is not type(self._entry):
            while self._layout.rowCount():
                self._layout.removeRow(0)
            self._editors = {parameter.name: self._add(parameter) for parameter in entry.parameters()}
        self._entry = entry
        for name, value in entry.values().items():
            _show(self._editors[name], value)
        self.setVisible(bool(self._editors))

    def editor(self, name: str) -> QWidget:
        """The widget of a parameter."""
        return self._editors[name]

    def _add(self, parameter: Parameter) -> QWidget:
        editor = self._editor(parameter)
        varies = self._group and parameter.type is not bool
        label = KnobLabel(parameter.name, self._group, parameter.name) if varies else QLabel(parameter.name)
        keep_label_width(label)
        label.setBuddy(editor)
        for widget in (label, editor):
            widget.setToolTip(f"{parameter.help} ({parameter.allowed})")
        editor.setAccessibleName(parameter.name)
        self._manners.teach(editor)
        self._layout.addRow(label, editor)
        return editor

    def _editor(self, parameter: Parameter) -> QWidget:
        name = parameter.name
        if parameter.type is bool:
            box = QCheckBox()
            box.toggled.connect(lambda value: self._edit(name, value))
            return box
        if parameter.type is int:
            spin = QSpinBox()
            automatic = parameter.default is None
            low = int(max(parameter.low, -_MOST))
            spin.setRange(low - automatic, int(min(parameter.high, _MOST)))
            if automatic:
                spin.setSpecialValueText(self.tr("as steps"))
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda value: self._edit(name, None if automatic and value < low else value))
            return spin
        number = NumberEdit(parameter.low, parameter.high, log=parameter.scale == "log")
        number.value_changed.connect(lambda value: self._edit(name, value))
        number.refused.connect(self.refused)
        return number

    def _edit(self, name: str, value: Any) -> None:
        assert self._entry is not None
        if value == getattr(self._entry, name):
            return
        try:
            entry = replace(self._entry, **{name: value})
        except ValueError as error:
            self.refused.emit(str(error))
            _show(self._editors[name], getattr(self._entry, name))
        else:
            self._entry = entry
            self.edited.emit(entry)


def keep_label_width(label: QWidget) -> None:
    """Give a label the width that makes the fields of several forms stand below one another."""
    FontFit(label, lambda: label.setMinimumWidth(label.fontMetrics().averageCharWidth() * _LABEL_CHARS))


def keep_field_width(field: QWidget) -> None:
    """Give a field room for a number; beside a label that leaves less it goes into a line of its own."""
    FontFit(field, lambda: field.setMinimumWidth(field.fontMetrics().averageCharWidth() * _FIELD_CHARS))


def _show(editor: QWidget, value: Any) -> None:
    editor.blockSignals(True)
    match editor:
        case QCheckBox():
            editor.setChecked(value)
        case QSpinBox():
            editor.setValue(editor.minimum() if value is None else value)
        case NumberEdit():
            editor.set_value(value)
    editor.blockSignals(False)
