"""Axes with few round ticks, the grid at their labelled ticks, and ranges that grow in steps of 1.3."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTransform

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines
from lrstudio.ui.drawing.pyqtgraph import pg

LOG_DEPTH, LOG_HEADROOM = 1e-17, 1e3
"""Least ratio of a logarithmic axis's ends, and greatest ratio of its upper end to the initial loss."""
GROWTH = 1.3
FARTHEST, NARROWEST = 1e12, 1e-9
"""Limits of a view's coordinates and width: beyond them pyqtgraph fails."""
_GAP, _TICK = 4.0, 8.0
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class DrawnAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis that is repainted for figures: pyqtgraph's cached picture would scale its texts to the device."""

    @guarded
    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        if widget is not None:
            super().paint(painter, option, widget)
            return
        painter.setClipRect(self.boundingRect())
        specs = self.generateDrawSpecs(painter)
        if specs is not None:
            self.drawPicture(painter, *specs)

    def _updateLabel(self) -> None:
        """Repaints only: the label is empty, and its HTML would be set with every change of range or colour."""
        self._adjustSize()
        self.picture = None
        self.update()


class Axis(DrawnAxis):
    """An axis with major ticks at 1, 2, 5 × 10ⁿ or, if logarithmic, at whole decades."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=4)
        self.enableAutoSIPrefix(False)
        self.setStyle(hideOverlappingLabels=30 if orientation == "bottom" else 12)
        self.room = 60.0
        """Least pixels between labels."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float | None, list[float]]]:
        low, high = sorted((minVal, maxVal))
        length = self.width() if self.orientation in ("top", "bottom") else self.height()  # `size` is 2 px off at times
        most = min(max(2.0, length / self.room), 8.0)
        return _log(low, high, most) if self.logMode else _linear(low, high, most)

    def tickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        if spacing is None:
            return [""] * len(values)
        if self.logMode:
            return self.without_overlaps(values, [power_text(value, _digits(values)) for value in values])
        decimals = max(0, -math.floor(math.log10(spacing) + 1e-9))
        texts = [number_text(value, decimals) for value in values]
        if self.orientation in ("left", "right") and any(map(self._is_too_wide, texts)):
            texts = [short_text(value, spacing) for value in values]
        return self.without_overlaps(values, texts)

    def _is_too_wide(self, text: str) -> bool:
        """Whether pyqtgraph would leave a label out."""
        font: QFont = self.style["tickFont"] or self.font()
        return QFontMetricsF(font).horizontalAdvance(text) > float(self.width()) - _TICK

    def without_overlaps(self, values: list[float], texts: list[str]) -> list[str]:
        """Returns the texts at ticks, empty if they would overlap the text before, as in a tiny plot."""
        low, high = self.range
        upright = self.orientation in ("left", "right")
        scale = (self.height() if upright else self.width()) / max(abs(high - low), 1e-300)
        metrics = QFontMetricsF(self.style["tickFont"] or self.font())
        shown, end = [""] * len(texts), -math.inf
        for index in sorted(range(len(values)), key=values.__getitem__):
            half = (metrics.ascent() if upright else metrics.horizontalAdvance(texts[index]) + _GAP) / 2
            if values[index] * scale - half >= end:
                shown[index], end = texts[index], values[index] * scale + half
        return shown

    def major_ticks(self) -> list[float]:
        """Returns the labelled ticks."""
        low, high = self.range
        return self.tickValues(low, high, 0.0)[0][1]


def _linear(low: float, high: float, most: float) -> list[tuple[float | None, list[float]]]:
    if not high - low > 1e-12 * max(abs(low), abs(high)):  # no floats between the ends
        return [(1.0, [])]
    step = nice_step((high - low) / most)
    ticks = np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1) * step
    return [(step, [float(tick) for tick in ticks])]


def _log(low: float, high: float, most: float) -> list[tuple[float | None, list[float]]]:
    if high - low < 0.7:  # less than a factor of 5: round numbers, unevenly spaced
        linear = _linear(10**low, 10**high, most)[0][1]
        return [(1.0, [math.log10(tick) for tick in linear if tick > 0])]
    step = max(1, math.ceil((high - low) / most))
    step -= step > 1 and math.floor(high / step) - math.ceil(low / step) < 1  # a single label shows no scale
    decades = np.arange(math.ceil(low / step - 1e-9) * step, high + 1e-9, step)
    minor: list[float] = []
    if step == 1:
        fine = np.arange(math.floor(low), high)[:, None] + np.log10(np.arange(2, 10))
        minor = [float(tick) for tick in fine.ravel() if low < tick < high]
    if len(decades) < 3:
        labelled = [tick for tick in minor if round(10 ** (tick % 1)) in ((2, 5) if high - low < 1.5 else (3,))]
        decades = np.sort(np.concatenate([decades, labelled]))
    return [(1.0, [float(tick) for tick in decades]), (None, minor)]


def log_ends(values: Array, begin: float = math.inf) -> tuple[float, float]:
    """Returns the ends of a logarithmic axis for values (n,), which may be nonfinite or not positive.

    The upper end is at most LOG_HEADROOM·`begin`, the initial loss, the lower at least LOG_DEPTH of the upper end.
    Values that are not positive are shown at the lower end.
    """
    positive = values[np.isfinite(values) & (values > 0)]
    if not len(positive):
        return 0.1, 1.0
    most, least = float(positive.max()), float(positive.min())
    if begin > 0:
        most = max(least, min(most, LOG_HEADROOM * begin))
    return min(max(least, LOG_DEPTH * most), most), most


def nice_step(least: float) -> float:
    """Returns the smallest of 1, 2, 5 × 10ⁿ that is not below `least`."""
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _digits(exponents: list[float]) -> int:
    """Returns the number of digits in which neighbours differ, at least three."""
    gaps = [after - before for before, after in pairwise(sorted(exponents))]
    return max(3, 1 + math.ceil(-math.log10(min(gaps, default=1.0) * math.log(10))))


def power_text(exponent: float, digits: int = 3) -> str:
    """Formats 10**exponent: 0.01, 1, 500, 10⁻⁵."""
    if -3 <= exponent < 4 or exponent % 1:
        return f"{float(f'{10**exponent:.{digits}g}'):.{digits + 3}g}"
    return "10" + str(round(exponent)).translate(_SUPERSCRIPT)


def short_text(value: float, spacing: float) -> str:
    """Formats a tick's value as a multiple of a power of ten, with the digits that its spacing needs: 1.5·10⁵."""
    if not value:
        return "0"
    exponent, last = (math.floor(math.log10(abs(each)) + 1e-9) for each in (value, spacing))
    return _multiple(value, exponent, max(0, exponent - last))


def _multiple(value: float, exponent: int, digits: int) -> str:
    mantissa = f"{value / 10.0**exponent:.{digits}f}"
    mantissa = mantissa.rstrip("0").rstrip(".") if digits else mantissa
    return f"{mantissa}·10{str(exponent).translate(_SUPERSCRIPT)}".replace("-", "−")


def number_text(value: float, decimals: int) -> str:
    """Formats a tick's value: 0.05, −3, 20 000, 4·10⁻⁶."""
    exponent = math.floor(math.log10(abs(value)) + 1e-9) if value else 0
    enlarged = abs(value) >= 1e-3 and decimals > 5 and decimals + exponent > 3
    if value and (abs(value) >= 1e7 or decimals > 5) and not enlarged:
        digits = max(0, decimals + exponent) if decimals > 5 else 2
        return _multiple(value, exponent, min(digits, 3))
    text = f"{value + 0.0:,.{decimals}f}" if abs(value) >= 1e4 else f"{value + 0.0:.{decimals}f}"
    return text.replace(",", "\u202f").replace("-", "−")


@dataclass(frozen=True)
class Span:
    """An initial range low..high and its limits lowest..highest; it grows in steps, so that axes change rarely.

    The range in view depends on the extremes of the data only, not on their order.
    """

    low: float
    high: float
    lowest: float
    highest: float

    def covering(self, low: float, high: float) -> tuple[float, float]:
        """Returns the range, grown to include low..high within the limits; NaN is ignored."""
        size = self.high - self.low
        least, most = self.low, self.high
        if low < self.low:
            least = self.low - size * _steps((self.low - low) / size)
        if high > self.high:
            most = self.high + size * _steps((high - self.high) / size)
        return max(least, self.lowest), min(most, self.highest)


def _steps(excess: float) -> float:
    """Returns the least GROWTH**k - 1 that is not below the excess."""
    return GROWTH ** math.ceil(math.log(1 + min(excess, 1e300), GROWTH) - 1e-9) - 1


def within_limits(low: float, high: float) -> tuple[float, float]:
    """Returns a range within the limits, wide enough for float ticks."""
    low, high = (min(max(end, -0.9 * FARTHEST), 0.9 * FARTHEST) for end in (low, high))
    least = max(NARROWEST, 1e-6 * max(abs(low), abs(high)))
    return (low, high) if high - low >= least else ((low + high - least) / 2, (low + high + least) / 2)


def with_margins(values: Array, share: float) -> tuple[float, float]:
    """Returns the range of values, extended at both ends by a share of its width; by 1 if all values are equal."""
    low, high = float(np.min(values)), float(np.max(values))
    margin = share * (high - low) or 1.0
    return low - margin, high + margin


class GridItem(PixelItem):
    """Faint lines at the labelled ticks."""

    def __init__(self, bottom: Axis, left: Axis, color: QColor) -> None:
        super().__init__()
        self._bottom, self._left, self._color = bottom, left, color
        self.setZValue(-100)

    def set_color(self, color: QColor) -> None:
        self._color = color
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        x = np.array(self._bottom.major_ticks()) * transform.m11() + transform.dx()
        y = np.array(self._left.major_ticks()) * transform.m22() + transform.dy()
        upright = np.stack([x, np.full_like(x, area.top()), x, np.full_like(x, area.bottom())], axis=1)
        level = np.stack([np.full_like(y, area.left()), y, np.full_like(y, area.right()), y], axis=1)
        draw_lines(painter, np.concatenate([upright, level]).round() + 0.5, self._color, 1, smooth=False)
