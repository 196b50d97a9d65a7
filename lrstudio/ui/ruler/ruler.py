"""The control that is made for rates: a logarithmic ruler with a handle for every run."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from lrstudio.ui.fields.number_edit import stepped_1_2_5
from lrstudio.ui.ruler.axis import TYPICAL, rounded
from lrstudio.ui.ruler.view import RateRulerView

_FRAME_MS = 16
_COARSE, _FINE = 2, 4
"""Significant digits of what the mouse gives, and where it moves slowly."""
_SLOW = 0.1
_TABBED = 8
"""With more runs than these Tab leaves the ruler at once."""
_KEYS = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
}  # fmt: skip
_MODIFIERS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class RateRuler(RateRulerView):
    """Shows the rates of all runs and tells how the selected one should change; changes nothing itself.

    Dragging gives 2 significant digits, with Shift or Ctrl it goes a tenth as far and gives 4. Arrows go through 1-2-5,
    with Ctrl by 1 %; Home and End are the ends of TYPICAL; PageUp, PageDown and Tab select another run.
    """

    rate_changed = Signal(int, float)
    """A run and the rate it should have; during a drag once a frame at most."""
    drag_finished = Signal()
    """The changes since the mouse was pressed belong together."""
    selected = Signal(int)

    def __init__(self, most: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most
        self._drag: float | None = None
        self._drag_from = 0.0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_FRAME_MS)
        self._later.timeout.connect(self._send)
        self._wanted: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.rates:
            return
        at = event.position()
        run = self.handle_at(at)
        if run is not None:
            self._select(run)
        self._drag = at.x() if run is None else self.scale.x(self.rates[run])
        self._drag_from = at.x()
        self.held = True
        if run is None:
            self._want(self.scale.rate(self._drag, _COARSE))
        self._tell(at.toPoint(), self.reading(self.current, self._wanted))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._drag is None:
            over = self.handle_at(at) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.PointingHandCursor)
            return
        if at.x() == self._drag_from:
            return
        fine = bool(event.modifiers() & _MODIFIERS)
        self._drag += (at.x() - self._drag_from) * (_SLOW if fine else 1)
        self._drag_from = at.x()
        self._want(self.scale.rate(self._drag, _FINE if fine else _COARSE))
        self._tell(at.toPoint(), self.reading(self.current, self._wanted))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._drag is None:
            return
        self._drag, self.held = None, False
        self._send()
        self.fit()
        self.update()
        self.drag_finished.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tell(event.pos(), self.explanation(QPointF(event.pos())))
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            mine = event.key() in _KEYS and not event.modifiers() & Qt.KeyboardModifier.AltModifier
            event.setAccepted(mine)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, fine = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        rate = self.rates[self.current]
        match key:
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                self._set(rounded(rate * 1.01, _FINE) if fine else stepped_1_2_5(rate, 1))
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                self._set(rounded(rate / 1.01, _FINE) if fine else stepped_1_2_5(rate, -1))
            case Qt.Key.Key_Home | Qt.Key.Key_End:
                self._set(TYPICAL[key == Qt.Key.Key_End])
            case Qt.Key.Key_PageUp | Qt.Key.Key_PageDown:
                self._select((self.current + (1 if key == Qt.Key.Key_PageDown else -1)) % len(self.rates))
            case _:
                super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        run = self.current + (1 if forward else -1)
        if len(self.rates) > _TABBED or not 0 <= run < len(self.rates):
            return super().focusNextPrevChild(forward)
        self._select(run)
        return True

    def _select(self, run: int) -> None:
        if run != self.current:
            self.current = run
            self.describe()
            self.update()
            self.selected.emit(run)

    def _set(self, rate: float) -> None:
        """A change of its own."""
        self._want(rate)
        self._send()
        self.drag_finished.emit()

    def _want(self, rate: float) -> None:
        """Ask for a rate, at once or, where the last one is too fresh, with the next frame."""
        self._wanted = min(rate, self._most)
        if not self._later.isActive():
            self._send()
            self._later.start()

    def _send(self) -> None:
        rate, self._wanted = self._wanted, None
        if rate is not None and self.rates and rate != self.rates[self.current]:
            self.rate_changed.emit(self.current, rate)

    def _tell(self, at: QPoint, text: str) -> None:
        QToolTip.showText(self.mapToGlobal(at + QPoint(8, 8)), text, self)
