"""Lists the reasons against comparing the runs of an experiment by their steps alone."""

from __future__ import annotations

import re
from typing import Literal

from lrstudio.core.record import dataclass
from lrstudio.engine.compare.comparison import loss_evaluations
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace

Kind = Literal["starts", "hessian", "rates", "measured", "batches", "no_target"]

_HESSIAN = re.compile(r"\bnewton\b")
"""Rules that read this variable need the Hessian at every step."""


@dataclass(frozen=True)
class Caveat:
    """A reason for care, the runs that it concerns (none named: all) and a number that belongs to it."""

    kind: Kind
    runs: tuple[int, ...] = ()
    number: int = 0


def caveats(experiment: Experiment, trace: Trace) -> tuple[Caveat, ...]:
    """Returns the caveats, the most serious first.

    starts: the runs start at different points. hessian: these runs compute second derivatives at each step. rates:
    the rates of these runs were changed. measured: a gradient takes `number` losses. batches: the losses are those
    on all data at the ends of epochs. no_target: there is no target loss to count steps to.
    """
    runs = range(len(experiment.runs))
    result: list[Caveat] = []
    if experiment.problem.has_editable_start and len(set(experiment.starts())) > 1:
        result.append(Caveat("starts"))
    newton = tuple(run for run in runs if _HESSIAN.search(experiment.runs[run].optimizer.whole_rule))
    if newton and len(newton) < len(runs):
        result.append(Caveat("hessian", newton))
    if changed := tuple(sorted({change.run for change in trace.rate_changes})):
        result.append(Caveat("rates", changed))
    if losses := loss_evaluations(experiment, 1):
        result.append(Caveat("measured", number=losses))
    if experiment.has_batches:
        result.append(Caveat("batches"))
    if experiment.target_loss is None:
        result.append(Caveat("no_target"))
    return tuple(result)
