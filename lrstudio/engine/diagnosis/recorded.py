"""The plain arrays of a run that a diagnosis reads."""

from __future__ import annotations

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass

MOST_ROWS = 4096
"""Longer runs are read as means of equal numbers of rows."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """The losses (n,) of a run at the counts `at` (n,), and the rates (n,) they were trained with, NaN where unknown.

    `val` (m,) are losses on validation data at `val_at` (m,), without NaN. `counter` is what is counted, as in
    "step". `total` is the number of rows before `thinned`. `untold` is why no course of the loss tells of the rate, a
    key of a sentence, or "" where it does.
    """

    at: Array
    loss: Array
    rate: Array
    val_at: Array
    val: Array
    counter: str = "step"
    total: int = 0
    untold: str = ""

    @property
    def has_rates(self) -> bool:
        return bool(np.isfinite(self.rate).any())


def recorded(
    at: Array,
    loss: Array,
    rate_at: Array | None = None,
    rate: Array | None = None,
    val_at: Array | None = None,
    val: Array | None = None,
    counter: str = "step",
) -> Recorded:
    """Returns the run with, at each loss, the last rate that was logged, or before all of them the first."""
    at, loss = np.asarray(at, float), np.asarray(loss, float)
    rates = np.full(len(at), np.nan)
    if rate is not None and rate_at is not None and len(rate):
        index = np.searchsorted(rate_at, at, "right") - 1
        rates = np.asarray(rate, float)[np.maximum(index, 0)]
    empty = np.empty(0)
    places = empty if val_at is None else np.asarray(val_at, float)
    values = empty if val is None else np.asarray(val, float)
    finite = np.isfinite(values)
    places, values = _thin(places[finite], values[finite])
    total = len(at)
    broken = np.flatnonzero(~np.isfinite(loss))
    end = int(broken[0]) if len(broken) else total
    tail = slice(end, end + 1)
    short, means = _thin(at[:end], loss[:end])
    _, thin_rates = _thin(at[:end], rates[:end], last=True)
    return Recorded(
        np.append(short, at[tail]), np.append(means, loss[tail]), np.append(thin_rates, rates[tail]),
        places, values, counter, total,
    )  # fmt: skip


def _thin(at: Array, values: Array, *, last: bool = False) -> tuple[Array, Array]:
    """Returns at most MOST_ROWS means of equal numbers of rows, or their last values, at the last count of each."""
    every = -(-len(at) // MOST_ROWS) if len(at) else 1
    if every <= 1:
        return at, values
    whole = len(at) // every * every
    blocks = values[:whole].reshape(-1, every)
    return at[every - 1 : whole : every], blocks[:, -1] if last else blocks.mean(axis=1)
