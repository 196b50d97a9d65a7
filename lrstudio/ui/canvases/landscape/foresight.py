"""Where the runs go from a step, to draw arrows over a landscape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from lrstudio.core.array import Array
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.landscape.arrows import Step
from lrstudio.ui.drawing.pyramid import drawable


@dataclass
class Foresight:
    """`places` has where the runs are (n, R, 2) in the rows from one to another, `loss_at` the loss over a parameter.

    `foreseen` are the newest row and where the runs (R, P) go from it; None where that is not known.
    """

    places: Callable[[int, int], Array]
    loss_at: Callable[[tuple[float, ...]], float]
    foreseen: tuple[int, Array] | None = None

    def step(self, trace: Trace, run: int, row: int, length: int, color: QColor) -> Step | None:
        """Which way is down for a run at this row, and its next step; `length` rows of the trace are drawn."""
        after = self._after(trace, run, row, length)
        if after is None:
            return None
        slope = trace.read("grad", row, row + 1)[0, run].astype(float)
        at = self.places(row, row + 1)[0, run]
        if not np.isfinite([*slope, *at, *after]).all():
            return None
        flat = len(trace.names) == 1
        down = QPointF(1.0, float(slope[0])) if flat else QPointF(*(-float(value) for value in slope[:2]))
        return Step(QPointF(*at), QPointF(*after), down, color, flat)

    def _after(self, trace: Trace, run: int, row: int, length: int) -> Array | None:
        """The point that follows a row, recorded or foreseen."""
        if row + 1 < min(length, trace.rows(run)):
            after: Array = self.places(row + 1, row + 2)[0, run]
            return after
        if self.foreseen is None or self.foreseen[0] != row or len(self.foreseen[1]) <= run:
            return None
        params = drawable(self.foreseen[1][run][:2])
        if len(params) > 1:
            return params
        return np.append(params, drawable(np.array(self.loss_at((float(params[0]),)))))
