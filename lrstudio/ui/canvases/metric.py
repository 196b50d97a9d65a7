"""The accuracy on training and test data against the step."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from lrstudio.core.language import tr
from lrstudio.ui.canvases.derived import forward_filled
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.look.theme import Theme

_COLUMNS = ("val_accuracy", "accuracy")
_WIDTHS = (2.4, 1.2)


class AccuracyCanvas(StepCanvas):
    """Draws the test accuracy wide and the training accuracy thin."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._set_title()

    def _set_title(self) -> None:
        self.set_titles(tr("Accuracy"), self.scale.title, tr("thick: test, thin: training"))

    def build(self) -> None:
        assert self.trace is not None
        self._set_title()
        trace, count = self.trace, len(_COLUMNS)
        if _COLUMNS[0] not in trace.columns:
            self.set_columns(lambda start, stop: np.empty((max(0, stop - start), 0)), 0)
            return
        reads = [forward_filled(trace, name) for name in _COLUMNS]
        self.set_interleaved(reads, trace.runs)
        for run in range(trace.runs):
            for index in reversed(range(count)):
                self.add_curve(run, run * count + index, self.style(run), _WIDTHS[index])

    def headings(self) -> tuple[str, ...]:
        return tr("test"), tr("training")

    def y_range(self) -> tuple[float, float] | None:
        if not self.curves:
            return None
        low, _ = self.extremes([column for run, column, _ in self.curves if run not in self.hidden] or [0])
        return (min(0.45, low - 0.03) if np.isfinite(low) else 0.0), 1.03
