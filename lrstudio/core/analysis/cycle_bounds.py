"""Between which two rates a cycle should go, read off a range test as Smith reads it (2017, section 3.3).

He notes the rate at which the result begins to improve, and that at which it slows, becomes ragged or gets worse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrstudio.core.array import Array

BEGUN = 0.1
"""Of the whole fall of the loss is what has to be made where it has begun."""
HEIGHT = 4.0
"""How many times the lower rate the upper one is, where the loss falls in too few rates to tell: Smith's other rule."""
_NARROWEST = 1.5
_WINDOWS, _LEAST_WINDOW = 20, 3


@dataclass(frozen=True)
class CycleBounds:
    """The rates at the bottom and at the top; `told` is whether the curve says where the loss begins to fall."""

    base_lr: float
    max_lr: float
    told: bool = True


def cycle_bounds(lrs: Array, losses: Array) -> CycleBounds | None:
    """The two rates for losses (n,) at rising rates (n,); None where the loss never falls.

    Both are read off the mean of neighbours, a twentieth of all: such a mean, unlike an exponential one, lags behind
    nothing. The upper rate is that of its least value. The lower one is where it has made the first tenth of its way
    there for good.
    """
    broken = np.flatnonzero(~np.isfinite(losses))
    end = int(broken[0]) if len(broken) else len(losses)
    lrs, losses = lrs[:end], losses[:end]
    width = max(_LEAST_WINDOW, len(losses) // _WINDOWS)
    if len(losses) < 2 * width:
        return None
    level = _neighbours_mean(losses, width)
    least, begin = int(level.argmin()), float(level[:width].mean())
    fall = begin - float(level[least])
    if not fall > 0 or least == 0:
        return None
    above = np.flatnonzero(level[:least] > begin - BEGUN * fall)
    base = float(lrs[above[-1] + 1]) if len(above) else float(lrs[0])
    top = float(lrs[least])
    if top < _NARROWEST * base:
        return CycleBounds(top / HEIGHT, top, told=False)
    return CycleBounds(base, top)


def _neighbours_mean(losses: Array, width: int) -> Array:
    """The mean (n,) of those of the `width` neighbours around each that there are."""
    with np.errstate(over="ignore"):
        ones = np.ones(width)
        total, count = np.convolve(losses, ones, "same"), np.convolve(np.ones(len(losses)), ones, "same")
    return np.asarray(total / count)
