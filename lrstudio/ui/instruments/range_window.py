"""Smith's range test of a run, beside the sweep that shows when the test misleads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from lrstudio.core.analysis.cycle_bounds import cycle_bounds
from lrstudio.core.schedules import Cyclic
from lrstudio.engine.range_test import RangeCurve
from lrstudio.ui.instruments import range_words
from lrstudio.ui.instruments.bench import Bench
from lrstudio.ui.instruments.range_actions import RangeActions
from lrstudio.ui.instruments.range_form import RangeForm
from lrstudio.ui.instruments.range_job import Asked, Found, find
from lrstudio.ui.instruments.range_panel import RangePanel
from lrstudio.ui.instruments.range_plots import Line
from lrstudio.ui.instruments.suggestion_table import Choice
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.open_session import OpenSession
from lrstudio.ui.theme import RunStyle, Theme

_REST_MS = 60
_FALLING_DASH = (7.0, 4.0)


class RangeTestWindow(InstrumentWindow):
    """Tests anew whenever the form, or what matters of the session, has changed; changes the session on demand only."""

    def __init__(self, session: OpenSession, bench: Bench, theme: Theme, parent: QWidget) -> None:
        super().__init__("", session, bench, theme, parent)
        self.setWindowTitle(self.tr("Range test"))
        self.found: Found | None = None
        self._wanted: Asked | None = None
        self.asked = RangeForm()
        self.panel = RangePanel(theme)
        self.run_button, self.falling = QPushButton(self.tr("Run the &test")), QPushButton(self.tr("Run it &falling"))
        self.actions_row = RangeActions(self)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REST_MS)
        self._later.timeout.connect(self._test_if_new)
        self._fill()
        self._connect()
        self.asked.show_experiment(session.experiment)
        self.resize(1240, 780)

    def select(self, run: int) -> None:
        self.asked.select(run)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.panel.set_theme(theme)
        self._show_found()

    def test(self) -> None:
        """Run the test as the form has it."""
        try:
            asked = self.asked.asked(falling=self.falling.isChecked())
        except ValueError as error:
            self.cancel()
            self.say(str(error), warning=True)
            return
        self._wanted = asked
        self.compute(lambda work: find(asked, work), self._done, self._take)

    @property
    def curve(self) -> RangeCurve | None:
        """The curve that is shown."""
        return None if self.found is None else self.found.rising

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.asked.show_experiment(self.session.experiment)
        self._later.start()

    def _test_if_new(self) -> None:
        """Test where something else is asked for than what is known or on its way."""
        if not self.isVisible():
            return
        try:
            asked = self.asked.asked(falling=self.falling.isChecked())
        except ValueError as error:
            self.say(str(error), warning=True)
            return
        on_its_way = self._wanted is not None and (self.work is not None or self._complete)
        if not on_its_way or self._wanted is None or self._wanted.key != asked.key:
            self.test()
        elif self.found is not None and self.found.asked.looks != asked.looks:
            self._take(replace(self.found, asked=asked))

    @property
    def _complete(self) -> bool:
        return self.found is not None and self.found.complete

    def _session_changed(self) -> None:
        self.asked.show_experiment(self.session.experiment)
        self._later.start()

    def _take(self, found: Found) -> None:
        self.found = found
        self._show_found()

    def _done(self, found: Found) -> None:
        self._take(found)
        self.say("")

    def _show_found(self) -> None:
        found = self.found
        if found is None:
            return
        panel, asked = self.panel, found.asked
        style = self._style(asked)
        lines = [_line(self.tr("rising"), found.rising, style)]
        if found.falling is not None:
            lines.append(_line(self.tr("falling"), found.falling, self._falling_style(asked)))
        rates = found.rising.test.rates
        ends = float(rates.min()), float(rates.max())
        if found.swept is not None:
            ends = float(found.swept.rates[0]), float(found.swept.rates[-1])
        smooth = self.tr("thick: smoothed {beta:g} · thin: raw").format(beta=asked.test.smooth)
        panel.loss.set_titles(self.tr("loss of each iteration, before its step"), self.tr("rate"), smooth)
        panel.loss.set_lines(lines, ends)
        panel.rates.set_lines(lines)
        panel.sweep.show_swept(found.swept, ends, style, asked.test.num)
        bounds = cycle_bounds(found.rising.lr, found.rising.loss) if self._rises(asked) else None
        panel.show_bounds(bounds, range_words.cycle(bounds))
        panel.show_choices(self._choices(found))
        self._tell()

    def _choices(self, found: Found) -> list[Choice]:
        """The rules' rates and the sweep's own, with what the sweep knows of them."""
        made = [Choice(known.rule, known.lr, help=known.meaning) for known in found.rising.suggestions()]
        if found.swept is None:
            return made
        good = found.swept.good(self._begin(found))
        made.append(Choice(range_words.BEST, None if good is None else good.best))
        return [self._trained(found, choice) for choice in made]

    def _trained(self, found: Found, choice: Choice) -> Choice:
        assert found.swept is not None
        known = np.flatnonzero(found.swept.known)
        if choice.lr is None or not len(known):
            return choice
        rates, summary = found.swept.rates, found.swept.summary
        nearest = known[int(np.abs(np.log(rates[known] / choice.lr)).argmin())]
        return replace(choice, loss=float(summary.final_loss[nearest]), verdict=int(summary.verdict[nearest]))

    def _tell(self) -> None:
        """Say what the test says, why it ended, and what a falling one shows."""
        found = self.found
        if found is None:
            return
        batches = found.asked.experiment.batch_size is not None
        why = range_words.ended(found.rising, batches=batches)
        choice, answer = self.panel.choice, ""
        if not self._rises(found.asked):
            answer = range_words.falling(found.rising, found.rising)
        elif found.swept is not None and choice is not None and choice.lr is not None:
            good = found.swept.good(self._begin(found))
            answer = range_words.compared(choice.rule, choice.lr, found.swept, good, found.asked.test.num)
        if found.falling is not None:
            why += "\n" + range_words.falling(found.rising, found.falling)
        self.panel.say(answer, why)

    def _use(self, lr: float) -> None:
        """Give the run a rate."""
        experiment, run = self.session.experiment, self._run
        rate = float(f"{lr:.3g}")
        self.session.edit(experiment.with_run(run, lr=rate))
        self.say(self.tr("The run has the rate {lr:g} now; Ctrl+Z takes it back").format(lr=rate))

    def _use_cycle(self, base_lr: float, max_lr: float) -> None:
        """Let the run's rate go up and down between two."""
        experiment, run = self.session.experiment, self._run
        low, high = (float(f"{lr:.3g}") for lr in (base_lr, max_lr))
        cycle = replace(Cyclic.suited(experiment.steps, experiment.runs[run].lr), base_lr=low, max_lr=high)
        self.session.edit(experiment.with_run(run, schedule=cycle))
        text = self.tr(
            "The run's rate goes from {low:g} to {high:g} and back in {steps} steps now; Ctrl+Z takes it back"
        )
        self.say(text.format(low=low, high=high, steps=2 * cycle.step_size_up))

    @property
    def _run(self) -> int:
        return min(max(0, self.asked.run.currentIndex()), len(self.session.experiment.runs) - 1)

    def _begin(self, found: Found) -> float:
        """The loss before the first step, as far as it is known."""
        assert found.swept is not None
        first = found.swept.summary.final_loss[np.flatnonzero(found.swept.known)[:1]]
        return float(np.nanmax(np.concatenate([first, found.rising.loss[:1], [-np.inf]])))

    @staticmethod
    def _rises(asked: Asked) -> bool:
        return asked.test.end_lr > asked.test.start_lr

    def _style(self, asked: Asked) -> RunStyle:
        return replace(self.theme.run_style(asked.experiment.runs[asked.run].color), dash=())

    def _falling_style(self, asked: Asked) -> RunStyle:
        style = self.theme.run_style(asked.experiment.runs[asked.run].color + 1)
        return replace(style, dash=_FALLING_DASH)

    def _fill(self) -> None:
        self.run_button.setToolTip(self.tr("Run the test again (F5); it also runs by itself when something changes"))
        self.falling.setCheckable(True)
        tip = self.tr("The same test from the end rate down to the start rate, over the rising one (F6)")
        self.falling.setToolTip(tip)
        for button in (self.run_button, self.falling):
            button.setAccessibleName(button.text().replace("&", ""))
            self.side.addWidget(button)
        self.side.insertWidget(0, self.asked)
        self.side.addWidget(self.actions_row)
        self.side.addStretch()
        self.plots.addWidget(self.panel)

    def _connect(self) -> None:
        self.asked.changed.connect(self._later.start)
        self.asked.refused.connect(lambda why: self.say(why, warning=True))
        self.run_button.clicked.connect(lambda _checked=False: self.test())
        self.falling.toggled.connect(lambda _checked: self.test())
        self.panel.chosen.connect(self._tell)
        self.panel.rate_wanted.connect(self._use)
        self.panel.cycle_wanted.connect(self._use_cycle)
        self.session.experiment_changed.connect(self._session_changed)
        keys = QKeySequence.StandardKey
        for key, slot in (
            (QKeySequence("F5"), self.run_button.click),
            (QKeySequence("F6"), self.falling.click),
            (QKeySequence(keys.Undo), self.session.history.undo),
            (QKeySequence(keys.Redo), self.session.history.redo),
        ):
            QShortcut(key, self).activated.connect(slot)


def _line(name: str, curve: RangeCurve, style: RunStyle) -> Line:
    return Line(name, curve.lr, curve.loss, curve.smoothed, style)
