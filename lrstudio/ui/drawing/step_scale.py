"""The axis of steps, linear or logarithmic in 1 + step so that it has step 0, and a vertical line at a step."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from lrstudio.core.array import Array
from lrstudio.ui.drawing.axis import Axis, nice_step, number_text
from lrstudio.ui.drawing.lines import single_segment
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines

_LN10 = math.log(10)


class StepScale:
    """Maps steps to x coordinates; shared by all items of a plot."""

    def __init__(self) -> None:
        self.log = False

    def positions(self, steps: Array) -> Array:
        """Returns the x coordinates of steps (n,)."""
        return np.log10(1 + steps) if self.log else steps

    def position(self, step: float) -> float:
        return math.log10(1 + step) if self.log else float(step)

    def step(self, x: float) -> float:
        """Returns the step at an x coordinate, not rounded; 0 left of the axis."""
        if not self.log:
            return max(0.0, x)
        return math.pow(10, min(max(0.0, x), 12.0)) - 1

    def levels(self, per_pixel: float, pixels: float, first: int, stop: int) -> list[tuple[int, int, int]]:
        """Returns intervals (level, first, stop) that cover the rows first..stop.

        2**level rows are at most 2·`pixels` wide, `per_pixel` is the width of a pixel in plot coordinates, and every
        interval begins at a multiple of 2**level.
        """
        if not self.log:
            level = max(0, math.ceil(math.log2(pixels * per_pixel)))
            return [(level, first >> level << level, stop + 2**level)]
        pieces = []
        level, start = 0, first
        while start < stop:
            twice = 2 ** (level + 1)
            narrow = twice / (_LN10 * pixels * per_pixel) - 1  # from here on 2 * 2**level rows take at most `pixels`
            end = min(stop, math.ceil(max(0.0, narrow) / twice) * twice)
            if end > start:
                pieces.append((level, start >> level << level, end))
                start = end
            level += 1
        return pieces


class StepAxis(Axis):
    """The axis of steps; a logarithmic one has ticks at 0, 1, 10, 100, ..."""

    def __init__(self, scale: StepScale) -> None:
        super().__init__("bottom")
        self._scale = scale

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float | None, list[float]]]:
        if not self._scale.log:
            return super().tickValues(minVal, maxVal, size)
        low, high = sorted((minVal, maxVal))
        steps = [0, *(10**power for power in range(13))]
        ticks = [tick for tick in map(self._scale.position, steps) if low <= tick <= high]
        room = max(2.0, self.width() / self.room)
        if len(ticks) < 2:
            ticks = self._round_steps(low, high, min(room, 6))
        return [(1.0, ticks[:: max(1, math.ceil(len(ticks) / room))])]

    def tickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        if not self._scale.log:
            return super().tickStrings(values, scale, spacing)
        return self.without_overlaps(values, [number_text(round(self._scale.step(value)), 0) for value in values])

    def _round_steps(self, low: float, high: float, most: float) -> list[float]:
        first, last = self._scale.step(low), self._scale.step(high)
        width = max(1.0, nice_step(max(last - first, 1e-9) / most))
        steps = np.arange(math.ceil(first / width), math.floor(last / width) + 1) * width
        return [self._scale.position(float(step)) for step in steps if low <= self._scale.position(float(step)) <= high]


class CursorLine(PixelItem):
    """A vertical line at the step of the cursor; hidden while the newest step is shown."""

    def __init__(self, scale: StepScale) -> None:
        super().__init__()
        self._scale = scale
        self._step: float | None = None
        self._color = QColor()
        self.setZValue(-9)
        self.hide()

    @property
    def step(self) -> float | None:
        """Step of the line."""
        return self._step

    def set_step(self, step: float | None) -> None:
        if step != self._step:
            self._step = step
            self.setVisible(step is not None)
            self.update()

    def set_color(self, color: QColor) -> None:
        self._color = color
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._step is None:
            return
        x = round(self._scale.position(self._step) * transform.m11() + transform.dx()) + 0.5
        if area.left() <= x <= area.right():
            lines = single_segment(x, area.top(), x, area.bottom()).lines
            draw_lines(painter, lines, self._color, 1.6, smooth=False)
