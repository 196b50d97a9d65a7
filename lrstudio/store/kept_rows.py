"""The entries of a session file for the rows of a long trace of which only some are kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.engine.experiment import MAX_STEPS, Experiment
from lrstudio.engine.training.simulation import empty_trace, state_shapes
from lrstudio.engine.training.sparse import SparseRows
from lrstudio.engine.training.trace import Trace
from lrstudio.store.fields import SessionError

PLAN = "kept.npy"
"""Entry with two numbers: the distance of the kept rows, and the number of rows of the trace.

The columns end before the first kept row. `kept-COLUMN.npy` have the kept rows and the last row, `kept-state-…` the
optimizers' states at the kept rows, `kept-least.npy` and `kept-peak.npy` the extreme losses between two of them.
"""
_LATER = 4
"""How many times as far apart as here another version may keep the rows."""


def trace_length(arrays: Mapping[str, Array]) -> int:
    """Returns the number of rows of the trace; SessionError if there are none, or fewer than its columns have."""
    if "loss.npy" not in arrays:
        raise SessionError(tr("loss.npy is missing"))
    if not arrays["loss.npy"].size:
        raise SessionError(tr("loss.npy has no rows; a trace has at least 1"))
    stored = len(np.atleast_1d(arrays["loss.npy"]))
    if PLAN not in arrays:
        return stored
    plan = arrays[PLAN]
    if plan.shape != (2,) or not (plan[0] >= 1 and stored < plan[1] <= MAX_STEPS + 1):
        found = plan.ravel()[:3].tolist()
        raise SessionError(
            tr(
                "{name} has {found}: must be a distance and more than {rows} row(s)",
                name=PLAN,
                found=found,
                rows=stored,
            )
        )
    return int(plan[1])


def kept_shapes(experiment: Experiment, arrays: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    """Returns the shapes of these entries, none if all rows are stored."""
    if PLAN not in arrays:
        return {}
    every, length = arrays[PLAN].tolist()
    if experiment.kept_every is None or every > _LATER * experiment.kept_every:
        raise SessionError(
            tr("{name}: {every} steps of this experiment take too long to be made again", name=PLAN, every=every)
        )
    count = -(-(length - len(arrays["loss.npy"])) // every)
    shapes = {f"kept-{name}.npy": (count + 1, *shape) for name, shape in empty_trace(experiment).shapes.items()}
    runs = len(experiment.runs)
    shapes |= {"kept-least.npy": (count - 1, runs), "kept-peak.npy": (count - 1, runs)}
    for group, state in enumerate(state_shapes(experiment)):
        shapes |= {f"kept-state-{group}-{name}.npy": (count, *shape) for name, shape in state.items()}
    return shapes | {PLAN: (2,)}


def kept_arrays(sparse: SparseRows, length: int, last: Mapping[str, Array]) -> dict[str, Array]:
    """Returns the entries of a trace of so many rows, with the `last` one (1, ...) by column."""
    count = sparse.count(length)
    entries = {
        f"kept-{name}.npy": np.concatenate([own.read(0, count), last[name]]) for name, own in sparse.rows.items()
    }
    entries |= {"kept-least.npy": sparse.least.read(0, count - 1), "kept-peak.npy": sparse.peak.read(0, count - 1)}
    for group, state in enumerate(sparse.states):
        entries |= {f"kept-state-{group}-{name}.npy": own.read(0, count) for name, own in state.items()}
    return entries | {PLAN: np.array([sparse.every, length], np.int64)}


def restore_kept(experiment: Experiment, trace: Trace, arrays: Mapping[str, Array]) -> None:
    """Gives a trace, which has the stored rows, those that are kept of the others."""
    if PLAN not in arrays:
        return
    every, length = arrays[PLAN].tolist()
    sparse = trace.sparse = SparseRows(trace.length, every, trace.shapes, state_shapes(experiment))
    for name, column in sparse.rows.items():
        column.write(0, arrays[f"kept-{name}.npy"][:-1])
    for group, state in enumerate(sparse.states):
        for name, column in state.items():
            column.write(0, arrays[f"kept-state-{group}-{name}.npy"])
    sparse.least.write(0, arrays["kept-least.npy"])
    sparse.peak.write(0, arrays["kept-peak.npy"])
    trace.publish(length)
    sparse.last = {name: arrays[f"kept-{name}.npy"][-1:].copy() for name in trace.columns}
