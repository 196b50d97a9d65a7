"""Below the curves of a sweep a strip for each: which rates get which verdict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from lrstudio.engine.sweep.rate_keys import Zone
from lrstudio.ui.drawing.guard import PaintedWidget
from lrstudio.ui.drawing.header import draw_sample
from lrstudio.ui.drawing.reading import exact_text
from lrstudio.ui.instruments.sweep.canvas import SweepCanvas
from lrstudio.ui.instruments.sweep.rate_curves import RateCurve
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.verdict_style import verdict_brush, verdict_word

_GAP, _SAMPLE = 6.0, 34.0


class Strips(PaintedWidget):
    """Stands exactly below the plot and shows the part of the rates that the plot shows."""

    def __init__(self, canvas: SweepCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._curves: Sequence[RateCurve] = ()
        self.setAccessibleName(self.tr("Verdicts of the rates"))
        box = canvas.plotItem.vb
        box.sigRangeChanged.connect(lambda *_: self.update())
        box.sigResized.connect(lambda *_: self.update())
        FontFit(self, self._fit)

    def show_curves(self, curves: Sequence[RateCurve]) -> None:
        self._curves = curves
        spoken = [f"{known.entry.label}: {self._spoken(known)}" for known in curves]
        self.setAccessibleDescription("; ".join(spoken))
        self._fit()
        self.update()

    def draw(self, painter: QPainter) -> None:
        theme, area = self._canvas.theme, self._area()
        painter.setFont(self.font())
        painter.fillRect(QRectF(self.rect()), QColor(theme.background))
        for row, known in enumerate(self._curves):
            strip = QRectF(area.left(), row * self._pitch() + _GAP / 2, area.width(), self._pitch() - _GAP)
            beside = QRectF(area.left() - _SAMPLE - 8, strip.top(), _SAMPLE, strip.height())
            draw_sample(painter, beside, self._canvas.style(row), theme)
            painter.save()
            painter.setClipRect(strip)
            for zone in known.zones:
                self._draw_zone(painter, strip, zone)
            painter.restore()
            painter.setPen(QPen(QColor(theme.muted), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(strip)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.told(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def told(self, at: QPointF) -> str:
        """What is at a place of the widget, in words."""
        row, area = int(at.y() // self._pitch()), self._area()
        if not (0 <= row < len(self._curves) and area.left() <= at.x() <= area.right()):
            return ""
        known = self._curves[row]
        place = self._canvas.rate_place(self._canvas.to_place(QPointF(at.x(), area.center().y())).x())
        word = verdict_word(known.keys[place])
        return f"{known.entry.label}, {exact_text(float(known.rates[place]))}: {word}"

    def _draw_zone(self, painter: QPainter, strip: QRectF, known: Zone) -> None:
        view, area = self._canvas.viewRect(), self._area()
        ends = (area.left() + (end - view.left()) * area.width() / view.width() for end in (known.low, known.high))
        left, right = np.clip([*ends], strip.left(), strip.right()).tolist()
        if right <= left:
            return
        word, theme = verdict_word(known.key), self._canvas.theme
        zone = QRectF(left, strip.top(), right - left, strip.height())
        painter.fillRect(zone, verdict_brush(known.key, theme))
        metrics = QFontMetricsF(self.font())
        width = metrics.horizontalAdvance(word) + 8
        if width + 4 <= zone.width():
            label = QRectF(zone.center().x() - width / 2, zone.top() + 2, width, zone.height() - 4)
            painter.fillRect(label, QColor(theme.background))
            painter.setPen(QColor(theme.foreground))
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, word)
        painter.fillRect(QRectF(right - 1, zone.top(), 1, zone.height()), QColor(theme.background))

    def _spoken(self, known: RateCurve) -> str:
        rates = known.rates
        return ", ".join(
            f"{verdict_word(zone.key)} {rates[zone.first]:.3g}–{rates[zone.last]:.3g}" for zone in known.zones
        )

    def _area(self) -> QRectF:
        return QRectF(self._canvas.plotItem.vb.sceneBoundingRect())

    def _pitch(self) -> float:
        return QFontMetricsF(self.font()).height() + 6 + _GAP

    def _fit(self) -> None:
        self.setFixedHeight(round(max(1, len(self._curves)) * self._pitch() + _GAP))
