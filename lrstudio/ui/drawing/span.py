"""How much of an axis is in view while a run grows: by factors of 1.3, never by what each frame happens to bring."""

from __future__ import annotations

import math
from dataclasses import dataclass

GROWTH = 1.3
FARTHEST, NARROWEST = 1e12, 1e-9
"""The limits of what a view shows: beyond them pyqtgraph breaks."""


@dataclass(frozen=True)
class Span:
    """An interval that is in view at first, and the outermost ends to which it may grow.

    What is shown depends on the extremes only, not on the order in which they came.
    """

    low: float
    high: float
    lowest: float
    highest: float

    def covering(self, low: float, high: float) -> tuple[float, float]:
        """The interval grown far enough for low..high, within the outermost ends; NaN asks for nothing."""
        size = self.high - self.low
        least, most = self.low, self.high
        if low < self.low:
            least = self.low - size * _steps((self.low - low) / size)
        if high > self.high:
            most = self.high + size * _steps((high - self.high) / size)
        return max(least, self.lowest), min(most, self.highest)


def _steps(excess: float) -> float:
    """The least GROWTH**k - 1 that is not below the excess."""
    return GROWTH ** math.ceil(math.log(1 + min(excess, 1e300), GROWTH) - 1e-9) - 1


def within_limits(low: float, high: float) -> tuple[float, float]:
    """A range that can be drawn: inside the limits, and wide enough for numbers to lie between its ends."""
    low, high = (min(max(end, -0.9 * FARTHEST), 0.9 * FARTHEST) for end in (low, high))
    least = max(NARROWEST, 1e-6 * max(abs(low), abs(high)))
    return (low, high) if high - low >= least else ((low + high - least) / 2, (low + high + least) / 2)
