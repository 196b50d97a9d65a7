"""Data from a CSV file: what it looks like, and its columns as numbers. Every cell that is no number is reported."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lrstudio.core.dataset import MOST_FEATURES, MOST_NAME, MOST_TITLE
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.cells import is_missing, is_number, number_of
from lrstudio.store.csv.columns import BadCell, BadCellsError, Choices, Columns, Imported
from lrstudio.store.csv.format import GUESSED_ROWS, SAMPLE, CsvError, Format, batches_of, decoded, guessed, sample_rows

__all__ = [
    "BadCell",
    "BadCellsError",
    "Choices",
    "CsvError",
    "Format",
    "Imported",
    "Preview",
    "check",
    "preview",
    "read",
]


_COUNTED = 50


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a file looks like: the format, the columns' names and kinds, and its first rows of text.

    A kind is `number`, `two values`, `text` or `empty`. The first of `rows` is number `first` in the file, counted from
    1: after the header. A blank line is an empty row.
    """

    form: Format
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int
    title: str
    bytes: int
    whole: bool
    """Whether `rows` are all there are."""

    def suggested(self, words: bool = True, y: int | None = None) -> tuple[tuple[int, ...], int]:
        """The columns x and y to begin with: y the last that can be one, with or without words, x the first other.

        A column that only counts the rows is taken where there is no other one. Of a given `y` only x is looked for.
        """
        kinds = ("number", "two values") if words else ("number",)
        counters = {column for column, kind in enumerate(self.kinds) if kind == "number" and self._counts(column)}
        targets = [column for column, kind in enumerate(self.kinds) if kind in kinds]
        if y is None:
            y = max(targets, key=lambda column: (column not in counters, column), default=len(self.names) - 1)
        numbers = [column for column, kind in enumerate(self.kinds) if kind == "number" and column != y]
        return tuple(sorted(numbers, key=lambda column: column in counters))[:1], y

    def _counts(self, column: int) -> bool:
        """Whether a column of numbers counts the first rows: 0, 1, 2, ... or 1, 2, 3, ..."""
        cells = [row[column] if column < len(row) else "" for row in self.rows if any(map(str.strip, row))][:_COUNTED]
        decimal = self.form.decimal or "."
        if not all(is_number(cell, decimal) for cell in cells):
            return False
        numbers = [number_of(cell, decimal) for cell in cells]
        return len(numbers) > 2 and any(numbers == list(range(one, one + len(numbers))) for one in (0, 1))


def preview(path: Path, wanted: Format | None = None) -> Preview:
    """Look at the beginning of a file; CsvError says why it is no table, OSError why it cannot be opened."""
    size, sample = _beginning(path)
    form = guessed(sample, wanted or Format())
    assert form.encoding is not None and form.delimiter is not None and form.decimal is not None
    rows = sample_rows(decoded(sample, form.encoding), form.delimiter)
    whole = size <= SAMPLE and len(rows) < GUESSED_ROWS
    if size > len(sample) and len(rows) > 1:
        rows.pop()  # it may be cut
    blank = next((place for place, row in enumerate(rows) if row), None)
    if blank is None:
        raise CsvError("has no row that can be read as part of a table")
    names = column_names(rows[blank:], header=bool(form.header))
    body = rows[blank + bool(form.header) :]
    kinds = tuple(_kind([row[place] for row in body if place < len(row)], form.decimal) for place in range(len(names)))
    title = "".join(sign if sign.isprintable() else "?" for sign in path.name)[:MOST_TITLE] or "data"
    first = 1 + blank + bool(form.header)
    shown = tuple(map(tuple, body))
    return Preview(form=form, names=names, kinds=kinds, rows=shown, first=first, title=title, bytes=size, whole=whole)


def check(look: Preview, choices: Choices) -> tuple[BadCell, ...]:
    """The bad cells among the first rows; CsvError where the choices do not go together."""
    _check(choices, look)
    columns = Columns(choices, look.names)
    columns.add([list(row) for row in look.rows], look.first)
    return tuple(columns.bad)


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
    collected = Columns(choices, look.names)
    with closing(batches_of(path, choices.form, progress)) as batches:
        for first, batch in batches:
            collected.add(batch, first)
    return collected.finish(look.title)


def _check(choices: Choices, look: Preview) -> None:
    places = (*choices.x, choices.y)
    if not 1 <= len(choices.x) <= MOST_FEATURES:
        raise CsvError(f"choose 1 to {MOST_FEATURES} columns x")
    if len(set(places)) < len(places):
        raise CsvError("a column can be chosen only once, as x or as y")
    if not all(0 <= place < len(look.names) for place in places):
        raise CsvError(f"has {len(look.names)} columns")


def _beginning(path: Path) -> tuple[int, bytes]:
    """The size of a file and its first bytes."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise CsvError("is not a regular file")
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if not sample.strip():
        raise CsvError("is empty")
    return found.st_size, sample


def _kind(cells: Sequence[str], decimal: str) -> str:
    """What most of a column's cells are."""
    filled = [cell for cell in cells if not is_missing(cell)]
    if not filled:
        return "empty"
    if 2 * sum(is_number(cell, decimal) for cell in filled) > len(filled):
        return "number"
    return "two values" if len({cell.strip() for cell in filled}) == 2 else "text"
