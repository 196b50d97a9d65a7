"""The verdict of the current run, with the numbers that prove it, below the list of runs."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.language import sentences, tr
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.prose import unbroken
from lrstudio.ui.look.verdict_style import verdict_word

_LINES = 4


class VerdictProof(QWidget):
    """The verdict's word and its sentences. It grows with its text and shrinks only for another trace.

    This keeps the widgets below from jumping during a run. The label is in no layout, which would lay out the whole
    dock several times a second.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setAccessibleName(tr("Verdict of the selected run"))
        label.setToolTip(tr("What the selected run does, and the numbers that prove it"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._text = ""
        FontFit(self, self.fit)
        self.show_verdict(None)

    def text(self) -> str:
        """Returns the text without markup."""
        return self._text

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Shows a verdict; None if there is none yet."""
        word = "" if verdict is None else tr("{word}.", word=verdict_word(verdict.key))
        sentence = tr("A verdict comes after a few steps.") if verdict is None else verdict.sentence
        text = sentences(word, sentence)
        if text == self._text:
            return
        self._text = text
        self.label.setText(sentences(f"<b>{escape(word)}</b>" if word else "", unbroken(escape(sentence))))
        self.label.setAccessibleDescription(text)
        if self._needed() > self.height():
            self.setFixedHeight(self._needed())

    def fit(self) -> None:
        """Sets the height to four lines, or more if the text needs it."""
        self.setFixedHeight(max(_LINES * self.fontMetrics().lineSpacing(), self._needed()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.label.resize(event.size())
        if event.size().width() != event.oldSize().width():
            self.fit()
        super().resizeEvent(event)

    def _needed(self) -> int:
        """Returns the height of the text; 0 before the width is known."""
        return self.label.heightForWidth(self.width()) if self.isVisible() else 0
