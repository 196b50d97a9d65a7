"""The landscape in space, with the ways of the runs: lies over the plot while it is wanted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.landscape import Landscape
from lrstudio.ui.canvases.canvas import PlotOptions
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.path import thinned
from lrstudio.ui.canvases.landscape.surface import Camera, Surface
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.drawing.header import Header
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import draw_dashed, draw_lines, draw_symbol, edges_around
from lrstudio.ui.look.theme import Theme, mix

_CELLS, _TURNING_CELLS = 30, 20
_TONES = 32
_DEGREES = 0.5
"""For each pixel that the mouse moves."""
_SMOOTH, _MOST_INK = 6_000.0, 240_000.0
"""Pixels of a way up to which it is antialiased and dashed, and those that all runs may have."""
_LIFTED = 0.02
_MARGIN = 26
_FLOOR = np.array([[-1, -1, -1], [1, -1, -1], [1, 1, -1], [-1, 1, -1]], float)
_TURN = 5.0
_KEYS = {
    Qt.Key.Key_Left: (-_TURN, 0.0),
    Qt.Key.Key_Right: (_TURN, 0.0),
    Qt.Key.Key_Up: (0.0, _TURN),
    Qt.Key.Key_Down: (0.0, -_TURN),
}


class SurfaceView(QWidget):
    """Dragging or the arrow keys turn it, the wheel brings it nearer, a double click shows it as at first."""

    def __init__(self, canvas: LandscapeCanvas) -> None:
        super().__init__(canvas.viewport())
        self._canvas = canvas
        self._landscape: Landscape | None = None
        self._surface: Surface | None = None
        self._coarse: Surface | None = None
        self._ground: QPixmap | None = None
        self._ground_theme = canvas.theme
        self._seen: tuple[object, ...] = ()
        self._grabbed: QPointF | None = None
        self.camera = Camera()
        self.wanted = False
        self.setAccessibleName(self.tr("Landscape in space"))
        self.setToolTip(self.tr("Drag or use the arrow keys to turn it; the wheel brings it nearer"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # the plot below is not painted
        self.hide()
        canvas.viewport().installEventFilter(self)

    def show_surface(self, wanted: bool) -> None:
        """Whether the landscape is to be seen in space, where it has two parameters."""
        self.wanted = wanted
        self.refresh()

    @property
    def theme(self) -> Theme:
        return self._canvas.theme

    def refresh(self) -> bool:
        """Take in another landscape, new steps, another moment; False where there is nothing new."""
        ground = self._canvas.home if self.wanted else None
        landscape = ground.landscape if ground is not None and ground.contours is not None else None
        if landscape is not self._landscape:
            before = None if self._landscape is None else self._landscape.objective
            if landscape is None or landscape.objective is not before:  # another slice is seen as the one before
                self.camera = Camera()
            self._landscape = landscape
            self._surface = None if landscape is None else Surface(landscape, _CELLS)
            self._coarse = None if landscape is None else Surface(landscape, _TURNING_CELLS)
            self._fit()
            self._forget_ground()
        self.setVisible(self._surface is not None)
        trace = self._canvas.trace
        colors = tuple(run.color for run in self._canvas.experiment.runs) if self._canvas.experiment else ()
        seen = (self.theme, trace, trace.length if trace else 0, self._canvas.step, self._canvas.hidden, colors)
        if seen == self._seen or self._surface is None:
            return False
        self._seen = seen
        self.update()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grabbed = event.position()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None:
            by = event.position() - self._grabbed
            self._grabbed = event.position()
            self._look(self.camera.turned(_DEGREES * by.x(), _DEGREES * by.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self._forget_ground()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self._look(Camera())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._look(self.camera.zoomed(1.0015 ** event.angleDelta().y()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        typed = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if typed and event.key() in _KEYS and not event.modifiers():  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEYS:
            self._look(self.camera.turned(*_KEYS[Qt.Key(event.key())]))
        else:
            super().keyPressEvent(event)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._surface is None or self._coarse is None:
            return
        if self._ground is None or self._ground_theme is not self.theme:
            self._ground_theme = self.theme
            self._ground = self._painted(self._surface if self._grabbed is None else self._coarse)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground)
        self._paint_ways(painter, self._surface)
        painter.end()

    def copy_onto(self, canvas: LandscapeCanvas) -> SurfaceView:
        """The same, as the landscape of another canvas."""
        copy = SurfaceView(canvas)
        copy.show_surface(self.wanted)
        copy.camera = self.camera
        return copy

    def draw(self, painter: QPainter) -> None:
        """Draw what is seen at the origin of any painter, in its own units."""
        if self._surface is not None:
            self._paint_surface(painter, self._surface)
            self._paint_ways(painter, self._surface)

    def _paint_ways(self, painter: QPainter, surface: Surface) -> None:
        for run in self._canvas.visible_runs():
            self._paint_way(painter, run, surface)

    def _look(self, camera: Camera) -> None:
        if camera != self.camera:
            self.camera = camera
            self._forget_ground()

    def _forget_ground(self) -> None:
        self._ground = None
        self.update()

    def _fit(self) -> None:
        self.setGeometry(self._canvas.viewport().rect())
        self._ground = None

    def _to_pixels(self, screen: Array) -> Array:
        """Places on the screen in pixels; whichever way it is turned, the whole surface is in view at a zoom of 1."""
        wide, high = self.camera.extent
        line = QFontMetricsF(self._font()).height()
        scale = min((self.width() - 2 * _MARGIN) / (2 * wide), (self.height() - 2.5 * line) / (2 * high))
        pixels: Array = screen * max(scale, 1.0) + np.array([self.width() / 2, self.height() / 2])
        return pixels

    def _font(self) -> QFont:
        font: QFont = self._canvas.header.font()
        return font

    def _painted(self, surface: Surface) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        painter = QPainter(picture)
        self._paint_surface(painter, surface)
        painter.end()
        return picture

    def _paint_surface(self, painter: QPainter, surface: Surface) -> None:
        """The surface with its mesh, the names of its axes and a title."""
        painter.fillRect(self.rect(), QColor(self.theme.background))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._paint_floor(painter, surface)
        cells, order = surface.quads(self.camera)
        tones = np.clip((surface.shades[order] * _TONES).astype(int), 0, _TONES - 1).tolist()
        brushes = [QBrush(self._tone(tone / (_TONES - 1))) for tone in range(_TONES)]
        painter.setPen(QPen(mix(self.theme.background, self.theme.accent, 0.55), 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._grabbed is None)
        for cell, tone in zip(self._to_pixels(cells).tolist(), tones, strict=True):
            painter.setBrush(brushes[tone])
            painter.drawConvexPolygon([QPointF(x, y) for x, y in cell])
        header = Header()
        header.theme, header.title = self.theme, self.tr("Loss over {0} and {1}").format(*surface.names)
        header.note = " · ".join([*surface.cut, self.tr("logarithmic height")])
        header.set_font(self._font())
        header.resize(self.width(), header.minimumHeight())
        header.paint(painter, None)

    def _tone(self, light: float) -> QColor:
        dark = self.theme.name == "dark"
        return mix(self.theme.background, self.theme.accent, 0.12 + (0.45 * light if dark else 0.5 * (1 - light)))

    def _paint_floor(self, painter: QPainter, surface: Surface) -> None:
        """The edges of the floor, the near ones with their parameter and the ends of its interval."""
        screen, depth = self.camera.project(_FLOOR)
        floor = self._to_pixels(screen)
        painter.setPen(QPen(QColor(self.theme.muted), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF([QPointF(*point) for point in floor.tolist()]))
        painter.setFont(self._font())
        painter.setPen(QColor(self.theme.foreground))
        height = QFontMetricsF(self._font()).height()
        for axis, edges in enumerate(((0, 2), (1, 3))):
            edge = min(edges, key=lambda place: depth[place] + depth[(place + 1) % 4])
            low, high = surface.axes[axis][0], surface.axes[axis][-1]
            ends = (high, low) if edge > 1 else (low, high)
            for at, text in ((0.5, surface.names[axis]), (0.12, f"{ends[0]:.3g}"), (0.88, f"{ends[1]:.3g}")):
                x, y = floor[edge] * (1 - at) + floor[(edge + 1) % 4] * at
                away = 0.25 * (x - self.width() / 2)
                away = min(max(away, -2.0 * height), 2.0 * height)
                box = QRectF(x + away - 60, y + 2, 120, height)
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, text.replace("-", "−"))

    def _paint_way(self, painter: QPainter, run: int, surface: Surface) -> None:
        """The way of a run up to the step that is looked at, on the surface."""
        points = self._canvas.path_points(run)
        if not len(points):
            return
        points = surface.points_at(points)
        points[:, 2] += _LIFTED
        x, y = self._to_pixels(self.camera.project(points)[0]).T
        style, area = self._canvas.style(run), QRectF(self.rect())
        segments = polylines(x, y[None], edges_around(area))
        if float(segments.lengths()[0]) < _SMOOTH:
            draw_dashed(painter, segments, style.color, 2.2, style.dash)
        else:
            draw_lines(
                painter,
                thinned(segments.lines, _MOST_INK / max(1, len(self._canvas.visible_runs()))),
                style.color,
                2.0,
                smooth=False,
            )
        if np.isfinite([x[-1], y[-1]]).all():
            at = QPointF(float(x[-1]), float(y[-1]))
            draw_symbol(painter, style.marker, at, style.color, QColor(self.theme.background), 15)


class TurnableLandscape(LandscapeCanvas):
    """A landscape that can be seen in space."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.surface = SurfaceView(self)

    def set_options(self, options: PlotOptions) -> None:
        super().set_options(options)
        self.surface.show_surface(options.in_space)

    def refresh(self) -> bool:
        drawn = super().refresh()
        return (self.surface.wanted and self.surface.refresh()) or drawn

    def set_step(self, step: int | None) -> bool:
        moved = super().set_step(step)
        return (self.surface.wanted and self.surface.refresh()) or moved
