"""The chosen columns of a training log as they are read, and what is wrong with their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lrstudio.core.array import Array
from lrstudio.store.csv.cells import is_missing, number_of, numbers_of
from lrstudio.store.csv.columns import MOST_BAD, BadCell, BadCellsError
from lrstudio.store.csv.format import CsvError, Format

_SHOWN = 40
_WRITTEN = {"nan": np.nan, "inf": np.inf, "infinity": np.inf, "∞": np.inf}
"""Losses that programs write for what is no number."""


@dataclass(frozen=True, kw_only=True)
class LogChoices:
    """What to take of a file: a format with nothing left to guess, and the columns' places, counted from 0.

    Without `step` rows are counted from 0, without `lr` there are no rates. Rows with a bad cell are refused, or left
    out with `drop_bad`.
    """

    form: Format
    loss: int
    step: int | None = None
    lr: int | None = None
    drop_bad: bool = False

    @property
    def places(self) -> tuple[int | None, int | None, int]:
        return self.step, self.lr, self.loss


@dataclass
class LogRows:
    """The chosen columns as they are read."""

    choices: LogChoices
    names: tuple[str, ...]
    pieces: list[Array] = field(default_factory=list)
    """(m, 3) each: step, rate, loss."""
    bad: list[BadCell] = field(default_factory=list)
    total: int = 0
    bad_rows: int = 0
    blank: int = 0
    count: int = 0
    rate: float = np.nan
    """The last one that was logged."""

    def add(self, batch: Sequence[list[str]], first: int) -> None:
        """Take some rows; `first` is the number of the first of them."""
        piece = self._fast(batch)
        if piece is None:
            piece = np.array(self._slow(batch, first), float).reshape(-1, 3)
        if len(piece):
            self.pieces.append(piece)

    def finish(self) -> tuple[Array, list[str]]:
        """The rows (n, 3) by rising steps, and what had to be done for that; CsvError where there are none."""
        if self.total and not self.choices.drop_bad:
            raise BadCellsError(self.bad, self.total, self.bad_rows)
        if not self.pieces:
            raise CsvError("has no row with a loss")
        rows, said = in_order(np.concatenate(self.pieces))
        self.pieces = []
        if self.choices.lr is not None and np.isfinite(rows[:, 1]).any():
            early = int(np.isnan(rows[:, 1]).sum())
            rows = rows[np.isfinite(rows[:, 1])]
            said += [f"{early} rows before the first rate were left out"] * bool(early)
        left_out = {"without a loss": self.blank, "with a bad cell": self.bad_rows}
        return rows, [f"{count} rows {why} were left out" for why, count in left_out.items() if count] + said

    def _fast(self, batch: Sequence[list[str]]) -> Array | None:
        """The rows of a batch that has nothing to object to."""
        if set(map(len, batch)) != {len(self.names)}:
            return None
        piece = np.full((len(batch), 3), np.nan)
        for column, place in enumerate(self.choices.places):
            if place is None:
                if column == 0:
                    piece[:, 0] = np.arange(self.count, self.count + len(batch))
                continue
            values = numbers_of([row[place] for row in batch], self.choices.form.decimal or ".")
            if values is None or (column == 1 and (values < 0).any()):
                return None
            piece[:, column] = values
        self.count += len(batch)
        self.rate = float(piece[-1, 1])
        return piece

    def _slow(self, batch: Sequence[list[str]], first: int) -> list[list[float]]:
        kept = []
        for number, row in enumerate(batch, first):
            if not any(map(str.strip, row)):
                continue  # a blank line
            loss = self._cell(row, self.choices.loss)
            missing = is_missing(loss) and loss.strip().lower() != "nan"
            before = self.total
            self.rate = rate = self._rate(number, row)
            values = [self._step(number, row), rate, 0.0 if missing else self._loss(number, loss)]
            if self.total > before:
                self.bad_rows += 1
            elif missing:
                self.blank += 1
            else:
                self.count += 1
                kept.append(values)
        return kept

    def _step(self, number: int, row: Sequence[str]) -> float:
        place = self.choices.step
        return float(self.count) if place is None else self._number(number, place, self._cell(row, place))

    def _rate(self, number: int, row: Sequence[str]) -> float:
        """The rate of a row; an empty cell, as where rates have rows of their own, means that of the row before."""
        place = self.choices.lr
        if place is None:
            return np.nan
        cell = self._cell(row, place)
        if is_missing(cell):
            return self.rate
        value = self._number(number, place, cell)
        if value < 0:
            self._note(number, place, cell, "is below 0: no rate")
        return value if value >= 0 else self.rate

    def _loss(self, number: int, cell: str) -> float:
        word = cell.strip().lower()
        known = _WRITTEN.get(word.lstrip("+-"))
        if known is not None:
            return -known if word.startswith("-") else known
        return self._number(number, self.choices.loss, cell)

    def _number(self, number: int, place: int, cell: str) -> float:
        try:
            return number_of(cell, self.choices.form.decimal or ".")
        except ValueError as error:
            self._note(number, place, cell, str(error))
            return np.nan

    def _cell(self, row: Sequence[str], place: int) -> str:
        return row[place] if place < len(row) else ""

    def _note(self, row: int, place: int, text: str, why: str) -> None:
        self.total += 1
        if len(self.bad) < MOST_BAD:
            shown = "".join(sign if sign.isprintable() else "?" for sign in text.strip()[:_SHOWN])
            self.bad.append(BadCell(row, place + 1, self.names[place], shown, why))


def in_order(rows: Array) -> tuple[Array, list[str]]:
    """Rows (n, 3) by rising steps, each once, and what had to be done for that."""
    said: list[str] = []
    steps = rows[:, 0]
    if (np.diff(steps) < 0).any():
        rows = rows[np.argsort(steps, kind="stable")]
        said.append("the steps were put in order")
        steps = rows[:, 0]
    again = np.flatnonzero(np.diff(steps) == 0)
    if not len(again):
        return rows, said
    if 2 * len(again) >= len(rows):  # it counts epochs, and there are several rows in each
        rows = rows.copy()
        rows[:, 0] = np.arange(len(rows))
        return rows, [*said, "the steps repeat: rows were counted"]
    kept = np.ones(len(rows), bool)
    kept[again] = False
    return rows[kept], [*said, f"{len(again)} steps were there twice: the later row counts"]
