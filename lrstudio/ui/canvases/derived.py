"""Columns computed from those of a trace: smoothed, interpolated or filled between measurements."""

from __future__ import annotations

import math

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.drawing.pyramid import Read

_MAX_ROWS = 4096
_MIN_POWER = 1e-250
_CACHED, _FEWEST = 2**21, 4
"""Numbers in the pieces that are not computed again, and the least number of these pieces."""


class Smoothed:
    """Exponential moving average with bias correction, as in Adam and the LR finders.

    s_t = beta s_(t-1) + (1 - beta) x_t from s_(-1) = 0, divided by 1 - beta^(t+1).

    `read(start, stop)` returns the finite rows (n, columns) to smooth; rows after a NaN are NaN. Of every piece of some
    thousand rows the state at its start is kept; the rows are computed again but for those of the pieces last read.
    """

    def __init__(self, read: Read, columns: int, beta: float) -> None:
        self.beta = beta
        self.length = 0
        self._read = read
        self._states = [np.zeros(columns)]
        self._pieces: dict[int, Array] = {}
        self._columns = columns
        self._rows = max(1, min(_MAX_ROWS, int(math.log(_MIN_POWER) / math.log(beta))))
        self._most = max(_FEWEST, _CACHED // (self._rows * columns))

    def extend(self, length: int) -> None:
        """Smooths the rows up to `length`."""
        while self.length < length:
            piece = self.length // self._rows
            self.length = min(length, (piece + 1) * self._rows)
            self._piece(piece)

    def rows(self, start: int, stop: int) -> Array:
        """Returns the smoothed rows start..stop, of those up to `length`."""
        stop = min(stop, self.length)
        pieces = [
            self._piece(index)[max(0, start - index * self._rows) : stop - index * self._rows]
            for index in range(start // self._rows, -(-stop // self._rows) if start < stop else 0)
        ]
        return np.concatenate(pieces) if pieces else np.empty((0, self._columns))

    def _piece(self, index: int) -> Array:
        """Returns the rows of a piece up to `length`, by a cumulative sum of x_i beta^-i."""
        first = index * self._rows
        stop = min(self.length, first + self._rows)
        rows = self._pieces.pop(index, np.empty((0, self._columns)))
        if len(rows) < stop - first:
            read = self._read(first, stop)
            powers = self.beta ** np.arange(1, len(read) + 1)
            with np.errstate(over="ignore", invalid="ignore"):
                sums = np.cumsum((1 - self.beta) * read / powers[:, None], axis=0)
                raw = powers[:, None] * (self._states[index] + sums)
            if len(raw) == self._rows and len(self._states) == index + 1:
                self._states.append(raw[-1].copy())
            counts = first + np.arange(1, len(read) + 1)
            rows = raw / -np.expm1(counts * math.log(self.beta))[:, None]
        self._pieces[index] = rows
        while len(self._pieces) > self._most:
            del self._pieces[next(iter(self._pieces))]
        return rows


class AllData:
    """Interpolates the loss on all data geometrically between measurements, or linearly if one is not positive."""

    def __init__(self, trace: Trace) -> None:
        assert trace.full is not None
        self._trace, self._full = trace, trace.full

    @property
    def length(self) -> int:
        """Number of rows up to the last measurement of every run that has not ended."""
        last = self._trace.length - 1
        if self._trace.steps_per_epoch is not None:
            return self._full.step_at(last) + 1
        return int(np.where(self._trace.ends > last, np.minimum(self._full.newest, last), last).min()) + 1

    def rows(self, start: int, stop: int) -> Array:
        """Returns the losses (n, R) of the rows start..stop; NaN after the end of a run."""
        if self._trace.steps_per_epoch is not None:
            return self._lines(start, stop, *self._full.around(start, stop))
        lines = np.empty((max(0, stop - start), self._trace.runs))
        for run, every in enumerate(self._trace.per_epoch):
            low, high = start - start % every, stop - 1 + -(stop - 1) % every
            steps, losses = self._full.around(low, high + 1)
            own = (steps % every == 0) | (steps == self._trace.rows(run) - 1)
            lines[:, run] = self._lines(start, stop, steps[own], losses[own])[:, run]
        return lines

    def _lines(self, start: int, stop: int, steps: Array, losses: Array) -> Array:
        """Returns the losses between those (k, R) that were measured at steps (k,)."""
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
        while first > 0 and not np.isfinite(trace.read(name, first, first + 1))[:, trace.ends > first].all():
            first = max(0, first - 1)
        rows = trace.read(name, first, stop)
        indices = np.arange(len(rows))[:, None]
        measured = np.maximum.accumulate(np.where(np.isfinite(rows), indices, 0), axis=0)
        ended = first + indices >= trace.ends
        return np.where(ended, np.nan, np.take_along_axis(rows, measured, axis=0))[start - first :]

    return read
