"""What all rates of a ruler would do: zones of one kind each, the limit between them, and the best rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, DIVERGED, OSCILLATING, VERDICTS, Key
from lrstudio.engine.summary import Summary
from lrstudio.engine.sweep import boundary

Array = np.ndarray[Any, np.dtype[Any]]
Rule = Literal["target", "soonest", "lowest"]

SWINGING = 7
"""A run that turns back this often in its first steps swings: of its size every second swing keeps half or more."""


@dataclass(frozen=True)
class Zone:
    """The rates from `low` to `high`, which all do the same: `converging` (arriving included) or another verdict."""

    low: float
    high: float
    key: Key


@dataclass(frozen=True)
class Best:
    """The best rate, and why it is: it has the `target` first, is the `soonest` that has come 99.99 % of the way down,
    or ends `lowest`.
    """

    rate: float
    rule: Rule


@dataclass(frozen=True)
class Theory:
    """The limit that the curvature gives; `exact` on a bowl, elsewhere it holds near the minimum."""

    limit: float
    exact: bool


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
    theory: Theory | None = None
    best: Best | None = None
    done: bool = False

    @property
    def complete(self) -> bool:
        """Whether every rate was tried for all steps."""
        return len(self.rates) >= self.wanted and self.steps >= self.planned

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """From the smallest rate to the largest; the borders lie in the middle between two rates."""
        if not len(self.rates):
            return ()
        keys = [self._key(place) for place in range(len(self.rates))]
        borders = np.sqrt(self.rates[1:]) * np.sqrt(self.rates[:-1])
        ends = [*(place for place in range(len(keys) - 1) if keys[place] != keys[place + 1]), len(keys) - 1]
        edges = [float(self.rates[0]), *(float(borders[place]) for place in ends[:-1]), float(self.rates[-1])]
        return tuple(Zone(edges[n], edges[n + 1], keys[place]) for n, place in enumerate(ends))

    def zone_of(self, rate: float) -> Key | None:
        """What the nearest rate that was tried did; None beyond the ends."""
        place = self.place_of(rate)
        return None if place is None else self._key(place)

    def place_of(self, rate: float) -> int | None:
        """The nearest rate that was tried; None beyond the ends."""
        if not len(self.rates) or not self.rates[0] * 0.999 <= rate <= self.rates[-1] * 1.001:
            return None
        return int(np.abs(np.log(self.rates / rate)).argmin())

    def swings(self, place: int) -> bool:
        """Whether a run turned back again and again on its way down; the noise of batches is none."""
        return not self.noisy and int(self.summary.turns[place]) >= SWINGING

    def _key(self, place: int) -> Key:
        code = int(self.summary.verdict[place])
        if code in (ARRIVED, CONVERGING):
            code = OSCILLATING if self.swings(place) else CONVERGING
        return VERDICTS[code]


def limit_between(rates: Array, summary: Summary) -> tuple[float, float]:
    """The largest rate that does not diverge below all that do, and the next one."""
    return boundary(rates, summary.verdict == DIVERGED)
