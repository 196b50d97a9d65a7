"""A form that is built from a declaration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from lrstudio.core.declaration import Declared
from lrstudio.core.parameter import Parameter
from lrstudio.engine.family import is_knob
from lrstudio.ui.editors import Editor, editor_for
from lrstudio.ui.field_manners import FieldManners
from lrstudio.ui.font_size import FontFit
from lrstudio.ui.knob_label import KnobLabel

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
        self._editors: dict[str, Editor] = {}
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
        self._entry, idle = entry, entry.idle()
        for name, value in entry.values().items():
            self._editors[name].show_value(value)
            self._layout.setRowVisible(self._editors[name].row, name not in idle)
        self.setVisible(bool(self._editors))

    def editor(self, name: str) -> QWidget:
        """The widget of a parameter."""
        return self._editors[name].field

    def _add(self, parameter: Parameter) -> Editor:
        editor = editor_for(parameter, lambda value: self._error(parameter.name, value))
        editor.entered.connect(lambda value: self._edit(parameter.name, value))
        editor.refused.connect(self.refused)
        varies = self._group and is_knob(parameter)
        label = KnobLabel(parameter.name, self._group, parameter.name) if varies else QLabel(parameter.name)
        keep_label_width(label)
        label.setBuddy(editor.field)
        for widget in (label, editor.field):
            widget.setToolTip(f"{parameter.help} ({parameter.allowed}){editor.more_help()}")
        editor.field.setAccessibleName(parameter.name)
        self._manners.teach(editor.field)
        if editor.wide:
            self._layout.addRow(label)
            self._layout.addRow(editor.row)
        else:
            self._layout.addRow(label, editor.row)
        return editor

    def _error(self, name: str, value: Any) -> ValueError | None:
        """Why the entry cannot have this value; None where it can."""
        assert self._entry is not None
        try:
            replace(self._entry, **{name: value})
        except ValueError as error:
            return error
        return None

    def _edit(self, name: str, value: Any) -> None:
        assert self._entry is not None
        if value == getattr(self._entry, name):
            return
        try:
            entry = replace(self._entry, **{name: value})
        except ValueError as error:
            self.refused.emit(str(error))
            self._editors[name].show_value(getattr(self._entry, name))
        else:
            self._entry = entry
            self.edited.emit(entry)


def keep_label_width(label: QWidget) -> None:
    """Give a label the width that makes the fields of several forms stand below one another."""
    FontFit(label, lambda: label.setMinimumWidth(label.fontMetrics().averageCharWidth() * _LABEL_CHARS))


def keep_field_width(field: QWidget) -> None:
    """Give a field room for a number; beside a label that leaves less it goes into a line of its own."""
    FontFit(field, lambda: field.setMinimumWidth(field.fontMetrics().averageCharWidth() * _FIELD_CHARS))
