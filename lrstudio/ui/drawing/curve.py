"""A curve against the step with its marker: one column of a pyramid."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QTransform

from lrstudio.ui.drawing.pixels import PixelItem, draw_lines, draw_walker
from lrstudio.ui.drawing.strokes import SMALLEST, Stroke, Strokes
from lrstudio.ui.look.theme import RunStyle, mix

_OUTLINE, _FILL, _PALE = 1.5, 0.18, 0.5
_APART = 2.0
"""Pixels between the lines of a crowded curve that can be told apart."""


class BandItem(PixelItem):
    """A crowded curve, behind the other curves of all runs."""

    def __init__(self, curve: CurveItem) -> None:
        super().__init__()
        self._curve = curve
        self.setZValue(-2)

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        self._curve.paint_band(painter, transform, area)


class CurveItem(PixelItem):
    """A column's curve with the run's colour and dash, and its marker at the newest point.

    Where its lines would hide the others it is a translucent band between its extremes, with an outline.
    """

    def __init__(self, strokes: Strokes, column: int, style: RunStyle, outline: QColor, *, width: float = 2.0) -> None:
        super().__init__()
        self._strokes, self._column = strokes, column
        self._width = width
        self._head: tuple[float, float] | None = None
        self.behind: PixelItem = BandItem(self)
        self.set_style(style, outline)

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Change the looks; `outline` sets the marker off, it is the background's colour."""
        self.style, self._outline = style, outline
        self._strokes.set_look(self._column, self._width, style.dash)
        self.update()
        self.behind.update()

    def set_head(self, row: int, value: float) -> None:
        """Put the marker at this point; NaN hides it."""
        self._head = (row, value) if math.isfinite(value) else None
        self.update()
        self.behind.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        stroke = self._strokes.of(self._column, transform, area)
        color = self.style.color
        if stroke.band is None:
            draw_lines(painter, stroke.bars, color, self._width)
            draw_lines(painter, stroke.lines, color, self._width, flat=bool(self.style.dash))
        if self._head is not None:
            self._draw_head(painter, transform, area, stroke)

    def paint_band(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        """Of a crowded curve the area that it fills, translucent, its outline, and its lines where they are apart."""
        stroke = self._strokes.of(self._column, transform, area)
        if stroke.band is None:
            return
        color = QColor(self.style.color)
        color.setAlphaF(_FILL)
        x, top, bottom, _ = stroke.band
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # the outline lies over the edge
        for part in np.split(np.arange(len(x)), np.flatnonzero(np.diff(np.isfinite(top))) + 1):
            if len(part) > 1 and np.isfinite(top[part[0]]):
                around = np.concatenate([x[part], x[part][::-1]]), np.concatenate([top[part], bottom[part][::-1]])
                path = QPainterPath()
                path.addPolygon(pg.functions.arrayToQPolygonF(*around))
                painter.fillPath(path, color)
        if not len(stroke.bars) and len(stroke.lines) * _APART < area.width():
            pale = mix(self.style.color.name(), self._outline.name(), _PALE)
            draw_lines(painter, stroke.lines, pale, 1.0)
        draw_lines(painter, stroke.band.outline, self.style.color, _OUTLINE, flat=True)

    def _draw_head(self, painter: QPainter, transform: QTransform, area: QRectF, stroke: Stroke) -> None:
        """The marker; of a curve that has left the view, a triangle where it left."""
        assert self._head is not None
        row, value = self._head
        x = self._strokes.scale.place(row) * transform.m11() + transform.dx()
        scaled = math.log10(max(value, SMALLEST)) if self._strokes.log else value
        y = scaled * transform.m22() + transform.dy()
        if not area.left() - 1 <= x <= area.right() + 1:
            return
        if not area.top() <= y <= area.bottom():
            drawn = np.concatenate([stroke.ends, stroke.bars[:, 2]])
            x = float(drawn[drawn <= x].max(initial=area.left()))
        draw_walker(painter, self.style.marker, QPointF(x, y), area, self.style.color, self._outline)
