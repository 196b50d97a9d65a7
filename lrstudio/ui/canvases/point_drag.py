"""Editing of a custom schedule's points with the mouse."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.schedules.base import Point
from lrstudio.ui.drawing.pixels import PixelItem, draw_symbol
from lrstudio.ui.look.theme import Theme

REACH = 11.0
"""Distance in pixels within which the mouse grabs a point."""
_SIZE, _HOVERED_SIZE = 10.0, 14.0


class PointsItem(PixelItem):
    """Discs at the points, larger under the mouse; during a drag a dashed line joins them."""

    def __init__(self) -> None:
        super().__init__()
        self._positions: list[QPointF] = []
        self._active: int | None = None
        self._dragging = False
        self._color, self._outline = QColor(), QColor()
        self.setZValue(9)

    def set_positions(self, positions: list[QPointF], active: int | None, *, dragging: bool) -> None:
        """Sets the points in plot coordinates and the index of the one under the mouse."""
        if (positions, active, dragging) != (self._positions, self._active, self._dragging):
            self._positions, self._active, self._dragging = positions, active, dragging
            self.update()

    def set_colors(self, color: QColor, outline: QColor) -> None:
        self._color, self._outline = color, outline
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        positions = [transform.map(position) for position in self._positions]
        if self._dragging:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(self._color, 1.6, Qt.PenStyle.DashLine))
            for before, after in pairwise(positions):
                painter.drawLine(before, after)
        for index, position in enumerate(positions):
            size = _HOVERED_SIZE if index == self._active else _SIZE
            draw_symbol(painter, "o", position, self._color, self._outline, size)
            draw_symbol(painter, "o", position, self._outline, self._color, size - 6)


class PointCanvas(Protocol):
    """The methods of a canvas that PointDragger uses."""

    theme: Theme

    @property
    def points(self) -> tuple[Point, ...]: ...
    def position_of(self, point: Point) -> QPointF: ...
    def point_at(self, mouse: QPointF) -> Point: ...
    def plot_contains(self, mouse: QPointF) -> bool: ...
    def to_pixel(self, x: float, y: float) -> QPointF | None: ...
    def read(self, on: bool = True) -> None: ...


class PointDragger(QObject):
    """Edits points on a canvas: drag moves, double-click adds, right-click or Delete removes, Escape cancels."""

    changed = Signal(object)
    """All points after one of them was moved, added or removed."""

    def __init__(self, canvas: Any) -> None:
        super().__init__(canvas)
        self._canvas: PointCanvas = canvas
        self._viewport: QWidget = canvas.viewport()
        self.item = PointsItem()
        self._active: int | None = None
        self._target: Point | None = None
        self._dragging = self._removed = False
        canvas.addItem(self.item)
        for watched in (canvas, self._viewport):
            watched.installEventFilter(self)

    def show_points(self) -> None:
        """Shows the canvas's points and cancels a drag."""
        self._active, self._target, self._dragging = None, None, False
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._canvas.points:
            return False
        if isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is not self._viewport:
            return False
        match event.type():
            case QEvent.Type.MouseButtonPress if isinstance(event, QMouseEvent):
                return self._press(event)
            case QEvent.Type.MouseButtonDblClick if isinstance(event, QMouseEvent):
                return self._add(event)
            case QEvent.Type.MouseMove if isinstance(event, QMouseEvent):
                return self._move(event)
            case QEvent.Type.MouseButtonRelease if self._dragging:
                self._release()
                return True
            case QEvent.Type.ContextMenu if self._removed:
                self._removed = False
                return True
            case QEvent.Type.Leave if not self._dragging:
                self._activate(None)
        return False

    def _press(self, event: QMouseEvent) -> bool:
        self._removed = False
        self._activate(self._near(event.position()))
        if self._active is None:
            return False
        if event.button() == Qt.MouseButton.RightButton:
            self._removed = True
            self._remove()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._dragging = True
            self._canvas.read(False)
            self._show()
        return True

    def _move(self, event: QMouseEvent) -> bool:
        if not self._dragging:
            if event.buttons() == Qt.MouseButton.NoButton:
                self._activate(self._near(event.position()))
            return False
        self._target = self._between_neighbours(self._canvas.point_at(event.position()))
        self._show()
        return True

    def _release(self) -> None:
        points = self._points()
        self._dragging, self._target = False, None
        self._show()
        self._emit(points)

    def _add(self, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton or not self._canvas.plot_contains(event.position()):
            return False
        if self._near(event.position()) is None:
            step, rate = self._canvas.point_at(event.position())
            self._emit(tuple(sorted({**dict(self._canvas.points), step: rate}.items())))
        return True

    def _remove(self) -> None:
        points = self._canvas.points
        if self._active is not None and len(points) > 1:
            self._emit(points[: self._active] + points[self._active + 1 :])

    def _key(self, event: QKeyEvent) -> bool:
        keys = {Qt.Key.Key_Escape: self._dragging, Qt.Key.Key_Delete: self._active is not None and not self._dragging}
        if not any(event.key() == key and active for key, active in keys.items()):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.show_points()
        elif event.type() == QEvent.Type.KeyPress:
            self._remove()
        return True

    def _emit(self, points: tuple[Point, ...]) -> None:
        if points != self._canvas.points:
            self.changed.emit(points)

    def _points(self) -> tuple[Point, ...]:
        """Returns the points, with the dragged one at its target."""
        points = list(self._canvas.points)
        if self._active is not None and self._target is not None:
            points[self._active] = self._target
        return tuple(points)

    def _between_neighbours(self, point: Point) -> Point:
        """Returns the point with its step limited so that the order of the steps stays."""
        assert self._active is not None
        points, step = self._canvas.points, point[0]
        if self._active + 1 < len(points):
            step = min(step, points[self._active + 1][0] - 1)
        if self._active > 0:
            step = max(step, points[self._active - 1][0] + 1)
        return step, point[1]

    def _activate(self, point: int | None) -> None:
        if point != self._active:
            self._active = point
            self._show()

    def _near(self, mouse: QPointF) -> int | None:
        """Returns the index of the nearest point within reach of the mouse."""
        candidates = []
        for index, point in enumerate(self._canvas.points):
            position = self._canvas.position_of(point)
            pixel = self._canvas.to_pixel(position.x(), position.y())
            if pixel is not None and (pixel - mouse).manhattanLength() <= REACH:
                candidates.append(((pixel - mouse).manhattanLength(), index))
        return min(candidates)[1] if candidates else None

    def _show(self) -> None:
        positions = [self._canvas.position_of(point) for point in self._points()]
        self.item.set_positions(positions, self._active, dragging=self._dragging)
        if self._active is None:
            self._viewport.unsetCursor()
        else:
            shape = Qt.CursorShape.ClosedHandCursor if self._dragging else Qt.CursorShape.OpenHandCursor
            self._viewport.setCursor(shape)
