"""What a run has cost: gradients, losses and data points. All of it follows from the number of rows it has.

Row k is measured once step k is made; the row of the start counts too. To reach step n takes n + 1 rows. What is
measured to judge a run, such as its loss on all data, does not train it and is not counted.
"""

from __future__ import annotations

from functools import lru_cache

from lrstudio.core.problems import Problem
from lrstudio.engine.experiment import Experiment


def gradients(experiment: Experiment, rows: int) -> int:
    """How many gradients were obtained, exactly or by differences: one a row."""
    return rows


def losses(experiment: Experiment, rows: int) -> int:
    """How many losses were computed to measure gradients; 0 where they are exact: their loss comes with them.

    With P parameters a one-sided difference takes 1 + P a row. A central one takes 2P, and one more is the loss at the
    point itself, which the trace records.
    """
    size = len(experiment.problem.names)
    return {"analytic": 0, "forward": 1 + size, "central": 1 + 2 * size}[experiment.gradient.mode] * rows


def data_points(experiment: Experiment, rows: int) -> int:
    """How many data points the gradients were taken over, each counted as often as it was looked at; 0 without data.

    The last batch of an epoch is smaller where the data do not divide. A measured gradient looks at the same points for
    all of its losses; they count once.
    """
    size = _size(experiment.problem, experiment.seed)
    batch = experiment.batch_size or size
    if not size:
        return 0
    epochs, rest = divmod(rows, -(-size // batch))
    return epochs * size + rest * batch


@lru_cache(maxsize=16)
def _size(problem: Problem, seed: int) -> int:
    return len(next(iter(problem.data(seed).values()), ()))
