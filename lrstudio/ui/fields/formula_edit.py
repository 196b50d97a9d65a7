"""A formula field, validated while typing and committed on entry."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontDatabase,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from lrstudio.ui.look.plain import Label

_CHARS, _MOST_LINES = 12, 12
_OUTLINE = 2


class FormulaEdit(QPlainTextEdit):
    """A wrapped text field in a fixed-width font that is as high as its text.

    Return enters the text or, with `lines`, starts a new line; Ctrl+Return and losing the focus always enter it.
    Escape cancels.
    """

    finished = Signal()
    cancelled = Signal()

    def __init__(self, *, lines: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines, self._wrong = lines, False
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(4)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        font = QFont()  # only its family differs; the size follows the window's
        font.setFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())
        self.setFont(font)
        self._fit()

    def mark(self, wrong: bool, line: int, column: int) -> None:
        """Outlines the field if `wrong` and underlines the character at a line and column (from 1), or the last one."""
        self._wrong = wrong
        self.viewport().update()
        marks: list[QTextEdit.ExtraSelection] = []
        text = self.toPlainText()
        starts = [0, *(match.end() for match in re.finditer("[\n;]" if self._lines else "\n", text))]
        if column and text and line <= len(starts):
            cursor = QTextCursor(self.document())
            cursor.setPosition(min(starts[line - 1] + column, len(text)) - 1)
            cursor.movePosition(cursor.MoveOperation.Right, cursor.MoveMode.KeepAnchor)
            mark = QTextEdit.ExtraSelection()
            mark.cursor, mark.format = cursor, QTextCharFormat()
            mark.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            mark.format.setUnderlineColor(self.palette().color(QPalette.ColorRole.BrightText))
            marks = [mark]
        self.setExtraSelections(marks)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._is_window_undo(event):
                event.ignore()
                return False
            if event.key() == Qt.Key.Key_Escape and self.document().isModified():
                event.accept()
                return True
        done = super().event(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        return done

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier or not self._lines:
                self.finished.emit()
            else:
                self.insertPlainText("\n")
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif self._is_window_undo(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self.finished.emit()

    def insertFromMimeData(self, source: QMimeData) -> None:
        pieces = [" ".join(line.split()) for line in source.text().splitlines()]
        self.insertPlainText(("\n" if self._lines else " ").join(piece for piece in pieces if piece))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._wrong:
            painter = QPainter(self.viewport())
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.BrightText), _OUTLINE))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
            painter.end()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * _CHARS, self._height())

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def _is_window_undo(self, event: QKeyEvent) -> bool:
        """Whether the key undoes or redoes in the window because the field has nothing to undo or redo."""
        if event.matches(QKeySequence.StandardKey.Undo):
            return not self.document().isUndoAvailable()
        return event.matches(QKeySequence.StandardKey.Redo) and not self.document().isRedoAvailable()

    def _height(self) -> int:
        lines = min(max(int(self.document().size().height()), 2 if self._lines else 1), _MOST_LINES)
        around = 2 * (self.frameWidth() + int(self.document().documentMargin()))
        return lines * self.fontMetrics().lineSpacing() + around

    def _fit(self, *_: object) -> None:
        if self.height() != self._height():
            self.setFixedHeight(self._height())


class ValidatedField(QWidget):
    """A formula field with its error message below."""

    def __init__(self, field: FormulaEdit) -> None:
        super().__init__()
        self.field = field
        self.error = Label()
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setForegroundRole(QPalette.ColorRole.BrightText)
        self.error.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(field)
        layout.addWidget(self.error)

    def show_error(self, text: str, line: int = 1, column: int = 0) -> None:
        """Shows an error and underlines its position, if any; an empty text clears it."""
        self.error.setText(text)
        self.error.setVisible(bool(text))
        self._fit()
        self.field.mark(bool(text), line, column)
        self.field.setAccessibleDescription(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.error.setFixedHeight(max(0, self.error.heightForWidth(self.width())))
