"""What a sweep keeps of each run in place of a trace."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from lrstudio.core.array import Array

UNKNOWN = -1


@dataclass(frozen=True)
class Summary:
    """Arrays of one shape, an entry per run.

    `final_loss` is the last finite loss and `best_loss` the least one. `steps_to_target` is the first step with the
    target loss or less, `diverged_at` the first whose numbers are not finite; -1 where there is none. With mini-batches
    these losses are those on all data, at the end of every epoch and at the last step. `verdict` are places in
    VERDICTS, `factor` the factor per step of the last half, `turns` how often the run clearly turned back in its first
    64 steps. `height` is the largest loss of the last quarter; with mini-batches the larger of two over all data, that
    at the end and that an eighth of the steps before. Where nothing has been computed yet the verdict is -1 and the
    losses are NaN.
    """

    verdict: Array
    final_loss: Array
    best_loss: Array
    steps_to_target: Array
    diverged_at: Array
    factor: Array
    turns: Array
    height: Array

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> Self:
        """Nothing computed yet."""
        return cls(
            verdict=np.full(shape, UNKNOWN, np.int8),
            final_loss=np.full(shape, np.nan),
            best_loss=np.full(shape, np.nan),
            steps_to_target=np.full(shape, UNKNOWN, np.int64),
            diverged_at=np.full(shape, UNKNOWN, np.int64),
            factor=np.full(shape, np.nan),
            turns=np.full(shape, UNKNOWN, np.int64),
            height=np.full(shape, np.nan),
        )

    def put(self, places: Array, part: Summary) -> None:
        """Take the results of some runs; places count through the arrays row by row."""
        for column in fields(self):
            getattr(self, column.name).ravel()[places] = getattr(part, column.name)

    def at(self, places: Array | tuple[Any, ...]) -> Summary:
        """The entries at these places."""
        return Summary(*(getattr(self, column.name)[places] for column in fields(self)))
