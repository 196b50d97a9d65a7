"""A page of help in a window of its own: the guide, which is shipped as Markdown."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

_SHARE = 0.9
"""The largest part of the screen that a page takes; the frame of the window needs the rest."""


class HelpPage(QDialog):
    """A text to scroll, in the theme and the letters of the application."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.page = QTextBrowser()
        self.page.setAccessibleName(title)
        self.page.setToolTip(self.tr("Scroll with the arrow keys"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.page)
        layout.addWidget(buttons)
        letters = self.fontMetrics()
        size = QSize(letters.averageCharWidth() * 80, letters.height() * 36)
        self.resize(size.boundedTo(self.screen().availableSize() * _SHARE))
        self.page.setFocus()


class Guide(HelpPage):
    """How to do things with the program, by what one wants to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("Guide", "Guide"), parent)
        self.page.setMarkdown((files("lrstudio.resources") / "help" / "guide.md").read_text("utf-8"))
