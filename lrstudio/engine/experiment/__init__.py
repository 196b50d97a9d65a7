"""An experiment: one problem and the runs that are compared on it."""

from lrstudio.engine.experiment.experiment import MAX_RUNS, MAX_STEPS, PRECISIONS, Experiment, Precision, Stop
from lrstudio.engine.experiment.run import (
    GRADIENT_MODES,
    MAX_LABEL,
    Gradient,
    GradientMode,
    Run,
    check_lr,
    lr_factors_text,
    read_lr_factors,
)

__all__ = [
    "GRADIENT_MODES",
    "MAX_LABEL",
    "MAX_RUNS",
    "MAX_STEPS",
    "PRECISIONS",
    "Experiment",
    "Gradient",
    "GradientMode",
    "Precision",
    "Run",
    "Stop",
    "check_lr",
    "lr_factors_text",
    "read_lr_factors",
]
