"""A quantity of a run that is known at some steps only: its curve with a marker, and its limit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from lrstudio.core.array import Array
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed, draw_walker, edges_around, to_pixels
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.step_scale import StepScale
from lrstudio.ui.drawing.strokes import curve_scale
from lrstudio.ui.look.theme import RunStyle, mix

_WIDTH, _LIMIT_WIDTH = 2.0, 4.0
_LIMIT_DASH, _PALE = (9.0, 6.0), 0.6
_RING = 8.0


class SampledItem(PixelItem):
    """Logarithmic upwards. The limit is wide, pale and dashed; a ring stands where the curve rises above it."""

    def __init__(self, scale: StepScale, style: RunStyle, outline: QColor) -> None:
        super().__init__()
        self._scale = scale
        self._steps = self._values = self._limits = np.empty(0)
        self.rings: Sequence[tuple[float, float]] = ()
        self._head: tuple[float, float] | None = None
        self.set_style(style, outline)

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Change the looks; `outline` sets the marker off, it is the background's colour."""
        self._style, self._outline = style, outline
        self.update()

    def set_samples(self, steps: Array, values: Array, limits: Array, rings: Sequence[tuple[float, float]]) -> None:
        """The curve and its limit at these steps, all (n,), and the steps and heights of the rings."""
        self._steps, self._values, self._limits = steps, drawable(values), drawable(limits)
        self.rings = rings
        self.update()

    def set_head(self, step: int | None) -> None:
        """Put the marker at the last known point at or before this step; None is the newest."""
        known = np.isfinite(self._values)
        known &= self._steps <= (np.inf if step is None else step)
        places = np.flatnonzero(known)
        self._head = (self._steps[places[-1]], self._values[places[-1]]) if len(places) else None
        self.update()

    @property
    def head(self) -> tuple[float, float] | None:
        """The step and the value at which the marker stands."""
        return self._head

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        color, edges = self._style.color, edges_around(area)
        known = np.isfinite(self._limits)
        x, y = self._pixels(transform, self._steps[known], self._limits[known])
        pale = mix(color.name(), self._outline.name(), _PALE)
        draw_dashed(painter, polylines(x, y[None], edges), pale, _LIMIT_WIDTH, _LIMIT_DASH)
        x, y = self._pixels(transform, self._steps, self._values)
        draw_dashed(painter, polylines(x, y[None], edges), color, _WIDTH, self._style.dash)
        for ring in self.rings:
            self._draw_ring(painter, self._point(transform, ring), area)
        if self._head is not None:
            at = self._point(transform, self._head)
            if area.left() - 1 <= at.x() <= area.right() + 1:
                draw_walker(painter, self._style.marker, at, area, self._style.color, self._outline)

    def _draw_ring(self, painter: QPainter, at: QPointF, area: QRectF) -> None:
        if area.contains(at):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setBrush(QColor(0, 0, 0, 0))
            for color, width in ((self._outline, 4.5), (self._style.color, 2.0)):
                painter.setPen(QPen(color, width))
                painter.drawEllipse(at, _RING, _RING)

    def _point(self, transform: QTransform, place: tuple[float, float]) -> QPointF:
        x, y = self._pixels(transform, np.array(place[:1]), np.array(place[1:]))
        return QPointF(float(x[0]), float(y[0]))

    def _pixels(self, transform: QTransform, steps: Array, values: Array) -> tuple[Array, Array]:
        return to_pixels(transform, self._scale.places(steps), curve_scale(values, True))
