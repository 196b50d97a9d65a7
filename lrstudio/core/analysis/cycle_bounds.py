"""The bounds of a cyclic schedule from a range test (Smith 2017, section 3.3).

They are the rates at which the result begins to improve, and at which it slows, becomes ragged or gets worse.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass

BEGUN = 0.1
"""The loss has begun to fall after this share of its whole fall."""
HEIGHT = 4.0
"""The ratio of the rates if the loss falls over too few rates to read the lower one: Smith's other rule."""
_NARROWEST = 1.5
_WINDOWS, _LEAST_WINDOW = 20, 3


@dataclass(frozen=True)
class CycleBounds:
    """The lowest and the highest rate; `is_measured` is whether the lowest could be read off the curve."""

    base_lr: float
    max_lr: float
    is_measured: bool = True


def cycle_bounds(lrs: Array, losses: Array) -> CycleBounds | None:
    """Returns the two rates for losses (n,) at rising rates (n,); None if the loss never falls.

    Both are read off the centred moving mean over a twentieth of the losses, which does not lag as an exponential one
    does. The upper rate is at its minimum, the lower one where it has made the first tenth of its fall for good.
    """
    broken = np.flatnonzero(~np.isfinite(losses))
    end = int(broken[0]) if len(broken) else len(losses)
    lrs, losses = lrs[:end], losses[:end]
    width = max(_LEAST_WINDOW, len(losses) // _WINDOWS)
    if len(losses) < 2 * width:
        return None
    level = _moving_mean(losses, width)
    least, begin = int(level.argmin()), float(level[:width].mean())
    fall = begin - float(level[least])
    if not fall > 0 or least == 0:
        return None
    above = np.flatnonzero(level[:least] > begin - BEGUN * fall)
    base = float(lrs[above[-1] + 1]) if len(above) else float(lrs[0])
    top = float(lrs[least])
    if top < _NARROWEST * base:
        return CycleBounds(top / HEIGHT, top, is_measured=False)
    return CycleBounds(base, top)


def _moving_mean(losses: Array, width: int) -> Array:
    """Returns the centred moving mean (n,) of up to `width` losses."""
    after = (width - 1) // 2
    beyond = (width - 1 - after, after)
    with np.errstate(over="ignore"):
        total, count = (
            sliding_window_view(np.pad(values, beyond), width).sum(axis=1) for values in (losses, np.ones(len(losses)))
        )
    return np.asarray(total / count)
