"""The weights for evaluation of optimizers that average their own steps."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.evaluate import evaluate
from lrstudio.core.formula.parse import parse_expression
from lrstudio.engine.training.batch import OptimizerGroup
from lrstudio.engine.training.batch_runner import loss_on_all_data
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import UNENDED


def averaged(simulation: Simulation, run: int) -> tuple[Array, float] | None:
    """Returns the weights (P,) for evaluation of a run at the newest step, and the loss there on all data.

    None where they are those that are trained, before the first step, and for a run that has ended.
    """
    optimizer, runner = simulation.experiment.runs[run].optimizer, simulation.runner
    if not optimizer.average or not simulation.step or simulation.trace.ends[run] != UNENDED:
        return None
    everyone = np.arange(len(runner.w))
    group, place = next(found for each in runner.groups if (found := _place(each, everyone, run)) is not None)
    state = {name: values[place] for name, values in group.named_state().items()}
    w = runner.w[run].astype(runner.objective.dtype)
    weights = np.asarray(evaluate(parse_expression(optimizer.average), {**optimizer.numbers(), **state, "w": w}))
    with np.errstate(all="ignore"):
        return weights, float(loss_on_all_data(runner.objective, weights[None])[0])


def _place(group: OptimizerGroup, everyone: Array, run: int) -> tuple[OptimizerGroup, int] | None:
    """Returns a group with the place of a run in it; None if it has not this run."""
    places = np.flatnonzero(everyone[group.indices] == run)
    return (group, int(places[0])) if len(places) else None
