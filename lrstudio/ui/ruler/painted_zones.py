"""The zones of a rate ruler as they are painted: a tint, a pattern and a word for each, limit and best rate marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from lrstudio.engine.sweep.best_rate import Best
from lrstudio.engine.sweep.zones import RATE_KEYS, RateKey, Zones
from lrstudio.ui.drawing.pixels import draw_symbol
from lrstudio.ui.look.theme import Theme, mix
from lrstudio.ui.look.verdict_style import verdict_style
from lrstudio.ui.ruler.axis import TYPICAL, RateScale, RulerArea
from lrstudio.ui.ruler.words import best_word, limit_word, progress_word, tr, zone_word

_TINT, _PATTERN, _BELOW = 0.32, 0.6, 0.17
_PALE = 0.35
_STAR = 15.0
_SPACE = 4.0
_ROWS = 2
_CENTER = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True)
class ZoneLook:
    """What a kind of zone is filled with: behind its name, its pattern there, and behind the handles."""

    tint: QColor
    pattern: QBrush
    below: QColor


def zone_looks(theme: Theme) -> Mapping[RateKey, ZoneLook]:
    """The looks of all zones in a theme."""
    looks: dict[RateKey, ZoneLook] = {}
    for key in RATE_KEYS:
        style = verdict_style(key, theme)
        tint, dense, below = (mix(theme.background, style.color.name(), share) for share in (_TINT, _PATTERN, _BELOW))
        pattern = QBrush(dense, style.brush.style())
        looks[key] = ZoneLook(tint, QBrush() if pattern.style() == Qt.BrushStyle.SolidPattern else pattern, below)
    return looks


@dataclass
class ZonePainter:
    """Paints zones on a ruler; `pale` where they are of something that has been changed since."""

    painter: QPainter
    scale: RateScale
    area: RulerArea
    theme: Theme
    looks: Mapping[RateKey, ZoneLook]
    pale: bool

    def __post_init__(self) -> None:
        self._taken: list[QRectF] = []
        self._metrics = QFontMetricsF(self.painter.font())

    def zones(self, zones: Zones) -> None:
        """Every zone, with its name where it is wide enough."""
        self.painter.setOpacity(_PALE if self.pale else 1)
        for zone in zones.zones:
            left, right = self.scale.x(zone.low), self.scale.x(zone.high)
            look, names = self.looks[zone.key], self.area.names(left, right)
            self.painter.fillRect(self.area.over_line(left, right), look.below)
            self.painter.fillRect(names, look.tint)
            self.painter.setBrushOrigin(QPointF(left, 0))
            self.painter.fillRect(names, look.pattern)
            self._name(names, zone_word(zone.key), look.tint)
        self.painter.setOpacity(1)

    def marks(self, zones: Zones) -> None:
        """The best rate as a star, the limit as a line across the zones, both with their numbers.

        A number that would hide the other's, or the star, stands in the row below.
        """
        self.painter.setOpacity(_PALE if self.pale else 1)
        if zones.best is not None:
            x = self.scale.x(zones.best.rate)
            self._taken.append(self.area.marks(x - _STAR / 2, x + _STAR / 2))
        limit = zones.exact_limit or (zones.limit[0] if zones.has_limit else None)
        if limit is not None and self.scale.low <= math.log10(limit) <= self.scale.high:
            self._limit(limit, limit_word(zones))
        if zones.best is not None:
            self._best(zones.best)
        self.painter.setOpacity(1)

    def notes(self, zones: Zones | None, failed: str) -> None:
        """How much is known, and which rates are usual, where there is room for it."""
        self.painter.setPen(QColor(self.theme.muted))
        word = tr("computing…") if zones is None or self.pale else progress_word(zones)
        word = tr("no zones") if failed else word
        start = self.scale.left if self.scale.zero is None else self.scale.zero
        self._say(word, start, Qt.AlignmentFlag.AlignLeft)
        left, right = (self.scale.x(rate) for rate in TYPICAL)
        self.painter.setPen(QColor(self.theme.foreground))
        self._say(tr("usual with Adam"), (left + right) / 2, Qt.AlignmentFlag.AlignHCenter)

    def _name(self, names: QRectF, word: str, tint: QColor) -> None:
        wide = self._metrics.horizontalAdvance(word)
        if wide + _SPACE > names.width():
            return
        middle = names.center().x()
        self.painter.fillRect(QRectF(middle - wide / 2 - 2, names.top(), wide + 4, names.height()), tint)
        self.painter.setPen(QColor(self.theme.foreground))
        self.painter.drawText(names, _CENTER, word)

    def _limit(self, rate: float, word: str) -> None:
        x = round(self.scale.x(rate)) + 0.5
        self.painter.setPen(QPen(QColor(self.theme.foreground), 2, c=Qt.PenCapStyle.FlatCap))
        self.painter.drawLine(QPointF(x, 1), QPointF(x, self.area.line))
        self._taken += [self.area.marks(x - 1, x + 1, row) for row in range(_ROWS)]
        self._say_beside(word, x, _SPACE, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight))

    def _best(self, best: Best) -> None:
        x, row = self.scale.x(best.rate), self.area.marks(0, 0)
        color = QColor(self.theme.foreground)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_symbol(self.painter, "star", QPointF(x, row.center().y()), color, QColor(self.theme.background), _STAR)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.painter.setPen(color)
        sides = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
        self._say_beside(best_word(best), x, _STAR / 2 + _SPACE / 2, sides)

    def _say_beside(self, text: str, x: float, edge: float, sides: Sequence[Qt.AlignmentFlag]) -> None:
        """Write a word beside a mark, on the first side where it hides nothing, in the first row before the second."""
        for row in range(_ROWS):
            for side in sides:
                if self._say(text, x + edge if side == Qt.AlignmentFlag.AlignLeft else x - edge, side, row):
                    return

    def _say(self, text: str, x: float, align: Qt.AlignmentFlag, row: int = 0) -> bool:
        """Write a word in a row of the marks where it hides no other; whether there was room."""
        wide = self._metrics.horizontalAdvance(text) + 1
        shift = {Qt.AlignmentFlag.AlignLeft: 0.0, Qt.AlignmentFlag.AlignRight: wide}.get(align, wide / 2)
        place = self.area.marks(x - shift, x - shift + wide, row)
        inside = place.left() >= 2 and place.right() <= self.area.width - 2
        if not text or not inside or any(place.intersects(other) for other in self._taken):
            return False
        self._taken.append(place)
        self.painter.drawText(place, _CENTER, text)
        return True
