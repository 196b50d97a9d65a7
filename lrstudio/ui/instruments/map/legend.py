"""The legend of a map: a swatch, an icon and a word for each verdict, or a colour bar."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QIcon, QPainter, QPen
from PySide6.QtWidgets import QWidget

from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.core.language import tr
from lrstudio.engine.sweep.zones import RATE_KEYS, RateKey
from lrstudio.ui.drawing.axis import power_text
from lrstudio.ui.drawing.guard import PaintedWidget
from lrstudio.ui.drawing.pixels import draw_text_in
from lrstudio.ui.drawing.reading import exact_text
from lrstudio.ui.instruments.map.colors import Scale, shades
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.look.verdict_style import verdict_style, verdict_word

_PAD, _SWATCH, _BAR, _TICK = 10, 20, 24, 5
_LONGEST_BAR = 300.0
_LARGE_FONT = 28.0
"""Height of the letters in pixels that leave no space for percentages."""
_ORDER: tuple[RateKey, ...] = (
    "diverged", "too_large", "cycling", "oscillating", "arrived", "converging", "too_slow", "plateau", "stuck",
)  # fmt: skip
Align = Qt.AlignmentFlag


class MapLegend(PaintedWidget):
    """Shows a scale, with pale names for verdicts that do not occur."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.title = ""
        self.scale: Scale | None = None
        self.setAccessibleName(tr("Legend"))
        FontFit(self, self._fit)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_scale(self, title: str, scale: Scale) -> None:
        """Shows a scale under a title."""
        if (title, scale) != (self.title, self.scale):
            self.title, self.scale = title, scale
            self._fit()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        share = "  100 %" if self._has_percentages else ""
        widest = max(metrics.horizontalAdvance(verdict_word(key) + share) for key in RATE_KEYS)
        width = max(2 * _PAD + 2 * _SWATCH + 14 + widest, metrics.horizontalAdvance(self.title) * 1.1 + 2 * _PAD)
        return QSize(math.ceil(width), math.ceil(11 * self._line()))

    def draw(self, painter: QPainter) -> None:
        if self.scale is None:
            return
        painter.setPen(QColor(self.theme.foreground))
        line, bold = self._line(), self.font()
        bold.setBold(True)
        painter.setFont(bold)
        draw_text_in(painter, QRectF(_PAD, 0, self.width() - _PAD, line), Align.AlignVCenter, self.title)
        painter.setFont(self.font())
        if self.scale.column == "verdict":
            self._draw_verdicts(painter, line)
        else:
            self._draw_bar(painter, line)

    def _draw_verdicts(self, painter: QPainter, top: float) -> None:
        assert self.scale is not None
        total = sum(self.scale.counts) or 1
        for row, key in enumerate(_ORDER):
            share = self.scale.counts[RATE_KEYS.index(key)] / total
            text = "" if not share or not self._has_percentages else "<1 %" if share < 0.005 else f"{100 * share:.0f} %"
            self._draw_verdict(painter, key, top + row * self._line(), text, pale=not share)

    def _draw_verdict(self, painter: QPainter, key: RateKey, y: float, text: str, *, pale: bool) -> None:
        style, line = verdict_style(key, self.theme), self._line()
        painter.setOpacity(0.45 if pale else 1.0)
        swatch = QRectF(_PAD, y + (line - _SWATCH) / 2, _SWATCH, _SWATCH)
        painter.setPen(QPen(QColor(self.theme.muted), 1))
        painter.setBrush(style.color)
        painter.drawRect(swatch)
        if key == "too_large":
            painter.setBrush(QBrush(QColor(self.theme.background), style.brush.style()))
            painter.drawRect(swatch)
        icon = QRect(round(swatch.right()) + 6, round(swatch.top()), _SWATCH, _SWATCH)
        style.icon.paint(painter, icon, mode=QIcon.Mode.Normal)
        left = icon.right() + 8.0
        rect = QRectF(left, y, self.width() - left - 4, line)
        painter.setPen(QColor(self.theme.foreground))
        draw_text_in(painter, rect, Align.AlignVCenter | Align.AlignLeft, style.word)
        painter.setPen(QColor(self.theme.muted))
        draw_text_in(painter, rect, Align.AlignVCenter | Align.AlignRight, text)
        painter.setOpacity(1.0)

    def _draw_bar(self, painter: QPainter, top: float) -> None:
        """Draws the colours with their values, and below them the colour of diverged cells."""
        assert self.scale is not None
        line = self._line()
        height = min(_LONGEST_BAR, self.height() - top - 3 * line)
        bar = QRectF(_PAD, top + line / 2, _BAR, height)
        colors = shades()
        for shade, color in enumerate(colors.tolist()):
            y = bar.bottom() - (shade + 1) / len(colors) * height
            painter.fillRect(QRectF(bar.left(), y, _BAR, height / len(colors) + 1), QColor.fromRgb(color))
        painter.setPen(QColor(self.theme.foreground))
        for share, text in bar_ticks(self.scale, max(2, int(height / (1.5 * line)))):
            y = round(bar.bottom() - share * height) + 0.5
            painter.drawLine(round(bar.right()), round(y), round(bar.right()) + _TICK, round(y))
            rect = QRectF(bar.right() + _TICK + 4, y - line / 2, self.width(), line)
            draw_text_in(painter, rect, Align.AlignVCenter, text)
        if self.scale.column != "diverged_at" and self.scale.counts[DIVERGED]:
            self._draw_verdict(painter, "diverged", bar.bottom() + line, "", pale=False)

    @property
    def _has_percentages(self) -> bool:
        return QFontMetricsF(self.font()).height() < _LARGE_FONT

    def _line(self) -> float:
        return max(_SWATCH + 6.0, QFontMetricsF(self.font()).height() + 4)

    def _fit(self) -> None:
        self.setFixedWidth(self.sizeHint().width())


def bar_ticks(scale: Scale, most: int) -> list[tuple[float, str]]:
    """Returns the ticks of a colour bar, from 0 to 1, and their texts: whole decades, or equal steps where few."""
    low, high = scale.low, scale.high
    shares: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    if scale.log:
        low, high, shares = math.log10(low), math.log10(high), (0.0, 0.5, 1.0)
        step = max(1, math.ceil((high - low) / most))
        decades = range(math.ceil(low / step - 1e-9) * step, math.floor(high + 1e-9) + 1, step)
        if len(decades) >= 2:
            return [((decade - low) / (high - low), power_text(float(decade))) for decade in decades]
    ends = [low + share * (high - low) for share in shares]
    values = [10**end if scale.log else end for end in ends]
    return [(share, exact_text(float(f"{value:.3g}"))) for share, value in zip(shares, values, strict=True)]
