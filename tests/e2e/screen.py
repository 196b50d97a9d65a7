"""What a user reads in a window, and what of it is cut off."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QPoint, QRect, Qt
from PySide6.QtGui import Qt as Gui
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QTextEdit,
    QWidget,
)

from lrstudio.ui.docks.status_line import Note
from lrstudio.ui.look.plain import without_mnemonic

_MOST_CELLS = 40
NOT_ESCAPED = "NOT ESCAPED"
"""What an image of hostile texts is read as."""
Roles = Qt.ItemDataRole


def seen(text: str) -> str:
    """Returns what a user reads where Qt takes a text for HTML if it looks so."""
    if not Gui.mightBeRichText(text):
        return text
    document = QTextDocument()
    document.setHtml(text.replace("<img src=x>", NOT_ESCAPED))
    return document.toPlainText()


def texts_of(widget: QWidget) -> Iterator[tuple[str, str]]:
    """Yields the kind and the text of everything that a widget shows or would show under the mouse."""
    yield "tooltip", seen(widget.toolTip())
    yield "title", widget.windowTitle()
    yield "for a screen reader", widget.accessibleName()
    yield "for a screen reader", widget.accessibleDescription()
    if isinstance(widget, QLabel):
        is_plain = widget.textFormat() is Qt.TextFormat.PlainText
        yield "label", widget.text() if is_plain else seen(widget.text())
    if isinstance(widget, QAbstractButton):
        yield "button", without_mnemonic(widget.text())
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        yield "placeholder", widget.placeholderText()
    if isinstance(widget, QTextEdit):
        yield "page", widget.toPlainText()
    if isinstance(widget, QSpinBox):
        yield "value", widget.specialValueText()
        yield "value", widget.suffix()
    if isinstance(widget, QTabBar):
        for index in range(widget.count()):
            yield "tab", without_mnemonic(widget.tabText(index))
    for entry in widget.actions():
        yield "entry", without_mnemonic(entry.text())
        yield "entry's status tip", entry.statusTip()
        yield "entry's tooltip", seen(entry.toolTip())
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from cells_of(widget.model())
    if isinstance(widget, QComboBox):
        yield from cells_of(widget.model())
    if isinstance(widget, QGraphicsView) and widget.scene() is not None:
        for item in widget.scene().items():
            yield "item's tooltip", seen(item.toolTip())


def cells_of(model: QAbstractItemModel) -> Iterator[tuple[str, str]]:
    columns = range(1 if isinstance(model, QAbstractListModel) else min(model.columnCount(), _MOST_CELLS))
    for role, kind in ((Roles.DisplayRole, "cell"), (Roles.ToolTipRole, "cell's tooltip")):
        found = [model.headerData(column, Qt.Orientation.Horizontal, role) for column in columns]
        rows = range(min(model.rowCount(), _MOST_CELLS))
        found += [model.index(row, column).data(role) for row in rows for column in columns]
        for text in found:
            if isinstance(text, str):
                yield kind, text if role == Roles.DisplayRole else seen(text)


def needed(widget: QWidget) -> int:
    """The width that a widget's text takes, in pixels."""
    text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()  # type: ignore[attr-defined]
    text = without_mnemonic(text) if isinstance(widget, QLabel) and widget.buddy() is not None else text
    return widget.fontMetrics().horizontalAdvance(text)


def room(widget: QWidget) -> int:
    """The width that it has for its text."""
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        return widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, widget).width()
    if isinstance(widget, QAbstractSpinBox):
        return widget.lineEdit().width() - 4
    return widget.width()


def elides(widget: QWidget) -> bool:
    """Whether it is a combo box that may shorten its entries, which the open list shows whole."""
    shortens = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    return isinstance(widget, QComboBox) and (widget.sizeAdjustPolicy() == shortens or widget.minimumWidth() > 0)


def clipped(window: QWidget) -> list[str]:
    """What is visible and has less room than its text needs, or stands out of what holds it."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, Note) or widget.window() is not window or elides(widget):
            continue
        text = getattr(widget, "text", None)
        name = f"{type(widget).__name__} {(text if callable(text) else widget.accessibleName)()!r}"
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.height() < widget.heightForWidth(widget.width()):
                found.append(f"{name} is {widget.height()} high")
        elif isinstance(widget, QAbstractButton):
            if widget.width() < widget.minimumSizeHint().width() or widget.height() < widget.minimumSizeHint().height():
                found.append(f"{name} is {widget.size()}")
        elif isinstance(widget, QLabel | QComboBox | QAbstractSpinBox) or type(widget) is QLineEdit:
            if room(widget) < needed(widget):
                found.append(f"{name} has {room(widget)} px and needs {needed(widget)}")
            if widget.height() < widget.fontMetrics().height():
                found.append(f"{name} is {widget.height()} high")
        else:
            continue
        if stands_out(widget, window):
            found.append(f"{name} stands out")
    return found


def stands_out(widget: QWidget, window: QWidget) -> bool:
    """Whether a part of it lies outside of something that holds it; what scrolls may lie further down."""
    outer = widget.parentWidget()
    while outer is not None:
        place = QRect(widget.mapTo(outer, QPoint()), widget.size())
        scrolls = isinstance(outer.parentWidget(), QAbstractScrollArea)
        if place.left() < 0 or place.right() >= outer.width():
            return True
        if not scrolls and (place.top() < 0 or place.bottom() >= outer.height()):
            return True
        if scrolls or outer is window:
            return False
        outer = outer.parentWidget()
    return False
