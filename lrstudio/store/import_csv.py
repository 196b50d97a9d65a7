"""Data from a CSV file: what it looks like, and its columns as numbers. Every cell that is no number is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from lrstudio.core.dataset import MOST_FEATURES, MOST_NAME, MOST_TITLE, Dataset
from lrstudio.store.csv_cells import is_missing, is_number, number_of, numbers_of, word_of
from lrstudio.store.csv_format import SAMPLE, CsvError, Format, guessed, rows_of, sample_rows
from lrstudio.store.csv_format import decoded as _decoded
from lrstudio.store.progress import Progress

Array = np.ndarray[Any, np.dtype[Any]]

MOST_BAD = 1000
"""So many bad cells are kept; the others are counted."""
MOST_VALUES = 60_000_000
_BATCH = 2000
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
class Preview:
    """What a file looks like: the format, the columns' names and kinds, and its first rows of text (header excluded).

    A kind is `number`, `two values`, `text` or `empty`.
    """

    form: Format
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str
    bytes: int

    def suggested(self) -> tuple[tuple[int, ...], int]:
        """The columns x and y to begin with: y is the last that can be one, x the first other one."""
        numbers = [place for place, kind in enumerate(self.kinds) if kind == "number"]
        targets = [place for place, kind in enumerate(self.kinds) if kind in ("number", "two values")]
        y = targets[-1] if targets else len(self.names) - 1
        return tuple(place for place in numbers if place != y)[:1], y


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


def preview(path: Path, wanted: Format | None = None) -> Preview:
    """Look at the beginning of a file; CsvError says why it is no table, OSError why it cannot be opened."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
        size = path.stat().st_size
    if not sample.strip():
        raise CsvError("is empty")
    form = guessed(sample, wanted or Format())
    assert form.encoding is not None and form.delimiter is not None and form.decimal is not None
    rows = [row for row in sample_rows(_decoded(sample, form.encoding), form.delimiter) if row]
    if size > len(sample) and len(rows) > 1:
        rows.pop()  # it may be cut
    if not rows:
        raise CsvError("has no rows")
    names = column_names(rows, header=bool(form.header))
    body = rows[1:] if form.header else rows
    kinds = tuple(_kind([row[place] for row in body if place < len(row)], form.decimal) for place in range(len(names)))
    title = "".join(sign if sign.isprintable() else "?" for sign in path.name)[:MOST_TITLE] or "data"
    shown = tuple(tuple(row) for row in body)
    return Preview(form=form, names=names, kinds=kinds, rows=shown, title=title, bytes=size)


def column_names(rows: Sequence[Sequence[str]], *, header: bool) -> tuple[str, ...]:
    """The names in the header, made different from one another; `column 3` where there is none."""
    width = len(rows[0]) if header else max(map(len, rows))
    names: list[str] = []
    for place in range(width):
        text = "".join(filter(str.isprintable, rows[0][place])).strip() if header else ""
        first = name = text[: MOST_NAME - 6] or f"column {place + 1}"
        number = 2
        while name in names:
            name, number = f"{first} ({number})", number + 1
        names.append(name)
    return tuple(names)


def read(path: Path, choices: Choices, progress: Progress | None = None) -> Imported:
    """Read the chosen columns piece by piece.

    `progress` is told often and may raise to cancel. CsvError says what is wrong with the file or the choices,
    BadCellsError which cells are, where they are not to be left out; OSError comes from the disk.
    """
    look = preview(path, choices.form)
    _check(choices, look)
    collected = _Columns(choices, look.names)
    rows = rows_of(path, choices.form, progress)
    number = 0
    if choices.form.header:
        for cells in rows:
            number += 1
            if cells:
                break
    while batch := list(islice(rows, _BATCH)):
        collected.add(batch, number + 1)
        number += len(batch)
    return collected.finish(look.title)


def _check(choices: Choices, look: Preview) -> None:
    places = (*choices.x, choices.y)
    if not 1 <= len(choices.x) <= MOST_FEATURES:
        raise CsvError(f"choose 1 to {MOST_FEATURES} columns x")
    if len(set(places)) < len(places):
        raise CsvError("a column can be chosen only once, as x or as y")
    if not all(0 <= place < len(look.names) for place in places):
        raise CsvError(f"has {len(look.names)} columns")


@dataclass
class _Columns:
    """The chosen columns as they are read."""

    choices: Choices
    names: tuple[str, ...]
    pieces: list[Array] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    total: int = 0
    dropped: int = 0
    values: int = 0
    words: dict[str, int] = field(default_factory=dict)

    def add(self, batch: Sequence[list[str]], first: int) -> None:
        """Take some rows; `first` is the number of the first of them."""
        piece = self._fast(batch)
        if piece is None:
            piece = np.array(list(self._slow(batch, first)), float).reshape(-1, len(self.choices.x) + 1)
        self.pieces.append(piece)
        self.values += piece.size
        if self.values > MOST_VALUES:
            raise CsvError(f"has more than {MOST_VALUES} numbers in the chosen columns; choose fewer columns")

    def finish(self, title: str) -> Imported:
        """The data; CsvError where it is not enough."""
        choices = self.choices
        if self.total and not choices.drop_bad:
            raise BadCellsError(self.bad, self.total, self.dropped)
        rows = np.concatenate([np.empty((0, len(choices.x) + 1)), *self.pieces])
        self.pieces = []
        words: tuple[str, ...] = ()
        if choices.classes:
            words = self._sorted_words()
            if next(iter(self.words)) != words[0]:
                rows[:, -1] = 1 - rows[:, -1]
        names = tuple(self.names[place] for place in (*choices.x, choices.y))
        try:
            dataset = Dataset(title, names, tuple(rows.T), words)
        except ValueError as error:
            raise CsvError(str(error)) from error
        return Imported(dataset, tuple(self.bad), self.total, self.dropped)

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
        if not self.words.keys() >= set(cells):
            return None
        return np.array([self.words[cell] for cell in cells], float)

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
            return self._class_of(word_of(cell, decimal))
        except ValueError as error:
            self._note(number, column, self.names[column], cell.strip()[:_SHOWN], str(error))
            return 0.0

    def _class_of(self, word: str) -> float:
        if word not in self.words and len(self.words) == 2:
            one, other = self._sorted_words()
            raise ValueError(f"is a third value beside “{one}” and “{other}”")
        return float(self.words.setdefault(word, len(self.words)))

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


def _kind(cells: Sequence[str], decimal: str) -> str:
    """What most of a column's cells are."""
    filled = [cell for cell in cells if not is_missing(cell)]
    if not filled:
        return "empty"
    if 2 * sum(is_number(cell, decimal) for cell in filled) > len(filled):
        return "number"
    return "two values" if len({cell.strip() for cell in filled}) == 2 else "text"
