"""The fields of a step that a teacher writes, each with a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QMenu, QPlainTextEdit, QPushButton, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.fields.actions import action
from lrstudio.ui.look.plain import menu_text, plain


class ConditionBox(QComboBox):
    """A text that may be chosen from those that fit the run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        completer = QCompleter(self.model(), self)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)

    def offer(self, texts: Sequence[tuple[str, str]]) -> None:
        """Offers texts, each with a tip; what is typed stays."""
        typed = self.currentText()
        self.blockSignals(True)
        self.clear()
        for index, (text, tip) in enumerate(texts):
            self.addItem(text)
            self.setItemData(index, plain(tip), Qt.ItemDataRole.ToolTipRole)
        self.setEditText(typed)
        self.blockSignals(False)


class LookBox(QPushButton):
    """Chooses the parts of the window that a step points at; `names` are what they are called, by their keys."""

    changed = Signal()

    def __init__(self, names: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names, self.keys = names, list[str]()
        self.setAutoDefault(False)
        menu = QMenu(self)
        self.entries = {
            key: action(menu, menu_text(name), partial(self._toggle, key), checked=False) for key, name in names.items()
        }
        menu.addActions(list(self.entries.values()))
        self.setMenu(menu)
        self._show()

    def show_keys(self, keys: Sequence[str]) -> None:
        """Chooses these; others that there are not are left out."""
        self.keys = [key for key in keys if key in self._names]
        self._show()

    def _toggle(self, key: str) -> None:
        self.keys = [each for each in self.keys if each != key] if key in self.keys else [*self.keys, key]
        self._show()

    def _show(self) -> None:
        for key, entry in self.entries.items():
            entry.setChecked(key in self.keys)
        self.setText(menu_text(", ".join(self._names[key] for key in self.keys)) or tr("nothing"))
        self.changed.emit()


def read(field: QWidget) -> str:
    """Returns the text of a field."""
    if isinstance(field, QPlainTextEdit):
        return field.toPlainText()
    if isinstance(field, ConditionBox):
        return field.currentText()
    if isinstance(field, QComboBox):
        return str(field.currentData())
    if isinstance(field, LookBox):
        return ", ".join(field.keys)
    assert isinstance(field, QLineEdit)
    return field.text()


def write(field: QWidget, text: str) -> None:
    """Shows a text in a field."""
    if isinstance(field, QPlainTextEdit):
        field.setPlainText(text)
    elif isinstance(field, ConditionBox):
        field.setEditText(text)
    elif isinstance(field, QComboBox):
        field.setCurrentIndex(max(0, field.findData(text)))
    elif isinstance(field, LookBox):
        field.show_keys([name.strip() for name in text.split(",")])
    else:
        assert isinstance(field, QLineEdit)
        field.setText(text)
