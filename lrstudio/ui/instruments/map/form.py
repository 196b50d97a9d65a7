"""The form of a map: run, names and ranges, number of cells, steps, colours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.axis import label, names
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout, narrow, show_choice, spin_box
from lrstudio.ui.instruments.clicks import ClickTarget
from lrstudio.ui.instruments.map.colors import COLUMNS, Column
from lrstudio.ui.instruments.map.presets import Preset
from lrstudio.ui.instruments.map.range import MapRange
from lrstudio.ui.instruments.map.request import MapRequest
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import Label, plain

SIDES = (64, 128, 256, 512)
_MOST_STEPS = 100_000


class MapForm(QWidget):
    """Shows a request and emits the changes that the user makes to it."""

    source_chosen = Signal(object)
    """Emits the index of a run of the session, or a Preset."""
    side_chosen = Signal(int)
    steps_chosen = Signal(int)
    column_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = narrow(choice_combo([], self.source_chosen.emit))
        self.across, self.upwards = RangeFields(tr("Across"), self), RangeFields(tr("Upwards"), self)
        self.side = choice_combo(SIDES, self.side_chosen.emit, [f"{side} × {side}" for side in SIDES])
        self.steps = spin_box(1, _MOST_STEPS, self.steps_chosen.emit)
        self.column = choice_combo(COLUMNS, self.column_chosen.emit, [self.column_name(column) for column in COLUMNS])
        self.click = ClickTarget()
        self.back, self.forward, self.home = (
            self._button(*texts)
            for texts in (
                (tr("Back"), tr("The part that was in view before"), "Alt+Left"),
                (tr("Forward"), tr("The part that was left with Back"), "Alt+Right"),
                (tr("All"), tr("The whole map again"), "Alt+Home"),
            )
        )
        self._arrange()

    def column_name(self, column: Column) -> str:
        return {
            "verdict": tr("verdict"),
            "final_loss": tr("final loss"),
            "best_loss": tr("best loss"),
            "steps_to_target": tr("steps to target"),
            "diverged_at": tr("step of overflow"),
            "factor": tr("factor per step"),
        }[column]

    def show_sources(self, session: Experiment, ready: Sequence[Preset], chosen: int | Preset) -> None:
        """Lists what can be mapped, the runs of the session and the presets, and the runs that a click can change."""
        self.source.clear()
        for index in range(len(session.runs)):
            self.source.addItem(tr("this session: run {label}", label=session.label(index)), index)
        self.source.insertSeparator(self.source.count())
        for preset in ready:
            self.source.addItem(preset.title, preset)
            self.source.setItemData(self.source.count() - 1, preset.about, Qt.ItemDataRole.ToolTipRole)
        self.show_source(chosen)
        self.click.show_runs(session, tr("changes run {label}"))

    def show_source(self, chosen: int | Preset) -> None:
        """Shows the source of the map without a signal, the last run in place of one that is gone."""
        entries = [self.source.itemData(index) for index in range(self.source.count())]
        runs = sum(isinstance(entry, int) for entry in entries)
        source = chosen if isinstance(chosen, Preset) else min(chosen, runs - 1)
        self.source.setCurrentIndex(entries.index(source) if source in entries else -1)

    def show_request(self, request: MapRequest) -> None:
        """Shows a request without a signal."""
        labels = {name: label(request.experiment, 0, name) for name in names(request.experiment)}
        for fields, side in ((self.across, request.x), (self.upwards, request.y)):
            fields.show_names(labels)
            fields.show_range(side)
        show_choice(self.side, request.side)
        with QSignalBlocker(self.steps):
            self.steps.setValue(request.experiment.steps)

    def _arrange(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        first, last = form_layout(), form_layout()
        add_row(first, tr("Map of"), self.source, tr("A run of the session, or a map that is worth a look"))
        add_row(last, tr("Cells"), self.side, tr("How many runs the map is made of"))
        add_row(last, tr("Steps of each"), self.steps, tr("How long every run of the map goes"))
        tip = tr("What the colours show of each run; of mini-batches the loss on all data")
        add_row(last, tr("Colour"), self.column, tip)
        add_row(last, tr("A click"), self.click, tr("What becomes of the cell that is clicked on"))
        moves = QHBoxLayout()
        for button in (self.back, self.forward, self.home):
            moves.addWidget(button)
        page.addLayout(first)
        page.addWidget(self.across)
        page.addWidget(self.upwards)
        page.addLayout(last)
        page.addLayout(moves)

    def _button(self, text: str, tip: str, keys: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(f"{tip} ({keys})")
        button.setAccessibleName(text)
        button.setShortcut(keys)
        return button


_LEAST_CHARS = 8
_MORE = 4


class RangeFields(QWidget):
    """Shows a range; emits another name, the range with other ends, or why these are refused."""

    renamed = Signal(str)
    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range: MapRange | None = None
        self.name = narrow(choice_combo([], self.renamed.emit))
        self.low, self.high = NumberEdit(), NumberEdit()
        scales = tr("equal factors"), tr("equal steps")
        self.scale = choice_combo([True, False], lambda _log: self._enter(), scales)
        for edit in (self.low, self.high):
            edit.value_changed.connect(lambda _value: self._enter())
            edit.refused.connect(self.refused)
        rows = form_layout()
        rows.setContentsMargins(0, 0, 0, 0)
        self.setLayout(rows)
        FontFit(self, self._fit)
        add_row(rows, label, self.name, tr("Which number changes along this side"))
        rows.addRow(self._ends(label))
        add_row(rows, tr("in"), self.scale, tr("Logarithmic or linear"))

    def show_names(self, names: Mapping[str, str]) -> None:
        """Lists the names that can be chosen, by their labels."""
        self.name.clear()
        for name, text in names.items():
            self.name.addItem(text, name)
            self.name.setItemData(self.name.count() - 1, plain(name), Qt.ItemDataRole.ToolTipRole)

    def show_range(self, shown: MapRange) -> None:
        """Shows a range without a signal."""
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
        layout.addWidget(Label(tr("from")))
        layout.addWidget(self.low, 1)
        layout.addWidget(Label(tr("to")))
        layout.addWidget(self.high, 1)
        for edit, tip in ((self.low, tr("First value")), (self.high, tr("Last value"))):
            edit.setToolTip(tip)
            edit.setAccessibleName(f"{label}: {tip}")
        return row

    def _fit(self) -> None:
        """Makes both fields narrower than their default, to fit beside one another."""
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
    """Returns the number of digits that distinguish a thousandth of the range."""
    return _MORE + max(0, math.ceil(math.log10(max(abs(shown.low), abs(shown.high)) / (shown.high - shown.low))))
