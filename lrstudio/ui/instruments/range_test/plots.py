"""The plots of a range test: loss against rate, or against the step where the rates do not rise, and the rates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
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
"""How many times the loss at the start is in view of a curve that blows up; a loss below 0 goes by how far it falls."""


@dataclass(frozen=True)
class Line:
    """One test or log, its name and its looks."""

    name: str
    curve: Curve
    style: RunStyle

    @property
    def shown(self) -> bool:
        """Whether there is anything of it."""
        return bool(len(self.curve.loss))


def same(lines: Sequence[Line], others: Sequence[Line]) -> bool:
    """Whether these are the same curves in the same looks."""
    if len(lines) != len(others):
        return False
    pairs = zip(lines, others, strict=True)
    return all(one.curve is other.curve and (one.name, one.style) == (other.name, other.style) for one, other in pairs)


class DotsItem(PixelItem):
    """The raw losses as points."""

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


class RangePlot(Plot):
    """Loss against the logarithm of the rate or, for rates that do not rise, against the step."""

    mark_clicked = Signal(str)
    """The key of a mark."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.lines: Sequence[Line] = ()
        self.against_rate, self.log, self._log_wanted = True, False, False
        self._ends: tuple[float, float] | None = None
        self._items: list[PixelItem] = []
        self.marks, self.band = MarksItem(), BandItem()
        super().__init__(theme, parent)
        self.band.name = self.tr("cycle")
        for item in (self.band, self.marks):
            self.addItem(item, ignoreBounds=True)
        self.set_lines(())
        self.scene().sigMouseClicked.connect(self._click)
        self.plotItem.vb.sigResized.connect(self.follow)  # the names take another share of the height

    def set_lines(
        self, lines: Sequence[Line], ends: tuple[float, float] | None = None, *, against_rate: bool = True
    ) -> None:
        """Show these curves; `ends` are the rates that are in view, those of the curves where None is given."""
        before = self.lines, self._ends, self.against_rate
        self.lines, self._ends, self.against_rate = lines, ends, against_rate
        if before[1:] == (ends, against_rate) and same(before[0], lines):
            return
        self.axes["bottom"].setLogMode(x=against_rate)
        self.header.entries = self.legend()
        self.header.update()
        self._choose_scale()
        self._rebuild()
        self.follow()
        self.read_again()

    def set_log(self, log: bool) -> None:
        """Whether the loss is drawn on a logarithmic axis, where no loss is below 0."""
        self._log_wanted = log
        self._choose_scale()
        self._rebuild()
        self.reset_view()

    @property
    def below_zero(self) -> bool:
        """Whether a loss is, which has no logarithm."""
        return any(bool((line.curve.loss < 0).any()) for line in self.lines)

    def _choose_scale(self) -> None:
        self.log = self._log_wanted and not self.below_zero
        self.axes["left"].setLogMode(y=self.log)

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Point at rates, where the curve is against the rate; the height of a mark is a loss."""
        placed = [replace(mark, y=None if mark.y is None else float(self._scaled(np.array(mark.y)))) for mark in marks]
        self.marks.set_marks(placed if self.against_rate else [])
        self.follow()

    def _click(self, event: MouseClickEvent) -> None:
        mark = self.marks.at(event.scenePos())
        if mark is not None:
            self.mark_clicked.emit(mark.key)

    def restyle(self) -> None:
        for item in (self.band, self.marks):
            item.set_look(self.theme, self.header.font())
        self._rebuild()

    def legend(self) -> list[tuple[str, RunStyle]]:
        return [(line.name, line.style) for line in self.lines] if len(self.lines) > 1 else []

    @property
    def readable(self) -> bool:
        return any(line.shown for line in self.lines)

    def reading(self, place: QPointF, mouse: QPointF) -> Reading | None:
        rows, title, at = [], "", None
        for line in self.lines:
            if not line.shown:
                continue
            x, curve = self._x(line), line.curve
            nearest = int(np.abs(x - place.x()).argmin())
            dot = self.to_pixel(float(x[nearest]), float(self._scaled(curve.smoothed[nearest : nearest + 1])[0]))
            if at is None:
                text = self.tr("rate {lr:.4g}, iteration {step:g}")
                title = text.format(lr=curve.lr[nearest], step=curve.step[nearest])
                at = self.to_pixel(float(x[nearest]), place.y())
            values = exact_text(float(curve.loss[nearest])), exact_text(float(curve.smoothed[nearest]))
            rows.append(Row(line.name, values, line.style, dot))
        heads = (self.tr("loss"), self.tr("smoothed"))
        return Reading(title, rows, heads, None if at is None else at.x()) if rows else None

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        lines = [line for line in self.lines if line.shown]
        if not lines:
            return None
        if self.against_rate:
            ends = self._ends or (float(lines[0].curve.lr.min()), float(lines[0].curve.lr.max()))
            low, high = (math.log10(end) for end in ends)
        else:
            low = min(float(line.curve.step[0]) for line in lines)
            high = max(float(line.curve.step[-1]) for line in lines)
        margin = 0.02 * max(high - low, 1e-3)
        return (low - margin, high + margin), self._heights([line.curve for line in lines])

    def _heights(self, curves: Sequence[Curve]) -> tuple[float, float]:
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
        above, below = self._room_for_names(), self._room_for_band()
        unit = size / (1 - above - below)
        return low - (0.03 + below) * unit, high + (0.06 + above) * unit

    def _room_for_band(self) -> float:
        """The share of the height that the name of the cycle takes."""
        height = max(1.0, self.plotItem.vb.sceneBoundingRect().height())
        return 0.0 if self.band.ends is None else min(0.2, self.band.height / height)

    def _room_for_names(self) -> float:
        """The share of the height that the names of the marks take."""
        area = self.plotItem.vb.sceneBoundingRect()
        if not self.marks.marks or area.height() < 1 or self._ends is None:
            return 0.0
        low, high = (math.log10(end) for end in self._ends)
        scale = area.width() / (1.04 * max(high - low, 1e-9))
        xs = [area.left() + (math.log10(mark.lr) - low) * scale for mark in self.marks.marks]
        deepest = max(box.bottom() for box in self.marks.boxes(xs, area))
        return float(min(0.5, (deepest - area.top()) / area.height()))

    def _x(self, line: Line) -> Array:
        return np.log10(line.curve.lr) if self.against_rate else line.curve.step

    def _scaled(self, values: Array) -> Array:
        return np.log10(np.maximum(values, 1e-30)) if self.log else values

    def _rebuild(self) -> None:
        for item in self._items:
            self.removeItem(item)
        self._items = []
        for line in self.lines:
            x, loss, smoothed = self._x(line), self._scaled(line.curve.loss), self._scaled(line.curve.smoothed)
            pale = replace(line.style, color=mix(line.style.color.name(), self.theme.background, _PALE), dash=())
            raw, smooth, dots = PolylineItem(pale, width=1), PolylineItem(line.style, width=3.0), DotsItem()
            raw.set_points(x, loss)
            smooth.set_points(x, smoothed)
            if len(x) <= _MOST_DOTS:
                dots.set_points(x, loss, pale)
            for item in (raw, dots, smooth):
                self._items.append(item)
                self.addItem(item, ignoreBounds=True)


class RatesPlot(Plot):
    """The rate against the iteration: straight on a logarithmic scale where it grows by a factor."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.lines: Sequence[Line] = ()
        self._items: list[PolylineItem] = []
        super().__init__(theme, parent)
        self.axes["left"].setLogMode(y=True)
        self.set_titles(self.tr("Learning rate"), "")

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show the rates of these tests or logs."""
        if same(self.lines, lines):
            return
        self.lines = lines
        self._rebuild()
        self.follow()

    def restyle(self) -> None:
        self._rebuild()

    @property
    def readable(self) -> bool:
        return any(line.shown for line in self.lines)

    def reading(self, place: QPointF, mouse: QPointF) -> Reading | None:
        rows, step = [], 0.0
        for line in self.lines:
            if line.shown:
                nearest = int(np.abs(line.curve.step - place.x()).argmin())
                step = float(line.curve.step[nearest])
                rows.append(Row(line.name, (exact_text(float(line.curve.lr[nearest])),), line.style))
        at = self.to_pixel(step, place.y())
        return Reading(self.tr("iteration {step:g}").format(step=step), rows, (), None if at is None else at.x())

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

    def _rebuild(self) -> None:
        for item in self._items:
            self.removeItem(item)
        self._items = [PolylineItem(line.style, width=2.5, log=True) for line in self.lines]
        for item, line in zip(self._items, self.lines, strict=True):
            item.set_points(line.curve.step, line.curve.lr)
            self.addItem(item, ignoreBounds=True)
