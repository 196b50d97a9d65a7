"""Pages of HTML as PDF, with their charts as vectors and text as text."""

from __future__ import annotations

import base64

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPyTextObject,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

from lrstudio.store.documents.page import IMAGE

_DPI = 96
_MARGIN_MM = 12.0
_FAMILIES = ("Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", "Microsoft YaHei")
_SMALLER = (1.0, 1.08, 1.16, 1.24, 1.0)
"""What letters and pictures are divided by, so that they fit on one sheet; the last one counts where none does."""


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


def _keep_headings(document: QTextDocument) -> None:
    """Begins a sheet before every heading that would stand at the foot of one without what follows."""
    block = document.begin()
    while (following := block.next()).isValid():
        if block.blockFormat().headingLevel() and _sheet(document, block) < _sheet(document, following):
            breaking = QTextBlockFormat()
            breaking.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            QTextCursor(block).mergeBlockFormat(breaking)
        block = following


def _sheet(document: QTextDocument, block: QTextBlock) -> int:
    """Returns the number of the sheet on which the first line of a block stands."""
    top = document.documentLayout().blockBoundingRect(block).top() + block.layout().lineAt(0).y()
    return int(top // document.pageSize().height())


def pdf(html: str) -> bytes:
    """Returns a page of `lrstudio.store.documents.page` as a PDF of A4 sheets; may be called in any thread.

    Needs a QGuiApplication.
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
    document.setDefaultFont(font)
    document.setHtml(html)
    for smaller in _SMALLER:
        scale = writer.resolution() / _DPI / smaller
        sheet = QSizeF(writer.width() / scale, writer.height() / scale)
        document.setPageSize(sheet)
        if document.pageCount() == 1:
            break
    else:
        _keep_headings(document)
    writer.setTitle(document.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    painter = QPainter(writer)
    painter.scale(scale, scale)
    context = QAbstractTextDocumentLayout.PaintContext()
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        area = QRectF(0, number * sheet.height(), sheet.width(), sheet.height())
        painter.save()
        painter.translate(0, -area.top())
        painter.setClipRect(area)
        context.clip = area
        document.documentLayout().draw(painter, context)
        painter.restore()
    painter.end()
    return bytes(buffer.data().data())
