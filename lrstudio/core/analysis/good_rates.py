"""Which constant rates a sweep has found good: the best one, and how far around it one comes as good as there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

GOOD_SHARE = 0.02
"""Of the way down to the best loss that a good rate may leave."""


@dataclass(frozen=True)
class GoodRates:
    """The best rate and its loss; every rate from `low` to `high` comes all but as far down from the loss `begin`."""

    best: float
    loss: float
    low: float
    high: float
    begin: float


def good_rates(rates: Array, losses: Array, failed: Array, begin: float) -> GoodRates | None:
    """What is good among the final losses (n,) of rising rates (n,), of which some have `failed` (n,).

    The way is that from the loss `begin`, before the first step. Where several rates are the best, as where all of
    them arrive, it is the middle one. None where no rate leads down.
    """
    usable = np.isfinite(losses) & ~failed
    if not usable.any():
        return None
    least = float(losses[usable].min())
    way = begin - least
    if not way > 0:
        return None
    good = usable & (losses <= least + GOOD_SHARE * way)
    bests = np.flatnonzero(usable & (losses <= least + 1e-9 * way))
    best = int(bests[len(bests) // 2])
    low = high = best
    while low > 0 and good[low - 1]:
        low -= 1
    while high + 1 < len(rates) and good[high + 1]:
        high += 1
    return GoodRates(float(rates[best]), float(losses[best]), float(rates[low]), float(rates[high]), begin)


def loss_near(rates: Array, losses: Array, rate: float) -> float:
    """The loss of the swept rate that is nearest to this one."""
    return float(losses[int(np.abs(np.log(rates) - np.log(rate)).argmin())])
