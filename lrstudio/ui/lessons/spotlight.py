"""A frame around the part of the window that a lesson points at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMainWindow, QScrollArea, QWidget

from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.look.theme import LIGHT, Theme

_SHOWN_MS = 4000
_WIDTH = 4


class Spotlight(QWidget):
    """Frames a widget of the window for some seconds; clicks go through it."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.theme: Theme = LIGHT
        self.target: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(lambda: self.point_at(None))
        self.hide()

    def point_at(self, target: QWidget | None) -> None:
        """Frames a visible widget, scrolled into view, or nothing."""
        if self.target is not None:
            self.target.removeEventFilter(self)
        self.target = target if target is not None and target.isVisible() else None
        self.setVisible(self.target is not None)
        if self.target is None:
            return
        _scroll_to(self.target)
        self.target.installEventFilter(self)
        self._follow()
        self.raise_()
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._follow()
        elif event.type() in (QEvent.Type.Hide, QEvent.Type.Destroy):
            self.point_at(None)
        return False

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(QColor(self.theme.accent), _WIDTH))
        painter.drawRect(self.rect().adjusted(_WIDTH // 2, _WIDTH // 2, -_WIDTH // 2, -_WIDTH // 2))
        painter.end()

    def _follow(self) -> None:
        assert self.target is not None
        at = self.target.mapTo(self.window(), QPoint())
        frame = QRect(at, self.target.size()).adjusted(-_WIDTH, -_WIDTH, _WIDTH, _WIDTH)
        self.setGeometry(frame.intersected(self.window().rect()))


def _scroll_to(widget: QWidget) -> None:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()
