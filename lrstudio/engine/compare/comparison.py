"""Compares the runs of an experiment at a step: verdicts, losses, and how often each loss fell and rose."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Self

import numpy as np

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.analysis.verdict import Key
from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.experiment.pace import samples
from lrstudio.engine.judgement import judge_run, too_early
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.engine.training.precision import arithmetic_dtype
from lrstudio.engine.training.trace import Trace

ROUNDING = 16
"""Smaller changes, in units in the last place, are rounding."""
_VALUES, _FEWEST = 2**18, 64


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The results of a run up to a step; a loss is NaN where it is unknown.

    `step` is the last one that the run made, `verdict` None where it is too early for one. `final_loss` is the loss at
    this step, `best_loss` the least one up to it, `steps_to_target` the first step with the target loss or less. With
    mini-batches these are losses on all data (see FullLosses). `gradients` were computed, one a row of the trace.
    `falls`, `rises`, `fallen` and `risen` are those of LossChanges.
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
        """The key of the verdict; None where it is too early."""
        return None if self.verdict is None else self.verdict.key

    @property
    def smoothness(self) -> float:
        """falls / (falls + rises): 1 if the loss only fell, 1/2 if it rose as often, NaN if it never changed."""
        moves = self.falls + self.rises
        return self.falls / moves if moves else math.nan


class Comparison:
    """Compares the runs of a trace, also while it grows. Not thread-safe; not for the worker's thread.

    The experiment may be amended meanwhile (rates, names, target); another problem or seed needs another comparison.
    """

    def __init__(self, experiment: Experiment, trace: Trace) -> None:
        self._trace = trace
        self._objective = compiled(experiment)
        self._history = LossHistory(trace, float(np.finfo(arithmetic_dtype(experiment.precision)).eps))

    def at(
        self, experiment: Experiment, step: int | None = None, stop: Stop = lambda: False
    ) -> tuple[Standing, ...] | None:
        """Returns the standings of all runs at a step, by default the newest; None once `stop()` returns True.

        The step is that of the smallest batches; runs of larger ones stand where they have seen as much (`equal`).
        """
        newest = self._trace.length - 1
        rows = experiment.equal_steps(newest if step is None else min(step, newest))
        changes: dict[int, LossChanges] = {}
        standings: list[Standing] = []
        for run, row in enumerate(rows):
            if row not in changes:
                own = self._history.at(row, stop)
                if own is None:
                    return None
                changes[row] = own
            if stop():
                return None
            standings.append(self._standing(experiment, run, row, changes[row]))
        return tuple(standings)

    def _standing(self, experiment: Experiment, run: int, row: int, changes: LossChanges) -> Standing:
        trace = self._trace
        end = int(trace.ends[run])
        last = max(0, min(row, end - 1))
        reached, ended = trace.reached(run), trace.diverged[run] and row >= end - 1
        loss = float(trace.judged(last)[run])
        early = too_early(experiment, trace, run, last)
        return Standing(
            step=last,
            verdict=None if early else judge_run(experiment, trace, run, self._objective, row=last),
            steps_to_target=reached if reached is not None and reached <= row else None,
            diverged_at=end if ended else None,
            final_loss=loss if math.isfinite(loss) else math.nan,
            best_loss=float(changes.best[run]),
            gradients=last + 1,
            falls=int(changes.falls[run]),
            rises=int(changes.rises[run]),
            fallen=float(changes.fallen[run]),
            risen=float(changes.risen[run]),
        )


@dataclass(frozen=True)
class LossChanges:
    """The changes of R losses from row 0 to `row`; all arrays are (R,).

    `falls` and `rises` count the steps at which the loss decreased and increased, `fallen` and `risen` sum up by how
    much, `best` is the least loss so far, with mini-batches on all data. Rounding errors do not count.
    """

    row: int
    start: Array
    falls: Array
    rises: Array
    fallen: Array
    risen: Array
    best: Array

    @classmethod
    def initial(cls, loss: Array) -> Self:
        """Returns the counts before the first step, with the losses (R,)."""
        none, nothing = np.zeros(len(loss), np.int64), np.zeros(len(loss))
        best = np.where(np.isfinite(loss), loss, np.nan)
        return cls(0, np.abs(loss), none, none, nothing, nothing, best)

    def extended(self, losses: Array, eps: float) -> LossChanges:
        """Returns the counts after the steps between the rows `losses` (n, R), the first of which is `row`."""
        with np.errstate(all="ignore"):
            before, after = losses[:-1], losses[1:]
            change = after - before
            counts = np.abs(change) > ROUNDING * eps * np.maximum(np.abs(before), self.start)
            down, up = counts & (change < 0), counts & (change > 0)
            return LossChanges(
                row=self.row + len(change),
                start=self.start,
                falls=self.falls + down.sum(axis=0),
                rises=self.rises + up.sum(axis=0),
                fallen=self.fallen - np.where(down, change, 0).sum(axis=0),
                risen=self.risen + np.where(up, change, 0).sum(axis=0),
                best=np.fmin(self.best, np.fmin.reduce(after, axis=0, initial=np.nan)),
            )


class LossHistory:
    """Counts the changes of the losses of a trace up to any row, from saved checkpoints. Not thread-safe.

    `eps` is the machine epsilon of the losses.
    """

    def __init__(self, trace: Trace, eps: float) -> None:
        self._trace, self._eps = trace, eps
        self._stretch = max(_FEWEST, _VALUES // trace.runs)
        self._checkpoints = [LossChanges.initial(trace.read("loss", 0, 1)[0])]

    def at(self, row: int, stop: Stop = lambda: False) -> LossChanges | None:
        """Returns the changes up to a row below `trace.length`; None once `stop()` returns True."""
        changes = self._checkpoints[min(row // self._stretch, len(self._checkpoints) - 1)]
        while changes.row < row:
            if stop():
                return None
            end = min(row, changes.row + self._stretch)
            changes = changes.extended(self._trace.read("loss", changes.row, end + 1), self._eps)
            if changes.row == self._stretch * len(self._checkpoints):
                self._checkpoints.append(changes)
        least = self._trace.least(row)
        return changes if least is None else replace(changes, best=least)


def loss_evaluations(experiment: Experiment, rows: int) -> int:
    """Returns the number of losses computed to measure the gradients of `rows` rows; 0 for exact gradients.

    With P parameters a one-sided difference takes 1 + P losses a row, a central one 2P and the recorded loss itself.
    """
    size = len(experiment.problem.names)
    return {"analytic": 0, "forward": 1 + size, "central": 1 + 2 * size}[experiment.gradient.mode] * rows


def data_points(experiment: Experiment, rows: int, run: int = 0) -> int:
    """Returns the number of data points in the batches of `rows` gradients of a run; 0 without data.

    The last batch of an epoch may be smaller. The losses of a measured gradient share a batch, which counts once.
    """
    size = experiment.data_size
    return samples(size, experiment.batch_sizes[run], rows) if size else 0


def seen(experiment: Experiment, run: int, steps: int) -> float:
    """Returns the steps, epochs or samples (`equal`) of so many steps of a run."""
    if experiment.equal == "steps":
        return float(steps)
    if experiment.equal == "epochs":
        return steps / experiment.per_epoch[run]
    return float(data_points(experiment, steps, run))
