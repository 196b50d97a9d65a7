"""Finds the best of many rates."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Literal

import numpy as np

from lrstudio.core.analysis.good_rates import AS_GOOD, GOOD_SHARE
from lrstudio.core.analysis.verdict import CYCLING, DIVERGED, STUCK
from lrstudio.core.array import Array
from lrstudio.core.elementary import log
from lrstudio.core.elementary.scales import geomspace, log10, ten_to
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.theory import Theory
from lrstudio.engine.training.batch_runner import begin, compiled, loss_on_all_data

Rule = Literal["target", "least"]

_MOST_TIMES = 3.0
"""The best rate is at most this multiple of the least equally good one, as these may have no upper end."""
_WIDE, _NARROW, _UNITS = 1.5, 1.1, 2
_BRIDGE = 2.0
"""Losses this many times worse do not interrupt a range of good rates: the phase of an oscillation varies."""
_ROUNDING = 16
_BETWEEN, _NEAR, _ROUNDS, _BROAD = 33, 1.006, 2, 5
_SHORTER, _FEWEST = 4, 8
_SHOWN = 6
"""The number of digits in which a loss equals the least one."""
_NO_LIMIT = Theory()
COARSE, FINE, GIVEN = 1, 3, 6
"""Digits of a rate of a coarse grid, of one of a fine grid, and of an exact number."""


@dataclass(frozen=True)
class Best:
    """The best rate by one of two criteria, and its results (entries of shape ()).

    `target`: the fewest steps to the target loss. `least`, where no rate reaches the target or there is none: the least
    of the largest losses of the last quarter of the `steps` (`summary.late_loss`), which does not depend on the phase
    of an oscillation; with mini-batches (`noisy`) on all data, at the end and an eighth of the steps before. `low` and
    `high` are the ends of the equally good rates, `digits` the significant digits of the rate. `strict`: no rate tried
    has a smaller loss; otherwise the rate is in the middle of the equally good ones.
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
        """The rate in its significant digits."""
        return f"{self.rate:.{self.digits}g}"

    @property
    def coarse(self) -> bool:
        """Whether no rates near it have been tried."""
        return self.digits == COARSE


@dataclass(frozen=True)
class _Tried:
    """Rates (n,), rising, and their results."""

    rates: Array
    summary: Summary

    def joined(self, other: _Tried) -> _Tried:
        """Returns both, with the other's results for rates in both."""
        rates, indices = np.unique(np.concatenate([other.rates, self.rates]), return_index=True)
        columns = [
            np.concatenate([getattr(other.summary, column.name), getattr(self.summary, column.name)])[indices]
            for column in fields(Summary)
        ]
        return _Tried(rates, Summary(*columns))


@dataclass(frozen=True)
class _Choice:
    """The indices of the equally good rates, rising, and that of the best one."""

    rule: Rule
    good: Array
    index: int
    tied: bool = False
    """Whether rates far apart all end at the lowest loss, so that fewer steps tell them apart."""

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
    """Returns the best of the rates (n,), rising, of the experiment's only run, from their results after `steps`.

    It is the middle one of equally good rates, never one beyond an exact theoretical limit, one that diverges or one
    that is stuck; one that cycles, or is beyond the limit at the minimum, only if it is clearly better than all others.
    Where the theory is exact and many rates end at the lowest loss, it is the best after a quarter of the steps, or a
    quarter of that, where they differ. With `between` it also tries rates in between, and prefers a rate of few digits
    well inside the equally good ones; of one weight on a bowl it tries half of the limit first, which is 1/λ for SGD.
    None where no rate qualifies, and where none changes the loss.
    """
    steps = min(steps or experiment.steps, experiment.steps)
    eps = eps_of(experiment)
    tried = _Tried(np.asarray(rates, float), summary)
    choice = _chosen(tried, eps, theory)
    if choice is None or _nothing_changes(experiment, summary):
        return None
    if choice.tied and theory.exact and steps >= _FEWEST * _SHORTER:
        fewer = _try(experiment, tried.rates, steps // _SHORTER, stop)
        if fewer is not None:
            sooner = best_rate(
                experiment, fewer.rates, fewer.summary, stop, steps=steps // _SHORTER, between=between, theory=theory
            )
            if sooner is not None:
                return sooner
    if not between:
        return _best(experiment, tried, choice, steps)
    for _ in range(_ROUNDS):
        finer = _finer_rates(tried, choice)
        if not len(finer):
            break
        hits = int(tried.summary.steps_to_target[choice.index])
        results = _try(experiment, finer, steps if choice.rule == "least" else max(1, hits), stop)
        if results is None:
            return _best(experiment, tried, choice, steps, COARSE)
        tried = tried.joined(results)
        choice = _chosen(tried, eps, theory) or choice
    groups = _round_rates(tried, choice)
    if theory.exact and len(experiment.problem.names) == 1 and _is_near(theory.limit / 2, tried.rates, choice):
        groups.insert(0, np.array([theory.limit / 2]))
    results = _try(experiment, np.unique(np.concatenate(groups)), steps, stop)
    if results is None:
        return _best(experiment, tried, choice, steps, FINE)
    tried = tried.joined(results)
    choice = _chosen(tried, eps, theory) or choice
    for group in groups:
        good = np.flatnonzero(np.isin(tried.rates, group) & np.isin(np.arange(len(tried.rates)), choice.good))
        if len(good):
            choice = replace(choice, index=int(good[tried.summary.late_loss[good].argmin()]))
            return _best(experiment, tried, choice, steps, FINE if group is groups[-1] else GIVEN)
    return _best(experiment, tried, choice, steps, FINE)


def eps_of(experiment: Experiment) -> float:
    """Returns the machine epsilon of the weights."""
    return float(np.finfo(np.float64 if experiment.precision == "float64" else np.float32).eps)


def rounding_of(late_loss: Array, base: float, eps: float) -> float:
    """Returns the rounding error of losses: that of the least loss, and that of weights, squared."""
    return _ROUNDING * eps * abs(base) + (4 * eps) ** 2 * float(np.abs(late_loss).max(initial=0.0))


def as_good(least: float, descent: float, rounding: float) -> float:
    """Returns the excess over the base of losses that are as good as the `least` excess, given the total `descent`."""
    return min(AS_GOOD * least, least + GOOD_SHARE * descent) + rounding


def _nothing_changes(experiment: Experiment, summary: Summary) -> bool:
    """Returns whether all runs keep the loss of their start."""
    known = summary.verdict != UNKNOWN
    losses = np.stack([summary.best_loss, summary.final_loss, summary.late_loss])[:, known]
    if (losses != losses[0, 0]).any():
        return False
    with np.errstate(all="ignore"):
        start = loss_on_all_data(compiled(experiment), begin(experiment)[None])
    return bool(losses[0, 0] == start[0])


@np.errstate(over="ignore", invalid="ignore")
def _chosen(tried: _Tried, eps: float, theory: Theory) -> _Choice | None:
    rates, summary = tried.rates, tried.summary
    finite = (summary.verdict != UNKNOWN) & (summary.verdict != DIVERGED)
    finite &= np.isfinite(summary.final_loss) & np.isfinite(summary.late_loss) & (rates > 0)
    moving = finite & (summary.verdict != STUCK)
    for candidates in (moving & (rates <= theory.everywhere), moving, finite):
        if candidates.any():
            break
    else:
        return None
    hits = summary.steps_to_target
    if (hits[candidates] >= 0).any():
        fewest = candidates & (hits == hits[candidates & (hits >= 0)].min())
        return _middle(rates, fewest, fewest, "target")
    candidates = preferring(candidates, summary.verdict != CYCLING, summary.late_loss)
    candidates = preferring(candidates, rates <= theory.limit, summary.late_loss)
    base = float(np.min(np.fmin(summary.best_loss, summary.late_loss)[candidates]))
    above = summary.late_loss - base
    least, most = above[candidates].min(), above[candidates].max()
    rounding = rounding_of(summary.late_loss[candidates], base, eps)
    enough = as_good(least, most - least, rounding)
    bridge = candidates & (above <= _BRIDGE * enough)
    same = _middle(rates, candidates & (above == least), bridge, "least")
    if least <= rounding and rates[same.last] >= _WIDE * rates[same.first]:
        return replace(same, tied=True)  # mostly exactly 0
    choice = _middle(rates, candidates & (above <= enough), bridge, "least")
    return replace(choice, tied=bool(least <= rounding and rates[choice.last] >= _WIDE * rates[choice.first]))


def preferring(candidates: Array, preferred: Array, late_loss: Array) -> Array:
    """Returns the preferred rates only, if their least loss is almost as low as that of all."""
    rest = candidates & preferred
    if not rest.any():
        return candidates
    least, most = float(late_loss[candidates].min()), float(late_loss[candidates].max())
    return rest if late_loss[rest].min() <= least + GOOD_SHARE * (most - least) else candidates


def _middle(rates: Array, as_good: Array, bridge: Array, rule: Rule) -> _Choice:
    """Returns the middle of the longest range of equally good rates, which `bridge` rates do not interrupt."""
    good = np.flatnonzero(as_good)
    apart = np.flatnonzero(np.diff(np.cumsum(~bridge)[good])) + 1
    rows = np.split(good, apart)
    row = max(rows, key=lambda part: float(log(rates[part[-1]] / rates[part[0]])))
    middle = min(np.sqrt(rates[row[0]]) * np.sqrt(rates[row[-1]]), _MOST_TIMES * rates[row[0]])
    index = row[int(np.abs(log(rates[row] / middle)).argmin())]
    return _Choice(rule, row, int(index))


def _is_near(rate: float, rates: Array, choice: _Choice) -> bool:
    """Returns whether a rate is between the neighbours of the equally good ones."""
    return bool(rates[max(0, choice.first - 1)] <= rate <= rates[min(len(rates) - 1, choice.last + 1)])


def _finer_rates(tried: _Tried, choice: _Choice) -> Array:
    """Returns rates to try around the best one where the equally good ones are few."""
    rates = tried.rates
    low, high = rates[max(0, choice.first - 1)], rates[min(len(rates) - 1, choice.last + 1)]
    beside = rates[max(0, choice.index - 1) : choice.index + 2]
    if choice.last - choice.first + 1 >= _BROAD or not high > low or (beside[1:] <= beside[:-1] * _NEAR).all():
        return np.empty(0)
    between = geomspace(low, high, _BETWEEN)[1:-1]
    return between[~np.isin(between, rates)]


def _try(experiment: Experiment, rates: Array, steps: int, stop: Stop) -> _Tried | None:
    summary = Sweep(experiment, [Axis("lr", tuple(rates.tolist()))]).run(stop, steps=steps)
    return _Tried(rates, summary) if (summary.verdict != UNKNOWN).all() else None


def _round_rates(tried: _Tried, choice: _Choice) -> list[Array]:
    """Returns the best rate rounded to more and more digits, several of the most digits; the rate itself at the end.

    Those of one or two digits are well inside the equally good rates, unless these hardly differ.
    """
    rate, low, high = (float(tried.rates[index]) for index in (choice.index, choice.first, choice.last))
    half = np.sqrt(rate / low)
    inner = rate / half, min(rate * half, np.sqrt(rate) * np.sqrt(high))
    groups: list[Array] = []
    for digits in range(1, FINE + 1):
        near = np.arange(-_UNITS, _UNITS + 1) if digits == FINE else np.zeros(1)
        unit = ten_to(int(np.floor(log10(rate))) - digits + 1)
        rounded = np.array([float(f"{value:.{digits}g}") for value in rate + near * unit if value > 0])
        least, most = inner if digits < FINE and high > _NARROW * low else (low, high)
        groups.append(rounded[(rounded >= least) & (rounded <= most)])
    return [*groups, np.array([rate])]


def _best(experiment: Experiment, tried: _Tried, choice: _Choice, steps: int, digits: int = GIVEN) -> Best:
    rate, low, high = (float(tried.rates[index]) for index in (choice.index, choice.first, choice.last))
    summary, noisy = tried.summary.at((choice.index,)), experiment.batch_size is not None
    candidates = (tried.summary.verdict != UNKNOWN) & (tried.summary.verdict != DIVERGED)
    least = float(np.nanmin(tried.summary.late_loss[candidates]))
    strict = f"{least:.{_SHOWN}g}" == f"{float(summary.late_loss):.{_SHOWN}g}"
    return Best(rate, choice.rule, steps, low, high, summary, digits, strict, noisy)
