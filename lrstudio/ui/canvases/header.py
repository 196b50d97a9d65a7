"""The line above a plot: its quantity at the left, the runs at the right. Nothing lies over the curves."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QWidget

from lrstudio.ui.canvases.guard import guarded
from lrstudio.ui.canvases.lines import one_line
from lrstudio.ui.canvases.pixels import draw_dashed, draw_symbol
from lrstudio.ui.theme import LIGHT, RunStyle, Theme

_LEFT = 6.0
_SAMPLE = 32.0
_GAP = 12.0
_JOINT = " · "
_LEAST_LABEL = 10
"""Letters of a name that are left at least."""


class Header(pg.GraphicsWidget):  # type: ignore[misc]
    """Title, note and legend; of a legend that is too long as much is drawn as there is room for.

    It is painted when it changes and kept as a picture.
    """

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        self.title = ""
        self.note = ""
        self.entries: Sequence[tuple[str, RunStyle]] = ()
        self._right = 0.0
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsToShape)  # an SVG keeps the clip of what came before
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_font(self, font: QFont) -> None:
        self.setFont(font)
        height = QFontMetricsF(font).height() + 8
        self.setMinimumHeight(height)
        self.setMaximumHeight(height)
        self.update()

    def leave_room(self, width: float) -> None:
        """Keep so many pixels free at the right end."""
        self._right = width
        self.update()

    @guarded
    def paint(self, painter: QPainter, option: object, widget: QWidget | None = None) -> None:
        x = self._text(painter, _LEFT, self.shown_title(), self.theme.foreground, bold=True)
        room = self.size().width() - self._right - x - _GAP
        note = self.shown_note(room - 8 - sum(self._widths([label for label, _ in self.entries])))
        if note:
            x = self._text(painter, x + 8, note, self.theme.muted)
        self._legend(painter, x + _GAP)

    def shown_title(self) -> str:
        """As much of the title as there is room for."""
        font = QFont(self.font())
        font.setBold(True)
        room = self.size().width() - self._right - _LEFT
        return QFontMetricsF(font).elidedText(self.title, Qt.TextElideMode.ElideRight, max(0.0, room))

    def shown_note(self, room: float) -> str:
        """The note, or as many of its last parts as there is room for: the legend matters more."""
        parts, metrics = self.note.split(_JOINT), QFontMetricsF(self.font())
        while parts and metrics.horizontalAdvance(_JOINT.join(parts)) > room:
            parts = parts[1:]
        return _JOINT.join(parts)

    def shown_labels(self, room: float) -> list[str]:
        """The names of the runs; where all together are too long the long ones end in `…`."""
        labels = [label for label, _ in self.entries]
        if not labels or sum(self._widths(labels)) <= room:
            return labels
        metrics = QFontMetricsF(self.font())
        share = max(_LEAST_LABEL * metrics.averageCharWidth(), room / len(labels) - _SAMPLE - 6 - _GAP)
        return [metrics.elidedText(label, Qt.TextElideMode.ElideRight, share) for label in labels]

    def _widths(self, labels: Sequence[str]) -> list[float]:
        """The room that the entries of a legend take."""
        metrics = QFontMetricsF(self.font())
        return [_SAMPLE + 6 + metrics.horizontalAdvance(label) + _GAP for label in labels]

    def _text(self, painter: QPainter, x: float, text: str, color: str, *, bold: bool = False) -> float:
        """Draw the text from x on; returns where it ends."""
        font = QFont(self.font())
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(color)
        width = QFontMetricsF(font).horizontalAdvance(text)
        painter.drawText(QRectF(x, 0, width + 2, self.size().height()), Qt.AlignmentFlag.AlignVCenter, text)
        return x + width

    def _legend(self, painter: QPainter, left: float) -> None:
        metrics = QFontMetricsF(self.font())
        end = self.size().width() - self._right
        room = end - left
        labels = self.shown_labels(room)
        widths = self._widths(labels)
        shown = len(widths)
        while shown and sum(widths[:shown]) + (shown < len(widths)) * 40 > room:
            shown -= 1
        more = f"+{len(widths) - shown}" if shown < len(widths) else ""
        x = end - sum(widths[:shown]) - metrics.horizontalAdvance(more)
        for label, (_, style), width in zip(labels[:shown], self.entries, widths, strict=False):
            draw_sample(painter, QRectF(x, 0, _SAMPLE, self.size().height()), style, self.theme)
            self._text(painter, x + _SAMPLE + 6, label, self.theme.foreground)
            x += width
        if more and room > metrics.horizontalAdvance(more):
            self._text(painter, x, more, self.theme.muted)


def draw_sample(painter: QPainter, rect: QRectF, style: RunStyle, theme: Theme) -> None:
    """A piece of a run's line with its marker: what a legend or a list shows."""
    y = rect.center().y()
    line = one_line(rect.left() + 1, y, rect.right() - 1, y)
    painter.save()
    draw_dashed(painter, line, style.color, 2.5, style.dash)
    draw_symbol(painter, style.marker, QPointF(rect.center().x(), y), style.color, pg.mkColor(theme.background), 11)
    painter.restore()


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
