"""Rows that are appended without moving what is there."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array

BLOCK_ROWS = 65536
_BLOCK_VALUES = 2**22


class Column:
    """Rows in preallocated blocks: growing copies nothing, and what a reader holds never moves."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._rows = max(1, min(BLOCK_ROWS, _BLOCK_VALUES // max(1, int(np.prod(shape)))))
        self._blocks: list[Array] = []

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)

    def write(self, start: int, values: Array) -> None:
        while len(self._blocks) * self._rows < start + len(values):
            self._blocks.append(np.empty((self._rows, *self._shape)))
        done = 0
        while done < len(values):
            block, row = divmod(start + done, self._rows)
            count = min(self._rows - row, len(values) - done)
            self._blocks[block][row : row + count] = values[done : done + count]
            done += count

    def read(self, start: int, stop: int) -> Array:
        pieces = [
            block[max(0, start - first) : stop - first]
            for first, block in ((place * self._rows, block) for place, block in enumerate(self._blocks))
            if first < stop and start < first + self._rows
        ]
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else np.empty((0, *self._shape))
