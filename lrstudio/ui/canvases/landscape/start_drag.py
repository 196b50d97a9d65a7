"""Dragging the starts of runs with the mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.ui.drawing.pixels import PixelItem, draw_symbol
from lrstudio.ui.look.theme import RunStyle, Theme

REACH = 11.0
"""Distance in pixels within which the mouse grabs a start."""
_SIZE = 15.0


@dataclass(frozen=True)
class Start:
    """The common start of some runs in plot coordinates."""

    at: QPointF
    runs: tuple[int, ...]
    color: QColor


def starts_at(points: Array, runs: Sequence[int], style: Callable[[int], RunStyle], *, alone: bool) -> list[Start]:
    """Groups runs by their starts `points` (R, 2); if `alone`, a group has its last run only."""
    groups: dict[tuple[float, float], list[int]] = {}
    for run in runs:
        groups.setdefault((float(points[run, 0]), float(points[run, 1])), []).append(run)
    return [
        Start(QPointF(*at), tuple(group[-1:] if alone else group), style(group[-1]).color)
        for at, group in groups.items()
    ]


class StartHandle(PixelItem):
    """A ring at the start under the mouse; while it is dragged, at its target, with a line from the old start."""

    def __init__(self) -> None:
        super().__init__()
        self.start: Start | None = None
        self.to: QPointF | None = None
        self._outline = QColor()
        self.setZValue(9)

    def show_start(self, start: Start | None, to: QPointF | None, outline: QColor) -> None:
        """Sets the start under the mouse and the target to which it is dragged, None for none."""
        if (start, to) != (self.start, self.to):
            self.start, self.to, self._outline = start, to, outline
            self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self.start is None:
            return
        at = transform.map(self.start.at)
        if self.to is not None:
            to = transform.map(self.to)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(self.start.color, 1.6, Qt.PenStyle.DashLine))
            painter.drawLine(at, to)
            at = to
        draw_symbol(painter, "o", at, self._outline, self.start.color, _SIZE)
        draw_symbol(painter, "o", at, self.start.color, self._outline, _SIZE - 7)


class StartCanvas(Protocol):
    """The methods of a canvas that StartDragger uses."""

    theme: Theme
    experiment: Experiment | None

    def starts(self, *, alone: bool = False) -> list[Start]: ...
    def position_below(self, mouse: QPointF) -> QPointF: ...
    def to_pixel(self, x: float, y: float) -> QPointF | None: ...
    def read(self, on: bool = True) -> None: ...


class StartDragger(QObject):
    """Drags starts on a canvas; Shift grabs only the topmost of several runs, Escape cancels."""

    dropped = Signal(object, QPointF)
    """A start and the target to which it was dragged."""

    def __init__(self, canvas: Any) -> None:
        super().__init__(canvas)
        self._canvas: StartCanvas = canvas
        self._viewport: QWidget = canvas.viewport()
        self.handle = StartHandle()
        self._dragged: Start | None = None
        canvas.addItem(self.handle)
        for watched in (canvas, self._viewport):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.MouseButtonPress if isinstance(event, QMouseEvent) and watched is self._viewport:
                return self._press(event)
            case QEvent.Type.MouseMove if isinstance(event, QMouseEvent) and watched is self._viewport:
                return self._move(event)
            case QEvent.Type.MouseButtonRelease if self._dragged is not None and watched is self._viewport:
                self._release()
                return True
            case QEvent.Type.ShortcutOverride if self._dragged is not None and isinstance(event, QKeyEvent):
                if event.key() == Qt.Key.Key_Escape:
                    self.cancel()
                event.accept()
                return True
            case QEvent.Type.Leave if self._dragged is None and watched is self._viewport:
                self._show(None, None)
        return False

    def _press(self, event: QMouseEvent) -> bool:
        alone = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged = self._start_at(event.position(), alone=alone)
        if self._dragged is None:
            return False
        self._canvas.read(False)
        self._show(self._dragged, self._dragged.at)
        return True

    def _move(self, event: QMouseEvent) -> bool:
        if self._dragged is not None:
            self._show(self._dragged, self._canvas.position_below(event.position()))
            return True
        if event.buttons() == Qt.MouseButton.NoButton:
            self._show(self._start_at(event.position()), None)
        return False

    def _release(self) -> None:
        start, to = self._dragged, self.handle.to
        self.cancel()
        if start is not None and to is not None and to != start.at:
            self.dropped.emit(start, to)

    def cancel_unless(self, experiment: Experiment) -> None:
        """Cancels a drag, unless the experiment has the shown problem and runs."""
        shown = self._canvas.experiment
        if shown is None or (shown.problem, shown.runs) != (experiment.problem, experiment.runs):
            self.cancel()

    def cancel(self) -> None:
        """Cancels a drag."""
        if self._dragged is not None:
            self._dragged = None
            self._show(None, None)

    def _show(self, start: Start | None, to: QPointF | None) -> None:
        self.handle.show_start(start, to, QColor(self._canvas.theme.background))
        if start is None:
            self._viewport.unsetCursor()
        else:
            shape = Qt.CursorShape.OpenHandCursor if self._dragged is None else Qt.CursorShape.ClosedHandCursor
            self._viewport.setCursor(shape)

    def _start_at(self, mouse: QPointF, *, alone: bool = False) -> Start | None:
        """Returns the nearest start within reach of the mouse."""
        candidates = []
        for start in self._canvas.starts(alone=alone):
            pixel = self._canvas.to_pixel(start.at.x(), start.at.y())
            if pixel is not None and (pixel - mouse).manhattanLength() <= REACH:
                candidates.append(((pixel - mouse).manhattanLength(), start))
        return min(candidates, key=lambda candidate: candidate[0])[1] if candidates else None
