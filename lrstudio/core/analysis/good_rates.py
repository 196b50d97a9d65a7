"""Which constant rates a sweep has found good: the best one, and all that come as good as there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrstudio.core.array import Array

GOOD_SHARE = 0.02
"""Of the way down to the best loss that a good rate may leave."""
AS_GOOD = 2.0
"""Rates are as good as the best while their losses are at most so many times as far above the least one seen, and no
more than GOOD_SHARE of the way down above the best one's."""
_SAME = 1e-9


@dataclass(frozen=True)
class GoodRates:
    """The best rate and its loss, and all `rates` that come all but as far down, rising; others may lie between."""

    best: float
    loss: float
    rates: tuple[float, ...]
    enough: float
    """The highest loss that is good."""
    slow: bool = False
    """Whether rates that are too slow are good: where the best one is too slow itself."""

    def nearest(self, rate: float) -> float:
        """The good rate that is the fewest times as large, or as small, as this one."""
        return min(self.rates, key=lambda good: abs(math.log(good / rate)))


def good_rates(rates: Array, losses: Array, failed: Array, begin: float, slow: Array | None = None) -> GoodRates | None:
    """What is good among the final losses (n,) of rising rates (n,), of which some have `failed` (n,).

    Those that are too `slow` (n,) are not good beside a best one that is not. The way is that from the loss `begin`,
    before the first step. Where several rates are the best, as where all of them arrive, it is the middle one. None
    where no rate leads down.
    """
    usable = np.isfinite(losses) & ~failed
    if not usable.any():
        return None
    least = float(losses[usable].min())
    way = begin - least
    if not way > 0:
        return None
    enough = least + GOOD_SHARE * way
    bests = np.flatnonzero(usable & (losses <= least + _SAME * way))
    best = int(bests[len(bests) // 2])
    good = usable & (losses <= enough)
    slow_too = slow is not None and bool(slow[best])
    if slow is not None and not slow_too:
        good &= ~slow
    return GoodRates(float(rates[best]), float(losses[best]), tuple(rates[good].tolist()), enough, slow_too)
