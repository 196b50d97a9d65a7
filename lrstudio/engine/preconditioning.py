"""What an adaptive optimizer divides the gradient by, found again from a trace."""

from __future__ import annotations

import numpy as np

from lrstudio.core.analysis.recurrence import preconditioner
from lrstudio.core.array import Array
from lrstudio.core.optimizers import Adagrad, Adam, Adamax, AdamW, NAdam, Optimizer, RAdam, RMSprop
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace

_GONE = 1e-12
"""Gradients whose weight in the mean of squares is less than this are left out."""
_MOST_ROWS = 2**16


def preconditioner_at(experiment: Experiment, trace: Trace, run: int, row: int) -> Array | None:
    """The preconditioner (P,) with which the update that led to a row was made.

    None where there is none, or where the recorded gradients do not tell it.
    """
    optimizer = experiment.runs[run].optimizer
    kept = _kept(optimizer)
    if kept is None or row < 1 or not experiment.problem.movable:
        return None
    rows = row if kept in (0, 1) else min(row, int(np.log(_GONE) / np.log(kept)) + 1)
    if rows > _MOST_ROWS:
        return None
    gradients = np.asarray(trace.read("grad", row - rows, row)[:, run], float)
    ages = np.arange(rows - 1, -1, -1.0)[:, None]
    with np.errstate(all="ignore"):
        found = preconditioner(optimizer, _state(optimizer, gradients, kept**ages), row)
    return found if found is not None and np.isfinite(found).all() and (found > 0).all() else None


def _state(optimizer: Optimizer, gradients: Array, weights: Array) -> dict[str, Array]:
    """What the optimizer keeps of gradients (n, P), whose weights (n, 1) rise to 1 at the last one."""
    match optimizer:
        case Adagrad():
            return {"s": optimizer.initial_accumulator_value + (gradients**2).sum(axis=0)}
        case Adamax():
            return {"u": (weights * (np.abs(gradients) + optimizer.eps)).max(axis=0)}
    share = 1 - _kept(optimizer)  # type: ignore[operator] # asked before
    return {"v": share * (weights * gradients**2).sum(axis=0), "m": share * (weights * gradients).sum(axis=0)}


def _kept(optimizer: Optimizer) -> float | None:
    """The share of its memory of the gradients' sizes that a step keeps, where the gradients alone make it."""
    match optimizer:
        case (
            AdamW(amsgrad=False)
            | Adam(amsgrad=False, weight_decay=0.0)
            | NAdam(weight_decay=0.0)
            | RAdam(weight_decay=0.0)
            | Adamax(weight_decay=0.0)
        ):
            return optimizer.beta2
        case RMSprop(weight_decay=0.0) if optimizer.alpha < 1:
            return optimizer.alpha
        case Adagrad(weight_decay=0.0):
            return 1.0
    return None
