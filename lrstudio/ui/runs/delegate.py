"""The delegate that paints a run in the list and handles clicks on its parts."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QIcon, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from lrstudio.core.analysis.verdict import VERDICTS, Key
from lrstudio.core.language import tr
from lrstudio.engine.experiment import MAX_LABEL
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.drawing.header import draw_sample
from lrstudio.ui.look.theme import Theme, icon
from lrstudio.ui.look.verdict_style import VerdictStyle, verdict_style
from lrstudio.ui.runs.model import COLOR, COMPARED, COST, DETAIL, HIDDEN, OUTCOME, VERDICT, Index

_SAMPLE, _EYE = 36, 20
_PALE = 0.45
_SHARE = 0.15
_LEAST_LETTERS = 4
_JOINT = " · "
_ELIDE = Qt.TextElideMode.ElideRight
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RunDelegate(QStyledItemDelegate):
    """Paints line sample, name and verdict; below them settings, loss and comparison; an eye icon at the end."""

    eye_clicked = Signal(object)
    sample_clicked = Signal(object)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._eyes: dict[bool, QIcon] = {False: icon("eye", theme), True: icon("eye-off", theme)}
        self._verdicts: dict[Key, VerdictStyle] = {key: verdict_style(key, theme) for key in VERDICTS}

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            wash = QColor(option.palette.highlight().color())
            wash.setAlpha(48)
            painter.fillRect(rect, wash)
            painter.fillRect(rect.x(), rect.y(), 4, rect.height(), option.palette.highlight())
        hidden = bool(index.data(HIDDEN))
        painter.setOpacity(1.0 if hidden else 0.7)
        self._eyes[hidden].paint(painter, eye_rect(rect))
        painter.setOpacity(_PALE if hidden else 1.0)
        draw_sample(painter, QRectF(sample_rect(rect)), self._theme.run_style(index.data(COLOR)), self._theme)
        text, muted = option.palette.text().color(), QColor(self._theme.muted)
        painter.setPen(text)
        top, bottom = _lines(rect)
        bold = QFont(option.font)
        bold.setBold(True)
        verdict = index.data(VERDICT)
        if verdict is not None:
            self._verdict(painter, top, self._verdicts[verdict.key], QFont(option.font))
        self._line(painter, top, (index.data(), bold, text), ("", bold, text))
        self._end(painter, bottom, index.data(COMPARED), bold)
        detail = _JOINT.join([index.data(DETAIL), index.data(COST)])
        self._line(painter, bottom, (detail, option.font, muted), (index.data(OUTCOME), option.font, text))
        painter.restore()

    def _verdict(self, painter: QPainter, rect: QRect, style: VerdictStyle, font: QFont) -> None:
        """Paints icon and word at the right end of a line, and shortens the line."""
        self._end(painter, rect, style.word, font)
        size = painter.fontMetrics().ascent()
        style.icon.paint(painter, QRect(rect.right() - size + 5, rect.center().y() - size // 2, size, size))
        rect.setRight(rect.right() - size)

    def _end(self, painter: QPainter, rect: QRect, text: str, font: QFont) -> None:
        """Paints a text at the right end of a line, and shortens the line."""
        if text:
            painter.setFont(font)
            painter.drawText(rect, _RIGHT, text)
            rect.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(text) - 8)

    def _line(
        self, painter: QPainter, rect: QRect, left: tuple[str, QFont, QColor], right: tuple[str, QFont, QColor]
    ) -> None:
        """Paints two texts; elides the left one to a minimum share of the line, then the right one."""
        least = min(QFontMetrics(left[1]).horizontalAdvance(left[0]) + 12, int(_SHARE * rect.width()))
        room = rect.width() - least
        for (text, font, color), align in ((right, _RIGHT), (left, _LEFT)):
            painter.setFont(font)
            painter.setPen(color)
            metrics = painter.fontMetrics()
            shown = shortened(text, metrics, room) if align == _LEFT else metrics.elidedText(text, _ELIDE, room)
            painter.drawText(rect, align, shown)
            room += least - (metrics.horizontalAdvance(shown) + 12 if text else 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, 2 * option.fontMetrics.height() + 12)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        edit = QLineEdit(parent)
        edit.setMaxLength(MAX_LABEL)
        edit.setAccessibleName(tr("Name of the run"))
        edit.setToolTip(tr("Empty: the automatic name"))
        return edit

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Sets the name unless it is being edited: a running run updates its row."""
        if isinstance(editor, QLineEdit) and not editor.isModified() and editor.text() != index.data():
            editor.setText(index.data())
            editor.selectAll()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        line = _lines(option.rect)[0]
        line.setHeight(max(line.height(), editor.sizeHint().height()))
        editor.setGeometry(line)

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """Handles clicks on the eye and the sample; a double click there does not rename."""
        if not isinstance(event, QMouseEvent) or event.button() != Qt.MouseButton.LeftButton:
            return False
        at = event.position().toPoint()
        part = self.eye_clicked if _in(eye_rect(option.rect), at) else None
        part = self.sample_clicked if _in(sample_rect(option.rect), at) else part
        if part is not None and event.type() == QEvent.Type.MouseButtonRelease:
            part.emit(index)
        return part is not None

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        tips = (
            (eye_rect, tr("Hide or show this run (H)")),
            (sample_rect, tr("Choose a colour and a line (C)")),
        )
        for part, tip in tips:
            if index.isValid() and _in(part(option.rect), event.pos()):
                QToolTip.showText(event.globalPos(), tip, view)
                return True
        return super().helpEvent(event, view, option, index)


def shortened(text: str, metrics: QFontMetrics, room: int) -> str:
    """Returns the leading parts of a text that fit; an elided first part needs four letters, otherwise nothing fits."""
    parts = text.split(_JOINT)
    while len(parts) > 1 and metrics.elidedText(_JOINT.join(parts), _ELIDE, room) != _JOINT.join(parts):
        parts.pop()
    shown = metrics.elidedText(_JOINT.join(parts), _ELIDE, room)
    return shown if shown in text or len(shown) > _LEAST_LETTERS else ""


def _inner(rect: QRect) -> QRect:
    return rect.adjusted(12, 4, -8, -4)


def sample_rect(rect: QRect) -> QRect:
    """Returns the line sample within a row."""
    inner = _inner(rect)
    return QRect(inner.x(), inner.y(), _SAMPLE, inner.height() // 2)


def eye_rect(rect: QRect) -> QRect:
    """Returns the eye icon within a row."""
    inner = _inner(rect)
    return QRect(inner.right() - _EYE + 1, inner.center().y() - _EYE // 2, _EYE, _EYE)


def _lines(rect: QRect) -> tuple[QRect, QRect]:
    inner = _inner(rect).adjusted(_SAMPLE + 8, 0, -_EYE - 8, 0)
    inner.setHeight(inner.height() // 2)
    return inner, inner.translated(0, inner.height())


def _in(part: QRect, at: QPoint) -> bool:
    return part.adjusted(-4, -4, 4, 4).contains(at)
