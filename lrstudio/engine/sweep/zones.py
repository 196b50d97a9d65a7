"""What all rates of a ruler would do: zones of one kind each, the limit between them, and the best rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrstudio.core.analysis.verdict import ARRIVED, CONVERGING, OSCILLATING, VERDICTS
from lrstudio.core.array import Array
from lrstudio.engine.sweep.best_rate import Best
from lrstudio.engine.sweep.rate_keys import RateKey, Zone, borders_of, rate_keys, zones
from lrstudio.engine.sweep.sweep import Summary
from lrstudio.engine.sweep.theory import Theory

_COARSE = 1.02
SWINGING = 7
"""A run that turns back this often in its first steps swings: of its size every second swing keeps half or more."""


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

    def zone_of(self, rate: float) -> RateKey | None:
        """What the nearest rate that was tried did; None beyond the ends."""
        place = self.place_of(rate)
        return None if place is None else self._keys[place]

    def place_of(self, rate: float) -> int | None:
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
