"""What is asked of a sweep: which rates, how many steps, which target, which optimizers."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import MOST_LR
from lrstudio.ui.fields.combo import choice_combo, narrow, show_choice
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row, form_layout, spin_box
from lrstudio.ui.fields.typed_line import OptionalEdit
from lrstudio.ui.instruments.sweep.entries import EntryList
from lrstudio.ui.look.theme import Theme

_LOW, _HIGH, _COUNT, _MOST_RATES = 1e-4, 10.0, 256, 4096
_MOST_STEPS, _EXPENSIVE_STEPS = 1_000_000, 200


class SweepForm(QWidget):
    """`changed` tells that another sweep is asked for; `column_chosen` that something else of it is to be drawn."""

    changed = Signal()
    column_chosen = Signal(str)
    refused = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted_target: float | None = None
        self.low, self.high = (NumberEdit(1e-300, MOST_LR, log=True) for _ in range(2))
        self.count = spin_box(2, _MOST_RATES, lambda _value: self.changed.emit())
        self.steps = spin_box(1, _MOST_STEPS, lambda _value: self.changed.emit())
        self.target, self.entries = OptionalEdit(self.tr("none")), EntryList(theme)
        self.column: QComboBox = choice_combo([], self.column_chosen.emit)
        self.click: QComboBox = narrow(choice_combo([], lambda _place: None))
        self._fill()
        self._connect()
        self._arrange()

    def show_session(self, session: Experiment) -> None:
        """What a click can change; what was chosen stays."""
        chosen = self.click.currentData()
        self.click.clear()
        self.click.addItem(self.tr("adds it as a run"), None)
        for place in range(len(session.runs)):
            self.click.addItem(self.tr("gives its rate to {label}").format(label=session.label(place)), place)
        show_choice(self.click, chosen if chosen is not None and chosen < len(session.runs) else None)

    def show_steps(self, session: Experiment) -> None:
        """As many steps as the session has; where a step takes long, not more than a few."""
        self.steps.blockSignals(True)
        self.steps.setValue(min(session.steps, _EXPENSIVE_STEPS) if session.problem.is_expensive else session.steps)
        self.steps.blockSignals(False)

    def show_target(self, target: float | None) -> None:
        self.wanted_target = target
        self.target.set_value(target)

    def _take_target(self, target: float | None) -> None:
        self.wanted_target = target
        self.changed.emit()

    def _fill(self) -> None:
        for text, column in (
            (self.tr("final loss"), "final_loss"),
            (self.tr("best loss"), "best_loss"),
            (self.tr("steps to target"), "steps_to_target"),
        ):
            self.column.addItem(text, column)
        self.low.set_value(_LOW)
        self.high.set_value(_HIGH)
        self.count.setValue(_COUNT)

    def _connect(self) -> None:
        for edit in (self.low, self.high):
            edit.value_changed.connect(lambda _value: self.changed.emit())
        for refused in (self.low.refused, self.high.refused, self.target.refused, self.entries.refused):
            refused.connect(self.refused)
        self.entries.changed.connect(self.changed)
        self.target.value_changed.connect(self._take_target)

    def _arrange(self) -> None:
        page, rows = QVBoxLayout(self), form_layout()
        page.setContentsMargins(0, 0, 0, 0)
        add_row(rows, self.tr("First rate"), self.low, self.tr("The least rate of the sweep"))
        add_row(rows, self.tr("Last rate"), self.high, self.tr("The largest rate of the sweep"))
        add_row(rows, self.tr("Rates"), self.count, self.tr("How many rates there are, by equal factors"))
        add_row(rows, self.tr("Steps of each"), self.steps, self.tr("How long every run of the sweep goes"))
        add_row(
            rows,
            self.tr("Target loss"),
            self.target,
            self.tr("The loss to which steps are counted; with mini-batches that on all data"),
        )
        add_row(
            rows,
            self.tr("Show"),
            self.column,
            self.tr("What is drawn against the rate; of mini-batches the loss on all data"),
        )
        add_row(rows, self.tr("A click"), self.click, self.tr("What becomes of the rate that is clicked on"))
        page.addLayout(rows)
        page.addWidget(self.entries, 1)
