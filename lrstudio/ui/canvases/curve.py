"""A curve against the step with its marker: one column of a pyramid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from lrstudio.ui.canvases.dashes import is_on
from lrstudio.ui.canvases.pixels import PixelItem, draw_lines, draw_walker
from lrstudio.ui.canvases.strokes import SMALLEST, Stroke, Strokes
from lrstudio.ui.theme import RunStyle, mix

Array = np.ndarray[Any, np.dtype[Any]]


class CurveItem(PixelItem):
    """A column's curve with the run's colour and dash, and its marker at the newest point."""

    def __init__(self, strokes: Strokes, column: int, style: RunStyle, outline: QColor, *, width: float = 2.0) -> None:
        super().__init__()
        self._strokes, self._column = strokes, column
        self._width = width
        self._head: tuple[float, float] | None = None
        self.set_style(style, outline)

    def set_style(self, style: RunStyle, outline: QColor) -> None:
        """Change the looks; `outline` sets the marker off, it is the background's colour."""
        self._style, self._outline = style, outline
        self._strokes.set_look(self._column, self._width, style.dash)
        self.update()

    def set_head(self, row: int, value: float) -> None:
        """Put the marker at this point; NaN hides it."""
        self._head = (row, value) if math.isfinite(value) else None
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        stroke = self._strokes.of(self._column, transform, area)
        if not stroke.crowded:
            draw_lines(painter, stroke.bars, self._style.color, self._width)
            draw_lines(painter, stroke.lines, self._style.color, self._width, flat=bool(self._style.dash))
        else:
            self._draw_block(painter, np.concatenate([stroke.lines, stroke.bars]))
        if self._head is not None:
            self._draw_head(painter, transform, area, stroke)

    def _draw_block(self, painter: QPainter, lines: Array) -> None:
        """Lines so dense that they fill an area: it is pale, and dashes are stripes of it, paler in the gaps."""
        on = is_on(lines[:, 0], tuple(2 * length for length in self._style.dash))
        for part, pale in ((lines[~on], 0.86), (lines[on], 0.7)):
            color = mix(self._style.color.name(), self._outline.name(), pale)
            draw_lines(painter, part, color, self._width, smooth=False)

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
        draw_walker(painter, self._style.marker, QPointF(x, y), area, self._style.color, self._outline)
