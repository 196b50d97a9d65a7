"""The loss against the step, one curve per run; a run that explodes leaves through the top."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.ui.canvases.curve import CurveItem
from lrstudio.ui.canvases.span import Span
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.theme import RunStyle, Theme

_HEADROOM_LOG = 100.0
_HEADROOM_LINEAR = 2.0
_DEPTH = 1e-17
"""The view is bound to these multiples of the greatest starting loss."""


class LossCanvas(StepCanvas):
    """Logarithmic unless told otherwise. The header is the legend."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.log = True
        self.set_log(True)

    def set_log(self, log: bool) -> None:
        """Whether the loss is drawn on a logarithmic axis."""
        self.log = log
        self.axes["left"].setLogMode(y=log)
        self.set_titles(self.tr("loss"), self.tr("step"), self.tr("log scale") if log else "")
        self.strokes.log = log
        self.reset_view()
        self.viewport().update()

    def build(self) -> None:
        assert self.trace is not None
        trace = self.trace
        self.read_columns(lambda start, stop: trace.read("loss", start, stop), trace.runs, log=self.log)
        for run in range(trace.runs):
            self.add_curve(run, run, CurveItem(self.strokes, run, self.style(run), QColor(self.theme.background)))

    def legend(self) -> list[tuple[str, RunStyle]]:
        if self.experiment is None:
            return []
        return [(self.experiment.label(run), self.style(run)) for run in self.visible_runs()]

    def y_range(self) -> tuple[float, float] | None:
        runs = self.visible_runs()
        if not runs:
            return None
        starts = self.pyramid.rows(0, 1)[0, runs]
        start = max(float(np.fmax.reduce(starts)), 1e-12) if np.isfinite(starts).any() else 1.0
        low, high = self.extremes(runs)
        if not self.log:
            return Span(min(0.0, low), 1.08 * start, -_HEADROOM_LINEAR * start, _HEADROOM_LINEAR * start).covering(
                low, high
            )
        least, most = np.log10(start * _DEPTH), np.log10(start * _HEADROOM_LOG)
        bottom, top = np.log10(max(low, start * _DEPTH)), np.log10(max(high, start * _DEPTH))
        return Span(np.log10(start) - 1.2, np.log10(start) + 0.3, least, most).covering(bottom - 0.1, top + 0.1)
