"""The base class of plots against the step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.engine.experiment.pace import Equal
from lrstudio.ui.canvases.canvas import PlotCanvas, PlotOptions
from lrstudio.ui.canvases.marks import EpochMarks, NameAxis, RateMarks, exit_mark
from lrstudio.ui.drawing.axis import Span
from lrstudio.ui.drawing.curve import CurveItem
from lrstudio.ui.drawing.pyramid import Pyramid, Read
from lrstudio.ui.drawing.reading import Reading, Row, exact_text, nearest
from lrstudio.ui.drawing.step_scale import CursorLine, StepAxis, StepScale
from lrstudio.ui.drawing.strokes import Strokes, curve_scale
from lrstudio.ui.look.theme import RunStyle, Theme

_FIRST_STEPS = 20
_BEFORE = 0.02
_NEAR = 5.0
"""Distance in pixels from a mark within which it is read."""
_MOST_NAMED = 3
_VALUES_A_FRAME = 2**19
"""Values that one refresh adds to the curves, in 1-4 ms."""
_SECONDS_A_FRAME = 0.005
"""Time after which a refresh makes no more rows of a long trace again."""


class StepCanvas(PlotCanvas):
    """Draws columns of a pyramid as curves; the view grows from 20 steps to all.

    A click selects the nearest step, which a vertical line marks.
    """

    step_clicked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.scale = StepScale()
        self.curves: list[tuple[int, int, CurveItem]] = []
        self.axis: Equal = "steps"
        self._set_no_columns()
        self.names = NameAxis()
        self.cursor_line, self.marks = CursorLine(self.scale), RateMarks(self.scale)
        self.epochs = EpochMarks(self.scale)
        super().__init__(theme, parent)
        for item in (self.cursor_line, self.marks, self.epochs):
            self.addItem(item)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.plotItem.add_axis("right", self.names)
        self.axes["right"] = self.names
        self._apply_font()
        self.set_theme(theme)

    def _set_no_columns(self) -> None:
        self.set_columns(lambda start, stop: np.empty((0, 0)), 0)

    def forget(self) -> None:
        super().forget()
        self._set_no_columns()

    def set_columns(self, read: Read, columns: int, *, log: bool = False) -> None:
        """Sets the reader of the columns that the curves show."""
        self.pyramid = Pyramid(read, columns)
        self.strokes = Strokes(self.pyramid, log=log, scale=self.scale)

    def set_interleaved(self, reads: Sequence[Read], runs: int, *, log: bool = False) -> None:
        """Sets readers of columns (n, R) each; the columns of a run are neighbours."""
        count = len(reads) * runs
        self.set_columns(
            lambda a, b: np.stack([read(a, b) for read in reads], axis=2).reshape(-1, count), count, log=log
        )

    def bottom_axis(self) -> StepAxis:
        return StepAxis(self.scale)

    def set_options(self, options: PlotOptions) -> None:
        super().set_options(options)
        if options.log_steps != self.scale.log:
            self.set_log_steps(options.log_steps)
        if options.axis != self.axis:
            self.set_axis(options.axis)

    def set_axis(self, axis: Equal) -> None:
        """Sets what the horizontal axis counts; epochs and samples are those of each run."""
        self.axis = axis
        self.rebuild()
        self.reset_view()

    def rebuild(self) -> None:
        self._measure_axis()
        super().rebuild()

    def _measure_axis(self) -> None:
        size = 0 if self.experiment is None or self.axis == "steps" else self.experiment.data_size
        self.scale.count(self.axis, () if self.trace is None else self.trace.per_epoch, size)
        self.axes["bottom"].picture = None

    def row(self, run: int) -> int:
        own = super().row(run)
        return own if self.step is None else min(self.scale.own_step(run, self.step), own)

    def set_log_steps(self, log: bool) -> None:
        """Sets whether the axis of steps is logarithmic in 1 + step."""
        self.scale.log = log
        self.axes["bottom"].picture = None
        self.axes["bottom"].update()
        self.reset_view()
        self.viewport().update()

    def show_marks(self) -> None:
        """Updates the marks of changed rates."""
        if self.trace is not None and self.experiment is not None:
            colors = {run: self.style(run).color for run in self.visible_runs()}
            self.marks.set_changes(self.trace.rate_changes, colors)

    def set_hidden(self, runs: Iterable[int]) -> None:
        super().set_hidden(runs)
        self.show_marks()

    def add_curve(self, run: int, column: int, style: RunStyle, width: float = 2.0) -> None:
        """Adds a curve of a run that shows a column of the pyramid."""
        curve = CurveItem(self.strokes, column, style, QColor(self.theme.background), width=width)
        self.curves.append((run, column, curve))
        self.add_run_item(run, curve)

    @property
    def drawn_length(self) -> int:
        """The number of rows of the trace that the curves show."""
        return 0 if self.trace is None else self.trace.length

    @property
    def unfinished(self) -> bool:
        return self.pyramid.columns > 0 and self.pyramid.length < self.drawn_length

    def clear_runs(self) -> None:
        super().clear_runs()
        self.curves = []

    def draw(self) -> None:
        assert self.trace is not None
        more = max(1, _VALUES_A_FRAME // max(1, self.pyramid.columns))
        end, until = min(self.drawn_length, self.pyramid.length + more), perf_counter() + _SECONDS_A_FRAME
        while self.pyramid.length < end:
            self.pyramid.extend(self.pyramid.length + self.trace.quick(self.pyramid.length, end - self.pyramid.length))
            if perf_counter() > until:
                break
        self.update_markers()

    def update_markers(self) -> None:
        """Moves the markers to the runs' rows, at most the last of the pyramid: the trace grows meanwhile."""
        self.show_marks()
        self.cursor_line.set_step(self.step)
        last = self.pyramid.length - 1
        rows = {run: min(self.row(run), last) for run, _, _ in self.curves}
        values = {row: self.pyramid.rows(row, row + 1)[0] for row in set(rows.values()) if row >= 0}
        for run, column, curve in self.curves:
            row = rows[run]
            curve.set_head(row, float(values[row][column]) if row >= 0 else math.nan)

    def follow(self) -> None:
        """Updates the view, and paints curves that leave it behind the others."""
        super().follow()
        bottom, top = self.plotItem.vb.viewRange()[1]
        log = self.axes["left"].logMode
        low, high = (curve_scale(values, log) for values in self.pyramid.extremes())
        above, below = (high > top).tolist(), (low < bottom).tolist()
        crossed: dict[int, list[bool]] = {}
        for run, column, curve in self.curves:
            curve.put_behind(above[column] or below[column])
            if run not in self.hidden:
                crossed[run] = [
                    a or b
                    for a, b in zip(crossed.get(run, (False, False)), (above[column], below[column]), strict=True)
                ]
        self.set_outside({run: exit_mark(*crossed[run]) for run in sorted(crossed) if any(crossed[run])})

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.cursor_line.set_color(QColor(theme.accent))
        self._show_epochs()

    def _apply_font(self) -> None:
        super()._apply_font()
        self._show_epochs()

    def _show_epochs(self) -> None:
        period = None if self.trace is None else self.trace.steps_per_epoch
        if self.scale.counted == "epochs":  # which the axis has
            period = None
        self.epochs.set_period(period, QColor(self.theme.muted), self.font())

    def restyle(self) -> None:
        for run, _, curve in self.curves:
            curve.set_style(self.style(run), QColor(self.theme.background))

    def headings(self) -> tuple[str, ...]:
        """Returns the headings of a run's values if there are several."""
        return self.trace.names if self.trace and len(self.trace.names) > 1 else ()

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        step = self.step_at(point.x())
        runs = self.visible_runs()
        steps = {run: self.scale.own_step(run, step) for run in runs}
        values = {own: self.values(own) for own in {*steps.values()} or {step}}
        first = next((known for known in values.values() if known is not None), None)
        if first is None:
            return None
        count = max(1, len(first) // max(1, self.trace.runs if self.trace else 1))
        rows = []
        for run in runs:
            known = values[steps[run]]
            own = [math.nan] * count if known is None else known[run * count : (run + 1) * count].tolist()
            dots = [self._dot(steps[run], value, run) for value in own]
            distances = [math.inf if dot is None else abs(dot.y() - mouse.y()) for dot in dots]
            best = distances.index(min(distances))
            shown = tuple(exact_text(value) for value in own)
            rows.append(Row(self.name(run), shown, self.style(run), dots[best], distances[best]))
        line = self.to_pixel(self.scale.position(step), point.y())
        title = " · ".join(self.texts_at(step, mouse))
        return Reading(title, nearest(rows), self.headings() if count > 1 else (), None if line is None else line.x())

    def texts_at(self, step: int, mouse: QPointF) -> list[str]:
        """Returns the texts of a step and of the rate changes at the mouse."""
        assert self.trace is not None
        begin, texts = self.scale.texts(step, self.trace.steps_per_epoch), []
        for change in self.trace.rate_changes:
            at = self.to_pixel(self.scale.of(change.run).position(change.step), self.viewRect().center().y())
            if at is not None and abs(at.x() - mouse.x()) <= _NEAR and change.run not in self.hidden:
                text = tr("rate {before:g} → {after:g}", before=change.before, after=change.after)
                texts.append(f"{self.name(change.run)}: {text}")
        return [*begin, *texts[-_MOST_NAMED:]]

    def step_at(self, x: float) -> int:
        """Returns the step nearest to an x coordinate."""
        most = self.last_step() * max(self.scale.stretches, default=1.0)
        return round(min(self.scale.step(x), most))

    def last_step(self) -> int:
        """Returns the last step with values."""
        return max(0, self.pyramid.length - 1)

    def values(self, step: int) -> Array | None:
        """Returns the values of all columns, grouped by run, or None after the last step."""
        return self.pyramid.exact(step) if step < self.pyramid.length else None

    def _dot(self, step: int, value: float, run: int) -> QPointF | None:
        if not math.isfinite(value):
            return None
        scaled = float(curve_scale(np.array(value), self.axes["left"].logMode))
        return self.to_pixel(self.scale.of(run).position(step), scaled)

    def _clicked(self, event: Any) -> None:
        at = event.scenePos()
        left = event.button() == Qt.MouseButton.LeftButton and not event.double()
        if left and self.trace is not None and self.plotItem.vb.sceneBoundingRect().contains(at):
            self.step_clicked.emit(self.step_at(self.to_plot(at).x()))

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        y_range = None if self.experiment is None or self.trace is None else self.y_range()
        if y_range is None:
            return None
        (first, last), (low, high) = map(self.scale.position, self.x_range()), y_range
        names = self.epochs.share(self.x_range()[1], self.plotItem.vb.height())
        return (first - _BEFORE * (last - first), last), (low, high + (high - low) * names / (1 - names))

    def x_range(self) -> tuple[float, float]:
        """Returns the steps in view, with a margin so that the last markers are whole."""
        assert self.experiment is not None and self.trace is not None
        last, newest = self.planned_end(), self.scale.furthest(self._newest())
        low, high = Span(0, min(_FIRST_STEPS, last), 0, last).covering(0, 1.02 * newest)
        return low, high + 0.02 * (high - low)

    def planned_end(self) -> float:
        """Returns the last step so far or planned, in steps of the smallest batches."""
        assert self.experiment is not None
        return max(self.scale.furthest(self._newest()), self.scale.furthest(self.experiment.steps_each))

    def _newest(self) -> list[int]:
        assert self.trace is not None
        return [self.trace.rows(run) - 1 for run in range(self.trace.runs)]

    def y_range(self) -> tuple[float, float] | None:
        """Returns the y range that shows the visible runs."""
        raise NotImplementedError

    def extremes(self, columns: list[int]) -> tuple[float, float]:
        """Returns the least and the greatest value in these columns."""
        low, high = self.pyramid.extremes()
        return float(np.fmin.reduce(low[columns])), float(np.fmax.reduce(high[columns]))
