"""The fields of one side of a map: name, first and last value, linear or logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from lrstudio.ui.fields.combo import choice_combo, narrow, show_choice
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row, form_layout
from lrstudio.ui.instruments.map.range import MapRange
from lrstudio.ui.look.font_size import FontFit

_LEAST_CHARS = 8
_MORE = 4


class RangeFields(QWidget):
    """Shows a range. `renamed` brings another name, `changed` the range with other ends; `refused` says why not."""

    renamed = Signal(str)
    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range: MapRange | None = None
        self.name = narrow(choice_combo([], self.renamed.emit))
        self.low, self.high = NumberEdit(), NumberEdit()
        self.scale = choice_combo([], lambda _log: self._enter())
        self.scale.addItem(self.tr("equal factors"), True)
        self.scale.addItem(self.tr("equal steps"), False)
        for edit in (self.low, self.high):
            edit.value_changed.connect(lambda _value: self._enter())
            edit.refused.connect(self.refused)
        rows = form_layout()
        rows.setContentsMargins(0, 0, 0, 0)
        self.setLayout(rows)
        FontFit(self, self._fit)
        add_row(rows, label, self.name, self.tr("Which number changes along this side"))
        rows.addRow(self._ends(label))
        add_row(rows, self.tr("in"), self.scale, self.tr("Logarithmic or linear"))

    def show_names(self, names: Mapping[str, str]) -> None:
        """What can be chosen: the labels of names."""
        self.name.clear()
        for name, label in names.items():
            self.name.addItem(label, name)
            self.name.setItemData(self.name.count() - 1, name, Qt.ItemDataRole.ToolTipRole)

    def show_range(self, shown: MapRange) -> None:
        """Show a range without a signal."""
        self._range = shown
        show_choice(self.name, shown.name)
        show_choice(self.scale, shown.log)
        for edit, value in ((self.low, shown.low), (self.high, shown.high)):
            edit.set_value(float(f"{value:.{_digits(shown)}g}"))
            edit.lineEdit().setCursorPosition(0)

    def _ends(self, label: str) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(QLabel(self.tr("from")))
        layout.addWidget(self.low, 1)
        layout.addWidget(QLabel(self.tr("to")))
        layout.addWidget(self.high, 1)
        for edit, tip in ((self.low, self.tr("First value")), (self.high, self.tr("Last value"))):
            edit.setToolTip(tip)
            edit.setAccessibleName(f"{label}: {tip}")
        return row

    def _fit(self) -> None:
        """Two numbers beside one another are narrower than one alone would like to be."""
        for edit in (self.low, self.high):
            edit.setMinimumWidth(_LEAST_CHARS * self.fontMetrics().averageCharWidth())

    def _enter(self) -> None:
        if self._range is None:
            return
        try:
            entered = replace(
                self._range, low=self.low.value(), high=self.high.value(), log=bool(self.scale.currentData())
            )
        except ValueError as error:
            self.refused.emit(str(error))
            self.show_range(self._range)
        else:
            self.changed.emit(entered)


def _digits(shown: MapRange) -> int:
    """As many as tell a thousandth of the range."""
    return _MORE + max(0, math.ceil(math.log10(max(abs(shown.low), abs(shown.high)) / (shown.high - shown.low))))
