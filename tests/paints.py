"""How often widgets are painted."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractScrollArea


class Paints(QObject):
    """Counts the paint events of some views."""

    def __init__(self, views: Iterable[QAbstractScrollArea]) -> None:
        super().__init__()
        self.count = 0
        for view in views:
            view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False
