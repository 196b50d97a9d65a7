"""The application's font size, and widgets whose sizes depend on the font."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QWheelEvent
from PySide6.QtWidgets import QApplication, QTextBrowser, QWidget

from lrstudio.core.language import language
from lrstudio.ui.look.settings import LEAST_POINTS, MOST_POINTS, Settings

_CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei UI", "PingFang SC", "WenQuanYi Micro Hei")
"""Fonts with the forms of simplified Chinese: without a name the system may take those of Japanese."""


class FontSize(QObject):
    """The application's font size in points: the system's until the user chooses one, which is saved."""

    changing = Signal()
    """Emitted before widgets get another font."""
    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._apply(settings.points)

    def change(self, by: int) -> None:
        """Adds points, within the limits."""
        self.choose(round(self.points) + by)

    def choose(self, points: float | None) -> None:
        """Sets the size, clamped to LEAST_POINTS..MOST_POINTS; None is the system's."""
        if points is not None:
            points = min(max(points, LEAST_POINTS), MOST_POINTS)
        self._settings.points = points
        self.show(points)

    def show(self, points: float | None) -> None:
        """Sets a size that is not saved, as `choose` does otherwise."""
        self.changing.emit()
        self._apply(points)
        self.changed.emit()

    def _apply(self, points: float | None) -> None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        system = QFontInfo(font)
        named = font.pointSizeF()  # of a font in pixels negative; what QFontInfo tells may be of another size in use
        self.points = points or (named if named > 0 else max(system.pointSizeF(), LEAST_POINTS))
        font.setPointSizeF(self.points)
        if letters := _letters():
            font.setFamilies([system.family(), *letters])
        if font != QApplication.font():
            QApplication.setFont(font)


def _letters() -> list[str]:
    """Returns the installed fonts with the letters of the language in use, for a system's font without them."""
    return [family for family in _CHINESE if QFontDatabase.hasFamily(family)] if language() == "zh_CN" else []


class FontFit(QObject):
    """Calls fit() now and whenever the font of a widget changes: for sizes in units of the font."""

    def __init__(self, widget: QWidget, fit: Callable[[], object]) -> None:
        super().__init__(widget)
        self._fit = fit
        widget.installEventFilter(self)
        fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        return False


class TextView(QTextBrowser):
    """A text to read. Ctrl and the wheel, which change its letters in Qt, do not: they have the application's size."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().wheelEvent(event)


def enlarge(widget: QWidget, factor: float, window: QWidget) -> None:
    """Keeps the letters of a widget bold, and `factor` times as large as those of the application, in a window."""

    def fit() -> None:
        points = QApplication.font().pointSizeF() * factor
        if widget.font().pointSizeF() != points:
            font = QFont(widget.font())
            font.setBold(True)
            font.setPointSizeF(points)
            widget.setFont(font)

    FontFit(window, fit)
