"""Which rates come to which verdict: zones behind a sweep's curve."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QTransform

from lrstudio.engine.sweep.rate_keys import RATE_KEYS
from lrstudio.ui.drawing.pixels import PixelItem
from lrstudio.ui.instruments.range_test.job import Swept
from lrstudio.ui.look.theme import LIGHT, Theme, mix
from lrstudio.ui.look.verdict_style import VerdictStyle, verdict_style

_ICON = 16


class Zone(NamedTuple):
    """Neighbouring rates that do the same, a place in RATE_KEYS; the ends are decimal logarithms of rates."""

    low: float
    high: float
    verdict: int


def zones(swept: Swept) -> list[Zone]:
    """The zones of the rates that are known; one ends half way to the next rate."""
    known = np.flatnonzero(swept.known)
    if not len(known):
        return []
    x = np.log10(swept.rates[known])
    edges = np.concatenate([x[:1], (x[1:] + x[:-1]) / 2, x[-1:]])
    found, place = [], 0
    for verdict, group in groupby(swept.codes[known].tolist()):
        stop = place + len(list(group))
        found.append(Zone(float(edges[place]), float(edges[stop]), int(verdict)))
        place = stop
    return found


class ZonesItem(PixelItem):
    """A pale ground for each verdict, and at the bottom a strip with its pattern, picture and word."""

    def __init__(self) -> None:
        super().__init__()
        self._zones: list[Zone] = []
        self._styles: list[VerdictStyle] = []
        self._theme, self._font = LIGHT, QFont()
        self.setZValue(-40)

    def set_zones(self, found: list[Zone]) -> None:
        self._zones = found
        self.update()

    def set_look(self, theme: Theme, font: QFont) -> None:
        self._theme, self._font = theme, font
        self._styles = [verdict_style(key, theme) for key in RATE_KEYS]
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
                self._draw(painter, ground, self._styles[zone.verdict])

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
