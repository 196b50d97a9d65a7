"""Columns of numbers, smoothed: an exponential moving average with bias correction, as Adam and the LR finders use."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lrstudio.core.array import Array

_LONGEST = 4096
_SMALLEST = 1e-250
_BLOCK = 2**16


class Smoothed:
    """s_t = beta s_(t-1) + (1 - beta) x_t from s_(-1) = 0, divided by 1 - beta^(t+1).

    `read(start, stop)` gives the rows (n, columns) to smooth, which may be huge but not infinite; what follows a NaN
    is NaN. What was computed once is kept.
    """

    def __init__(self, read: Callable[[int, int], Array], columns: int, beta: float) -> None:
        self.beta = beta
        self.length = 0
        self._read = read
        self._state = np.zeros(columns)
        self._blocks: list[Array] = []
        self._columns = columns
        self._stretch = max(1, min(_LONGEST, int(math.log(_SMALLEST) / math.log(beta))))

    def extend(self, length: int) -> None:
        """Smooth the rows up to `length`."""
        while self.length < length:
            stop = min(length, self.length + self._stretch, (self.length // _BLOCK + 1) * _BLOCK)
            self._append(self._smoothed(self._read(self.length, stop)))

    def rows(self, start: int, stop: int) -> Array:
        """The smoothed rows start..stop, as far as there are."""
        stop = min(stop, self.length)
        pieces = [
            block[max(0, start - first) : stop - first]
            for first, block in ((place * _BLOCK, block) for place, block in enumerate(self._blocks))
            if first < stop and start < first + _BLOCK
        ]
        return np.concatenate(pieces) if pieces else np.empty((0, self._columns))

    def _smoothed(self, rows: Array) -> Array:
        """The rows after those there are, by one cumulative sum of x_i beta^-i."""
        count = len(rows)
        powers = self.beta ** np.arange(1, count + 1)
        with np.errstate(over="ignore", invalid="ignore"):
            sums = np.cumsum((1 - self.beta) * rows / powers[:, None], axis=0)
            raw = powers[:, None] * (self._state + sums)
        self._state = raw[-1].copy()
        known = self.length + np.arange(1, count + 1)
        corrected: Array = raw / -np.expm1(known * math.log(self.beta))[:, None]
        return corrected

    def _append(self, rows: Array) -> None:
        place, at = divmod(self.length, _BLOCK)
        if place == len(self._blocks):
            self._blocks.append(np.empty((_BLOCK, self._columns)))
        self._blocks[place][at : at + len(rows)] = rows
        self.length += len(rows)
