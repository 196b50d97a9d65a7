"""What the selected run did, in words and numbers, below the list of runs."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from lrstudio.core.analysis.proof import Verdict
from lrstudio.ui.font_size import FontFit
from lrstudio.ui.instruments.verdict_style import verdict_word

_LINES = 3


class VerdictProof(QLabel):
    """The verdict's word and its sentences. It grows with them and shrinks only when another trace is shown.

    Otherwise all that stands below would jump while the run goes on.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName(self.tr("Verdict of the selected run"))
        self.setToolTip(self.tr("What the selected run does, and the numbers that prove it"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._verdict: Verdict | None = None
        FontFit(self, self.shrink)
        self.show_verdict(None)

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show it; None where nothing can be said yet."""
        self._verdict = verdict
        if verdict is None:
            plain = self.tr("A verdict comes after a few steps.")
            self.setText(escape(plain))
        else:
            word = verdict_word(verdict.key)
            plain = f"{word}. {verdict.sentence}"
            self.setText(f"<b>{escape(word)}.</b> {escape(verdict.sentence)}")
        self.setAccessibleDescription(plain)
        self._grow()

    def shrink(self) -> None:
        """Be as high as three lines, or as the text needs."""
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing())
        self._grow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self.shrink()
        super().resizeEvent(event)

    def _grow(self) -> None:
        needed = self.heightForWidth(max(self.width(), 1))
        if self.isVisible() and needed > self.height():
            self.setFixedHeight(needed)
