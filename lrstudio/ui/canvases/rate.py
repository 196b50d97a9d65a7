"""The learning rate against the step: faint what the schedules will give, in full colour what was used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsItem, QWidget

from lrstudio.ui.canvases.curve import CurveItem
from lrstudio.ui.canvases.polyline import PolylineItem
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.theme import RunStyle, Theme, mix

Array = np.ndarray[Any, np.dtype[Any]]

_FAINT = 0.62
_FAR_APART = 20.0
_DEPTH = 1e-3
_HEIGHT = 1e9
"""The view is bound to these multiples of the runs' own rates."""
_LEAST = 1e-300
"""Rates below count as 0: less is no longer exact."""
_DEEPEST = 1e-30
"""Of the greatest rate: one run with next to none does not make the others a line."""


class RateCanvas(StepCanvas):
    """All steps are in view from the start. Logarithmic where the runs' rates differ by more than a factor of 20."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._rates: tuple[Array, Array] | None = None
        self._previews: list[PolylineItem] = []
        self.log = False
        super().__init__(theme, parent)

    @property
    def preview(self) -> tuple[Array, Array] | None:
        """The steps (n,) and rates (n, R) that were set."""
        return self._rates

    def set_preview(self, steps: Array | None, rates: Array | None = None) -> None:
        """The rates (n, R) that the schedules will give at these steps (n,), or None."""
        self._rates = None if steps is None or rates is None else (steps, rates)
        self._show_preview()
        self.follow()

    def build(self) -> None:
        assert self.trace is not None and self.experiment is not None
        trace = self.trace
        positive = self._own_rates()
        self.log = max(positive) > _FAR_APART * min(positive)
        self.axes["left"].setLogMode(y=self.log)
        self.read_columns(lambda start, stop: trace.read("lr", start, stop), trace.runs, log=self.log)
        for run in range(trace.runs):
            self.add_curve(run, run, CurveItem(self.strokes, run, self.style(run), QColor(self.theme.background)))
        self._show_preview()

    def draw(self) -> None:
        assert self.trace is not None
        self.pyramid.extend(max(0, self.trace.length - 1))  # the last row has no rate yet
        self.place_heads()

    def restyle(self) -> None:
        super().restyle()
        note = self.tr("log scale") if self.log else ""
        self.set_titles(self.tr("learning rate"), self.tr("step"), note)
        for run, item in enumerate(self._previews):
            item.set_style(self._faint(run))

    def set_log_steps(self, log: bool) -> None:
        super().set_log_steps(log)
        self._show_preview()

    def set_hidden(self, runs: Iterable[int]) -> None:
        super().set_hidden(runs)
        for run, item in enumerate(self._previews):
            item.setVisible(run not in self.hidden)

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
        if self._previews and self._rates is not None:
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
        ahead = int(self._rates[0][-1]) if self._previews and self._rates is not None else 0
        return max(super().last_step(), ahead)

    def values(self, step: int) -> Array | None:
        """The rates that were used or, ahead of the run, those that the schedules will give."""
        if step < self.pyramid.length or not self._previews or self._rates is None:
            return super().values(step)
        steps, rates = self._rates
        return np.array([np.interp(step, steps, column) for column in rates.T])

    def _show_preview(self) -> None:
        for item in self._previews:
            self.removeItem(item)
        self._previews = []
        if self._rates is None or self.trace is None or self._rates[1].shape[1] != self.trace.runs:
            return
        steps, rates = self._rates
        for run in range(self.trace.runs):
            item = PolylineItem(self._faint(run), width=5, log=self.log)
            item.set_points(self.scale.places(steps), rates[:, run])
            item.setZValue(-5)
            item.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            item.setVisible(run not in self.hidden)
            self._previews.append(item)
            self.addItem(item, ignoreBounds=True)

    def _faint(self, run: int) -> RunStyle:
        style = self.style(run)
        return replace(style, color=mix(style.color.name(), self.theme.background, _FAINT), dash=())
