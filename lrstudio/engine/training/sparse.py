"""The rows of a long trace that memory has no room for: every so many-th is kept, and the others are made again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import RLock
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.training.columns import Column
from lrstudio.engine.training.pool import POOL

Shapes = Mapping[str, tuple[int, ...]]
States = Sequence[Mapping[str, Array]]
_BYTES, _FEWEST = 2**27, 4
"""Bytes of stretches at hand, more than a window leaves unseen of a run, and the least number of them."""
_BLOCK = 1024
"""Kept rows whose memory is asked for at once."""


class Kept(NamedTuple):
    """What stands for a stretch of rows: its first row by column, and the optimizers' states at it."""

    row: Mapping[str, Array]
    states: States


class SparseRows:
    """The rows from `first` on, in stretches of `every` rows, of which only the newest and those last read are at hand.

    Of each there is what a run needs to go on from its first row: `remake(start, stop)` makes the rows start..stop of
    all columns again, with the same bits. `shapes` are those of a row of each column, `states` those of the optimizers'
    states. One thread writes, others read.
    """

    def __init__(self, first: int, every: int, shapes: Shapes, states: Sequence[Shapes]) -> None:
        self.first, self.every, self.length = first, every, first
        self.remake: Callable[[int, int], Mapping[str, Array]] | None = None
        self.last: Mapping[str, Array] = {}
        """The rows (1, ...) of a restored trace's last step, so that nothing is made again before it is needed."""
        self._shapes = shapes
        self.rows = {name: _column(shape) for name, shape in shapes.items()}
        self.states = [{name: _column(shape) for name, shape in group.items()} for group in states]
        self.least, self.peak = _column(shapes["loss"]), _column(shapes["loss"])
        """The least and the greatest losses of each stretch that is over."""
        self._newest = -1
        self._at_hand: OrderedDict[int, dict[str, Array]] = OrderedDict()
        self._most = max(_FEWEST, _BYTES // (8 * every * sum(int(np.prod(shape)) for shape in shapes.values())))
        self._lock = RLock()

    @property
    def nbytes(self) -> int:
        kept = [*self.rows.values(), self.least, self.peak, *(own for group in self.states for own in group.values())]
        at_hand = [values for stretch in list(self._at_hand.values()) for values in stretch.values()]
        return sum(column.nbytes for column in kept) + sum(values.nbytes for values in at_hand)

    def count(self, length: int) -> int:
        """Returns the number of stretches, the last of which may be unfinished, of a trace of so many rows."""
        return max(0, -(-(length - self.first) // self.every))

    def steps_to_keep(self, step: int) -> int:
        """Returns the number of steps from one to the next whose row is kept."""
        return self.every - (step - self.first) % self.every

    def keep(self, step: int, states: States) -> None:
        """Keeps the states at a step if its row is kept, which is the first of a stretch; sums up the one before."""
        index, row = divmod(step - self.first, self.every)
        if row or index < 0:
            return
        for columns, state in zip(self.states, states, strict=True):
            for name, column in columns.items():
                column.write(index, np.asarray(state[name], float)[None])
        if index:
            losses = self._stretch(index - 1)["loss"]
            self.least.write(index - 1, np.fmin.reduce(losses)[None])
            self.peak.write(index - 1, np.fmax.reduce(losses)[None])

    def kept(self, start: int) -> Kept:
        """Returns what is kept of the stretch that begins with a row."""
        index = (start - self.first) // self.every
        row = {name: column.read(index, index + 1)[0] for name, column in self.rows.items()}
        states = [{name: column.read(index, index + 1)[0] for name, column in own.items()} for own in self.states]
        return Kept(row, states)

    def write(self, column: str, start: int, values: Array) -> None:
        done = 0
        for index, row, count in self._parts(start, start + len(values)):
            own = values[done : done + count]
            self._stretch(index)[column][row : row + count] = own
            if row == 0:
                self.rows[column].write(index, own[:1])
            done += count

    def erase(self, runs: Array, start: int, stop: int) -> None:
        """Sets the values of some runs (k,) to NaN in the rows start..stop."""
        for index, row, count in self._parts(start, stop):
            for name, values in self._stretch(index).items():
                values[row : row + count, runs] = np.nan
                if row == 0:
                    self.rows[name].erase(runs, index, index + 1)

    def read(self, column: str, start: int, stop: int) -> Array:
        """Returns the rows start..stop of a column; a view where they lie in one stretch."""
        if self.last and start == self.length - 1 and stop == self.length:
            return self.last[column]
        index, row = divmod(start - self.first, self.every)
        if row == 0 and stop == start + 1 and index not in self._at_hand:
            return self.rows[column].read(index, index + 1)
        pieces = [self._stretch(index)[column][row : row + count] for index, row, count in self._parts(start, stop)]
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else np.empty((0, *self._shapes[column]))

    def quick(self, start: int, most: int) -> int:
        """Returns how many of the rows from one on, at most so many, are at hand; if none is, those of its stretch."""
        offset = start - self.first
        index = first = offset // self.every
        while index in self._at_hand and index * self.every < offset + most:
            index += 1
        return min(most, max(index, first + 1) * self.every - offset)

    def publish(self, length: int) -> None:
        """Sets the number of rows of the trace."""
        if length != self.length:
            self.length, self.last = length, {}

    def _parts(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Returns for each stretch that the rows start..stop are in its index, a row in it and the number of rows."""
        while start < stop:
            index, row = divmod(start - self.first, self.every)
            count = min(self.every - row, stop - start)
            yield index, row, count
            start += count

    def _stretch(self, index: int) -> dict[str, Array]:
        """Returns the columns of a stretch, made again unless they are at hand."""
        found = self._at_hand.get(index)
        if found is not None and index >= self._newest - 1:  # those never go
            return found
        with self._lock:
            found = self._at_hand.get(index)
            if found is None:
                found = {name: POOL.block((self.every, *shape)) for name, shape in self._shapes.items()}
                begin = self.first + index * self.every
                if begin < self.length:
                    assert self.remake is not None
                    for name, values in self.remake(begin, min(begin + self.every, self.length)).items():
                        found[name][: len(values)] = values
                self._newest = max(self._newest, index)
                self._at_hand[index] = found
                for other in list(self._at_hand)[: max(0, len(self._at_hand) - self._most)]:
                    if other < self._newest - 1:  # the others are being written
                        del self._at_hand[other]
            self._at_hand.move_to_end(index)
            return found


def _column(shape: tuple[int, ...]) -> Column:
    return Column(shape, most=_BLOCK)
