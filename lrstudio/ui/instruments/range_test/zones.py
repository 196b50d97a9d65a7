"""Which rates come to which verdict: zones behind a sweep's curve."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QTransform

from lrstudio.engine.sweep.rate_keys import RATE_KEYS, RateKey, Zone, borders_of, zones
from lrstudio.ui.drawing.pixels import PixelItem
from lrstudio.ui.instruments.range_test.job import Swept
from lrstudio.ui.look.theme import LIGHT, Theme, mix
from lrstudio.ui.look.verdict_style import VerdictStyle, verdict_style

_ICON = 16


class ZonesItem(PixelItem):
    """A pale ground for each verdict, and at the bottom a strip with its pattern, picture and word."""

    def __init__(self) -> None:
        super().__init__()
        self._zones: tuple[Zone, ...] = ()
        self._styles: dict[RateKey, VerdictStyle] = {}
        self._theme, self._font = LIGHT, QFont()
        self.setZValue(-40)

    def show_swept(self, swept: Swept | None) -> None:
        """Show the zones of the rates that are known, by decimal logarithms of rates."""
        self._zones = ()
        if swept is not None:
            rates, codes = swept.rates[swept.known], swept.codes[swept.known].tolist()
            self._zones = zones(np.log10(borders_of(rates)), [RATE_KEYS[code] for code in codes])
        self.update()

    def set_look(self, theme: Theme, font: QFont) -> None:
        self._theme, self._font = theme, font
        self._styles = {key: verdict_style(key, theme) for key in RATE_KEYS}
        self.update()

    @property
    def strip(self) -> float:
        """The height of the strip in pixels."""
        return QFontMetricsF(self._font).height() + 6

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        for zone in self._zones:
            left, right = (end * transform.m11() + transform.dx() for end in (zone.low, zone.high))
            ground = QRectF(left, area.top(), right - left, area.height()).intersected(area)
            if not ground.isEmpty():
                self._draw(painter, ground, self._styles[zone.key])

    def _draw(self, painter: QPainter, ground: QRectF, style: VerdictStyle) -> None:
        painter.fillRect(ground, mix(style.color.name(), self._theme.background, 0.88))
        strip = QRectF(ground.left(), ground.bottom() - self.strip, ground.width(), self.strip)
        painter.fillRect(strip, mix(style.color.name(), self._theme.background, 0.75))
        painter.fillRect(strip, QBrush(mix(style.color.name(), self._theme.background, 0.3), style.brush.style()))
        width = QFontMetricsF(self._font).horizontalAdvance(style.word) + _ICON + 12
        icon_alone = strip.width() < width
        if strip.width() < _ICON + 8:
            return
        width = _ICON + 8.0 if icon_alone else width
        label = QRectF(strip.center().x() - width / 2, strip.top() + 2, width, strip.height() - 4)
        painter.fillRect(label, QColor(self._theme.background))
        place = QRectF(label.left() + 4, label.center().y() - _ICON / 2, _ICON, _ICON)
        style.icon.paint(painter, place.toRect())
        if not icon_alone:
            painter.setFont(self._font)
            painter.setPen(QColor(self._theme.foreground))
            painter.drawText(label.adjusted(_ICON + 8, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, style.word)
