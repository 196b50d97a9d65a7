"""What the plots against the step share."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.ui.canvases.curve import CurveItem, curve_scale
from lrstudio.ui.canvases.level import NameAxis
from lrstudio.ui.canvases.plot import PlotCanvas
from lrstudio.ui.canvases.pyramid import Pyramid
from lrstudio.ui.canvases.span import Span
from lrstudio.ui.theme import Theme

_FIRST_STEPS = 20


class StepCanvas(PlotCanvas):
    """Curves that are columns of one pyramid; the view begins with 20 steps and grows to all."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.curves: list[tuple[int, int, CurveItem]] = []
        self.pyramid = Pyramid(lambda start, stop: np.empty((0, 0)), 0)
        self.names = NameAxis()
        super().__init__(theme, parent)
        self.plotItem.setAxisItems({"right": self.names})
        self.plotItem.showAxis("right")
        self.axes["right"] = self.names
        self._apply_font()
        self.set_theme(theme)

    def add_curve(self, run: int, column: int, curve: CurveItem) -> None:
        """Add the curve of a run that shows this column of the pyramid."""
        self.curves.append((run, column, curve))
        self.add_run_item(run, curve)

    def clear_runs(self) -> None:
        super().clear_runs()
        self.curves = []

    def draw(self) -> None:
        assert self.trace is not None
        self.pyramid.extend(self.trace.length)
        for run, _, curve in self.curves:
            curve.set_head(self.row(run))

    def follow(self) -> None:
        """Bring the view up to the data; curves that leave it stand behind those that stay."""
        super().follow()
        bottom, top = self.plotItem.vb.viewRange()[1]
        low, high = (curve_scale(values, self.axes["left"].logMode) for values in self.pyramid.extremes())
        for _, column, curve in self.curves:
            curve.setZValue(-1 if low[column] < bottom or high[column] > top else 0)

    def restyle(self) -> None:
        for run, _, curve in self.curves:
            curve.set_style(self.style(run), QColor(self.theme.background))

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        y_range = self.y_range() if self.experiment is not None else None
        return None if y_range is None else (self.x_range(), y_range)

    def x_range(self) -> tuple[float, float]:
        assert self.experiment is not None and self.trace is not None
        last = max(self.experiment.steps, self.trace.length - 1)
        low, high = Span(0, min(_FIRST_STEPS, last), 0, last).covering(0, 1.02 * (self.trace.length - 1))
        return low, high + 0.02 * (high - low)

    def y_range(self) -> tuple[float, float] | None:
        """The y range that shows the visible runs."""
        raise NotImplementedError

    def extremes(self, columns: list[int]) -> tuple[float, float]:
        """The least and the greatest value in these columns."""
        low, high = self.pyramid.extremes()
        return float(np.fmin.reduce(low[columns])), float(np.fmax.reduce(high[columns]))
