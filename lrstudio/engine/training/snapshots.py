"""All weights of a network at some steps: dense enough to look back, few enough to keep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrstudio.core.array import Array

_MOST, _FEWEST = 512, 16
_BYTES = 100_000_000


class Snapshots:
    """Weights (R, P) at the multiples of `stride`, which doubles when there would be more of them than fit.

    One thread takes, others look.
    """

    def __init__(self, runs: int, size: int) -> None:
        self.shape = runs, size
        self.most = min(_MOST, max(_FEWEST, _BYTES // (8 * runs * size)))
        self.stride = 1
        self._kept: tuple[tuple[int, Array], ...] = ()

    @property
    def nbytes(self) -> int:
        """How much memory they take."""
        return sum(weights.nbytes for _, weights in self._kept)

    @property
    def steps(self) -> list[int]:
        """The steps at which there is one, in their order."""
        return [step for step, _ in self._kept]

    def take(self, step: int, weights: Array) -> None:
        """Keep the weights of a step, where it is one of those that are kept."""
        if step % self.stride:
            return
        kept = (*self._kept, (step, np.array(weights, float)))
        while len(kept) > self.most:
            self.stride *= 2
            kept = tuple(entry for entry in kept if entry[0] % self.stride == 0)
        self._kept = kept

    def at(self, step: int) -> tuple[int, Array]:
        """The last one at or before a step, and its own step."""
        kept = self._kept
        place = int(np.searchsorted([known for known, _ in kept], step, "right")) - 1
        return kept[max(place, 0)]

    def weights(self, start: int, stop: int) -> Array:
        """Those at the places start..stop (n, R, P)."""
        return np.stack([weights for _, weights in self._kept[start:stop]])

    @classmethod
    def of(cls, steps: Sequence[int], weights: Array) -> Snapshots:
        """Those that were saved. ValueError unless the steps are the first multiples of a power of two."""
        _, runs, size = weights.shape
        made = cls(runs, size)
        gap = int(steps[1]) if len(steps) > 1 else 1
        even = gap > 0 and [int(step) for step in steps] == list(range(0, gap * len(steps), gap))
        if not len(steps) or gap & (gap - 1) or not even:
            raise ValueError("the snapshots must begin at 0 and be equally far apart, by a power of two")
        if len(steps) > made.most:
            raise ValueError(f"{len(steps)} snapshots: at most {made.most}")
        made.stride = gap
        made._kept = tuple((int(step), values.copy()) for step, values in zip(steps, weights, strict=True))
        return made
