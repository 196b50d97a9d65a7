"""Classifies learning rates by the verdicts of their runs and groups them into zones."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from lrstudio.core.analysis.good_rates import AS_GOOD, GOOD_SHARE
from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, DIVERGED, OSCILLATING, TOO_SLOW, VERDICTS, Key
from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.best_rate import Best
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.theory import Theory

RateKey = Key | Literal["too_large"]

RATE_KEYS: tuple[RateKey, ...] = (*VERDICTS, "too_large")
"""The classes of rates: the verdict of the run or, by comparison with other rates, too large."""
TOO_LARGE = len(VERDICTS)
_COARSE = 1.02
OSCILLATING_TURNS = 7
"""A run with this many reversals oscillates: at least half the amplitude remains after every second one."""


class Zone(NamedTuple):
    """Neighbouring rates (indices `first` to `last`) of one class, between the borders `low` and `high`."""

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
    """Returns the classes of rates (n,), rising, as indices into RATE_KEYS.

    A slow run counts as `too_large` beyond the limit and where smaller rates come clearly further.
    """
    large = _too_large(summary.verdict, summary.best_loss, summary.late_loss)
    return np.where(large | ((summary.verdict == TOO_SLOW) & (rates > limit)), TOO_LARGE, summary.verdict)


def rate_keys(rates: Array, summary: Summary, limit: float = np.inf) -> list[RateKey]:
    """Returns the keys of rate_codes."""
    return [RATE_KEYS[code] for code in rate_codes(rates, summary, limit).tolist()]


def cell_codes(axes: Sequence[Axis], verdict: Array, best_loss: Array, late_loss: Array) -> Array:
    """Returns the classes of a sweep's cells, as indices into RATE_KEYS shaped as the summary; -1 is unfinished.

    Compares cells that differ in the rate alone; without an axis of rates the classes are the verdicts.
    """
    which = next((number for number, axis in enumerate(axes) if axis.name == "lr"), None)
    if which is None:
        return verdict
    along = np.ndim(verdict) - 1 - which
    values = np.asarray(axes[which].values)
    order = slice(None) if (np.diff(values) > 0).all() else np.argsort(values, kind="stable")
    lines = (np.moveaxis(column, along, -1)[..., order] for column in (verdict, best_loss, late_loss))
    large = np.empty_like(np.moveaxis(verdict, along, -1), bool)
    large[..., order] = _too_large(*lines)
    return np.where(np.moveaxis(large, -1, along), TOO_LARGE, verdict)


def _too_large(verdict: Array, best_loss: Array, late_loss: Array) -> Array:
    """Returns which cells of columns (..., n) along rising rates have too large a rate."""
    finished = (verdict != UNKNOWN) & (verdict != DIVERGED) & np.isfinite(late_loss)
    slow = finished & (verdict == TOO_SLOW)
    if not slow.any():
        return np.zeros(slow.shape, bool)
    highest = np.where(finished, late_loss, -np.inf).max(axis=-1, keepdims=True)
    late_loss = np.where(finished, late_loss, np.inf)
    smaller = np.minimum.accumulate(late_loss, axis=-1)
    smaller = np.concatenate([np.full_like(smaller[..., :1], np.inf), smaller[..., :-1]], axis=-1)
    base = np.where(finished, np.fmin(best_loss, late_loss), np.inf).min(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", over="ignore"):
        further = (late_loss - base > AS_GOOD * (smaller - base)) & (
            late_loss - smaller > GOOD_SHARE * (highest - base)
        )
    return np.asarray(slow & np.isfinite(smaller) & further)


@dataclass(frozen=True)
class Zones:
    """The results of rates (n,), rising, of `requested` ones, after `steps` of the `planned` ones.

    `limit` is the bracket of the stability limit (see sweep.boundary). `done` marks the final result.
    """

    rates: Array
    summary: Summary
    steps: int
    planned: int
    requested: int
    noisy: bool = False
    limit: tuple[float, float] = (0.0, np.inf)
    theory: Theory = Theory()
    best: Best | None = None
    done: bool = False

    @property
    def complete(self) -> bool:
        """Whether every rate was tried for all steps."""
        return len(self.rates) >= self.requested and self.steps >= self.planned

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """The zones from the smallest rate to the largest; `converging` includes arriving."""
        return zones(self._borders, self._keys)

    def key_of(self, rate: float) -> RateKey | None:
        """Returns the class of the nearest tried rate; None beyond the ends."""
        index = self.index_of(rate)
        return None if index is None else self._keys[index]

    def index_of(self, rate: float) -> int | None:
        """Returns the index of the nearest tried rate; None beyond the ends."""
        if not len(self.rates) or not self.rates[0] * 0.999 <= rate <= self.rates[-1] * 1.001:
            return None
        return int(np.searchsorted(self._borders[1:-1], rate))

    @property
    def has_limit(self) -> bool:
        """Whether some of the rates diverge and smaller ones do not."""
        return self.limit[0] > 0 and bool(np.isfinite(self.limit[1]))

    @property
    def all_larger_diverge(self) -> bool:
        """Whether all rates beyond the first that diverges do so, too."""
        return all(zone.key == VERDICTS[DIVERGED] for zone in self.zones if zone.low >= self.limit[1])

    @property
    def exact_limit(self) -> float | None:
        """The theoretical limit if it holds everywhere, else None."""
        return self.theory.limit if self.theory.exact else None

    @property
    def limit_is_coarse(self) -> bool:
        """Whether the bracket of the measured limit is wide."""
        return self.limit[1] > _COARSE * self.limit[0]

    def at_limit(self, rate: float) -> bool:
        """Returns whether a rate lies inside the bracket of the limit."""
        return self.has_limit and self.limit[0] < rate < self.limit[1]

    @cached_property
    def _borders(self) -> Array:
        """The borders (n + 1,) of the rates, one of which is the limit."""
        borders = borders_of(self.rates)
        if self.has_limit:
            middle = np.sqrt(self.limit[0]) * np.sqrt(self.limit[1])
            index = int(np.searchsorted(self.rates, middle))
            if 0 < index < len(self.rates):
                borders[index] = middle
        return borders

    def oscillates(self, index: int) -> bool:
        """Returns whether a run oscillates on its way down; the noise of batches does not count."""
        return not self.noisy and int(self.summary.turns[index]) >= OSCILLATING_TURNS

    @cached_property
    def _keys(self) -> list[RateKey]:
        """The classes of the rates (n,)."""
        keys = rate_keys(self.rates, self.summary, self.exact_limit or np.inf)
        down = {VERDICTS[ARRIVED], VERDICTS[CONVERGING]}
        return [
            (VERDICTS[OSCILLATING] if self.oscillates(index) else VERDICTS[CONVERGING]) if key in down else key
            for index, key in enumerate(keys)
        ]
