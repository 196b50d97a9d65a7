"""The parameters against the step: one curve per run and parameter, and dotted lines at the optimum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.core.language import tr
from lrstudio.ui.canvases.marks import LevelItem
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.drawing.axis import Span
from lrstudio.ui.look.theme import RunStyle, Theme, mix

_WIDTHS = (2.4, 1.2)
_SPARE = 0.05
_FADE = (0.0, 0.25)


class WeightsCanvas(StepCanvas):
    """Draws the first parameter wide and the others thin, with the parameters' names at the optimum."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._levels: list[LevelItem] = []
        super().__init__(theme, parent)
        self.set_titles(tr("Weights"), tr("step"))

    def build(self) -> None:
        assert self.trace is not None and self.experiment is not None
        trace, size = self.trace, len(self.trace.names)
        self.set_columns(
            lambda start, stop: trace.read("params", start, stop).reshape(-1, trace.runs * size), trace.runs * size
        )
        for run in range(trace.runs):
            for index in reversed(range(size)):
                self.add_curve(run, run * size + index, self._faded(run, index), _WIDTHS[min(index, 1)])
        names = trace.names
        note = tr("thick: {first}, thin: {others}", first=names[0], others=", ".join(names[1:])) if size > 1 else ""
        title = tr("Weights") if size > 1 else tr("Weight {name}", name=names[0])
        self.set_titles(title, self.scale.title, note)
        self._set_levels()

    def restyle(self) -> None:
        for run, column, curve in self.curves:
            assert self.trace is not None
            curve.set_style(self._faded(run, column % len(self.trace.names)), QColor(self.theme.background))
        for level in self._levels:
            level.set_color(QColor(self.theme.muted))

    def y_range(self) -> tuple[float, float] | None:
        assert self.experiment is not None and self.trace is not None
        runs, count = self.visible_runs(), len(self.trace.names)
        if not runs:
            return None
        starts = [value for run in runs for value in self.experiment.starts()[run]]
        shown = starts + [level.value for level in self._levels]
        low, high = min(shown), max(shown)
        pad = 0.15 * (high - low) or max(1.0, 0.5 * abs(low))
        ends = [end for interval in self.experiment.problem.domain for end in interval] or [low, high]
        spare = 0.25 * (max(ends) - min(ends))
        has_optimum = len(self._levels) == count
        size = high - low + 2 * pad if has_optimum else max(ends) - min(ends)
        across = [2 * level.value - value for run in runs for level, value in self._levels_of(run)]
        lowest = min(max(low - size, min(ends) - spare), *(value - pad for value in across), low - pad)
        highest = max(min(high + size, max(ends) + spare), *(value + pad for value in across), high + pad)
        span = Span(low - pad, high + pad, lowest, highest)
        least, most = self.extremes([run * count + index for run in runs for index in range(count)])
        if all(self._leaves(run, lowest, highest) for run in runs):
            pad = _SPARE * (most - least)
            return least - pad, most + pad
        return span.covering(float(least), float(most))

    def _leaves(self, run: int, lowest: float, highest: float) -> bool:
        """Whether a weight of a run leaves the range that the runs leave one another."""
        assert self.trace is not None
        count = len(self.trace.names)
        least, most = self.extremes(list(range(run * count, (run + 1) * count)))
        return least < lowest or most > highest

    def _levels_of(self, run: int) -> Iterator[tuple[LevelItem, float]]:
        """Yields the optimum of each parameter, where it is known, with the start: a run jumps to the other side."""
        assert self.experiment is not None
        yield from zip(self._levels, self.experiment.starts()[run], strict=False)

    def _faded(self, run: int, index: int) -> RunStyle:
        style = self.style(run)
        return replace(style, color=mix(style.color.name(), self.theme.background, _FADE[min(index, 1)]))

    def _set_levels(self) -> None:
        assert self.experiment is not None
        for level in self._levels:
            self.removeItem(level)
        problem = self.experiment.problem
        optimum = problem.optimum(problem.data(self.experiment.seed)) or ()
        color = QColor(self.theme.muted)
        self._levels = [LevelItem(value, name, color) for name, value in zip(problem.names, optimum, strict=False)]
        self.names.set_names([(level.value, level.name) for level in self._levels])
        for level in self._levels:
            self.addItem(level)
