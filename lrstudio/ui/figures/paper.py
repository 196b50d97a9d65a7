"""Pages of HTML as PDF, with their charts as vectors and text as text."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPyTextObject,
    QTextDocument,
    QTextFormat,
    QTextTable,
)
from PySide6.QtSvg import QSvgRenderer

from lrstudio.store.documents.page import IMAGE

_DPI = 96
_MARGIN_MM = 12.0
_LETTERS, _CODE = re.compile(rb"\[(?:<[0-9A-F]{4}> ?)+\]"), re.compile(rb"<(0009|2[EF][0-9A-F]{2})>")
"""The letters of a font's glyphs in a PDF, and those among them that may stand for others."""
_WORDS = str.maketrans(
    "\t⺝⺟⺠⺩⺮⺶⺼⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    " 月母民王竹羊肉西见角贝车長长门雨青页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
)
"""The tab and the radicals that Unicode does not call variants of the words of their shape."""
_FAMILIES = ("Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", "Microsoft YaHei")
_BORDER = 6.0
"""Pixels above the letters of a table that belong to it."""
ONE_SHEET = 1.5
"""What letters of a report are divided by at most so that it fits on one sheet: those of 10 points have 6.7 then."""
_SMALLER = (1.0, 1.08, 1.16, 1.24, 1.32, 1.4, 1.45, ONE_SHEET)


class _Charts(QPyTextObject):
    """Draws the images of a document, which are SVG, as vectors."""

    def intrinsicSize(self, document: QTextDocument, position: int, shape: QTextFormat) -> QSizeF:
        image = shape.toImageFormat()
        return QSizeF(image.width(), image.height())

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, document: QTextDocument, position: int, shape: QTextFormat
    ) -> None:
        content = base64.b64decode(shape.toImageFormat().name().removeprefix(IMAGE))
        QSvgRenderer(QByteArray(content)).render(painter, QRectF(rect))


class _Piece(NamedTuple):
    """What stands on one sheet: a line, a table, a picture; a heading has what follows it on its own sheet."""

    top: float
    bottom: float
    leads: bool = False


def _pieces(document: QTextDocument, height: float) -> Iterator[_Piece]:
    """Yields the pieces of a document from the top; tables that no sheet of this height has room for are in rows."""
    layout, place = document.documentLayout(), document.rootFrame().begin()
    while not place.atEnd():
        frame, block = place.currentFrame(), place.currentBlock()
        if isinstance(frame, QTextTable):
            area = layout.frameBoundingRect(frame)
            edges = [layout.blockBoundingRect(frame.cellAt(row, 0).firstCursorPosition().block()).top()
                     for row in range(1, frame.rows())] if area.height() > height else []  # fmt: skip
            yield from (_Piece(*pair) for pair in pairwise([area.top() - _BORDER, *edges, area.bottom()]))
        elif block.isValid():
            top, lines = layout.blockBoundingRect(block).top(), block.layout()
            for index in range(lines.lineCount()):
                line = lines.lineAt(index)
                yield _Piece(top + line.y(), top + line.y() + line.height(), block.blockFormat().headingLevel() > 0)
        place += 1


def _sheets(document: QTextDocument, height: float) -> list[tuple[float, float]]:
    """Returns where the sheets of this height begin and end: between two pieces, and not after a heading.

    Qt's own pages, too, end within lines after a table, and after headings.
    """
    begins, together, led = [0.0], 0.0, False
    for piece in _pieces(document, height):
        together, led = together if led else piece.top, piece.leads
        if piece.bottom - begins[-1] > height and together > begins[-1]:
            begins.append(together)
    return list(pairwise([*begins, begins[-1] + height]))


def pdf(html: str, smallest: float = 1.24) -> bytes:
    """Returns a page of `lrstudio.store.documents.page` as a PDF of A4 sheets; may be called in any thread.

    Letters and pictures are divided by at most `smallest` where it fits on one sheet so. Needs a QGuiApplication.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    writer = QPdfWriter(buffer)
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    size = QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter))
    document, charts = QTextDocument(), _Charts()
    document.documentLayout().registerHandler(QTextFormat.ObjectTypes.ImageObject.value, charts)
    document.setDocumentMargin(0)
    font = QFont()
    font.setFamilies(list(_FAMILIES))
    font.setPixelSize(13)
    font.setFeature(QFont.Tag("liga"), 0)  # an fl in one piece is not found by who looks for float64
    document.setDefaultFont(font)
    document.setHtml(html)
    for smaller in (*(each for each in _SMALLER if each <= smallest), 1.0):
        scale = writer.resolution() / _DPI / smaller
        sheet = QSizeF(writer.width() / scale, writer.height() / scale)
        document.setTextWidth(sheet.width())
        if document.size().height() <= sheet.height():
            break
    writer.setTitle(document.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    painter = QPainter(writer)
    painter.scale(scale, scale)
    context = QAbstractTextDocumentLayout.PaintContext()
    for number, (top, bottom) in enumerate(_sheets(document, sheet.height())):
        if number:
            writer.newPage()
        area = QRectF(0, top, sheet.width(), bottom - top)
        painter.save()
        painter.translate(0, -top)
        painter.setClipRect(area)
        context.clip = area.adjusted(0, 0.5, 0, -0.5)  # what only touches it would be there as text, unseen
        document.documentLayout().draw(painter, context)
        painter.restore()
    painter.end()
    return searchable(bytes(buffer.data().data()))


def searchable(data: bytes) -> bytes:
    """Returns a PDF of Qt whose letters are told as they were written, so that they can be searched and copied.

    Where characters share a glyph Qt names the first one: the radical ⼿ for the word 手, a tab for a space.
    """

    def written(code: re.Match[bytes]) -> bytes:
        letter = unicodedata.normalize("NFKC", chr(int(code[1], 16))).translate(_WORDS)
        return b"<%04X>" % ord(letter) if len(letter) == 1 else code[0]

    return _LETTERS.sub(lambda table: _CODE.sub(written, table[0]), data)
