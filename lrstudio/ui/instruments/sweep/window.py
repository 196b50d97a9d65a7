"""The sweep: one loss against hundreds of rates, for several optimizers at once."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.ui.fields.rows import show_choice
from lrstudio.ui.instruments.exports import ExportButtons
from lrstudio.ui.instruments.sweep.canvas import SweepCanvas
from lrstudio.ui.instruments.sweep.form import SweepForm
from lrstudio.ui.instruments.sweep.rate_curves import RateCurve, csv_lines, rates_between, swept_curves
from lrstudio.ui.instruments.sweep.strips import Strips
from lrstudio.ui.instruments.sweep.table import SweepTable
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession

_DELAY_MS = 80
_LEAST_PLOT = 180
"""Minimum height of the plot in pixels."""
_MOST_TABLE = 0.4
"""Largest share of the window's height that the table takes."""


class SweepWindow(InstrumentWindow):
    """Computes the sweep again after every change of the form or of the session's problem."""

    def __init__(self, session: OpenSession, bench: Bench, theme: Theme, parent: QWidget) -> None:
        super().__init__(tr("Sweep"), session, bench, theme, parent)
        self.curves: list[RateCurve] = []
        self._swept: Experiment | None = None
        self._fitted = 0  # number of curves for which the table was given its height
        self.canvas, self.table, self.form_fields = SweepCanvas(theme), SweepTable(theme), SweepForm(theme)
        self.strips = Strips(self.canvas)
        self.pending = QTimer(self)
        self.pending.setSingleShot(True)
        self.pending.setInterval(_DELAY_MS)
        self.pending.timeout.connect(self.sweep)
        self._arrange_sweep()
        self._connect()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.form_fields.entries.set_theme(theme)
        self.table.set_theme(theme)
        self.strips.update()

    def select(self, run: int) -> None:
        self.form_fields.click.follow(run)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session_changed()
        self.pending.start()  # a sweep that was cancelled starts again, one that has ended does not

    def closeEvent(self, event: QCloseEvent) -> None:
        self.pending.stop()
        super().closeEvent(event)

    def sweep(self) -> None:
        """Computes the sweep that the form describes."""
        self.pending.stop()
        fields = self.form_fields
        steps, target = fields.steps.value(), fields.target_loss
        entries = [
            replace(entry, experiment=replace(entry.experiment.replanned(), steps=steps, target_loss=target))
            for entry in fields.entries.checked()
        ]
        try:
            if not entries:
                raise ValueError(tr("Check an optimizer"))
            rates = rates_between(fields.low.value(), fields.high.value(), fields.count.value())
        except ValueError as error:
            self.cancel()
            self.show_message(str(error), warning=True)
            return
        seeds = fields.seeds.value()
        key = entries, rates, seeds
        self.compute(key, lambda work: swept_curves(entries, rates, work, seeds), self._finished, self._show)

    def show_column(self, column: str) -> None:
        """Draws another column of the same runs."""
        show_choice(self.form_fields.column, column)
        self._show(self.curves)
        if column == "steps_to_target" and self.form_fields.target_loss is None:
            self.show_message(tr("Type a target loss first: without one there are no steps to count"), warning=True)

    def _show(self, curves: list[RateCurve]) -> None:
        self.curves = curves
        self.canvas.show_curves(curves, self.form_fields.column.currentData(), self.form_fields.column.currentText())
        self.strips.show_curves(curves)
        self.table.show_curves(curves)
        self.exports.setEnabled(bool(curves))

    def _finished(self, curves: list[RateCurve]) -> None:
        self._show(curves)
        if len(curves) != self._fitted:  # give the table the height of so many rows
            self._fitted, height = len(curves), self.plots.height()
            rows = min(self.table.sizeHint().height(), round(_MOST_TABLE * height))
            self.plots.setSizes([height - rows, rows])
        seeds = [1 if curve.over_seeds is None else len(curve.over_seeds.seeds) for curve in curves]
        runs = sum(curve.sweep.cells * count for curve, count in zip(curves, seeds, strict=True))
        self.show_message(
            tr(
                "{runs} runs of {steps} steps. A click on a curve opens that rate as a run.",
                runs=runs,
                steps=self.form_fields.steps.value(),
            )
        )

    def _session_changed(self) -> None:
        """Sweeps again where the problem or anything but the rates of its runs has changed."""
        if not self.isVisible():
            return
        session = self.session.experiment
        self.form_fields.show_session(session)
        plain = replace(session, runs=tuple(dict.fromkeys(session.bare(lr=1.0).runs)))
        if plain == self._swept:
            return
        if self._swept is None or plain.steps != self._swept.steps:
            self.form_fields.show_steps(session)
        if self._swept is None or plain.target_loss != self._swept.target_loss:
            self.form_fields.show_target(session.target_loss)
        self._swept = plain
        self.form_fields.entries.show_experiment(session)
        self.pending.start()

    def _open_rate(self, curve: int, index: int) -> None:
        """Adds a run with a rate to the session, or gives the rate to the run that the form names."""
        clicked, target, session = self.curves[curve], self.form_fields.click.currentData(), self.session.experiment
        rate = float(f"{clicked.rates[index]:.4g}")
        if target is not None:
            self.session.edit(session.with_run(target, lr=rate))
        elif not self.open_run(clicked.sweep.experiment_at(index).bare().with_run(0, lr=rate), None):
            return
        self.show_message(tr("{rate:g} is in the session now; Undo there takes it back.", rate=rate))

    def _arrange_sweep(self) -> None:
        self.exports = ExportButtons(
            self, "sweep", lambda: csv_lines(list(self.curves)), lambda: (self.canvas, self.strips)
        )
        self.side.addWidget(self.form_fields, 1)
        self.side.addWidget(self.exports)
        upper = QWidget()
        layout = QVBoxLayout(upper)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.strips)
        self.canvas.setMinimumHeight(_LEAST_PLOT)
        self.plots.addWidget(upper)
        self.plots.addWidget(self.table)
        self.plots.setStretchFactor(0, 1)

    def _connect(self) -> None:
        self.form_fields.changed.connect(self.pending.start)
        self.form_fields.column_chosen.connect(self.show_column)
        self.form_fields.refused.connect(lambda why: self.show_message(why, warning=True))
        self.canvas.chosen.connect(self._open_rate)
        self.session.experiment_changed.connect(self._session_changed)
