"""The line above a plot: its quantity at the left, the runs at the right. Nothing lies over the curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSceneResizeEvent, QWidget

from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.drawing.lines import one_line
from lrstudio.ui.drawing.pixels import draw_dashed, draw_symbol
from lrstudio.ui.look.theme import LIGHT, RunStyle, Theme

_LEFT = 6.0
_SAMPLE, _SHORT_SAMPLE = 32.0, 20.0
_GAP, _SMALL_GAP = 12.0, 8.0
_BESIDE = 6.0
_JOINT = " · "
_LEAST_LABEL = 10
"""Letters of a name that are left at least."""
_LINES, _SHARE = 4, 0.3
"""So many lines at most, and not more than this share of the plot's height."""
_SPARE = 40.0
"""Pixels for the number of those that have no room."""


@dataclass(frozen=True)
class Entry:
    """A run in the legend: where its sample begins, on which line, how long that is, and its name as far as it fits."""

    x: float
    line: int
    sample: float
    label: str
    style: RunStyle


class Header(pg.GraphicsWidget):  # type: ignore[misc]
    """Title, note and legend, which takes as many lines as it needs and can; a tip has the names that do not.

    It is painted when it changes and kept as a picture.
    """

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        self.title = ""
        self.note = ""
        self._entries: Sequence[tuple[str, RunStyle]] = ()
        self.reserved = 0.0
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsToShape)  # an SVG keeps the clip of what came before
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    @property
    def entries(self) -> Sequence[tuple[str, RunStyle]]:
        """The names and looks of the runs."""
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

    def leave_room(self, width: float) -> None:
        """Keep so many pixels free at the right end of the first line."""
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
        x = self._text(painter, _LEFT, self.shown_title(), self.theme.foreground, bold=True)
        first = min([entry.x for entry in entries if not entry.line], default=self._end(0))
        note = self.shown_note(first - x - _BESIDE - 2)
        if note:
            self._text(painter, x + _BESIDE + 2, note, self.theme.muted)
        for entry in entries:
            sample = QRectF(entry.x, self._top(entry.line), entry.sample, self.line_height)
            draw_sample(painter, sample, entry.style, self.theme)
            self._text(painter, sample.right() + _BESIDE, entry.label, self.theme.foreground, line=entry.line)
        if more is not None:
            x, line, text = more
            self._text(painter, x, text, self.theme.muted, line=line)

    def shown_title(self) -> str:
        """As much of the title as there is room for."""
        font = self._bold()
        room = self._end(0) - _LEFT
        return QFontMetricsF(font).elidedText(self.title, Qt.TextElideMode.ElideRight, max(0.0, room))

    def shown_note(self, room: float) -> str:
        """The note, or as many of its last parts as there is room for: the legend matters more."""
        parts, metrics = self.note.split(_JOINT), QFontMetricsF(self.font())
        while parts and metrics.horizontalAdvance(_JOINT.join(parts)) > room:
            parts = parts[1:]
        return _JOINT.join(parts)

    def legend(self) -> tuple[list[Entry], tuple[float, int, str] | None]:
        """The runs that have room, and where and how it is said how many have none.

        They stand at the right end of the line of the title where there is room, otherwise closer to each other on
        more lines; where these do not suffice long names end in `…`, and what is left has none.
        """
        entries: list[Entry] = []
        count, least = len(self._entries), self._least_label()
        for sample, gap, lines, most in (
            (_SAMPLE, _GAP, 1, None),
            (_SHORT_SAMPLE, _SMALL_GAP, self._lines(), None),
            (_SHORT_SAMPLE, _SMALL_GAP, self._lines(), least),
        ):
            entries = self._placed(sample, gap, lines, most)
            if len(entries) == count:
                return entries, None
        if not entries:
            return [], (self._end(0) - _SPARE, 0, f"+{count}") if self._end(0) - _SPARE > self._begin() else None
        last = entries[-1]
        x = last.x + last.sample + _BESIDE + QFontMetricsF(self.font()).horizontalAdvance(last.label) + _SMALL_GAP
        return entries, (x, last.line, f"+{count - len(entries)}")

    def _placed(self, sample: float, gap: float, lines: int, most: float | None) -> list[Entry]:
        """As many entries as have room on so many lines, each of which ends at the right."""
        metrics = QFontMetricsF(self.font())
        rows: list[list[tuple[str, RunStyle, float]]] = [[]]
        for place, (label, style) in enumerate(self._entries):
            whole = metrics.horizontalAdvance(label)
            room = self._end(1) - _LEFT - sample - _BESIDE - gap
            shown = min(room, whole) if most is None else min(room, most, whole)
            text = label if shown >= whole else metrics.elidedText(label, Qt.TextElideMode.ElideRight, shown)
            width = sample + _BESIDE + metrics.horizontalAdvance(text) + gap
            while len(rows) <= lines:
                spare = _SPARE if len(rows) == lines > 1 and place + 1 < len(self._entries) else 0.0
                if sum(width for *_, width in rows[-1]) + width + spare <= self._room(len(rows) - 1):
                    break
                rows.append([])
            if len(rows) > lines:
                rows.pop()
                break
            rows[-1].append((text, style, width))
        placed: list[Entry] = []
        left_out = sum(map(len, rows)) < len(self._entries)
        for line, row in enumerate(rows):
            x = self._end(line) - sum(width for *_, width in row) - _SPARE * (left_out and line == len(rows) - 1)
            for text, style, width in row:
                placed.append(Entry(x, line, sample, text, style))
                x += width
        return placed

    def fit(self) -> None:
        """Be as high as the lines of the legend."""
        entries, _ = self.legend() if self.size().width() > 1 else ([], None)
        lines = 1 + max([entry.line for entry in entries], default=0)
        height = self._top(lines)
        if height != self.minimumHeight():
            self.setMinimumHeight(height)
            self.setMaximumHeight(height)
        names = [name for name, _ in self._entries]
        self.setToolTip("" if [entry.label for entry in entries] == names else "\n".join(names))

    def _lines(self) -> int:
        """The lines that the plot has room for."""
        plot = self.parentItem()
        room = _SHARE * plot.boundingRect().height() if plot is not None else math.inf
        return next((lines for lines in range(_LINES, 1, -1) if self._top(lines) <= room), 1)

    def _begin(self) -> float:
        """Where the title ends."""
        return _LEFT + QFontMetricsF(self._bold()).horizontalAdvance(self.shown_title())

    def _end(self, line: int) -> float:
        """Where a line ends at the right."""
        return float(self.size().width()) - (self.reserved if not line else 0.0)

    def _room(self, line: int) -> float:
        """The pixels that the legend has on a line."""
        return self._end(line) - (_LEFT if line else self._begin() + _GAP)

    @property
    def line_height(self) -> float:
        """The height of the first line; of the others it is less by the space above them."""
        return QFontMetricsF(self.font()).height() + 8

    def _top(self, line: int) -> float:
        return line * self.line_height - 6.0 * max(0, line - 1)

    def _least_label(self) -> float:
        return _LEAST_LABEL * QFontMetricsF(self.font()).averageCharWidth()

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def _text(self, painter: QPainter, x: float, text: str, color: str, *, bold: bool = False, line: int = 0) -> float:
        """Draw the text from x on; returns where it ends."""
        font = self._bold() if bold else QFont(self.font())
        painter.setFont(font)
        painter.setPen(color)
        width = QFontMetricsF(font).horizontalAdvance(text)
        place = QRectF(x, self._top(line), width + 2, self.line_height)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        return x + width


def draw_sample(painter: QPainter, rect: QRectF, style: RunStyle, theme: Theme) -> None:
    """A piece of a run's line with its marker: what a legend or a list shows."""
    y = rect.center().y()
    line = one_line(rect.left() + 1, y, rect.right() - 1, y)
    painter.save()
    draw_dashed(painter, line, style.color, 2.5, style.dash)
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
    """The name of the x quantity, in the corner below the left axis, where it takes no line of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.color = LIGHT.foreground
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsToShape)

    @guarded
    def paint(self, painter: QPainter, option: object, widget: QWidget | None = None) -> None:
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self.color)
        rect = QRectF(6, 0, self.size().width() - 6, self.size().height())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text)
