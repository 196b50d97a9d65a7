"""Minima and maxima of every 32, 64, 128, ... rows, updated while rows are added."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lrstudio.core.array import Array

Read = Callable[[int, int], Array]

BASE = 5
"""The smallest cached buckets have 2**BASE rows; smaller ones are computed from the rows."""
LARGEST = 1e30
_PIECE = 2**16
"""Values that are reduced at once: they stay in the processor's cache."""


def drawable(values: Array) -> Array:
    """Returns the values as float64, with NaN (a gap) for nonfinite ones, clipped to ±LARGEST."""
    values = np.asarray(values, np.float64)
    return np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)


class Pyramid:
    """Minima and maxima of columns of numbers; `read(start, stop)` returns their rows (n, columns)."""

    def __init__(self, read: Read, columns: int) -> None:
        self.columns = columns
        self.length = 0
        self._read = read
        self._levels: list[tuple[Array, Array]] = []

    def rows(self, start: int, stop: int) -> Array:
        """Returns drawable rows (n, columns)."""
        return drawable(self._read(start, min(stop, self.length)))

    def exact(self, row: int) -> Array:
        """Returns a row as recorded (columns,)."""
        return np.asarray(self._read(row, row + 1)[0], np.float64)

    def extend(self, length: int) -> None:
        """Adds the rows up to `length`."""
        if self.length >= length:
            return
        changed, count = self.length >> BASE, max(1, _PIECE // max(1, self.columns) >> BASE)
        for first in range(changed, -(-length >> BASE), count):
            stop = min(length, (first + count) << BASE)
            self._store(0, first, _extremes(self._read(first << BASE, stop)))
        self.length = length
        self._update_levels(changed)

    def extremes(self) -> tuple[Array, Array]:
        """Returns the minimum and the maximum of every column; NaN if it has no values."""
        if not self._levels:
            return np.full(self.columns, np.nan), np.full(self.columns, np.nan)
        count = self._count(len(self._levels) - 1)
        low, high = self._levels[-1]
        return np.fmin.reduce(low[:count]), np.fmax.reduce(high[:count])

    def envelope(self, level: int, start: int, stop: int) -> tuple[Array, Array]:
        """Returns minima and maxima (n, columns) of the buckets start..stop of 2**level rows each."""
        if not self.length:
            return np.empty((0, self.columns)), np.empty((0, self.columns))
        if level < BASE:
            return _reduced(self.rows(start << level, stop << level), level)
        shift = max(0, level - BASE - len(self._levels) + 1)  # few buckets above the top level: reduced here
        low, high = self._levels[level - BASE - shift]
        stop = min(stop << shift, self._count(level - BASE - shift))
        return _reduced(low[start << shift : stop], shift)[0], _reduced(high[start << shift : stop], shift)[1]

    def _count(self, level: int) -> int:
        return -(-self.length >> (BASE + level))

    def _update_levels(self, first: int) -> None:
        """Updates the levels above the first from bucket `first` on."""
        level = 0
        while self._count(level) > 64 or level + 1 < len(self._levels):
            first = first // 2 if level + 1 < len(self._levels) else 0
            low, high = self._levels[level]
            count = self._count(level)
            self._store(
                level + 1, first, (_reduced(low[2 * first : count], 1)[0], _reduced(high[2 * first : count], 1)[1])
            )
            level += 1

    def _store(self, level: int, first: int, buckets: tuple[Array, Array]) -> None:
        if level == len(self._levels):
            self._levels.append((np.empty((256, self.columns)), np.empty((256, self.columns))))
        stop = first + len(buckets[0])
        low, high = self._levels[level]
        if stop > len(low):
            room = np.empty((max(stop, 2 * len(low)) - len(low), self.columns))
            self._levels[level] = low, high = np.concatenate([low, room]), np.concatenate([high, room])
        low[first:stop], high[first:stop] = buckets


def _extremes(rows: Array) -> tuple[Array, Array]:
    """Returns minima and maxima of every 2**BASE drawable rows, the last of fewer; NaN if all are NaN."""
    whole = len(rows) >> BASE
    buckets = rows[: whole << BASE].reshape(whole, 1 << BASE, rows.shape[1])
    buckets = np.ascontiguousarray(buckets.transpose(1, 0, 2))  # the first axis is reduced ten times as fast
    low, high = np.fmin.reduce(buckets), np.fmax.reduce(buckets)
    rest = rows[whole << BASE :]
    if len(rest):
        low, high = np.vstack([low, np.fmin.reduce(rest)]), np.vstack([high, np.fmax.reduce(rest)])
    if np.isinf(low).any() or np.isinf(high).any():
        return _reduced(drawable(rows), BASE)
    return np.clip(low, -LARGEST, LARGEST), np.clip(high, -LARGEST, LARGEST)


def _reduced(values: Array, times: int) -> tuple[Array, Array]:
    """Returns minima and maxima of every 2**times rows, the last of fewer; NaN if all are NaN."""
    low = high = values
    for _ in range(times):
        if len(low) % 2:
            low, high = np.concatenate([low, low[-1:]]), np.concatenate([high, high[-1:]])
        low, high = np.fmin(low[0::2], low[1::2]), np.fmax(high[0::2], high[1::2])
    return low, high
