"""Columns computed from those of a trace: smoothed, interpolated or filled between measurements."""

from __future__ import annotations

import math

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.drawing.pyramid import Read

_MAX_ROWS = 4096
_MIN_POWER = 1e-250
_BLOCK = 2**16


class Smoothed:
    """Exponential moving average with bias correction, as in Adam and the LR finders.

    s_t = beta s_(t-1) + (1 - beta) x_t from s_(-1) = 0, divided by 1 - beta^(t+1).

    `read(start, stop)` returns the finite rows (n, columns) to smooth; rows after a NaN are NaN. Results are cached.
    """

    def __init__(self, read: Read, columns: int, beta: float) -> None:
        self.beta = beta
        self.length = 0
        self._read = read
        self._state = np.zeros(columns)
        self._blocks: list[Array] = []
        self._columns = columns
        self._max_rows = max(1, min(_MAX_ROWS, int(math.log(_MIN_POWER) / math.log(beta))))

    def extend(self, length: int) -> None:
        """Smooths the rows up to `length`."""
        while self.length < length:
            stop = min(length, self.length + self._max_rows, (self.length // _BLOCK + 1) * _BLOCK)
            self._append(self._smoothed(self._read(self.length, stop)))

    def rows(self, start: int, stop: int) -> Array:
        """Returns the cached rows start..stop."""
        stop = min(stop, self.length)
        pieces = [
            block[max(0, start - first) : stop - first]
            for first, block in ((index * _BLOCK, block) for index, block in enumerate(self._blocks))
            if first < stop and start < first + _BLOCK
        ]
        return np.concatenate(pieces) if pieces else np.empty((0, self._columns))

    def _smoothed(self, rows: Array) -> Array:
        """Smooths the rows after the cached ones by a cumulative sum of x_i beta^-i."""
        count = len(rows)
        powers = self.beta ** np.arange(1, count + 1)
        with np.errstate(over="ignore", invalid="ignore"):
            sums = np.cumsum((1 - self.beta) * rows / powers[:, None], axis=0)
            raw = powers[:, None] * (self._state + sums)
        self._state = raw[-1].copy()
        counts = self.length + np.arange(1, count + 1)
        corrected: Array = raw / -np.expm1(counts * math.log(self.beta))[:, None]
        return corrected

    def _append(self, rows: Array) -> None:
        block, first = divmod(self.length, _BLOCK)
        if block == len(self._blocks):
            self._blocks.append(np.empty((_BLOCK, self._columns)))
        self._blocks[block][first : first + len(rows)] = rows
        self.length += len(rows)


class AllData:
    """Interpolates the loss on all data geometrically between measurements, or linearly if one is not positive."""

    def __init__(self, trace: Trace) -> None:
        assert trace.full is not None
        self._trace, self._full = trace, trace.full

    @property
    def length(self) -> int:
        """Number of rows up to the last measurement."""
        return self._full.step_at(self._trace.length - 1) + 1

    def rows(self, start: int, stop: int) -> Array:
        """Returns the losses (n, R) of the rows start..stop; NaN after the end of a run."""
        steps, losses = self._full.around(start, stop)
        rows = np.arange(start, stop)
        left = np.maximum(np.searchsorted(steps, rows, "right") - 1, 0)
        right = np.minimum(left + 1, len(steps) - 1)
        share = ((rows - steps[left]) / np.maximum(steps[right] - steps[left], 1))[:, None]
        before, after = losses[left], losses[right]
        with np.errstate(all="ignore"):
            geometric = before * (after / before) ** share
        lines = np.where((before > 0) & (after > 0), geometric, before + share * (after - before))
        return np.where(rows[:, None] >= self._trace.ends, np.nan, lines)


def forward_filled(trace: Trace, name: str) -> Read:
    """Returns a reader of a metric's rows (n, R), with each value repeated until the next measurement."""

    def read(start: int, stop: int) -> Array:
        first = start
        while first > 0 and not np.isfinite(trace.read(name, first, first + 1)).any():
            first = max(0, first - 1)
        rows = trace.read(name, first, stop)
        measured = np.maximum.accumulate(np.where(np.isfinite(rows).any(axis=1), np.arange(len(rows)), 0))
        ended = np.arange(first, first + len(rows))[:, None] >= trace.ends
        return np.where(ended, np.nan, rows[measured])[start - first :]

    return read
