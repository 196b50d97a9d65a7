"""Labelled rows, combo boxes and the scroll area that the forms are built from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QFrame,
    QHeaderView,
    QScrollArea,
    QSpinBox,
    QStyle,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.declaration import Declared
from lrstudio.core.language import tr
from lrstudio.ui.fields.number_edit import read_whole
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import Label, without_mnemonic

_LABEL_CHARS, _FIELD_CHARS = 18, 12
_NUMERIC = re.compile(r"[\d\s.,'’٫٬+−-]*\d[\d\s.,'’٫٬+−-]*")


def heading(text: str) -> Label:
    """Returns a bold label above a group of fields."""
    label = Label(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(0, 8, 0, 0)
    return label


def form_layout() -> QFormLayout:
    """Returns an empty form layout that wraps long rows."""
    rows = QFormLayout()
    rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    rows.setSpacing(4)
    return rows


def add_row(rows: QFormLayout, name: str | Label, widget: QWidget, tip: str) -> None:
    """Adds a field with its label and the tooltip of both."""
    label = Label(name) if isinstance(name, str) else name
    keep_label_width(label)
    label.setBuddy(widget)
    label.setToolTip(tip)
    widget.setToolTip(tip)
    widget.setAccessibleName(without_mnemonic(label.text()))
    rows.addRow(label, widget)


class WholeSpin(QSpinBox):
    """A spin box that keeps a typed 1.5 in sight instead of dropping the point.

    It emits `refused` with the error for an invalid text and restores its value.
    """

    refused = Signal(str)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        if self._is_refused(text):
            return QValidator.State.Intermediate, text, position
        return super().validate(text, position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with self._checked(event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        with self._checked(True):
            super().focusOutEvent(event)

    @contextmanager
    def _checked(self, enters: bool) -> Iterator[None]:
        text = self.cleanText()
        refused = enters and self._is_refused(text)
        yield
        if refused:
            line = tr("“{text}”: must be a whole number from {low} to {high}")
            self.refused.emit(line.format(text=text.strip(), low=self.minimum(), high=self.maximum()))

    def _is_refused(self, text: str) -> bool:
        """Whether the text is a number that is not whole or has a separator of thousands in the wrong place."""
        text = text.removesuffix(self.suffix())
        try:
            read_whole(text, self.locale().groupSeparator())
        except ValueError:
            return _NUMERIC.fullmatch(text) is not None
        return False


def spin_box(low: int, high: int, changed: Any) -> WholeSpin:
    """Returns a spin box that calls changed(value) on entry, not while typing."""
    spin = WholeSpin()
    spin.setRange(low, high)
    spin.setGroupSeparatorShown(True)
    spin.setKeyboardTracking(False)
    spin.valueChanged.connect(changed)
    return spin


def keep_label_width(label: QWidget) -> None:
    """Sets a minimum width in characters, so that the fields of several forms are aligned."""
    FontFit(label, lambda: label.setMinimumWidth(label.fontMetrics().averageCharWidth() * _LABEL_CHARS))


def keep_field_width(field: QWidget) -> None:
    """Sets a minimum width with room for a number; the form wraps the row where there is less."""
    FontFit(field, lambda: field.setMinimumWidth(field.fontMetrics().averageCharWidth() * _FIELD_CHARS))


class Combo(QComboBox):
    """A combo box whose minimum size follows its font; QComboBox caches that of its first font."""

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def catalogue_combo(catalogue: tuple[type[Declared], ...], chosen: Callable[[Any], object]) -> QComboBox:
    """Returns a combo box of a catalogue, with tooltips and separators between groups; it calls chosen(key)."""
    combo = choice_combo([], chosen)
    for before, kind in zip((None, *catalogue), catalogue, strict=False):
        if before is not None and before.group() != kind.group():
            combo.insertSeparator(combo.count())
        combo.addItem(tr(kind.title), kind.key)
        combo.setItemData(combo.count() - 1, tr(kind.summary()), Qt.ItemDataRole.ToolTipRole)
    return combo


def choice_combo(values: Sequence[Any], chosen: Callable[[Any], object], titles: Sequence[str] = ()) -> QComboBox:
    """Returns a combo box of values, shown by their titles if any; it calls chosen(value)."""
    combo = Combo()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for title, value in zip(titles or values, values, strict=True):
        combo.addItem(title, value)
    combo.activated.connect(lambda _index: chosen(combo.currentData()))
    return combo


def show_choice(combo: QComboBox, value: object) -> None:
    """Selects the entry of a value without emitting `activated`."""
    combo.setCurrentIndex(combo.findData(value))


def narrow(combo: QComboBox) -> QComboBox:
    """Lets a combo box shrink with its form by eliding long entries; returns it."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(10)
    return combo


_CHARS = 54
_MAX_COMFORT = 460
"""Upper bound in pixels of the preferred width in characters; larger fonts get only the width they need."""


class Column(QScrollArea):
    """A vertically scrolling page, at least as wide as its content and, up to a limit, `chars` average characters."""

    def __init__(self, page: QWidget, parent: QWidget | None = None, *, chars: int = _CHARS) -> None:
        super().__init__(parent)
        self._page, self._chars = page, chars
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the focused field on the page is scrolled to
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
        self.setMinimumWidth(max(needed, min(self.fontMetrics().averageCharWidth() * self._chars, _MAX_COMFORT)))


def show_plain_rows(view: QTableView) -> None:
    """Makes a table one of whole rows in alternating colours, a line of letters high, without grid and row numbers."""
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setAlternatingRowColors(True)
    view.setWordWrap(False)
    view.setShowGrid(False)
    view.verticalHeader().hide()
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    FontFit(view, lambda: view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 6))


def stacked(widget: QWidget, spacing: int = 0, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """Returns a layout of a widget whose parts stand below each other."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    return layout
