"""A range test's curve as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lrstudio.engine.range_test import RangeCurve
from lrstudio.store.atomic import writing


def range_rows(curve: RangeCurve) -> Iterator[str]:
    """The lines of the table, its header first."""
    yield "iteration,lr,loss,smoothed\n"
    columns = (curve.lr.tolist(), curve.loss.tolist(), curve.smoothed.tolist())
    for place, values in enumerate(zip(*columns, strict=True)):
        yield f"{place},{','.join(map(repr, values))}\n"


def write_range_csv(path: Path, curve: RangeCurve) -> None:
    """Replace a file by the table; OSError comes from the disk."""
    with writing(path) as write:
        for text in range_rows(curve):
            write(text.encode())
