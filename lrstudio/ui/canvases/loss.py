"""The loss against the step, one curve per run; a run that explodes leaves through the top."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.ui.canvases.curve import CurveItem
from lrstudio.ui.canvases.metric import held
from lrstudio.ui.canvases.pyramid import Pyramid, drawable
from lrstudio.ui.canvases.smoothed import Smoothed
from lrstudio.ui.canvases.span import Span
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.canvases.strokes import Strokes
from lrstudio.ui.theme import RunStyle, Theme, mix

Array = np.ndarray[Any, np.dtype[Any]]

SMOOTHINGS = (0.0, 0.5, 0.9, 0.98, 0.99)
"""The shares of the old mean to choose from; 0 smooths nothing."""
_RAW_WIDTH, _PALE = 1.0, 0.55
_TEST_WIDTH = 1.2
_ROWS_A_FRAME = 2**15
_HEADROOM_LOG = 100.0
_HEADROOM_LINEAR = 2.0
_DEPTH = 1e-17
"""The view is bound to these multiples of the greatest starting loss."""


class LossCanvas(StepCanvas):
    """Logarithmic unless told otherwise. The header is the legend.

    Smoothed losses are drawn over the raw ones, which stay there, pale. The mean is that of the losses themselves, not
    of their logarithms, as fastai has it.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.beta = 0.0
        self._tested = False
        self._raw_curves: list[CurveItem] = []
        self._smoothed: Smoothed | None = None
        self._smooth_curves: list[CurveItem] = []
        super().__init__(theme, parent)
        self.log = True
        self.set_log(True)

    def set_log(self, log: bool) -> None:
        """Whether the loss is drawn on a logarithmic axis."""
        self.log = log
        self.axes["left"].setLogMode(y=log)
        self._set_note()
        self.strokes.log = log
        if self._smoothed is not None:
            self._smooth_strokes.log = log
        self.reset_view()
        self.viewport().update()

    def set_smoothing(self, beta: float) -> None:
        """Draw an exponential moving average with this share of the old over the losses; 0 draws none."""
        self.beta = beta
        self._set_note()
        self.rebuild()

    @property
    def unfinished(self) -> bool:
        return self._smoothed is not None and self._smoothed.length < self.pyramid.length

    def build(self) -> None:
        assert self.trace is not None
        trace, outline = self.trace, QColor(self.theme.background)
        self._tested = "val_loss" in trace.columns
        reads = [lambda start, stop: trace.read("loss", start, stop), *([held(trace, "val_loss")] * self._tested)]
        count = len(reads)
        self.read_columns(
            lambda start, stop: np.stack([read(start, stop) for read in reads], axis=2).reshape(-1, trace.runs * count),
            trace.runs * count,
            log=self.log,
        )
        self._smoothed, self._smooth_curves, self._raw_curves = None, [], []
        widths = (_RAW_WIDTH if self.beta else 2.0, _TEST_WIDTH)
        for run in range(trace.runs):
            for column, width in zip(range(run * count, (run + 1) * count), widths, strict=False):
                curve = CurveItem(self.strokes, column, self._raw_style(run), outline, width=width)
                self.add_curve(run, column, curve)
            self._raw_curves.append(self.curves[-count][2])
        self._set_note()
        if self.beta:
            smoothed = Smoothed(lambda start, stop: drawable(trace.read("loss", start, stop)), trace.runs, self.beta)
            self._smoothed, self._smooth_pyramid = smoothed, Pyramid(smoothed.rows, trace.runs)
            self._smooth_strokes = Strokes(self._smooth_pyramid, log=self.log, scale=self.scale)
            for run in range(trace.runs):
                curve = CurveItem(self._smooth_strokes, run, self.style(run), outline, width=2.4)
                self._smooth_curves.append(curve)
                self.add_run_item(run, curve)

    def draw(self) -> None:
        super().draw()
        if self._smoothed is None:
            return
        self._smoothed.extend(min(self.pyramid.length, self._smoothed.length + _ROWS_A_FRAME))
        self._smooth_pyramid.extend(self._smoothed.length)
        for run, curve in enumerate(self._smooth_curves):
            row = min(self.row(run), self._smoothed.length - 1)
            curve.set_head(row, float(self._smoothed.rows(row, row + 1)[0, run]))
            self._raw_curves[run].set_head(row, math.nan)

    def restyle(self) -> None:
        for run, _, curve in self.curves:
            curve.set_style(self._raw_style(run), QColor(self.theme.background))
        for run, curve in enumerate(self._smooth_curves):
            curve.set_style(self.style(run), QColor(self.theme.background))

    def heads(self) -> tuple[str, ...]:
        heads = [self.tr("loss"), *([self.tr("test")] * self._tested), *([self.tr("smoothed")] * bool(self.beta))]
        return tuple(heads) if len(heads) > 1 else ()

    def values(self, step: int) -> Array | None:
        raw = super().values(step)
        if raw is None or self._smoothed is None or step >= self._smoothed.length:
            return raw
        smooth = self._smoothed.rows(step, step + 1)[0][:, None]
        return np.concatenate([raw.reshape(len(smooth), -1), smooth], axis=1).ravel()

    def _raw_style(self, run: int) -> RunStyle:
        style = self.style(run)
        return replace(style, color=mix(style.color.name(), self.theme.background, _PALE)) if self.beta else style

    def _set_note(self) -> None:
        words = [self.tr("log scale")] if self.log else []
        words += [self.tr("pale: raw")] if self.beta else []
        words += [self.tr("test thin")] if self._tested else []
        title = self.tr("loss, smoothed {beta:g}").format(beta=self.beta) if self.beta else self.tr("loss")
        self.set_titles(title, self.tr("step"), " · ".join(words))

    def legend(self) -> list[tuple[str, RunStyle]]:
        if self.experiment is None:
            return []
        return [(self.experiment.label(run), self.style(run)) for run in self.visible_runs()]

    def y_range(self) -> tuple[float, float] | None:
        runs = self.visible_runs()
        if not runs:
            return None
        columns = [column for run, column, _ in self.curves if run in runs]
        starts = self.pyramid.rows(0, 1)[0, columns]
        start = max(float(np.fmax.reduce(starts)), 1e-12) if np.isfinite(starts).any() else 1.0
        low, high = self.extremes(columns)
        if not self.log:
            return Span(min(0.0, low), 1.08 * start, -_HEADROOM_LINEAR * start, _HEADROOM_LINEAR * start).covering(
                low, high
            )
        least, most = np.log10(start * _DEPTH), np.log10(start * _HEADROOM_LOG)
        bottom, top = np.log10(max(low, start * _DEPTH)), np.log10(max(high, start * _DEPTH))
        return Span(np.log10(start) - 1.2, np.log10(start) + 0.3, least, most).covering(bottom - 0.1, top + 0.1)
