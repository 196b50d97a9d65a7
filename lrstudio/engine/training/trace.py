"""The recorded columns of an experiment. One thread appends, others read below `length`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.training.columns import BLOCK_ROWS, Column, FullLosses, Snapshots

UNENDED = np.iinfo(np.int64).max


@dataclass(frozen=True)
class RateChange:
    """At this step a run was given another rate (the schedule's lr0) on the way."""

    step: int
    run: int
    before: float
    after: float


class Trace:
    """Row k of a column holds, for all runs, the values before update k; `lr` the rate which that update used.

    Columns: `loss` (n, R), `lr` (n, R), `params` (n, R, P), `grad` (n, R, P) and, where it is measured, `loss_plus`
    (n, R, P); all float64, which holds a float32 exactly. The last row has no `lr` yet (NaN). A run that diverged has
    `ends[run]` rows; its values after them are NaN. `hits[run]` is the first step with the target loss or less, as far
    as there is a target and the run has reached it. `rate_changes` are in the order of their steps.

    With mini-batches `loss` is that of a step's batch, and `full` has the losses on all data at some steps. Runs are
    judged by those: target, least loss and final loss.

    Of a network, `names` are some of the weights; `metrics` name further columns (n, R), NaN where they were not
    measured, and `snapshots` have all weights at some steps.
    """

    def __init__(
        self, runs: int, names: tuple[str, ...], *, loss_plus: bool = False, metrics: tuple[str, ...] = ()
    ) -> None:
        self.runs = runs
        self.names = names
        self.length = 0
        self.ends = np.full(runs, UNENDED, np.int64)
        self.hits = np.full(runs, UNENDED, np.int64)
        self.rate_changes: tuple[RateChange, ...] = ()
        wide = (runs, len(names))
        shapes = {"loss": (runs,), "lr": (runs,), "params": wide, "grad": wide}
        if loss_plus:
            shapes["loss_plus"] = wide
        shapes |= dict.fromkeys(metrics, (runs,))
        self.metrics = metrics
        self.snapshots: Snapshots | None = None
        self.full: FullLosses | None = None
        self._columns = {name: Column(shape) for name, shape in shapes.items()}

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._columns)

    @property
    def nbytes(self) -> int:
        """How much memory the columns take."""
        others = sum(kept.nbytes for kept in (self.snapshots, self.full) if kept is not None)
        return others + sum(column.nbytes for column in self._columns.values())

    def rows(self, run: int) -> int:
        """How many rows this run has."""
        return int(min(self.length, self.ends[run]))

    def reached(self, run: int) -> int | None:
        """The step at which this run first had the target loss or less; None where it has not yet."""
        hit = int(self.hits[run])
        return hit if hit < self.length else None

    def over(self, target: float | None) -> bool:
        """Whether every run has diverged or, where there is a target loss, has it."""
        over = self.ends != UNENDED
        return bool((over if target is None else over | (self.hits != UNENDED)).all())

    def weights(self, row: int) -> tuple[int, Array]:
        """The last row, at most this one, of which all weights (R, P) were kept, and these."""
        return (row, self.read("params", row, row + 1)[0]) if self.snapshots is None else self.snapshots.at(row)

    def record_rate_change(self, change: RateChange) -> None:
        """Add a change; of several at one step one is left, or none where they lead back."""
        same = [known for known in self.rate_changes if (known.step, known.run) == (change.step, change.run)]
        others = [known for known in self.rate_changes if known not in same]
        change = replace(change, before=same[0].before) if same else change
        self.rate_changes = (*others, change) if change.before != change.after else tuple(others)

    def append(
        self,
        first: int,
        rows: Mapping[str, Array],
        rates: Array,
        full: Sequence[tuple[int, Array]],
        target: float | None,
    ) -> Array:
        """Publish new rows (n, ...) from `first` on, the rates (n, R) that led to them and losses on all data.

        Ends the runs in which a number is not finite, and gives those (R,) that have ended by the last row. The values
        after their ends become NaN.
        """
        ends = self.ends
        broken = ~(np.isfinite(rows["loss"]) & np.isfinite(rows["params"]).all(axis=2))
        if "norm" in rows:
            broken |= ~np.isfinite(rows["norm"])
        for run in np.flatnonzero(broken.any(axis=0) & (ends == UNENDED)):
            ends[run] = first + int(broken[:, run].argmax())
        dead = ends[None, :] <= first + np.arange(len(broken))[:, None]
        if dead.any():
            for values in rows.values():
                values[dead] = np.nan
        rates[ends[None, :] < first + np.arange(len(rates))[:, None]] = np.nan
        unknown = np.full((1, self.runs), np.nan)
        self.write("lr", first - 1, np.concatenate([rates, unknown]))
        for column, values in rows.items():
            self.write(column, first, values)
        length = int(min(ends.max(), first + len(broken)))
        for step, losses in full:
            if step < length:
                self.record_full_losses(step, losses, target)
        if self.full is None:
            self.record_hits(np.arange(first, first + len(broken)), rows["loss"], target)
        self.publish(length)
        last: Array = dead[-1]
        return last

    def record_full_losses(self, step: int, losses: Array, target: float | None) -> None:
        """Record the losses (R,) on all data at a step after all others that have some."""
        assert self.full is not None
        losses = np.where(self.ends <= step, np.nan, losses)
        self.full.append(step, losses)
        self.record_hits(np.array([step]), losses[None], target)

    def judged(self, row: int) -> Array:
        """The losses (R,) that runs are judged by at a row: its own or, of mini-batches, the last ones on all data.

        A run that had ended by then has that of its last finite step, and NaN where there are no batches.
        """
        if self.full is not None:
            return np.where(self._settled(row), self.full.final, self.full.at(row))
        losses: Array = self.read("loss", row, row + 1)[0]
        return losses

    def judged_step(self, row: int, run: int) -> int:
        """The step at which `judged` of this row was measured for a run."""
        if self.full is None:
            return row
        return int(self.ends[run]) - 1 if self._settled(row)[run] else self.full.step_at(row)

    def least(self, row: int) -> Array | None:
        """With mini-batches the least of the losses (R,) that runs were judged by until a row."""
        if self.full is None:
            return None
        return np.fmin(self.full.least(row), np.where(self._settled(row), self.full.final, np.nan))

    def _settled(self, row: int) -> Array:
        """Which runs (R,) have the loss on all data of their last step at a row."""
        assert self.full is not None
        settled: Array = (self.ends - 1 <= row) & np.isfinite(self.full.final)
        return settled

    def find_hits(self, target: float | None) -> None:
        """Find `hits` anew, in all losses that runs are judged by."""
        self.hits[:] = UNENDED
        if target is None:
            return
        if self.full is not None:
            steps = self.full.steps()
            self.record_hits(steps, self.full.losses(0, len(steps)), target)
            return
        for start in range(0, self.length, BLOCK_ROWS):
            losses = self.read("loss", start, start + BLOCK_ROWS)
            self.record_hits(np.arange(start, start + len(losses)), losses, target)

    def record_hits(self, steps: Array, losses: Array, target: float | None) -> None:
        """Look for the target in the losses (n, R) of these steps (n,); what is NaN reaches nothing."""
        if target is None:
            return
        low = losses <= target
        for run in np.flatnonzero(low.any(axis=0) & (self.hits == UNENDED)):
            self.hits[run] = steps[int(low[:, run].argmax())]

    def read(self, column: str, start: int = 0, stop: int | None = None) -> Array:
        """The rows start..stop of a column; a view where they lie in one block."""
        stop = self.length if stop is None else min(stop, self.length)
        return self._columns[column].read(start, max(start, stop))

    def write(self, column: str, start: int, values: Array) -> None:
        """Put rows at and after `start`; readers see them once `publish` says so."""
        self._columns[column].write(start, values)

    def publish(self, length: int) -> None:
        """Let readers see the first `length` rows, which have been written in every column."""
        self.length = length

    @classmethod
    def from_columns(
        cls, names: tuple[str, ...], columns: Mapping[str, Array], ends: Array, metrics: tuple[str, ...] = ()
    ) -> Trace:
        """A trace of whole columns, as they were saved."""
        trace = cls(columns["loss"].shape[1], names, loss_plus="loss_plus" in columns, metrics=metrics)
        for name in trace.columns:
            trace.write(name, 0, columns[name])
        trace.ends[:] = ends
        trace.publish(len(columns["loss"]))
        return trace
