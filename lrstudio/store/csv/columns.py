"""The chosen columns of a CSV file as they are read, and what is wrong with their cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.dataset import Dataset
from lrstudio.store.csv.cells import is_number, number_of, numbers_of, word_of
from lrstudio.store.csv.format import CsvError, Format

MOST_BAD = 1000
"""So many bad cells are kept; the others are counted."""
MOST_VALUES = 60_000_000
_MOST_CODES = 1000
_BLOCK = 2**17
_SHOWN = 40


@dataclass(frozen=True)
class BadCell:
    """A cell that is no number: its row and column in the file, counted from 1, the header included; and why."""

    row: int
    column: int
    name: str
    text: str
    why: str

    def __str__(self) -> str:
        shown = f" “{self.text}”" if self.text else ""
        return f"row {self.row}, column {self.column} ({self.name}):{shown} {self.why}"


class BadCellsError(CsvError):
    """Some cells of the chosen columns are no numbers: the first of them, and how many there are, in how many rows."""

    def __init__(self, cells: Sequence[BadCell], total: int, rows: int) -> None:
        self.cells, self.total, self.rows = tuple(cells), total, rows
        more = f" and {total - 1} more" if total > 1 else ""
        super().__init__(f"{cells[0]}{more}; correct the file, or leave such rows out")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What to take of a file: a format with nothing left to guess, the columns' places, counted from 0.

    With `classes` y has two values, numbers or words, that become 0 and 1. Rows with a bad cell are refused, or left
    out with `drop_bad`.
    """

    form: Format
    x: tuple[int, ...]
    y: int
    classes: bool = False
    drop_bad: bool = False


@dataclass(frozen=True)
class Imported:
    """The data, and what was left out of it: `dropped` rows with `total` bad cells, of which the first are `bad`."""

    dataset: Dataset
    bad: tuple[BadCell, ...] = ()
    total: int = 0
    dropped: int = 0


@dataclass
class Columns:
    """The chosen columns as they are read."""

    choices: Choices
    names: tuple[str, ...]
    blocks: list[Array] = field(default_factory=list)
    """(columns, rows) each; a few large ones, for joining thousands of small ones holds Python's lock."""
    filled: int = 0
    """The rows that are taken of the last block."""
    bad: list[BadCell] = field(default_factory=list)
    total: int = 0
    dropped: int = 0
    values: int = 0
    words: dict[str, int] = field(default_factory=dict)
    codes: dict[str, float] = field(default_factory=dict)
    """What cells that were seen stand for; the same word may be written in several ways."""

    def add(self, batch: Sequence[list[str]], first: int) -> None:
        """Take some rows; `first` is the number of the first of them."""
        piece = self._fast(batch)
        if piece is None:
            piece = np.array(list(self._slow(batch, first)), float).reshape(-1, len(self.choices.x) + 1)
        self._store(piece)
        self.values += piece.size
        if self.values > MOST_VALUES:
            raise CsvError(f"has more than {MOST_VALUES} numbers in the chosen columns; choose fewer columns")

    def finish(self, title: str) -> Imported:
        """The data; CsvError where it is not enough."""
        choices = self.choices
        if self.total and not choices.drop_bad:
            raise BadCellsError(self.bad, self.total, self.dropped)
        columns = self._joined()
        words: tuple[str, ...] = ()
        if choices.classes:
            words = self._sorted_words()
            if next(iter(self.words)) != words[0]:
                columns[-1] = 1 - columns[-1]
        names = tuple(self.names[place] for place in (*choices.x, choices.y))
        try:
            dataset = Dataset(title, names, tuple(columns), words)
        except ValueError as error:
            raise CsvError(str(error)) from error
        return Imported(dataset, tuple(self.bad), self.total, self.dropped)

    def _store(self, piece: Array) -> None:
        """Append rows (m, columns), in as many blocks as they take."""
        while len(piece):
            if not self.blocks or self.filled == _BLOCK:
                self.blocks.append(np.empty((piece.shape[1], _BLOCK)))
                self.filled = 0
            taken = min(len(piece), _BLOCK - self.filled)
            self.blocks[-1][:, self.filled : self.filled + taken] = piece[:taken].T
            self.filled += taken
            piece = piece[taken:]

    def _joined(self) -> list[Array]:
        """The columns (m,); the blocks are given up."""
        if self.blocks:
            self.blocks[-1] = self.blocks[-1][:, : self.filled]
        width = len(self.choices.x) + 1
        columns = [np.concatenate([np.empty(0), *(block[place] for block in self.blocks)]) for place in range(width)]
        self.blocks = []
        return columns

    def _fast(self, batch: Sequence[list[str]]) -> Array | None:
        """The rows of a batch that has nothing to object to."""
        if set(map(len, batch)) != {len(self.names)}:
            return None
        decimal = self.choices.form.decimal or "."
        piece = np.empty((len(batch), len(self.choices.x) + 1))
        for place, column in enumerate(self.choices.x):
            numbers = numbers_of([row[column] for row in batch], decimal)
            if numbers is None:
                return None
            piece[:, place] = numbers
        target = [row[self.choices.y] for row in batch]
        numbers = self._known(target) if self.choices.classes else numbers_of(target, decimal)
        if numbers is None:
            return None
        piece[:, -1] = numbers
        return piece

    def _known(self, cells: Sequence[str]) -> Array | None:
        if not self.codes.keys() >= set(cells):
            return None
        return np.array([self.codes[cell] for cell in cells])

    def _slow(self, batch: Sequence[list[str]], first: int) -> Iterator[list[float]]:
        """Row by row, with every bad cell noted."""
        for number, row in enumerate(batch, first):
            if not any(map(str.strip, row)):
                continue  # a blank line
            before = self.total
            if any(map(str.strip, row[len(self.names) :])):
                text = row[len(self.names)][:_SHOWN]
                self._note(number, len(self.names), "-", text, f"the row has {len(row)} cells, not {len(self.names)}")
            values = [self._value(number, column, row) for column in (*self.choices.x, self.choices.y)]
            if self.total == before:
                yield values
            else:
                self.dropped += 1

    def _value(self, number: int, column: int, row: Sequence[str]) -> float:
        cell = row[column] if column < len(row) else ""
        decimal = self.choices.form.decimal or "."
        try:
            if column != self.choices.y or not self.choices.classes:
                return number_of(cell, decimal)
            return self._class_of(cell, word_of(cell, decimal))
        except ValueError as error:
            self._note(number, column, self.names[column], cell.strip()[:_SHOWN], str(error))
            return 0.0

    def _class_of(self, cell: str, word: str) -> float:
        if word not in self.words and len(self.words) == 2:
            one, other = self._sorted_words()
            raise ValueError(f"is a third value beside “{one}” and “{other}”")
        value = float(self.words.setdefault(word, len(self.words)))
        if len(self.codes) < _MOST_CODES:
            self.codes[cell] = value
        return value

    def _sorted_words(self) -> tuple[str, ...]:
        """The two values, the less one first."""
        if len(self.words) < 2:
            name = self.names[self.choices.y]
            raise CsvError(f"column “{name}” must have two values; it has {len(self.words)}")
        both = list(self.words)
        return tuple(sorted(both, key=float if all(is_number(word, ".") for word in both) else str.lower))

    def _note(self, row: int, column: int, name: str, text: str, why: str) -> None:
        self.total += 1
        if len(self.bad) < MOST_BAD:
            shown = "".join(sign if sign.isprintable() else "?" for sign in text)
            self.bad.append(BadCell(row, column + 1, name, shown, why))
