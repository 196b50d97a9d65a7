"""The fields of a range test."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.range_test import STOP_FACTOR, RangeTest
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.fields.form import DeclarationForm
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout, narrow
from lrstudio.ui.instruments.range_test.job import RangeTestRequest


class RangeForm(QWidget):
    """The tested run and the parameters of the test; `changed` is emitted after every change by the user."""

    changed = Signal()
    smoothed = Signal()
    """Emitted when the smoothing changes."""
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.test = RangeTest(stop_factor=STOP_FACTOR)
        self._session: Experiment | None = None
        self._experiment: Experiment | None = None
        self._tested = True
        self.run = narrow(choice_combo([], lambda _run: self.changed.emit()))
        FieldBehavior(self).install(self.run)
        names = [parameter.name for parameter in RangeTest.parameters()]
        self._forms = {name: DeclarationForm(kind=RangeTest, names=[name]) for name in names[:-1]}
        self._forms["batch_size"] = DeclarationForm(kind=Experiment, names=["batch_size"])
        self._forms[names[-1]] = DeclarationForm(kind=RangeTest, names=names[-1:])
        self.field("batch_size").setToolTip(tr("Data points per iteration, of this test alone"))
        self._rows = form_layout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self.setLayout(self._rows)
        tip = tr("Its optimizer and start are tested; its rate and schedule are not")
        add_row(self._rows, tr("run"), self.run, tip)
        for name, form in self._forms.items():
            form.edited.connect(self._take_experiment if name == "batch_size" else self._take)
            form.refused.connect(self.refused)
            self._rows.addRow(form)
        self._show()

    def field(self, name: str) -> Any:
        """Returns the editor of a parameter of the test."""
        return self._forms[name].editor(name)

    def show_experiment(self, experiment: Experiment) -> None:
        """List the experiment's runs; take its batch size if that or the problem has changed."""
        before, self._session = self._session, experiment
        run = max(0, min(self.run.currentIndex(), len(experiment.runs) - 1))
        names = [
            f"{experiment.label(index)} · {tr(each.optimizer.title)}" for index, each in enumerate(experiment.runs)
        ]
        if names != [self.run.itemText(index) for index in range(self.run.count())]:
            self.run.clear()
            self.run.addItems(names)
        self.run.setCurrentIndex(run)
        same = before is not None and (before.problem, before.batch_size) == (experiment.problem, experiment.batch_size)
        with suppress(ValueError):  # together with other steps the batches may need too much memory
            if self._experiment is not None and same:
                experiment = replace(experiment, batch_size=self._experiment.batch_size)
        self._experiment = experiment
        self._show()

    def select(self, run: int) -> None:
        """Choose the run to test."""
        if 0 <= run < self.run.count() and run != self.run.currentIndex():
            self.run.setCurrentIndex(run)
            self.changed.emit()

    def request(self, *, falling: bool) -> RangeTestRequest:
        """Returns the request for the test; `falling` requests the falling test as well."""
        assert self._experiment is not None
        falls = self.test.end_lr < self.test.start_lr
        test = replace(self.test, stop_factor=None) if falls else self.test
        test = test if self._validates else replace(test, monitor="loss")
        return RangeTestRequest(self._experiment, max(0, self.run.currentIndex()), test, falling and not falls)

    def set_tested(self, tested: bool) -> None:
        """Show all fields for a test, or only the smoothing for a log."""
        self._tested = tested
        self._show()

    @property
    def _validates(self) -> bool:
        """Whether the problem has validation data."""
        return self._experiment is not None and "val_loss" in self._experiment.problem.metrics

    def _take(self, test: RangeTest) -> None:
        smoothed, self.test = test.smooth != self.test.smooth, test
        self._show()
        self.changed.emit()
        if smoothed:
            self.smoothed.emit()

    def _take_experiment(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self.changed.emit()

    def _show(self) -> None:
        for name, form in self._forms.items():
            entry = self._experiment if name == "batch_size" else self.test
            if entry is not None:
                form.show_entry(entry)
            shown = self._validates if name == "monitor" else True
            self._rows.setRowVisible(form, (self._tested and shown) or name == "smooth")
