"""A form built from a declaration."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from lrstudio.core.declaration import Declared, Part
from lrstudio.core.language import tr
from lrstudio.core.parameter import Parameter
from lrstudio.engine.family import is_knob
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.fields.editors import Editor, editor_for
from lrstudio.ui.fields.knob_label import KnobLabel
from lrstudio.ui.fields.rows import form_layout, keep_label_width
from lrstudio.ui.look.plain import Label, plain

_TOLERANCE = 2
"""Rows above the maximum that are not worth a button."""


class DeclarationForm(QWidget):
    """One row per declared parameter; emits `edited` with the changed entry, or `refused` with the error.

    With a `group` (optimizer, schedule) the names of numbers can be dragged onto “Vary”. With `most`, a button folds
    the rows above that number. With a `kind` the rows are built at once; `names` selects some of them.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(
        self,
        group: str = "",
        most: int | None = None,
        kind: type[Declared] | None = None,
        names: Container[str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._group, self._most, self._names, self._unfolded = group, most, names, False
        self._button: QToolButton | None = None
        self._entry: Declared | None = None
        self._editors: dict[str, Editor] = {}
        self._behavior = FieldBehavior(self)
        self._layout = form_layout()
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.setLayout(self._layout)
        self._kind: type[Declared] | None = None
        if kind is not None:
            self._build(kind)

    def show_entry(self, entry: Declared) -> None:
        """Shows an entry; rebuilds the rows only if its kind changes."""
        if type(entry) is not self._kind:
            self._build(type(entry))
        self._entry = entry
        for name, editor in self._editors.items():
            editor.show_value(getattr(entry, name))
        self._show_rows()
        self.setVisible(bool(self._editors))

    def _build(self, kind: type[Declared]) -> None:
        while self._layout.rowCount():
            self._layout.removeRow(0)
        self._kind = kind
        names = self._names
        used = [each for each in kind.parameters() if each.offered and (names is None or each.name in names)]
        self._editors = {each.name: self._add(each) for each in used}
        self._button = self._add_button() if self._most is not None else None

    def editor(self, name: str) -> QWidget:
        """Returns the widget of a parameter."""
        return self._editors[name].field

    def _show_rows(self) -> None:
        assert self._entry is not None
        idle = self._entry.idle()
        used = [name for name in self._editors if name not in idle]
        folds = self._most is not None and len(used) > self._most + _TOLERANCE
        shown = used[: self._most] if folds and not self._unfolded else used
        for name, editor in self._editors.items():
            self._layout.setRowVisible(editor.row, name in shown)
        if self._button is not None:
            self._layout.setRowVisible(self._button, folds)
            rest = ", ".join(tr(self._editors[name].parameter.label) for name in used[self._most :])
            self._button.setText(tr("fewer") if self._unfolded else tr("{n} more", n=len(used) - len(shown)))
            self._button.setArrowType(Qt.ArrowType.DownArrow if self._unfolded else Qt.ArrowType.RightArrow)
            self._button.setToolTip(tr("Show or hide {names}", names=rest))
            self._button.setAccessibleName(self._button.text())

    def _add_button(self) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(self._fold)
        self._layout.addRow(button)
        return button

    def _fold(self) -> None:
        self._unfolded = not self._unfolded
        self._show_rows()

    def _add(self, parameter: Parameter) -> Editor:
        if isinstance(parameter, Part):
            editor: Editor = PartEditor(parameter)
        else:
            editor = editor_for(parameter, lambda value: self._error(parameter.name, value))
        editor.setParent(editor.row)  # deleted with its row, connections included
        editor.entered.connect(lambda value: self._edit(parameter.name, value))
        editor.refused.connect(self.refused)
        if isinstance(editor, PartEditor):
            self._layout.addRow(editor.row)
            return editor
        varies = self._group and is_knob(parameter)
        title = tr(parameter.label)
        label = KnobLabel(title, self._group, parameter.name) if varies else Label(title)
        keep_label_width(label)
        label.setBuddy(editor.field)
        for widget in (label, editor.field):
            widget.setToolTip(
                plain(f"{parameter.name}: {tr(parameter.help)} ({parameter.allowed}){editor.more_help()}")
            )
        editor.field.setAccessibleName(title)
        self._behavior.install(editor.field)
        if editor.wide:
            self._layout.addRow(label)
            self._layout.addRow(editor.row)
        else:
            self._layout.addRow(label, editor.row)
        return editor

    def _error(self, name: str, value: Any) -> ValueError | None:
        assert self._entry is not None
        try:
            self._entry.changed(name, value)
        except ValueError as error:
            return error
        return None

    def _edit(self, name: str, value: Any) -> None:
        assert self._entry is not None
        if value == getattr(self._entry, name):
            return
        try:
            entry = self._entry.changed(name, value)
        except ValueError as error:
            self.refused.emit(str(error))
            self._editors[name].show_value(getattr(self._entry, name))
        else:
            self._entry = entry
            self.edited.emit(entry)


class PartEditor(Editor):
    """A nested form of an entry's part."""

    def __init__(self, parameter: Part) -> None:
        super().__init__(parameter)
        self.field = self._form = DeclarationForm(kind=parameter.entry)
        self._form.edited.connect(self.entered)
        self._form.refused.connect(self.refused)

    def show_value(self, value: Any) -> None:
        self._form.show_entry(value)
