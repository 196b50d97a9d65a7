"""The rate ruler as a control: dragging, clicking and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from lrstudio.ui.fields.number_edit import stepped_1_2_5
from lrstudio.ui.look.plain import plain
from lrstudio.ui.ruler.axis import TYPICAL, rounded
from lrstudio.ui.ruler.view import RateRulerView

_FRAME_MS = 16
_COARSE, _FINE = 2, 4
"""Significant digits of a dragged rate, without and with Shift."""
_SLOW = 0.1
_MAX_TABBED = 8
"""Number of runs above which Tab leaves the ruler instead of selecting the next run."""
_KEYS = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
}  # fmt: skip
_MODIFIERS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class RateRuler(RateRulerView):
    """Emits changed rates of the selected run; it changes nothing itself.

    Dragging gives 2 significant digits; Shift or Ctrl make it ten times finer, with 4 digits. Arrows step through
    1-2-5, with Ctrl by 1 %; Home and End set the ends of TYPICAL; PageUp, PageDown and Tab select another run.
    """

    rate_changed = Signal(int, float)
    """A run and its new rate, at most once a frame during a drag."""
    drag_finished = Signal()
    """The end of a drag or of a single change, which is one undo step."""
    selected = Signal(int)

    def __init__(self, max_rate: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._max_rate = max_rate
        self._drag: float | None = None
        self._drag_from = 0.0
        self._send_timer = QTimer(self)
        self._send_timer.setSingleShot(True)
        self._send_timer.setInterval(_FRAME_MS)
        self._send_timer.timeout.connect(self._send)
        self._requested: float | None = None
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
        self.is_dragged = True
        if run is None:
            self._request(self.scale.rate(self._drag, _COARSE))
        self._show_tip(at.toPoint(), self.reading(self.current, self._requested))

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
        self._request(self.scale.rate(self._drag, _FINE if fine else _COARSE))
        self._show_tip(at.toPoint(), self.reading(self.current, self._requested))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._drag is None:
            return
        self._drag, self.is_dragged = None, False
        self._send()
        self.fit()
        self.update()
        self.drag_finished.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event.pos(), self.explanation(QPointF(event.pos())))
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
        if len(self.rates) > _MAX_TABBED or not 0 <= run < len(self.rates):
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
        self._request(rate)
        self._send()
        self.drag_finished.emit()

    def _request(self, rate: float) -> None:
        """Emits a rate now, or with the next frame if the last one is too recent."""
        self._requested = min(rate, self._max_rate)
        if not self._send_timer.isActive():
            self._send()
            self._send_timer.start()

    def _send(self) -> None:
        rate, self._requested = self._requested, None
        if rate is not None and self.rates and rate != self.rates[self.current]:
            self.rate_changed.emit(self.current, rate)

    def _show_tip(self, at: QPoint, text: str) -> None:
        QToolTip.showText(self.mapToGlobal(at + QPoint(8, 8)), plain(text), self)
