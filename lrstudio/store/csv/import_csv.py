"""Importing data from a CSV file: a preview of it, and its columns as numbers. Bad cells are reported."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from lrstudio.core.dataset import MOST_FEATURES, MOST_NAME, MOST_TITLE
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.cells import UNDECIDED, is_missing, label_of, numbers_of, printable, resembles_number
from lrstudio.store.csv.columns import BadCell, BadCellsError, Choices, Columns, Imported
from lrstudio.store.csv.format import (
    GUESSED_CELLS,
    GUESSED_ROWS,
    MOST_CELLS,
    SAMPLE,
    CsvError,
    Format,
    batches_of,
    decoded,
    guess_format,
    head_of,
    sample_rows,
)

__all__ = [
    "BadCell",
    "BadCellsError",
    "Choices",
    "CsvError",
    "Format",
    "Imported",
    "Preview",
    "check",
    "read",
    "read_preview",
]


_COUNTED = 50
_SHOWN_NAMES = 20


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The format of a file, the names and kinds of its columns, and its first rows as text.

    A kind is `number`, `two values`, `text` or `empty`. `first` is the row number in the file, from 1, of the first of
    `rows`. A blank line is an empty row.
    """

    form: Format
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int
    title: str
    bytes: int
    whole: bool
    """Whether `rows` are all rows of the file."""

    def suggested(self, words: bool = True, y: int | None = None) -> tuple[tuple[int, ...], int]:
        """Returns default columns x and y: for y the last of numbers (or `words`), for x the first other of numbers.

        Columns that count the rows come last. With `y` only x is chosen.
        """
        kinds = ("number", "two values") if words else ("number",)
        counters = {column for column, kind in enumerate(self.kinds) if kind == "number" and self._counts(column)}
        targets = [column for column, kind in enumerate(self.kinds) if kind in kinds]
        if y is None:
            y = max(targets, key=lambda column: (column not in counters, column), default=len(self.names) - 1)
        numbers = [column for column, kind in enumerate(self.kinds) if kind == "number" and column != y]
        return tuple(sorted(numbers, key=lambda column: column in counters))[:1], y

    def _counts(self, column: int) -> bool:
        """Whether a column has the values 0, 1, 2, ... or 1, 2, 3, ... in the first rows."""
        cells = [row[column] if column < len(row) else "" for row in self.rows if any(map(str.strip, row))][:_COUNTED]
        decimal = self.form.decimal or UNDECIDED
        numbers = numbers_of(cells, decimal)
        if numbers is None or len(numbers) < 3:
            return False
        return any(numbers.tolist() == list(range(start, start + len(numbers))) for start in (0, 1))


def read_preview(path: Path, requested: Format | None = None) -> Preview:
    """Reads the beginning of a file; CsvError if it is not a table, OSError if it cannot be opened."""
    size, sample = _read_sample(path)
    form = guess_format(sample, requested or Format())
    assert form.encoding is not None and form.delimiter is not None and form.decimal is not None
    rows = sample_rows(decoded(sample, form.encoding), form.delimiter)
    whole = size <= SAMPLE and len(rows) < GUESSED_ROWS and sum(map(len, rows)) < GUESSED_CELLS
    if size > len(sample) and len(rows) > 1:
        rows.pop()  # may be cut
    head, start = head_of(rows, form.decimal, form.header)
    body = rows[start:]
    if not any(any(map(str.strip, row)) for row in body):
        with closing(batches_of(path, form)) as batches:
            next(batches, None)  # an error says why there is none
        if head is None:
            raise CsvError(tr("has no row that can be read as part of a table"))
        shown = ", ".join(printable(name.strip()) for name in head[:_SHOWN_NAMES])
        raise CsvError(tr("has a row of names ({shown}) and no row of numbers below it", shown=shown[:MOST_NAME]))
    if len(max((*rows[:start], *body), key=len)) > MOST_CELLS:
        raise CsvError(
            tr("has a row of more than {most} cells; choose another delimiter, or leave columns out", most=MOST_CELLS)
        )
    names = column_names(head, max(map(len, body)))
    kinds = tuple(_kind([row[index] for row in body if index < len(row)]) for index in range(len(names)))
    title = printable(path.name)[:MOST_TITLE] or "data"
    cells = tuple(map(tuple, body))
    return Preview(
        form=form, names=names, kinds=kinds, rows=cells, first=start + 1, title=title, bytes=size, whole=whole
    )


def check(preview: Preview, choices: Choices) -> tuple[BadCell, ...]:
    """Returns the bad cells of the first rows; CsvError if the choices are not valid."""
    _check(choices, preview)
    columns = Columns(preview.names, choices)
    columns.add([list(row) for row in preview.rows], preview.first)
    return tuple(columns.bad)


def column_names(head: Sequence[str] | None, width: int) -> tuple[str, ...]:
    """Returns unique names from the header; without one `column 1` to `column {width}`."""
    names: dict[str, None] = {}
    numbers = Counter[str]()
    for column in range(width if head is None else len(head)):
        text = "" if head is None else "".join(filter(str.isprintable, label_of(head[column]))).strip()
        first = name = text[: MOST_NAME - 6] or f"column {column + 1}"
        while name in names:
            numbers[first] += 1
            name = f"{first} ({numbers[first] + 1})"
        names[name] = None
    return tuple(names)


def read(path: Path, choices: Choices, progress: Progress | None = None) -> Imported:
    """Returns the chosen columns; CsvError if the file or the choices are not valid, BadCellsError for bad cells."""
    preview = read_preview(path, choices.form)
    _check(choices, preview)
    columns = Columns(preview.names, choices)
    with closing(batches_of(path, choices.form, preview.first, progress)) as batches:
        for first, batch in batches:
            columns.add(batch, first)
    return columns.finish(preview.title)


def _check(choices: Choices, preview: Preview) -> None:
    columns = (*choices.x, choices.y)
    if not 1 <= len(choices.x) <= MOST_FEATURES:
        raise CsvError(tr("choose 1 to {most} columns x", most=MOST_FEATURES))
    if len(set(columns)) < len(columns):
        raise CsvError(tr("a column can be chosen only once, as x or as y"))
    if not all(0 <= column < len(preview.names) for column in columns):
        raise CsvError(tr("has {count} columns", count=len(preview.names)))


def _read_sample(path: Path) -> tuple[int, bytes]:
    """Returns the size of a file and its first bytes."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise CsvError(tr("is not a regular file"))
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if not sample.strip():
        raise CsvError(tr("is empty"))
    return status.st_size, sample


def _kind(cells: Sequence[str]) -> str:
    """Returns the kind of most cells of a column."""
    filled = [cell for cell in cells if not is_missing(cell)]
    if not filled:
        return "empty"
    if 2 * sum(map(resembles_number, filled)) > len(filled):
        return "number"
    return "two values" if len({cell.strip() for cell in filled}) == 2 else "text"
