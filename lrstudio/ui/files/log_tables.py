"""Previews and reads tables of a training log whose columns are chosen, outside the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.csv.import_csv import Preview, read_preview
from lrstudio.store.logs.csv_log import LogColumns, guess_columns
from lrstudio.store.logs.training_log import (
    LogChoices,
    TrainingLog,
    read_chosen,
    with_rates_between,
    with_rates_of,
)
from lrstudio.ui.session.bench import Work
from lrstudio.ui.session.jobs import Cancelled

MOST_TABLES = 2
"""Maximum number of tables whose columns can be chosen: one of losses and one of rates."""


class Missing(Enum):
    """The source of the rates of a log without a column of rates."""

    OTHER_FILE = "other file"


@dataclass(frozen=True)
class LogRequest:
    """How to read a table; without a column of rates, `rates` is another file or the first and the last rate."""

    choices: LogChoices
    rates: tuple[float, float] | Missing | None = None


@dataclass(frozen=True, eq=False)
class TablePreview:
    """The files (losses, then rates), the first rows of the first one, and a request if nothing is unclear."""

    paths: tuple[Path, ...]
    first: Preview
    request: LogRequest | None = None


def preview_tables(paths: Sequence[Path], form: Format, *, swapped: bool = False) -> TablePreview:
    """Returns a preview of one or two tables; raises CsvError or OSError if a file cannot be read."""
    if not 1 <= len(paths) <= MOST_TABLES:
        raise CsvError(tr("tables of a log are one file, or two: one of losses and one of rates"))
    previews = [read_preview(path, Format() if index else form) for index, path in enumerate(paths)]
    columns = [guess_columns(each) for each in previews]
    if len(paths) == MOST_TABLES and columns[0].values == "lr" and columns[1].values != "lr" and not swapped:
        return preview_tables(paths[::-1], form, swapped=True)
    return TablePreview(tuple(paths), previews[0], _unambiguous_request(previews[0], columns))


def _unambiguous_request(first: Preview, columns: Sequence[LogColumns]) -> LogRequest | None:
    losses = columns[0]
    if losses.loss is None:
        return None
    choices = LogChoices(form=first.form, loss=losses.loss, step=losses.step, lr=losses.lr)
    if len(columns) == 1:
        return LogRequest(choices) if losses.sure else None
    return LogRequest(choices, Missing.OTHER_FILE) if losses.values != "lr" and columns[1].values == "lr" else None


def reporter(work: Work) -> Progress:
    """Returns the progress of a job, which raises Cancelled when the job is to stop."""

    def progress(share: float) -> None:
        work.progress(share)
        work.publish(share)
        if work.stop():
            raise Cancelled

    return progress


def read_tables(paths: Sequence[Path], request: LogRequest, progress: Progress) -> TrainingLog:
    """Returns the chosen columns, with the rates that the request names."""
    log = read_chosen(paths[0], request.choices, progress)
    if request.rates is Missing.OTHER_FILE:
        return with_rates_of(log, _read_rates(paths[1], progress))
    return with_rates_between(log, *request.rates) if isinstance(request.rates, tuple) else log


def _read_rates(path: Path, progress: Progress) -> TrainingLog:
    """Reads the rates in a file as the losses of a log."""
    look = read_preview(path)
    columns = guess_columns(look)
    rates = columns.lr if columns.lr is not None else columns.loss
    if rates is None:
        raise CsvError(tr("{name}: has no column of rates", name=path.name))
    log = read_chosen(path, LogChoices(form=look.form, step=columns.step, loss=rates), progress)
    expected = tr("the loss is from “{name}”, whose name is that of a rate", name=look.names[rates])
    return replace(log, notes=tuple(note for note in log.notes if note != expected))
