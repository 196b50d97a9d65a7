"""The values of a log as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lrstudio.store.csv.cells import harmless
from lrstudio.store.logs.model import COUNTER, Log, Run

_BLOCK = 4096


def csv_lines(log: Log) -> Iterator[str]:
    """Yields the values as lines of CSV: run, count, and a column for each name, empty where nothing was logged."""
    kinds = list(dict.fromkeys(run.counter for run in log.runs))
    names = list(dict.fromkeys(series.name for run in log.runs for series in run.series))
    counter = kinds[0] if len(kinds) == 1 else "count"
    shown = [f"{name} (of {COUNTER})" if name in ("run", counter) else name for name in names]
    yield ",".join(["run", counter, *map(_cell, shown)]) + "\n"
    for run in log.runs:
        yield from _run_lines(run, names)


def _run_lines(run: Run, names: Sequence[str]) -> Iterator[str]:
    counts = np.unique(np.concatenate([series.at for series in run.series]))
    places = {series.name: (np.searchsorted(counts, series.at), series.values) for series in run.series}
    title = _cell(run.title)
    for start in range(0, len(counts), _BLOCK):
        stop = min(start + _BLOCK, len(counts))
        columns = [[title] * (stop - start), [f"{count:.17g}" for count in counts[start:stop].tolist()]]
        for name in names:
            cells = [""] * (stop - start)
            if name in places:
                rows, values = places[name]
                low, high = np.searchsorted(rows, (start, stop)).tolist()
                for row, value in zip(rows[low:high].tolist(), values[low:high].tolist(), strict=True):
                    cells[row - start] = repr(value)
            columns.append(cells)
        yield "\n".join(map(",".join, zip(*columns, strict=True))) + "\n"


def _cell(text: str) -> str:
    text = harmless(" ".join(text.split()))
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"') else text
