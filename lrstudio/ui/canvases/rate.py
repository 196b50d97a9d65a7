"""The learning rate against the step: previews of the schedules pale, used rates in full colour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QColor, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.schedules.base import Point
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.marks import PlanMark
from lrstudio.ui.canvases.point_drag import PointDragger
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.drawing.lines import polylines
from lrstudio.ui.drawing.pixels import PixelItem, draw_lines, edges_around, to_pixels
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.step_scale import StepScale
from lrstudio.ui.drawing.strokes import curve_scale
from lrstudio.ui.look.theme import Theme, mix

_FAINT, _PREVIEW_WIDTH = 0.62, 5.0
_FAR_APART = 20.0
_DEPTH = 1e-3
_DRAWN_LEAST, _DRAWN_MOST = 1e-30, 1e30
_HEIGHT = 1e9
"""Limits of the view as multiples of the runs' base rates."""
_LEAST = 1e-300
"""Lower rates, which lack precision, count as 0."""
_DEEPEST = 1e-30
"""Least rate in the view as a fraction of the greatest, so that a tiny one does not flatten the others."""


class RateCanvas(StepCanvas):
    """Shows all steps from the start, logarithmic if the runs' rates differ by more than a factor of 20.

    The points of the selected run's custom schedule can be edited with the mouse.
    """

    points_drawn = Signal(int, object)
    """Index of a run, and the edited points of its schedule."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._rates: tuple[Array, Array] | None = None
        self.log = False
        self._selected = -1
        super().__init__(theme, parent)
        self._previews = PreviewsItem(self.scale)
        self.addItem(self._previews)
        self.plan_mark = PlanMark(self.scale, tr("planned end"))
        self.addItem(self.plan_mark)
        self._dragger = PointDragger(self)
        self._dragger.changed.connect(lambda points: self.points_drawn.emit(self._selected, points))

    @property
    def preview(self) -> tuple[Array, Array] | None:
        """Steps (n,) and rates (n, R) of the preview."""
        return self._rates

    def set_preview(self, steps: Array | None, rates: Array | None = None) -> None:
        """Sets the rates (n, R) of the schedules at steps (n,), or None."""
        before = self._rates
        self._rates = None if steps is None or rates is None else (steps, rates)
        if self._previews.shown and before and self._rates and all(map(np.array_equal, before, self._rates)):
            return
        self._show_preview()
        self.follow()

    def select(self, run: int) -> None:
        """Selects the run whose points can be edited; -1 for none."""
        self._selected = run
        self.show_points()

    def show_points(self) -> None:
        """Updates the points of the selected run."""
        if self.points:
            self._dragger.item.set_colors(self.style(self._selected).color, QColor(self.theme.background))
        self._dragger.show_points()
        self._show_note()

    @property
    def points(self) -> tuple[Point, ...]:
        """Points of the selected run's schedule, if it is a custom one."""
        runs = () if self.experiment is None else self.experiment.runs
        if not 0 <= self._selected < len(runs) or self._selected in self.hidden:
            return ()
        return runs[self._selected].schedule.pairs

    def position_of(self, point: Point) -> QPointF:
        """Returns the plot coordinates of a point."""
        step, rate = point
        clipped = min(max(rate, _DRAWN_LEAST), _DRAWN_MOST)
        return QPointF(self.scale.of(self._selected).position(step), float(np.log10(clipped)) if self.log else rate)

    def point_at(self, mouse: QPointF) -> Point:
        """Returns the step, rounded, and the rate, in three digits, under the mouse."""
        at = self.to_plot(mouse)
        rate = 10 ** min(max(at.y(), -30.0), 30.0) if self.log else max(0.0, at.y())
        return round(self.scale.of(self._selected).step(at.x())), float(f"{rate:.3g}")

    def plot_contains(self, mouse: QPointF) -> bool:
        """Whether the mouse is inside the axes."""
        return bool(self.plotItem.vb.sceneBoundingRect().contains(mouse))

    def set_experiment(self, experiment: Experiment, trace: Trace) -> None:
        super().set_experiment(experiment, trace)
        self.show_points()
        self._show_plan()

    def _show_plan(self) -> None:
        """Marks the end of the planned steps if the run continues beyond it."""
        experiment, step = self.experiment, None
        if experiment is None:
            return
        if experiment.schedule_length < experiment.steps:
            needed = any(experiment.runs[run].schedule.needs_length for run in self.visible_runs())
            step = experiment.schedule_length if needed else None
        self.plan_mark.set_step(step, QColor(self.theme.muted), self.header.font())

    def build(self) -> None:
        assert self.trace is not None and self.experiment is not None
        trace = self.trace
        positive = self._base_rates()
        self.log = max(positive) > _FAR_APART * min(positive)
        self.axes["left"].setLogMode(y=self.log)
        self.set_columns(lambda start, stop: trace.read("lr", start, stop), trace.runs, log=self.log)
        for run in range(trace.runs):
            self.add_curve(run, run, self.style(run))
        self._show_preview()

    @property
    def drawn_length(self) -> int:
        return max(0, super().drawn_length - 1)  # the last row has no rate yet

    def restyle(self) -> None:
        super().restyle()
        self._show_plan()
        self._show_note()
        self._update_previews()

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
        self._update_previews()
        self.show_points()

    def x_range(self) -> tuple[float, float]:
        assert self.experiment is not None and self.trace is not None
        return 0.0, 1.02 * self.planned_end()

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
        most, least = max(self._base_rates()), min(self._base_rates())
        top = min(float(rates.max(initial=0.0)) or 1.0, _HEIGHT * most)
        if not self.log:
            return -0.02 * top, 1.15 * top
        bottom = max(float(rates.min(initial=least)), _DEPTH * least, _DEEPEST * top)
        return np.log10(bottom) - 0.3, np.log10(top) + 0.3

    def _base_rates(self) -> list[float]:
        """Returns the base rates of the runs without those that count as 0."""
        assert self.experiment is not None
        return [run.lr for run in self.experiment.runs if run.lr >= _LEAST] or [1.0]

    def last_step(self) -> int:
        ahead = int(self._rates[0][-1]) if self._previews.shown and self._rates is not None else 0
        return max(super().last_step(), ahead)

    def values(self, step: int) -> Array | None:
        """Returns the used rates or, ahead of the run, those of the preview."""
        if step < self.pyramid.length or not self._previews.shown or self._rates is None:
            return super().values(step)
        steps, rates = self._rates
        return np.array([np.interp(step, steps, column) for column in rates.T])

    def _show_note(self) -> None:
        follows = self.experiment is not None and any(run.schedule.follows_loss for run in self.experiment.runs)
        grouped = self.experiment is not None and any(run.has_lr_factors for run in self.experiment.runs)
        notes = [
            tr("without rate factors") if grouped else "",
            tr("log scale") if self.log else "",
            tr("drag, double-click") if self.points else "",
            tr("a rate follows the loss") if follows and not self.points else "",
            self._zero_note(),
        ]
        note = " · ".join(filter(None, notes))
        if (note, self.scale.title) != (self._note, self.caption.text) or not self.header.title:
            self.set_titles(tr("Learning rate"), self.scale.title, note)

    def _zero_note(self) -> str:
        """Returns the note that visible runs have the rate 0 after the planned steps."""
        if self._rates is None or self.experiment is None or self.plan_mark.step is None:
            return ""
        steps, rates = self._rates
        runs = [run for run in self.visible_runs() if run < rates.shape[1]]
        ahead = rates[steps >= self.plan_mark.step][:, runs]
        zero = [run for run, rate in zip(runs, ahead.T, strict=True) if len(rate) and not rate.any()]
        if not zero:
            return ""
        text = tr("rate 0 from step {step:,}") if zero == runs else tr("a rate is 0 from step {step:,}")
        return str(text).format(step=self.plan_mark.step)

    def _show_preview(self) -> None:
        none = np.empty(0), np.empty((0, 0))
        fits = self._rates is not None and self.trace is not None and self._rates[1].shape[1] == self.trace.runs
        steps, rates = self._rates if fits and self._rates is not None else none
        self._previews.set_rates(steps, rates, log=self.log)
        self._show_note()
        self._update_previews()

    def _update_previews(self) -> None:
        """Updates colours and visibility of the previews."""
        if self.experiment is not None:
            styles = map(self.style, range(len(self.experiment.runs)))
            colors = [mix(style.color.name(), self.theme.background, _FAINT) for style in styles]
            self._previews.set_style(colors, self.hidden)


class PreviewsItem(PixelItem):
    """The previews behind the curves, all in one item: each item is cached as a picture."""

    def __init__(self, scale: StepScale) -> None:
        super().__init__()
        self._scale = scale
        self._steps, self._rates = np.empty(0), np.empty((0, 0))
        self._colors: Sequence[QColor] = ()
        self._hidden: Collection[int] = ()
        self._log = False
        self.setZValue(-5)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_rates(self, steps: Array, rates: Array, *, log: bool) -> None:
        """Sets the rates (n, R) at steps (n,), on a logarithmic axis or not."""
        self._steps, self._rates, self._log = steps, drawable(rates), log
        self.update()

    def set_style(self, colors: Sequence[QColor], hidden: Collection[int]) -> None:
        """Sets the colours of the runs, and the hidden ones."""
        if (colors, hidden) != (self._colors, self._hidden):
            self._colors, self._hidden = colors, hidden
            self.update()

    @property
    def shown(self) -> bool:
        """Whether there are previews."""
        return self._rates.shape[1] > 0

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        edges = edges_around(area)
        for run, color in enumerate(self._colors[: self._rates.shape[1]]):
            if run not in self._hidden:
                positions = self._scale.of(run).positions(self._steps)
                x, y = to_pixels(transform, positions, curve_scale(self._rates[:, run], self._log))
                draw_lines(painter, polylines(x, y[None], edges).lines, color, _PREVIEW_WIDTH)
