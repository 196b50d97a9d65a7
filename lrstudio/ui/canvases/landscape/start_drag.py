"""The start of a run is dragged to another place: what the mouse holds, and how that is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment
from lrstudio.ui.drawing.pixels import PixelItem, draw_symbol
from lrstudio.ui.look.theme import RunStyle, Theme

REACH = 11.0
"""Pixels from a start within which the mouse takes it."""
_SIZE = 15.0


@dataclass(frozen=True)
class Start:
    """The starts of some runs at one place, in the plot's coordinates."""

    at: QPointF
    runs: tuple[int, ...]
    color: QColor


def starts_at(points: Array, runs: Sequence[int], style: Callable[[int], RunStyle], *, alone: bool) -> list[Start]:
    """The starts of these runs at points (R, 2), those at one place together or, `alone`, only the last of them."""
    places: dict[tuple[float, float], list[int]] = {}
    for run in runs:
        places.setdefault((float(points[run, 0]), float(points[run, 1])), []).append(run)
    return [
        Start(QPointF(*at), tuple(those[-1:] if alone else those), style(those[-1]).color)
        for at, those in places.items()
    ]


class StartHandle(PixelItem):
    """A ring around the start under the mouse; while it is dragged, where it will be and whence it came."""

    def __init__(self) -> None:
        super().__init__()
        self.start: Start | None = None
        self.to: QPointF | None = None
        self._outline = QColor()
        self.setZValue(9)

    def show_start(self, start: Start | None, to: QPointF | None, outline: QColor) -> None:
        """The start that the mouse has, None for none, and the place to which it is being dragged."""
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


class Slope(Protocol):
    """What the dragger asks of a canvas."""

    theme: Theme
    experiment: Experiment | None

    def starts(self, *, alone: bool = False) -> list[Start]: ...
    def ground_below(self, mouse: QPointF) -> QPointF: ...
    def to_pixel(self, x: float, y: float) -> QPointF | None: ...
    def read(self, on: bool = True) -> None: ...


class StartDragger(QObject):
    """Watches the mouse over a canvas. With Shift only the topmost of several runs is taken; Escape lets go."""

    dropped = Signal(object, QPointF)
    """A start, and the place to which it was dragged."""

    def __init__(self, canvas: Any) -> None:
        super().__init__(canvas)
        self._canvas: Slope = canvas
        self._viewport: QWidget = canvas.viewport()
        self.handle = StartHandle()
        self._held: Start | None = None
        canvas.addItem(self.handle, ignoreBounds=True)
        for watched in (canvas, self._viewport):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.MouseButtonPress if isinstance(event, QMouseEvent) and watched is self._viewport:
                return self._press(event)
            case QEvent.Type.MouseMove if isinstance(event, QMouseEvent) and watched is self._viewport:
                return self._move(event)
            case QEvent.Type.MouseButtonRelease if self._held is not None and watched is self._viewport:
                self._release()
                return True
            case QEvent.Type.ShortcutOverride if self._held is not None and isinstance(event, QKeyEvent):
                if event.key() == Qt.Key.Key_Escape:
                    self.let_go()
                event.accept()
                return True
            case QEvent.Type.Leave if self._held is None and watched is self._viewport:
                self._show(None, None)
        return False

    def _press(self, event: QMouseEvent) -> bool:
        alone = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self._start_at(event.position(), alone=alone)
        if self._held is None:
            return False
        self._canvas.read(False)
        self._show(self._held, self._held.at)
        return True

    def _move(self, event: QMouseEvent) -> bool:
        if self._held is not None:
            self._show(self._held, self._canvas.ground_below(event.position()))
            return True
        if event.buttons() == Qt.MouseButton.NoButton:
            self._show(self._start_at(event.position()), None)
        return False

    def _release(self) -> None:
        start, to = self._held, self.handle.to
        self.let_go()
        if start is not None and to is not None and to != start.at:
            self.dropped.emit(start, to)

    def end_unless(self, experiment: Experiment) -> None:
        """End a drag, unless this experiment has the runs that are shown."""
        shown = self._canvas.experiment
        if shown is None or (shown.problem, shown.runs) != (experiment.problem, experiment.runs):
            self.let_go()

    def let_go(self) -> None:
        """End a drag without dropping anything."""
        if self._held is not None:
            self._held = None
            self._show(None, None)

    def _show(self, start: Start | None, to: QPointF | None) -> None:
        self.handle.show_start(start, to, QColor(self._canvas.theme.background))
        if start is None:
            self._viewport.unsetCursor()
        else:
            held = self._held is not None
            self._viewport.setCursor(Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor)

    def _start_at(self, mouse: QPointF, *, alone: bool = False) -> Start | None:
        """The start that the mouse can take."""
        found = []
        starts = self._canvas.starts(alone=alone)
        for place, start in enumerate(starts):
            pixel = self._canvas.to_pixel(start.at.x(), start.at.y())
            if pixel is not None and (pixel - mouse).manhattanLength() <= REACH:
                found.append(((pixel - mouse).manhattanLength(), place))
        return starts[min(found)[1]] if found else None
