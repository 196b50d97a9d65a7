"""Computes the map of a sweep along two axes from coarse to fine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Stop
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep

FIRST_CELLS = 1024
"""The least number of cells in the first picture of a large map."""


@dataclass(frozen=True)
class Picture:
    """The computed part of a map.

    `summary` has the whole map's shape (ny, nx) and is filled in place while the map is computed; unknown cells have
    the verdict -1. All cells at multiples of `stride` are computed, except in the first pictures. `share` is the
    computed share of the cells.
    """

    summary: Summary
    stride: int
    share: float

    def filled(self, column: str) -> Array:
        """Returns a column (ny, nx) in which unknown cells have the value of the corner of their block."""
        values: Array = getattr(self.summary, column)
        coarse = values[:: self.stride, :: self.stride]
        spread = np.repeat(np.repeat(coarse, self.stride, axis=0), self.stride, axis=1)
        height, width = values.shape
        return np.where(self.summary.verdict != UNKNOWN, values, spread[:height, :width])


def strides(shape: tuple[int, int]) -> list[int]:
    """Returns the strides between the computed cells, halving from the first picture's to 1."""
    stride = 1
    while (shape[0] // (2 * stride)) * (shape[1] // (2 * stride)) >= FIRST_CELLS:
        stride *= 2
    return [2**power for power in range(stride.bit_length() - 1, -1, -1)]


def refined(sweep: Sweep, stop: Stop = lambda: False) -> Iterator[Picture]:
    """Yields pictures of a sweep along two names, one after every chunk, until it is done or `stop()` returns True.

    All pictures share one summary, which changes as the generator advances; another thread must be passed a copy, such
    as `filled(...)` returns.
    """
    if len(sweep.shape) != 2:
        raise ValueError(tr("a map goes along two names"))
    height, width = sweep.shape
    summary = Summary.empty((height, width))
    cells = np.arange(sweep.cells).reshape(height, width)
    done, complete = 0, strides((height, width))[0]
    for stride in strides((height, width)):
        level = cells[::stride, ::stride]
        fresh = level[summary.verdict[::stride, ::stride] == UNKNOWN]
        for members, part in sweep.chunks(fresh, stop):
            summary.put(members, part)
            done += len(members)
            yield Picture(summary, complete, done / sweep.cells)
        if stop():
            return
        complete = stride
    yield Picture(summary, 1, 1.0)
