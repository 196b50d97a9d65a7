"""Focus, wheel and key behavior of fields in a scrolling dock, beside single-key shortcuts."""

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


class FieldBehavior(QObject):
    """Event filter: the wheel needs focus to change a field, and a focused field receives its own navigation keys."""

    def install(self, *widgets: QWidget) -> None:
        for widget in widgets:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.installEventFilter(self)
            if isinstance(widget, QPlainTextEdit):
                widget.viewport().installEventFilter(self)  # it is as high as its text and never scrolls

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.text() == " " and isinstance(watched, QAbstractSpinBox):
                event.ignore()  # the window's shortcut: run or pause
                return True
            keys = next((keys for kind, keys in _OWN_KEYS.items() if isinstance(watched, kind)), ())
            if event.key() in keys and not event.modifiers():
                event.accept()
                return True
        return False


def press(control: QWidget | None) -> bool:
    """Clicks a button or opens a combo box, for Return (Space runs and pauses); returns whether `control` was one."""
    if isinstance(control, QAbstractButton):
        control.click()
    elif isinstance(control, QComboBox):
        control.showPopup()
    else:
        return False
    return True


def commit_typing() -> None:
    """Commits half-typed text, as leaving the field would, so that an action uses the visible value."""
    field = QApplication.focusWidget()
    if isinstance(field, (QAbstractSpinBox, QLineEdit, QPlainTextEdit)):
        field.clearFocus()
        field.setFocus()
