"""Whether an experiment is the one that a lesson has set up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lrstudio.engine.experiment import Experiment


def equal_but_for(names: Sequence[str], experiment: Experiment, setup: Experiment) -> bool:
    """Whether two experiments are equal apart from labels, colours and the named fields of experiment and runs."""
    if experiment.problem != setup.problem or len(experiment.runs) != len(setup.runs):
        return False
    own = {name: getattr(setup, name) for name in names if hasattr(setup, name)}
    runs = tuple(
        replace(run, **{name: getattr(base, name) for name in names if hasattr(base, name)})
        for run, base in zip(experiment.runs, setup.runs, strict=True)
    )
    return replace(experiment.replanned(), runs=runs, **own).bare() == setup.replanned().bare()
