"""The form of a map: of which run, along which names and values, how fine, how long, in which colours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.axis import label, names
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout, narrow, show_choice, spin_box
from lrstudio.ui.instruments.map.colors import COLUMNS, Column
from lrstudio.ui.instruments.map.presets import Preset
from lrstudio.ui.instruments.map.question import MapQuestion
from lrstudio.ui.instruments.map.range import MapRange
from lrstudio.ui.look.font_size import FontFit

SIDES = (64, 128, 256, 512)
_MOST_STEPS = 100_000


class MapForm(QWidget):
    """Shows a question; every field tells what it should become. Buttons go through the parts that were looked at."""

    source_chosen = Signal(object)
    """The place of a run of the session, or a Preset."""
    side_chosen = Signal(int)
    steps_chosen = Signal(int)
    column_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = narrow(choice_combo([], self.source_chosen.emit))
        self.across, self.upwards = RangeFields(self.tr("Across"), self), RangeFields(self.tr("Upwards"), self)
        self.side = choice_combo([], self.side_chosen.emit)
        for side in SIDES:
            self.side.addItem(f"{side} × {side}", side)
        self.steps = spin_box(1, _MOST_STEPS, self.steps_chosen.emit)
        self.column = choice_combo([], self.column_chosen.emit)
        for column in COLUMNS:
            self.column.addItem(self.column_name(column), column)
        self.click = narrow(choice_combo([], lambda _place: None))
        self.back, self.forward, self.home = (
            self._button(*texts)
            for texts in (
                (self.tr("Back"), self.tr("The part that was in view before"), "Alt+Left"),
                (self.tr("Forward"), self.tr("The part that was left with Back"), "Alt+Right"),
                (self.tr("All"), self.tr("The whole map again"), "Alt+Home"),
            )
        )
        self._arrange()

    def column_name(self, column: Column) -> str:
        """What a column is called."""
        return {
            "verdict": self.tr("verdict"),
            "final_loss": self.tr("final loss"),
            "best_loss": self.tr("best loss"),
            "steps_to_target": self.tr("steps to target"),
            "diverged_at": self.tr("step of overflow"),
            "factor": self.tr("factor per step"),
        }[column]

    def show_sources(self, session: Experiment, ready: Sequence[Preset], chosen: int | Preset) -> None:
        """What can be mapped: the runs of the session and what is ready; what a click can change stays chosen."""
        run = self.click.currentData()
        self.source.clear()
        self.click.clear()
        self.click.addItem(self.tr("adds it as a run"), None)
        for place in range(len(session.runs)):
            label = session.label(place)
            self.source.addItem(self.tr("this session: run {label}").format(label=label), place)
            self.click.addItem(self.tr("changes run {label}").format(label=label), place)
        self.source.insertSeparator(self.source.count())
        for preset in ready:
            self.source.addItem(preset.title, preset)
            self.source.setItemData(self.source.count() - 1, preset.about, Qt.ItemDataRole.ToolTipRole)
        self.show_source(chosen)
        show_choice(self.click, run if run is not None and run < len(session.runs) else None)

    def show_source(self, chosen: int | Preset) -> None:
        """Show what is mapped without a signal; of runs that are gone the last one there is."""
        entries = [self.source.itemData(place) for place in range(self.source.count())]
        runs = sum(isinstance(entry, int) for entry in entries)
        wanted = chosen if isinstance(chosen, Preset) else min(chosen, runs - 1)
        self.source.setCurrentIndex(entries.index(wanted) if wanted in entries else -1)

    def show_question(self, question: MapQuestion) -> None:
        """Show it without a signal."""
        known = {name: label(question.experiment, 0, name) for name in names(question.experiment)}
        for fields, side in ((self.across, question.x), (self.upwards, question.y)):
            fields.show_names(known)
            fields.show_range(side)
        show_choice(self.side, question.side)
        self.steps.blockSignals(True)
        self.steps.setValue(question.experiment.steps)
        self.steps.blockSignals(False)

    def show_moves(self, *, back: bool, forward: bool, home: bool) -> None:
        """Which of the buttons can be pressed."""
        for button, on in ((self.back, back), (self.forward, forward), (self.home, home)):
            button.setEnabled(on)

    def _arrange(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        first, last = form_layout(), form_layout()
        add_row(first, self.tr("Map of"), self.source, self.tr("A run of the session, or a map that is worth a look"))
        add_row(last, self.tr("Cells"), self.side, self.tr("How many runs the map is made of"))
        add_row(last, self.tr("Steps of each"), self.steps, self.tr("How long every run of the map goes"))
        add_row(
            last,
            self.tr("Colour"),
            self.column,
            self.tr("What the colours show of each run; of mini-batches the loss on all data"),
        )
        add_row(last, self.tr("A click"), self.click, self.tr("What becomes of the cell that is clicked on"))
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
        for name, text in names.items():
            self.name.addItem(text, name)
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
