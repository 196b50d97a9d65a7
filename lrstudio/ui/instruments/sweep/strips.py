"""The strips below the curves of a sweep: the verdicts of the rates of each optimizer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.sweep.zones import Zone
from lrstudio.ui.drawing.guard import PaintedWidget
from lrstudio.ui.drawing.header import draw_sample
from lrstudio.ui.drawing.pixels import draw_text_in
from lrstudio.ui.drawing.reading import exact_text
from lrstudio.ui.instruments.sweep.canvas import SweepCanvas
from lrstudio.ui.instruments.sweep.rate_curves import RateCurve
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.verdict_style import verdict_brush, verdict_word

_GAP, _SAMPLE = 6.0, 34.0


class Strips(PaintedWidget):
    """Draws a strip for each curve, aligned with the x axis of the plot above."""

    def __init__(self, canvas: SweepCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._curves: Sequence[RateCurve] = ()
        self.setAccessibleName(tr("Verdicts of the rates"))
        box = canvas.plotItem.vb
        box.sigRangeChanged.connect(lambda *_: self.update())
        box.sigResized.connect(lambda *_: self.update())
        FontFit(self, self._fit)

    def show_curves(self, curves: Sequence[RateCurve]) -> None:
        self._curves = curves
        self.setAccessibleDescription("; ".join(f"{curve.entry.label}: {_zone_list(curve)}" for curve in curves))
        self._fit()
        self.update()

    def draw(self, painter: QPainter) -> None:
        theme, area = self._canvas.theme, self._area()
        painter.setFont(self.font())
        painter.fillRect(QRectF(self.rect()), QColor(theme.background))
        for row, curve in enumerate(self._curves):
            strip = QRectF(area.left(), row * self._pitch() + _GAP / 2, area.width(), self._pitch() - _GAP)
            beside = QRectF(area.left() - _SAMPLE - 8, strip.top(), _SAMPLE, strip.height())
            draw_sample(painter, beside, self._canvas.style(row), theme)
            painter.save()
            painter.setClipRect(strip)
            for zone in curve.zones:
                self._draw_zone(painter, strip, zone)
            painter.restore()
            painter.setPen(QPen(QColor(theme.muted), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(strip)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), plain(self.text_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def text_at(self, point: QPointF) -> str:
        """Returns the optimizer, the rate and the verdict at a point of the widget."""
        row, area = int(point.y() // self._pitch()), self._area()
        if not (0 <= row < len(self._curves) and area.left() <= point.x() <= area.right()):
            return ""
        curve = self._curves[row]
        index = self._canvas.rate_index(self._canvas.to_plot(QPointF(point.x(), area.center().y())).x())
        return f"{curve.entry.label}, {exact_text(float(curve.rates[index]))}: {verdict_word(curve.keys[index])}"

    def _draw_zone(self, painter: QPainter, strip: QRectF, zone: Zone) -> None:
        view, area = self._canvas.viewRect(), self._area()
        ends = (area.left() + (end - view.left()) * area.width() / view.width() for end in (zone.low, zone.high))
        left, right = np.clip([*ends], strip.left(), strip.right()).tolist()
        if right <= left:
            return
        word, theme = verdict_word(zone.key), self._canvas.theme
        rect = QRectF(left, strip.top(), right - left, strip.height())
        painter.fillRect(rect, verdict_brush(zone.key, theme))
        width = QFontMetricsF(self.font()).horizontalAdvance(word) + 8
        if width + 4 <= rect.width():
            label = QRectF(rect.center().x() - width / 2, rect.top() + 2, width, rect.height() - 4)
            painter.fillRect(label, QColor(theme.background))
            painter.setPen(QColor(theme.foreground))
            draw_text_in(painter, label, Qt.AlignmentFlag.AlignCenter, word)
        painter.fillRect(QRectF(right - 1, rect.top(), 1, rect.height()), QColor(theme.background))

    def _area(self) -> QRectF:
        return QRectF(self._canvas.plotItem.vb.sceneBoundingRect())

    def _pitch(self) -> float:
        return QFontMetricsF(self.font()).height() + 6 + _GAP

    def _fit(self) -> None:
        self.setFixedHeight(round(max(1, len(self._curves)) * self._pitch() + _GAP))


def _zone_list(curve: RateCurve) -> str:
    ends = ((zone.key, curve.rates[zone.first], curve.rates[zone.last]) for zone in curve.zones)
    return ", ".join(f"{verdict_word(key)} {first:.3g}–{last:.3g}" for key, first, last in ends)
