"""What verdicts know of the ground that runs are on: its minima, and what is around the end of a run."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT
from lrstudio.core.analysis.minima import searched_minima
from lrstudio.core.analysis.surroundings import Surroundings, surroundings
from lrstudio.core.array import Array
from lrstudio.core.objective import Objective
from lrstudio.core.problems import Problem

Minima = tuple[tuple[float, ...], ...]

_MOST_PARAMETERS, _MOST_DATA = 8, 2000
"""Above these, minima that are not known are not searched for."""


@lru_cache(maxsize=16)
def known_minima(problem: Problem, seed: int) -> Minima:
    """The minima that the problem knows, or those that a search finds; none where there is no landscape."""
    if not problem.has_landscape:
        return ()
    objective = problem.objective(seed)
    if minima := problem.minima(objective.data):
        return minima
    if len(problem.names) > _MOST_PARAMETERS or objective.size > _MOST_DATA:
        return ()
    return searched_minima(objective, problem.initial(seed), problem.domain)


def look_around(
    problem: Problem, objective: Objective, w: Array, minima: Minima, start: Array, earlier: Array
) -> Surroundings:
    """The surroundings of w (R, P), all parameters, with those at the start and at an earlier step.

    Where the loss has a lower bound, the least loss is at least that; of few parameters the curvature tells more.
    """
    if problem.lower_bound is None:
        return surroundings(objective, w, minima, start, earlier)
    with np.errstate(all="ignore"):
        if w.shape[1] <= MOST_EXACT:
            result = surroundings(objective, w, minima, start, earlier)
        else:
            loss, gradient = (np.asarray(values, float) for values in objective.loss_and_gradient(w))
            result = Surroundings.unknown(loss, np.sqrt((gradient**2).sum(axis=1)))
        chance = np.broadcast_to(np.asarray(objective.loss(np.zeros_like(w[:1])), float), len(w))
        least = np.where(result.bowl, np.fmax(result.least, problem.lower_bound), problem.lower_bound)
        return result._replace(least=least, chance=chance)
