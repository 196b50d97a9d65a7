"""The loss on all data of runs that look at mini-batches, as a line through the steps at which it was measured."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.training.trace import Trace


class AllData:
    """Rows (n, R) up to the last step that was measured; between two of them the loss goes by equal factors."""

    def __init__(self, trace: Trace) -> None:
        assert trace.full is not None
        self._trace, self._full = trace, trace.full

    @property
    def length(self) -> int:
        """How many rows are known."""
        return self._full.step_at(self._trace.length - 1) + 1

    def rows(self, start: int, stop: int) -> Array:
        """The rows start..stop, which are known; NaN after the end of a run."""
        steps, losses = self._full.around(start, stop)
        rows = np.arange(start, stop)
        left = np.maximum(np.searchsorted(steps, rows, "right") - 1, 0)
        right = np.minimum(left + 1, len(steps) - 1)
        share = ((rows - steps[left]) / np.maximum(steps[right] - steps[left], 1))[:, None]
        before, after = losses[left], losses[right]
        with np.errstate(all="ignore"):
            by_factors = before * (after / before) ** share
        lines = np.where((before > 0) & (after > 0), by_factors, before + share * (after - before))
        return np.where(rows[:, None] >= self._trace.ends, np.nan, lines)
