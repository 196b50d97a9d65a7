"""Previews and reads training logs outside the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.csv.import_csv import Preview, read_preview
from lrstudio.store.csv.log_rows import LogChoices
from lrstudio.store.csv.training_log import (
    LogColumns,
    TrainingLog,
    guess_columns,
    read_log,
    with_rates_between,
    with_rates_of,
)
from lrstudio.ui.instruments.range_test.job import Curve, of_log
from lrstudio.ui.session.bench import Work
from lrstudio.ui.session.jobs import Cancelled

MOST_FILES = 2


class Missing(Enum):
    """The source of the rates of a log without a column of rates."""

    OTHER_FILE = "other file"


@dataclass(frozen=True)
class LogRequest:
    """How to read a log; without a column of rates, `rates` is another file or the first and the last rate."""

    choices: LogChoices
    rates: tuple[float, float] | Missing | None = None


@dataclass(frozen=True)
class LogPreview:
    """The files (losses, then rates), the preview of the first one, and a request if the names are unambiguous."""

    paths: tuple[Path, ...]
    first: Preview
    request: LogRequest | None


@dataclass(frozen=True)
class LogResult:
    """A log and its curve smoothed by `beta`."""

    log: TrainingLog
    curve: Curve
    beta: float


def preview_log(paths: Sequence[Path], form: Format, *, swapped: bool = False) -> LogPreview:
    """Returns a preview of a log in one or two files; raises CsvError or OSError if a file cannot be read."""
    if not 1 <= len(paths) <= MOST_FILES:
        raise CsvError("a log is one file, or two: one of losses and one of rates")
    previews = [read_preview(path, Format() if index else form) for index, path in enumerate(paths)]
    columns = [guess_columns(each) for each in previews]
    if len(paths) == MOST_FILES and columns[0].values == "lr" and columns[1].values != "lr" and not swapped:
        return preview_log(paths[::-1], form, swapped=True)
    return LogPreview(tuple(paths), previews[0], _unambiguous_request(previews[0], columns))


def _unambiguous_request(first: Preview, columns: Sequence[LogColumns]) -> LogRequest | None:
    losses = columns[0]
    if losses.loss is None:
        return None
    choices = LogChoices(form=first.form, loss=losses.loss, step=losses.step, lr=losses.lr)
    if len(columns) == 1:
        return LogRequest(choices) if losses.sure else None
    return LogRequest(choices, Missing.OTHER_FILE) if losses.values != "lr" and columns[1].values == "lr" else None


def read(paths: Sequence[Path], request: LogRequest, beta: float, work: Work) -> LogResult | Exception:
    """Reads a log and its rates; returns an error of the files, so that its cells can be shown."""

    def progress(share: float) -> None:
        work.progress(share)
        work.publish(share)
        if work.stop():
            raise Cancelled

    try:
        log = read_log(paths[0], request.choices, progress)
        if request.rates is Missing.OTHER_FILE:
            log = with_rates_of(log, _read_rates(paths[1], progress))
        elif isinstance(request.rates, tuple):
            log = with_rates_between(log, *request.rates)
        return LogResult(log, of_log(log, beta), beta)
    except (CsvError, OSError, Cancelled) as error:
        return error


def _read_rates(path: Path, progress: Progress) -> TrainingLog:
    """Reads the rates in a file as the losses of a log."""
    look = read_preview(path)
    columns = guess_columns(look)
    rates = columns.lr if columns.lr is not None else columns.loss
    if rates is None:
        raise CsvError(f"{path.name}: has no column of rates")
    return read_log(path, LogChoices(form=look.form, step=columns.step, loss=rates), progress)
