"""The diagnosis of the runs of a log."""

from __future__ import annotations

import numpy as np

from lrstudio.engine.diagnosis.diagnosis import Diagnosis, diagnosed
from lrstudio.engine.diagnosis.recorded import Recorded, recorded
from lrstudio.store.logs.model import LOSS, RATE, TRAIN, VALIDATION, Run, Series
from lrstudio.store.logs.training_log import main_loss

_NOTHING = np.empty(0)


def diagnosis_of(run: Run) -> Diagnosis:
    """Returns the diagnosis of the loss that is trained on, beside the first rate and the loss on validation data."""
    return diagnosed(arrays_of(run))


def arrays_of(run: Run) -> Recorded:
    """Returns the arrays of a run that a diagnosis reads; without a loss they are empty."""
    loss, rate, val = main_loss(run), next(iter(run.of(RATE)), None), validation_loss(run)
    return recorded(*_arrays(loss), *_arrays(rate), *_arrays(val if val is not loss else None), run.counter)


def validation_loss(run: Run) -> Series | None:
    """Returns the longest loss that was measured on other data than those of training, first on validation data."""
    others = [series for series in run.of(LOSS) if series.part != TRAIN]
    return min(others, key=lambda series: (series.part != VALIDATION, -len(series.values)), default=None)


def _arrays(series: Series | None) -> tuple[np.ndarray, np.ndarray]:
    return (_NOTHING, _NOTHING) if series is None else (series.at, series.values)
