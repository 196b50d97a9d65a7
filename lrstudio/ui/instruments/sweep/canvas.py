"""The plot of a sweep: a loss, or the steps to the target, against the rate, a curve for every optimizer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.language import tr
from lrstudio.ui.drawing.axis import log_ends
from lrstudio.ui.drawing.curve import PolylineItem
from lrstudio.ui.drawing.lines import single_segment
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed, draw_symbol
from lrstudio.ui.drawing.reading import Reading, Row, exact_text, nearest
from lrstudio.ui.instruments.clicks import ClickPlot
from lrstudio.ui.instruments.sweep.rate_curves import RateCurve
from lrstudio.ui.look.theme import RunStyle, Theme
from lrstudio.ui.look.verdict_style import verdict_word

_MARGIN = 0.06
_BEST_SIZE = 15.0
_EDGE_WIDTH = 0.9
_LEAST_LOSS = 1e-300
"""The loss that stands for a loss of 0, which has no logarithm."""
_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class SweepCanvas(ClickPlot):
    """Both axes are logarithmic, the left one only where no loss is below 0.

    A vertical line shows the rate at which an optimizer begins to diverge, a marker its best rate.
    With the keyboard left and right go through the rates, up and down through the optimizers, Return chooses.
    """

    chosen = Signal(int, int)
    """Emits the index of a curve and the index of one of its rates."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.curves: Sequence[RateCurve] = ()
        self.column = "final_loss"
        self.log = True
        self._items: list[PixelItem] = []
        self._mark = (0, 0)
        super().__init__(theme, parent)
        self.plotItem.hide()  # axes without curves would show made-up rates and losses
        self.axes["bottom"].setLogMode(x=True)
        self.axes["left"].setLogMode(y=True)
        self.setAccessibleName(tr("Sweep"))

    def show_curves(self, curves: Sequence[RateCurve], column: str, title: str) -> None:
        """Draws these curves; the visible range stays where the rates and the column are the same."""
        same = bool(self.curves and curves) and self.curves[0].sweep.axes == curves[0].sweep.axes
        same = same and column == self.column
        self.curves, self.column = curves, column
        self.plotItem.setVisible(bool(curves))
        self.log = not any((curve.values(column) < 0).any() for curve in curves)
        self.axes["left"].setLogMode(y=self.log)
        self.set_titles(tr("{what} at each rate", what=title.capitalize()), tr("rate"), self._note())
        self.restyle()
        if same:
            self.follow()
        else:
            self.reset_view()
        self.update_reading()

    def _note(self) -> str:
        """Explains the marks, with the criterion of the best rate where all curves have the same one."""
        several = [curve.over_seeds for curve in self.curves if curve.over_seeds is not None]
        if several:
            return tr("median of {count} seeds, thin: quartiles", count=len(several[0].seeds)) + " · " + self._marks()
        return self._marks()

    def _marks(self) -> str:
        rules = {curve.best.rule for curve in self.curves if curve.best is not None}
        if rules == {"target"}:
            return str(tr("line: limit · marker: best rate (fewest steps to the target)"))
        if rules == {"least"}:
            return str(tr("line: limit · marker: best rate (least loss over the last quarter)"))
        return str(tr("line: limit · marker: best rate"))

    def legend(self) -> list[tuple[str, RunStyle]]:
        return [(curve.entry.label, self.style(index)) for index, curve in enumerate(self.curves)]

    def style(self, index: int) -> RunStyle:
        """Returns the line style of a curve."""
        return self.theme.run_style(self.curves[index].entry.color)

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        if not self.curves:
            return None
        rates = self.curves[0].rates
        values = np.concatenate([curve.values(self.column) for curve in self.curves])
        finite = values[np.isfinite(values)]
        if not self.log:
            low = float(finite.min())
            high = max(low, min(float(finite.max()), self._initial_loss))
        else:
            low, high = (math.log10(end) for end in log_ends(finite, self._initial_loss))
        margin = _MARGIN * max(high - low, 0.5 if self.log else 1e-9)
        return (math.log10(rates[0]), math.log10(rates[-1])), (low - margin, high + margin)

    @property
    def _initial_loss(self) -> float:
        """The largest loss before the first step; infinite for a number of steps."""
        if self.column == "steps_to_target":
            return math.inf
        losses = [curve.initial_loss for curve in self.curves]
        return max(filter(math.isfinite, losses), default=math.inf)

    def y_of(self, value: float) -> float:
        """Returns the y coordinate of a value; 0, which has no logarithm, lies at the lower edge."""
        if not self.log:
            return value
        ends = self.view()
        return math.log10(value) if value > 0 else math.nan if ends is None or value != 0 else ends[1][0]

    @property
    def readable(self) -> bool:
        return bool(self.curves)

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        index = self.rate_index(point.x())
        rate = float(self.curves[0].rates[index])
        line = self.to_pixel(math.log10(rate), self.viewRect().center().y())
        heads = (self.header.title, tr("verdict"))
        title = tr("rate {rate}", rate=exact_text(rate))
        return Reading(title, nearest(self._rows(index, mouse)), heads, None if line is None else line.x())

    def rate_index(self, x: float) -> int:
        """Returns the index of the rate that is nearest to an x coordinate."""
        return int(np.abs(np.log10(self.curves[0].rates) - x).argmin())

    def click(self, pixel: QPointF) -> None:
        if self.curves:
            index = self.rate_index(self.to_plot(pixel).x())
            distances = [row.distance for row in self._rows(index, pixel)]
            self.chosen.emit(distances.index(min(distances)), index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.curves:
            super().keyPressEvent(event)
        elif event.key() in _KEYS:
            self._shift_mark(*_KEYS[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(*self._mark)
        elif event.key() == Qt.Key.Key_Home:
            self.reset_view()
        else:
            super().keyPressEvent(event)

    def _rows(self, index: int, mouse: QPointF) -> list[Row]:
        """Returns the reading of every curve at the rate with this index."""
        rows = []
        for number, curve in enumerate(self.curves):
            value = float(curve.values(self.column)[index])
            y = self.y_of(value)
            dot = self.to_pixel(math.log10(curve.rates[index]), y) if math.isfinite(y) else None
            distance = math.inf if dot is None else math.hypot(dot.x() - mouse.x(), dot.y() - mouse.y())
            never = self.column == "steps_to_target" and not math.isfinite(value)
            texts = tr("never") if never else exact_text(value), verdict_word(curve.keys[index])
            rows.append(Row(curve.entry.label, texts, self.style(number), dot, distance))
        return rows

    def _shift_mark(self, right: int, down: int) -> None:
        """Moves to the next rate or the next curve and reads it."""
        number = min(max(self._mark[0] + down, 0), len(self.curves) - 1)
        curve = self.curves[number]
        index = min(max(self._mark[1] + right, 0), len(curve.rates) - 1)
        self._mark = number, index
        y = self.y_of(float(curve.values(self.column)[index]))
        self.read_at(math.log10(curve.rates[index]), y if math.isfinite(y) else self.viewRect().center().y())

    def restyle(self) -> None:
        for item in self._items:
            self.removeItem(item)
        self._items = []
        for index, curve in enumerate(self.curves):
            style = self.style(index)
            line = PolylineItem(style, log=self.log)
            line.set_points(np.log10(curve.rates), curve.values(self.column))
            for edge in curve.quartiles(self.column) or ():
                thin = PolylineItem(style, width=_EDGE_WIDTH, log=self.log)
                thin.set_points(np.log10(curve.rates), edge)
                self._items.append(thin)
            self._items += [line, MarksItem(curve, self.column, style, QColor(self.theme.background), log=self.log)]
        for item in self._items:
            self.addItem(item)
        self.header.entries = self.legend()
        self._mark = (min(self._mark[0], max(0, len(self.curves) - 1)), self._mark[1])


class MarksItem(PixelItem):
    """The limit of a curve as a vertical dashed line and its best rate as a marker, larger than others."""

    def __init__(self, curve: RateCurve, column: str, style: RunStyle, outline: QColor, *, log: bool) -> None:
        super().__init__()
        self._limit, self._style, self._outline = curve.limit_rate, style, outline
        self._best = None
        if curve.best is not None and not math.isnan(value := curve.best_value(column)):
            self._best = QPointF(math.log10(curve.best.rate), math.log10(max(value, _LEAST_LOSS)) if log else value)
        self.setZValue(5)

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._limit is not None:
            x = round(math.log10(self._limit) * transform.m11() + transform.dx()) + 0.5
            if area.left() <= x <= area.right():
                line = single_segment(x, area.top(), x, area.bottom())
                draw_dashed(painter, line, self._style.color, 1.4, (3, 4))
        if self._best is not None:
            pixel = transform.map(self._best)
            pixel.setY(min(max(pixel.y(), area.top()), area.bottom()))
            if area.left() <= pixel.x() <= area.right():
                draw_symbol(painter, self._style.marker, pixel, self._style.color, self._outline, _BEST_SIZE)
