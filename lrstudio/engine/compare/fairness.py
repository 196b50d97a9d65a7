"""What speaks against comparing the runs of an experiment by their steps alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lrstudio.engine.compare.comparison import loss_evaluations
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace

Kind = Literal["starts", "hessian", "rates", "measured", "batches", "no_target"]

_HESSIAN = re.compile(r"\bnewton\b")
"""A rule that reads this is given the gradient divided by the Hessian."""


@dataclass(frozen=True)
class Caveat:
    """A reason for care: which runs (all where there are none) and a number that belongs to it."""

    kind: Kind
    runs: tuple[int, ...] = ()
    number: int = 0


def caveats(experiment: Experiment, trace: Trace) -> tuple[Caveat, ...]:
    """The reasons there are, the gravest first.

    starts: the runs do not start at one place. hessian: these runs compute second derivatives at each step. rates:
    these were given another rate on the way. measured: a gradient takes `number` losses. batches: the losses are those
    on all data at the ends of epochs. no_target: there is no target loss to count steps to.
    """
    runs = range(len(experiment.runs))
    found: list[Caveat] = []
    if experiment.problem.has_editable_start and len(set(experiment.starts())) > 1:
        found.append(Caveat("starts"))
    newton = tuple(run for run in runs if _HESSIAN.search(experiment.runs[run].optimizer.rule))
    if newton and len(newton) < len(runs):
        found.append(Caveat("hessian", newton))
    if turned := tuple(sorted({change.run for change in trace.rate_changes})):
        found.append(Caveat("rates", turned))
    if losses := loss_evaluations(experiment, 1):
        found.append(Caveat("measured", number=losses))
    if experiment.batch_size is not None:
        found.append(Caveat("batches"))
    if experiment.target_loss is None:
        found.append(Caveat("no_target"))
    return tuple(found)
