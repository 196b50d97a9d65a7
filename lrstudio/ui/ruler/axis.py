"""The logarithmic axis of a rate ruler: its scale, its layout in pixels, and the painting of its parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from lrstudio.ui.drawing.axis import power_text
from lrstudio.ui.drawing.pixels import draw_symbol
from lrstudio.ui.look.theme import RunStyle, Theme

TYPICAL = (1e-4, 1e-2)
"""Rates that usually work for networks with Adam, whose default in PyTorch is 1e-3."""

_USUAL = (-6, 1)
_WIDEST = (-300, 308)


@dataclass(frozen=True)
class RateScale:
    """The decades 10**low to 10**high between the pixels `left` and `right`; 0 stands at `zero`, if anywhere."""

    low: int
    high: int
    left: float
    right: float
    zero: float | None = None

    @classmethod
    def around(cls, rates: Iterable[float], left: float, right: float, gap: float) -> RateScale:
        """The usual decades, and as many more as these rates need; a rate 0 takes the first `gap` pixels."""
        rates = list(rates)
        exponents = [math.log10(rate) for rate in rates if rate > 0]
        low = min([_USUAL[0], *(math.floor(exponent + 1e-9) for exponent in exponents)])
        high = max([_USUAL[1], *(math.ceil(exponent - 1e-9) for exponent in exponents)])
        low, high = max(low, _WIDEST[0]), min(high, _WIDEST[1])
        return cls(low, high, left + gap, right, left) if 0 in rates else cls(low, high, left, right)

    @property
    def decade(self) -> float:
        """The pixels of a decade."""
        return (self.right - self.left) / (self.high - self.low)

    def x(self, rate: float) -> float:
        """The pixel of a rate; those that are not on the ruler stand at its ends."""
        if rate <= 0:
            return self.left if self.zero is None else self.zero
        return self.x_of_power(min(max(math.log10(rate), self.low), self.high))

    def x_of_power(self, exponent: float) -> float:
        """The pixel of 10**exponent."""
        return self.left + (exponent - self.low) * self.decade

    def rate(self, x: float, digits: int) -> float:
        """The rate at a pixel, rounded to significant digits."""
        if self.zero is not None and x < (self.zero + self.left) / 2:
            return 0.0
        exponent = self.low + (min(max(x, self.left), self.right) - self.left) / max(self.decade, 1e-9)
        return rounded(10.0 ** min(max(exponent, self.low), self.high), digits)


def rounded(rate: float, digits: int) -> float:
    """The rate with that many significant digits."""
    return float(f"{rate:.{digits}g}")


SIZE = 12.0
SELECTED_SIZE = 18.0
_LEVELS = 4
_LIFT = 8.0
_CLEAR = 4.0
"""How much more the first level is lifted, over the larger handle."""
_APART = SIZE - 1
_SHIFTS = (0.0, _APART, -_APART, 2 * _APART, -2 * _APART)
_STACKED = 24
"""More handles than these stay on the line."""
_LABELS_AT_LEAST = 3
_ROOM_FOR_MINORS = 40.0
_BETWEEN_LABELS = 9.0


@dataclass(frozen=True)
class RulerArea:
    """The heights of a ruler, in pixels from its top: zones, marks, handles above the line, the line, its labels."""

    text: float
    width: float

    @property
    def strip(self) -> float:
        """The lower end of the zones' names."""
        return self.text + 4

    @property
    def line(self) -> float:
        return self.strip + self.text + 2 + (_LEVELS - 1) * _LIFT + _CLEAR + SELECTED_SIZE / 2

    @property
    def labels(self) -> float:
        return self.line + SELECTED_SIZE / 2 + 2

    @property
    def height(self) -> float:
        return self.labels + self.text + 2

    def over_line(self, left: float, right: float) -> QRectF:
        """From the zones' names down to the line."""
        return QRectF(left, 1, right - left, self.line - 1)

    def names(self, left: float, right: float) -> QRectF:
        """Where the zones have their names."""
        return QRectF(left, 1, right - left, self.strip - 1)

    def marks(self, left: float, right: float, row: int = 0) -> QRectF:
        """Where limit and best rate have theirs; the second row is over the line, where only stacked handles are."""
        return QRectF(left, self.strip + row * self.text, right - left, self.text)


def paint_background(painter: QPainter, area: RulerArea, theme: Theme, *, focused: bool) -> None:
    """The ground, framed in the accent where the keyboard is here."""
    frame = QRectF(0.5, 0.5, area.width - 1, area.height - 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.accent if focused else theme.faint), 2 if focused else 1))
    painter.setBrush(QColor(theme.background))
    painter.drawRoundedRect(frame, 4, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_typical(painter: QPainter, scale: RateScale, area: RulerArea, theme: Theme) -> None:
    """The rates that are usual, as a thick stretch of the line."""
    left, right = (scale.x(rate) for rate in TYPICAL)
    painter.fillRect(QRectF(left, area.line - 2, right - left, 4), QColor(theme.accent))


def paint_ticks(painter: QPainter, scale: RateScale, area: RulerArea, theme: Theme) -> None:
    """The line, its decades and as many labels as there is room for; 2 to 9 between them where they stay apart."""
    painter.setPen(QPen(QColor(theme.muted), 1))
    start = scale.left if scale.zero is None else scale.zero
    painter.drawLine(QPointF(scale.left, area.line), QPointF(scale.right, area.line))
    if scale.zero is not None:
        _tick(painter, scale.zero, area.line, 6)
        dotted = QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine)
        painter.setPen(dotted)
        painter.drawLine(QPointF(start, area.line), QPointF(scale.left, area.line))
        painter.setPen(QPen(QColor(theme.muted), 1))
    minor = scale.decade >= _ROOM_FOR_MINORS
    if scale.decade >= 3:
        for exponent in range(scale.low, scale.high + 1):
            _tick(painter, scale.x_of_power(exponent), area.line, 6)
            if minor and exponent < scale.high:
                for factor in range(2, 10):
                    _tick(painter, scale.x_of_power(exponent + math.log10(factor)), area.line, 3)
    painter.setPen(QColor(theme.foreground))
    for x, text in labels(scale, QFontMetricsF(painter.font())):
        painter.drawText(
            QRectF(x - area.text * 4, area.labels, area.text * 8, area.text), Qt.AlignmentFlag.AlignCenter, text
        )


def paint_handles(
    painter: QPainter,
    xs: Sequence[float],
    places: Sequence[QPointF],
    styles: Sequence[RunStyle],
    current: int,
    area: RulerArea,
    theme: Theme,
) -> None:
    """A symbol for every run, the selected one larger and on top; a stem leads from a lifted one to its rate."""
    order = sorted(range(len(places)), key=lambda run: (run == current, -places[run].y() if run != current else 0))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for run in reversed(order[:-1]):
        painter.setPen(QPen(styles[run].color, 1.5))
        painter.drawLine(places[run], QPointF(xs[run], area.line))
    for run in order:
        size = SELECTED_SIZE if run == current else SIZE
        outline = QColor(theme.foreground if run == current else theme.background)
        draw_symbol(painter, styles[run].marker, places[run], styles[run].color, outline, size)


def handle_places(xs: Sequence[float], current: int, area: RulerArea) -> list[QPointF]:
    """The middles of the handles: the selected one on the line, what would cover another higher or beside it."""
    rows: list[list[float]] = [[] for _ in range(_LEVELS)]
    places = [QPointF(x, area.line) for x in xs]
    if len(xs) > _STACKED:
        return places
    for run in sorted(range(len(xs)), key=lambda run: (run != current, xs[run])):
        slots = ((row, xs[run] + shift) for shift in _SHIFTS for row in range(shift != 0, _LEVELS))
        free = (slot for slot in slots if all(abs(slot[1] - x) >= _APART for x in rows[slot[0]]))
        row, x = next(free, (_LEVELS - 1, xs[run]))
        rows[row].append(x)
        places[run] = QPointF(x, area.line - row * _LIFT - (row > 0) * _CLEAR)
    return places


def labels(scale: RateScale, metrics: QFontMetricsF) -> list[tuple[float, str]]:
    """The pixel and the text of the decades that are labelled: as many as there is room for, three at least."""
    zero = [] if scale.zero is None else [(scale.zero, "0")]
    decades: list[tuple[float, str]] = []
    for step in range(1, scale.high - scale.low + 1):
        exponents = [exponent for exponent in range(scale.low, scale.high + 1) if exponent % step == 0]
        if len(exponents) < _LABELS_AT_LEAST:
            break
        decades = [(scale.x_of_power(exponent), power_text(exponent)) for exponent in exponents]
        if _apart(zero + decades, metrics):
            break
    return zero + decades


def _apart(found: list[tuple[float, str]], metrics: QFontMetricsF) -> bool:
    widths = [metrics.horizontalAdvance(text) for _, text in found]
    gaps = zip(found, found[1:], widths, widths[1:], strict=False)
    return all(there - here >= (one + other) / 2 + _BETWEEN_LABELS for (here, _), (there, _), one, other in gaps)


def _tick(painter: QPainter, x: float, y: float, length: float) -> None:
    painter.drawLine(QPointF(x, y), QPointF(x, y + length))
