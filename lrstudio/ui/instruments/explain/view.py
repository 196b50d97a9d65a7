"""The view of an explanation: its layout for the available width, and the line under the mouse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QImage, QPainter, QResizeEvent, QTextDocument
from PySide6.QtWidgets import QToolTip, QWidget

from lrstudio.core.formula.typeset import Pieces, plain_text
from lrstudio.engine.explain.line import Line, Numbers
from lrstudio.ui.canvases.landscape.vectors import Kind, draw_sample
from lrstudio.ui.instruments.explain.page import BETWEEN, LONG, MARK, SECTIONS, Page, length
from lrstudio.ui.look.font_size import TextView
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.theme import LIGHT, Theme

_LAYOUTS = ((True, True), (False, True), (True, False), (False, False))
"""(wide, beside) from the widest to the narrowest layout; the first one that fits is used."""

_SPARE = 1.03
"""The layout changes only to one that is narrower than the view by this factor, so that it does not flicker."""


class ExplainView(TextView):
    """Shows a page; `marked_changed` emits the key of the line under the mouse or of the chosen line, or ""."""

    marked_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page: Page | None = None
        self.theme: Theme = LIGHT
        self._dimmed = False
        self._chosen = self._hovered = ""
        self._measure: Measure | None = None
        self.shown_layout = -1
        self._later = QTimer(self)  # to replace a document during its layout corrupts memory
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._write)
        self.setOpenLinks(False)
        self.setFrameShape(TextView.Shape.NoFrame)
        self.setLineWrapMode(TextView.LineWrapMode.WidgetWidth)
        self.highlighted.connect(self._hover)
        self.anchorClicked.connect(self._choose)

    def show_page(self, page: Page | None) -> None:
        """Show a page, or none, at the current scroll position."""
        self.page, self._dimmed, self._measure = page, False, None
        self._write()

    def set_dimmed(self, dimmed: bool) -> None:
        """Show in a muted colour that the page is of another step."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self._write()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._write()

    @property
    def marked(self) -> str:
        """Key of the line under the mouse or, without one, of the chosen line."""
        return self._hovered or self._chosen

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Return the icons beside the lines."""
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
        """Show the tooltip of the text under the mouse instead of that of the view."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.tip_at(event.pos())
            if tip:
                QToolTip.showText(event.globalPos(), plain(tip), self.viewport())
                return True
        return super().viewportEvent(event)

    def tip_at(self, point: QPoint) -> str:
        """Returns the tooltip at a point of the viewport: all digits of a number, or how a line is drawn; or ""."""
        scrolled = QPointF(point) + QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        return self.document().documentLayout().formatAt(scrolled).toCharFormat().toolTip()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(QUrl())

    def _write(self) -> None:
        if self.page is None:
            self.clear()
            return
        positions = [(bar, bar.value()) for bar in (self.verticalScrollBar(), self.horizontalScrollBar())]
        self.shown_layout = self._fitting()
        wide, beside = _LAYOUTS[self.shown_layout]
        html = self.page.html(self.theme, wide=wide, beside=beside, chosen=self._chosen, dimmed=self._dimmed)
        html += self.page.notes_html(self.theme)
        self.document().clear()
        self.setHtml(html)
        for bar, value in positions:
            bar.setValue(value)

    def _fitting(self) -> int:
        """Returns the index of the first layout that fits; a layout other than the current one needs spare room."""
        assert self.page is not None
        if self._measure is None:
            self._measure = Measure(self.page, self.font())
        available = self.viewport().width() - 2 * self.document().documentMargin()
        for index, layout in enumerate(_LAYOUTS):
            spare = 1.0 if index == self.shown_layout else _SPARE
            if self._measure.width(*layout) * spare <= available:
                return index
        return len(_LAYOUTS) - 1

    def _hover(self, url: QUrl) -> None:
        if url.toString() != self._hovered:
            self._hovered = url.toString()
            self.marked_changed.emit(self.marked)

    def _choose(self, url: QUrl) -> None:
        key = url.toString()
        self._chosen = "" if key == self._chosen else key
        self._write()
        self.marked_changed.emit(self.marked)

    def _sample(self, kind: Kind) -> QImage:
        ratio, size = self.devicePixelRatioF(), QSizeF(1.6, 0.8) * self.fontMetrics().height()
        image = QImage((size * ratio).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        draw_sample(painter, kind, self.theme, QRectF(QPointF(), size))
        painter.end()
        return image


_CELL = 2.0
"""Total horizontal padding of a cell in pixels."""
_SHIFTED = 0.7
"""Relative size of superscripts and subscripts."""


class Measure:
    """Estimates the widths of a page's layouts in a font, in pixels."""

    def __init__(self, page: Page, font: QFont) -> None:
        bold = QFont(font)
        bold.setBold(True)
        self._letters, self._bold = QFontMetricsF(font), QFontMetricsF(bold)
        parts = {wide: [self._section(page.lines(section), wide) for section in SECTIONS] for wide in (True, False)}
        self._widths = {
            (wide, beside): max(left, middle) + BETWEEN + right if beside else max(left, middle, right)
            for wide, (left, middle, right) in parts.items()
            for beside in (True, False)
        }

    def width(self, wide: bool, beside: bool) -> float:
        """Returns the width of a layout in pixels."""
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
        """Returns the width of a formula that is followed by its value."""
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
