"""Files from the desktop: dropped on a window, or opened by the Finder of macOS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFileOpenEvent


class FileDrops:
    """A mixin, the first base of a widget, that passes dropped files to `take_files` after the drop has ended."""

    def take_files(self, paths: list[Path]) -> None:
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
    """An event filter of the application that passes every file that the desktop opens to `open_path`."""

    def __init__(self, parent: QObject, open_path: Callable[[Path], object]) -> None:
        super().__init__(parent)
        self._open_path = open_path

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            path = Path(event.file())
            QTimer.singleShot(0, self, lambda: self._open_path(path))  # a dialog may block, and the desktop waits
            return True
        return super().eventFilter(watched, event)
