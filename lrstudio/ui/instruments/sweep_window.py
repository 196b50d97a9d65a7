"""The sweep: one loss against hundreds of rates, for several optimizers at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QImage, QPainter, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import MOST_LR
from lrstudio.ui.combo import choice_combo, narrow, show_choice
from lrstudio.ui.figure import png
from lrstudio.ui.instruments.bench import Bench
from lrstudio.ui.instruments.opening import with_found
from lrstudio.ui.instruments.rate_curves import RateCurve, csv_of, curves, opened, rates_between
from lrstudio.ui.instruments.saving import Saving
from lrstudio.ui.instruments.strips import Strips
from lrstudio.ui.instruments.sweep_canvas import SweepCanvas
from lrstudio.ui.instruments.sweep_entries import EntryList
from lrstudio.ui.instruments.sweep_words import SweepWords
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.number_edit import NumberEdit
from lrstudio.ui.open_session import OpenSession
from lrstudio.ui.rows import add_row, form_layout, spin_box
from lrstudio.ui.target_edit import TargetEdit
from lrstudio.ui.theme import Theme

_LOW, _HIGH, _COUNT, _MOST_RATES, _MOST_STEPS = 1e-4, 10.0, 256, 4096, 1_000_000
_SOON_MS = 80
_SHARPNESS = 2
_LEAST_PLOT = 180


class SweepWindow(InstrumentWindow):
    """Every change of the form, and of the session's problem, sweeps anew."""

    def __init__(self, session: OpenSession, bench: Bench, theme: Theme, parent: QWidget) -> None:
        super().__init__(self.tr("Sweep"), session, bench, theme, parent)
        self.curves: list[RateCurve] = []
        self._swept: Experiment | None = None
        self.canvas, self.words, self.entries = SweepCanvas(theme), SweepWords(theme), EntryList(theme)
        self.strips = Strips(self.canvas)
        self.saving = Saving(self, bench, self.say)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self.sweep)
        self._make_fields()
        self._arrange_sweep()
        self.entries.changed.connect(self._soon.start)
        self.entries.refused.connect(lambda why: self.say(why, warning=True))
        self.canvas.chosen.connect(self._open_rate)
        session.experiment_changed.connect(self._session_changed)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.entries.set_theme(theme)
        self.words.set_theme(theme)
        self.strips.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session_changed()

    def sweep(self) -> None:
        """Compute what the form says."""
        self._soon.stop()
        entries = [
            replace(
                entry,
                experiment=replace(entry.experiment, steps=self.steps.value(), target_loss=self._target),
            )
            for entry in self.entries.checked()
        ]
        if not entries:
            self.cancel()
            self.say(self.tr("Check an optimizer"), warning=True)
            return
        try:
            rates = rates_between(self.low.value(), self.high.value(), self.count.value())
        except ValueError as error:
            self.say(str(error), warning=True)
            return
        self.compute(lambda work: curves(entries, rates, work), self._finished, self._show)

    def show_column(self, column: str) -> None:
        """Draw something else of the same runs."""
        show_choice(self.column, column)
        self._show(self.curves)
        if column == "steps_to_target" and self._target is None:
            self.say(self.tr("Type a target loss first: without one there are no steps to count"), warning=True)

    def picture(self) -> QImage:
        """Curves and strips as they stand."""
        size = QSize(self.canvas.width(), self.canvas.height() + self.strips.height())
        image = QImage(size * _SHARPNESS, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(_SHARPNESS)
        image.fill(self.theme.background)
        painter = QPainter(image)
        viewport = self.canvas.viewport().rect()
        self.canvas.render(painter, viewport.toRectF(), viewport)
        painter.translate(0, self.canvas.height())
        self.strips.draw(painter)
        painter.end()
        return image

    def table(self) -> Iterator[bytes]:
        """The sweep as CSV."""
        return csv_of(list(self.curves))

    def _show(self, found: list[RateCurve]) -> None:
        self.curves = found
        self.canvas.show_curves(found, self.column.currentData(), self.column.currentText())
        self.strips.show_curves(found)
        self.words.show_curves(found)
        for button in (self._save_table, self._save_picture):
            button.setEnabled(bool(found))

    def _finished(self, found: list[RateCurve]) -> None:
        self._show(found)
        runs = sum(known.sweep.cells for known in found)
        self.say(
            self.tr("{runs} runs of {steps} steps. A click on a curve opens that rate as a run.").format(
                runs=runs, steps=self.steps.value()
            )
        )

    def _session_changed(self) -> None:
        """Sweep anew where the problem, or what is known of its runs apart from rates, has changed."""
        if not self.isVisible():
            return
        session = self.session.experiment
        chosen = self.click.currentData()
        self.click.clear()
        self.click.addItem(self.tr("adds it as a run"), None)
        for place in range(len(session.runs)):
            self.click.addItem(self.tr("gives its rate to {label}").format(label=session.label(place)), place)
        show_choice(self.click, chosen if chosen is not None and chosen < len(session.runs) else None)
        runs = tuple(dict.fromkeys(replace(run, lr=1.0, label="", color=0) for run in session.runs))
        plain = replace(session, runs=runs)
        if plain == self._swept:
            return
        if self._swept is None or plain.steps != self._swept.steps:
            self.steps.blockSignals(True)
            self.steps.setValue(session.steps)
            self.steps.blockSignals(False)
        if self._swept is None or plain.target_loss != self._swept.target_loss:
            self._target = session.target_loss
            self.target.set_value(self._target)
        self._swept = plain
        self.entries.show_experiment(session)
        self._soon.start()

    def _open_rate(self, curve: int, place: int) -> None:
        """A rate comes into the session, as a run or for a run that is there."""
        known, target, session = self.curves[curve], self.click.currentData(), self.session.experiment
        rate = float(f"{known.rates[place]:.4g}")
        if target is not None:
            self.session.edit(session.with_run(target, lr=rate))
        else:
            found = opened(known, place)
            try:
                self.session.edit(with_found(session, found.with_run(0, lr=rate), None, len(self.theme.runs)))
            except ValueError as error:
                self.say(str(error), warning=True)
                return
        self.say(self.tr("{rate:g} is in the session now; Undo there takes it back.").format(rate=rate))

    def _take_target(self, target: float | None) -> None:
        self._target = target
        self._soon.start()

    def _make_fields(self) -> None:
        soon = self._soon.start
        self.low, self.high = (NumberEdit(1e-300, MOST_LR, log=True) for _ in range(2))
        self.count = spin_box(2, _MOST_RATES, lambda _value: soon())
        self.steps = spin_box(1, _MOST_STEPS, lambda _value: soon())
        self.target, self._target = TargetEdit(), self.session.experiment.target_loss
        self.column = choice_combo([], self.show_column)
        for text, column in (
            (self.tr("final loss"), "final_loss"),
            (self.tr("best loss"), "best_loss"),
            (self.tr("steps to target"), "steps_to_target"),
        ):
            self.column.addItem(text, column)
        self.click: QComboBox = narrow(choice_combo([], lambda _place: None))
        self.low.set_value(_LOW)
        self.high.set_value(_HIGH)
        self.count.blockSignals(True)
        self.count.setValue(_COUNT)
        self.count.blockSignals(False)
        for edit in (self.low, self.high):
            edit.value_changed.connect(lambda _value: soon())
        for refused in (self.low.refused, self.high.refused, self.target.refused):
            refused.connect(lambda why: self.say(why, warning=True))
        self.target.entered.connect(self._take_target)

    def _arrange_sweep(self) -> None:
        rows = form_layout()
        add_row(rows, self.tr("First rate"), self.low, self.tr("The least rate of the sweep"))
        add_row(rows, self.tr("Last rate"), self.high, self.tr("The largest rate of the sweep"))
        add_row(rows, self.tr("Rates"), self.count, self.tr("How many rates there are, by equal factors"))
        add_row(rows, self.tr("Steps of each"), self.steps, self.tr("How long every run of the sweep goes"))
        add_row(rows, self.tr("Target loss"), self.target, self.tr("The loss to which steps are counted"))
        add_row(rows, self.tr("Show"), self.column, self.tr("What is drawn against the rate"))
        add_row(rows, self.tr("A click"), self.click, self.tr("What becomes of the rate that is clicked on"))
        self.side.addLayout(rows)
        self.side.addWidget(self.entries, 1)
        self._save_table, self._save_picture = (
            self._export_button(self.tr("Export CSV…"), self.tr("One row per rate, as lrstudio sweep --csv writes it")),
            self._export_button(self.tr("Export picture…"), self.tr("Curves and strips as PNG")),
        )
        buttons = QHBoxLayout()
        buttons.addWidget(self._save_table)
        buttons.addWidget(self._save_picture)
        self.side.addLayout(buttons)
        upper = QWidget()
        layout = QVBoxLayout(upper)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.strips)
        self.canvas.setMinimumHeight(_LEAST_PLOT)
        self.plots.addWidget(upper)
        self.plots.addWidget(self.words)
        self.plots.setStretchFactor(0, 1)
        self._save_table.clicked.connect(
            lambda _checked: self.saving.ask(self.tr("Export sweep"), "sweep.csv", ".csv", self.table)
        )
        self._save_picture.clicked.connect(lambda _checked: self._export_picture())

    def _export_button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setEnabled(False)
        return button

    def _export_picture(self) -> None:
        image = self.picture()
        self.saving.ask(self.tr("Export sweep"), "sweep.png", ".png", lambda: iter([png(image)]))
