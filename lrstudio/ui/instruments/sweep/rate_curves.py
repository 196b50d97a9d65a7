"""Optimizers swept over many rates: losses, limit, best rate and good rates of each, without widgets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, DIVERGED, OSCILLATING
from lrstudio.core.array import Array
from lrstudio.core.elementary.scales import geomspace
from lrstudio.core.language import tr
from lrstudio.core.optimizers import Optimizer
from lrstudio.core.record import dataclass
from lrstudio.engine.compare.seeds import depends_on_seed
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.best_rate import Best, best_rate
from lrstudio.engine.sweep.over_seeds import HIGH, LOW, OverSeeds, swept_over_seeds
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep, boundary
from lrstudio.engine.sweep.theory import Theory, theoretical_limit
from lrstudio.engine.sweep.zones import RateKey, Zone, rate_keys, stretches, zones
from lrstudio.engine.training.batch_runner import begin, compiled
from lrstudio.store.csv.table import seeds_rows, sweep_rows
from lrstudio.ui.session.bench import Work

MOST_RATES = 100_000


@dataclass(frozen=True)
class Entry:
    """An optimizer to sweep: an experiment of one run, whose rate does not matter."""

    label: str
    experiment: Experiment
    color: int = 0

    @property
    def optimizer(self) -> Optimizer:
        return self.experiment.runs[0].optimizer


@dataclass(frozen=True)
class RateCurve:
    """The result of an entry: the rates (n,), a summary of as many runs, and their analysis.

    `limit` has the last rate below all that diverge and the next one, 0 or infinite where there is none; `good` has the
    indices of the first and the last of the good rates around the best one. Over several seeds the summary has medians.
    """

    entry: Entry
    sweep: Sweep
    summary: Summary
    limit: tuple[float, float]
    best: Best | None
    good: tuple[int, int] | None
    theory: Theory = Theory()
    initial_loss: float = math.inf
    over_seeds: OverSeeds | None = None

    def quartiles(self, column: str) -> tuple[Array, Array] | None:
        """Returns the quartiles (n,) of a column over the seeds; NaN where they diverge."""
        if self.over_seeds is None:
            return None
        return self.over_seeds.quantile(column, LOW), self.over_seeds.quantile(column, HIGH)

    @cached_property
    def keys(self) -> list[RateKey]:
        """Keys of the verdicts, one for each rate."""
        return rate_keys(self.rates, self.summary, self.theory.everywhere)

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """Zones by decimal logarithms of rates; the outer borders lie half a step beyond the first and last rate."""
        x = np.log10(self.rates)
        half = (x[1] - x[0]) / 2
        return zones(np.append(x - half, x[-1] + half), self.keys)

    @property
    def rates(self) -> Array:
        return np.array(self.sweep.axes[0].values)

    def values(self, column: str) -> Array:
        """Returns a column (n,) as it is drawn: NaN where a run diverged or has no value."""
        values = np.asarray(getattr(self.summary, column), float)
        none = values < 0 if column == "steps_to_target" else ~np.isfinite(values)
        return np.where((self.summary.verdict == DIVERGED) | none, np.nan, values)

    def best_value(self, column: str) -> float:
        """Returns a column's value of the best rate; NaN where it has none."""
        if self.best is None:
            return float("nan")
        value = float(getattr(self.best.summary, column))
        return float("nan") if column == "steps_to_target" and value < 0 else value

    @property
    def width(self) -> float | None:
        """Ratio of the last to the first of the good rates."""
        return None if self.good is None else float(self.rates[self.good[1]] / self.rates[self.good[0]])

    @property
    def limit_rate(self) -> float | None:
        """The rate at which it begins to diverge; None where the sweep does not show it."""
        low, high = self.limit
        return float(np.sqrt(low * high)) if low > 0 and np.isfinite(high) else None


def rates_between(low: float, high: float, count: int) -> tuple[float, ...]:
    """Returns rates by equal factors, including both ends; raises ValueError for an empty range."""
    if not 0 < low < high:
        raise ValueError(tr("the first rate must be above 0 and below the last one"))
    if not 2 <= count <= MOST_RATES:
        raise ValueError(tr("there may be 2 to {most} rates", most=MOST_RATES))
    return tuple(geomspace(low, high, count).tolist())


def swept_curves(entries: Sequence[Entry], rates: tuple[float, ...], work: Work, seeds: int = 1) -> list[RateCurve]:
    """Sweeps one entry after the other, each with so many seeds, and publishes the curves so far after each."""
    curves: list[RateCurve] = []

    def advanced(share: float) -> None:
        work.progress((len(curves) + share) / len(entries))

    for entry in entries:
        sweep, several = Sweep(entry.experiment, [Axis("lr", rates)]), None
        if seeds > 1 and depends_on_seed(entry.experiment):
            several = swept_over_seeds(entry.experiment, rates, seeds, work.stop, advanced)
        summary = sweep.run(work.stop, advanced) if several is None else several.median
        if work.cancelled:
            break
        curves.append(rate_curve(entry, sweep, summary, work.stop, several))
        work.publish(list(curves))
    return curves


def rate_curve(
    entry: Entry,
    sweep: Sweep,
    summary: Summary,
    stop: Stop = lambda: False,
    several: OverSeeds | None = None,
) -> RateCurve:
    """Analyses a sweep of rates; over several seeds the summary has the medians of `several`."""
    rates = np.array(sweep.axes[0].values)
    limit = boundary(rates, summary.verdict == DIVERGED)
    theory = theoretical_limit(sweep.experiment)
    best = best_rate(sweep.experiment, rates, summary, stop, theory=theory)
    good = None
    if best is not None:
        good = good_stretch(summary.verdict, int(np.abs(np.log(rates / best.rate)).argmin()))
    with np.errstate(all="ignore"):
        initial_loss = float(compiled(sweep.experiment).loss(begin(sweep.experiment)[None])[0])
    return RateCurve(entry, sweep, summary, limit, best, good, theory, initial_loss, several)


def good_stretch(verdicts: Array, best: int) -> tuple[int, int] | None:
    """Returns the first and last index of the consecutive good verdicts around `best`; None if that is not good."""
    good = np.isin(verdicts, (ARRIVED, CONVERGING, OSCILLATING))
    return next((ends for ends in stretches(good.tolist()) if good[best] and ends[0] <= best <= ends[1]), None)


def csv_lines(curves: Sequence[RateCurve]) -> Iterator[str]:
    """Yields the lines of `lrstudio sweep --csv`; several curves are told apart by a first column, the optimizer."""
    for index, curve in enumerate(curves):
        several = curve.over_seeds
        rows = (
            sweep_rows(curve.sweep, curve.summary)
            if several is None
            else seeds_rows(curve.sweep.axes[0].values, several)
        )
        for number, text in enumerate(rows):
            if len(curves) == 1:
                yield text
            elif number:
                label = '"' + curve.entry.label.replace('"', '""') + '"'
                yield "".join(f"{label},{line}\n" for line in text.splitlines())
            elif not index:
                yield f"optimizer,{text}"
