"""What theory says about how far the rates of a run may go."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT, curvatures
from lrstudio.core.analysis.limits import stability_limit
from lrstudio.core.analysis.recurrence import recurrence
from lrstudio.core.schedules import Constant
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.lockstep import begin, compiled

_STILL = 1e-9


@dataclass(frozen=True)
class Theory:
    """The limit that the curvature gives; `exact` on a bowl, elsewhere it holds near the minimum."""

    limit: float
    exact: bool

    @property
    def everywhere(self) -> float:
        """The limit where it holds wherever a run is, infinite otherwise."""
        return self.limit if self.exact else float("inf")


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
