"""The same runs over several seeds, so that a lucky one does not decide."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lrstudio.engine.compare.comparison import Comparison, Standing
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.simulation import Simulation

MOST_VALUES = 2**25
"""What the trace of one seed may hold."""
_STRETCH = 64
_SEEDS = 2**63


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation (n - 1) of the `count` numbers that are known; NaN of none, and of one."""

    mean: float
    deviation: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of the finite ones among the values."""
        known = [value for value in values if math.isfinite(value)]
        count = len(known)
        mean = sum(known) / count if count else math.nan
        squares = sum((value - mean) * (value - mean) for value in known)
        return cls(mean, math.sqrt(squares / (count - 1)) if count > 1 else math.nan, count)


def depends_on_seed(experiment: Experiment) -> bool:
    """Whether another seed gives other data, other initial weights or other batches."""
    return experiment.batch_size is not None or experiment.problem.depends_on_seed


def seeds_from(first: int, count: int) -> tuple[int, ...]:
    """An experiment's own seed and the ones after it."""
    return tuple((first + place) % _SEEDS for place in range(count))


def over_seeds(
    experiment: Experiment,
    seeds: Sequence[int],
    stop: Stop = lambda: False,
    progress: Callable[[float], None] = lambda _share: None,
) -> Iterator[tuple[Standing, ...]]:
    """How the runs stand at the end of the experiment, for one seed after another; all runs have the same seeds.

    Ends early where `stop()` says so. ValueError where the experiment is too long to be repeated.
    """
    most = MOST_VALUES // (len(experiment.runs) * (2 + 2 * len(experiment.problem.names)))
    if experiment.steps > most:
        raise ValueError(f"{experiment.steps:,} steps are too many to be repeated with other seeds: at most {most:,}")
    for place, seed in enumerate(seeds):
        simulation = Simulation(replace(experiment, seed=seed))
        while not simulation.done:
            simulation.advance(min(_STRETCH, experiment.steps - simulation.step), stop)
            progress((place + simulation.step / experiment.steps) / len(seeds))
            if stop():
                return
        comparison = Comparison(simulation.experiment, simulation.trace)
        standings = comparison.at(simulation.experiment, None, stop)
        if standings is None:
            return
        yield standings
        progress((place + 1) / len(seeds))
