"""Long curves as fewer points that look the same."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array

MOST_POINTS = 4000


def extremes(values: Array, most: int = MOST_POINTS) -> Array:
    """Returns the indices (m,), m <= most, of the smallest and the largest value of each stretch of values (n,)."""
    count = len(values)
    if count <= most:
        return np.arange(count)
    stretch = -(-count // (most // 2 - 1))
    whole = count // stretch * stretch
    blocks = values[:whole].reshape(-1, stretch)
    low = np.where(np.isfinite(blocks), blocks, np.inf).argmin(axis=1)
    high = np.where(np.isfinite(blocks), blocks, -np.inf).argmax(axis=1)
    begins = np.arange(0, whole, stretch)
    return np.unique(np.concatenate([begins + low, begins + high, [0, count - 1]]))
