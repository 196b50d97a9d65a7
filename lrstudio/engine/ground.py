"""What verdicts know of the ground that runs are on: its minima, and what is around the end of a run."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT
from lrstudio.core.analysis.minima import searched_minima
from lrstudio.core.analysis.surroundings import Surroundings, surroundings
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective, objective_of
from lrstudio.core.problems import Problem
from lrstudio.engine.training.lockstep import AnyObjective

Minima = tuple[tuple[float, ...], ...]

_MOST_PARAMETERS, _MOST_DATA = 8, 2000
"""Above these, minima that are not known are not searched for."""


@lru_cache(maxsize=16)
def known_minima(problem: Problem, seed: int) -> Minima:
    """The minima that the problem knows, or those that a search finds; none of networks."""
    if not problem.movable:
        return ()
    objective = objective_of(problem, seed)
    found = problem.minima(objective.data)
    if found or not isinstance(objective, Objective):
        return found
    if len(problem.names) > _MOST_PARAMETERS or objective.size > _MOST_DATA:
        return ()
    return searched_minima(objective, problem.initial(seed), problem.domain)


def look_around(
    problem: Problem, objective: AnyObjective, w: Array, minima: Minima, start: Array, earlier: Array
) -> Surroundings:
    """The surroundings of w (R, P), all parameters, with those at the start and at an earlier step.

    A network's loss is never below 0; of one with few weights the curvature tells more.
    """
    if problem.movable:
        return surroundings(objective, w, minima, start, earlier)
    with np.errstate(all="ignore"):
        if w.shape[1] <= MOST_EXACT:
            found = surroundings(objective, w, minima, start, earlier)
        else:
            loss, gradient = (np.asarray(values, float) for values in objective.loss_and_gradient(w))
            found = Surroundings.unknown(loss, np.sqrt((gradient**2).sum(axis=1)))
        chance = np.broadcast_to(np.asarray(objective.loss(np.zeros_like(w[:1])), float), len(w))
        return found._replace(least=np.where(found.bowl, np.fmax(found.least, 0), 0), chance=chance)
