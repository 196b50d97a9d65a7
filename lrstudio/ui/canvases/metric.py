"""The share that a network gets right against the step: of the training examples, and of the others."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.drawing.pyramid import Read
from lrstudio.ui.look.theme import Theme

_COLUMNS = ("val_accuracy", "accuracy")
_WIDTHS = (2.4, 1.2)


class AccuracyCanvas(StepCanvas):
    """Wide is the accuracy on examples that were not trained on, thin that on those that were."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.set_titles(self.tr("Accuracy"), self.tr("step"), self.tr("thick: test, thin: training"))

    def build(self) -> None:
        assert self.trace is not None
        trace, count = self.trace, len(_COLUMNS)
        if _COLUMNS[0] not in trace.columns:
            self.read_columns(lambda start, stop: np.empty((max(0, stop - start), 0)), 0)
            return
        known = [held(trace, name) for name in _COLUMNS]
        self.read_columns(
            lambda start, stop: np.stack([read(start, stop) for read in known], axis=2).reshape(-1, trace.runs * count),
            trace.runs * count,
        )
        for run in range(trace.runs):
            for place in reversed(range(count)):
                self.add_curve(run, run * count + place, self.style(run), _WIDTHS[place])

    def heads(self) -> tuple[str, ...]:
        return self.tr("test"), self.tr("training")

    def y_range(self) -> tuple[float, float] | None:
        if not self.curves:
            return None
        low, _ = self.extremes([column for run, column, _ in self.curves if run not in self.hidden] or [0])
        return (min(0.45, low - 0.03) if np.isfinite(low) else 0.0), 1.03


def held(trace: Trace, name: str) -> Read:
    """The rows of a metric (n, R) with each value held until the next one was measured."""

    def read(start: int, stop: int) -> Array:
        first = start
        while first > 0 and not np.isfinite(trace.read(name, first, first + 1)).any():
            first = max(0, first - 1)
        rows = trace.read(name, first, stop)
        known = np.maximum.accumulate(np.where(np.isfinite(rows).any(axis=1), np.arange(len(rows)), 0))
        ended = np.arange(first, first + len(rows))[:, None] >= trace.ends
        return np.where(ended, np.nan, rows[known])[start - first :]

    return read
