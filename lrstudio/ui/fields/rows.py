"""Labelled rows, combo boxes and the scroll area that the forms are built from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QLabel, QScrollArea, QSpinBox, QStyle, QWidget

from lrstudio.core.declaration import Declared
from lrstudio.ui.look.font_size import FontFit

_LABEL_CHARS, _FIELD_CHARS = 18, 12


def heading(text: str) -> QLabel:
    """The title of a group of fields."""
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(0, 8, 0, 0)
    return label


def form_layout() -> QFormLayout:
    """Labels and fields below one another; a long pair takes two lines."""
    rows = QFormLayout()
    rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    rows.setSpacing(4)
    return rows


def add_row(rows: QFormLayout, name: str | QLabel, widget: QWidget, tip: str) -> None:
    """A field with its label; both say what it is for."""
    label = QLabel(name) if isinstance(name, str) else name
    keep_label_width(label)
    label.setBuddy(widget)
    label.setToolTip(tip)
    widget.setToolTip(tip)
    widget.setAccessibleName(label.text())
    rows.addRow(label, widget)


def spin_box(low: int, high: int, changed: Any) -> QSpinBox:
    """A whole number, told when it is entered."""
    spin = QSpinBox()
    spin.setRange(low, high)
    spin.setGroupSeparatorShown(True)
    spin.setKeyboardTracking(False)
    spin.valueChanged.connect(changed)
    return spin


def keep_label_width(label: QWidget) -> None:
    """Give a label the width that makes the fields of several forms stand below one another."""
    FontFit(label, lambda: label.setMinimumWidth(label.fontMetrics().averageCharWidth() * _LABEL_CHARS))


def keep_field_width(field: QWidget) -> None:
    """Give a field room for a number; beside a label that leaves less it goes into a line of its own."""
    FontFit(field, lambda: field.setMinimumWidth(field.fontMetrics().averageCharWidth() * _FIELD_CHARS))


class Combo(QComboBox):
    """A box whose least size follows its font; Qt's own keeps that of the first one."""

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def catalogue_combo(catalogue: tuple[type[Declared], ...], chosen: Callable[[Any], object]) -> QComboBox:
    """One entry per catalogue entry, explained in its tooltip; a line between groups; chosen(key)."""
    combo = choice_combo([], chosen)
    for before, kind in zip((None, *catalogue), catalogue, strict=False):
        if before is not None and before.group() != kind.group():
            combo.insertSeparator(combo.count())
        combo.addItem(kind.title, kind.key)
        combo.setItemData(combo.count() - 1, kind.summary(), Qt.ItemDataRole.ToolTipRole)
    return combo


def choice_combo(values: Sequence[Any], chosen: Callable[[Any], object], titles: Sequence[str] = ()) -> QComboBox:
    """One entry per value, by its title where there are titles; chosen(value)."""
    combo = Combo()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for title, value in zip(titles or values, values, strict=True):
        combo.addItem(title, value)
    combo.activated.connect(lambda _place: chosen(combo.currentData()))
    return combo


def show_choice(combo: QComboBox, value: object) -> None:
    """Show the entry of a value without a signal."""
    combo.setCurrentIndex(combo.findData(value))


def narrow(combo: QComboBox) -> QComboBox:
    """The box, as narrow as the form around it; long entries are cut off."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(10)
    return combo


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
