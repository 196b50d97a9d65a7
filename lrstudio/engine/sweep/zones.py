"""Classifies learning rates by the verdicts of their runs and groups them into zones."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from lrstudio.core.analysis.good_rates import AS_GOOD, GOOD_SHARE
from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, DIVERGED, OSCILLATING, TOO_SLOW, VERDICTS, Key
from lrstudio.core.array import Array
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.best_rate import Best
from lrstudio.engine.sweep.sweep import UNKNOWN, Summary
from lrstudio.engine.sweep.theory import Theory

RateKey = Key | Literal["too_large"]

RATE_KEYS: tuple[RateKey, ...] = (*VERDICTS, "too_large")
"""What a rate does: the verdict of its run or, where other rates tell, that it is too large."""
TOO_LARGE = len(VERDICTS)
_COARSE = 1.02
SWINGING = 7
"""A run that turns back this often in its first steps swings: of its size every second swing keeps half or more."""


class Zone(NamedTuple):
    """Neighbouring rates (indices `first` to `last`) which all do the same, between the borders `low` and `high`."""

    low: float
    high: float
    key: RateKey
    first: int
    last: int


def zones(borders: Array, keys: Sequence[RateKey]) -> tuple[Zone, ...]:
    """Returns the zones of rates with these keys (n,); rate i lies between the borders (n + 1,) i and i + 1."""
    return tuple(
        Zone(float(borders[first]), float(borders[last + 1]), keys[first], first, last)
        for first, last in stretches(keys)
    )


def borders_of(rates: Array) -> Array:
    """Returns the borders (n + 1,) of rates (n,), rising: the middles by factors, at the ends the rates themselves."""
    return np.concatenate([rates[:1], np.sqrt(rates[1:]) * np.sqrt(rates[:-1]), rates[-1:]])


def stretches(keys: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Returns the first and the last index of every unbroken row of equal keys."""
    starts = [index for index in range(len(keys)) if not index or keys[index] != keys[index - 1]]
    return [(first, after - 1) for first, after in pairwise([*starts, len(keys)])]


def rate_codes(rates: Array, summary: Summary, limit: float = np.inf) -> Array:
    """What rates (n,), rising, do, as places in RATE_KEYS: `too_large` where one run alone can only tell it is slow.

    That is beyond the limit, and where smaller rates come clearly further: such a run is as far from the minimum as one
    whose rate is too small.
    """
    large = _too_large(summary.verdict, summary.best_loss, summary.height)
    return np.where(large | ((summary.verdict == TOO_SLOW) & (rates > limit)), TOO_LARGE, summary.verdict)


def rate_keys(rates: Array, summary: Summary, limit: float = np.inf) -> list[RateKey]:
    """The same as keys."""
    return [RATE_KEYS[code] for code in rate_codes(rates, summary, limit).tolist()]


def cell_codes(axes: Sequence[Axis], verdict: Array, best_loss: Array, height: Array) -> Array:
    """What the cells of a sweep do, places in RATE_KEYS shaped as the columns of its summary; -1 is not known yet.

    Cells that differ in the rate alone tell of one another; without an axis of rates there are verdicts only.
    """
    which = next((number for number, axis in enumerate(axes) if axis.name == "lr"), None)
    if which is None:
        return verdict
    along = np.ndim(verdict) - 1 - which
    order = np.argsort(axes[which].values, kind="stable")
    lines = (np.moveaxis(column, along, -1)[..., order] for column in (verdict, best_loss, height))
    large = np.empty_like(np.moveaxis(verdict, along, -1), bool)
    large[..., order] = _too_large(*lines)
    return np.where(np.moveaxis(large, -1, along), TOO_LARGE, verdict)


def _too_large(verdict: Array, best_loss: Array, height: Array) -> Array:
    """Of columns (..., n) along rising rates."""
    known = (verdict != UNKNOWN) & (verdict != DIVERGED) & np.isfinite(height)
    slow = known & (verdict == TOO_SLOW)
    if not slow.any():
        return np.zeros(slow.shape, bool)
    highest = np.where(known, height, -np.inf).max(axis=-1, keepdims=True)
    height = np.where(known, height, np.inf)
    smaller = np.minimum.accumulate(height, axis=-1)
    smaller = np.concatenate([np.full_like(smaller[..., :1], np.inf), smaller[..., :-1]], axis=-1)
    base = np.where(known, np.fmin(best_loss, height), np.inf).min(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        further = (height - base > AS_GOOD * (smaller - base)) & (height - smaller > GOOD_SHARE * (highest - base))
    return np.asarray(slow & np.isfinite(smaller) & further)


@dataclass(frozen=True)
class Zones:
    """What is known of the rates (n,), rising, after `steps` of the `planned` ones; `wanted` rates are to be known.

    `limit` is the largest rate that does not diverge below all that do, and the next one; 0 and infinite where there is
    no such rate. `done` says that nothing more will come.
    """

    rates: Array
    summary: Summary
    steps: int
    planned: int
    wanted: int
    noisy: bool = False
    limit: tuple[float, float] = (0.0, np.inf)
    theory: Theory = Theory()
    best: Best | None = None
    done: bool = False

    @property
    def complete(self) -> bool:
        """Whether every rate was tried for all steps."""
        return len(self.rates) >= self.wanted and self.steps >= self.planned

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """From the smallest rate to the largest; `converging` includes arriving."""
        return zones(self._borders, self._keys)

    def key_of(self, rate: float) -> RateKey | None:
        """What the nearest rate that was tried did; None beyond the ends."""
        place = self.index_of(rate)
        return None if place is None else self._keys[place]

    def index_of(self, rate: float) -> int | None:
        """The nearest rate that was tried; None beyond the ends."""
        if not len(self.rates) or not self.rates[0] * 0.999 <= rate <= self.rates[-1] * 1.001:
            return None
        return int(np.searchsorted(self._borders[1:-1], rate))

    @property
    def has_limit(self) -> bool:
        """Whether some of the rates diverge and smaller ones do not."""
        return self.limit[0] > 0 and bool(np.isfinite(self.limit[1]))

    @property
    def exact_limit(self) -> float | None:
        """The limit of theory where it holds everywhere: it is known before anything is tried."""
        return self.theory.limit if self.theory.exact else None

    @property
    def limit_is_coarse(self) -> bool:
        """Whether the limit that was measured lies anywhere between two rates that differ much."""
        return self.limit[1] > _COARSE * self.limit[0]

    def at_limit(self, rate: float) -> bool:
        """Whether the rate lies between the largest that does not diverge and the next one."""
        return self.has_limit and self.limit[0] < rate < self.limit[1]

    @cached_property
    def _borders(self) -> Array:
        """The borders (n + 1,) of the rates; the limit is one of them."""
        borders = borders_of(self.rates)
        if self.has_limit:
            middle = np.sqrt(self.limit[0]) * np.sqrt(self.limit[1])
            place = int(np.searchsorted(self.rates, middle))
            if 0 < place < len(self.rates):
                borders[place] = middle
        return borders

    def swings(self, place: int) -> bool:
        """Whether a run turned back again and again on its way down; the noise of batches is none."""
        return not self.noisy and int(self.summary.turns[place]) >= SWINGING

    @cached_property
    def _keys(self) -> list[RateKey]:
        """The zones (n,) that the rates are in."""
        keys = rate_keys(self.rates, self.summary, self.exact_limit or np.inf)
        down = {VERDICTS[ARRIVED], VERDICTS[CONVERGING]}
        return [
            (VERDICTS[OSCILLATING] if self.swings(place) else VERDICTS[CONVERGING]) if key in down else key
            for place, key in enumerate(keys)
        ]
