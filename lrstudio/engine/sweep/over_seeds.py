"""A sweep that is repeated with several seeds, and what its results have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from lrstudio.core.analysis.intervals import ordered
from lrstudio.core.analysis.verdict import DIVERGED, VERDICTS
from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.compare.seeds import seeds_from
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.structure import Progress
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep

LOW, HIGH = 0.25, 0.75
"""The quartiles between which half of the seeds lie."""
_MOST_SEED = 2**53


@dataclass(frozen=True)
class OverSeeds:
    """The summaries (S, n) of n rates with S seeds.

    Medians and quartiles are values of seeds (quantile 1 of Hyndman & Fan 1996); a run that diverged counts as larger
    than all others, and so does one without the target.
    """

    seeds: tuple[int, ...]
    each: Summary

    @property
    def diverged(self) -> Array:
        """With how many seeds each rate (n,) diverges."""
        return np.asarray((self.each.verdict == DIVERGED).sum(axis=0))

    @property
    def median(self) -> Summary:
        """The medians (n,) of all columns, with the most frequent verdict, of equally frequent ones the worst."""
        columns = {field.name: self.quantile(field.name, 0.5) for field in fields(Summary) if field.name != "verdict"}
        counts = (self.each.verdict[None] == np.arange(len(VERDICTS))[:, None, None]).sum(axis=1)
        worst_first = len(VERDICTS) - 1 - counts[::-1].argmax(axis=0)
        verdict = np.where(counts.any(axis=0), worst_first, UNKNOWN).astype(self.each.verdict.dtype)
        for name in ("steps_to_target", "diverged_at", "turns"):
            whole = columns[name]
            columns[name] = np.where(np.isfinite(whole), whole, UNKNOWN).astype(np.int64)
        return Summary(verdict=verdict, **columns)

    def quantile(self, column: str, share: float) -> Array:
        """Returns the value (n,) of a column that a share of the seeds does not exceed; NaN where it diverges."""
        values = np.asarray(getattr(self.each, column), float)
        none = ~np.isfinite(values)
        if column in ("steps_to_target", "diverged_at"):
            none |= values < 0
        elif column != "turns":
            none |= self.each.verdict == DIVERGED
        result = ordered(np.where(none, np.inf, values), share)
        return np.where(np.isfinite(result), result, np.nan)


def swept_over_seeds(
    experiment: Experiment,
    rates: Sequence[float],
    count: int,
    stop: Stop = lambda: False,
    progress: Progress | None = None,
) -> OverSeeds:
    """Sweeps rates with so many seeds, from the experiment's own on."""
    axis = seed_axis(experiment.seed, count)
    sweep = Sweep(experiment, [Axis("lr", tuple(rates)), axis])
    return OverSeeds(tuple(map(int, axis.values)), sweep.run(stop, progress))


def seed_axis(first: int, count: int) -> Axis:
    """Returns the axis of so many seeds; ValueError beyond 2^53, from where on a number of an axis is not exact."""
    if first + count - 1 > _MOST_SEED:
        text = tr("seed = {first}: a sweep over {count} seeds begins at most at {most}")
        raise ValueError(text.format(first=first, count=count, most=_MOST_SEED - count + 1))
    return Axis("seed", tuple(map(float, seeds_from(first, count))))
