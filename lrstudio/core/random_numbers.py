"""Uniform and normal random numbers from a generator of NumPy, with the same bits on every machine.

NumPy's own depend on it in two places: where the processor fuses a multiplication with an addition (uniform numbers
between two ends), and where the C library's logarithm decides (the tails of normal ones).
"""

from __future__ import annotations

from copy import copy

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import log1p

_EDGE, _INVERSE = 3.6541528853610088, 0.27366123732975827
"""Where the tail of the ziggurat of Marsaglia & Tsang (2000) with 256 layers begins, and 1/_EDGE, as NumPy has them."""
_AHEAD = 64
"""Uniform numbers among which a tail finds its own: it takes two for each try, and most succeed at once."""


def uniform(random: np.random.Generator, low: float, high: float, size: int | tuple[int, ...]) -> Array:
    """Returns what `random.uniform` returns, in two roundings: numbers from low to high."""
    return low + (high - low) * random.random(size)


def normal(random: np.random.Generator, size: int | tuple[int, ...]) -> Array:
    """Returns what `random.standard_normal` returns, with the tails from our own logarithm."""
    bits = copy(random.bit_generator)
    values = random.standard_normal(size)
    flat = values.reshape(-1)
    again, done = np.random.Generator(bits), 0
    for index in np.flatnonzero(np.abs(flat) > _EDGE).tolist():
        again.standard_normal(index - done)
        here, done = bits.state, index
        tails = _EDGE - _INVERSE * log1p(-again.random(_AHEAD))
        bits.state = here
        nearest = np.abs(tails - np.abs(flat[index])).argmin()
        flat[index] = np.copysign(tails[nearest], flat[index])
    return values
