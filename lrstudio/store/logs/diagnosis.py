"""The diagnosis of the runs of a log."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrstudio.engine.diagnosis.diagnosis import Diagnosis, diagnosed
from lrstudio.engine.diagnosis.recorded import Recorded, recorded
from lrstudio.store.logs.model import LOSS, RATE, TRAIN, Run, Series
from lrstudio.store.logs.producers.losses import judged_loss, untold, validation_loss

_NOTHING = np.empty(0)


def diagnosis_of(run: Run) -> Diagnosis:
    """Returns the diagnosis of the loss that is trained on, beside the first rate and the loss on validation data."""
    found, loss = diagnosed(arrays_of(run)), judged_loss(run)
    several = sum(series.part == TRAIN for series in run.of(LOSS)) > 1
    return replace(found, about=loss.name) if loss is not None and several else found


def arrays_of(run: Run) -> Recorded:
    """Returns the arrays of a run that a diagnosis reads; without a loss they are empty."""
    loss, rate, val = judged_loss(run), next(iter(run.of(RATE)), None), validation_loss(run)
    arrays = recorded(*_arrays(loss), *_arrays(rate), *_arrays(val if val is not loss else None), run.counter)
    return replace(arrays, untold=untold(run))


def _arrays(series: Series | None) -> tuple[np.ndarray, np.ndarray]:
    return (_NOTHING, _NOTHING) if series is None else (series.at, series.values)
