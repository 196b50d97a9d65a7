"""The results of many runs, an entry per run."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from lrstudio.core.array import Array

UNKNOWN = -1


@dataclass(frozen=True)
class Summary:
    """The results of runs as arrays of one shape, an entry per run.

    `final_loss` is the last finite loss and `best_loss` the least one. `steps_to_target` is the first step with the
    target loss or less, `diverged_at` the first whose numbers are not finite; -1 where there is none. With mini-batches
    these losses are those on all data, at the end of every epoch and at the last step. `verdict` are indices into
    VERDICTS, `factor` the factor per step of the last half, `turns` the number of clear reversals in the first 64
    steps. `late_loss` is the largest loss of the last quarter; with mini-batches the larger of two on all data, at the
    end and an eighth of the steps before. Of a run that ended early it is NaN, as is `factor`. Before it is computed an
    entry has the verdict -1 and NaN losses.
    """

    verdict: Array
    final_loss: Array
    best_loss: Array
    steps_to_target: Array
    diverged_at: Array
    factor: Array
    turns: Array
    late_loss: Array

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> Self:
        """Returns a summary with no entry computed."""
        return cls(
            verdict=np.full(shape, UNKNOWN, np.int8),
            final_loss=np.full(shape, np.nan),
            best_loss=np.full(shape, np.nan),
            steps_to_target=np.full(shape, UNKNOWN, np.int64),
            diverged_at=np.full(shape, UNKNOWN, np.int64),
            factor=np.full(shape, np.nan),
            turns=np.full(shape, UNKNOWN, np.int64),
            late_loss=np.full(shape, np.nan),
        )

    def put(self, members: Array | slice, part: Summary) -> None:
        """Stores the results of some runs, by flat indices."""
        for column in fields(self):
            getattr(self, column.name).ravel()[members] = getattr(part, column.name)

    def at(self, index: Array | tuple[Any, ...]) -> Summary:
        """Returns the entries at an index of any kind."""
        return Summary(*(getattr(self, column.name)[index] for column in fields(self)))
