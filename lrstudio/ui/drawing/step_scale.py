"""The axis of steps, linear or logarithmic in 1 + step so that it has step 0, and a vertical line at a step."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.engine.experiment.pace import Equal
from lrstudio.ui.drawing.axis import Axis, nice_step, number_text
from lrstudio.ui.drawing.lines import single_segment
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines

_LN10 = math.log(10)


class StepScale:
    """Maps steps to x coordinates; shared by all items of a plot.

    An axis of epochs or samples has a `unit`, the steps of one of these; runs of larger batches take `stretches` times
    the room for a step. The steps of the scale itself are those of the smallest batches.
    """

    def __init__(self, parent: StepScale | None = None, stretch: float = 1.0) -> None:
        self._parent, self._log, self.stretch = parent, False, stretch
        self.unit = 1.0
        self.stretches: tuple[float, ...] = ()
        self.counted: Equal = "steps"

    @property
    def log(self) -> bool:
        return self._log if self._parent is None else self._parent.log

    @log.setter
    def log(self, log: bool) -> None:
        self._log = log

    def count(self, axis: Equal, per_epoch: Sequence[int], size: int) -> None:
        """Sets what the axis counts; the runs have so many steps in an epoch, the data `size` points, 0 without."""
        self.counted = axis if size else "steps"
        self.unit, self.stretches = 1.0, ()
        if self.counted != "steps":
            most = max(per_epoch, default=1)
            self.stretches = tuple(most / own for own in per_epoch) if len(set(per_epoch)) > 1 else ()
            self.unit = most / (1 if axis == "epochs" else size)

    @property
    def title(self) -> str:
        """What the axis counts."""
        return {"steps": tr("step"), "epochs": tr("epoch"), "samples": tr("samples")}[self.counted]

    def texts(self, step: int, period: int | None) -> list[str]:
        """Returns a step, and the epochs of `period` steps or the samples that it has behind it."""
        texts = [] if self.stretches else [tr("step {step:,}", step=step)]
        if self.counted == "samples":
            texts.append(tr("{samples:,} samples", samples=round(step / self.unit)))
        elif self.counted == "epochs" or period is not None:
            texts.append(tr("{epochs:.3g} epochs", epochs=step / (period or self.unit)))
        return texts

    def furthest(self, steps: Sequence[int]) -> float:
        """Returns the last of the steps of each run, in steps of the smallest batches."""
        if not self.stretches:
            return max(steps, default=0)
        return max(step * stretch for step, stretch in zip(steps, self.stretches, strict=True))

    def of(self, run: int) -> StepScale:
        """Returns the scale of a run's own steps."""
        stretch = self.stretches[run] if run < len(self.stretches) else 1.0
        return self if stretch == 1 else StepScale(self, stretch)

    def own_step(self, run: int, step: int) -> int:
        """Returns the step of a run that is as far as a step of the smallest batches."""
        return round(step / self.of(run).stretch) if self.stretches else step

    def positions(self, steps: Array) -> Array:
        """Returns the x coordinates of steps (n,)."""
        steps = steps if self.stretch == 1 else steps * self.stretch
        return np.log10(1 + steps) if self.log else steps

    def position(self, step: float) -> float:
        return math.log10(1 + step * self.stretch) if self.log else float(step * self.stretch)

    def step(self, x: float) -> float:
        """Returns the step at an x coordinate, not rounded; 0 left of the axis."""
        if not self.log:
            return max(0.0, x) / self.stretch
        return (math.pow(10, min(max(0.0, x), 12.0)) - 1) / self.stretch

    def levels(self, per_pixel: float, pixels: float, first: int, stop: int) -> list[tuple[int, int, int]]:
        """Returns intervals (level, first, stop) that cover the rows first..stop.

        2**level rows are at most 2·`pixels` wide, `per_pixel` is the width of a pixel in plot coordinates, and every
        interval begins at a multiple of 2**level.
        """
        if not self.log:
            level = max(0, math.ceil(math.log2(pixels * per_pixel / self.stretch)))
            return [(level, first >> level << level, stop + 2**level)]
        pieces = []
        level, start = 0, first
        while start < stop:
            twice = 2 ** (level + 1)
            # from `narrow` on 2 * 2**level rows take at most `pixels`
            narrow = twice / (_LN10 * pixels * per_pixel) - 1 / self.stretch
            end = min(stop, math.ceil(max(0.0, narrow) / twice) * twice)
            if end > start:
                pieces.append((level, start >> level << level, end))
                start = end
            level += 1
        return pieces


class StepAxis(Axis):
    """The axis of steps, epochs or samples; a logarithmic one has ticks at 0, 1, 10, 100, ..."""

    def __init__(self, scale: StepScale) -> None:
        super().__init__("bottom")
        self._scale = scale

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float | None, list[float]]]:
        unit = self._scale.unit
        if not self._scale.log:
            levels = super().tickValues(minVal / unit, maxVal / unit, size)
            return levels if unit == 1 else [(spacing, [tick * unit for tick in ticks]) for spacing, ticks in levels]
        low, high = sorted((minVal, maxVal))
        steps = [0.0, *(unit * 10.0**power for power in range(math.ceil(-math.log10(unit)), 13))]
        ticks = [tick for tick in map(self._scale.position, steps) if low <= tick <= high]
        room = max(2.0, self.width() / self.room)
        if len(ticks) < 2:
            ticks = self._round_steps(low, high, min(room, 6))
        return [(1.0, ticks[:: max(1, math.ceil(len(ticks) / room))])]

    def tickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        unit = self._scale.unit
        if not self._scale.log and (unit == 1 or spacing is None):
            return super().tickStrings(values, scale, spacing)
        if self._scale.log:
            shown = [float(f"{self._scale.step(value) / unit:.4g}") for value in values]
            return self.without_overlaps(values, [number_text(each, _decimals(each)) for each in shown])
        assert spacing is not None
        return self.without_overlaps(values, [number_text(value / unit, _decimals(spacing)) for value in values])

    def _round_steps(self, low: float, high: float, most: float) -> list[float]:
        unit = self._scale.unit
        first, last = self._scale.step(low) / unit, self._scale.step(high) / unit
        width = nice_step(max(last - first, 1e-9) / most)
        width = max(1.0, width) if unit == 1 else width
        steps = np.arange(math.ceil(first / width), math.floor(last / width) + 1) * width * unit
        return [self._scale.position(float(step)) for step in steps if low <= self._scale.position(float(step)) <= high]


def _decimals(value: float) -> int:
    """Returns the decimals that a positive number needs to show its first digit."""
    return max(0, -math.floor(math.log10(value) + 1e-9)) if value else 0


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
