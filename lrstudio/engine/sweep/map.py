"""A map of two numbers, from coarse to fine: a picture at once, and a sharper one again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.experiment import Stop
from lrstudio.engine.sweep.sweep import UNKNOWN, Summary, Sweep

FIRST_CELLS = 1024
"""About so many cells has the first picture."""


@dataclass(frozen=True)
class Picture:
    """What is known of a map so far.

    `summary` has the whole map's shape (ny, nx) and grows in place while the map is computed; cells that are not known
    have the verdict -1. All cells at multiples of `stride` are known, except in the picture of the first chunks.
    `share` is the share of the cells that is known.
    """

    summary: Summary
    stride: int
    share: float

    def filled(self, column: str) -> Array:
        """A column (ny, nx) in which every cell that is not known has the value of the nearest corner that is."""
        values: Array = getattr(self.summary, column)
        coarse = values[:: self.stride, :: self.stride]
        spread = np.repeat(np.repeat(coarse, self.stride, axis=0), self.stride, axis=1)
        height, width = values.shape
        known = self.summary.verdict != UNKNOWN
        return np.where(known, values, spread[:height, :width])


def strides(shape: tuple[int, int]) -> list[int]:
    """The distances of the cells that are computed, halving from the first picture's to 1."""
    stride = 1
    while (shape[0] // (2 * stride)) * (shape[1] // (2 * stride)) >= FIRST_CELLS:
        stride *= 2
    return [2**power for power in range(stride.bit_length() - 1, -1, -1)]


def refined(sweep: Sweep, stop: Stop = lambda: False) -> Iterator[Picture]:
    """Pictures of a sweep along two names, one after every chunk, until all is known or `stop()` says so.

    The summary of a picture is the map's own and goes on changing while the generator is asked for more; who shows a
    picture in another thread takes `filled(...)`, which is a copy, in the thread that computes.
    """
    if len(sweep.shape) != 2:
        raise ValueError("a map goes along two names")
    height, width = sweep.shape
    summary = Summary.empty((height, width))
    cells = np.arange(sweep.cells).reshape(height, width)
    done, complete = 0, strides((height, width))[0]
    for stride in strides((height, width)):
        level = cells[::stride, ::stride]
        fresh = level[summary.verdict[::stride, ::stride] == UNKNOWN]
        for places, part in sweep.chunks(fresh, stop):
            summary.put(places, part)
            done += len(places)
            yield Picture(summary, complete, done / sweep.cells)
        if stop():
            return
        complete = stride
    yield Picture(summary, 1, 1.0)
