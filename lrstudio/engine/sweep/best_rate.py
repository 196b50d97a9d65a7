"""Which of many rates is the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np

from lrstudio.core.analysis.good_rates import AS_GOOD, GOOD_SHARE
from lrstudio.core.analysis.verdict import CYCLING, DIVERGED, STUCK
from lrstudio.core.array import Array
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import UNKNOWN, Summary, Sweep
from lrstudio.engine.sweep.theory import Theory

Rule = Literal["target", "least"]

_MOST_TIMES = 3.0
"""So many times the least of the rates that are as good the best is at most: there may be no end to them."""
_WIDE, _NARROW, _UNITS = 1.5, 1.1, 2
_BRIDGE = 2.0
"""Between them rates may be so many times worse: a swing's phase makes good rates uneven."""
_ROUNDING = 16
_BETWEEN, _NEAR, _ROUNDS, _BROAD = 33, 1.006, 2, 5
_SHOWN = 6
"""A loss is the least one to so many digits."""
_NO_LIMIT = Theory()
COARSE, FINE, GIVEN = 1, 3, 6
"""Digits of a rate of a coarse grid, of one between those that were tried around it, and of a number as it is."""


@dataclass(frozen=True)
class Best:
    """The best rate by one of two criteria, and what came of it (entries of shape ()).

    `target`: the fewest steps to the target loss. `least`, where no rate has the target or there is none: the least
    loss over the last quarter of the `steps`, of which the largest counts (`summary.height`), so that the phase of a
    swing at the last step does not; with mini-batches (`noisy`) that on all data, at the end and an eighth of the steps
    before. `low` and `high` are the ends of the rates that are as good, `digits` how many of the rate's mean something.
    `strict` says that no rate that was tried has less; otherwise the rate is in the middle of those that are as good.
    """

    rate: float
    rule: Rule
    steps: int
    low: float
    high: float
    summary: Summary
    digits: int = GIVEN
    strict: bool = True
    noisy: bool = False

    @property
    def text(self) -> str:
        """The rate in the digits that mean something."""
        return f"{self.rate:.{self.digits}g}"

    @property
    def coarse(self) -> bool:
        """Whether rates near it, which may be better, have not been tried."""
        return self.digits == COARSE


@dataclass(frozen=True)
class _Tried:
    """Rates (n,), rising, and what came of them."""

    rates: Array
    summary: Summary

    def joined(self, other: _Tried) -> _Tried:
        """With others, whose results count where a rate is in both."""
        rates, places = np.unique(np.concatenate([other.rates, self.rates]), return_index=True)
        columns = [
            np.concatenate([getattr(other.summary, column.name), getattr(self.summary, column.name)])[places]
            for column in fields(Summary)
        ]
        return _Tried(rates, Summary(*columns))


@dataclass(frozen=True)
class _Choice:
    """The rates that are as good as the best, as places that rise, and the one in the middle of them."""

    rule: Rule
    good: Array
    place: int

    @property
    def first(self) -> int:
        return int(self.good[0])

    @property
    def last(self) -> int:
        return int(self.good[-1])


def best_rate(
    experiment: Experiment,
    rates: Array,
    summary: Summary,
    stop: Stop = lambda: False,
    *,
    steps: int | None = None,
    between: bool = True,
    theory: Theory = _NO_LIMIT,
) -> Best | None:
    """The best of the rates (n,), rising, for the experiment's only run, by what came of them after `steps`.

    Of rates that are as good it is the one in the middle, never one beyond the limit of an exact theory, one that
    diverges or one that stands still; one that cycles, or is beyond the limit at the minimum, only where it is clearly
    better than all others. With `between` rates between those that were tried are tried too, and the best is a number
    of as few digits as it takes to be well inside those that are as good. None where no rate can be the best.
    """
    steps = min(steps or experiment.steps, experiment.steps)
    eps = eps_of(experiment)
    tried = _Tried(np.asarray(rates, float), summary)
    choice = _chosen(tried, eps, theory)
    if choice is None:
        return None
    if not between:
        return _best(experiment, tried, choice, steps)
    for _ in range(_ROUNDS):
        wanted = _wanted(tried, choice)
        if not len(wanted):
            break
        hits = int(tried.summary.steps_to_target[choice.place])
        found = _try(experiment, wanted, steps if choice.rule == "least" else max(1, hits), stop)
        if found is None:
            return _best(experiment, tried, choice, steps, COARSE)
        tried = tried.joined(found)
        choice = _chosen(tried, eps, theory) or choice
    groups = _round_rates(tried, choice)
    found = _try(experiment, np.unique(np.concatenate(groups)), steps, stop)
    if found is None:
        return _best(experiment, tried, choice, steps, FINE)
    tried = tried.joined(found)
    choice = _chosen(tried, eps, theory) or choice
    for group in groups:
        good = np.flatnonzero(np.isin(tried.rates, group) & np.isin(np.arange(len(tried.rates)), choice.good))
        if len(good):
            choice = replace(choice, place=int(good[tried.summary.height[good].argmin()]))
            return _best(experiment, tried, choice, steps, FINE if group is groups[-1] else GIVEN)
    return _best(experiment, tried, choice, steps, FINE)


def eps_of(experiment: Experiment) -> float:
    """The spacing of the numbers that weights are kept in."""
    return float(np.finfo(np.float64 if experiment.precision == "float64" else np.float32).eps)


def rounding_of(height: Array, base: float, eps: float) -> float:
    """Differences of losses that are rounding only: that of the least loss, and that of weights, squared."""
    return _ROUNDING * eps * abs(base) + (4 * eps) ** 2 * float(np.abs(height).max(initial=0.0))


def as_good(least: float, way: float, rounding: float) -> float:
    """How far above the base a loss may be that is as good as the `least` above it, of a whole `way` down."""
    return min(AS_GOOD * least, least + GOOD_SHARE * way) + rounding


def _chosen(tried: _Tried, eps: float, theory: Theory) -> _Choice | None:
    rates, summary = tried.rates, tried.summary
    known = (summary.verdict != UNKNOWN) & (summary.verdict != DIVERGED)
    known &= np.isfinite(summary.final_loss) & np.isfinite(summary.height) & (rates > 0)
    moving = known & (summary.verdict != STUCK)
    for able in (moving & (rates <= theory.everywhere), moving, known):
        if able.any():
            break
    else:
        return None
    hits = summary.steps_to_target
    if (hits[able] >= 0).any():
        fewest = able & (hits == hits[able & (hits >= 0)].min())
        return _middle(rates, fewest, fewest, "target")
    able = rather(able, summary.verdict != CYCLING, summary.height)
    able = rather(able, rates <= theory.limit, summary.height)
    base = float(np.min(np.fmin(summary.best_loss, summary.height)[able]))
    above = summary.height - base
    least, most = above[able].min(), above[able].max()
    rounding = rounding_of(summary.height[able], base, eps)
    enough = as_good(least, most - least, rounding)
    bridge = able & (above <= _BRIDGE * enough)
    same = _middle(rates, able & (above == least), bridge, "least")
    if least <= rounding and rates[same.last] >= _WIDE * rates[same.first]:
        return same  # exactly 0, mostly
    return _middle(rates, able & (above <= enough), bridge, "least")


def rather(able: Array, wanted: Array, height: Array) -> Array:
    """Only the rates that are wanted, where they come all but as far as the others."""
    rest = able & wanted
    if not rest.any():
        return able
    least, most = float(height[able].min()), float(height[able].max())
    return rest if height[rest].min() <= least + GOOD_SHARE * (most - least) else able


def _middle(rates: Array, as_good: Array, bridge: Array, rule: Rule) -> _Choice:
    """The middle of the longest stretch of rates that are as good, between which some may be all but that."""
    good = np.flatnonzero(as_good)
    apart = np.flatnonzero(np.diff(np.cumsum(~bridge)[good])) + 1
    rows = np.split(good, apart)
    row = max(rows, key=lambda places: float(np.log(rates[places[-1]] / rates[places[0]])))
    middle = min(np.sqrt(rates[row[0]]) * np.sqrt(rates[row[-1]]), _MOST_TIMES * rates[row[0]])
    place = row[int(np.abs(np.log(rates[row] / middle)).argmin())]
    return _Choice(rule, row, int(place))


def _wanted(tried: _Tried, choice: _Choice) -> Array:
    """Rates to try around the best one, where those that are as good are too few to have a middle."""
    rates = tried.rates
    low, high = rates[max(0, choice.first - 1)], rates[min(len(rates) - 1, choice.last + 1)]
    beside = rates[max(0, choice.place - 1) : choice.place + 2]
    if choice.last - choice.first + 1 >= _BROAD or not high > low or (beside[1:] <= beside[:-1] * _NEAR).all():
        return np.empty(0)
    between = np.geomspace(low, high, _BETWEEN)[1:-1]
    return between[~np.isin(between, rates)]


def _try(experiment: Experiment, rates: Array | Sequence[float], steps: int, stop: Stop) -> _Tried | None:
    rates = np.asarray(rates, float)
    summary = Summary.empty((len(rates),))
    for places, part in Sweep(experiment, [Axis("lr", tuple(rates.tolist()))]).chunks(
        np.arange(len(rates)), stop, steps
    ):
        summary.put(places, part)
    return _Tried(rates, summary) if (summary.verdict != UNKNOWN).all() else None


def _round_rates(tried: _Tried, choice: _Choice) -> list[Array]:
    """The best rate as numbers of more and more digits, of the most digits several; itself at the end.

    Those of one or two digits are well inside the rates that are as good, unless these hardly differ.
    """
    rate, low, high = (float(tried.rates[place]) for place in (choice.place, choice.first, choice.last))
    half = np.sqrt(rate / low)
    inner = rate / half, min(rate * half, np.sqrt(rate) * np.sqrt(high))
    groups: list[Array] = []
    for digits in range(1, FINE + 1):
        near = np.arange(-_UNITS, _UNITS + 1) if digits == FINE else np.zeros(1)
        unit = 10.0 ** (np.floor(np.log10(rate)) - digits + 1)
        wanted = np.array([float(f"{value:.{digits}g}") for value in rate + near * unit if value > 0])
        least, most = inner if digits < FINE and high > _NARROW * low else (low, high)
        groups.append(wanted[(wanted >= least) & (wanted <= most)])
    return [*groups, np.array([rate])]


def _best(experiment: Experiment, tried: _Tried, choice: _Choice, steps: int, digits: int = GIVEN) -> Best:
    rate, low, high = (float(tried.rates[place]) for place in (choice.place, choice.first, choice.last))
    summary, noisy = tried.summary.at((choice.place,)), experiment.batch_size is not None
    able = (tried.summary.verdict != UNKNOWN) & (tried.summary.verdict != DIVERGED)
    least = float(np.nanmin(tried.summary.height[able]))
    strict = f"{least:.{_SHOWN}g}" == f"{float(summary.height):.{_SHOWN}g}"
    return Best(rate, choice.rule, steps, low, high, summary, digits, strict, noisy)
