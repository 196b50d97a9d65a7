"""What is asked of a map: of which run, along which names, how fine, how long, in which colours."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.axis import label, names
from lrstudio.ui.fields.combo import choice_combo, narrow, show_choice
from lrstudio.ui.fields.rows import add_row, form_layout, spin_box
from lrstudio.ui.instruments.map.colors import COLUMNS, Column
from lrstudio.ui.instruments.map.presets import Preset
from lrstudio.ui.instruments.map.question import MapQuestion
from lrstudio.ui.instruments.map.range_fields import RangeFields

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
