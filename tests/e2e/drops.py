"""Dragging something onto a widget and letting go."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

BOTH = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction


def drop(target: QWidget, data: QMimeData, at: QPointF, actions: Qt.DropAction = BOTH) -> None:
    """The events that a mouse would send; both have to be accepted, as a copy."""
    rest = actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    try:
        enter = QDragEnterEvent(at, *rest)  # type: ignore[call-overload]
    except TypeError:  # before PySide6 6.12, where whole pixels are deprecated
        enter = QDragEnterEvent(at.toPoint(), *rest)
    for event in (enter, QDropEvent(at, *rest)):
        QApplication.sendEvent(target, event)
        assert event.isAccepted()
        assert event.dropAction() == Qt.DropAction.CopyAction
