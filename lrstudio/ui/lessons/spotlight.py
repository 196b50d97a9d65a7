"""A frame around the part of the window that a lesson or the tour points at."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMainWindow, QScrollArea, QWidget

from lrstudio.core.record import dataclass
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.look.theme import LIGHT, Theme

_TICK_MS, _SHOWN_MS = 50, 4000
_WIDTH = 4
Undo = Callable[[], object]


@dataclass(frozen=True, eq=False)
class Place:
    """A part of the window that can be pointed at: what it is called, and the function that finds its widget.

    `reveal` shows it where it is hidden and returns what hides it again; None where it stays hidden.
    """

    title: str
    find: Callable[[], QWidget | None]
    reveal: Callable[[], Undo | None] = lambda: None


class Spotlight(QWidget):
    """Frames a widget of the window for some seconds; clicks go through it."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.theme: Theme = LIGHT
        self.target: QWidget | None = None
        self._undo: Undo | None = None
        self._left = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.hide()

    def point_at(self, place: Place | None) -> bool:
        """Frames a place, which is revealed if it is hidden; returns whether it can be seen.

        What was revealed before is hidden again. None frames nothing.
        """
        self._remove()
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()
        target = None if place is None else place.find()
        if place is None or target is None:
            return False
        if not target.isVisible():
            self._undo = place.reveal()
        if not target.isVisible():
            return False
        self.target, self._left = target, _SHOWN_MS // _TICK_MS
        self._follow()
        self._timer.start()
        return True

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(QColor(self.theme.accent), _WIDTH))
        painter.drawRect(self.rect().adjusted(_WIDTH // 2, _WIDTH // 2, -_WIDTH // 2, -_WIDTH // 2))
        painter.end()

    def _tick(self) -> None:
        """Follows the target, which what is revealed and what is scrolled moves later on."""
        self._left -= 1
        if self.target is None or self._left <= 0 or not self.target.isVisible():
            self._remove()
        else:
            self._follow()

    def _remove(self) -> None:
        self._timer.stop()
        self.target = None
        self.hide()

    def _follow(self) -> None:
        assert self.target is not None
        if self._left > (_SHOWN_MS - 4 * _TICK_MS) // _TICK_MS:  # the layout of what was revealed takes some turns
            _scroll_to(self.target)
        seen = self.target.visibleRegion().boundingRect()
        self.setVisible(not seen.isEmpty())
        at = self.target.mapTo(self.window(), seen.topLeft())
        frame = QRect(at, seen.size()).adjusted(-_WIDTH, -_WIDTH, _WIDTH, _WIDTH)
        self.setGeometry(frame.intersected(self.window().rect()))
        self.raise_()


def _scroll_to(widget: QWidget) -> None:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()
