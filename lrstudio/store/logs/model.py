"""What a training log is: runs with a counter, rates, losses and metrics, what was unclear and what was left out."""

from __future__ import annotations

from dataclasses import field

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import mark
from lrstudio.core.record import dataclass
from lrstudio.store.csv.columns import BadCell
from lrstudio.store.csv.format import CsvError

LogError = CsvError
"""A file is not usable as a log; the message says what is wrong, where, and what can be done, in one line."""

RATE, LOSS, METRIC, COUNTER = mark("rate"), mark("loss"), mark("metric"), mark("counter")
ROLES = (RATE, LOSS, METRIC, COUNTER)
ROW = mark("row")
TRAIN, VALIDATION, TEST = mark("train"), mark("validation"), mark("test")


@dataclass(frozen=True, eq=False)
class Series:
    """The values (n,) that were logged under one name, at the counts `at` (n,), which never fall.

    `role` is one of ROLES, `part` says on which data the value was measured. A value that was logged as NaN or infinite
    is one; a missing value is no element.
    """

    name: str
    role: str
    part: str
    at: Array
    values: Array


@dataclass(frozen=True, eq=False)
class Run:
    """One training: its series, all on one axis.

    `counter` says what the axis counts: step, batch, epoch, samples, time (in seconds), or row, where the file has no
    counter that identifies its rows. Further counters are series.
    """

    title: str
    counter: str
    series: tuple[Series, ...]

    def of(self, role: str) -> tuple[Series, ...]:
        """Returns the series of a role."""
        return tuple(series for series in self.series if series.role == role)

    def named(self, name: str) -> Series | None:
        return next((series for series in self.series if series.name == name), None)


@dataclass(frozen=True)
class Question:
    """What the file leaves open: readings as (key, text), and the one that was chosen or, without `answered`, guessed.

    `log_answers` of the next reading are {question.key: key of a reading}.
    """

    key: str
    text: str
    readings: tuple[tuple[str, str], ...]
    chosen: str
    answered: bool = False


@dataclass(frozen=True)
class LeftOut:
    """A column, a tag or some lines that are not part of the log, and why."""

    name: str
    why: str


@dataclass(frozen=True, eq=False)
class Log:
    """The runs of one or several files.

    `producer` is the program that wrote it, empty where that does not show. `notes` say what its numbers mean and what
    was changed; `bad` are the first of `bad_total` cells that are no numbers, whose rows were left out.
    """

    title: str
    runs: tuple[Run, ...]
    producer: str = ""
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    bad: tuple[BadCell, ...] = ()
    bad_total: int = 0

    @property
    def open_questions(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if not question.answered)


@dataclass(frozen=True, eq=False)
class Column:
    """Values (m,) of one name in the rows (m,) of a table, which are ascending."""

    name: str
    rows: Array
    values: Array


@dataclass(frozen=True, eq=False)
class Table:
    """What a reader found: columns over `count` rows in the order of the file.

    `breaks` are the rows before which the names are repeated. `roles` and `counter` override what names say.
    """

    title: str
    count: int
    columns: tuple[Column, ...]
    breaks: tuple[int, ...] = ()
    run: str = ""
    roles: dict[str, str] | None = None
    counter: str | None = None
    """The name of the counter's column; "", or that of a column without values, to count the rows; None to choose it by
    its name."""


def dense(column: Column, count: int) -> Array:
    """Returns the values (count,) with NaN where the column has none."""
    if len(column.rows) == count:
        return column.values
    values = np.full(count, np.nan)
    values[column.rows] = column.values
    return values


@dataclass
class Ordered:
    """Runs as (rows, counts): indices (m,) of the table's rows in order, and the count (m,) of each, which never falls.

    `counter` says what is counted, and `name` is the column of which the counts are, if they are of one.
    """

    counter: str = ROW
    name: str = ""
    runs: list[tuple[Array, Array]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
