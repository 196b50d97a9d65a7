"""The comparison as text for the clipboard: tab-separated, with a header, every number in full."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lrstudio.ui.instruments.compare.columns import Column, Subject, tr
from lrstudio.ui.instruments.compare.model import CompareModel


def as_text(model: CompareModel, rows: Sequence[int] | None = None) -> str:
    """These rows of the table, or all, in the order that is seen."""
    subjects, base = model.subjects, model.baseline
    chosen = subjects if rows is None else [subjects[row] for row in rows]
    several = any(len(subject.standings) > 1 for subject in subjects)
    header = [name for column in model.columns for name in _names(column, base, several=several)]
    lines = [
        [cell for column in model.columns for cell in _cells(column, subject, base, several=several)]
        for subject in chosen
    ]
    return "".join("\t".join(line) + "\n" for line in [header, *lines])


def _names(column: Column, base: Subject | None, *, several: bool) -> list[str]:
    names = [column.title]
    if _has_spread(column) and several:
        names += [tr("standard deviation"), tr("seeds")]
    if column.difference is not None and base is not None:
        names.append(tr("against the baseline"))
    return names


def _cells(column: Column, subject: Subject, base: Subject | None, *, several: bool) -> list[str]:
    if column.numbers is None:
        return [column.text(subject)]
    spread = column.spread(subject)
    cells = [_full(spread.mean)]
    if _has_spread(column) and several:
        cells += [_full(spread.deviation), str(spread.count)]
    if column.difference is not None and base is not None:
        cells.append(column.compared(subject, base))
    return cells


def _has_spread(column: Column) -> bool:
    return column.numbers is not None and column.key != "lr"


def _full(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return repr(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)
