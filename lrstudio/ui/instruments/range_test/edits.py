"""The edits of an experiment that a range test suggests."""

from __future__ import annotations

from dataclasses import replace

from lrstudio.core.schedules import Cyclic
from lrstudio.engine.experiment import Experiment


def rounded(lr: float) -> float:
    """Returns the rate with three significant digits."""
    return float(f"{lr:.3g}")


def with_cycle(experiment: Experiment, run: int, base_lr: float, max_lr: float) -> tuple[Experiment, Cyclic]:
    """Returns the experiment with five cycles between two rates as the schedule of a run, and that schedule."""
    suited = Cyclic.suited(experiment.steps, experiment.runs[run].lr)
    cycle = replace(suited, base_lr=rounded(base_lr), max_lr=rounded(max_lr))
    return experiment.with_run(run, schedule=cycle), cycle
