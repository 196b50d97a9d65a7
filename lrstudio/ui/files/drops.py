"""Files that come from the desktop: dropped on a window, or double-clicked on macOS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFileOpenEvent


class FileDrops:
    """To be named before the widget's own base; whoever drops the files need not wait for what is done with them."""

    def take_files(self, paths: list[Path]) -> None:
        """Do what is to be done with files that were dropped."""
        raise NotImplementedError

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        QTimer.singleShot(0, self, lambda: self.take_files(paths))  # type: ignore[call-overload]


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
