"""Items that draw a landscape behind the paths: contours of two parameters, the profile of one, and the minima."""

from __future__ import annotations

import math

import contourpy
import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem

from lrstudio.core.array import Array
from lrstudio.core.landscape import Landscape
from lrstudio.core.record import dataclass
from lrstudio.ui.canvases.landscape.relief import Relief
from lrstudio.ui.drawing.axis import nice_step
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines, draw_symbol, draw_text, edges_around, to_pixels
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.look.theme import Theme, mix

_BANDS = 14
_MOST_LENGTH = 40.0
"""Greatest length of all contour lines, as a multiple of the width of the picture."""
_STRAIGHT, _FEW, _LITTLE = 0.03, 8, 0.95
"""Tolerance in cells of straightened lines, points that a line keeps, and share of kept points that ends it."""
_LINE = 0.35
"""Opacity of contour lines."""
_RUNGS = (1 / 16, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 1)
_WIDE_RUNG = 1 / 4
"""Levels spaced by at least this many decades are rounded to one digit."""
_FEW_DECADES = 0.5
_LABELS = 5
_LINES_TRIED, _PLACES = 6, 40
_CLEAR = 120.0
"""Distance in pixels of labels from expected paths that is always sufficient."""
_FARTHEST = 1e9
"""Longer paths (in pixels) start so far outside that labels need not keep clear of them."""


@dataclass(frozen=True)
class Contours:
    """For each level the contour lines (n, 2), in the landscape's coordinates."""

    levels: Array
    lines: tuple[tuple[Array, ...], ...]


def contours(landscape: Landscape, floor: float = np.inf) -> Contours:
    """Returns the contours of a landscape of two parameters (contourpy); `floor` is the least loss computed so far.

    Where their lines would fill the picture every second or third level stays.
    """
    x, y = landscape.axes
    cell = np.array([x[1] - x[0], y[1] - y[0]])
    generator = contourpy.contour_generator(x, y, np.ma.masked_invalid(landscape.loss), line_type="Separate")
    spaced = [(level, generator.lines(level)) for level in spaced_levels(landscape.loss, floor)]
    spaced = [(level, lines) for level, lines in spaced if lines]  # between numbers beyond floats are none
    levels = np.array([level for level, _ in spaced])
    lines = [tuple(straightened(np.asarray(line), _STRAIGHT * cell) for line in lines) for _, lines in spaced]
    size = np.array([x[-1] - x[0], y[-1] - y[0]])
    length = sum(np.hypot(*(np.diff(line, axis=0) / size).T).sum() for level in lines for line in level)
    every = max(1, math.ceil(length / _MOST_LENGTH))
    return Contours(levels[::every], tuple(lines[::every]))


def straightened(line: Array, tolerance: Array) -> Array:
    """Returns a line (n, 2) without points that are within a tolerance (2,) of the line between their neighbours."""
    while len(line) > _FEW:
        with np.errstate(all="ignore"):  # at the last bit of a view's place the tolerance is 0
            scaled = line / tolerance
            before, at, after = scaled[:-2:2], scaled[1:-1:2], scaled[2::2]
            along, to = after - before, at - before
            away = np.abs(along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0])
        kept = np.ones(len(line), bool)
        kept[1:-1:2] = away > np.hypot(*along.T)
        if kept.mean() > _LITTLE:
            break
        line = line[kept]
    return line


def spaced_levels(loss: Array, floor: float = np.inf) -> Array:
    """Returns levels with logarithmic distances above the least loss.

    Their logarithms are multiples of one spacing, so that levels stay when the view moves. If the loss spans less than
    _FEW_DECADES the levels are spaced evenly.
    """
    finite = loss[np.isfinite(loss)]
    if not len(finite) or not 0 < float(finite.max()) - float(finite.min()) < np.inf:
        return np.empty(0)
    floor = min(float(finite.min()), floor)
    height, inner = float(np.quantile(finite, 0.995)) - floor, float(np.quantile(finite, 0.015)) - floor
    inner = max(inner, height * 1e-6)
    decades = np.log10(height / inner)
    if decades < _FEW_DECADES:
        width = nice_step((finite.max() - finite.min()) / _BANDS)
        levels = np.arange(np.ceil(finite.min() / width), finite.max() / width) * width
    else:
        rung = next((rung for rung in _RUNGS if decades / rung <= _BANDS), _RUNGS[-1])
        powers = np.arange(np.ceil(np.log10(inner) / rung), np.log10(height) / rung) * rung
        digits = 1 if rung >= _WIDE_RUNG else 2
        levels = np.array([floor + float(f"{10**power:.{digits}g}") for power in powers])
    return np.unique(levels[(levels > finite.min()) & (levels < finite.max())])


class ContourItem(PixelItem):
    """A landscape of two parameters behind the paths, cached as a picture."""

    def __init__(self, landscape: Landscape, drawn: Contours, relief: Relief, theme: Theme, font: QFont) -> None:
        super().__init__()
        self._contours, self._relief = drawn, relief
        self._paths: list[QLineF] = []
        (left, *_, right), (low, *_, high) = landscape.axes
        self._domain = QRectF(left, low, right - left, high - low)
        self._theme, self._font, self._image = theme, font, relief.image(theme)
        self.setZValue(-200)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_font(self, font: QFont) -> None:
        self._font = font
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme, self._image = theme, self._relief.image(theme)
        self.update()

    def keep_clear(self, paths: list[QLineF]) -> None:
        """Keeps labels away from expected paths."""
        self._paths = paths
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        target = transform.mapRect(self._domain)
        corners = QRectF(self._image.rect()).adjusted(0.5, 0.5, -0.5, -0.5)  # the middles of the outer pixels
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(target, self._image, corners)
        lines = [line for level in self._contours.lines for line in level]
        if lines:
            parts = (to_pixels(transform, *line.T) for line in lines)
            segments = [np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1) for x, y in parts]
            draw_lines(painter, np.concatenate(segments), line_color(self._theme), 1, flat=True)
        self._label(painter, transform, area)

    def _label(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        """Writes the loss on some lines, away from other labels and the edges."""
        metrics = QFontMetricsF(self._font)
        taken: list[QRectF] = []
        count = len(self._contours.levels)
        for index in range(count - 1, -1, -max(1, round(count / _LABELS))):
            text = level_text(float(self._contours.levels[index]))
            size = metrics.boundingRect(text).adjusted(-3, 0, 3, 0)
            room = area.adjusted(size.width(), size.height(), -size.width(), -size.height())
            at = self._label_position(index, transform, room, taken)
            if at is not None:
                size.moveCenter(at)
                taken.append(size.adjusted(-30, -16, 30, 16))
                at = QPointF(size.left() + 3, size.top() + metrics.ascent())
                color, halo = QColor(self._theme.foreground), QColor(self._theme.background)
                draw_text(painter, at, text, self._font, color, halo)

    def _label_position(self, index: int, transform: QTransform, room: QRectF, taken: list[QRectF]) -> QPointF | None:
        """Returns the free point on a level's lines that is farthest from expected paths; None without one."""
        longest = sorted(self._contours.lines[index], key=len, reverse=True)[:_LINES_TRIED]
        points = np.concatenate([line[:: max(1, len(line) // _PLACES)] for line in longest])
        x, y = to_pixels(transform, *points.T)
        free = _inside(room, x, y)
        for rect in taken:
            free &= ~_inside(rect, x, y)
        if not free.any():
            return None
        distances = np.full(len(points), _CLEAR)
        for path in map(transform.map, self._paths):
            if not path.length() < _FARTHEST:
                continue
            np.minimum(distances, _distances(x, y, path), out=distances)
        best = int(np.where(free, distances, -1.0).argmax())
        return QPointF(float(x[best]), float(y[best]))


def line_color(theme: Theme) -> QColor:
    """Returns the colour of contour lines on a relief."""
    color = QColor(theme.foreground)
    color.setAlphaF(_LINE)
    return color


def _inside(rect: QRectF, x: Array, y: Array) -> Array:
    """Returns the mask of the points inside a rectangle."""
    mask: Array = (x >= rect.left()) & (x <= rect.right()) & (y >= rect.top()) & (y <= rect.bottom())
    return mask


def _distances(x: Array, y: Array, path: QLineF) -> Array:
    """Returns the distances of points from a line segment."""
    to_x, to_y = x - path.x1(), y - path.y1()
    share = np.clip((to_x * path.dx() + to_y * path.dy()) / max(path.length() ** 2, 1e-300), 0.0, 1.0)
    return np.hypot(to_x - share * path.dx(), to_y - share * path.dy())


def level_text(level: float) -> str:
    """Formats a level's loss with two digits."""
    if 1e-3 <= abs(level) < 100 or not level:
        return f"{level:.2g}"
    return f"{level:,.0f}" if 1 <= abs(level) < 1e5 else f"{level:.0e}"


class ProfileItem(PixelItem):
    """The loss over one parameter behind the paths, cached as a picture."""

    def __init__(self, landscape: Landscape, theme: Theme) -> None:
        super().__init__()
        self._x, self._y = drawable(landscape.axes[0]), drawable(landscape.loss)
        self._theme = theme
        self.setZValue(-200)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        x, y = to_pixels(transform, self._x, self._y)
        finite = np.isfinite(y)
        heights = np.clip(y[finite], area.top() - 9, area.bottom() + 9)
        corners = [QPointF(float(left), float(top)) for left, top in zip(x[finite], heights, strict=True)]
        if corners:
            floor = area.bottom() + 9
            corners = [QPointF(corners[0].x(), floor), *corners, QPointF(corners[-1].x(), floor)]
        painter.setPen(QColor(0, 0, 0, 0))
        painter.setBrush(mix(self._theme.background, self._theme.accent, 0.08))
        painter.drawPolygon(QPolygonF(corners))
        lines = polylines(x, y[None], edges_around(area))
        draw_lines(painter, lines.lines, QColor(self._theme.muted), 2.5)


class StarItem(PixelItem):
    """Stars at the minima, a large one at the lowest."""

    def __init__(self) -> None:
        super().__init__()
        self._minima: list[QPointF] = []
        self._fill, self._outline = QColor(), QColor()
        self.setZValue(-20)

    def set_minima(self, minima: list[QPointF]) -> None:
        """Sets the minima, the lowest first."""
        self._minima = minima
        self.update()

    def set_colors(self, fill: QColor, outline: QColor) -> None:
        self._fill, self._outline = fill, outline
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        for index, minimum in enumerate(self._minima):
            size = 12 if index else 20
            draw_symbol(painter, "star", transform.map(minimum), self._fill, self._outline, size)
