"""How the losses of runs went up and down until a row, without looking at all rows again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.training.trace import Trace

Stop = Callable[[], bool]

ROUNDING = 16
"""A change of fewer units in the last place is none."""
_VALUES, _FEWEST = 2**18, 64


@dataclass(frozen=True)
class Way:
    """What R losses did from row 0 to `row`; all arrays are (R,).

    `falls` and `rises` count the steps on which the loss became smaller and larger, `fallen` and `risen` are by how
    much in all, `best` is the least loss so far, of mini-batches that on all data. Changes that are rounding only count
    for nothing.
    """

    row: int
    start: Array
    falls: Array
    rises: Array
    fallen: Array
    risen: Array
    best: Array

    @classmethod
    def begun(cls, loss: Array) -> Self:
        """Before the first step, at these losses (R,)."""
        none, nothing = np.zeros(len(loss), np.int64), np.zeros(len(loss))
        best = np.where(np.isfinite(loss), loss, np.nan)
        return cls(0, np.abs(loss), none, none, nothing, nothing, best)

    def onward(self, losses: Array, eps: float) -> Way:
        """The way after the steps between the rows `losses` (n, R), the first of which is this way's own row."""
        with np.errstate(all="ignore"):
            before, after = losses[:-1], losses[1:]
            change = after - before
            counts = np.abs(change) > ROUNDING * eps * np.maximum(np.abs(before), self.start)
            down, up = counts & (change < 0), counts & (change > 0)
            return Way(
                row=self.row + len(change),
                start=self.start,
                falls=self.falls + down.sum(axis=0),
                rises=self.rises + up.sum(axis=0),
                fallen=self.fallen - np.where(down, change, 0).sum(axis=0),
                risen=self.risen + np.where(up, change, 0).sum(axis=0),
                best=np.fmin(self.best, np.fmin.reduce(after, axis=0, initial=np.nan)),
            )


class Tally:
    """The ways of all runs of a trace; remembers some, so that another row is never far. For one thread at a time.

    `eps` is the spacing of the numbers that the losses were computed in.
    """

    def __init__(self, trace: Trace, eps: float) -> None:
        self._trace, self._eps = trace, eps
        self._stretch = max(_FEWEST, _VALUES // trace.runs)
        self._known = [Way.begun(trace.read("loss", 0, 1)[0])]

    def at(self, row: int, stop: Stop = lambda: False) -> Way | None:
        """The way until a row below `trace.length`; None where `stop()` has ended it."""
        way = self._known[min(row // self._stretch, len(self._known) - 1)]
        while way.row < row:
            if stop():
                return None
            end = min(row, way.row + self._stretch)
            way = way.onward(self._trace.read("loss", way.row, end + 1), self._eps)
            if way.row == self._stretch * len(self._known):
                self._known.append(way)
        least = self._trace.least(row)
        return way if least is None else replace(way, best=least)
