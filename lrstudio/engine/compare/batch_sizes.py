"""Makes runs of several batch sizes out of one, whose rates are scaled with them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

from lrstudio.engine.experiment import MAX_STEPS, Experiment, Run
from lrstudio.engine.experiment.pace import Equal
from lrstudio.engine.family import batch_knob, family

Scaling = Literal["none", "linear", "sqrt"]
SCALINGS: tuple[Scaling, ...] = get_args(Scaling)


def scaled_rate(lr: float, k: float, scaling: Scaling) -> float:
    """Returns the rate for batches k times as large.

    linear: lr·k, as a step of k times the points in place of k steps (Goyal et al. 2017, for SGD). sqrt: lr·√k, as the
    noise of a gradient falls with √k (Krizhevsky 2014). For Adam and its kin Malladi et al. (2022) derive lr·√k, with
    k·(1 - β) and ε/√k, which are left as they are here.
    """
    factor = {"none": 1.0, "linear": k, "sqrt": math.sqrt(k)}[scaling]
    return float(f"{lr * factor:.12g}")


def usual_scaling(run: Run) -> Scaling:
    """Returns sqrt for an optimizer that divides by past gradients, as Adam, and linear for others."""
    law = run.optimizer.recurrence()
    return "linear" if law is None or not law.preconditioned else "sqrt"


def batch_family(
    experiment: Experiment, run_index: int, sizes: Sequence[float], scaling: Scaling, palette: int
) -> Experiment:
    """Returns the experiment with a run replaced by one for each batch size, with scaled rates.

    The run's rate is that of its own batch size, or of the first one where it takes all data. Runs that would end at
    equal steps end at equal epochs, as many as the run had. ValueError for an invalid size or too many runs.
    """
    run, size = experiment.runs[run_index], experiment.batch_sizes[run_index] or sizes[0]
    made = family(experiment, run_index, batch_knob(experiment, run_index), sizes, palette)
    runs = list(made.runs)
    for index, own in enumerate(sizes, run_index):
        runs[index] = replace(runs[index], lr=scaled_rate(run.lr, own / size, scaling))
    equal: Equal = "epochs" if experiment.equal == "steps" else experiment.equal
    per_epoch = -(-experiment.data_size // int(size))
    steps = -(-experiment.steps_each[run_index] * max(made.per_epoch) // per_epoch)
    return replace(made, runs=tuple(runs), equal=equal, steps=min(steps, MAX_STEPS), horizon=None)
