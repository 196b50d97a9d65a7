"""The fields of a range test."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.range_test import STOP_FACTOR, RangeTest
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.fields.form import DeclarationForm
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout, narrow
from lrstudio.ui.instruments.range_test.job import RangeTestRequest


class RangeForm(QWidget):
    """The run that is tested, and the numbers of the test. `changed` comes after every change by hand."""

    changed = Signal()
    smoothed = Signal()
    """The smoothing was changed: nothing has to be computed anew of a log."""
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.test = RangeTest(stop_factor=STOP_FACTOR)
        self._session: Experiment | None = None
        self._experiment: Experiment | None = None
        self._tested = True
        self.run = narrow(choice_combo([], lambda _run: self.changed.emit()))
        FieldBehavior(self).install(self.run)
        names = [known.name for known in RangeTest.parameters()]
        self._forms = {name: DeclarationForm(kind=RangeTest, names=[name]) for name in names[:-1]}
        self._forms["batch_size"] = DeclarationForm(kind=Experiment, names=["batch_size"])
        self._forms[names[-1]] = DeclarationForm(kind=RangeTest, names=names[-1:])
        self.field("batch_size").setToolTip(self.tr("Data points per iteration, of this test alone"))
        self._rows = form_layout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self.setLayout(self._rows)
        tip = self.tr("Its optimizer and start are tested; its rate and schedule are not")
        add_row(self._rows, self.tr("run"), self.run, tip)
        for name, form in self._forms.items():
            form.edited.connect(self._take_batches if name == "batch_size" else self._take)
            form.refused.connect(self.refused)
            self._rows.addRow(form)
        self._show()

    def field(self, name: str) -> Any:
        """The widget of a number of the test."""
        return self._forms[name].editor(name)

    def show_experiment(self, experiment: Experiment) -> None:
        """Offer the experiment's runs and, where the problem or the batch size is another, take its batch size."""
        before, self._session = self._session, experiment
        run = max(0, min(self.run.currentIndex(), len(experiment.runs) - 1))
        names = [
            f"{experiment.label(place)} · {member.optimizer.title}" for place, member in enumerate(experiment.runs)
        ]
        if names != [self.run.itemText(place) for place in range(self.run.count())]:
            self.run.clear()
            for place, name in enumerate(names):
                self.run.addItem(name, place)
        self.run.setCurrentIndex(run)
        same = before is not None and (before.problem, before.batch_size) == (experiment.problem, experiment.batch_size)
        with suppress(ValueError):  # together with other steps the batches may need too much memory
            kept = self._experiment.batch_size if self._experiment is not None and same else experiment.batch_size
            experiment = replace(experiment, batch_size=kept)
        self._experiment = experiment
        self._show()

    def select(self, run: int) -> None:
        """Test this run."""
        if 0 <= run < self.run.count() and run != self.run.currentIndex():
            self.run.setCurrentIndex(run)
            self.changed.emit()

    def request(self, *, falling: bool) -> RangeTestRequest:
        """Returns what the form asks for."""
        assert self._experiment is not None
        falls = self.test.end_lr < self.test.start_lr
        test = replace(self.test, stop_factor=None) if falls else self.test
        return RangeTestRequest(self._experiment, max(0, self.run.currentIndex()), test, falling and not falls)

    def set_tested(self, tested: bool) -> None:
        """Whether there is a test; of a log only the smoothing can be chosen."""
        self._tested = tested
        self._show()

    def _take(self, test: RangeTest) -> None:
        smoothed, self.test = test.smooth != self.test.smooth, test
        self._show()
        self.changed.emit()
        if smoothed:
            self.smoothed.emit()

    def _take_batches(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self.changed.emit()

    def _show(self) -> None:
        for name, form in self._forms.items():
            entry = self._experiment if name == "batch_size" else self.test
            if entry is not None:
                form.show_entry(entry)
            self._rows.setRowVisible(form, self._tested or name == "smooth")
