"""Texts of a lesson with typeset formulas, and buttons whose texts are broken into lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QUrl
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QTextTable,
    QTextTableFormat,
)
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.lessons import Prose
from lrstudio.engine.lessons.prose import FIRST_MARK
from lrstudio.ui.drawing.formula import rich
from lrstudio.ui.look.font_size import TextView
from lrstudio.ui.look.plain import Label, plain
from lrstudio.ui.look.prose import set_upright, unbroken

_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
MUTED = QPalette.ColorRole.PlaceholderText
"""The role of secondary text: unlike a style sheet it leaves the font alone."""
_LINE_HEIGHT = 125.0
"""Percent of the font's."""
_CELL_PADDING = 3.0
_BORDERS = 4.0
"""Of a column of a table, with what lies between it and the next one, in pixels."""
_LEAST_POINTS = 6.0
"""Size of the letters of a table in a narrow view: Qt has none for an exponent in letters of a point."""
_INDENT = 24.0
"""Of a formula that is a paragraph of its own, in pixels."""


class ProseView(TextView):
    """Shows Markdown with formulas, as high as its text. It follows no link and loads no picture."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prose = Prose("", ())
        self.setAccessibleName(name)
        self.setToolTip(tr("The text can be selected and copied"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)

    def show_prose(self, prose: Prose) -> None:
        """Shows a text; hidden if it is empty."""
        self._prose = prose
        self.setVisible(bool(prose.markdown))
        self._write()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        return None

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange):
            self._write()

    def _write(self) -> None:
        document = self.document()
        document.setDefaultFont(self.font())
        document.setMarkdown(unbroken(self._prose.markdown), _FEATURES)
        set_upright(document)
        cursor = QTextCursor(document)
        for index, pieces in enumerate(self._prose.formulas):
            found = document.find(chr(FIRST_MARK + index))
            alone = found.block().length() == 2  # the mark and the end of the paragraph
            found.insertHtml(unbroken(rich(pieces).replace(" ", "&nbsp;")))
            if alone:
                form = found.blockFormat()
                form.setLeftMargin(_INDENT)
                found.setBlockFormat(form)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        for table in _tables(document):
            self.setWordWrapMode(QTextOption.WrapMode.WordWrap)  # no column is narrower than its words
            cells = QTextTableFormat(table.format())
            cells.setCellPadding(_CELL_PADDING)
            table.setFormat(cells)
        cursor.select(QTextCursor.SelectionType.Document)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.mergeBlockFormat(spacing)
        self._fit()

    def _fit(self) -> None:
        width = self.viewport().width()
        self.document().setDefaultFont(self._font_for(width))
        self.document().setTextWidth(width)
        self.setFixedHeight(math.ceil(self.document().size().height()) + 2)

    def _font_for(self, width: int) -> QFont:
        """Returns the widget's font, smaller where a table would not fit otherwise."""
        font, bold = QFont(self.font()), QFont(self.font())
        bold.setBold(True)
        tables = [_least_width(table, QFontMetricsF(bold)) for table in _tables(self.document())]
        if tables and max(tables) > width > 0:
            font.setPointSizeF(max(_LEAST_POINTS, font.pointSizeF() * width / max(tables)))
        return font


def _tables(document: QTextDocument) -> Iterator[QTextTable]:
    """Yields the tables of a text; PySide would keep each text's `rootFrame()` as long as the document lives."""
    block = document.begin()
    while block.isValid():
        table = QTextCursor(block).currentTable()
        if table is not None:
            yield table
            block = table.lastCursorPosition().block()
        block = block.next()


def _least_width(table: QTextTable, metrics: QFontMetricsF) -> float:
    """Returns the width in which no word of a table is broken."""
    columns = range(table.columns())
    words = [
        [word for row in range(table.rows()) for word in _text_of(table, row, column).split()] for column in columns
    ]
    longest = (max(map(metrics.horizontalAdvance, column), default=0.0) for column in words)
    return sum(longest) + len(words) * (2 * _CELL_PADDING + _BORDERS) + _BORDERS


def _text_of(table: QTextTable, row: int, column: int) -> str:
    cell = table.cellAt(row, column)
    cursor = cell.firstCursorPosition()
    cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
    return cursor.selectedText()


class WrappedButton(QPushButton):
    """A push button whose text is broken into lines, with a second text in a muted colour below."""

    def __init__(self, text: str = "", more: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self.more = Label(), Label()
        self._box = layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(2)
        for label in (self._text, self.more):
            label.setWordWrap(True)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(label)
        self.more.setForegroundRole(MUTED)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_texts(text, more)

    def set_texts(self, text: str, more: str = "") -> None:
        self._text.setText(text)
        self.more.setText(more)
        self.more.setVisible(bool(more))
        self.setAccessibleName(f"{text}; {more}" if more else text)
        self.setToolTip(plain(self.accessibleName()))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(24, self._box.totalHeightForWidth(width))

    def sizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(self.width(), 120)))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 24)
