"""Items that draw curves: a column of a pyramid, samples at some steps, a polyline."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPainterPath, QPen, QTransform

from lrstudio.core.array import Array
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, crossing, draw_dashed, draw_head, draw_lines, edges_around, to_pixels
from lrstudio.ui.drawing.pyqtgraph import pg
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.step_scale import StepScale
from lrstudio.ui.drawing.strokes import SMALLEST, Stroke, Strokes, curve_scale
from lrstudio.ui.look.theme import RunStyle, mix

_OUTLINE, _FILL, _PALE = 1.5, 0.18, 0.5
_APART = 2.0
"""Least pixels between lines of a crowded curve that can be told apart."""
_LIMIT_WIDTH, _LIMIT_DASH, _LIMIT_PALE = 4.0, (9.0, 6.0), 0.6
_RING = 8.0
_STRIP = 64
"""Pixels in a row of an area that are filled at once: the time grows with the square of the corners."""


class BandItem(PixelItem):
    """Draws a crowded curve behind the other curves of all runs."""

    def __init__(self, curve: CurveItem) -> None:
        super().__init__()
        self._curve = curve
        self.setZValue(-2)

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        self._curve.paint_band(painter, transform, area)


class CurveItem(PixelItem):
    """The curve of a pyramid's column with a marker at the newest point.

    A crowded curve is drawn as a translucent band between its extremes, with an outline.
    """

    def __init__(self, strokes: Strokes, column: int, style: RunStyle, outline: QColor, *, width: float = 2.0) -> None:
        super().__init__()
        self._strokes, self._column = strokes, column
        self._width = width
        self._head: tuple[float, float] | None = None
        self.behind: PixelItem = BandItem(self)
        self.set_style(style, outline)

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Sets the style; `outline` is the colour of the background, around the marker."""
        self.style, self._outline = style, outline
        self._strokes.set_style(self._column, self._width * style.thick, style.dash)
        self.update()
        self.behind.update()

    def set_head(self, row: int, value: float) -> None:
        """Moves the marker to a point; NaN hides it."""
        self._head = (row, value) if math.isfinite(value) else None
        self.update()
        self.behind.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        stroke = self._strokes.of(self._column, transform, area)
        color = self.style.color
        if stroke.band is None:
            draw_lines(painter, stroke.bars, color, self._width * self.style.thick)
            draw_lines(painter, stroke.lines, color, self._width * self.style.thick, flat=bool(self.style.dash))
        if self._head is not None:
            self._draw_head(painter, transform, area, stroke)

    def paint_band(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        """Draws a crowded curve: its translucent area, its outline, and its lines if they can be told apart."""
        stroke = self._strokes.of(self._column, transform, area)
        if stroke.band is None:
            return
        color = QColor(self.style.color)
        color.setAlphaF(_FILL)
        x, top, bottom, _ = stroke.band
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # the outline covers the edge
        for part in np.split(np.arange(len(x)), np.flatnonzero(np.diff(np.isfinite(top))) + 1):
            if len(part) > 1 and np.isfinite(top[part[0]]):
                _fill(painter, x[part], top[part], bottom[part], color)
        if not len(stroke.bars) and len(stroke.lines) * _APART < area.width():
            pale = mix(self.style.color.name(), self._outline.name(), _PALE)
            draw_lines(painter, stroke.lines, pale, 1.0)
        draw_lines(painter, stroke.band.outline, self.style.color, _OUTLINE, flat=True)

    def _draw_head(self, painter: QPainter, transform: QTransform, area: QRectF, stroke: Stroke) -> None:
        """Draws the marker, or a triangle where the curve left the view."""
        assert self._head is not None
        row, value = self._head
        x = self._strokes.scale_of(self._column).position(row) * transform.m11() + transform.dx()
        scaled = math.log10(max(value, SMALLEST)) if self._strokes.log else value
        y = scaled * transform.m22() + transform.dy()
        if not area.left() - 1 <= x <= area.right() + 1:
            return
        if not area.top() <= y <= area.bottom():
            drawn = np.concatenate([stroke.ends, stroke.bars[:, 2]])
            x = float(drawn[drawn <= x].max(initial=area.left()))
        draw_head(painter, self.style, QPointF(x, y), area, self._outline)


def _fill(painter: QPainter, x: Array, top: Array, bottom: Array, color: QColor) -> None:
    """Fills the area between two curves; pixels in strips, which is 6 times as fast, vectors in one piece."""
    strip = _STRIP if painter.paintEngine().type() == QPaintEngine.Type.Raster else len(x)
    firsts = np.arange(0, len(x) - 1, strip)
    ends = np.stack([x[firsts], x[np.minimum(firsts + strip, len(x) - 1)]], axis=1)
    for first in firsts[crossing(ends, painter, 1.0)].tolist():
        part = slice(first, first + strip + 1)
        around = np.concatenate([x[part], x[part][::-1]]), np.concatenate([top[part], bottom[part][::-1]])
        path = QPainterPath()
        path.addPolygon(pg.functions.arrayToQPolygonF(*around))
        painter.fillPath(path, color)


class SampledItem(PixelItem):
    """Samples of a run at some steps on a logarithmic axis, with a marker.

    Their limit is drawn wide, pale and dashed, with rings where the samples rise above it.
    """

    def __init__(self, scale: StepScale, style: RunStyle, outline: QColor) -> None:
        super().__init__()
        self._scale = scale
        self._steps = self._values = self._limits = np.empty(0)
        self.rings: Sequence[tuple[float, float]] = ()
        self._head: tuple[float, float] | None = None
        self.set_style(style, outline)

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Sets the style; `outline` is the colour of the background, around the marker."""
        self._style, self._outline = style, outline
        self.update()

    def set_samples(self, steps: Array, values: Array, limits: Array, rings: Sequence[tuple[float, float]]) -> None:
        """Sets the samples and their limits at the steps, all (n,), and the rings (step, value)."""
        self._steps, self._values, self._limits = steps, drawable(values), drawable(limits)
        self.rings = rings
        self.update()

    def set_head(self, step: int | None) -> None:
        """Moves the marker to the last finite sample at or before a step; None is the newest."""
        shown = np.isfinite(self._values)
        shown &= self._steps <= (np.inf if step is None else step)
        indices = np.flatnonzero(shown)
        self._head = (self._steps[indices[-1]], self._values[indices[-1]]) if len(indices) else None
        self.update()

    @property
    def head(self) -> tuple[float, float] | None:
        """Step and value of the marker."""
        return self._head

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        color, edges = self._style.color, edges_around(area)
        finite = np.isfinite(self._limits)
        x, y = self._pixels(transform, self._steps[finite], self._limits[finite])
        pale = mix(color.name(), self._outline.name(), _LIMIT_PALE)
        draw_dashed(painter, polylines(x, y[None], edges), pale, _LIMIT_WIDTH, _LIMIT_DASH)
        x, y = self._pixels(transform, self._steps, self._values)
        draw_dashed(painter, polylines(x, y[None], edges), color, 2.0 * self._style.thick, self._style.dash)
        for ring in self.rings:
            self._draw_ring(painter, self._point(transform, ring), area)
        if self._head is not None:
            at = self._point(transform, self._head)
            if area.left() - 1 <= at.x() <= area.right() + 1:
                draw_head(painter, self._style, at, area, self._outline)

    def _draw_ring(self, painter: QPainter, at: QPointF, area: QRectF) -> None:
        if area.contains(at):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setBrush(QColor(0, 0, 0, 0))
            for color, width in ((self._outline, 4.5), (self._style.color, 2.0)):
                painter.setPen(QPen(color, width))
                painter.drawEllipse(at, _RING, _RING)

    def _point(self, transform: QTransform, sample: tuple[float, float]) -> QPointF:
        x, y = self._pixels(transform, np.array(sample[:1]), np.array(sample[1:]))
        return QPointF(float(x[0]), float(y[0]))

    def _pixels(self, transform: QTransform, steps: Array, values: Array) -> tuple[Array, Array]:
        return to_pixels(transform, self._scale.positions(steps), curve_scale(values, True))


class PolylineItem(PixelItem):
    """A line through a few thousand points, in the style of a run."""

    def __init__(self, style: RunStyle, *, width: float = 2.5, log: bool = False) -> None:
        super().__init__()
        self._style, self._width, self._log = style, width, log
        self._x = self._y = np.empty(0)

    def set_style(self, style: RunStyle) -> None:
        self._style = style
        self.update()

    def set_points(self, x: Array, y: Array) -> None:
        self._x, self._y = drawable(x), drawable(y)
        self.update()

    def set_log(self, log: bool) -> None:
        self._log = log
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        x, y = to_pixels(transform, self._x, curve_scale(self._y, self._log))
        segments = polylines(x, y[None], edges_around(area))
        draw_dashed(painter, segments, self._style.color, self._width * self._style.thick, self._style.dash)
