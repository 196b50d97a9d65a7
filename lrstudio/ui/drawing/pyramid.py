"""The least and the greatest value of every 32, 64, 128, ... rows, kept up to date while rows are added."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lrstudio.core.array import Array

Read = Callable[[int, int], Array]

BASE = 5
"""The smallest bucket that is kept has 2**BASE rows; finer ones are made from the rows, which are few then."""
LARGEST = 1e30
_READ_ROWS = 2**18


def drawable(values: Array) -> Array:
    """The values as float64 that can be drawn: what is not finite is a gap (NaN), what is huge is merely far away."""
    values = np.asarray(values, np.float64)
    return np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)


class Pyramid:
    """Extremes of columns of numbers; `read(start, stop)` gives their rows (n, columns)."""

    def __init__(self, read: Read, columns: int) -> None:
        self.columns = columns
        self.length = 0
        self._read = read
        self._levels: list[tuple[Array, Array]] = []

    def rows(self, start: int, stop: int) -> Array:
        """Rows as they are drawn, (n, columns)."""
        return drawable(self._read(start, min(stop, self.length)))

    def exact(self, row: int) -> Array:
        """A row as it was recorded (columns,)."""
        return np.asarray(self._read(row, row + 1)[0], np.float64)

    def extend(self, length: int) -> None:
        """Take in the rows up to `length`."""
        while self.length < length:
            first = self.length >> BASE
            stop = min(length, (self.length & -32) + _READ_ROWS)
            rows = drawable(self._read(first << BASE, stop))
            self.length = stop
            self._put(0, first, _halved(rows, BASE))
            self._raise(first)

    def extremes(self) -> tuple[Array, Array]:
        """The least and the greatest value of every column; NaN where it has none."""
        if not self._levels:
            return np.full(self.columns, np.nan), np.full(self.columns, np.nan)
        count = self._count(len(self._levels) - 1)
        low, high = self._levels[-1]
        return np.fmin.reduce(low[:count]), np.fmax.reduce(high[:count])

    def envelope(self, level: int, start: int, stop: int) -> tuple[Array, Array]:
        """Least and greatest values (n, columns) in the buckets start..stop of 2**level rows each."""
        if not self.length:
            return np.empty((0, self.columns)), np.empty((0, self.columns))
        if level < BASE:
            return _halved(self.rows(start << level, stop << level), level)
        shift = max(0, level - BASE - len(self._levels) + 1)  # wider than the widest kept: so few that they are joined
        low, high = self._levels[level - BASE - shift]
        stop = min(stop << shift, self._count(level - BASE - shift))
        return _halved(low[start << shift : stop], shift)[0], _halved(high[start << shift : stop], shift)[1]

    def _count(self, place: int) -> int:
        return -(-self.length >> (BASE + place))

    def _raise(self, first: int) -> None:
        """Bring the levels above the first up to date from bucket `first` on."""
        place = 0
        while self._count(place) > 64 or place + 1 < len(self._levels):
            first = first // 2 if place + 1 < len(self._levels) else 0
            low, high = self._levels[place]
            count = self._count(place)
            self._put(place + 1, first, (_halved(low[2 * first : count], 1)[0], _halved(high[2 * first : count], 1)[1]))
            place += 1

    def _put(self, place: int, first: int, buckets: tuple[Array, Array]) -> None:
        if place == len(self._levels):
            self._levels.append((np.empty((256, self.columns)), np.empty((256, self.columns))))
        stop = first + len(buckets[0])
        low, high = self._levels[place]
        if stop > len(low):
            room = np.empty((max(stop, 2 * len(low)) - len(low), self.columns))
            self._levels[place] = low, high = np.concatenate([low, room]), np.concatenate([high, room])
        low[first:stop], high[first:stop] = buckets


def _halved(values: Array, times: int) -> tuple[Array, Array]:
    """Least and greatest of every 2**times rows; the last may be of fewer. NaN only where all are."""
    low = high = values
    for _ in range(times):
        if len(low) % 2:
            low, high = np.concatenate([low, low[-1:]]), np.concatenate([high, high[-1:]])
        low, high = np.fmin(low[0::2], low[1::2]), np.fmax(high[0::2], high[1::2])
    return low, high
