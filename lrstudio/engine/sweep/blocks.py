"""Cuts a large sweep into blocks, which are computed in any order and on any machine with the same bits."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import NamedTuple

import numpy as np

from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep

FEWEST, MOST = 64, 2**16
"""Bounds of the cells of a block."""
_WORK = 2**27
"""Steps times data points times weights of all runs of a block: a fraction of a second on one core, where a sweep of
10⁶ rates takes 0.03 s to arrive."""


class Block(NamedTuple):
    """The cells from `first` up to, without, `end`."""

    first: int
    end: int

    @property
    def cells(self) -> slice:
        return slice(self.first, self.end)


Computed = Generator[tuple[Block, Summary], None, None]
"""Blocks in any order, with the summary (end - first,) of each."""


def missing_blocks(sweep: Sweep, known: Summary) -> list[Block]:
    """Returns the blocks of a sweep, in order, in which a cell of the summary is unknown."""
    length = _length(sweep)
    codes = known.verdict.ravel()
    blocks = [Block(first, min(first + length, sweep.cells)) for first in range(0, sweep.cells, length)]
    return [block for block in blocks if (codes[block.cells] == UNKNOWN).any()]


def computed_block(sweep: Sweep, block: Block) -> Summary:
    """Returns the summary of a block."""
    cells, result = np.arange(*block), Summary.empty((block.end - block.first,))
    for members, part in sweep.chunks(cells):
        result.put(members - block.first, part)
    return result


def computed_blocks(sweep: Sweep, blocks: Iterable[Block]) -> Computed:
    """Computes the blocks one after the other."""
    for block in blocks:
        yield block, computed_block(sweep, block)


def _length(sweep: Sweep) -> int:
    """Returns the number of cells of a block: a power of two, the fewer the longer a run takes."""
    experiment = sweep.experiment
    values = max(1, experiment.batch_size or experiment.data_size) * max(1, experiment.problem.size)
    cells = max(1, _WORK // (experiment.steps * values))
    return min(MOST, max(FEWEST, 1 << (cells.bit_length() - 1)))
