"""Reading the chosen columns of a CSV file, and collecting their bad cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import NamedTuple

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.dataset import Dataset
from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass
from lrstudio.store.csv.cells import UNDECIDED, AmbiguousError, is_number, number_of, numbers_of, printable, word_of
from lrstudio.store.csv.format import CsvError, Format, is_comment

MOST_BAD = 10_000
"""Maximum number of bad cells that are listed; the others are only counted."""
MOST_VALUES = 60_000_000
_MOST_CODES = 1000
_BLOCK = 2**17
_SHOWN = 40


class BadCell(NamedTuple):
    """A cell that is not a number: its row and column in the file, from 1 and including the header, and the reason.

    `readings` are the two numbers that an ambiguous cell can mean, each with the decimal mark that chooses it.
    """

    row: int
    column: int
    name: str
    text: str
    why: str
    readings: tuple[tuple[float, str], ...] = ()

    def __str__(self) -> str:
        text = mark("row {row}, column {column} ({name}): “{cell}” {why}")
        if not self.text:
            text = mark("row {row}, column {column} ({name}): {why}")
        return tr(text, row=self.row, column=self.column, name=self.name, cell=self.text, why=self.why)


class BadCellsError(CsvError):
    """Cells of the chosen columns are not numbers. `cells` are the first of `total` bad cells in `rows` rows.

    `ambiguous` is the first cell that can mean two numbers; None without one.
    """

    def __init__(self, cells: Sequence[BadCell], total: int, rows: int) -> None:
        self.cells, self.total, self.rows = tuple(cells), total, rows
        self.ambiguous = next((cell for cell in cells if cell.readings), None)
        one, several = mark("{cell}; choose the decimal mark"), mark("{cell} and {more} more; choose the decimal mark")
        if self.ambiguous is None:
            one = mark("{cell}; correct the file, or leave such rows out")
            several = mark("{cell} and {more} more; correct the file, or leave such rows out")
        super().__init__(tr(several if total > 1 else one, cell=self.ambiguous or cells[0], more=total - 1))


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The complete format of a file, and the indices of the columns to read.

    With `classes` y has two values, numbers or words, which become 0 and 1. A row with a bad cell is an error, or
    skipped with `drop_bad`, unless the cell can mean two numbers.
    """

    form: Format
    x: tuple[int, ...]
    y: int
    classes: bool = False
    drop_bad: bool = False


@dataclass(frozen=True)
class Imported:
    """The data set, the first and the number of bad cells, and the number of skipped rows."""

    dataset: Dataset
    bad: tuple[BadCell, ...] = ()
    total: int = 0
    dropped: int = 0


@dataclass
class CellReader:
    """Collects the bad cells of a file with these column names."""

    names: tuple[str, ...]
    bad: list[BadCell] = field(default_factory=list, init=False)
    total: int = field(default=0, init=False)
    dropped: int = field(default=0, init=False)
    """Number of rows with bad cells."""
    ambiguous: bool = field(default=False, init=False)
    """Whether a cell can mean two numbers."""

    def note(self, row: int, column: int, text: str, reason: str | Exception) -> None:
        self.total += 1
        readings = reason.readings if isinstance(reason, AmbiguousError) else ()
        if len(self.bad) < MOST_BAD or (readings and not self.ambiguous):
            name = self.names[column] if column < len(self.names) else "-"
            self.bad.append(BadCell(row, column + 1, name, printable(text.strip()[:_SHOWN]), str(reason), readings))
        self.ambiguous |= bool(readings)

    def refuse_bad(self, drop_bad: bool) -> None:
        """Raises BadCellsError if there are bad cells that must not be left out."""
        if self.ambiguous or (self.total and not drop_bad):
            raise BadCellsError(self.bad, self.total, self.dropped)


@dataclass
class Columns(CellReader):
    """Reads the chosen columns."""

    choices: Choices
    blocks: list[Array] = field(default_factory=list)
    """Arrays (columns, rows), few and large: joining thousands of small ones holds the GIL."""
    filled: int = 0
    """Number of rows used in the last block."""
    values: int = 0
    words: dict[str, int] = field(default_factory=dict)
    codes: dict[str, float] = field(default_factory=dict)
    """Class of each cell text; different texts may stand for the same word."""

    def add(self, batch: Sequence[list[str]], first: int) -> None:
        """Reads some rows; `first` is the number of the first one."""
        piece = self._fast(batch)
        if piece is None:
            piece = np.array(list(self._slow(batch, first)), float).reshape(-1, len(self.choices.x) + 1)
        self._store(piece)
        self.values += piece.size
        if self.values > MOST_VALUES:
            raise CsvError(
                tr("has more than {most} numbers in the chosen columns; choose fewer columns", most=MOST_VALUES)
            )

    def finish(self, title: str) -> Imported:
        """Returns the data set; CsvError if it is not sufficient."""
        choices = self.choices
        self.refuse_bad(choices.drop_bad)
        columns = self._joined()
        words: tuple[str, ...] = ()
        if choices.classes:
            words = self._sorted_words()
            if next(iter(self.words)) != words[0]:
                columns[-1] = 1 - columns[-1]
        names = tuple(self.names[column] for column in (*choices.x, choices.y))
        try:
            dataset = Dataset(title, names, tuple(columns), words)
        except ValueError as error:
            raise CsvError(str(error)) from error
        return Imported(dataset, tuple(self.bad), self.total, self.dropped)

    def _store(self, piece: Array) -> None:
        """Appends rows (m, columns) to the blocks."""
        while len(piece):
            if not self.blocks or self.filled == _BLOCK:
                self.blocks.append(np.empty((piece.shape[1], _BLOCK)))
                self.filled = 0
            count = min(len(piece), _BLOCK - self.filled)
            self.blocks[-1][:, self.filled : self.filled + count] = piece[:count].T
            self.filled += count
            piece = piece[count:]

    def _joined(self) -> list[Array]:
        """Returns the columns (m,) and frees the blocks."""
        if self.blocks:
            self.blocks[-1] = self.blocks[-1][:, : self.filled]
        width = len(self.choices.x) + 1
        columns = [np.concatenate([np.empty(0), *(block[index] for block in self.blocks)]) for index in range(width)]
        self.blocks = []
        return columns

    def _fast(self, batch: Sequence[list[str]]) -> Array | None:
        """Returns the rows of a batch without bad cells; None if they must be read one by one."""
        if set(map(len, batch)) != {len(self.names)}:
            return None
        decimal = self.choices.form.decimal or UNDECIDED
        piece = np.empty((len(batch), len(self.choices.x) + 1))
        for index, column in enumerate(self.choices.x):
            numbers = numbers_of([row[column] for row in batch], decimal)
            if numbers is None:
                return None
            piece[:, index] = numbers
        target = [row[self.choices.y] for row in batch]
        numbers = self._classes(target) if self.choices.classes else numbers_of(target, decimal)
        if numbers is None:
            return None
        piece[:, -1] = numbers
        return piece

    def _classes(self, cells: Sequence[str]) -> Array | None:
        if not self.codes.keys() >= set(cells):
            return None
        return np.array([self.codes[cell] for cell in cells])

    def _slow(self, batch: Sequence[list[str]], first: int) -> Iterator[list[float]]:
        """Yields the good rows one by one, and notes the bad cells of the others."""
        for number, row in enumerate(batch, first):
            if not any(map(str.strip, row)) or is_comment(row, len(self.names)):
                continue
            before = self.total
            if any(map(str.strip, row[len(self.names) :])):
                reason = tr("the row has {count} cells, not {expected}", count=len(row), expected=len(self.names))
                self.note(number, len(self.names), row[len(self.names)], reason)
            values = [self._value(number, column, row) for column in (*self.choices.x, self.choices.y)]
            if self.total == before:
                yield values
            else:
                self.dropped += 1

    def _value(self, number: int, column: int, row: Sequence[str]) -> float:
        cell = row[column] if column < len(row) else ""
        decimal = self.choices.form.decimal or UNDECIDED
        try:
            if column != self.choices.y or not self.choices.classes:
                return number_of(cell, decimal)
            return self._class_of(number, cell, word_of(cell, decimal))
        except CsvError:
            raise
        except ValueError as error:
            self.note(number, column, cell, error)
            return 0.0

    def _class_of(self, row: int, cell: str, word: str) -> float:
        if word not in self.words and len(self.words) == 2:
            if all(is_number(each, ".") for each in (*self.words, word)):
                raise CsvError(
                    tr(
                        "y = {name} has more than two values, as {word} in row {row}: choose a line or a polynomial",
                        name=self.names[self.choices.y],
                        word=word,
                        row=row,
                    )
                )
            one, other = self._sorted_words()
            raise ValueError(tr("is a third value beside “{first}” and “{other}”", first=one, other=other))
        value = float(self.words.setdefault(word, len(self.words)))
        if len(self.codes) < _MOST_CODES:
            self.codes[cell] = value
        return value

    def _sorted_words(self) -> tuple[str, ...]:
        """Returns the two values in ascending order."""
        if len(self.words) < 2:
            name = self.names[self.choices.y]
            raise CsvError(tr("column “{name}” must have two values; it has {count}", name=name, count=len(self.words)))
        try:
            return tuple(sorted(self.words, key=float))
        except ValueError:
            return tuple(sorted(self.words, key=str.lower))
