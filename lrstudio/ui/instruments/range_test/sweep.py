"""The sweep beside a range test: the final loss against a constant rate, over zones of verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QTransform
from PySide6.QtWidgets import QWidget

from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.engine.sweep.zones import RATE_KEYS, RateKey, Zone, borders_of, zones
from lrstudio.ui.drawing.axis import log_ends
from lrstudio.ui.drawing.curve import PolylineItem
from lrstudio.ui.drawing.pixels import draw_text_in
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.drawing.reading import Reading, Row, exact_text
from lrstudio.ui.instruments.range_test.job import Swept
from lrstudio.ui.instruments.range_test.marks import LabelItem, Mark, MarksItem
from lrstudio.ui.instruments.range_test.plots import DotsItem
from lrstudio.ui.look.theme import RunStyle, Theme, mix
from lrstudio.ui.look.verdict_style import VerdictStyle, verdict_style

_ICON = 16


class ZonesItem(LabelItem):
    """A pale background for each verdict, with a strip of its pattern, icon and word at the bottom."""

    def __init__(self) -> None:
        super().__init__(-40)
        self._zones: tuple[Zone, ...] = ()
        self._styles: dict[RateKey, VerdictStyle] = {}

    def show_swept(self, swept: Swept | None) -> None:
        """Show the zones of the computed rates."""
        self._zones = ()
        if swept is not None:
            rates, codes = swept.rates[swept.computed], swept.codes[swept.computed].tolist()
            self._zones = zones(np.log10(borders_of(rates)), [RATE_KEYS[code] for code in codes])
        self.update()

    def set_style(self, theme: Theme, font: QFont) -> None:
        self._styles = {key: verdict_style(key, theme) for key in RATE_KEYS}
        super().set_style(theme, font)

    @property
    def strip(self) -> float:
        """Height of the strip in pixels."""
        return QFontMetricsF(self._font).height() + 6

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        for zone in self._zones:
            left, right = (end * transform.m11() + transform.dx() for end in (zone.low, zone.high))
            zone_area = QRectF(left, area.top(), right - left, area.height()).intersected(area)
            if not zone_area.isEmpty():
                self._draw(painter, zone_area, self._styles[zone.key])

    def _draw(self, painter: QPainter, area: QRectF, style: VerdictStyle) -> None:
        color, background = style.color.name(), self._theme.background
        painter.fillRect(area, mix(color, background, 0.88))
        strip = QRectF(area.left(), area.bottom() - self.strip, area.width(), self.strip)
        painter.fillRect(strip, mix(color, background, 0.75))
        painter.fillRect(strip, QBrush(mix(color, background, 0.3), style.brush.style()))
        if strip.width() < _ICON + 8:
            return
        width = QFontMetricsF(self._font).horizontalAdvance(style.word) + _ICON + 12
        has_word = strip.width() >= width
        width = width if has_word else _ICON + 8.0
        label = QRectF(strip.center().x() - width / 2, strip.top() + 2, width, strip.height() - 4)
        painter.fillRect(label, QColor(background))
        style.icon.paint(painter, QRectF(label.left() + 4, label.center().y() - _ICON / 2, _ICON, _ICON).toRect())
        if has_word:
            painter.setFont(self._font)
            painter.setPen(QColor(self._theme.foreground))
            draw_text_in(painter, label.adjusted(_ICON + 8, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, style.word)


_WIDE = 30.0
"""The axis is logarithmic if the largest loss is more than this many times the smallest."""


class SweepPlot(Plot):
    """The loss after training against the rate, without rates that diverge."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.swept: Swept | None = None
        self.log = False
        self._log_ends = 0.1, 1.0
        self._ends: tuple[float, float] | None = None
        self._style: RunStyle = theme.run_style(0)
        self.zones, self.marks = ZonesItem(), MarksItem()
        self._line, self._dots = PolylineItem(self._style, width=2.0), DotsItem()
        super().__init__(theme, parent)
        self.axes["bottom"].setLogMode(x=True)
        for item in (self.zones, self._line, self._dots, self.marks):
            self.addItem(item)
        self.set_titles(tr("Loss after training with a constant rate"), tr("rate"))
        self.plotItem.vb.sigResized.connect(self.follow)

    def show_swept(self, swept: Swept | None, ends: tuple[float, float], style: RunStyle, steps: int) -> None:
        """Show the computed rates in the style of the run; None shows none."""
        self.swept, self._ends, self._style = swept, ends, style
        rates, losses = self._points()
        self.log = bool(len(losses)) and losses.min() >= 0 and losses.max() > _WIDE * losses.min()
        self._log_ends = log_ends(losses, float(losses[0]) if len(losses) else math.inf)
        self.axes["left"].setLogMode(y=self.log)
        self.zones.show_swept(swept)
        self._line.set_style(replace(style, dash=()))
        x, y = np.log10(rates), self._scaled(losses)
        self._line.set_points(x, y)
        self._dots.set_points(x, y, style)
        note = tr("log scale") if self.log else ""
        title = tr("Loss after {steps} steps with a constant rate", steps=steps)
        self.set_titles(title, tr("rate"), note)
        self.follow()
        self.update_reading()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show marks, whose y is a loss."""
        self.marks.set_marks(
            [replace(mark, y=None if mark.y is None else float(self._scaled(np.array(mark.y)))) for mark in marks]
        )
        self.follow()

    def restyle(self) -> None:
        for item in (self.zones, self.marks):
            item.set_style(self.theme, self.header.font())
        self.marks.margin = self.zones.strip

    @property
    def readable(self) -> bool:
        return self.swept is not None and bool(self.swept.computed.any())

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        assert self.swept is not None
        computed = np.flatnonzero(self.swept.computed)
        nearest = int(computed[np.abs(np.log10(self.swept.rates[computed]) - point.x()).argmin()])
        rate, verdict = float(self.swept.rates[nearest]), int(self.swept.codes[nearest])
        loss = float(self.swept.summary.final_loss[nearest])
        word = verdict_style(RATE_KEYS[verdict], self.theme).word
        rows = [Row(word, ("" if verdict == DIVERGED else exact_text(loss),), self._style)]
        at = self.to_pixel(math.log10(rate), point.y())
        return Reading(tr("rate {rate:.4g}", rate=rate), rows, (), None if at is None else at.x())

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        if self._ends is None:
            return None
        low, high = (math.log10(end) for end in self._ends)
        margin = 0.02 * (high - low)
        y = self._scaled(self._points()[1])
        bottom, top = (float(y.min()), float(y.max())) if len(y) else (0.0, 1.0)
        top = min(top, math.log10(self._log_ends[1])) if self.log else top
        size = max(top - bottom, 1e-6 * max(abs(top), 1e-300))
        height = max(1.0, self.plotItem.vb.sceneBoundingRect().height())
        below = min(0.4, (self.zones.strip + 10) / height)
        above = min(0.3, 2 * self.zones.strip / height) if self.marks.marks else 0.08
        unit = size / (1 - below - above)
        return (low - margin, high + margin), (bottom - below * unit, top + above * unit)

    def _points(self) -> tuple[Array, Array]:
        """Returns the rates (n,) that do not diverge and their final losses (n,)."""
        if self.swept is None:
            return np.empty(0), np.empty(0)
        summary = self.swept.summary
        shown = self.swept.computed & (summary.verdict != DIVERGED) & np.isfinite(summary.final_loss)
        return self.swept.rates[shown], summary.final_loss[shown]

    def _scaled(self, losses: Array) -> Array:
        if not self.log:
            return losses
        return np.log10(np.maximum(losses, self._log_ends[0]))
