"""Tables with a row for each value, beside its name, as MLflow's histories and TensorBoard's data frames have them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.cells import UNDECIDED, printable
from lrstudio.store.csv.columns import CellReader
from lrstudio.store.csv.import_csv import Preview
from lrstudio.store.logs.assemble import Found, Group, Rows
from lrstudio.store.logs.cells import is_gap, value_of, values_of
from lrstudio.store.logs.model import COUNTER, LeftOut, LogError
from lrstudio.store.logs.names import TIME, meaning, normal
from lrstudio.store.logs.tables import batches, is_numeric

_NAMES = ("key", "tag", "metric", "metric_name", "metric_key", "name")
_RUNS = ("run_name", "run", "run_id", "run_uuid", "experiment")
_MOST_RUNS, _LONGEST = 1000, 500


@dataclass(frozen=True)
class LongColumns:
    """The indices of the columns with the names, the values and, if there are such, the runs and the counters."""

    name: int
    value: int
    run: int | None
    counters: tuple[int, ...]


def long_columns(preview: Preview) -> LongColumns | None:
    """Returns the columns of a table with a row for each value; None for another table."""
    if not preview.form.header:
        return None
    plain = [normal(name) for name in preview.names]
    texts = [index for index, kind in enumerate(preview.kinds) if kind in ("text", "two values")]
    name = next((plain.index(each) for each in _NAMES if each in plain and plain.index(each) in texts), None)
    if name is None or "value" not in plain or not is_numeric(preview, plain.index("value")):
        return None
    counters = [
        index
        for index, each in enumerate(preview.names)
        if meaning(each).role == COUNTER and (is_numeric(preview, index) or meaning(each).kind != TIME)
    ]
    run = next((plain.index(each) for each in _RUNS if each in plain), None)
    return LongColumns(name, plain.index("value"), run, tuple(counters))


def read_long(path: Path, preview: Preview, columns: LongColumns, drop: bool, progress: Progress | None) -> Found:
    """Reads a table with a row for each value; BadCellsError for cells that are no numbers, unless they are dropped."""
    reader = CellReader(preview.names)
    runs: dict[str, Rows] = {}
    decimal = preview.form.decimal or UNDECIDED
    with closing(batches(path, preview.form, preview.first, len(preview.names), progress)) as all_batches:
        for first, batch, turned in all_batches:
            if turned and _add_columns(runs, reader.names, columns, batch, decimal):
                continue
            for number, row in enumerate(zip(*batch, strict=True) if turned else batch, first):
                if any(map(str.strip, row)):
                    _add(runs, reader, columns, row, number, decimal)
    reader.refuse_bad(drop)
    used = {columns.name, columns.value, columns.run, *columns.counters}
    found = Found(preview.title, [rows.table(preview.title, run) for run, rows in runs.items()])
    found.left_out = [
        LeftOut(name, tr("says nothing of a value")) for index, name in enumerate(preview.names) if index not in used
    ]
    if reader.dropped:
        found.notes.append(tr("{dropped} rows with a bad cell were left out", dropped=reader.dropped))
    return found


def _add_columns(
    runs: dict[str, Rows], names: Sequence[str], columns: LongColumns, cells: Sequence[list[str]], decimal: str
) -> bool:
    """Adds rows, given as columns of cells, fast; returns whether all cells that must be numbers are."""
    numbers = [values_of(cells[index], decimal) for index in (*columns.counters, columns.value)]
    if any(found is None or found[1] is not None for found in numbers):
        return False
    values = [found[0] for found in numbers if found is not None]
    own = [""] * len(values[-1]) if columns.run is None else cells[columns.run]
    places = dict[tuple[str, str], list[int]]()
    for place, key in enumerate(zip(own, cells[columns.name], strict=True)):
        places.setdefault(key, []).append(place)
    groups: dict[str, list[Group]] = {}
    for (run, name), rows in places.items():
        labels = [*(names[index] for index in columns.counters), _label(name)]
        found = {label: column[rows] for label, column in zip(labels, values, strict=True)}
        groups.setdefault(_label(run), []).append((rows, tuple(found), tuple(found.values())))
    for run, group in groups.items():
        _of_run(runs, run).merge(group)
    return True


def _label(cell: str) -> str:
    return printable(cell.strip())[:_LONGEST]


def _of_run(runs: dict[str, Rows], run: str) -> Rows:
    if len(runs) >= _MOST_RUNS and run not in runs:
        raise LogError(tr("has more than {most} runs", most=_MOST_RUNS))
    return runs.setdefault(run, Rows())


def _add(
    runs: dict[str, Rows], reader: CellReader, columns: LongColumns, row: Sequence[str], number: int, decimal: str
) -> None:
    def cell(index: int) -> str:
        return row[index] if index < len(row) else ""

    before, values = reader.total, dict[str, float]()
    name = _label(cell(columns.name))
    for index in (*columns.counters, columns.value):
        if is_gap(cell(index)):
            continue
        try:
            values[name if index == columns.value else reader.names[index]] = value_of(cell(index), decimal)
        except ValueError as error:
            reader.note(number, index, cell(index), error)
    if reader.total > before:
        reader.dropped += 1
    elif name in values:
        _of_run(runs, "" if columns.run is None else _label(cell(columns.run))).add(values)
