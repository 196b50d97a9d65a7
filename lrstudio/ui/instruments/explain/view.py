"""The page of an explanation on the screen: how wide it may be, what is under the mouse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QImage, QPainter, QResizeEvent, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QToolTip, QWidget

from lrstudio.core.formula.typeset import Pieces, plain_text
from lrstudio.engine.explain.line import Line, Numbers
from lrstudio.ui.canvases.landscape.vectors import Kind, draw_sample
from lrstudio.ui.instruments.explain.page import BETWEEN, LONG, MARK, SECTIONS, Page, length
from lrstudio.ui.look.theme import LIGHT, Theme

_LAYOUTS = ((True, True), (False, True), (True, False), (False, False))
"""Whether it is wide and whether sections stand beside one another; the first that fits is taken."""


_SPARE = 1.03


class ExplainView(QTextBrowser):
    """Shows a page. `pointed` is the key of the line under the mouse or chosen by keyboard or click, or ""."""

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page: Page | None = None
        self.theme: Theme = LIGHT
        self._dimmed = False
        self._chosen = self._hovered = ""
        self._measure: Measure | None = None
        self.shown_layout = -1
        self._later = QTimer(self)  # a document that is written anew while Qt lays it out corrupts memory
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._write)
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.WidgetWidth)
        self.highlighted.connect(self._hover)
        self.anchorClicked.connect(self._choose)

    def show_page(self, page: Page | None) -> None:
        """Show another page, where the one before was scrolled to."""
        self.page, self._dimmed, self._measure = page, False, None
        self._write()

    def set_dimmed(self, dimmed: bool) -> None:
        """Show that the page is that of another step."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self._write()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._write()

    @property
    def marked(self) -> str:
        """The key of the line that is pointed at."""
        return self._hovered or self._chosen

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """The small pictures beside the lines."""
        url = name if isinstance(name, QUrl) else QUrl(name)
        if kind == QTextDocument.ResourceType.ImageResource.value and url.scheme() == "mark":
            return self._sample(url.path())  # type: ignore[arg-type]
        return super().loadResource(kind, name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.page is not None and self._fitting() != self.shown_layout:
            self._later.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure = None
            self._later.start()

    def viewportEvent(self, event: QEvent) -> bool:
        """The tip of what is under the mouse goes before that of the whole."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.tip_at(event.pos())
            if tip:
                QToolTip.showText(event.globalPos(), tip, self.viewport())
                return True
        return super().viewportEvent(event)

    def tip_at(self, place: QPoint) -> str:
        """All digits of a number, or what is drawn of a line; "" where there is nothing to say."""
        scrolled = QPointF(place) + QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        return self.document().documentLayout().formatAt(scrolled).toCharFormat().toolTip()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(QUrl())

    def _write(self) -> None:
        if self.page is None:
            self.clear()
            return
        bar, across = self.verticalScrollBar(), self.horizontalScrollBar()
        place = bar.value(), across.value()
        self.shown_layout = self._fitting()
        wide, beside = _LAYOUTS[self.shown_layout]
        html = self.page.html(self.theme, wide=wide, beside=beside, chosen=self._chosen, dimmed=self._dimmed)
        html += self.page.notes_html(self.theme)
        self.document().clear()
        self.setHtml(html)
        bar.setValue(place[0])
        across.setValue(place[1])

    def _fitting(self) -> int:
        """The first layout that is not too wide; one that would fit only just does not take another's place."""
        assert self.page is not None
        if self._measure is None:
            self._measure = Measure(self.page, self.font())
        room = self.viewport().width() - 2 * self.document().documentMargin()
        for number, layout in enumerate(_LAYOUTS):
            spare = 1.0 if number == self.shown_layout else _SPARE
            if self._measure.width(*layout) * spare <= room:
                return number
        return len(_LAYOUTS) - 1

    def _hover(self, url: QUrl) -> None:
        if url.toString() != self._hovered:
            self._hovered = url.toString()
            self.pointed.emit(self.marked)

    def _choose(self, url: QUrl) -> None:
        key = url.toString()
        self._chosen = "" if key == self._chosen else key
        self._write()
        self.pointed.emit(self.marked)

    def _sample(self, kind: Kind) -> QImage:
        height = self.fontMetrics().height()
        ratio = self.devicePixelRatioF()
        image = QImage(
            round(1.6 * height * ratio), round(0.8 * height * ratio), QImage.Format.Format_ARGB32_Premultiplied
        )
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        draw_sample(painter, kind, self.theme, QRectF(0, 0, 1.6 * height, 0.8 * height))
        painter.end()
        return image


_CELL = 2.0
"""Pixels of padding that a cell has at both sides together."""
_SHIFTED = 0.7
"""The size of raised and lowered letters."""


class Measure:
    """The widths of a page in one font, in pixels, by whether it is wide and in two columns."""

    def __init__(self, page: Page, font: QFont) -> None:
        bold = QFont(font)
        bold.setBold(True)
        self._letters, self._bold = QFontMetricsF(font), QFontMetricsF(bold)
        where, rate, update = (page.lines(section) for section in SECTIONS)
        parts = {wide: [self._section(lines, wide) for lines in (where, rate, update)] for wide in (True, False)}
        self._widths = {
            (wide, beside): max(left, middle) + BETWEEN + right if beside else max(left, middle, right)
            for wide, (left, middle, right) in parts.items()
            for beside in (True, False)
        }

    def width(self, wide: bool, beside: bool) -> float:
        """So many pixels has a page that is written like this."""
        return self._widths[wide, beside]

    def _section(self, lines: list[Line], wide: bool) -> float:
        rows = [row for line in lines for row in line.numbers]
        names = max((self._pieces(line.name) for line in lines), default=0.0)
        labels = max((self._text(f"{row.parameter}:") for row in rows if row.parameter), default=0.0)
        formulas = self._widest(line.formula for line in lines)
        if wide:
            numbers, results = self._widest(row.pieces for row in rows), max(map(self._result, rows), default=0.0)
            alone = max((self._alone(line) for line in lines), default=0.0)
            return MARK + names + max(formulas, alone) + labels + numbers + results + self._text(" ") + 6 * _CELL
        both = max((self._equal(row.pieces) + self._result(row) for row in rows), default=0.0)
        return MARK + max(names, labels) + max(formulas, both) + 3 * _CELL

    def _alone(self, line: Line) -> float:
        """A formula that its value follows at once."""
        if len(line.numbers) > 1 or line.numbers[0].parameter or line.numbers[0].pieces:
            return 0.0
        return self._equal(line.formula) + self._result(line.numbers[0])

    def _widest(self, parts: Iterable[Pieces]) -> float:
        return max(map(self._equal, parts), default=0.0)

    def _equal(self, pieces: Pieces) -> float:
        return self._text("= ") + self._pieces(pieces) if pieces else 0.0

    def _result(self, row: Numbers) -> float:
        return self._bold.horizontalAdvance(f" = {plain_text(row.result)}")

    def _pieces(self, pieces: Pieces) -> float:
        widths = [self._text(piece.text) * (_SHIFTED if piece.shift else 1.0) for piece in pieces]
        return sum(widths) if length(pieces) < LONG else LONG / 2 * self._letters.averageCharWidth()

    def _text(self, text: str) -> float:
        return self._letters.horizontalAdvance(text)
