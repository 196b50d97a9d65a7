"""The loss on all data of mini-batch runs, interpolated between the steps at which it was measured."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.training.trace import Trace


class AllData:
    """Interpolates the loss on all data geometrically between measurements, or linearly if one is not positive."""

    def __init__(self, trace: Trace) -> None:
        assert trace.full is not None
        self._trace, self._full = trace, trace.full

    @property
    def length(self) -> int:
        """Number of rows up to the last measurement."""
        return self._full.step_at(self._trace.length - 1) + 1

    def rows(self, start: int, stop: int) -> Array:
        """Returns the losses (n, R) of the rows start..stop; NaN after the end of a run."""
        steps, losses = self._full.around(start, stop)
        rows = np.arange(start, stop)
        left = np.maximum(np.searchsorted(steps, rows, "right") - 1, 0)
        right = np.minimum(left + 1, len(steps) - 1)
        share = ((rows - steps[left]) / np.maximum(steps[right] - steps[left], 1))[:, None]
        before, after = losses[left], losses[right]
        with np.errstate(all="ignore"):
            geometric = before * (after / before) ** share
        lines = np.where((before > 0) & (after > 0), geometric, before + share * (after - before))
        return np.where(rows[:, None] >= self._trace.ends, np.nan, lines)
