"""The learning rate against the step: faint what the schedules will give, in full colour what was used."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.schedules.base import Point
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.point_drag import PointDragger
from lrstudio.ui.canvases.previews import PreviewsItem
from lrstudio.ui.canvases.rate_marks import PlanMark
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.look.theme import Theme, mix

_FAINT = 0.62
_FAR_APART = 20.0
_DEPTH = 1e-3
_DRAWN_LEAST, _DRAWN_MOST = 1e-30, 1e30
_HEIGHT = 1e9
"""The view is bound to these multiples of the runs' own rates."""
_LEAST = 1e-300
"""Rates below count as 0: less is no longer exact."""
_DEEPEST = 1e-30
"""Of the greatest rate: one run with next to none does not make the others a line."""


class RateCanvas(StepCanvas):
    """All steps are in view from the start. Logarithmic where the runs' rates differ by more than a factor of 20.

    Where the selected run has a schedule of its own points, they are drawn with the mouse.
    """

    points_drawn = Signal(int, object)
    """A run, and the points of its schedule as they should be."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._rates: tuple[Array, Array] | None = None
        self.log = False
        self._selected = -1
        super().__init__(theme, parent)
        self._previews = PreviewsItem(self.scale)
        self.addItem(self._previews, ignoreBounds=True)
        self.plan_mark = PlanMark(self.scale, self.tr("planned end"))
        self.addItem(self.plan_mark, ignoreBounds=True)
        self._dragger = PointDragger(self)
        self._dragger.drawn.connect(lambda points: self.points_drawn.emit(self._selected, points))

    @property
    def preview(self) -> tuple[Array, Array] | None:
        """The steps (n,) and rates (n, R) that were set."""
        return self._rates

    def set_preview(self, steps: Array | None, rates: Array | None = None) -> None:
        """The rates (n, R) that the schedules will give at these steps (n,), or None."""
        known = self._rates
        self._rates = None if steps is None or rates is None else (steps, rates)
        if self._previews.shown and known and self._rates and all(map(np.array_equal, known, self._rates)):
            return
        self._show_preview()
        self.follow()

    def select(self, run: int) -> None:
        """The run whose points may be drawn; -1 for none."""
        self._selected = run
        self.show_points()

    def show_points(self) -> None:
        """Show the points of the selected run, where it has some."""
        if self.points:
            self._dragger.item.set_colors(self.style(self._selected).color, QColor(self.theme.background))
        self._dragger.show_points()
        self._show_note()

    @property
    def points(self) -> tuple[Point, ...]:
        """The points of the selected run, if its schedule goes through points."""
        runs = () if self.experiment is None else self.experiment.runs
        if not 0 <= self._selected < len(runs) or self._selected in self.hidden:
            return ()
        return runs[self._selected].schedule.pairs

    def place_of(self, point: Point) -> QPointF:
        """Where a point stands in the view."""
        step, rate = point
        high = min(max(rate, _DRAWN_LEAST), _DRAWN_MOST)
        return QPointF(self.scale.position(step), float(np.log10(high)) if self.log else rate)

    def point_at(self, mouse: QPointF) -> Point:
        """The whole step and the rate, in three digits, under the mouse."""
        place = self.to_plot(mouse)
        rate = 10 ** min(max(place.y(), -30.0), 30.0) if self.log else max(0.0, place.y())
        return round(self.scale.step(place.x())), float(f"{rate:.3g}")

    def plot_has(self, mouse: QPointF) -> bool:
        """Whether the mouse is among the curves."""
        return bool(self.plotItem.vb.sceneBoundingRect().contains(mouse))

    def set_experiment(self, experiment: Experiment, trace: Trace) -> None:
        super().set_experiment(experiment, trace)
        self.show_points()
        self._show_plan()

    def _show_plan(self) -> None:
        """Mark where the steps end that a schedule was planned for, if the run goes on."""
        experiment, step = self.experiment, None
        if experiment is None:
            return
        if experiment.schedule_length < experiment.steps:
            needed = any(experiment.runs[run].schedule.needs_length for run in self.visible_runs())
            step = experiment.schedule_length if needed else None
        self.plan_mark.show_step(step, QColor(self.theme.muted), self.header.font())

    def build(self) -> None:
        assert self.trace is not None and self.experiment is not None
        trace = self.trace
        positive = self._own_rates()
        self.log = max(positive) > _FAR_APART * min(positive)
        self.axes["left"].setLogMode(y=self.log)
        self.read_columns(lambda start, stop: trace.read("lr", start, stop), trace.runs, log=self.log)
        for run in range(trace.runs):
            self.add_curve(run, run, self.style(run))
        self._show_preview()

    def draw(self) -> None:
        assert self.trace is not None
        self.pyramid.extend(max(0, self.trace.length - 1))  # the last row has no rate yet
        self.place_heads()

    def restyle(self) -> None:
        super().restyle()
        self._show_plan()
        self._show_note()
        self._look_at_previews()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.points:
            self.show_points()

    def set_log_steps(self, log: bool) -> None:
        super().set_log_steps(log)
        self._show_preview()
        self.show_points()

    def set_hidden(self, runs: Iterable[int]) -> None:
        super().set_hidden(runs)
        self._show_plan()
        self._look_at_previews()
        self.show_points()

    def x_range(self) -> tuple[float, float]:
        assert self.experiment is not None and self.trace is not None
        return 0.0, 1.02 * max(self.experiment.steps, self.trace.length - 1)

    def y_range(self) -> tuple[float, float] | None:
        runs = self.visible_runs()
        if not runs or self.experiment is None:
            return None
        values = [np.array([self.experiment.runs[run].lr for run in runs])]
        if self.pyramid.length:
            values.append(np.array(self.extremes(runs)))
        if self._previews.shown and self._rates is not None:
            values.append(self._rates[1][:, runs].ravel())
        rates = np.concatenate(values)
        rates = rates[np.isfinite(rates) & (rates >= 0)]
        rates = np.where(rates < _LEAST, 0.0, rates)
        own = self._own_rates()
        most = max(own)
        top = min(float(rates.max(initial=0.0)) or 1.0, _HEIGHT * most)
        if not self.log:
            return -0.02 * top, 1.15 * top
        least = min(own)
        bottom = max(float(rates.min(initial=least)), _DEPTH * least, _DEEPEST * top)
        return np.log10(bottom) - 0.3, np.log10(top) + 0.3

    def _own_rates(self) -> list[float]:
        """The rates of the runs, without those that count as 0."""
        assert self.experiment is not None
        return [run.lr for run in self.experiment.runs if run.lr >= _LEAST] or [1.0]

    def last_step(self) -> int:
        ahead = int(self._rates[0][-1]) if self._previews.shown and self._rates is not None else 0
        return max(super().last_step(), ahead)

    def values(self, step: int) -> Array | None:
        """The rates that were used or, ahead of the run, those that the schedules will give."""
        if step < self.pyramid.length or not self._previews.shown or self._rates is None:
            return super().values(step)
        steps, rates = self._rates
        return np.array([np.interp(step, steps, column) for column in rates.T])

    def _show_note(self) -> None:
        follows = self.experiment is not None and any(run.schedule.follows_loss for run in self.experiment.runs)
        notes = [
            self.tr("log scale") if self.log else "",
            self.tr("drag, double-click") if self.points else "",
            self.tr("a rate follows the loss") if follows and not self.points else "",
            self._over(),
        ]
        note = " · ".join(filter(None, notes))
        if note != self._note or not self.header.title:
            self.set_titles(self.tr("Learning rate"), self.tr("step"), note)

    def _over(self) -> str:
        """From which step on a run that is shown has the rate 0, if it is so until the end."""
        if self._rates is None or self.experiment is None or self.plan_mark.step is None:
            return ""
        steps, rates = self._rates
        runs = [run for run in self.visible_runs() if run < rates.shape[1]]
        ahead = rates[steps >= self.plan_mark.step][:, runs]
        over = [run for run, rate in zip(runs, ahead.T, strict=True) if len(rate) and not rate.any()]
        if not over:
            return ""
        text = self.tr("rate 0 from step {step:,}") if over == runs else self.tr("a rate is 0 from step {step:,}")
        return str(text).format(step=self.plan_mark.step)

    def _show_preview(self) -> None:
        none = np.empty(0), np.empty((0, 0))
        fits = self._rates is not None and self.trace is not None and self._rates[1].shape[1] == self.trace.runs
        steps, rates = self._rates if fits and self._rates is not None else none
        self._previews.set_rates(steps, rates, log=self.log)
        self._show_note()
        self._look_at_previews()

    def _look_at_previews(self) -> None:
        """Give the previews the runs' colours, faint, and hide those of hidden runs."""
        if self.experiment is not None:
            styles = map(self.style, range(len(self.experiment.runs)))
            colors = [mix(style.color.name(), self.theme.background, _FAINT) for style in styles]
            self._previews.set_look(colors, self.hidden)
