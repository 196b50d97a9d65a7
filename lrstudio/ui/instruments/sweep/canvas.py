"""The plot of a sweep: a loss, or the steps to the target, against the rate, a curve for every optimizer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.ui.drawing.axis import log_ends
from lrstudio.ui.drawing.curve import PolylineItem
from lrstudio.ui.drawing.lines import one_line
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed, draw_symbol
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.drawing.reading import Reading, Row, exact_text, nearest
from lrstudio.ui.instruments.sweep.rate_curves import RateCurve
from lrstudio.ui.look.theme import RunStyle, Theme
from lrstudio.ui.look.verdict_style import verdict_word

_CLICK = 4.0
_ROOM = 0.06
_BEST_SIZE = 15.0
_NOTHING = 1e-300
"""What a loss of 0 is drawn as: at the lower edge."""
_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class SweepCanvas(Plot):
    """Both axes are logarithmic, the left one only where no loss is below 0.

    An upright line is where an optimizer begins to diverge, a marker its best rate.
    With the keyboard left and right go through the rates, up and down through the optimizers, Return chooses.
    """

    chosen = Signal(int, int)
    """A curve and a place among its rates."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.curves: Sequence[RateCurve] = ()
        self.column = "final_loss"
        self.log = True
        self._items: list[PixelItem] = []
        self._pressed: QPointF | None = None
        self._mark = (0, 0)
        super().__init__(theme, parent)
        self.axes["bottom"].setLogMode(x=True)
        self.axes["left"].setLogMode(y=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Sweep"))

    def show_curves(self, curves: Sequence[RateCurve], column: str, title: str) -> None:
        """Draw these; the part that is in view is kept where the rates are the same."""
        same = bool(self.curves and curves) and self.curves[0].sweep.axes == curves[0].sweep.axes
        same = same and column == self.column
        self.curves, self.column = curves, column
        self.log = not any((known.values(column) < 0).any() for known in curves)
        self.axes["left"].setLogMode(y=self.log)
        self.set_titles(self.tr("{what} at each rate").format(what=title.capitalize()), self.tr("rate"), self._note())
        self._rebuild()
        if same:
            self.follow()
        else:
            self.reset_view()
        self.read_again()

    def restyle(self) -> None:
        self._rebuild()

    def _note(self) -> str:
        """What the marks are; a rate is the best by the criterion that is named here."""
        said = {known.best.rule for known in self.curves if known.best is not None}
        if said == {"target"}:
            return str(self.tr("line: limit · marker: best rate (fewest steps to the target)"))
        if said == {"least"}:
            return str(self.tr("line: limit · marker: best rate (least loss over the last quarter)"))
        return str(self.tr("line: limit · marker: best rate"))

    def legend(self) -> list[tuple[str, RunStyle]]:
        return [(known.entry.label, self.style(place)) for place, known in enumerate(self.curves)]

    def style(self, place: int) -> RunStyle:
        """The looks of a curve."""
        return self.theme.run_style(self.curves[place].entry.color)

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        if not self.curves:
            return None
        rates = self.curves[0].rates
        values = np.concatenate([known.values(self.column) for known in self.curves])
        finite = values[np.isfinite(values)]
        if not self.log:
            low = float(finite.min())
            high = max(low, min(float(finite.max()), self._begin))
        else:
            low, high = (math.log10(end) for end in log_ends(finite, self._begin))
        room = _ROOM * max(high - low, 0.5 if self.log else 1e-9)
        return (math.log10(rates[0]), math.log10(rates[-1])), (low - room, high + room)

    @property
    def _begin(self) -> float:
        """The largest loss at the start; steps have no such height."""
        if self.column == "steps_to_target":
            return math.inf
        return max((known.begin for known in self.curves if math.isfinite(known.begin)), default=math.inf)

    def height_of(self, value: float) -> float:
        """Where a value is on the left axis: 0, which has no logarithm, at its lower edge."""
        if not self.log:
            return value
        ends = self.view()
        return math.log10(value) if value > 0 else math.nan if ends is None or value != 0 else ends[1][0]

    @property
    def readable(self) -> bool:
        return bool(self.curves)

    def reading(self, place: QPointF, mouse: QPointF) -> Reading | None:
        at = self.rate_place(place.x())
        rate = float(self.curves[0].rates[at])
        rows = [self._row(number, at, mouse) for number in range(len(self.curves))]
        line = self.to_pixel(math.log10(rate), self.viewRect().center().y())
        heads = (self.header.title, self.tr("verdict"))
        title = self.tr("rate {rate}").format(rate=exact_text(rate))
        return Reading(title, nearest(rows), heads, None if line is None else line.x())

    def rate_place(self, x: float) -> int:
        """The place of the rate that is nearest to a place of the axis."""
        places = np.log10(self.curves[0].rates)
        return int(np.abs(places - x).argmin())

    # Qt.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position() if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if pressed is None or not self.curves or event.button() != Qt.MouseButton.LeftButton:
            return
        near = (event.position() - pressed).manhattanLength() <= _CLICK
        if near and self.plotItem.vb.sceneBoundingRect().contains(event.position()):
            at = self.rate_place(self.to_place(event.position()).x())
            rows = [self._row(number, at, event.position()) for number in range(len(self.curves))]
            self.chosen.emit(min(range(len(rows)), key=lambda number: rows[number].distance), at)

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

    def _row(self, number: int, at: int, mouse: QPointF) -> Row:
        known = self.curves[number]
        word = verdict_word(known.keys[at])
        value = float(known.values(self.column)[at])
        height = self.height_of(value)
        dot = self.to_pixel(math.log10(known.rates[at]), height) if math.isfinite(height) else None
        distance = math.inf if dot is None else math.hypot(dot.x() - mouse.x(), dot.y() - mouse.y())
        text = exact_text(value)
        if self.column == "steps_to_target" and not math.isfinite(value):
            text = self.tr("never")
        return Row(known.entry.label, (text, word), self.style(number), dot, distance)

    def _shift_mark(self, right: int, down: int) -> None:
        """The next rate or the next curve; it is read as if the mouse were there."""
        number = min(max(self._mark[0] + down, 0), len(self.curves) - 1)
        at = min(max(self._mark[1] + right, 0), len(self.curves[number].rates) - 1)
        self._mark = number, at
        value = float(self.curves[number].values(self.column)[at])
        y = self.height_of(value)
        y = y if math.isfinite(y) else self.viewRect().center().y()
        pixel = self.to_pixel(math.log10(self.curves[number].rates[at]), y)
        if pixel is not None:
            self._mouse = pixel
            self.read()

    def _rebuild(self) -> None:
        for item in self._items:
            self.removeItem(item)
        self._items = []
        for place, known in enumerate(self.curves):
            style = self.style(place)
            line = PolylineItem(style, log=self.log)
            line.set_points(np.log10(known.rates), known.values(self.column))
            self._items += [line, MarksItem(known, self.column, style, QColor(self.theme.background), log=self.log)]
        for item in self._items:
            self.addItem(item, ignoreBounds=True)
        self.header.entries = self.legend()
        self.header.update()
        self._mark = (min(self._mark[0], max(0, len(self.curves) - 1)), self._mark[1])


class MarksItem(PixelItem):
    """The limit of a curve as an upright dashed line and its best rate as a marker, larger than others."""

    def __init__(self, known: RateCurve, column: str, style: RunStyle, outline: QColor, *, log: bool) -> None:
        super().__init__()
        self._limit, self._style, self._outline = known.limit_rate, style, outline
        self._best = None
        if known.best is not None and not math.isnan(value := known.best_value(column)):
            self._best = QPointF(math.log10(known.best.rate), math.log10(max(value, _NOTHING)) if log else value)
        self.setZValue(5)

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self._limit is not None:
            x = round(math.log10(self._limit) * transform.m11() + transform.dx()) + 0.5
            if area.left() <= x <= area.right():
                line = one_line(x, area.top(), x, area.bottom())
                draw_dashed(painter, line, self._style.color, 1.4, (3, 4))
        if self._best is not None:
            at = transform.map(self._best)
            at.setY(min(max(at.y(), area.top()), area.bottom()))
            if area.left() <= at.x() <= area.right():
                draw_symbol(painter, self._style.marker, at, self._style.color, self._outline, _BEST_SIZE)
