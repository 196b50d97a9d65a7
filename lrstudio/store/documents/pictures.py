"""The charts of a trace: where the runs go, and loss, parameters and rate against the step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.typeset import plain_text, typeset_name
from lrstudio.core.landscape import landscape
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.curvature_track import Samples
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.store.documents.chart import MOST_LINES, SIZE, Axis, Line, axis_of, chart

_GRID = 121
_BANDS = 14
_FAR = 1e3
"""A logarithmic axis of the loss has at most so many times the room that the runs which stay finite need."""
_MOST_POINTS = 2**16
_SMALLEST = 1e-16


@dataclass(frozen=True)
class Picture:
    """A chart as SVG; `key` is that of the plot in the window that shows the same."""

    key: str
    title: str
    svg: str


def pictures(
    experiment: Experiment, trace: Trace, size: tuple[int, int] = SIZE, samples: Samples | None = None
) -> Iterator[Picture]:
    """Yields the charts of an experiment: the landscape of one or two parameters, loss, parameters or metrics, rate.

    Beside them the largest curvatures with their limits, if there are `samples` of them. Of more than 24 runs the first
    ones are drawn. Of a long trace every so manyth row is, at most 65,536 of a run.
    """
    drawing = _Drawing(experiment, trace, size)
    if experiment.problem.has_landscape and len(trace.names) <= 2:
        yield drawing.landscape()
    yield drawing.against_step("loss", tr("Loss against step"), tr("loss"), "loss", log=True)
    if "accuracy" in trace.metrics:
        yield drawing.against_step("accuracy", tr("Accuracy against step"), tr("accuracy"), "accuracy")
    elif experiment.problem.records_all_parameters and len(trace.names) <= 3:
        yield drawing.weights()
    if samples is not None:
        yield drawing.curvature(samples)
    yield drawing.against_step("rate", tr("Learning rate against step"), tr("learning rate"), "lr")


class _Drawing:
    def __init__(self, experiment: Experiment, trace: Trace, size: tuple[int, int]) -> None:
        self._experiment, self._trace, self._size = experiment, trace, size
        self._runs = range(min(trace.runs, MOST_LINES))
        self._more = trace.runs - len(self._runs)
        self._length = trace.length

    def against_step(self, key: str, title: str, name: str, column: str, *, log: bool = False) -> Picture:
        """Returns a column of one number a run against the step."""
        lines = [self._line(run, *self._measured(column, run), self._label(run)) for run in self._runs]
        return self._picture(key, title, name, lines, log=log)

    def weights(self) -> Picture:
        """Returns all parameters against the step, those of a run in its colour."""
        lines = []
        for run in self._runs:
            steps, values = self._rows("params", run)
            for index, name in enumerate(self._trace.names):
                several = len(self._trace.names) > 1
                label = f"{_shown(name)}, {self._label(run)}" if several else self._label(run)
                color = self._experiment.runs[run].color
                lines.append(Line(steps, values[:, index], label, color, thin=index > 0))
        name = ", ".join(map(_shown, self._trace.names))
        return self._picture("weights", tr("Weights against step"), name, lines)

    def curvature(self, samples: Samples) -> Picture:
        """Returns the largest curvature of each run against the step, and thin, in its colour, its stability limit."""
        lines = []
        for run in self._runs:
            for values, label in (
                (samples.curvatures, self._label(run)),
                (samples.limits, tr("limit of {name}", name=self._label(run))),
            ):
                known = np.isfinite(values[:, run])
                if known.any():
                    thin, color = values is samples.limits, self._experiment.runs[run].color
                    lines.append(Line(samples.steps[known], values[known, run], label, color, thin=thin))
        return self._picture("curvature", tr("Curvature against step"), tr("Largest curvature λ"), lines, log=True)

    def landscape(self) -> Picture:
        """Returns the loss over its domain, as contours or as a curve, with the way of every run on it."""
        experiment = self._experiment
        shown = landscape(experiment.problem.objective(experiment.seed), experiment.problem.domain, _GRID)
        axes = [
            Axis(_shown(name), float(values[0]), float(values[-1]))
            for name, values in zip(shown.names, shown.axes, strict=True)
        ]
        if len(axes) == 1:
            lines = [Line(shown.axes[0], shown.loss)]
            axes.append(axis_of(tr("loss"), [shown.loss]))
        else:
            lines = _contours(shown.axes, shown.loss)
        for run in self._runs:
            values = self._rows("params", run)[1]
            other = values[:, 1] if len(self._trace.names) == 2 else self._rows("loss", run)[1]
            lines.append(Line(values[:, 0], other, self._label(run), experiment.runs[run].color, marker=True))
        title = tr("Landscape")
        return Picture("landscape", title, chart(self._titled(title), axes[0], axes[1], lines, self._size))

    def _picture(self, key: str, title: str, name: str, lines: list[Line], *, log: bool = False) -> Picture:
        values = [line.y for line in lines]
        y = _within(axis_of(name, values, log=log), values)
        x = Axis(tr("step"), 0, max(1, self._length - 1))
        return Picture(key, title, chart(self._titled(title), x, y, lines, self._size))

    def _titled(self, title: str) -> str:
        return title if not self._more else tr("{title} (without {count} more runs)", title=title, count=self._more)

    def _label(self, run: int) -> str:
        return self._experiment.label(run)

    def _line(self, run: int, steps: Array, values: Array, label: str) -> Line:
        return Line(steps, values, label, self._experiment.runs[run].color)

    def _measured(self, column: str, run: int) -> tuple[Array, Array]:
        """Returns the steps at which a column has a number, and these."""
        steps, values = self._rows(column, run)
        known = ~np.isnan(values)
        return (steps[known], values[known]) if column in self._trace.metrics else (steps, values)

    def _rows(self, column: str, run: int) -> tuple[Array, Array]:
        """Returns the steps and the values of a run in a column, of a long one every so manyth."""
        rows = min(self._length, self._trace.rows(run))
        every = -(-rows // _MOST_POINTS)
        values = self._trace.of_run(column, run, rows)[::every]
        return np.arange(0, rows, every), np.asarray(values, float)


def _within(axis: Axis, values: list[Array]) -> Axis:
    """Returns an axis without what a run that explodes would take of it, and without losses that are rounding."""
    finite = [each[np.isfinite(each)] for each in values]
    starts = [float(each[0]) for each in finite if len(each)]
    ends = [float(each[-1]) for each in finite if len(each)]
    if not starts:
        return axis
    if axis.log:
        high = min(axis.high, _FAR * max(*starts, min(ends), axis.low))
        return Axis(axis.title, max(axis.low, _SMALLEST * max(starts)), high, log=True) if high > axis.low else axis
    calm = [each for each in finite if len(each) and np.abs(each).max() <= _FAR * max(1.0, *map(abs, starts))]
    return axis_of(axis.title, calm) if calm else axis


def _contours(axes: tuple[Array, ...], loss: Array) -> list[Line]:
    import contourpy  # as the window: only where contours are drawn

    x, y = axes
    generator = contourpy.contour_generator(x, y, np.ma.masked_invalid(loss), line_type="Separate")
    shares = np.linspace(0, 1, _BANDS + 2)[1:-1]
    levels = np.unique(np.nanquantile(loss, shares * shares))
    return [Line(line[:, 0], line[:, 1]) for level in levels for line in map(np.asarray, generator.lines(level))]


def _shown(name: str) -> str:
    return plain_text(typeset_name(name))
