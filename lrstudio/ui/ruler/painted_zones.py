"""Painting of the zones of a rate ruler: tint, pattern and name of each, with the limit and the best rate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.sweep.best_rate import Best
from lrstudio.engine.sweep.zones import RATE_KEYS, RateKey, Zones
from lrstudio.ui.drawing.pixels import draw_symbol
from lrstudio.ui.look.theme import Theme, mix
from lrstudio.ui.look.verdict_style import verdict_style
from lrstudio.ui.ruler.axis import TYPICAL, RateScale, RulerArea
from lrstudio.ui.ruler.words import best_word, limit_word, progress_word, zone_word

_TINT, _PATTERN, _BELOW = 0.32, 0.6, 0.17
_OUTDATED = 0.35
"""Opacity of outdated zones."""
_STAR = 15.0
_SPACE = 4.0
_APART = _SPACE / 2 - 0.1
_ROWS = 2
_CENTER = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True)
class ZoneStyle:
    """The fills of a zone: colour and pattern behind its name, colour behind the handles."""

    tint: QColor
    pattern: QBrush
    below: QColor


def zone_styles(theme: Theme) -> Mapping[RateKey, ZoneStyle]:
    """Returns the styles of all zones in a theme."""
    styles: dict[RateKey, ZoneStyle] = {}
    for key in RATE_KEYS:
        style = verdict_style(key, theme)
        tint, dense, below = (mix(theme.background, style.color.name(), share) for share in (_TINT, _PATTERN, _BELOW))
        pattern = QBrush(dense, style.brush.style())
        styles[key] = ZoneStyle(tint, QBrush() if pattern.style() == Qt.BrushStyle.SolidPattern else pattern, below)
    return styles


@dataclass
class ZonePainter:
    """Paints zones on a ruler, faded if they are `outdated`."""

    painter: QPainter
    scale: RateScale
    area: RulerArea
    theme: Theme
    styles: Mapping[RateKey, ZoneStyle]
    outdated: bool

    def __post_init__(self) -> None:
        self._occupied: list[QRectF] = []
        self._metrics = QFontMetricsF(self.painter.font())

    def zones(self, zones: Zones) -> None:
        """Paints the zones, with the names that fit."""
        self.painter.setOpacity(_OUTDATED if self.outdated else 1)
        for zone in zones.zones:
            left, right = self.scale.x(zone.low), self.scale.x(zone.high)
            style, names = self.styles[zone.key], self.area.names(left, right)
            self.painter.fillRect(self.area.zone(left, right), style.below)
            self.painter.fillRect(names, style.tint)
            self.painter.setBrushOrigin(QPointF(left, 0))
            self.painter.fillRect(names, style.pattern)
            self._name(names, zone_word(zone.key), style.tint)
        self.painter.setOpacity(1)

    def marks(self, zones: Zones) -> None:
        """Paints the best rate as a star and the limit as a line, each with its number where nothing overlaps."""
        self.painter.setOpacity(_OUTDATED if self.outdated else 1)
        if zones.best is not None:
            x = self.scale.x(zones.best.rate)
            self._occupied.append(self.area.marks(x - _STAR / 2, x + _STAR / 2))
        limit = zones.exact_limit or (zones.limit[0] if zones.has_limit else None)
        if limit is not None and self.scale.low <= math.log10(limit) <= self.scale.high:
            self._limit(limit, limit_word(zones))
        if zones.best is not None:
            self._best(zones.best)
        self.painter.setOpacity(1)

    def notes(self, zones: Zones | None, failed: str) -> None:
        """Paints the progress of the zones and the name of the range TYPICAL, if they fit."""
        self.painter.setPen(QColor(self.theme.muted))
        word = tr("computing…") if zones is None or self.outdated else progress_word(zones)
        word = tr("no zones") if failed else word
        start = self.scale.left if self.scale.zero is None else self.scale.zero
        self._draw_word(word, start, Qt.AlignmentFlag.AlignLeft)
        left, right = (self.scale.x(rate) for rate in TYPICAL)
        self.painter.setPen(QColor(self.theme.foreground))
        self._draw_word(tr("usual with Adam"), (left + right) / 2, Qt.AlignmentFlag.AlignHCenter)

    def _name(self, names: QRectF, word: str, tint: QColor) -> None:
        width = self._metrics.horizontalAdvance(word)
        if width + _SPACE > names.width():
            return
        center = names.center().x()
        self.painter.fillRect(QRectF(center - width / 2 - 2, names.top(), width + 4, names.height()), tint)
        self.painter.setPen(QColor(self.theme.foreground))
        self.painter.drawText(names, _CENTER, word)

    def _limit(self, rate: float, word: str) -> None:
        x = round(self.scale.x(rate)) + 0.5
        self.painter.setPen(QPen(QColor(self.theme.foreground), 2, c=Qt.PenCapStyle.FlatCap))
        self.painter.drawLine(QPointF(x, 1), QPointF(x, self.area.line))
        self._occupied += [self.area.marks(x - 1, x + 1, row) for row in range(_ROWS)]
        self._draw_beside(word, x, _SPACE, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight))

    def _best(self, best: Best) -> None:
        x, row = self.scale.x(best.rate), self.area.marks(0, 0)
        color = QColor(self.theme.foreground)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_symbol(self.painter, "star", QPointF(x, row.center().y()), color, QColor(self.theme.background), _STAR)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.painter.setPen(color)
        sides = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
        self._draw_beside(best_word(best), x, _STAR / 2 + _SPACE / 2, sides)

    def _draw_beside(self, text: str, x: float, edge: float, sides: Sequence[Qt.AlignmentFlag]) -> None:
        """Writes a word beside a mark, in the first row and on the first side where nothing overlaps."""
        for row in range(_ROWS):
            for side in sides:
                if self._draw_word(text, x + edge if side == Qt.AlignmentFlag.AlignLeft else x - edge, side, row):
                    return

    def _draw_word(self, text: str, x: float, align: Qt.AlignmentFlag, row: int = 0) -> bool:
        """Writes a word in a row of the marks unless it overlaps others; returns whether it fits."""
        width = self._metrics.horizontalAdvance(text) + 1
        shift = {Qt.AlignmentFlag.AlignLeft: 0.0, Qt.AlignmentFlag.AlignRight: width}.get(align, width / 2)
        rect = self.area.marks(x - shift, x - shift + width, row)
        apart = rect.adjusted(-_APART, 0, _APART, 0)
        inside = rect.left() >= 2 and rect.right() <= self.area.width - 2
        if not text or not inside or any(apart.intersects(other) for other in self._occupied):
            return False
        self._occupied.append(rect)
        self.painter.drawText(rect, _CENTER, text)
        return True
