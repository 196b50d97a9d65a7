"""The runs of an experiment side by side: how each stands at a step, and how its loss went up and down until then."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.analysis.verdict import Key
from lrstudio.core.array import Array
from lrstudio.core.problems import Problem
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.judgement import judge_run, too_early
from lrstudio.engine.training.batch import arithmetic_dtype
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.engine.training.trace import UNENDED, Trace

ROUNDING = 16
"""A change of fewer units in the last place is none."""
_VALUES, _FEWEST = 2**18, 64


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a run has done until a step; NaN is a loss that is not known.

    `step` is the last one that it made, `verdict` None where it is too early for one. `final_loss` is that of this
    step, `best_loss` the least one up to it and `steps_to_target` the first one with the target loss or less. With
    mini-batches these are losses on all data, which are known at the end of every epoch and at the last step (see
    FullLosses). `falls`, `rises`, `fallen` and `risen` are a Tally's.
    """

    step: int
    verdict: Verdict | None
    steps_to_target: int | None
    diverged_at: int | None
    final_loss: float
    best_loss: float
    gradients: int
    falls: int
    rises: int
    fallen: float
    risen: float

    @property
    def key(self) -> Key | None:
        """The verdict's word; None where it is too early."""
        return None if self.verdict is None else self.verdict.key

    @property
    def smoothness(self) -> float:
        """falls / (falls + rises): 1 where the loss only fell, 1/2 where it rose as often; NaN where it never moved."""
        moves = self.falls + self.rises
        return self.falls / moves if moves else math.nan


class Comparison:
    """Looks at a trace, also while it grows. For one thread at a time, and not the worker's.

    The experiment may be amended meanwhile (rates, names, target); another problem or seed needs another comparison.
    """

    def __init__(self, experiment: Experiment, trace: Trace) -> None:
        self._trace = trace
        self._objective = compiled(experiment)
        self._tally = Tally(trace, float(np.finfo(arithmetic_dtype(experiment.precision)).eps))

    def at(
        self, experiment: Experiment, step: int | None = None, stop: Stop = lambda: False
    ) -> tuple[Standing, ...] | None:
        """How all runs stand at a step, None the newest; None where `stop()` has ended it."""
        row = self._trace.length - 1 if step is None else min(step, self._trace.length - 1)
        way = self._tally.at(row, stop)
        standings: list[Standing] = []
        for run in range(self._trace.runs):
            if way is None or stop():
                return None
            standings.append(self._standing(experiment, run, row, way))
        return tuple(standings)

    def _standing(self, experiment: Experiment, run: int, row: int, way: Way) -> Standing:
        trace = self._trace
        end = int(trace.ends[run])
        last = max(0, min(row, end - 1))
        reached, ended = trace.reached(run), end != UNENDED and row >= end - 1
        early = too_early(experiment, trace, run, last)
        return Standing(
            step=last,
            verdict=None if early else judge_run(experiment, trace, run, self._objective, row=last),
            steps_to_target=reached if reached is not None and reached <= row else None,
            diverged_at=end if ended else None,
            final_loss=_known(trace.judged(last)[run]),
            best_loss=float(way.best[run]),
            gradients=last + 1,
            falls=int(way.falls[run]),
            rises=int(way.rises[run]),
            fallen=float(way.fallen[run]),
            risen=float(way.risen[run]),
        )


def _known(loss: float) -> float:
    """The loss, or NaN where it is not finite."""
    return float(loss) if math.isfinite(loss) else math.nan


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


def loss_evaluations(experiment: Experiment, rows: int) -> int:
    """How many losses were computed to measure gradients; 0 where they are exact: their loss comes with them.

    With P parameters a one-sided difference takes 1 + P a row. A central one takes 2P, and one more is the loss at the
    point itself, which the trace records.
    """
    size = len(experiment.problem.names)
    return {"analytic": 0, "forward": 1 + size, "central": 1 + 2 * size}[experiment.gradient.mode] * rows


def data_points(experiment: Experiment, rows: int) -> int:
    """How many data points the gradients were taken over, each counted as often as it was looked at; 0 without data.

    The last batch of an epoch is smaller where the data do not divide. A measured gradient looks at the same points for
    all of its losses; they count once.
    """
    size = _size(experiment.problem, experiment.seed)
    batch = experiment.batch_size or size
    if not size:
        return 0
    epochs, rest = divmod(rows, -(-size // batch))
    return epochs * size + rest * batch


@lru_cache(maxsize=16)
def _size(problem: Problem, seed: int) -> int:
    return len(next(iter(problem.data(seed).values()), ()))
