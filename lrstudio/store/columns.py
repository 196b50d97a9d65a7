"""The arrays of a session as .npy files: writing them in pieces, and checking that they match the experiment."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import astuple
from functools import partial
from typing import Any, Self

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.columns import BLOCK_ROWS, FullLosses, Snapshots
from lrstudio.engine.training.simulation import empty_trace, state_shapes
from lrstudio.engine.training.trace import UNENDED, RateChange, Trace
from lrstudio.store.fields import SessionError
from lrstudio.store.kept_rows import PLAN, kept_arrays, kept_shapes, restore_kept, trace_length
from lrstudio.store.npy import Shape, npy_header, npy_shape

ENTRY = re.compile(
    r"manifest\.json|(?:logs|params|loss|lr|grad|loss_plus|norm|grad_norm|accuracy|val_loss|val_accuracy|data-[0-9]"
    r"|full_loss|full_loss_steps|full_loss_final|snapshots|snapshot_steps|ends|kept|kept-(?:params|loss|lr|grad|loss_plus"
    r"|least|peak)|(?:kept-)?state-[0-9]{1,4}-[A-Za-z_][A-Za-z_0-9]*)\.npy"
)
"""Pattern of the entry names that a session file may have."""

INTEGERS = ("ends.npy", "snapshot_steps.npy", "full_loss_steps.npy", PLAN)
"""Entries of type int64; all others are float64."""
_FULL = ("full_loss.npy", "full_loss_steps.npy", "full_loss_final.npy")
"""Entries that files of earlier versions lack: the losses on all data are then computed again."""
_PIECE_VALUES = 2**19
States = Sequence[Mapping[str, Array]]


@dataclass(frozen=True)
class Column:
    """An array to write: its dtype, its shape, and a function that returns the values (n, ...) of rows start..stop."""

    kind: str
    shape: Shape
    values: Any

    @classmethod
    def of(cls, values: Array, kind: str) -> Self:
        return cls(kind, values.shape, lambda start, stop: values[start:stop])

    @property
    def size(self) -> int:
        """Number of bytes of the .npy file."""
        return len(npy_header(self.kind, self.shape)) + 8 * math.prod(self.shape)

    def pieces(self) -> Iterator[bytes | memoryview]:
        """Yields the .npy file in pieces of at most some megabytes, which are views of the values where they can be."""
        yield npy_header(self.kind, self.shape)
        step = min(BLOCK_ROWS, max(1, _PIECE_VALUES // max(1, math.prod(self.shape[1:]))))
        for start in range(0, self.shape[0] if math.prod(self.shape) else 0, step):
            values = np.ascontiguousarray(self.values(start, min(start + step, self.shape[0])), self.kind)
            yield values.reshape(-1).view(np.uint8).data

    def outline(self) -> Array:
        """Returns an array of this shape with the values of integers, NaN for others; SessionError if none can read it.

        It takes no memory but that of the integers.
        """
        npy_shape(memoryview(npy_header(self.kind, self.shape)), self.kind)
        values: Array = self.values(0, self.shape[0]) if self.kind == "<i8" else np.broadcast_to(np.nan, self.shape)
        return values


@dataclass(frozen=True)
class Rows:
    """The rows that a trace has at one time, which stay while it grows but for the rates of the last one."""

    trace: Trace
    length: int
    ends: Array
    last: Mapping[str, Array]
    """The last row (1, ...) by column."""
    snapshots: Snapshots | None
    full: int
    """Number of losses on all data."""
    final: Array

    @classmethod
    def of(cls, trace: Trace) -> Rows:
        """Returns the current rows; to be called in the thread that appends."""
        last = {name: trace.read(name, trace.length - 1).copy() for name in trace.columns}
        snapshots = None if trace.snapshots is None else copy(trace.snapshots)
        full, final = (0, np.empty(0)) if trace.full is None else (trace.full.count, trace.full.final.copy())
        return cls(trace, trace.length, trace.ends.copy(), last, snapshots, full, final)

    @property
    def stored(self) -> int:
        """The number of rows before those of which only some are kept."""
        return self.length if self.trace.sparse is None else min(self.length, self.trace.sparse.first)

    def read(self, name: str, start: int, stop: int) -> Array:
        """Returns the rows start..stop of a column."""
        rows = self.trace.read(name, start, stop)
        if name == "lr" and stop == self.length:
            rows = np.concatenate([rows[:-1], self.last["lr"]])
        return rows


def columns(rows: Rows, states: States) -> dict[str, Column]:
    """Returns a trace's columns, its ends and the optimizers' states by the names of their entries."""
    shapes = {name: (rows.stored, *shape) for name, shape in rows.trace.shapes.items()}
    entries = {f"{name}.npy": Column("<f8", shape, partial(rows.read, name)) for name, shape in shapes.items()}
    if rows.stored < rows.length:
        assert rows.trace.sparse is not None
        for name, values in kept_arrays(rows.trace.sparse, rows.length, rows.last).items():
            entries[name] = Column.of(values, "<i8" if name in INTEGERS else "<f8")
    entries["ends.npy"] = Column.of(rows.ends, "<i8")
    if rows.trace.full is not None and rows.full:
        entries["full_loss.npy"] = Column("<f8", (rows.full, rows.trace.runs), rows.trace.full.losses)
        entries["full_loss_final.npy"] = Column.of(rows.final, "<f8")
        entries["full_loss_steps.npy"] = Column.of(rows.trace.full.steps(rows.full), "<i8")
    if rows.snapshots is not None:
        steps = rows.snapshots.steps
        entries["snapshot_steps.npy"] = Column.of(np.array(steps, np.int64), "<i8")
        entries["snapshots.npy"] = Column("<f8", (len(steps), *rows.snapshots.shape), rows.snapshots.weights)
    for group, state in enumerate(states):
        entries |= {f"state-{group}-{name}.npy": Column.of(values, "<f8") for name, values in state.items()}
    return entries


def check_fit(experiment: Experiment, arrays: Mapping[str, Array]) -> None:
    """Raises SessionError if these are not the arrays of a simulation of the experiment."""
    length, runs, size = trace_length(arrays), len(experiment.runs), len(experiment.problem.names)
    expected = _shapes(experiment, arrays)
    for name, shape in expected.items():
        if name not in arrays:
            raise SessionError(tr("{name} is missing", name=name))
        if arrays[name].shape != shape:
            raise SessionError(
                tr(
                    "{name} has the shape {shape}: must be {expected} for {length} row(s), {runs} run(s) and {size} "
                    "parameter(s)",
                    name=name,
                    shape=arrays[name].shape,
                    expected=shape,
                    length=length,
                    runs=runs,
                    size=size,
                )
            )
    for name in arrays:
        if name not in expected:
            raise SessionError(tr("{name} does not belong to this experiment", name=name))
    _check_ends(arrays["ends.npy"], length)
    if "full_loss_steps.npy" in arrays:
        _check_full_losses(arrays["full_loss_steps.npy"], length)


def _shapes(experiment: Experiment, arrays: Mapping[str, Array]) -> dict[str, Shape]:
    """Returns the shapes of the arrays of a simulation of the experiment; computes none of them."""
    trace, runs, stored = empty_trace(experiment), len(experiment.runs), len(np.atleast_1d(arrays["loss.npy"]))
    shapes: dict[str, Shape] = {f"{name}.npy": (stored, *shape) for name, shape in trace.shapes.items()}
    shapes |= {"ends.npy": (runs,)} | kept_shapes(experiment, arrays)

    def count(name: str) -> int:
        return len(np.atleast_1d(arrays[name])) if name in arrays else 0

    if trace.full is not None and any(name in arrays for name in _FULL):
        full = count("full_loss_steps.npy")
        shapes |= dict(zip(_FULL, ((full, runs), (full,), (runs,)), strict=True))
    if trace.snapshots is not None:
        saved = count("snapshot_steps.npy")
        shapes |= {"snapshot_steps.npy": (saved,), "snapshots.npy": (saved, *trace.snapshots.shape)}
    for group, state in enumerate(state_shapes(experiment)):
        shapes |= {f"state-{group}-{name}.npy": shape for name, shape in state.items()}
    return shapes


def check_rate_changes(changes: Sequence[RateChange], length: int, runs: int) -> None:
    """Raises SessionError if a change is not at a completed step of an existing run."""
    for index, change in enumerate(changes):
        if not (1 <= change.step < length and change.run < runs and min(change.before, change.after) >= 0):
            raise SessionError(
                tr(
                    "rate_changes[{index}] = {change}: must be a step from 1 to {length}, a run from 0 to {runs} and "
                    "two rates of at least 0",
                    index=index,
                    change=list(astuple(change)),
                    length=length - 1,
                    runs=runs - 1,
                )
            )


def read_states(experiment: Experiment, arrays: Mapping[str, Array]) -> list[dict[str, Array]]:
    """Returns copies of the optimizers' states per group, so that the file can be freed."""
    groups = state_shapes(experiment)
    return [{name: arrays[f"state-{group}-{name}.npy"].copy() for name in state} for group, state in enumerate(groups)]


def read_trace(experiment: Experiment, arrays: Mapping[str, Array]) -> Trace:
    """Returns the trace, with copies of the arrays."""
    problem = experiment.problem
    names = ["params", "loss", "lr", "grad", "loss_plus", *problem.metrics]
    values = {name: arrays[f"{name}.npy"] for name in names if f"{name}.npy" in arrays}
    trace = Trace.from_columns(problem.names, values, arrays["ends.npy"], problem.metrics)
    restore_kept(experiment, trace, arrays)
    if "snapshots.npy" in arrays:
        trace.snapshots = _snapshots(arrays, trace.length)
    if "full_loss.npy" in arrays:
        trace.full = FullLosses.of(*(arrays[name] for name in ("full_loss_steps.npy", *_FULL[::2])))
    return trace


def _snapshots(arrays: Mapping[str, Array], length: int) -> Snapshots:
    steps = arrays["snapshot_steps.npy"].tolist()
    try:
        snapshots = Snapshots.of(steps, arrays["snapshots.npy"])
    except ValueError as error:
        raise SessionError(tr("snapshot_steps.npy: {error}", error=error)) from None
    if steps[-1] >= length:
        raise SessionError(
            tr("snapshot_steps.npy has the step {steps}: the trace has {length} row(s)", steps=steps[-1], length=length)
        )
    return snapshots


def _check_ends(ends: Array, length: int) -> None:
    """Raises SessionError unless each run ends after 1 to `length` rows or not at all, and one has the last row."""
    ended = ends != UNENDED
    if ((ends < 1) | (ends > length))[ended].any():
        run = int(np.flatnonzero(ended & ((ends < 1) | (ends > length)))[0])
        raise SessionError(
            tr(
                "ends.npy has {ends} for run {run}: must be from 1 to {length}, or {unended}",
                ends=ends[run],
                run=run,
                length=length,
                unended=UNENDED,
            )
        )
    if ended.all() and ends.max() != length:
        raise SessionError(
            tr(
                "ends.npy ends every run at or before row {row}: the trace has {length} rows",
                row=ends.max(),
                length=length,
            )
        )


def _check_full_losses(steps: Array, length: int) -> None:
    """Raises SessionError unless the steps begin at 0, increase and are below `length`."""
    if not len(steps) or steps[0] != 0 or (np.diff(steps) <= 0).any() or steps[-1] >= length:
        raise SessionError(
            tr("full_loss_steps.npy: must begin at 0, rise and end before {length}, the number of rows", length=length)
        )
