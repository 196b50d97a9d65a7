"""Labelled rows of a dock."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QFormLayout, QLabel, QSpinBox, QWidget

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
