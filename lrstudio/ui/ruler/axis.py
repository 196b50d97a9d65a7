"""The logarithmic axis of a rate ruler: its scale, its layout in pixels, and the painting of its parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from lrstudio.core.record import dataclass
from lrstudio.ui.drawing.axis import power_text
from lrstudio.ui.drawing.pixels import draw_symbol
from lrstudio.ui.look.theme import RunStyle, Theme

TYPICAL = (1e-4, 1e-2)
"""Range of rates that usually work for networks with Adam, whose default in PyTorch is 1e-3."""
_MIN_RANGE = (-6, 1)
_MAX_RANGE = (-300, 308)


@dataclass(frozen=True)
class RateScale:
    """Maps the rates 10**low to 10**high to the pixels `left` to `right`, and the rate 0 to `zero`, if any."""

    low: int
    high: int
    left: float
    right: float
    zero: float | None = None

    @classmethod
    def around(cls, rates: Iterable[float], left: float, right: float, gap: float) -> RateScale:
        """Returns a scale of 10**-6 to 10, extended to include `rates`; a rate 0 needs the first `gap` pixels."""
        rates = list(rates)
        exponents = [math.log10(rate) for rate in rates if rate > 0]
        low = min([_MIN_RANGE[0], *(math.floor(exponent + 1e-9) for exponent in exponents)])
        high = max([_MIN_RANGE[1], *(math.ceil(exponent - 1e-9) for exponent in exponents)])
        low, high = max(low, _MAX_RANGE[0]), min(high, _MAX_RANGE[1])
        return cls(low, high, left + gap, right, left) if 0 in rates else cls(low, high, left, right)

    @property
    def decade(self) -> float:
        """Pixels per decade."""
        return (self.right - self.left) / (self.high - self.low)

    def x(self, rate: float) -> float:
        """Returns the pixel of a rate, clipped to the scale."""
        if rate <= 0:
            return self.left if self.zero is None else self.zero
        return self.x_of_power(min(max(math.log10(rate), self.low), self.high))

    def x_of_power(self, exponent: float) -> float:
        return self.left + (exponent - self.low) * self.decade

    def rate(self, x: float, digits: int) -> float:
        """Returns the rate at a pixel, rounded to significant digits."""
        if self.zero is not None and x < (self.zero + self.left) / 2:
            return 0.0
        exponent = self.low + (min(max(x, self.left), self.right) - self.left) / max(self.decade, 1e-9)
        return rounded(10.0 ** min(max(exponent, self.low), self.high), digits)


def rounded(rate: float, digits: int) -> float:
    """Returns the rate rounded to significant digits."""
    return float(f"{rate:.{digits}g}")


SIZE = 12.0
SELECTED_SIZE = 18.0
_LEVELS = 4
_LIFT = 8.0
_CLEARANCE = 4.0
"""Additional height of the first level above the line, over the larger handle."""
_SPACING = SIZE - 1
_SHIFTS = (0.0, _SPACING, -_SPACING, 2 * _SPACING, -2 * _SPACING)
_MAX_STACKED = 24
"""Number of handles above which all stay on the line."""
_MIN_LABELS = 3
_MIN_DECADE = 40.0
"""Pixels of a decade from which its minor ticks are drawn."""
_LABEL_SPACING = 9.0


@dataclass(frozen=True)
class RulerArea:
    """The layout of a ruler in pixels from its top: zones, marks, stacked handles, axis line, tick labels."""

    text: float
    width: float

    @property
    def strip(self) -> float:
        """Lower edge of the zones' names."""
        return self.text + 4

    @property
    def line(self) -> float:
        return self.strip + self.text + 2 + (_LEVELS - 1) * _LIFT + _CLEARANCE + SELECTED_SIZE / 2

    @property
    def labels(self) -> float:
        return self.line + SELECTED_SIZE / 2 + 2

    @property
    def height(self) -> float:
        return self.labels + self.text + 2

    def zone(self, left: float, right: float) -> QRectF:
        """Returns the rectangle of a zone, from the top to the line."""
        return QRectF(left, 1, right - left, self.line - 1)

    def names(self, left: float, right: float) -> QRectF:
        """Returns the rectangle of a zone's name."""
        return QRectF(left, 1, right - left, self.strip - 1)

    def marks(self, left: float, right: float, row: int = 0) -> QRectF:
        """Returns the rectangle of a mark's text; the second row overlaps stacked handles."""
        return QRectF(left, self.strip + row * self.text, right - left, self.text)


def paint_background(painter: QPainter, area: RulerArea, theme: Theme, *, focused: bool) -> None:
    """Paints the background and the frame, which shows the focus."""
    frame = QRectF(0.5, 0.5, area.width - 1, area.height - 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.accent if focused else theme.faint), 2 if focused else 1))
    painter.setBrush(QColor(theme.background))
    painter.drawRoundedRect(frame, 4, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_typical(painter: QPainter, scale: RateScale, area: RulerArea, theme: Theme) -> None:
    """Paints the range TYPICAL as a thick segment of the line."""
    left, right = (scale.x(rate) for rate in TYPICAL)
    painter.fillRect(QRectF(left, area.line - 2, right - left, 4), QColor(theme.accent))


def paint_ticks(painter: QPainter, scale: RateScale, area: RulerArea, theme: Theme) -> None:
    """Paints the axis line, its ticks (minor ones if they are far enough apart) and the tick labels."""
    painter.setPen(QPen(QColor(theme.muted), 1))
    painter.drawLine(QPointF(scale.left, area.line), QPointF(scale.right, area.line))
    if scale.zero is not None:
        _tick(painter, scale.zero, area.line, 6)
        painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(scale.zero, area.line), QPointF(scale.left, area.line))
        painter.setPen(QPen(QColor(theme.muted), 1))
    if scale.decade >= 3:
        for exponent in range(scale.low, scale.high + 1):
            _tick(painter, scale.x_of_power(exponent), area.line, 6)
            if scale.decade >= _MIN_DECADE and exponent < scale.high:
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
    centers: Sequence[QPointF],
    styles: Sequence[RunStyle],
    current: int,
    area: RulerArea,
    theme: Theme,
) -> None:
    """Paints the handles, the selected one larger and on top, and a stem from a stacked handle to its rate."""
    order = sorted(range(len(centers)), key=lambda run: (run == current, -centers[run].y() if run != current else 0))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for run in reversed(order[:-1]):
        painter.setPen(QPen(styles[run].color, 1.5))
        painter.drawLine(centers[run], QPointF(xs[run], area.line))
    for run in order:
        size = SELECTED_SIZE if run == current else SIZE
        outline = QColor(theme.foreground if run == current else theme.background)
        draw_symbol(painter, styles[run].marker, centers[run], styles[run].color, outline, size)


def handle_centers(xs: Sequence[float], current: int, area: RulerArea) -> list[QPointF]:
    """Returns the centers of the handles: the selected one on the line, overlapping ones above or beside it."""
    rows: list[list[float]] = [[] for _ in range(_LEVELS)]
    centers = [QPointF(x, area.line) for x in xs]
    if len(xs) > _MAX_STACKED:
        return centers
    for run in sorted(range(len(xs)), key=lambda run: (run != current, xs[run])):
        slots = ((row, xs[run] + shift) for shift in _SHIFTS for row in range(shift != 0, _LEVELS))
        free = (slot for slot in slots if all(abs(slot[1] - x) >= _SPACING for x in rows[slot[0]]))
        row, x = next(free, (_LEVELS - 1, xs[run]))
        rows[row].append(x)
        centers[run] = QPointF(x, area.line - row * _LIFT - (row > 0) * _CLEARANCE)
    return centers


def labels(scale: RateScale, metrics: QFontMetricsF) -> list[tuple[float, str]]:
    """Returns pixel and text of the tick labels: as many decades as fit, but at least three."""
    zero = [] if scale.zero is None else [(scale.zero, "0")]
    decades: list[tuple[float, str]] = []
    for step in range(1, scale.high - scale.low + 1):
        exponents = [exponent for exponent in range(scale.low, scale.high + 1) if exponent % step == 0]
        if len(exponents) < _MIN_LABELS:
            break
        decades = [(scale.x_of_power(exponent), power_text(exponent)) for exponent in exponents]
        if _are_separate(zero + decades, metrics):
            break
    return zero + decades


def _are_separate(ticks: list[tuple[float, str]], metrics: QFontMetricsF) -> bool:
    widths = [metrics.horizontalAdvance(text) for _, text in ticks]
    gaps = zip(ticks, ticks[1:], widths, widths[1:], strict=False)
    return all(x1 - x0 >= (width0 + width1) / 2 + _LABEL_SPACING for (x0, _), (x1, _), width0, width1 in gaps)


def _tick(painter: QPainter, x: float, y: float, length: float) -> None:
    painter.drawLine(QPointF(x, y), QPointF(x, y + length))
