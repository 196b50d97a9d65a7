"""Intervals of repeated results: Student's t for a mean, order statistics for a median."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import atan, cos, sin

LEVEL = 0.95
"""The share of intervals that hold the true mean, where the results are normally distributed."""
_HALVINGS = 200


def t_probability(t: float, df: int) -> float:
    """Returns P(|T| < t) for Student's t with df degrees of freedom.

    A finite sum in the angle atan(t/√df): Abramowitz & Stegun 1964, 26.7.3 (odd df) and 26.7.4 (even).
    """
    angle = float(atan(t / math.sqrt(df)))
    square = float(cos(angle)) ** 2
    term = total = 1.0
    for k in range(3 if df % 2 else 2, df - 1, 2):
        term *= square * (k - 1) / k
        total += term
    if df % 2 == 0:
        return float(sin(angle)) * total
    rest = float(sin(angle)) * float(cos(angle)) * total if df > 1 else 0.0
    return 2 / math.pi * (angle + rest)


@lru_cache(maxsize=256)
def t_quantile(df: int, level: float = LEVEL) -> float:
    """Returns the t with P(|T| < t) = level, as printed in tables: 12.706 for df 1, 2.776 for 4; by bisection."""
    low, high = 0.0, 1.0
    while t_probability(high, df) < level:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if t_probability(middle, df) >= level else (middle, high)
        if not low < (low + high) / 2 < high:
            break
    return high


def half_width(deviation: float, count: int) -> float:
    """Returns t·s/√n, half of the interval of a mean of n values with the deviation s (n - 1); NaN of less than two."""
    return t_quantile(count - 1) * deviation / math.sqrt(count) if count > 1 else math.nan


def ordered(values: Array, share: float) -> Array:
    """Returns along the first axis (n, ...) the least value with at least a share of the others at or below it.

    This is quantile 1 of Hyndman & Fan (1996), always one of the values: infinite ones may be among them.
    """
    rank = max(0, math.ceil(share * len(values) - 1e-9) - 1)
    result: Array = np.sort(values, axis=0)[rank]
    return result
