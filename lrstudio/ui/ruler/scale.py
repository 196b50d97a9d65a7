"""Where a rate stands on a ruler: whole decades from left to right and, where it is needed, 0 before them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

TYPICAL = (1e-4, 1e-2)
"""Rates that usually work for networks with Adam, whose default in PyTorch is 1e-3."""

_USUAL = (-6, 1)
_WIDEST = (-300, 308)


@dataclass(frozen=True)
class RateScale:
    """The decades 10**low to 10**high between the pixels `left` and `right`; 0 stands at `zero`, if anywhere."""

    low: int
    high: int
    left: float
    right: float
    zero: float | None = None

    @classmethod
    def around(cls, rates: Iterable[float], left: float, right: float, gap: float) -> RateScale:
        """The usual decades, and as many more as these rates need; a rate 0 takes the first `gap` pixels."""
        rates = list(rates)
        exponents = [math.log10(rate) for rate in rates if rate > 0]
        low = min([_USUAL[0], *(math.floor(exponent + 1e-9) for exponent in exponents)])
        high = max([_USUAL[1], *(math.ceil(exponent - 1e-9) for exponent in exponents)])
        low, high = max(low, _WIDEST[0]), min(high, _WIDEST[1])
        return cls(low, high, left + gap, right, left) if 0 in rates else cls(low, high, left, right)

    @property
    def decade(self) -> float:
        """The pixels of a decade."""
        return (self.right - self.left) / (self.high - self.low)

    def x(self, rate: float) -> float:
        """The pixel of a rate; those that are not on the ruler stand at its ends."""
        if rate <= 0:
            return self.left if self.zero is None else self.zero
        return self.x_of_power(min(max(math.log10(rate), self.low), self.high))

    def x_of_power(self, exponent: float) -> float:
        """The pixel of 10**exponent."""
        return self.left + (exponent - self.low) * self.decade

    def rate(self, x: float, digits: int) -> float:
        """The rate at a pixel, rounded to significant digits."""
        if self.zero is not None and x < (self.zero + self.left) / 2:
            return 0.0
        exponent = self.low + (min(max(x, self.left), self.right) - self.left) / max(self.decade, 1e-9)
        return rounded(10.0 ** min(max(exponent, self.low), self.high), digits)


def rounded(rate: float, digits: int) -> float:
    """The rate with that many significant digits."""
    return float(f"{rate:.{digits}g}")
