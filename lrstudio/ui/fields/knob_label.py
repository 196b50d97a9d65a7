"""Drag and drop of a hyperparameter's name onto the button “Vary”."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.look.plain import Label

_MIME = "application/x-lrstudio-knob"


class KnobLabel(Label):
    """A label to drag; its data are the group (lr, optimizer, schedule) and the name of a hyperparameter."""

    def __init__(self, text: str, group: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._content = f"{group}/{name}"
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def setToolTip(self, text: str) -> None:
        super().setToolTip(tr("{tip}\nDrag onto Vary to make a family of runs", tip=text))

    def mime(self) -> QMimeData:
        """Returns the data of a drag of this label."""
        data = QMimeData()
        data.setData(_MIME, self._content.encode())
        return data

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        far = (event.position().toPoint() - self.rect().center()).manhattanLength() >= QApplication.startDragDistance()
        if event.buttons() & Qt.MouseButton.LeftButton and far:
            drag = QDrag(self)
            drag.setMimeData(self.mime())
            drag.setPixmap(self.grab())
            drag.exec(Qt.DropAction.CopyAction)


class VaryButton(QToolButton):
    """A tool button that accepts a dropped KnobLabel and emits its group and name."""

    dropped = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(_MIME):
            event.acceptProposedAction()
            self.setDown(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.setDown(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.setDown(False)
        group, _, name = bytes(event.mimeData().data(_MIME).data()).decode().partition("/")
        event.acceptProposedAction()
        self.dropped.emit(group, name)
