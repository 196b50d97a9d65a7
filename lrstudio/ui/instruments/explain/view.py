"""The page of an explanation on the screen: how wide it may be, what is under the mouse."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QResizeEvent, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QToolTip, QWidget

from lrstudio.ui.canvases.landscape.vectors import Kind, draw_sample
from lrstudio.ui.instruments.explain.measure import Measure
from lrstudio.ui.instruments.explain.page import Page
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
