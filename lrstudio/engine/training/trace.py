"""Records an experiment in columns. One thread appends, others read below `length`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import ARITHMETIC
from lrstudio.core.record import dataclass
from lrstudio.engine.training.columns import BLOCK_ROWS, Column, FullLosses, Snapshots
from lrstudio.engine.training.rows import Rows
from lrstudio.engine.training.sparse import Shapes, SparseRows

UNENDED = np.iinfo(np.int64).max


@dataclass(frozen=True)
class RateChange:
    """A change of a run's base rate (the schedule's lr0) at a step."""

    step: int
    run: int
    before: float
    after: float


class Trace:
    """Row k of a column holds, for all runs, the values before update k; `lr` the rate which that update used.

    Columns: `loss` (n, R), `lr` (n, R), `params` (n, R, P), `grad` (n, R, P) and, where it is measured, `loss_plus`
    (n, R, P); all float64, which holds a float32 exactly. The last row has no `lr` yet (NaN). A run that diverged, or
    has `finished` before others, has `ends[run]` rows; its values after them are NaN. `hits[run]` is the first step
    with the target loss or less, UNENDED before the run reaches it. `rate_changes` are in the order of their steps.
    `arithmetic` is the version of what computed the first row.

    With mini-batches `loss` is that of a step's batch, and `full` has the losses on all data at some steps, which count
    for the target, the least and the final loss.

    Of a network, `names` are some of the weights; `metrics` name further columns (n, R), NaN where they were not
    measured, and `snapshots` have all weights at some steps.

    The rows that memory has no room for are `sparse`: reading them makes them again, some milliseconds of training for
    a stretch of them.
    """

    def __init__(
        self,
        runs: int,
        names: tuple[str, ...],
        *,
        loss_plus: bool = False,
        metrics: tuple[str, ...] = (),
        planned: int = 0,
    ) -> None:
        self.runs, self.names, self.metrics, self.length = runs, names, metrics, 0
        self.arithmetic = ARITHMETIC
        self.ends = np.full(runs, UNENDED, np.int64)
        self.hits = np.full(runs, UNENDED, np.int64)
        self.finished = np.zeros(runs, bool)
        self.rate_changes: tuple[RateChange, ...] = ()
        wide = (runs, len(names))
        shapes = {"loss": (runs,), "lr": (runs,), "params": wide, "grad": wide}
        shapes |= {"loss_plus": wide} if loss_plus else {}
        shapes |= dict.fromkeys(metrics, (runs,))
        self.snapshots: Snapshots | None = None
        self.full: FullLosses | None = None
        self.per_epoch: tuple[int, ...] = ()
        """With mini-batches, the steps of one pass through the data for each run."""
        self.sparse: SparseRows | None = None
        self.shapes: Shapes = shapes
        """The shapes of a row of each column."""
        self._columns = {name: Column(shape, planned) for name, shape in shapes.items()}
        self.row_bytes = 8 * sum(map(prod, shapes.values()))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._columns)

    @property
    def nbytes(self) -> int:
        others = sum(part.nbytes for part in (self.snapshots, self.full, self.sparse) if part is not None)
        return others + sum(column.nbytes for column in self._columns.values())

    def rows(self, run: int) -> int:
        """Returns the number of rows of a run."""
        return int(min(self.length, self.ends[run]))

    def reached(self, run: int) -> int | None:
        """Returns the first step at which a run had the target loss or less, None before it."""
        hit = int(self.hits[run])
        return hit if hit < self.length else None

    @property
    def diverged(self) -> Array:
        """Which runs (R,) have diverged."""
        return np.asarray((self.ends != UNENDED) & ~self.finished)

    @property
    def steps_per_epoch(self) -> int | None:
        """The steps of one pass through the data where there are mini-batches, of one size for all runs."""
        return self.per_epoch[0] if len(set(self.per_epoch)) == 1 else None

    def finish(self, lasts: Sequence[int]) -> Array:
        """Ends the runs whose last step is the newest one while others go on; returns which runs (R,) have ended."""
        if len(set(lasts)) > 1:
            own = (np.array(lasts) == self.length - 1) & (self.ends == UNENDED) & (self.length - 1 < max(lasts))
            self.ends[own], self.finished[own] = self.length, True
        return np.asarray(self.ends != UNENDED)

    def over(self, target: float | None) -> bool:
        """Returns whether every run has ended or has reached the target loss, if there is one."""
        over = self.ends != UNENDED
        return bool((over if target is None else over | (self.hits != UNENDED)).all())

    def weights(self, row: int) -> tuple[int, Array]:
        """Returns the last row, up to this one, whose weights (R, P) were all saved, and these."""
        return (row, self.read("params", row, row + 1)[0]) if self.snapshots is None else self.snapshots.at(row)

    def record_rate_change(self, change: RateChange) -> None:
        """Records a change; merges those of one step and drops them where they cancel out."""
        same = [other for other in self.rate_changes if (other.step, other.run) == (change.step, change.run)]
        others = [other for other in self.rate_changes if other not in same]
        change = replace(change, before=same[0].before) if same else change
        self.rate_changes = (*others, change) if change.before != change.after else tuple(others)

    def append(self, first: int, rows: Rows, target: float | None) -> Array:
        """Publishes new rows from `first` on; ends the runs with a number that is not finite.

        Returns which runs (R,) have ended by the last row.
        """
        ends, count = self.ends, len(rows.rates)
        for run in np.flatnonzero((rows.ends < count) & (ends == UNENDED)):
            ends[run] = first + int(rows.ends[run])
        begun = self.finished & (ends <= first)
        self.write("lr", first - 1, np.where(begun, np.nan, rows.rates) if begun.any() else rows.rates)
        self.write("lr", first - 1 + count, np.full((1, self.runs), np.nan))
        for column, values in rows.columns.items():
            self.write(column, first, values)
        self._erase(np.flatnonzero(ends < first), first - 1, first + count)
        for run in np.flatnonzero((ends >= first) & (ends < first + count)):
            self._erase(np.array([run]), int(ends[run]), first + count)
        length = int(min(ends.max(), first + count))
        if rows.full is not None:
            steps, losses = rows.full
            self.record_full_losses(steps[steps < length], losses[steps < length], target)
        elif target is not None:
            losses = self._rows("loss", first, first + count)
            self.record_hits(np.arange(first, first + count), losses, target)
        self.publish(length)
        return np.asarray(ends < first + count)

    def _erase(self, runs: Array, start: int, stop: int) -> None:
        """Sets the values of some runs (k,) to NaN in the rows start..stop."""
        if not len(runs):
            return
        stored = self._stored(stop)
        for column in self._columns.values():
            column.erase(runs, start, stored)
        if self.sparse is not None:
            self.sparse.erase(runs, max(start, stored), stop)

    def record_full_losses(self, steps: Array, losses: Array, target: float | None) -> None:
        """Records the losses (k, R) on all data at later steps (k,)."""
        assert self.full is not None
        losses = np.where(self.ends <= steps[:, None], np.nan, losses)
        self.full.append(steps, losses)
        self.record_hits(steps, losses, target)

    def judged(self, row: int) -> Array:
        """Returns the losses (R,) that count at a row: its own or, with mini-batches, the last on all data.

        A run that has ended by then has the loss of its last finite step with mini-batches, NaN without.
        """
        if self.full is not None:
            return np.where(self._has_final_loss(row), self.full.final, self.full.at(row))
        return np.asarray(self.read("loss", row, row + 1)[0])

    def judged_step(self, row: int, run: int) -> int:
        """Returns the step at which `judged` of a row was measured for a run."""
        if self.full is None:
            return row
        return int(self.ends[run]) - 1 if self._has_final_loss(row)[run] else self.full.step_at(row)

    def least(self, row: int) -> Array | None:
        """Returns the least of the `judged` losses (R,) up to a row; None without mini-batches."""
        if self.full is None:
            return None
        return np.fmin(self.full.least(row), np.where(self._has_final_loss(row), self.full.final, np.nan))

    def _has_final_loss(self, row: int) -> Array:
        """Returns which runs (R,) have ended by a row, with the loss on all data of their last step."""
        assert self.full is not None
        return np.asarray((self.ends - 1 <= row) & np.isfinite(self.full.final))

    def find_hits(self, target: float | None) -> None:
        """Recomputes `hits` for a new target."""
        self.hits[:] = UNENDED
        if target is None:
            return
        if self.full is not None:
            steps = self.full.steps()
            self.record_hits(steps, self.full.losses(0, len(steps)), target)
            return
        stored = self._stored(self.length)
        for start in range(0, stored, BLOCK_ROWS):
            losses = self.read("loss", start, min(start + BLOCK_ROWS, stored))
            self.record_hits(np.arange(start, start + len(losses)), losses, target)
        if self.sparse is None:
            return
        whole = max(0, self.sparse.count(self.length) - 1)
        least = np.concatenate([self.sparse.least.read(0, whole), np.full((1, self.runs), -np.inf)])
        for run in np.flatnonzero(self.hits == UNENDED):
            start = self.sparse.first + int((least[:, run] <= target).argmax()) * self.sparse.every
            low = self.read("loss", start, start + self.sparse.every)[:, run] <= target
            if low.any():
                self.hits[run] = start + int(low.argmax())

    def record_hits(self, steps: Array, losses: Array, target: float | None) -> None:
        """Updates `hits` with the losses (n, R) of new steps (n,)."""
        if target is None:
            return
        low = losses <= target
        for run in np.flatnonzero(low.any(axis=0) & (self.hits == UNENDED)):
            self.hits[run] = steps[int(low[:, run].argmax())]

    def read(self, column: str, start: int = 0, stop: int | None = None) -> Array:
        """Returns the rows start..stop of a column; a view where they lie in one block."""
        stop = self.length if stop is None else min(stop, self.length)
        return self._rows(column, start, max(start, stop))

    def _rows(self, column: str, start: int, stop: int) -> Array:
        stored = self._stored(stop)
        if stored == stop or self.sparse is None:
            return self._columns[column].read(start, stop)
        rest = self.sparse.read(column, max(start, stored), stop)
        return rest if start >= stored else np.concatenate([self._columns[column].read(start, stored), rest])

    def _stored(self, stop: int) -> int:
        """Returns the end of those rows before one that are stored as they are."""
        return stop if self.sparse is None else min(stop, self.sparse.first)

    def quick(self, start: int, most: int) -> int:
        """Returns how many of the rows from one on, at most so many, are read in some milliseconds."""
        stored = self._stored(start + most)
        return stored - start if self.sparse is None or start < stored else self.sparse.quick(start, most)

    def of_run(self, column: str, run: int, stop: int) -> Array:
        """Returns the rows (stop, ...) of a run in a column, up to one; takes no memory for those of other runs."""
        pieces = [
            self.read(column, start, min(start + BLOCK_ROWS, stop))[:, run] for start in range(0, stop, BLOCK_ROWS)
        ]
        return np.concatenate(pieces) if len(pieces) > 1 else self.read(column, 0, stop)[:, run]

    def peak(self, run: int, row: int) -> float:
        """Returns the greatest loss of a run up to a row."""
        start = 0 if self.sparse is None else self._stored(row + 1)
        peaks = [self._columns["loss"].read(0, start)[:, run]]
        if self.sparse is not None and row >= start:
            whole = (row - start) // self.sparse.every
            peaks.append(self.sparse.peak.read(0, whole)[:, run])
            start += whole * self.sparse.every
        return float(np.concatenate([*peaks, self.read("loss", start, row + 1)[:, run]]).max())

    def write(self, column: str, start: int, values: Array) -> None:
        """Writes rows from `start` on; readers see them after `publish`."""
        count = max(0, self._stored(start + len(values)) - start)
        if count or self.sparse is None:
            self._columns[column].write(start, values[:count])
        if self.sparse is not None:
            self.sparse.write(column, start + count, values[count:])

    def publish(self, length: int) -> None:
        """Makes the first `length` rows visible to readers; every column must have them."""
        self.length = length
        if self.sparse is not None:
            self.sparse.publish(length)

    def trim(self) -> None:
        """Frees what is reserved for further rows, where the trace is short and gets none."""
        for column in self._columns.values():
            column.trim(self.length)
        if self.full is not None:
            self.full.trim()

    @classmethod
    def from_columns(
        cls, names: tuple[str, ...], columns: Mapping[str, Array], ends: Array, metrics: tuple[str, ...] = ()
    ) -> Trace:
        """Restores a trace from saved columns."""
        length, runs = columns["loss"].shape
        trace = cls(runs, names, loss_plus="loss_plus" in columns, metrics=metrics, planned=length)
        for name in trace.columns:
            trace.write(name, 0, columns[name])
        trace.ends[:] = ends
        trace.publish(length)
        return trace
