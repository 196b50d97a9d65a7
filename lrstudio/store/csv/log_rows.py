"""Reading the chosen columns of a training log, and collecting their bad cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.dataset import LARGEST
from lrstudio.core.record import dataclass
from lrstudio.store.csv.cells import COMMON_GAPS, UNDECIDED, floats_of, is_missing, number_of, numbers_of
from lrstudio.store.csv.columns import CellReader
from lrstudio.store.csv.format import CsvError, Format, is_comment

_NOT_FINITE = {"nan": np.nan, "inf": np.inf, "infinity": np.inf, "∞": np.inf}
"""Texts of losses that are not finite numbers."""
_BLANK = frozenset(word for word in COMMON_GAPS if word.lower() != "nan")


@dataclass(frozen=True, kw_only=True)
class LogChoices:
    """The complete format of a file, and the indices of the columns to read.

    Without `step` rows are counted from 0, without `lr` there are no rates. A row with a bad cell is an error, or
    skipped with `drop_bad`.
    """

    form: Format
    loss: int
    step: int | None = None
    lr: int | None = None
    drop_bad: bool = False

    @property
    def columns(self) -> tuple[int | None, int | None, int]:
        return self.step, self.lr, self.loss


@dataclass
class LogRows(CellReader):
    """Reads the chosen columns."""

    choices: LogChoices
    pieces: list[Array] = field(default_factory=list)
    """Arrays (m, 3) of step, rate and loss."""
    blank: int = 0
    count: int = 0
    rate: float = np.nan
    """The last logged rate."""

    def add(self, batch: Sequence[list[str]], first: int) -> None:
        """Reads some rows; `first` is the number of the first one."""
        piece = self._fast(batch)
        if piece is None:
            piece = np.array(self._slow(batch, first), float).reshape(-1, 3)
        if len(piece):
            self.pieces.append(piece)

    def finish(self) -> tuple[Array, list[str]]:
        """Returns the rows (n, 3) in the order of their steps, and notes on changes; CsvError if there are none."""
        self.refuse_bad(self.choices.drop_bad)
        if not self.pieces:
            raise CsvError("has no row with a loss")
        rows, notes = in_order(np.concatenate(self.pieces))
        self.pieces = []
        if self.choices.lr is not None and np.isfinite(rows[:, 1]).any():
            early = int(np.isnan(rows[:, 1]).sum())
            rows = rows[np.isfinite(rows[:, 1])]
            notes += [f"{early} rows before the first rate were left out"] * bool(early)
        skipped = {"without a loss": self.blank, "with a bad cell": self.dropped}
        return rows, [f"{count} rows {reason} were left out" for reason, count in skipped.items() if count] + notes

    def _fast(self, batch: Sequence[list[str]]) -> Array | None:
        """Returns the rows of a batch without bad cells; None if they must be read one by one."""
        choices, decimal = self.choices, self.choices.form.decimal or UNDECIDED
        batch = [row for row in batch if row]
        if not batch or set(map(len, batch)) != {len(self.names)}:
            return None
        loss, blank = self._losses([row[choices.loss] for row in batch])
        if blank.any() and not all(any(map(str.strip, batch[index])) for index in np.flatnonzero(blank).tolist()):
            return None
        step = None if choices.step is None else numbers_of([row[choices.step] for row in batch], decimal)
        column = choices.lr
        rate = np.full(len(batch), np.nan) if column is None else self._rates([row[column] for row in batch])
        if loss is None or rate is None or (step is None and choices.step is not None):
            return None
        good = ~blank
        piece = np.column_stack([np.zeros(len(batch)) if step is None else step, rate, loss])[good]
        if step is None:
            piece[:, 0] = np.arange(self.count, self.count + len(piece))
        self.count += len(piece)
        self.blank += len(batch) - len(piece)
        self.rate = float(rate[-1])
        return piece

    def _losses(self, cells: list[str]) -> tuple[Array | None, Array]:
        """Returns losses (m,), and which are missing (m,); None if they must be read one by one."""
        decimal = self.choices.form.decimal or UNDECIDED
        values, blank = floats_of(cells, decimal), np.zeros(len(cells), bool)
        if values is None:
            blank[:] = gaps = [cell.strip() in _BLANK for cell in cells]
            values = floats_of(["0" if gap else cell for cell, gap in zip(cells, gaps, strict=True)], decimal)
        if values is not None:
            odd = np.flatnonzero(~(np.abs(values) <= LARGEST)).tolist()
            if any(cells[index].strip().lower().lstrip("+-") not in _NOT_FINITE for index in odd):
                values = None
        return values, blank

    def _rates(self, cells: list[str]) -> Array | None:
        """Returns rates (m,), the previous one where a cell is missing; None if they must be read one by one."""
        decimal = self.choices.form.decimal or UNDECIDED
        rates = numbers_of(cells, decimal)
        if rates is None:
            known = [0 if cell.strip() in COMMON_GAPS else index for index, cell in enumerate(cells, 1)]
            values = numbers_of([cell if index else "0" for cell, index in zip(cells, known, strict=True)], decimal)
            if values is None:
                return None
            rates = np.append(self.rate, values)[np.maximum.accumulate(known)]
        return None if (rates < 0).any() else rates

    def _slow(self, batch: Sequence[list[str]], first: int) -> list[list[float]]:
        """Returns the good rows, and notes the bad cells of the others."""
        rows = []
        for number, row in enumerate(batch, first):
            if not any(map(str.strip, row)) or is_comment(row, len(self.names)):
                continue
            loss = self._cell(row, self.choices.loss)
            missing = is_missing(loss) and loss.strip().lower() != "nan"
            before = self.total
            self.rate = rate = self._rate(number, row)
            values = [self._step(number, row), rate, 0.0 if missing else self._loss(number, loss)]
            if self.total > before:
                self.dropped += 1
            elif missing:
                self.blank += 1
            else:
                self.count += 1
                rows.append(values)
        return rows

    def _step(self, number: int, row: Sequence[str]) -> float:
        column = self.choices.step
        return float(self.count) if column is None else self._number(number, column, self._cell(row, column))

    def _rate(self, number: int, row: Sequence[str]) -> float:
        """Returns the rate of a row; an empty cell means the previous rate, as some logs have rows for rates."""
        column = self.choices.lr
        if column is None:
            return np.nan
        cell = self._cell(row, column)
        if is_missing(cell):
            return self.rate
        value = self._number(number, column, cell)
        if value < 0:
            self.note(number, column, cell, "is below 0: no rate")
        return value if value >= 0 else self.rate

    def _loss(self, number: int, cell: str) -> float:
        word = cell.strip().lower()
        value = _NOT_FINITE.get(word.lstrip("+-"))
        if value is not None:
            return -value if word.startswith("-") else value
        return self._number(number, self.choices.loss, cell)

    def _number(self, number: int, column: int, cell: str) -> float:
        try:
            return number_of(cell, self.choices.form.decimal or UNDECIDED)
        except ValueError as error:
            self.note(number, column, cell, error)
            return np.nan

    def _cell(self, row: Sequence[str], column: int) -> str:
        return row[column] if column < len(row) else ""


def in_order(rows: Array) -> tuple[Array, list[str]]:
    """Returns the rows (n, 3) with increasing steps, and notes on changes."""
    notes: list[str] = []
    steps = rows[:, 0]
    if (np.diff(steps) < 0).any():
        rows = rows[np.argsort(steps, kind="stable")]
        notes.append("the steps were put in order")
        steps = rows[:, 0]
    repeated = np.flatnonzero(np.diff(steps) == 0)
    if not len(repeated):
        return rows, notes
    if 2 * len(repeated) >= len(rows):  # the column counts epochs of several rows
        rows = rows.copy()
        rows[:, 0] = np.arange(len(rows))
        return rows, [*notes, "the steps repeat: rows were counted"]
    unique = np.ones(len(rows), bool)
    unique[repeated] = False
    return rows[unique], [*notes, f"{len(repeated)} steps were there twice: the later row counts"]
