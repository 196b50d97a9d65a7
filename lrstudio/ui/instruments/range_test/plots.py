"""The plots of a range test: loss against rate, or against step where the rates do not rise, and rate against step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.ui.drawing.curve import PolylineItem
from lrstudio.ui.drawing.pixels import PixelItem, draw_dots, to_pixels
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.reading import Reading, Row, exact_text
from lrstudio.ui.instruments.range_test.job import Curve
from lrstudio.ui.instruments.range_test.marks import BandItem, Mark, MarksItem
from lrstudio.ui.look.theme import RunStyle, Theme, mix

_MOST_DOTS = 400
_PALE = 0.45
_ABOVE = 1.5
"""The view of a diverging curve ends at this multiple of the initial loss; below 0, of the decrease of the loss."""


@dataclass(frozen=True)
class Line:
    """One test or log with its name and style."""

    name: str
    curve: Curve
    style: RunStyle

    @property
    def is_empty(self) -> bool:
        """Whether the curve has no points."""
        return not len(self.curve.loss)


class DotsItem(PixelItem):
    """Draws the raw losses as points."""

    def __init__(self) -> None:
        super().__init__()
        self._x = self._y = np.empty(0)
        self._style: RunStyle | None = None

    def set_points(self, x: Array, y: Array, style: RunStyle) -> None:
        self._x, self._y, self._style = x, drawable(y), style
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._style is None:
            return
        x, y = to_pixels(transform, self._x, self._y)
        inside = (x >= area.left()) & (x <= area.right()) & (y >= area.top()) & (y <= area.bottom())
        draw_dots(painter, x[inside], y[inside], self._style.color, 4)


class LinesPlot(Plot):
    """The base of the plots whose items are rebuilt from `lines`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.lines: tuple[Line, ...] = ()
        self._items: list[PixelItem] = []
        super().__init__(theme, parent)

    @property
    def readable(self) -> bool:
        return not all(line.is_empty for line in self.lines)

    def restyle(self) -> None:
        for item in self._items:
            self.removeItem(item)
        self._items = [item for line in self.lines for item in self.items_of(line)]
        for item in self._items:
            self.addItem(item)

    def items_of(self, line: Line) -> list[PixelItem]:
        """Returns the items that draw a line."""
        raise NotImplementedError


class RangePlot(LinesPlot):
    """Loss against the logarithm of the rate or, for rates that do not rise, against the step."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.against_rate, self.log, self._log_requested = True, False, False
        self._ends: tuple[float, float] | None = None
        self.marks, self.band = MarksItem(), BandItem()
        super().__init__(theme, parent)
        self.band.name = tr("cycle")
        for item in (self.band, self.marks):
            self.addItem(item)
        self.plotItem.vb.sigResized.connect(self.follow)  # the names take another share of the height

    def set_lines(
        self, lines: Sequence[Line], ends: tuple[float, float] | None = None, *, against_rate: bool = True
    ) -> None:
        """Show these curves between the rates `ends`; None shows all rates of the first curve."""
        before = self.lines, self._ends, self.against_rate
        self.lines, self._ends, self.against_rate = tuple(lines), ends, against_rate
        if before == (self.lines, ends, against_rate):
            return
        self.axes["bottom"].setLogMode(x=against_rate)
        self.header.entries = self.legend()
        self.header.update()
        self._choose_scale()
        self.follow()
        self.update_reading()

    def set_log(self, log: bool) -> None:
        """Use a logarithmic axis for the loss, if no loss is below 0."""
        self._log_requested = log
        self._choose_scale()
        self.reset_view()

    @property
    def below_zero(self) -> bool:
        """Whether a loss is below 0 and has no logarithm."""
        return any(bool((line.curve.loss < 0).any()) for line in self.lines)

    def _choose_scale(self) -> None:
        self.log = self._log_requested and not self.below_zero
        self.axes["left"].setLogMode(y=self.log)
        super().restyle()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show marks, whose y is a loss, if the curve is against the rate."""
        scaled = [replace(mark, y=None if mark.y is None else float(self._scaled(np.array(mark.y)))) for mark in marks]
        self.marks.set_marks(scaled if self.against_rate else [])
        self.follow()

    def restyle(self) -> None:
        for item in (self.band, self.marks):
            item.set_style(self.theme, self.header.font())
        super().restyle()

    def legend(self) -> list[tuple[str, RunStyle]]:
        return [(line.name, line.style) for line in self.lines] if len(self.lines) > 1 else []

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        rows, title, at = [], "", None
        for line in self.lines:
            if line.is_empty:
                continue
            x, curve = self._x(line), line.curve
            nearest = int(np.abs(x - point.x()).argmin())
            dot = self.to_pixel(float(x[nearest]), float(self._scaled(curve.smoothed[nearest : nearest + 1])[0]))
            if at is None:
                text = tr("rate {lr:.4g}, iteration {step:g}")
                title = text.format(lr=curve.lr[nearest], step=curve.step[nearest])
                at = self.to_pixel(float(x[nearest]), point.y())
            values = exact_text(float(curve.loss[nearest])), exact_text(float(curve.smoothed[nearest]))
            rows.append(Row(line.name, values, line.style, dot))
        heads = (tr("loss"), tr("smoothed"))
        return Reading(title, rows, heads, None if at is None else at.x()) if rows else None

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        lines = [line for line in self.lines if not line.is_empty]
        if not lines:
            return None
        if self.against_rate:
            ends = self._ends or (float(lines[0].curve.lr.min()), float(lines[0].curve.lr.max()))
            low, high = (math.log10(end) for end in ends)
        else:
            low = min(float(line.curve.step[0]) for line in lines)
            high = max(float(line.curve.step[-1]) for line in lines)
        margin = 0.02 * max(high - low, 1e-3)
        return (low - margin, high + margin), self._y_range([line.curve for line in lines])

    def _y_range(self, curves: Sequence[Curve]) -> tuple[float, float]:
        losses = np.concatenate([curve.loss for curve in curves])
        losses = losses[np.isfinite(losses) & ((losses > 0) | (not self.log))]
        if not len(losses):
            return 0.0, 1.0
        begin = curves[0].loss[: max(1, len(curves[0].loss) // 10)]
        first = float(np.median(begin[np.isfinite(begin)])) if np.isfinite(begin).any() else float(losses.max())
        height = first if first > 0 else max(first - float(losses.min()), abs(first))
        top = max(min(float(losses.max()), first + (_ABOVE - 1) * height), first)
        low, high = (float(end) for end in self._scaled(np.array([losses.min(), top])))
        size = max(high - low, 1e-6 * max(abs(high), 1e-300))
        above, below = self._names_share(), self._band_share()
        unit = size / (1 - above - below)
        return low - (0.03 + below) * unit, high + (0.06 + above) * unit

    def _band_share(self) -> float:
        """Returns the share of the plot's height that the name of the cycle takes."""
        height = max(1.0, self.plotItem.vb.sceneBoundingRect().height())
        return 0.0 if self.band.ends is None else min(0.2, self.band.height / height)

    def _names_share(self) -> float:
        """Returns the share of the plot's height that the names of the marks take."""
        area = self.plotItem.vb.sceneBoundingRect()
        if not self.marks.marks or area.height() < 1 or self._ends is None:
            return 0.0
        low, high = (math.log10(end) for end in self._ends)
        scale = area.width() / (1.04 * max(high - low, 1e-9))
        xs = [area.left() + (math.log10(mark.lr) - low) * scale for mark in self.marks.marks]
        lowest = max(box.bottom() for box in self.marks.boxes(xs, area))
        return float(min(0.5, (lowest - area.top()) / area.height()))

    def _x(self, line: Line) -> Array:
        return np.log10(line.curve.lr) if self.against_rate else line.curve.step

    def _scaled(self, values: Array) -> Array:
        return np.log10(np.maximum(values, 1e-30)) if self.log else values

    def items_of(self, line: Line) -> list[PixelItem]:
        x, loss, smoothed = self._x(line), self._scaled(line.curve.loss), self._scaled(line.curve.smoothed)
        pale = replace(line.style, color=mix(line.style.color.name(), self.theme.background, _PALE), dash=())
        raw, smooth, dots = PolylineItem(pale, width=1), PolylineItem(line.style, width=3.0), DotsItem()
        raw.set_points(x, loss)
        smooth.set_points(x, smoothed)
        if len(x) <= _MOST_DOTS:
            dots.set_points(x, loss, pale)
        return [raw, dots, smooth]


class RatesPlot(LinesPlot):
    """The rate against the iteration on a logarithmic scale."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.axes["left"].setLogMode(y=True)
        self.set_titles(tr("Learning rate"), "")

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show the rates of these tests or logs."""
        if self.lines != tuple(lines):
            self.lines = tuple(lines)
            self.restyle()
            self.follow()

    def items_of(self, line: Line) -> list[PixelItem]:
        item = PolylineItem(line.style, width=2.5, log=True)
        item.set_points(line.curve.step, line.curve.lr)
        return [item]

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        rows, step = [], 0.0
        for line in self.lines:
            if not line.is_empty:
                nearest = int(np.abs(line.curve.step - point.x()).argmin())
                step = float(line.curve.step[nearest])
                rows.append(Row(line.name, (exact_text(float(line.curve.lr[nearest])),), line.style))
        at = self.to_pixel(step, point.y())
        return Reading(tr("iteration {step:g}", step=step), rows, (), None if at is None else at.x())

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        rates = np.concatenate([np.empty(0), *(line.curve.lr for line in self.lines)])
        rates = rates[rates > 0]
        if not len(rates):
            return None
        steps = np.concatenate([line.curve.step for line in self.lines])
        first, last = float(steps.min()), float(steps.max())
        low, high = math.log10(rates.min()), math.log10(rates.max())
        aside, margin = 0.02 * max(last - first, 1), 0.08 * max(high - low, 0.1)
        return (first - aside, last + aside), (low - margin, high + margin)
