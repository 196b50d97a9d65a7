"""Computes the theoretical stability limit of a run with a constant rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrstudio.core.analysis.curvature import MOST_EXACT, curvatures
from lrstudio.core.optimizers.recurrence import Recurrence
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.batch_runner import begin, compiled

_STILL = 1e-9


@dataclass(frozen=True)
class Theory:
    """The stability limit from the curvature, infinite where there is none.

    It is `exact` on a quadratic, elsewhere it holds near the minimum. `known` is false where the optimizer declares no
    recurrence, so that no problem has a limit.
    """

    limit: float = float("inf")
    exact: bool = False
    known: bool = True

    @property
    def everywhere(self) -> float:
        """The limit if it holds everywhere, else infinite."""
        return self.limit if self.exact else float("inf")


def lasting_recurrence(experiment: Experiment) -> Recurrence | None:
    """Returns the only run's recurrence if it holds for all steps and for the plain curvature, else None."""
    run = experiment.runs[0]
    law = run.law()
    lasts = law is not None and not (law.preconditioned or law.fades)
    return law if lasts and run.schedule.is_constant and experiment.batch_size is None else None


def theoretical_limit(experiment: Experiment) -> Theory:
    """Returns the limit of a constant rate for the experiment's only run."""
    problem, law = experiment.problem, lasting_recurrence(experiment)
    nothing = Theory(known=experiment.runs[0].law() is not None)
    if not problem.has_landscape or len(problem.names) > MOST_EXACT or law is None:
        return nothing
    objective, start = compiled(replace(experiment, precision="float64")), begin(experiment)[None].astype(float)
    divisor = problem.divisor_of(experiment.runs[0].lr_factors)
    here = curvatures(objective, start, divisor)[0]
    minima = [np.array([minimum], float) for minimum in problem.minima(objective.data)]
    elsewhere = minima or [start + 1.0, 2 * start + 3.0]
    there = [curvatures(objective, w, divisor)[0] for w in elsewhere]
    if not all(np.isfinite(values).all() for values in (here, *there)):
        return nothing
    exact = all(np.allclose(values, here, rtol=_STILL, atol=_STILL * np.abs(here).max()) for values in there)
    if not exact and not minima:
        return nothing
    with np.errstate(over="ignore"):
        nearest = int(np.argmin([np.square(w - start).sum() for w in elsewhere]))
    limit = law.stability_limit(there[nearest])
    return Theory(limit, exact) if np.isfinite(limit) else nothing
