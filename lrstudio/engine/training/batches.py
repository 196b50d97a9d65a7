"""Which data points each step looks at."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array

_MANY = 100_000
"""Shuffling more than these would hold Python's lock, and with it the window, for longer than a frame."""


class Batches:
    """Mini-batches of shuffled data, the same for all runs. A pure function of the step, so that resuming is exact."""

    def __init__(self, size: int, batch_size: int | None, seed: int) -> None:
        self._size = size
        self._batch_size = batch_size
        self._seed = seed
        self._order: tuple[int, Array] | None = None
        self.per_epoch = 1 if batch_size is None else -(-size // batch_size)

    def ends_epoch(self, step: int) -> bool:
        """Whether so many steps are whole epochs: each data point was looked at equally often."""
        return step % self.per_epoch == 0

    def rows(self, step: int) -> Array | None:
        """The data points of a step; None for all of them."""
        if self._batch_size is None:
            return None
        epoch, place = divmod(step, self.per_epoch)
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, self._shuffled(epoch)
        return self._order[1][place * self._batch_size : (place + 1) * self._batch_size]

    def _shuffled(self, epoch: int) -> Array:
        seed = np.random.SeedSequence(self._seed, spawn_key=(epoch,))
        random = np.random.default_rng(seed)
        if self._size <= _MANY:
            return random.permutation(self._size)
        keys = np.empty(self._size)
        for start in range(0, self._size, _MANY):
            random.random(out=keys[start : start + _MANY])
        return np.argsort(keys, kind="stable")
