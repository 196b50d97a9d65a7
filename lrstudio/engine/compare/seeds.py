"""Repeats the runs of an experiment with several seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lrstudio.core.analysis.intervals import half_width
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.compare.comparison import Comparison, Standing
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.training.simulation import Simulation

MOST_SEEDS = 1000
MOST_VALUES = 2**25
"""The maximal number of values in the trace of one seed."""
_STRETCH = 64
_SEEDS = 2**63


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation (n - 1) of `count` finite values; NaN of none, the deviation also of one.

    mean ± `half_width` is the 95 % interval of the mean by Student's t.
    """

    mean: float
    deviation: float
    count: int

    @property
    def half_width(self) -> float:
        """Half of the 95 % interval of the mean: t·s/√n with n - 1 degrees of freedom."""
        return half_width(self.deviation, self.count)

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Returns the spread of the finite values."""
        finite = [value for value in values if math.isfinite(value)]
        count = len(finite)
        mean = math.fsum(finite) / count if count else math.nan
        squares = math.fsum((value - mean) * (value - mean) for value in finite)
        return cls(mean, math.sqrt(squares / (count - 1)) if count > 1 else math.nan, count)


def depends_on_seed(experiment: Experiment) -> bool:
    """Returns whether data, initial weights or batches depend on the seed."""
    return experiment.has_batches or experiment.problem.depends_on_seed


def seeds_from(first: int, count: int) -> tuple[int, ...]:
    """Returns consecutive seeds."""
    return tuple((first + offset) % _SEEDS for offset in range(count))


def over_seeds(
    experiment: Experiment,
    seeds: Sequence[int],
    stop: Stop = lambda: False,
    progress: Callable[[float], None] = lambda _share: None,
) -> Iterator[tuple[Standing, ...]]:
    """Yields the standings of the runs at the end of the experiment for one seed after another.

    Ends early once `stop()` returns True. ValueError where the experiment is too long to be repeated.
    """
    most = MOST_VALUES // (len(experiment.runs) * (2 + 2 * len(experiment.problem.names)))
    if experiment.steps > most:
        raise ValueError(
            tr(
                "{steps:,} steps are too many to be repeated with other seeds: at most {most:,}",
                steps=experiment.steps,
                most=most,
            )
        )
    for index, seed in enumerate(seeds):
        simulation = Simulation(replace(experiment, seed=seed))
        while not simulation.done:
            simulation.advance(min(_STRETCH, experiment.steps - simulation.step), stop)
            progress((index + simulation.step / experiment.steps) / len(seeds))
            if stop():
                return
        comparison = Comparison(simulation.experiment, simulation.trace)
        standings = comparison.at(simulation.experiment, None, stop)
        if standings is None:
            return
        yield standings
        progress((index + 1) / len(seeds))
