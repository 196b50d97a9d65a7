"""The fields of a range test."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QWidget

from lrstudio.core.analysis.suggestions import SMOOTH
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import MOST_LR
from lrstudio.engine.sweep.range_test import MOST_ITERATIONS, MOST_SEEDS, STOP_FACTOR, STOP_ON, RangeTest
from lrstudio.ui.fields.behaviour import FieldManners
from lrstudio.ui.fields.combo import choice_combo, narrow
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row, form_layout, spin_box
from lrstudio.ui.instruments.range_test.job import RangeTestRequest

_LEAST_LR = 1e-30
_DEFAULT = RangeTest()


class RangeForm(QWidget):
    """The run that is tested, and the numbers of the test. `changed` comes after every change by hand."""

    changed = Signal()
    smoothed = Signal()
    """Only the smoothing was changed: nothing has to be computed anew of a log."""
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._experiment: Experiment | None = None
        self.run = narrow(choice_combo([], lambda _run: self.changed.emit()))
        self.start_lr = self._number(_LEAST_LR, MOST_LR, _DEFAULT.start_lr, log=True)
        self.end_lr = self._number(_LEAST_LR, MOST_LR, _DEFAULT.end_lr, log=True)
        self.num = spin_box(1, MOST_ITERATIONS, lambda _value: self.changed.emit())
        self.growth = choice_combo([], lambda _value: self.changed.emit())
        for name, text in (("exponential", self.tr("equal factors")), ("linear", self.tr("equal steps"))):
            self.growth.addItem(text, name)
        self.stop_factor = self._number(1.0001, 1e300, STOP_FACTOR, log=True)
        self.stop_on = choice_combo([], lambda _value: self.changed.emit())
        for which, text in zip(STOP_ON, (self.tr("raw loss"), self.tr("smoothed loss")), strict=True):
            self.stop_on.addItem(text, which)
        self.smooth = self._number(0.0, 0.9999, SMOOTH, log=False)
        self.batch_size = spin_box(0, 2**31 - 1, lambda _value: self.changed.emit())
        self.batch_size.setSpecialValueText(self.tr("all data"))
        self.seeds = spin_box(1, MOST_SEEDS, lambda _value: self.changed.emit())
        self.num.setValue(_DEFAULT.num)
        self.smooth.value_changed.connect(lambda _value: self.smoothed.emit())
        self._arrange()

    def show_experiment(self, experiment: Experiment) -> None:
        """Offer the experiment's runs and, where the problem or the batch size is another, take its batch size."""
        before = self._experiment
        self._experiment = experiment
        run = max(0, min(self.run.currentIndex(), len(experiment.runs) - 1))
        names = [
            f"{experiment.label(place)} · {member.optimizer.title}" for place, member in enumerate(experiment.runs)
        ]
        if names != [self.run.itemText(place) for place in range(self.run.count())]:
            self.run.clear()
            for place, name in enumerate(names):
                self.run.addItem(name, place)
        self.run.setCurrentIndex(run)
        self.batch_size.setEnabled(experiment.problem.has_data)
        if before is None or (before.problem, before.batch_size) != (experiment.problem, experiment.batch_size):
            self.batch_size.blockSignals(True)
            self.batch_size.setValue(experiment.batch_size or 0)
            self.batch_size.blockSignals(False)

    def select(self, run: int) -> None:
        """Test this run."""
        if 0 <= run < self.run.count() and run != self.run.currentIndex():
            self.run.setCurrentIndex(run)
            self.changed.emit()

    def request(self, *, falling: bool) -> RangeTestRequest:
        """What stands in the form; ValueError says what cannot be."""
        assert self._experiment is not None
        falls = self.end_lr.value() < self.start_lr.value()
        test = RangeTest(
            start_lr=self.start_lr.value(),
            end_lr=self.end_lr.value(),
            num=self.num.value(),
            growth=self.growth.currentData(),
            stop_factor=None if falls else self.stop_factor.value(),
            stop_on=self.stop_on.currentData(),
            smooth=self.smooth.value(),
            seeds=self.seeds.value(),
        )
        experiment = self._experiment
        if experiment.problem.has_data:
            experiment = replace(experiment, batch_size=self.batch_size.value() or None)
        return RangeTestRequest(experiment, max(0, self.run.currentIndex()), test, falling and not falls)

    def set_rates(self, start: float, end: float) -> None:
        """Show other rates without a signal."""
        for field, value in ((self.start_lr, start), (self.end_lr, end)):
            field.blockSignals(True)
            field.set_value(value)
            field.blockSignals(False)

    def set_tested(self, tested: bool) -> None:
        """Whether there is a test; of a log only the smoothing can be chosen."""
        for place in range(self._rows.rowCount()):
            item = self._rows.itemAt(place, QFormLayout.ItemRole.FieldRole)
            kept = item is not None and item.widget() in (self.smooth, self.run)
            self._rows.setRowVisible(place, tested or kept)

    def _number(self, low: float, high: float, value: float, *, log: bool) -> NumberEdit:
        edit = NumberEdit(low, high, log=log)
        edit.set_value(value)
        edit.value_changed.connect(lambda _value: self.changed.emit())
        edit.refused.connect(self.refused)
        return edit

    def _arrange(self) -> None:
        self._rows = form_layout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        rows = (
            (self.tr("run"), self.run, self.tr("Its optimizer and start are tested; its rate and schedule are not")),
            (self.tr("start rate"), self.start_lr, self.tr("The rate of the first iteration")),
            (self.tr("end rate"), self.end_lr, self.tr("The rate of the last iteration; below the start it falls")),
            (self.tr("growth"), self.growth, self.tr("From one iteration to the next: times, or plus, the same")),
            (self.tr("number"), self.num, self.tr("How many times the rate grows")),
            (
                self.tr("stop at × best"),
                self.stop_factor,
                self.tr(
                    "Ends where the loss is above X times the best one. Where the best is not above 0: above the best "
                    "+ (X − 1) times the spread of the losses before"
                ),
            ),
            (
                self.tr("stop on"),
                self.stop_on,
                self.tr("The raw loss, as in text 5, or the smoothed one, as in fastai, Lightning and torch-lr-finder"),
            ),
            (self.tr("smoothing β"), self.smooth, self.tr("Share of the old mean that is kept; bias is corrected")),
            (self.tr("batch size"), self.batch_size, self.tr("Data points per iteration, of this test alone")),
            (self.tr("seeds"), self.seeds, self.tr("So many tests with other batches; their losses are averaged")),
        )
        for name, field, tip in rows:
            add_row(self._rows, name, field, tip)
        FieldManners(self).teach(*(field for _, field, _ in rows))
        self.setLayout(self._rows)
