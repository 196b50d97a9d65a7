"""The landscape in 3D with the paths of the runs, a widget over the plot."""

from __future__ import annotations

from math import sqrt
from weakref import ref

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.landscape import Landscape
from lrstudio.core.language import tr
from lrstudio.ui.canvases.canvas import PlotOptions
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.path import CASING, thinned
from lrstudio.ui.canvases.landscape.raster import Request, View3D
from lrstudio.ui.canvases.landscape.surface import Camera, Surface
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.drawing.header import Header
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import draw_dashed, draw_lines, draw_symbol, draw_text_in, edges_around
from lrstudio.ui.look.theme import Theme

_CELLS, _QUICK_CELLS = 120, 40
_QUICK_PIXELS, _FINER = 25_000, 1.6
"""Pixels of a picture that is drawn in the window's thread, and finer pixels on each side of the others."""
_DEGREES = 0.5
"""Degrees of rotation per pixel of a drag."""
_SMOOTH, _MOST_LENGTH = 6_000.0, 240_000.0
"""Length in pixels up to which a path is antialiased and dashed, and the greatest length of all paths together."""
_PATH_OFFSET = 0.02
_MARGIN = 26
_FLOOR = np.array([[-1, -1, -1], [1, -1, -1], [1, 1, -1], [-1, 1, -1]], float)
_KEY_DEGREES = 5.0
_KEYS = {
    Qt.Key.Key_Left: (-_KEY_DEGREES, 0.0),
    Qt.Key.Key_Right: (_KEY_DEGREES, 0.0),
    Qt.Key.Key_Up: (0.0, _KEY_DEGREES),
    Qt.Key.Key_Down: (0.0, -_KEY_DEGREES),
}


class SurfaceView(QWidget):
    """A drag or the arrow keys rotate it, the wheel zooms, a double click resets the camera.

    A quick picture is drawn at once; `picture_requested` asks for a fine one by a Request, `show_picture` shows it.
    """

    picture_requested = Signal(object)

    def __init__(self, canvas: LandscapeCanvas) -> None:
        super().__init__(canvas.viewport())
        self._canvas = canvas
        self._landscape: Landscape | None = None
        self._surface: Surface | None = None
        self._quick: Surface | None = None
        self.picture: tuple[Request, QImage] | None = None
        """The newest picture and its request; without it the next painting asks for one anew."""
        self._state: tuple[object, ...] = ()
        self._dragged_from: QPointF | None = None
        self.camera = Camera()
        self.requested = False
        self.setAccessibleName(tr("Landscape in space"))
        self.setToolTip(tr("Drag or use the arrow keys to turn it; the wheel brings it nearer"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # the plot below is not painted
        self.hide()
        canvas.viewport().installEventFilter(self)

    def show_surface(self, requested: bool) -> None:
        """Shows or hides the surface; it needs a landscape of two parameters."""
        self.requested = requested
        self.refresh()

    @property
    def theme(self) -> Theme:
        return self._canvas.theme

    def refresh(self) -> bool:
        """Updates the surface and the paths; returns False if nothing has changed."""
        background = self._canvas.domain_background if self.requested else None
        landscape = background.landscape if background is not None and background.contours is not None else None
        if landscape is not self._landscape:
            before = None if self._landscape is None else self._landscape.objective
            if landscape is None or landscape.objective is not before:  # another slice keeps the camera
                self.camera = Camera()
            self._landscape = landscape
            self._surface = None if landscape is None else Surface(landscape, _CELLS)
            self._quick = None if landscape is None else Surface(landscape, _QUICK_CELLS)
            self._fit()
        self.setVisible(self._surface is not None)
        if self._surface is None:
            self.picture = None
        trace = self._canvas.trace
        colors = tuple(run.color for run in self._canvas.experiment.runs) if self._canvas.experiment else ()
        drawn = None if trace is None else (ref(trace), trace.length)  # it may be closed while the plot is hidden
        state = (self.theme, drawn, self._canvas.step, self._canvas.hidden, colors)
        if state == self._state or self._surface is None:
            return False
        self._state = state
        self.update()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = event.position()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is not None:
            by = event.position() - self._dragged_from
            self._dragged_from = event.position()
            self._set_camera(self.camera.turned(_DEGREES * by.x(), _DEGREES * by.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None
        self._set_camera(Camera())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._set_camera(self.camera.zoomed(1.0015 ** event.angleDelta().y()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        typed = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if typed and event.key() in _KEYS and not event.modifiers():  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEYS:
            self._set_camera(self.camera.turned(*_KEYS[Qt.Key(event.key())]))
        else:
            super().keyPressEvent(event)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._surface is None or self._quick is None:
            return
        request = self._request(self._surface, _FINER * self.devicePixelRatioF())
        if self.picture is None or self.picture[0] != request:
            quick = self._request(self._quick, sqrt(_QUICK_PIXELS / max(1, self.width() * self.height())))
            self.picture = request, quick.picture(lines=False)
            self.picture_requested.emit(request)
        painter = QPainter(self)
        self._paint(painter, self._surface, self.picture[1])
        painter.end()

    def show_picture(self, request: Request, image: QImage) -> None:
        """Shows the picture of a request, unless another one is shown by now."""
        if self.picture is not None and self.picture[0] == request:
            self.picture = request, image
            self.update()

    @property
    def needed(self) -> Request | None:
        """The request whose picture `draw` has to make; setting `picture` saves it that."""
        if self._surface is None:
            return None
        request = self._request(self._surface, _FINER)
        return None if self.picture and self.picture[0] == request else request

    def draw(self, painter: QPainter) -> None:
        """Draws the surface at the origin of a painter, in its units; its picture is kept."""
        if request := self.needed:
            self.picture = request, request.picture()
        if self._surface and self.picture:
            self._paint(painter, self._surface, self.picture[1])

    def _request(self, surface: Surface, finer: float) -> Request:
        view = View3D(self.camera, self.width(), self.height(), self._scale()).finer(finer)
        return Request(surface, view, self.theme)

    def _set_camera(self, camera: Camera) -> None:
        if camera != self.camera:
            self.camera = camera
            self.update()

    def _fit(self) -> None:
        self.setGeometry(self._canvas.viewport().rect())

    def _scale(self) -> float:
        """Returns the pixels of a unit; at a zoom of 1 the whole surface is visible at any azimuth."""
        wide, high = self.camera.extent
        line = QFontMetricsF(self._font()).height()
        return max(1.0, min((self.width() - 2 * _MARGIN) / (2 * wide), (self.height() - 2.5 * line) / (2 * high)))

    def _to_pixels(self, screen: Array) -> Array:
        """Scales projected points to pixels."""
        pixels: Array = screen * self._scale() + np.array([self.width() / 2, self.height() / 2])
        return pixels

    def _font(self) -> QFont:
        font: QFont = self._canvas.header.font()
        return font

    def _paint(self, painter: QPainter, surface: Surface, picture: QImage) -> None:
        """Draws the picture of the surface, the names of its axes, a title and the paths."""
        painter.fillRect(self.rect(), QColor(self.theme.background))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._paint_floor(painter, surface)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(QRectF(self.rect()), picture)
        header = Header()
        first, second, *_ = surface.names
        header.theme, header.title = self.theme, tr("Loss over {first} and {second}", first=first, second=second)
        header.note = " · ".join([*surface.cut, tr("logarithmic height")])
        header.set_font(self._font())
        header.resize(self.width(), header.minimumHeight())
        header.paint(painter, None)
        for run in self._canvas.visible_runs():
            self._paint_path(painter, run, surface)

    def _paint_floor(self, painter: QPainter, surface: Surface) -> None:
        """Draws the edges of the floor, and at the near ones the parameter and the ends of its interval."""
        screen, depth = self.camera.project(_FLOOR)
        floor = self._to_pixels(screen)
        painter.setPen(QPen(QColor(self.theme.muted), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF([QPointF(*point) for point in floor.tolist()]))
        painter.setFont(self._font())
        painter.setPen(QColor(self.theme.foreground))
        height = QFontMetricsF(self._font()).height()
        for axis, edges in enumerate(((0, 2), (1, 3))):
            edge = min(edges, key=lambda corner: depth[corner] + depth[(corner + 1) % 4])
            low, high = surface.axes[axis][0], surface.axes[axis][-1]
            ends = (high, low) if edge > 1 else (low, high)
            for at, text in ((0.5, surface.names[axis]), (0.12, f"{ends[0]:.3g}"), (0.88, f"{ends[1]:.3g}")):
                x, y = floor[edge] * (1 - at) + floor[(edge + 1) % 4] * at
                offset = min(max(0.25 * (x - self.width() / 2), -2.0 * height), 2.0 * height)
                box = QRectF(x + offset - 60, y + 2, 120, height)
                draw_text_in(painter, box, Qt.AlignmentFlag.AlignHCenter, text.replace("-", "−"))

    def _paint_path(self, painter: QPainter, run: int, surface: Surface) -> None:
        """Draws the path of a run up to the shown step on the surface."""
        points = self._canvas.path_points(run)
        if not len(points):
            return
        points = surface.points_at(points)
        points[:, 2] += _PATH_OFFSET
        x, y = self._to_pixels(self.camera.project(points)[0]).T
        style, area = self._canvas.style(run), QRectF(self.rect())
        segments = polylines(x, y[None], edges_around(area))
        background = QColor(self.theme.background)
        if float(segments.lengths()[0]) < _SMOOTH:
            draw_lines(painter, segments.lines, background, 2.2 + CASING)
            draw_dashed(painter, segments, style.color, 2.2, style.dash)
        else:
            lines = thinned(segments.lines, _MOST_LENGTH / max(1, len(self._canvas.visible_runs())))
            draw_lines(painter, lines, style.color, 2.0, smooth=False)
        if np.isfinite([x[-1], y[-1]]).all():
            at = QPointF(float(x[-1]), float(y[-1]))
            draw_symbol(painter, style.marker, at, style.color, background, 15)


class TurnableLandscape(LandscapeCanvas):
    """A landscape that can be shown in 3D."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.surface = SurfaceView(self)

    def set_options(self, options: PlotOptions) -> None:
        super().set_options(options)
        self.surface.show_surface(options.in_space)

    def forget(self) -> None:
        super().forget()
        self.surface.picture = None

    def refresh(self) -> bool:
        drawn = super().refresh()
        return (self.surface.requested and self.surface.refresh()) or drawn

    def set_step(self, step: int | None) -> bool:
        moved = super().set_step(step)
        return (self.surface.requested and self.surface.refresh()) or moved
