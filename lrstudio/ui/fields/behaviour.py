"""How fields in a scrolling dock behave beside shortcuts of single keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

_OWN_KEYS = {
    QComboBox: (Qt.Key.Key_Home, Qt.Key.Key_End),
    QAbstractSlider: (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End),
}


class FieldManners(QObject):
    """The wheel scrolls past a field that has no focus, and a field with focus keeps the keys that work it."""

    def teach(self, *widgets: QWidget) -> None:
        for widget in widgets:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.installEventFilter(self)
            if isinstance(widget, QPlainTextEdit):
                widget.viewport().installEventFilter(self)  # as high as its text, it has nothing to scroll

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.text() == " " and isinstance(watched, QAbstractSpinBox):
                event.ignore()  # a space is no part of a number: it runs and pauses
                return True
            keys = next((keys for kind, keys in _OWN_KEYS.items() if isinstance(watched, kind)), ())
            if event.key() in keys and not event.modifiers():
                event.accept()
                return True
        return False


def press(control: QWidget | None) -> bool:
    """Press a button, tick a box or open a list, as Return does where Space runs and pauses; whether it was one."""
    if isinstance(control, QAbstractButton):
        control.click()
    elif isinstance(control, QComboBox):
        control.showPopup()
    else:
        return False
    return True


def commit_typing() -> None:
    """Take what is being typed as entered, as leaving the field would: actions act on what can be seen."""
    field = QApplication.focusWidget()
    if isinstance(field, (QAbstractSpinBox, QLineEdit, QPlainTextEdit)):
        field.clearFocus()
        field.setFocus()
