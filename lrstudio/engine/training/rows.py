"""The rows that a recorder returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment

_EVALUATIONS = 100
"""The approximate number of evaluations on all data in the planned steps; between them the columns are NaN."""


class Rows(NamedTuple):
    """What n updates of R runs gave: the values after each of them by column (n, R, ...), as float64.

    `rates` (n, R) are the rates of the updates. `ends` (R,) are the first rows with a number that is not finite, n for
    runs without one. With mini-batches `full` are some of the steps (k,) with the losses (k, R) on all data.
    """

    columns: Mapping[str, Array]
    rates: Array
    ends: Array
    full: tuple[Array, Array] | None = None


def evaluation_stride(experiment: Experiment) -> int:
    """Returns the number of steps from one evaluation of a network on all data to the next."""
    return max(1, -(-experiment.schedule_length // _EVALUATIONS))


def evaluated(experiment: Experiment, steps: Array) -> Array:
    """Returns after which of the steps (n,) the runs of a network are evaluated on all data (n, R).

    Besides those at equal distances these are the planned and the real last one and, where a schedule follows the loss
    on validation data, the ends of epochs.
    """
    steps = steps[:, None]
    due = steps % evaluation_stride(experiment) == 0
    due = due | (steps == np.array(experiment.steps_each)) | (steps == np.array(experiment.lengths))
    if any(run.schedule.monitors_validation for run in experiment.runs):
        due |= steps % np.array(experiment.per_epoch) == 0
    return np.asarray(due)
