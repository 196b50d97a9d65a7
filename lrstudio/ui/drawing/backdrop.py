"""A plot as it was painted last: what the box at the mouse uncovers is copied from there."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QWidget

_REST = 0.05
"""Seconds without another picture after which one is worth keeping."""


class Backdrop:
    """The picture of a viewport, made when it is first needed and thrown away when the plot changes."""

    def __init__(self, viewport: QWidget) -> None:
        self._viewport = viewport
        self._picture: QPixmap | None = None
        self._making = False
        self._changed = 0.0
        self._hover = QRegion()

    def uncover(self, region: QRegion) -> None:
        """Say what is about to be painted for the box alone."""
        if self._picture is None and perf_counter() - self._changed > _REST:
            self._picture = self._made()
        self._hover = region

    def paint(self, region: QRegion) -> bool:
        """Paint the region from the picture; False where the plot itself has to be painted."""
        if self._making:
            return False
        ours = not self._hover.isEmpty() and region.subtracted(self._hover).isEmpty()
        self._hover = QRegion()
        if not ours:
            self._picture, self._changed = None, perf_counter()
            return False
        if self._picture is None:
            return False
        painter = QPainter(self._viewport)
        painter.setClipRegion(region)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()
        return True

    def _made(self) -> QPixmap:
        ratio = self._viewport.devicePixelRatioF()
        picture = QPixmap(self._viewport.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        self._making = True
        try:
            self._viewport.render(picture, QPoint(), QRegion(), QWidget.RenderFlag.DrawWindowBackground)
        finally:
            self._making = False
        return picture
