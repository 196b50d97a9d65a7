"""Ranges in view that grow in steps of 1.3 while runs advance, so that the axes do not change every frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

GROWTH = 1.3
FARTHEST, NARROWEST = 1e12, 1e-9
"""Limits of a view's coordinates and width: beyond them pyqtgraph fails."""


@dataclass(frozen=True)
class Span:
    """An initial range low..high and its limits lowest..highest.

    The range in view depends on the extremes of the data only, not on their order.
    """

    low: float
    high: float
    lowest: float
    highest: float

    def covering(self, low: float, high: float) -> tuple[float, float]:
        """Returns the range, grown to include low..high within the limits; NaN is ignored."""
        size = self.high - self.low
        least, most = self.low, self.high
        if low < self.low:
            least = self.low - size * _steps((self.low - low) / size)
        if high > self.high:
            most = self.high + size * _steps((high - self.high) / size)
        return max(least, self.lowest), min(most, self.highest)


def _steps(excess: float) -> float:
    """Returns the least GROWTH**k - 1 that is not below the excess."""
    return GROWTH ** math.ceil(math.log(1 + min(excess, 1e300), GROWTH) - 1e-9) - 1


def within_limits(low: float, high: float) -> tuple[float, float]:
    """Returns a range within the limits, wide enough for float ticks."""
    low, high = (min(max(end, -0.9 * FARTHEST), 0.9 * FARTHEST) for end in (low, high))
    least = max(NARROWEST, 1e-6 * max(abs(low), abs(high)))
    return (low, high) if high - low >= least else ((low + high - least) / 2, (low + high + least) / 2)
