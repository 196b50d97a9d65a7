"""A page that scrolls up and down and is never cut off at its sides."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStyle, QWidget

from lrstudio.ui.look.font_size import FontFit

_CHARS = 54
_WIDE = 460
"""Pixels of a comfortable column; with large letters it is only as wide as it has to be."""


class Column(QScrollArea):
    """As wide as its page needs, and comfortably wide, which is so many letters, where they are not large."""

    def __init__(self, page: QWidget, parent: QWidget | None = None, *, chars: int = _CHARS) -> None:
        super().__init__(parent)
        self._page, self._chars = page, chars
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is on the page takes the focus and is scrolled to
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page.installEventFilter(self)
        FontFit(self, self._fit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        needed = self._page.minimumSizeHint().width() + self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        self.setMinimumWidth(max(needed, min(self.fontMetrics().averageCharWidth() * self._chars, _WIDE)))
