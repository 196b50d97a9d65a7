"""Reading every column of numbers of a CSV log, and collecting the bad cells of its counter, rates and losses."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import field
from pathlib import Path

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.cells import UNDECIDED, AmbiguousError, resembles_number
from lrstudio.store.csv.columns import CellReader
from lrstudio.store.csv.format import CsvError, Format, batches_of, is_comment, pieces_of
from lrstudio.store.csv.import_csv import Preview
from lrstudio.store.logs.cells import has_several, is_gap, rate_of, unwrapped, value_of, values_of
from lrstudio.store.logs.model import COUNTER, LOSS, RATE, Column, Table
from lrstudio.store.logs.names import in_phase

MOST_VALUES = 40_000_000
_STRICT = (COUNTER, RATE, LOSS)

Batch = tuple[int, list[list[str]], bool]
"""The number of the first row, and rows; or with True columns, of rows that all have a cell for each name."""


@dataclass
class TableReader(CellReader):
    """Reads the columns whose index `roles` has. A row with a bad cell of a counter, a rate or a loss is left out.

    A bad cell of a metric is a missing value, and counted in `odd`.
    """

    form: Format
    roles: Mapping[int, str]
    head: tuple[str, ...] = ()
    """The names as the file has them: a row that repeats them begins a new table."""
    pieces: list[list[tuple[Array, Array | None]]] = field(default_factory=list)
    """For every batch the values (m,) of the columns, and which are there, None for all."""
    count: int = 0
    wide: int = 0
    """Number of rows with more cells than names."""
    breaks: list[int] = field(default_factory=list)
    odd: dict[str, int] = field(default_factory=dict)
    phase: int | None = None
    """The index of a column of text that says on which data a row was measured."""
    phases: list[str] = field(default_factory=list)
    """The texts of that column, of every row."""
    several: set[str] = field(default_factory=set)
    """Names of columns with cells such as [0.1, 0.2]."""
    cut: bool = False
    """Whether the last row, which is not complete as the file is being written, was left out."""
    _values: int = 0
    _last: int = 0

    def read(self, path: Path, first: int, progress: Progress | None = None) -> None:
        """Reads a file from a row on; CsvError if it is no table or too large."""
        with closing(batches(path, self.form, first, len(self.names), progress)) as all_batches:
            for number, batch, turned in all_batches:
                self.add(batch, number, turned=turned)
        if self.bad and self.dropped == 1 and self.bad[0].row == self._last and not _ends_with_line(path):
            self.bad.clear()
            self.total, self.dropped, self.ambiguous, self.cut = 0, 0, False, True

    def add(self, batch: list[list[str]], first: int, *, turned: bool = False) -> None:
        """Reads some rows, or with `turned` columns; `first` is the number of the first row."""
        if turned and self.head and self.head[0] not in batch[0] and not any(cell[:1] == "#" for cell in batch[0]):
            columns, numbers, begins = batch, None, list[int]()
        else:
            rows, numbers, begins = self._rows(
                [list(row) for row in zip(*batch, strict=True)] if turned else batch, first
            )
            columns = [list(column) for column in zip(*rows, strict=True)]
        if not columns:
            return
        size = len(columns[0])
        self._last = numbers[-1] if numbers else first + size - 1
        rows_of = range(first, first + size) if numbers is None else numbers
        bad = np.zeros(size, bool)
        noted = len(self.bad)
        piece = [self._column(columns[index], index, role, rows_of, bad) for index, role in self.roles.items()]
        if bad.any():
            self.bad[noted:] = sorted(self.bad[noted:], key=lambda cell: (cell.row, cell.column))
            self.dropped += int(bad.sum())
            piece = [(values[~bad], None if there is None else there[~bad]) for values, there in piece]
        self.breaks += [self.count + begin - int(bad[:begin].sum()) for begin in begins]
        if self.phase is not None:
            self.phases += [cell.strip() for cell, wrong in zip(columns[self.phase], bad, strict=True) if not wrong]
        self.pieces.append(piece)
        self.count += size - int(bad.sum())
        self._values += size * len(self.roles)
        if self._values > MOST_VALUES:
            raise CsvError(
                tr("has more than {most} numbers; make a smaller file, with fewer columns or rows", most=MOST_VALUES)
            )

    def table(self, title: str, run: str = "") -> Table:
        """Returns what was read, and forgets it."""
        columns = []
        for place, index in enumerate(self.roles):
            parts = [piece[place] for piece in self.pieces]
            values = np.concatenate([np.empty(0), *(part for part, _there in parts)])
            if all(there is None for _values, there in parts):
                rows = np.arange(len(values))
            else:
                there = [np.ones(len(part), bool) if known is None else known for part, known in parts]
                rows = np.flatnonzero(np.concatenate(there))
                values = values[rows]
            columns.append(Column(self.names[index], rows, values))
        roles = {self.names[index]: role for index, role in self.roles.items()}
        self.pieces = []
        if self.phase is not None:
            columns, roles = self._by_phase(columns), {}
        return Table(title, self.count, tuple(columns), tuple(self.breaks), run, roles)

    def _by_phase(self, columns: list[Column]) -> list[Column]:
        """Returns a column for each name in each phase; counters and rates have the rows of all."""
        texts, made = np.array(self.phases), list[Column]()
        for column in columns:
            own, places = texts[column.rows], dict[str, Array]()
            for phase in np.unique(own).tolist():
                name = in_phase(column.name, phase)
                places[name] = (own == phase) | places.get(name, np.False_)
            made += [Column(name, column.rows[place], column.values[place]) for name, place in places.items()]
        return made

    def _rows(self, batch: Sequence[list[str]], first: int) -> tuple[list[list[str]], list[int], list[int]]:
        """Returns the rows with values, each of a cell for every name, their numbers, and where names are repeated."""
        width, rows, numbers, begins = len(self.names), list[list[str]](), list[int](), list[int]()
        for number, row in enumerate(batch, first):
            if not any(map(str.strip, row)) or is_comment(row, width):
                continue
            if self.head and row[0].strip() == self.head[0] and tuple(map(str.strip, row)) == self.head:
                begins.append(len(rows))
                continue
            if len(row) > width:
                row = rejoined(row, self.form.delimiter or ",")
                self.wide += len(row) > width
            rows.append([*row[:width], *[""] * (width - len(row))])
            numbers.append(number)
        return rows, numbers, begins

    def _column(
        self, cells: list[str], index: int, role: str, numbers: Sequence[int], bad: Array
    ) -> tuple[Array, Array | None]:
        """Returns the values (m,) of a column and which are there; marks rows whose cell is bad."""
        found = values_of(cells, self.form.decimal or UNDECIDED)
        if found is not None and not (role == RATE and not _are_rates(found[0])):
            values, there = found
            if role in (RATE, COUNTER) and not np.isfinite(values).all():
                finite = np.isfinite(values)
                if np.isinf(values).any():
                    return self._slow(cells, index, role, numbers, bad)
                there = finite if there is None else there & finite
            return values, there
        return self._slow(cells, index, role, numbers, bad)

    def _slow(self, cells: list[str], index: int, role: str, numbers: Sequence[int], bad: Array) -> tuple[Array, Array]:
        values, there = np.full(len(cells), np.nan), np.zeros(len(cells), bool)
        decimal = self.form.decimal or UNDECIDED
        for place, cell in enumerate(cells):
            if is_gap(cell):
                continue
            if "," in cell and has_several(cell):
                self.several.add(self.names[index])
            try:
                value = value_of(cell, decimal)
                value = rate_of(value) if role == RATE else value
                if role == COUNTER and np.isinf(value):
                    raise ValueError(tr("is infinite"))
            except ValueError as error:
                if role in _STRICT or isinstance(error, AmbiguousError):
                    self.note(numbers[place], index, cell, error)
                    bad[place] = True
                else:
                    self.odd[self.names[index]] = self.odd.get(self.names[index], 0) + 1
                continue
            values[place] = value
            there[place] = not (role in (RATE, COUNTER) and np.isnan(value))
        return values, there


def _ends_with_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        return b"\n" in file.read()


def rejoined(row: list[str], delimiter: str) -> list[str]:
    """Returns a row in which tensor(2.3, device='cuda:0') and [0.1, 0.2], written without quotes, are one cell."""
    cells, depth = list[str](), 0
    for cell in row:
        if depth > 0:
            cells[-1] += delimiter + cell
        else:
            cells.append(cell)
        depth = max(0, depth + sum(map(cell.count, "([")) - sum(map(cell.count, ")]")))
    return row if depth else cells


def _are_rates(values: Array) -> bool:
    with np.errstate(invalid="ignore"):
        return not bool((values < 0).any() or (values > 1e30).any())


def is_numeric(preview: Preview, index: int) -> bool:
    """Whether most cells of a column in the first rows are numbers, also such as tensor(0.9)."""
    cells = [row[index] for row in preview.rows if index < len(row) and not is_gap(row[index])]
    return 2 * sum(resembles_number(unwrapped(cell)) or cell.strip().lower() == "nan" for cell in cells) > len(cells)


def batches(
    path: Path, form: Format, first: int, width: int, progress: Progress | None
) -> Generator[Batch, None, None]:
    """Yields the rows of a file from number `first`, as columns where no cell is quoted and no row is odd."""
    assert form.encoding is not None and form.delimiter is not None
    number, sign = 1, form.delimiter
    try:
        with closing(pieces_of(path, form.encoding, progress)) as pieces:
            for piece in pieces:
                text = piece.getvalue().replace("\r\n", "\n")
                if '"' in text or "\r" in text or sign == " ":
                    break
                lines = text.removesuffix("\n").split("\n")
                begin, number = number, number + len(lines)
                if begin < first:
                    lines = lines[first - begin :]
                    begin = first
                if not lines:
                    continue
                if {line.count(sign) for line in lines} == {width - 1}:
                    cells = sign.join(lines).split(sign)
                    yield begin, [cells[index::width] for index in range(width)], True
                else:
                    yield begin, [line.split(sign) if line else [] for line in lines], False
            else:
                return
    except UnicodeError:
        pass  # is told with its row
    for begin, rows in batches_of(path, form, max(first, number), progress):
        if {len(row) for row in rows} == {width} and all(row[0] and not row[0].isspace() for row in rows):
            yield begin, [list(column) for column in zip(*rows, strict=True)], True
        else:
            yield begin, rows, False
