"""The curve of a range test, or of a log, as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from lrstudio.core.array import Array


def range_rows(lr: Array, loss: Array, smoothed: Array, iteration: Array | None = None) -> Iterator[str]:
    """The lines of the table of rates, losses and smoothed losses (n,), its header first; rows are counted from 0."""
    yield "iteration,lr,loss,smoothed\n"
    steps = range(len(loss)) if iteration is None else map("{:.17g}".format, iteration.tolist())
    for step, *values in zip(steps, lr.tolist(), loss.tolist(), smoothed.tolist(), strict=True):
        yield f"{step},{','.join(map(repr, values))}\n"
