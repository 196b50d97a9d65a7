"""The box and the line at the mouse, painted over a cached picture of the plot."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPixmap, QRegion
from PySide6.QtWidgets import QWidget

from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.drawing.pixels import bold, draw_symbol
from lrstudio.ui.drawing.reading import Reading, Row
from lrstudio.ui.look.theme import LIGHT, Theme

_REST = 0.05
"""Seconds without repainting after which the viewport is cached."""


class ViewportCache:
    """A picture of a viewport, rendered when first needed and dropped when the plot changes."""

    def __init__(self, viewport: QWidget) -> None:
        self._viewport = viewport
        self._picture: QPixmap | None = None
        self._rendering = False
        self._changed = 0.0
        self._hover = QRegion()

    def expect(self, region: QRegion) -> None:
        """Announces a region that will be repainted for the hover box only."""
        if self._picture is None and perf_counter() - self._changed > _REST:
            self._picture = self._render()
        self._hover = region

    def paint(self, region: QRegion) -> bool:
        """Paints the region from the picture; returns False if the plot itself must be painted."""
        if self._rendering:
            return False
        only_hover = not self._hover.isEmpty() and region.subtracted(self._hover).isEmpty()
        self._hover = QRegion()
        if not only_hover:
            self._picture, self._changed = None, perf_counter()
            return False
        if self._picture is None:
            return False
        painter = QPainter(self._viewport)
        painter.setClipRegion(region)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()
        return True

    def _render(self) -> QPixmap:
        ratio = self._viewport.devicePixelRatioF()
        picture = QPixmap(self._viewport.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        self._rendering = True
        try:
            self._viewport.render(picture, QPoint(), QRegion(), QWidget.RenderFlag.DrawWindowBackground)
        finally:
            self._rendering = False
        return picture


_PAD, _GAP, _MARK, _OFFSET = 8.0, 12.0, 18.0, 16.0
_DOT = 12
Align = Qt.AlignmentFlag


class HoverBox(QWidget):
    """Shows a reading beside the mouse and ignores mouse events; hidden without a reading."""

    def __init__(self, viewport: QWidget, expect: Callable[[QRegion], None]) -> None:
        super().__init__(viewport)
        self._expect = expect
        self._viewport = viewport
        self.theme: Theme = LIGHT
        self.reading: Reading | None = None
        self._at = QPointF()
        self._box = self._area = QRectF()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.hide()

    def show_reading(self, reading: Reading | None, at: QPointF, area: QRectF) -> None:
        """Shows a reading beside the mouse, or hides the box; `area` is the plot within its axes."""
        before = self._region() if self.isVisible() else QRegion()
        self.reading, self._at, self._area = reading, at, area
        if reading is None:
            self._expect(QRegion(self.rect()) if self.isVisible() else QRegion())
            self.hide()
            return
        if self.isHidden():
            self.setGeometry(self._viewport.rect())
            self.show()
            self.raise_()
        self._widths = self._column_widths(reading)
        self._box = self._box_beside_mouse(self._size(reading))
        changed = before.united(self._region())
        self._expect(changed)
        self.update(changed)

    def box(self) -> QRectF:
        """Returns the rectangle of the box."""
        return QRectF(self._box)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        if self.reading is None:
            return
        painter = QPainter(self)
        if self.reading.line is not None:
            x = round(self.reading.line) + 0.5
            painter.setPen(QPen(QColor(self.theme.muted), 1))
            painter.drawLine(QPointF(x, self._area.top()), QPointF(x, self._area.bottom()))
        outline = QColor(self.theme.background)
        for row in self.reading.rows:
            if row.dot is not None and row.style is not None:
                size = _DOT if row.strong else _DOT - 4
                draw_symbol(painter, row.style.marker, row.dot, row.style.color, outline, size)
        painter.setPen(QPen(QColor(self.theme.muted), 1))
        painter.setBrush(QColor(self.theme.raised))
        painter.drawRoundedRect(self._box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        self._write(painter, self.reading)
        painter.end()

    def _write(self, painter: QPainter, reading: Reading) -> None:
        line = QFontMetricsF(self.font()).height()
        room = QRectF(self._box.left() + _PAD, self._box.top() + _PAD / 2, self._box.width() - 2 * _PAD, line)
        painter.setFont(bold(self.font()))
        painter.setPen(QColor(self.theme.foreground))
        painter.drawText(room, Align.AlignLeft | Align.AlignVCenter, reading.title)
        painter.setFont(self.font())
        painter.setPen(QColor(self.theme.muted))
        self._write_values(painter, room, reading.heads)
        for row in reading.rows:
            room.translate(0, line)
            self._write_row(painter, room, row)

    def _write_row(self, painter: QPainter, room: QRectF, row: Row) -> None:
        if row.style is not None:
            at = QPointF(room.left() + 6, room.center().y())
            draw_symbol(painter, row.style.marker, at, row.style.color, QColor(self.theme.raised), 12)
        painter.setFont(bold(self.font()) if row.strong else self.font())
        painter.setPen(QColor(self.theme.foreground))
        indent = _MARK if row.style is not None else 0
        painter.drawText(room.adjusted(indent, 0, 0, 0), Align.AlignLeft | Align.AlignVCenter, row.name)
        self._write_values(painter, room, row.values)

    def _write_values(self, painter: QPainter, room: QRectF, values: tuple[str, ...]) -> None:
        right = room.right()
        for value, width in zip(reversed(values), reversed(self._widths), strict=False):
            painter.drawText(QRectF(right - width, room.top(), width, room.height()), Align.AlignRight, value)
            right -= width + _GAP

    def _column_widths(self, reading: Reading) -> list[float]:
        wide = QFontMetricsF(bold(self.font()))
        rows = [reading.heads, *(row.values for row in reading.rows)]
        count = max(len(values) for values in rows)
        padded = [("",) * (count - len(values)) + values for values in rows]
        return [max(wide.horizontalAdvance(text) for text in column) + 1 for column in zip(*padded, strict=True)]

    def _size(self, reading: Reading) -> QSizeF:
        metrics = QFontMetricsF(bold(self.font()))
        names = [metrics.horizontalAdvance(row.name) + (_MARK if row.style else 0) for row in reading.rows]
        values = sum(width + _GAP for width in self._widths)
        title = metrics.horizontalAdvance(reading.title) + (values if reading.heads else 0)
        width = max([title, *(name + values for name in names)])
        return QSizeF(width + 2 * _PAD + 1, QFontMetricsF(self.font()).height() * (1 + len(reading.rows)) + _PAD)

    def _box_beside_mouse(self, size: QSizeF) -> QRectF:
        at = self._at
        left, right = at.x() - _OFFSET - size.width(), at.x() + _OFFSET
        above, below = at.y() - _OFFSET - size.height(), at.y() + _OFFSET
        x = right if right + size.width() <= self.width() else left
        y = above if above >= 0 else below
        x = max(0.0, min(x, self.width() - size.width()))
        return QRectF(QPointF(x, max(0.0, min(y, self.height() - size.height()))), size)

    def _region(self) -> QRegion:
        region = QRegion(self._box.toAlignedRect().adjusted(-1, -1, 1, 1))
        if self.reading is not None:
            if self.reading.line is not None:
                line = QRectF(round(self.reading.line) - 1, self._area.top(), 3, self._area.height())
                region += QRegion(line.toAlignedRect())
            for row in self.reading.rows:
                if row.dot is not None:
                    region += QRegion(QRect(row.dot.toPoint().x() - _DOT, row.dot.toPoint().y() - _DOT, 25, 25))
        return region
