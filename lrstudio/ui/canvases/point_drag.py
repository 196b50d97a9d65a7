"""The points of a schedule of one's own, drawn with the mouse: what is held, and how that is painted."""

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
"""Pixels from a point within which the mouse takes it."""
_SIZE, _TAKEN_SIZE = 10.0, 14.0


class PointsItem(PixelItem):
    """A disc at every point, in the plot's coordinates; the one under the mouse is larger, a held one leaves a line."""

    def __init__(self) -> None:
        super().__init__()
        self._places: list[QPointF] = []
        self._taken: int | None = None
        self._held = False
        self._color, self._outline = QColor(), QColor()
        self.setZValue(9)

    def show_places(self, places: list[QPointF], taken: int | None, *, held: bool) -> None:
        """Where the points are, and which of them the mouse has."""
        if (places, taken, held) != (self._places, self._taken, self._held):
            self._places, self._taken, self._held = places, taken, held
            self.update()

    def set_colors(self, color: QColor, outline: QColor) -> None:
        self._color, self._outline = color, outline
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        places = [transform.map(place) for place in self._places]
        if self._held:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(self._color, 1.6, Qt.PenStyle.DashLine))
            for before, after in pairwise(places):
                painter.drawLine(before, after)
        for at, place in enumerate(places):
            size = _TAKEN_SIZE if at == self._taken else _SIZE
            draw_symbol(painter, "o", place, self._color, self._outline, size)
            draw_symbol(painter, "o", place, self._outline, self._color, size - 6)


class Drawn(Protocol):
    """What the dragger asks of a canvas."""

    theme: Theme

    @property
    def points(self) -> tuple[Point, ...]: ...
    def place_of(self, point: Point) -> QPointF: ...
    def point_at(self, mouse: QPointF) -> Point: ...
    def plot_has(self, mouse: QPointF) -> bool: ...
    def to_pixel(self, x: float, y: float) -> QPointF | None: ...
    def read(self, on: bool = True) -> None: ...


class PointDragger(QObject):
    """Watches the mouse over a canvas: drag a point, double-click to add one, right-click or Delete to remove it.

    Escape lets go. A canvas without points is left alone.
    """

    drawn = Signal(object)
    """All points, after one of them was moved, added or removed."""

    def __init__(self, canvas: Any) -> None:
        super().__init__(canvas)
        self._canvas: Drawn = canvas
        self._viewport: QWidget = canvas.viewport()
        self.item = PointsItem()
        self._taken: int | None = None
        self._to: Point | None = None
        self._held = self._removed = False
        canvas.addItem(self.item, ignoreBounds=True)
        for watched in (canvas, self._viewport):
            watched.installEventFilter(self)

    def show_points(self) -> None:
        """Bring the item up to the canvas; what was held is let go."""
        self._taken, self._to, self._held = None, None, False
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
            case QEvent.Type.MouseButtonRelease if self._held:
                self._release()
                return True
            case QEvent.Type.ContextMenu if self._removed:
                self._removed = False
                return True
            case QEvent.Type.Leave if not self._held:
                self._take(None)
        return False

    def _press(self, event: QMouseEvent) -> bool:
        self._removed = False
        self._take(self._near(event.position()))
        if self._taken is None:
            return False
        if event.button() == Qt.MouseButton.RightButton:
            self._removed = True
            self._remove()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self._canvas.read(False)
            self._show()
        return True

    def _move(self, event: QMouseEvent) -> bool:
        if not self._held:
            if event.buttons() == Qt.MouseButton.NoButton:
                self._take(self._near(event.position()))
            return False
        self._to = self._between_neighbours(self._canvas.point_at(event.position()))
        self._show()
        return True

    def _release(self) -> None:
        points = self._points()
        self._held, self._to = False, None
        self._show()
        self._tell(points)

    def _add(self, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton or not self._canvas.plot_has(event.position()):
            return False
        if self._near(event.position()) is None:
            step, rate = self._canvas.point_at(event.position())
            self._tell(tuple(sorted({**dict(self._canvas.points), step: rate}.items())))
        return True

    def _remove(self) -> None:
        points = self._canvas.points
        if self._taken is not None and len(points) > 1:
            self._tell(points[: self._taken] + points[self._taken + 1 :])

    def _key(self, event: QKeyEvent) -> bool:
        keys = {Qt.Key.Key_Escape: self._held, Qt.Key.Key_Delete: self._taken is not None and not self._held}
        if not any(event.key() == key and ours for key, ours in keys.items()):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.show_points()
        elif event.type() == QEvent.Type.KeyPress:
            self._remove()
        return True

    def _tell(self, points: tuple[Point, ...]) -> None:
        if points != self._canvas.points:
            self.drawn.emit(points)

    def _points(self) -> tuple[Point, ...]:
        """The points, with the held one where it is being dragged."""
        points = list(self._canvas.points)
        if self._taken is not None and self._to is not None:
            points[self._taken] = self._to
        return tuple(points)

    def _between_neighbours(self, point: Point) -> Point:
        """A place for the held point that keeps the order of the steps."""
        assert self._taken is not None
        points, step = self._canvas.points, point[0]
        if self._taken + 1 < len(points):
            step = min(step, points[self._taken + 1][0] - 1)
        if self._taken > 0:
            step = max(step, points[self._taken - 1][0] + 1)
        return step, point[1]

    def _take(self, point: int | None) -> None:
        if point != self._taken:
            self._taken = point
            self._show()

    def _near(self, mouse: QPointF) -> int | None:
        """The point that the mouse can take."""
        found = []
        for at, point in enumerate(self._canvas.points):
            place = self._canvas.place_of(point)
            pixel = self._canvas.to_pixel(place.x(), place.y())
            if pixel is not None and (pixel - mouse).manhattanLength() <= REACH:
                found.append(((pixel - mouse).manhattanLength(), at))
        return min(found)[1] if found else None

    def _show(self) -> None:
        places = [self._canvas.place_of(point) for point in self._points()]
        self.item.show_places(places, self._taken, held=self._held)
        if self._taken is None:
            self._viewport.unsetCursor()
        else:
            held = Qt.CursorShape.ClosedHandCursor if self._held else Qt.CursorShape.OpenHandCursor
            self._viewport.setCursor(held)
