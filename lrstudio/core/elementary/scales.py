"""Numbers at equal factors, with exact powers of ten."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary.arrays import log, power

_LN10 = 2.302585092994046


def ten_to(exponent: int) -> float:
    """Returns the power of ten as its literal is read."""
    return float(f"1e{exponent}")


def log10(x: float) -> float:
    """Returns the decimal logarithm, an integer for powers of ten."""
    value = float(log(x)) / _LN10
    near = round(value) if np.isfinite(value) else 0
    return float(near) if ten_to(near) == x else value


def geomspace(start: float, end: float, count: int) -> Array:
    """Returns numbers from start to end > 0 at equal factors, as numpy.geomspace does."""
    exponents = np.linspace(log10(start), log10(end), count)
    values = np.asarray(power(10.0, exponents))
    for index in np.flatnonzero(exponents == np.rint(exponents)):
        values[index] = ten_to(int(exponents[index]))
    values[:1], values[1:][-1:] = start, end
    return values
