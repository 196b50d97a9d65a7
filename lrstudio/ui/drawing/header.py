"""The header above a plot: title and note at the left, legend of the runs at the right."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSceneResizeEvent, QWidget

from lrstudio.core.record import dataclass
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.drawing.lines import single_segment
from lrstudio.ui.drawing.pixels import bold, draw_dashed, draw_symbol, draw_text_in
from lrstudio.ui.drawing.pyqtgraph import pg
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.theme import LIGHT, RunStyle, Theme

_LEFT = 6.0
_SAMPLE, _SHORT_SAMPLE = 32.0, 20.0
_GAP, _SMALL_GAP = 12.0, 8.0
_BESIDE = 6.0
_BELOW = 4.0
"""Pixels for the upper half of a tick's label at the upper end of the axis."""
_JOINT = " · "
_LEAST_LABEL = 10
"""Least characters of an elided name."""
_LINES, _SHARE = 4, 0.3
"""Greatest number of lines, and greatest share of the plot's height."""
_SPARE = 40.0
"""Pixels reserved for the number of runs that do not fit."""


@dataclass(frozen=True)
class Entry:
    """A run in the legend: x, line and width of its sample, and its elided name."""

    x: float
    line: int
    sample: float
    label: str
    style: RunStyle


class Header(pg.GraphicsWidget):  # type: ignore[misc]
    """Title, note and legend, which may take several lines; a tool tip has all names if some do not fit.

    It is cached as a picture and repainted when it changes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        self.title = ""
        self.note = ""
        self._entries: Sequence[tuple[str, RunStyle]] = ()
        self.reserved = 0.0
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsToShape)  # SVG files keep the previous clip
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    @property
    def entries(self) -> Sequence[tuple[str, RunStyle]]:
        """Names and styles of the runs."""
        return self._entries

    @entries.setter
    def entries(self, entries: Sequence[tuple[str, RunStyle]]) -> None:
        self._entries = entries
        self.fit()
        self.update()

    def set_font(self, font: QFont) -> None:
        self.setFont(font)
        self.fit()
        self.update()

    def reserve(self, width: float) -> None:
        """Reserves pixels at the right end of the first line."""
        self.reserved = width
        self.fit()
        self.update()

    def resizeEvent(self, event: QGraphicsSceneResizeEvent) -> None:
        super().resizeEvent(event)
        if event.newSize().width() != event.oldSize().width():
            self.fit()

    @guarded
    def paint(self, painter: QPainter, option: object, widget: QWidget | None = None) -> None:
        entries, more = self.legend()
        x = self._text(painter, _LEFT, self.elided_title(), self.theme.foreground, strong=True)
        first = min([entry.x for entry in entries if not entry.line], default=self._end(0))
        note = self.fitted_note(first - x - _BESIDE - 2 - _SMALL_GAP)
        if note:
            self._text(painter, x + _BESIDE + 2, note, self.theme.muted)
        for entry in entries:
            sample = QRectF(entry.x, self._top(entry.line), entry.sample, self.line_height)
            draw_sample(painter, sample, entry.style, self.theme)
            self._text(painter, sample.right() + _BESIDE, entry.label, self.theme.foreground, line=entry.line)
        if more is not None:
            x, line, text = more
            self._text(painter, x, text, self.theme.muted, line=line)

    def elided_title(self) -> str:
        """Returns the title, elided to the width."""
        font = bold(self.font())
        room = self._end(0) - _LEFT
        return QFontMetricsF(font).elidedText(self.title, Qt.TextElideMode.ElideRight, max(0.0, room))

    def fitted_note(self, room: float) -> str:
        """Returns the note, or as many of its last parts as fit into the width `room`."""
        parts, metrics = self.note.split(_JOINT), QFontMetricsF(self.font())
        while parts and metrics.horizontalAdvance(_JOINT.join(parts)) > room:
            parts = parts[1:]
        return _JOINT.join(parts)

    def legend(self) -> tuple[list[Entry], tuple[float, int, str] | None]:
        """Returns the entries that fit, and x, line and text for the number of the others.

        They are at the right end of the title's line if they fit, otherwise denser on several lines, with long names
        elided if necessary.
        """
        entries: list[Entry] = []
        count, least = len(self._entries), _LEAST_LABEL * QFontMetricsF(self.font()).averageCharWidth()
        for sample, gap, lines, most in (
            (_SAMPLE, _GAP, 1, None),
            (_SHORT_SAMPLE, _SMALL_GAP, self._lines(), None),
            (_SHORT_SAMPLE, _SMALL_GAP, self._lines(), least),
        ):
            entries = self._layout(sample, gap, lines, most)
            if len(entries) == count:
                return entries, None
        if not entries:
            return [], (self._end(0) - _SPARE, 0, f"+{count}") if self._end(0) - _SPARE > self._begin() else None
        last = entries[-1]
        x = last.x + last.sample + _BESIDE + QFontMetricsF(self.font()).horizontalAdvance(last.label) + _SMALL_GAP
        return entries, (x, last.line, f"+{count - len(entries)}")

    def _layout(self, sample: float, gap: float, lines: int, most: float | None) -> list[Entry]:
        """Returns the entries that fit on right-aligned lines, with names up to `most` pixels."""
        metrics = QFontMetricsF(self.font())
        rows: list[list[tuple[str, RunStyle, float]]] = [[]]
        for index, (label, style) in enumerate(self._entries):
            whole = metrics.horizontalAdvance(label)
            room = self._end(1) - _LEFT - sample - _BESIDE - gap
            shown = min(room, whole) if most is None else min(room, most, whole)
            text = label if shown >= whole else metrics.elidedText(label, Qt.TextElideMode.ElideMiddle, shown)
            width = sample + _BESIDE + metrics.horizontalAdvance(text) + gap
            while len(rows) <= lines:
                spare = _SPARE if len(rows) == lines and index + 1 < len(self._entries) else 0.0
                if sum(width for *_, width in rows[-1]) + width + spare <= self._room(len(rows) - 1):
                    break
                rows.append([])
            if len(rows) > lines:
                rows.pop()
                break
            rows[-1].append((text, style, width))
        entries: list[Entry] = []
        left_out = sum(map(len, rows)) < len(self._entries)
        for line, row in enumerate(rows):
            x = self._end(line) - sum(width for *_, width in row) - _SPARE * (left_out and line == len(rows) - 1)
            for text, style, width in row:
                entries.append(Entry(x, line, sample, text, style))
                x += width
        return entries

    def fit(self) -> None:
        """Sets the height to the lines of the legend, and the tool tip."""
        entries, _ = self.legend() if self.size().width() > 1 else ([], None)
        lines = 1 + max([entry.line for entry in entries], default=0)
        height = self._top(lines) + _BELOW
        if height != self.minimumHeight():
            self.setMinimumHeight(height)
            self.setMaximumHeight(height)
        names = [name for name, _ in self._entries]
        self.setToolTip("" if [entry.label for entry in entries] == names else plain("\n".join(names)))

    def _lines(self) -> int:
        """Returns the greatest number of lines that fit into the plot."""
        plot = self.parentItem()
        room = _SHARE * plot.boundingRect().height() if plot is not None else math.inf
        return next((lines for lines in range(_LINES, 1, -1) if self._top(lines) <= room), 1)

    def _begin(self) -> float:
        """Returns the right end of the title."""
        return _LEFT + QFontMetricsF(bold(self.font())).horizontalAdvance(self.elided_title())

    def _end(self, line: int) -> float:
        """Returns the right end of a line."""
        return float(self.size().width()) - (self.reserved if not line else 0.0)

    def _room(self, line: int) -> float:
        """Returns the width of the legend on a line."""
        return self._end(line) - (_LEFT if line else self._begin() + _GAP)

    @property
    def line_height(self) -> float:
        """Height of the first line; the others are lower."""
        return QFontMetricsF(self.font()).height() + 8

    def _top(self, line: int) -> float:
        return line * self.line_height - 6.0 * max(0, line - 1)

    def _text(
        self, painter: QPainter, x: float, text: str, color: str, *, strong: bool = False, line: int = 0
    ) -> float:
        """Draws a text at x and returns its right end."""
        font = bold(self.font()) if strong else self.font()
        painter.setFont(font)
        painter.setPen(color)
        width = QFontMetricsF(font).horizontalAdvance(text)
        rect = QRectF(x, self._top(line), width + 2, self.line_height)
        draw_text_in(painter, rect, Qt.AlignmentFlag.AlignVCenter, text)
        return x + width


def draw_sample(painter: QPainter, rect: QRectF, style: RunStyle, theme: Theme) -> None:
    """Draws a sample of a run's line with its marker, for legends and lists."""
    y = rect.center().y()
    line = single_segment(rect.left() + 1, y, rect.right() - 1, y)
    painter.save()
    draw_dashed(painter, line, style.color, 2.5, style.dash)
    if style.marker:
        draw_symbol(painter, style.marker, QPointF(rect.center().x(), y), style.color, pg.mkColor(theme.background), 11)
    painter.restore()


def sample_pixmap(style: RunStyle, theme: Theme, size: QSize, ratio: float, opacity: float = 1.0) -> QPixmap:
    """Returns a picture of such a piece, with `ratio` pixels of the screen to a pixel."""
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(opacity)
    draw_sample(painter, QRectF(0, 0, size.width(), size.height()), style, theme)
    painter.end()
    return pixmap


class Caption(pg.GraphicsWidget):  # type: ignore[misc]
    """The name of the x quantity, in the corner below the left axis."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.color = LIGHT.foreground
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsToShape)

    @guarded
    def paint(self, painter: QPainter, option: object, widget: QWidget | None = None) -> None:
        painter.setFont(bold(self.font()))
        painter.setPen(self.color)
        rect = QRectF(6, 0, self.size().width() - 6, self.size().height())
        draw_text_in(painter, rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text)
