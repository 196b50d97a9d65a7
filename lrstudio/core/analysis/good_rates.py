"""The constant rates of a sweep that are as good as the best one."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import log
from lrstudio.core.record import dataclass

GOOD_SHARE = 0.02
"""A good rate leaves at most this share of the descent to the best loss."""
AS_GOOD = 2.0
"""Rates are as good as the best if their losses are at most this many times as far above the least loss, and at most
GOOD_SHARE of the descent above the best one's."""
_SAME = 1e-9


@dataclass(frozen=True)
class GoodRates:
    """The best rate, its loss and all good `rates`, rising; rates between them may be worse."""

    best: float
    loss: float
    rates: tuple[float, ...]
    enough: float
    """The highest loss that is good."""
    slow: bool = False
    """Whether rates that are too slow count as good, because the best one is too slow."""

    def nearest(self, rate: float) -> float:
        """Returns the good rate with the smallest ratio to this one."""
        return min(self.rates, key=lambda good: abs(log(good / rate)))


def good_rates(rates: Array, losses: Array, failed: Array, begin: float, slow: Array | None = None) -> GoodRates | None:
    """Returns the good rates by the final losses (n,) of rising rates (n,), without those that `failed` (n,).

    Rates that are too `slow` (n,) are good only if the best one is too slow. The descent begins at the loss `begin`,
    before the first step. Of several equally good rates the middle one is the best. None if no rate reduces the loss.
    """
    usable = np.isfinite(losses) & ~failed
    if not usable.any():
        return None
    least = float(losses[usable].min())
    descent = begin - least
    if not descent > 0:
        return None
    enough = least + GOOD_SHARE * descent
    bests = np.flatnonzero(usable & (losses <= least + _SAME * descent))
    best = int(bests[len(bests) // 2])
    good = usable & (losses <= enough)
    slow_too = slow is not None and bool(slow[best])
    if slow is not None and not slow_too:
        good &= ~slow
    return GoodRates(float(rates[best]), float(losses[best]), tuple(rates[good].tolist()), enough, slow_too)
