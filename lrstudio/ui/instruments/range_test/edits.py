"""What a range test makes of an experiment."""

from __future__ import annotations

from dataclasses import replace

from lrstudio.core.schedules import Cyclic
from lrstudio.engine.experiment import Experiment


def readable(lr: float) -> float:
    """The rate in three digits."""
    return float(f"{lr:.3g}")


def with_cycle(experiment: Experiment, run: int, base_lr: float, max_lr: float) -> tuple[Experiment, Cyclic]:
    """The experiment in which a run's rate goes up and down between two, five times in all; and how it does."""
    usual = Cyclic.suited(experiment.steps, experiment.runs[run].lr)
    cycle = replace(usual, base_lr=readable(base_lr), max_lr=readable(max_lr))
    return experiment.with_run(run, schedule=cycle), cycle
