"""Optimizers over many rates: what came of each, its limit, its best rate, its good rates. No widgets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, DIVERGED, OSCILLATING
from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.best_rate import Best, Stop, best_rate
from lrstudio.engine.sweep.rate_keys import RateKey, Zone, rate_keys, stretches, zones
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep, boundary
from lrstudio.engine.sweep.theory import Theory, theoretical_limit
from lrstudio.engine.training.batch_runner import begin, compiled
from lrstudio.store.csv.table import sweep_rows
from lrstudio.ui.session.bench import Work

MOST_RATES = 100_000


@dataclass(frozen=True)
class Entry:
    """An optimizer that is swept: the experiment has one run, whose rate does not matter."""

    label: str
    experiment: Experiment
    color: int = 0


@dataclass(frozen=True)
class RateCurve:
    """What came of an entry: the rates (n,), a summary of as many runs, and what there is to say of it.

    `limit` are the last rate below all that diverge and the next one, 0 or infinite where there is none; `good`, the
    first and the last rate of the good stretch around the best one, are places among the rates.
    """

    entry: Entry
    sweep: Sweep
    summary: Summary
    limit: tuple[float, float]
    best: Best | None
    good: tuple[int, int] | None
    theory: Theory = Theory()
    begin: float = math.inf
    """The loss before the first step."""

    @cached_property
    def keys(self) -> list[RateKey]:
        """What each rate does."""
        return rate_keys(self.rates, self.summary, self.theory.everywhere)

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """Its zones by decimal logarithms of rates, the first and the last half a step longer than the rates."""
        x = np.log10(self.rates)
        half = (x[1] - x[0]) / 2
        return zones(np.append(x - half, x[-1] + half), self.keys)

    @property
    def rates(self) -> Array:
        return np.array(self.sweep.axes[0].values)

    @property
    def diverged(self) -> Array:
        return np.asarray(self.summary.verdict == DIVERGED)

    def values(self, column: str) -> Array:
        """A column as it is drawn: NaN where a run diverged or has no value."""
        values = np.asarray(getattr(self.summary, column), float)
        none = values < 0 if column == "steps_to_target" else ~np.isfinite(values)
        return np.where(self.diverged | none, np.nan, values)

    def best_value(self, column: str) -> float:
        """A column's value of the best rate; NaN where it has none."""
        if self.best is None:
            return float("nan")
        value = float(getattr(self.best.summary, column))
        return float("nan") if column == "steps_to_target" and value < 0 else value

    @property
    def width(self) -> float | None:
        """By which factor the good rates differ."""
        return None if self.good is None else float(self.rates[self.good[1]] / self.rates[self.good[0]])

    @property
    def limit_rate(self) -> float | None:
        """The rate at which it begins to diverge; None where the sweep does not show it."""
        low, high = self.limit
        return float(np.sqrt(low * high)) if low > 0 and np.isfinite(high) else None


def rates_between(low: float, high: float, count: int) -> tuple[float, ...]:
    """Rates by equal factors, both ends among them; ValueError where there can be none."""
    if not 0 < low < high:
        raise ValueError("the first rate must be above 0 and below the last one")
    if not 2 <= count <= MOST_RATES:
        raise ValueError(f"there may be 2 to {MOST_RATES} rates")
    return tuple(np.geomspace(low, high, count).tolist())


def swept_curves(entries: Sequence[Entry], rates: tuple[float, ...], work: Work) -> list[RateCurve]:
    """Sweep one entry after the other; the curves so far are published after each."""
    curves: list[RateCurve] = []
    for place, entry in enumerate(entries):
        sweep = Sweep(entry.experiment, [Axis("lr", rates)])

        def progress(share: float, place: int = place) -> None:
            work.progress((place + share) / len(entries))

        summary = sweep.run(work.stop, progress)
        if work.cancelled:
            break
        curves.append(curve(entry, sweep, summary, work.stop))
        work.publish(list(curves))
    return curves


def curve(entry: Entry, sweep: Sweep, summary: Summary, stop: Stop = lambda: False) -> RateCurve:
    """What there is to say of a sweep of rates."""
    rates = np.array(sweep.axes[0].values)
    limit = boundary(rates, summary.verdict == DIVERGED)
    theory = theoretical_limit(sweep.experiment)
    best = best_rate(sweep.experiment, rates, summary, stop, theory=theory)
    place = None if best is None else int(np.abs(np.log(rates / best.rate)).argmin())
    good = None if place is None else good_stretch(summary.verdict, place)
    with np.errstate(all="ignore"):
        height = float(compiled(sweep.experiment).loss(begin(sweep.experiment)[None])[0])
    return RateCurve(entry, sweep, summary, limit, best, good, theory, height)


def good_stretch(verdicts: Array, best: int) -> tuple[int, int] | None:
    """The first and the last place of the unbroken row of good verdicts that the best one is in; None if it is not."""
    good = np.isin(verdicts, (ARRIVED, CONVERGING, OSCILLATING))
    return next((ends for ends in stretches(good.tolist()) if good[best] and ends[0] <= best <= ends[1]), None)


def csv_lines(curves: Sequence[RateCurve]) -> Iterator[str]:
    """Of one curve what `lrstudio sweep --csv` writes; of several the same after a column with the optimizer."""
    for index, curve in enumerate(curves):
        for number, text in enumerate(sweep_rows(curve.sweep, curve.summary)):
            if len(curves) == 1:
                yield text
            elif number:
                label = '"' + curve.entry.label.replace('"', '""') + '"'
                yield "".join(f"{label},{line}\n" for line in text.splitlines())
            elif not index:
                yield f"optimizer,{text}"


def opened(known: RateCurve, place: int) -> Experiment:
    """The experiment of one rate of a curve."""
    return known.sweep.opened(place).bare()
