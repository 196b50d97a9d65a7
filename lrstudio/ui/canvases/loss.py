"""The loss against the step, one curve per run; a diverging run leaves the view at the top."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.problems import Problem
from lrstudio.ui.canvases.canvas import PlotOptions
from lrstudio.ui.canvases.derived import AllData, Smoothed, forward_filled
from lrstudio.ui.canvases.marks import TargetItem
from lrstudio.ui.canvases.sketch import SketchItem, SketchLayer
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.drawing.axis import Span
from lrstudio.ui.drawing.curve import CurveItem
from lrstudio.ui.drawing.pyramid import Pyramid, Read, drawable
from lrstudio.ui.drawing.strokes import Strokes
from lrstudio.ui.look.theme import RunStyle, Theme, mix

SMOOTHINGS = (0.0, 0.5, 0.9, 0.98, 0.99)
"""Decays beta of the moving average for the menu; 0 does not smooth."""
_RAW_WIDTH, _PALE = 1.0, 0.55
_TEST_WIDTH = 1.2
_FULL_WIDTH, _SMOOTH_WIDTH = 2.0, 2.4
_DERIVED_A_FRAME = 2**18
"""Smoothed or interpolated values that one refresh computes."""
_HEADROOM_LOG, _HEADROOM_ALONE = 100.0, 1e25
"""Limits of a logarithmic view as multiples of the greatest initial loss, the second if every run rises above it."""
_HEADROOM_LINEAR = 2.0
_HARDLY = 2.0
_DEPTH = 1e-17
"""Limits of the view as multiples of the greatest initial loss."""
_BELOW = 10.0
"""Limit of the view below 0, as a multiple of 1 or of the greatest initial loss."""
_ROUNDING = 1e-12
"""A negative loss of at most this fraction of the initial loss is a rounding error of 0."""


class LossCanvas(StepCanvas):
    """Draws losses on a logarithmic axis, unless the options or a negative loss require a linear one.

    The loss on all data of mini-batch runs, by which they are judged, and smoothed losses are drawn over pale batch
    losses. The moving average is that of the losses, not of their logarithms, as in fastai.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.beta = 0.0
        self._tested = self._below_zero = False
        self._raw_curves: list[CurveItem] = []
        self._smoothed: Smoothed | None = None
        self.smooth_curves: list[CurveItem] = []
        self._all_data: AllData | None = None
        self._full_curves: list[CurveItem] = []
        self.target = TargetItem(tr("target"))
        self._sketch_item = SketchItem()
        super().__init__(theme, parent)
        self.addItem(self.target)
        self.sketch = SketchLayer(self, self._sketch_item)
        self.log = True
        self.set_log(True)

    def set_options(self, options: PlotOptions) -> None:
        super().set_options(options)
        if options.log_loss != self.log:
            self.set_log(options.log_loss)
        if options.smoothing != self.beta:
            self.set_smoothing(options.smoothing)

    def set_log(self, log: bool) -> None:
        """Sets whether the axis is logarithmic, unless a loss is negative."""
        self.log = log
        self._set_scale()
        self.reset_view()
        self.viewport().update()

    @property
    def logarithmic(self) -> bool:
        """Whether the axis is logarithmic."""
        return self.log and not self._below_zero

    def _set_scale(self) -> None:
        log = self.logarithmic
        self.axes["left"].setLogMode(y=log)
        self._set_note()
        self.strokes.log = log
        if self._smoothed is not None:
            self._smooth_strokes.log = log
        if self._all_data is not None:
            self._full_strokes.log = log
        self._show_target()
        self.sketch.place()

    def set_smoothing(self, beta: float) -> None:
        """Sets the decay beta of the moving average that is drawn over the losses; 0 draws none."""
        self.beta = beta
        self._set_note()
        self.rebuild()

    @property
    def unfinished(self) -> bool:
        ends = [] if self._smoothed is None else [(self._smoothed.length, self.pyramid.length)]
        if self._all_data is not None:
            ends.append((self._full_pyramid.length, min(self._all_data.length, self.pyramid.length)))
        return super().unfinished or any(length < end for length, end in ends)

    def build(self) -> None:
        assert self.trace is not None and self.experiment is not None
        trace = self.trace
        self._below_zero = _falls_below_zero(self.experiment.problem)
        self._set_scale()
        self._tested = "val_loss" in trace.columns
        reads: list[Read] = [lambda start, stop: trace.read("loss", start, stop)]
        reads += [forward_filled(trace, "val_loss")] * self._tested
        count = len(reads)
        self.set_interleaved(reads, trace.runs, log=self.logarithmic)
        self._forget_derived()
        if trace.full is not None:
            self._all_data = AllData(trace)
        widths = (_RAW_WIDTH if self._is_pale else 2.0, _TEST_WIDTH)
        for run in range(trace.runs):
            for column, width in zip(range(run * count, (run + 1) * count), widths, strict=False):
                self.add_curve(run, column, self._raw_style(run), width)
            self._raw_curves.append(self.curves[-count][2])
        self._set_note()
        if self._all_data is not None:
            self._full_pyramid = Pyramid(self._all_data.rows, trace.runs)
            self._full_strokes = Strokes(self._full_pyramid, log=self.logarithmic, scale=self.scale)
            self._full_curves = self._add_curves(self._full_strokes, _FULL_WIDTH)
        if self.beta:
            smoothed = Smoothed(lambda start, stop: drawable(trace.read("loss", start, stop)), trace.runs, self.beta)
            self._smoothed, self._smooth_pyramid = smoothed, Pyramid(smoothed.rows, trace.runs)
            self._smooth_strokes = Strokes(self._smooth_pyramid, log=self.logarithmic, scale=self.scale)
            self.smooth_curves = self._add_curves(self._smooth_strokes, _SMOOTH_WIDTH)

    def forget(self) -> None:
        super().forget()
        self._forget_derived()

    def _forget_derived(self) -> None:
        self._smoothed = self._all_data = None
        self.smooth_curves, self._raw_curves, self._full_curves = [], [], []
        self._full_pyramid = self._smooth_pyramid = self.pyramid
        self._full_strokes = self._smooth_strokes = self.strokes

    def _add_curves(self, strokes: Strokes, width: float) -> list[CurveItem]:
        runs, outline = range(len(self._raw_curves)), QColor(self.theme.background)
        curves = [CurveItem(strokes, run, self.style(run), outline, width=width) for run in runs]
        for run, curve in enumerate(curves):
            self.add_run_item(run, curve)
        return curves

    def draw(self) -> None:
        super().draw()
        self._detect_below_zero()
        more = max(1, _DERIVED_A_FRAME // max(1, len(self._raw_curves)))
        if self._all_data is not None:
            end = min(self._all_data.length, self.pyramid.length)
            self._full_pyramid.extend(min(end, self._full_pyramid.length + more))
            self._move_markers(self._full_curves, self._full_pyramid)
        if self._smoothed is not None:
            self._smoothed.extend(min(self.pyramid.length, self._smoothed.length + more))
            self._smooth_pyramid.extend(self._smoothed.length)
            self._move_markers(self.smooth_curves, self._smoothed)

    def _move_markers(self, curves: list[CurveItem], values: Pyramid | Smoothed) -> None:
        for run, curve in enumerate(curves):
            row = min(self.row(run), values.length - 1)
            curve.set_head(row, float(values.rows(row, row + 1)[0, run]))
            self._raw_curves[run].set_head(row, math.nan)

    def _detect_below_zero(self) -> None:
        if not self._below_zero and self.pyramid.length:
            first = np.abs(self.pyramid.rows(0, 1)[0])
            if (self.pyramid.extremes()[0] < -_ROUNDING * first).any():
                self._below_zero = self.following = True
                self._set_scale()

    def restyle(self) -> None:
        for run, _, curve in self.curves:
            curve.set_style(self._raw_style(run), QColor(self.theme.background))
        for curves in (self.smooth_curves, self._full_curves):
            for run, curve in enumerate(curves):
                curve.set_style(self.style(run), QColor(self.theme.background))
        self._show_target()

    def _show_target(self) -> None:
        level = None if self.experiment is None else self.experiment.target_loss
        if level is not None and self.logarithmic:
            level = math.log10(level) if level > 0 else None
        self.target.set_value(level, QColor(self.theme.muted), self.header.font())

    def _apply_font(self) -> None:
        super()._apply_font()
        self._show_target()

    def headings(self) -> tuple[str, ...]:
        headings = [tr("loss"), *([tr("test")] * self._tested)]
        headings += [tr("all data")] * (self._all_data is not None) + [tr("smoothed")] * bool(self.beta)
        return tuple(headings) if len(headings) > 1 else ()

    def values(self, step: int) -> Array | None:
        raw = super().values(step)
        if raw is None or self.trace is None:
            return raw
        others = [] if self._all_data is None else [self.trace.judged(step)]
        if self._smoothed is not None and step < self._smoothed.length:
            others.append(self._smoothed.rows(step, step + 1)[0])
        columns = [raw.reshape(self.trace.runs, -1), *(other[:, None] for other in others)]
        return np.concatenate(columns, axis=1).ravel()

    @property
    def _is_pale(self) -> bool:
        """Whether the raw losses are pale, under other curves."""
        return bool(self.beta) or self._all_data is not None

    def _raw_style(self, run: int) -> RunStyle:
        style = self.style(run)
        return replace(style, color=mix(style.color.name(), self.theme.background, _PALE)) if self._is_pale else style

    def _set_note(self) -> None:
        notes = [tr("log scale")] if self.logarithmic else [tr("linear scale: below 0")] if self.log else []
        notes += [tr("pale: batches")] if self._all_data is not None else []
        notes += [tr("pale: raw")] if self.beta and self._all_data is None else []
        notes += [tr("thin: test data")] if self._tested else []
        title = tr("Loss, smoothed {beta:g}", beta=self.beta) if self.beta else tr("Loss")
        self.set_titles(title, self.scale.title, " · ".join(notes))

    def legend(self) -> list[tuple[str, RunStyle]]:
        if self.experiment is None:
            return []
        return [(self.legend_text(run), self.style(run)) for run in self.visible_runs()]

    def plot_contains(self, mouse: QPointF) -> bool:
        """Whether the mouse is inside the axes."""
        return bool(self.plotItem.vb.sceneBoundingRect().contains(mouse))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._sketch_item.set_colors(QColor(theme.foreground), QColor(theme.background))

    def x_range(self) -> tuple[float, float]:
        low, high = super().x_range()
        return low, high if self.sketch.sketch is None else max(high, 1.02 * self.sketch.sketch.steps[-1])

    def y_range(self) -> tuple[float, float] | None:
        span = self._range_of_runs()
        return span if span is None else self.sketch.covering(*span)

    def _range_of_runs(self) -> tuple[float, float] | None:
        runs = self.visible_runs()
        if not runs:
            return None
        columns = [column for run, column, _ in self.curves if run in runs]
        starts = self.pyramid.rows(0, 1)[0, columns]
        start = max(float(np.fmax.reduce(starts)), 1e-12) if np.isfinite(starts).any() else 1.0
        low, high = self.extremes(columns)
        if self._below_zero:
            return _range_below_zero(starts, low, high)
        if not self.logarithmic:
            return Span(min(0.0, low), 1.08 * start, -_HEADROOM_LINEAR * start, _HEADROOM_LINEAR * start).covering(
                low, high
            )
        room = _HEADROOM_ALONE if all(self._rises(column) for column in columns) else _HEADROOM_LOG
        peak = max((self.extremes([column])[1] for column in columns if self._is_back(column)), default=0.0)
        least, most = np.log10(start * _DEPTH), np.log10(max(start * room, 1.1 * peak))
        bottom, top = np.log10(max(low, start * _DEPTH)), np.log10(max(high, start * _DEPTH))
        return Span(np.log10(start) - 1.2, np.log10(start) + 0.3, least, most).covering(bottom - 0.1, top + 0.1)

    def _is_back(self, column: int) -> bool:
        """Whether a loss is below its first one now, wherever it was on the way."""
        first, last = (float(self.pyramid.rows(row, row + 1)[0, column]) for row in (0, self.pyramid.length - 1))
        return last < first

    def _rises(self, column: int) -> bool:
        """Whether a loss hardly falls and rises by more than the room that runs leave one another."""
        first = float(self.pyramid.rows(0, 1)[0, column])
        low, high = self.extremes([column])
        return low > first / _HARDLY and high > _HEADROOM_LOG * first


def _falls_below_zero(problem: Problem) -> bool:
    """Whether the least loss is negative in theory; then the axis is linear from the start."""
    return problem.least is not None and problem.least < 0


def _range_below_zero(starts: Array, low: float, high: float) -> tuple[float, float]:
    """Returns the range of a linear axis for losses from `low` to `high` within the limits of the view."""
    first = starts[np.isfinite(starts)]
    base, top = (float(first.min()), float(first.max())) if len(first) else (0.0, 0.0)
    size = max(abs(base), abs(top), 1e-12)
    span = Span(base - 0.08 * size, top + 0.08 * size, -_BELOW * max(1.0, size), top + _HEADROOM_LINEAR * size)
    return span.covering(low, high)
