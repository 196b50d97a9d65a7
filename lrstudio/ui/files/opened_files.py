"""macOS tells of a double-clicked file with an event, not with an argument."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QFileOpenEvent


class OpenedFiles(QObject):
    """Installed on the application, hands every file that the desktop opens to `open_path`."""

    def __init__(self, parent: QObject, open_path: Callable[[Path], object]) -> None:
        super().__init__(parent)
        self._open_path = open_path

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            path = Path(event.file())
            QTimer.singleShot(0, self, lambda: self._open_path(path))  # a question may follow, and the desktop waits
            return True
        return super().eventFilter(watched, event)
