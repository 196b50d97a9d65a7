"""Which of many rates is the best, and what theory says about how far they may go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT, curvatures
from lrstudio.core.analysis.limits import stability_limit
from lrstudio.core.analysis.recurrence import recurrence
from lrstudio.core.analysis.verdict import ARRIVED_SHARE, DIVERGED, STUCK
from lrstudio.core.schedules import Constant
from lrstudio.engine.axis import Axis
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lockstep import begin, compiled
from lrstudio.engine.summary import UNKNOWN, Summary
from lrstudio.engine.sweep import Array, Sweep
from lrstudio.engine.zones import Best, Theory

_FIRST, _MORE = 32, 8
_STILL = 1e-9


def best_rate(experiment: Experiment, rates: Array, summary: Summary, stop: Callable[[], bool]) -> Best | None:
    """The best of the rates (n,) for the experiment's only run, by what came of them.

    With a target loss the one that has it first. Without one, of those that end within 0.01 % of the way down above the
    lowest, the one that is there first; with mini-batches, and where a network leaves but one, the lowest.
    None where all diverge. Of several that are equally good it is the middle one.
    """
    lost = (summary.verdict == DIVERGED) | (summary.verdict == STUCK) | (summary.verdict == UNKNOWN)
    fine = np.flatnonzero(~lost & np.isfinite(summary.final_loss))
    if not len(fine):
        return None
    hits = summary.steps_to_target[fine]
    if (hits >= 0).any():
        return Best(_middle(rates[fine[hits >= 0]], hits[hits >= 0]), "target")
    finals = summary.final_loss[fine]
    lowest = float(finals.min())
    at_start = float(compiled(experiment).loss(begin(experiment)[None])[0])
    goal = lowest + ARRIVED_SHARE * max(at_start - lowest, 0.0)
    near = rates[fine[finals <= goal]]
    if experiment.batch_size is not None or len(near) == 1 or not experiment.problem.movable:
        return Best(float(rates[fine[finals.argmin()]]), "lowest")
    first = _first_to(replace(experiment, target_loss=goal), near, stop)
    return None if first is None else Best(first, "soonest")


def theoretical_limit(experiment: Experiment) -> Theory | None:
    """The limit of a constant rate for the experiment's only run, where the curvature tells one."""
    problem, run = experiment.problem, experiment.runs[0]
    known = recurrence(run.optimizer)
    if not problem.movable or len(problem.names) > MOST_EXACT or known is None or known.preconditioned or known.fades:
        return None
    if not isinstance(run.schedule, Constant) or experiment.batch_size is not None:
        return None
    objective, start = compiled(replace(experiment, precision="float64")), begin(experiment)[None].astype(float)
    here = curvatures(objective, start)[0]
    places = [np.array([place], float) for place in problem.minima(objective.data)]
    elsewhere = places or [start + 1.0, 2 * start + 3.0]
    there = [curvatures(objective, place)[0] for place in elsewhere]
    if not all(np.isfinite(found).all() for found in (here, *there)):
        return None
    exact = all(np.allclose(found, here, rtol=_STILL, atol=_STILL * np.abs(here).max()) for found in there)
    if not exact and not places:
        return None
    nearest = int(np.argmin([np.linalg.norm(place - start) for place in elsewhere]))
    limit = stability_limit(run.optimizer, there[nearest])
    return Theory(limit, exact) if limit is not None and np.isfinite(limit) else None


def _first_to(experiment: Experiment, rates: Array, stop: Callable[[], bool]) -> float | None:
    """The rate that has the target loss first; few steps are tried before many."""
    sweep, steps = Sweep(experiment, [Axis("lr", tuple(rates.tolist()))]), _FIRST
    while True:
        hits = np.full(len(rates), UNKNOWN)
        for places, part in sweep.chunks(np.arange(len(rates)), stop, steps):
            hits[places] = part.steps_to_target
        if (hits >= 0).any():
            return _middle(rates[hits >= 0], hits[hits >= 0])
        if steps >= experiment.steps or stop():
            return None
        steps = min(steps * _MORE, experiment.steps)


def _middle(rates: Array, steps: Array) -> float:
    """The middle one of those with the fewest steps."""
    fewest = rates[steps == steps.min()]
    return float(fewest[len(fewest) // 2])
