"""Runs from the tables that a reader found: the roles of the columns, and their values in order."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.logs.model import (
    COUNTER,
    LOSS,
    RATE,
    Column,
    LeftOut,
    Log,
    LogError,
    Ordered,
    Question,
    Run,
    Series,
    Table,
)
from lrstudio.store.logs.names import LEARN, is_progress, meaning
from lrstudio.store.logs.order import ordered

MOST_ROWS, MOST_NAMES = 5_000_000, 5000
_MOST_READINGS = 50
Group = tuple[Sequence[int] | Array, Sequence[str], Sequence[Sequence[float] | Array]]
WHICH_LOSS = "loss"
"""Key of the question which value is the loss."""


@dataclass
class Found:
    """What a reader found in a file: tables, and what there is to say about them."""

    title: str
    tables: list[Table]
    producer: str = ""
    notes: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def assembled(found: Found, answers: Mapping[str, str]) -> Log:
    """Returns the log of the tables; LogError if there is no value in them."""
    runs, notes, left, questions = list[Run](), [*found.notes], [*found.left_out], dict[str, Question]()
    known = {column.name for table in found.tables for column in table.columns}
    roles = {_role(table, name) for table in found.tables for name in known}
    silent = bool(known) and LOSS not in roles and (RATE not in roles or LEARN in known)
    if WHICH_LOSS in answers or silent:
        questions[WHICH_LOSS] = _which_loss(known, answers)
    which = questions.get(WHICH_LOSS)
    for table in found.tables:
        if which is not None and which.chosen in known:
            table = replace(table, roles=(table.roles or {}) | {which.chosen: LOSS})
        kept, dropped = _kept(table)
        left += [each for each in dropped if each.name not in {other.name for other in left}]
        if not any(_role(table, column.name) != COUNTER for column in kept.columns):
            continue
        order = ordered(kept, answers)
        notes += [note for note in order.notes if note not in notes]
        for place, (rows, at) in enumerate(order.runs):
            number = f"run {place + 1}" if len(order.runs) > 1 else ""
            title = " · ".join(filter(None, (table.run, number))) or found.title
            run = Run(title, order.counter, tuple(_series(kept, order, rows, at, notes)))
            if any(series.role != COUNTER for series in run.series):
                runs.append(run)
        questions |= {question.key: question for question in order.questions}
    if not runs:
        raise LogError(tr("has no numbers of a training: no rate, no loss, no metric"))
    return Log(found.title, tuple(runs), found.producer, tuple(questions.values()), tuple(notes), tuple(left))


def _which_loss(names: Iterable[str], answers: Mapping[str, str]) -> Question:
    """Returns the question which value is the loss, where no name says it; at first none is."""
    values = sorted(name for name in names if meaning(name).role not in (COUNTER, RATE))[:_MOST_READINGS]
    readings = (("none", tr("none of them")), *((name, name) for name in values))
    chosen = answers.get(WHICH_LOSS, "none")
    if chosen not in dict(readings):
        raise LogError(
            tr(
                "{question}={reading}: must be one of {names}",
                question=WHICH_LOSS,
                reading=chosen,
                names=", ".join(dict(readings)),
            )
        )
    text = tr("No name is that of a loss. Which of these values is the loss?")
    return Question(WHICH_LOSS, text, readings, chosen, WHICH_LOSS in answers)


def _role(table: Table, name: str) -> str:
    return (table.roles or {}).get(name) or meaning(name).role


def _kept(table: Table) -> tuple[Table, list[LeftOut]]:
    """Returns the table without the columns that say nothing, and these."""
    kept, left = [], []
    for column in table.columns:
        if not len(column.rows):
            left.append(LeftOut(column.name, tr("has no value")))
        elif is_progress(column.name):
            left.append(LeftOut(column.name, tr("says how long the training will be")))
        else:
            kept.append(column)
    return Table(table.title, table.count, tuple(kept), table.breaks, table.run, table.roles, table.counter), left


def _series(table: Table, order: Ordered, rows: Array, at: Array, notes: list[str]) -> list[Series]:
    """Returns the columns of the rows of one run in their order; of values at the same count the later row counts."""
    place = np.full(table.count, -1)
    place[rows] = np.arange(len(rows))
    in_order = len(rows) == table.count and bool((rows == np.arange(len(rows))).all())
    result, shared = list[Series](), dict[int, Array]()
    for column in table.columns:
        if column.name == order.name:
            continue
        role = _role(table, column.name)
        if in_order and len(column.rows) == table.count:
            values, counts = column.values, at
        else:
            places = place[column.rows]
            own = np.flatnonzero(places >= 0)
            own = own[np.argsort(places[own], kind="stable")]
            values, counts = column.values[own], at[places[own]]
        repeated = np.flatnonzero(np.diff(counts) == 0)
        if len(repeated):
            unique = np.ones(len(counts), bool)
            unique[repeated] = False
            values, counts = values[unique], counts[unique]
            text = tr("{count} steps were there twice: the later row counts", count=len(repeated))
            if role in (RATE, LOSS) and text not in notes:
                notes.append(text)
        if len(values):
            known = shared.setdefault(len(counts), counts)
            counts = known if known is counts or bool((known == counts).all()) else counts
            result.append(Series(column.name, role, meaning(column.name).part, counts, values))
    return sorted(result, key=lambda series: (RATE, LOSS, "metric", COUNTER).index(series.role))


def column_of(name: str, values: Sequence[float | None]) -> Column:
    """Returns a column of values, None where one is missing."""
    rows = [row for row, value in enumerate(values) if value is not None]
    return Column(name, np.array(rows, int), np.array([values[row] for row in rows], float))


class Rows:
    """Collects rows that each have some named numbers; those without a rate, a loss or a metric are no rows."""

    def __init__(self) -> None:
        self.count = 0
        self.breaks: list[int] = []
        self._columns: dict[str, tuple[array[int], array[float]]] = {}
        self._counts: dict[str, bool] = {}

    def add(self, row: Mapping[str, float]) -> None:
        if not self._are_rows(row):
            return
        self._make_room(1)
        for name, value in row.items():
            rows, values = self._columns[name]
            rows.append(self.count)
            values.append(value)
        self.count += 1

    def extend(self, names: Sequence[str], columns: Sequence[Sequence[float]]) -> None:
        """Adds rows that all have these names, given as columns; as `add` does."""
        self.merge([(range(len(columns[0])), names, columns)])

    def merge(self, groups: Sequence[Group]) -> None:
        """Adds rows in groups of those with the same names: the places (m,) of the rows among all, names, columns (m,).

        The places of all groups are different, those of each ascend; the first group has the first row, and so on.
        """
        groups = [group for group in groups if self._are_rows(group[1])]
        size = sum(len(places) for places, _names, _columns in groups)
        self._make_room(size)
        if not groups:
            return
        if len(groups) == 1:
            places = [np.arange(self.count, self.count + size)]
        else:
            order = np.argsort(np.concatenate([np.empty(0, int), *(np.asarray(group[0]) for group in groups)]))
            ranks = np.empty(size, int)
            ranks[order] = np.arange(self.count, self.count + size)
            places = np.split(ranks, np.cumsum([len(group[0]) for group in groups])[:-1])
        parts: dict[str, list[tuple[Array, Array]]] = {}
        for (_places, names, columns), own in zip(groups, places, strict=True):
            for name, column in zip(names, columns, strict=True):
                parts.setdefault(name, []).append((own, np.asarray(column, float)))
        for name, part in parts.items():
            rows, values = self._columns[name]
            where, numbers = part[0] if len(part) == 1 else map(np.concatenate, zip(*part, strict=True))
            if len(part) > 1:
                order = np.argsort(where, kind="stable")
                where, numbers = where[order], numbers[order]
            rows.frombytes(where.astype(np.int64).tobytes())
            values.frombytes(numbers.tobytes())
        self.count += size

    def _are_rows(self, names: Iterable[str]) -> bool:
        """Notes the names; whether one of them is no counter."""
        counts, are = self._counts, False
        for name in names:
            if name not in counts:
                if len(counts) >= MOST_NAMES:
                    raise LogError(tr("has more than {most} names of values", most=MOST_NAMES))
                counts[name] = meaning(name).role == COUNTER
                self._columns[name] = array("q"), array("d")
            are = are or not counts[name]
        return are

    def _make_room(self, size: int) -> None:
        if self.count + size > MOST_ROWS:
            raise LogError(tr("has more than {most} rows", most=MOST_ROWS))

    def table(self, title: str, run: str = "") -> Table:
        """Returns what was collected, and forgets it."""
        columns = [
            Column(name, np.frombuffer(rows, np.int64), np.frombuffer(values, float))
            for name, (rows, values) in self._columns.items()
        ]
        self._columns = {}
        return Table(title, self.count, tuple(columns), tuple(self.breaks), run)


def of_rows(title: str, rows: Iterable[Mapping[str, float]], run: str = "") -> Table:
    """Returns the table of rows that each have some named numbers."""
    collected = Rows()
    for row in rows:
        collected.add(row)
    return collected.table(title, run)
