"""What an adaptive optimizer divides the gradient by, found again from a trace."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrstudio.core.analysis.recurrence import preconditioner
from lrstudio.core.optimizers import Adam, AdamW, NAdam, Optimizer, RAdam, RMSprop
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.trace import Trace

Array = np.ndarray[Any, np.dtype[Any]]

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
    rows = row if kept == 0 else min(row, int(np.log(_GONE) / np.log(kept)) + 1)
    if rows > _MOST_ROWS:
        return None
    gradients = trace.read("grad", row - rows, row)[:, run]
    weights = (1 - kept) * kept ** np.arange(rows - 1, -1, -1.0)
    with np.errstate(all="ignore"):
        found = preconditioner(optimizer, {"v": weights @ gradients**2}, row)
    return found if found is not None and np.isfinite(found).all() and (found > 0).all() else None


def _kept(optimizer: Optimizer) -> float | None:
    """The share of the mean of squares that a step keeps, where it is the gradients' own."""
    match optimizer:
        case (
            AdamW(amsgrad=False)
            | Adam(amsgrad=False, weight_decay=0.0)
            | NAdam(weight_decay=0.0)
            | RAdam(weight_decay=0.0)
        ):
            return optimizer.beta2
        case RMSprop(centered=False, weight_decay=0.0) if optimizer.alpha < 1:
            return optimizer.alpha
    return None
