"""What the zones of a ruler depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from lrstudio.engine.experiment import Experiment


@dataclass(frozen=True)
class SurveyQuestion:
    """The only run of an experiment, whose rate does not matter, and the decades 10**low to 10**high."""

    experiment: Experiment
    low: int
    high: int

    @classmethod
    def of(cls, experiment: Experiment, run: int, low: int, high: int) -> Self:
        """That of one of an experiment's runs."""
        return cls(experiment.alone(run).bare(lr=1.0), low, high)
