"""The window of Smith's range test of a run and a sweep to compare it with, or of a training log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from lrstudio.core.language import tr
from lrstudio.store.csv.table import range_rows
from lrstudio.store.logs.training_log import TrainingLog
from lrstudio.ui.fields.rows import Column
from lrstudio.ui.files.drops import FileDrops
from lrstudio.ui.instruments.exports import ExportButtons
from lrstudio.ui.instruments.range_test.edits import rounded, with_cycle
from lrstudio.ui.instruments.range_test.form import RangeForm
from lrstudio.ui.instruments.range_test.job import RangeTestRequest, RangeTestResult, of_log, run_range_test
from lrstudio.ui.instruments.range_test.log_import import LogImport
from lrstudio.ui.instruments.range_test.log_job import LogResult
from lrstudio.ui.instruments.range_test.panel import RangePanel
from lrstudio.ui.instruments.range_test.show import describe_log, describe_test, log_rows, show_log, show_test
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.plain import without_mnemonic
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession

_REST_MS = 60


class RangeTestWindow(FileDrops, InstrumentWindow):
    """Reruns the test when the form or the relevant part of the session changes; edits the session only on request."""

    def __init__(self, session: OpenSession, bench: Bench, theme: Theme, parent: QWidget) -> None:
        super().__init__("", session, bench, theme, parent)
        self.setWindowTitle(tr("Range test"))
        self.result: RangeTestResult | None = None
        self.log: LogResult | None = None
        self._request: RangeTestRequest | None = None
        self.form_fields = RangeForm()
        self.panel = RangePanel(theme)
        self.run_button, self.falling = QPushButton(tr("Run the &test")), QPushButton(tr("Run it &falling"))
        self.import_button = QPushButton(tr("&Import a log…"))
        self.back = QPushButton(tr("&Back to the test"))
        self.log_loss = QCheckBox(tr("&Logarithmic loss"))
        self.logs = LogImport(self, lambda: self.form_fields.test.smooth)
        self.pending = QTimer(self)
        self.pending.setSingleShot(True)
        self.pending.setInterval(_REST_MS)
        self.pending.timeout.connect(self._test_if_new)
        self._fill()
        self._connect()
        self.setAcceptDrops(True)
        self.form_fields.show_experiment(session.experiment)

    def select(self, run: int) -> None:
        self.form_fields.select(run)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.panel.set_theme(theme)
        self._show()

    def test(self) -> None:
        """Run the test of the form, even if its result is known."""
        if self.log is None:
            self.cancel()
            self._run_test(self._form_request())

    def show_log(self, result: LogResult) -> None:
        """Show a log instead of the test."""
        self.log = result
        self.panel.loss.reset_view()
        self._show_controls()
        self._show()

    def show_training_log(self, log: TrainingLog) -> None:
        """Compute the curve of a log and show it instead of the test."""
        beta = self.form_fields.test.smooth
        self.compute(None, lambda _work: LogResult(log, of_log(log, beta), beta), self.show_log)

    def show_test(self) -> None:
        """Show the test instead of the log."""
        self.log = None
        self._show_controls()
        self._show()
        self.pending.start()

    def rows(self) -> Iterator[str]:
        """Returns the CSV lines of the log or of the test."""
        if self.log is not None:
            return log_rows(self.log)
        assert self.result is not None
        curve = self.result.rising
        return range_rows(curve.lr, curve.loss, curve.smoothed)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.logs.dialog is not None:
            self.logs.cancel()
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session_changed()

    def take_files(self, paths: list[Path]) -> None:
        self.logs.begin(paths)

    def _form_request(self) -> RangeTestRequest:
        return self.form_fields.request(falling=self.falling.isChecked())

    def _test_if_new(self) -> None:
        """Run the test of the form unless its result is complete or being computed."""
        if not self.isVisible() or self.log is not None or self.logs.busy:
            return
        request, result = self._form_request(), self.result
        if result is None or result.request.key != request.key:
            self._run_test(request)
            return
        if self.busy or not result.complete:
            self._run_test(request)
        if result.request.color != request.color:
            self._take(replace(result, request=request))

    def _run_test(self, request: RangeTestRequest) -> None:
        before, self._request = self._request, request
        if before is None or (before.experiment.problem, before.run) != (request.experiment.problem, request.run):
            self.panel.table.forget_choice()
        self.compute(request.key, lambda work: run_range_test(request, work), self._take, self._take)

    def _session_changed(self) -> None:
        self.form_fields.show_experiment(self.session.experiment)
        self.pending.start()

    def _smooth(self) -> None:
        """Recompute the curve of the log."""
        if self.log is not None:
            self.show_training_log(self.log.log)

    def _take(self, result: RangeTestResult) -> None:
        self.result = result
        if self.log is None:
            self._show()

    def _show(self) -> None:
        if self.log is not None:
            show_log(self.panel, self.log, self.session.experiment.runs[self._run].color, self.theme)
        elif self.result is not None:
            show_test(self.panel, self.result, self.theme)
        self.exports.setEnabled(self.log is not None or self.result is not None)
        self.log_loss.setEnabled(not self.panel.loss.below_zero)

    def _describe(self) -> None:
        if self.log is not None:
            describe_log(self.panel, self.log)
        elif self.result is not None:
            describe_test(self.panel, self.result)

    def _show_controls(self) -> None:
        """Show the controls of the test or those of the log."""
        tested = self.log is None
        self.form_fields.set_tested(tested)
        for widget in (self.run_button, self.falling):
            widget.setVisible(tested)
        self.back.setVisible(not tested)

    def _use(self, lr: float) -> None:
        rate = rounded(lr)
        self.session.edit(self.session.experiment.with_run(self._run, lr=rate))
        self.show_message(tr("The run has the rate {lr:g} now; Ctrl+Z takes it back", lr=rate))

    def _use_cycle(self, base_lr: float, max_lr: float) -> None:
        edited, cycle = with_cycle(self.session.experiment, self._run, base_lr, max_lr)
        self.session.edit(edited)
        text = tr("The run goes from the rate {low:g} to {high:g} and back in {steps} steps; Ctrl+Z takes it back")
        self.show_message(text.format(low=cycle.base_lr, high=cycle.max_lr, steps=2 * cycle.step_size_up))

    @property
    def _run(self) -> int:
        return min(max(0, self.form_fields.run.currentIndex()), len(self.session.experiment.runs) - 1)

    def _fill(self) -> None:
        self.falling.setCheckable(True)
        self.side.insertWidget(0, self.form_fields)
        for button, tip in (
            (self.run_button, tr("Run the test again (F5); it runs by itself when something has changed")),
            (self.falling, tr("The same test from the end rate down to the start rate, over the rising one (F6)")),
            (self.back, tr("Show the range test of the run again")),
            (self.log_loss, tr("Show the loss on a logarithmic scale, where no loss is below 0 (Ctrl+L)")),
            (self.import_button, tr("Steps, rates and losses of a training elsewhere, from its log (Ctrl+O)")),
        ):
            button.setToolTip(tip)
            button.setAccessibleName(without_mnemonic(button.text()))
            self.side.addWidget(button)
        self.back.hide()
        plots = self.panel.loss, self.panel.sweep, self.panel.rates
        self.exports = ExportButtons(self, "range-test", self.rows, lambda: plots)
        self.side.addWidget(self.exports)
        self.side.addStretch()
        self.plots.addWidget(Column(self.panel, chars=0))

    def _connect(self) -> None:
        self.form_fields.changed.connect(self.pending.start)
        self.form_fields.smoothed.connect(self._smooth)
        self.form_fields.refused.connect(lambda why: self.show_message(why, warning=True))
        self.run_button.clicked.connect(lambda _checked=False: self.test())
        self.falling.toggled.connect(lambda _checked: self.test())
        self.back.clicked.connect(lambda _checked=False: self.show_test())
        self.import_button.clicked.connect(lambda _checked=False: self.logs.choose_files())
        self.log_loss.toggled.connect(self._set_log_loss)
        self.logs.imported.connect(self.show_log)
        self.logs.cancelled.connect(self.pending.start)
        self.panel.chosen.connect(self._describe)
        self.panel.rate_requested.connect(self._use)
        self.panel.cycle_requested.connect(self._use_cycle)
        self.session.experiment_changed.connect(self._session_changed)
        history, keys = self.session.changes, QKeySequence.StandardKey
        for key, slot in (
            (QKeySequence("F5"), self.run_button.click),
            (QKeySequence("F6"), self.falling.click),
            (QKeySequence("Ctrl+L"), self.log_loss.click),
            (QKeySequence(keys.Open), self.import_button.click),
            (QKeySequence(keys.Undo), history.undo),
            (QKeySequence(keys.Redo), history.redo),
        ):
            QShortcut(key, self).activated.connect(slot)

    def _set_log_loss(self, log: bool) -> None:
        self.panel.loss.set_log(log)
        self._show()
