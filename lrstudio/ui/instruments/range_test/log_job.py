"""Previews and reads training logs outside the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.columns import BadCellsError
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.csv.import_csv import Preview, read_preview
from lrstudio.store.logs.csv_log import COLUMNS, LogColumns, guess_columns
from lrstudio.store.logs.model import LOSS, METRIC, RATE, Log, Run, Series
from lrstudio.store.logs.read import kind_of, read_log
from lrstudio.store.logs.training_log import (
    LogChoices,
    TrainingLog,
    is_certain,
    main_loss,
    paired,
    read_chosen,
    with_rates_between,
    with_rates_of,
)
from lrstudio.ui.instruments.range_test.job import Curve, of_log
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
class PickRequest:
    """The run, the loss and the rate of a log that is read."""

    log: Log
    run: int
    loss: Series
    lr: Series | None


@dataclass(frozen=True, eq=False)
class LogPreview:
    """The files (for two tables losses, then rates) and a request if nothing is unclear.

    `log` is what was read, if a run of it is to be picked; `first` is the preview of a table whose columns are.
    """

    paths: tuple[Path, ...]
    request: LogRequest | PickRequest | None = None
    log: Log | None = None
    first: Preview | None = None


@dataclass(frozen=True)
class LogResult:
    """A log and its curve smoothed by `beta`."""

    log: TrainingLog
    curve: Curve
    beta: float


def preview_log(paths: Sequence[Path], answers: Mapping[str, str], work: Work) -> LogPreview:
    """Returns what is in the files, or the preview of a table that needs choices; raises CsvError or OSError."""
    try:
        log = read_log(paths, answers, _reporter(work))
    except BadCellsError:
        return preview_tables(paths, Format())
    kinds = [kind_of(path) for path in paths]
    if len(log.runs) == 1 and is_certain(log.runs[0]) and not log.open_questions:
        return LogPreview(tuple(paths), picked(log, 0), log)
    unclear = not any(is_certain(run) for run in log.runs) or any(
        question.key == COLUMNS for question in log.open_questions
    )
    if set(kinds) == {"csv"} and len(kinds) <= MOST_TABLES and unclear:
        return preview_tables(paths, Format())
    if not any(shown_values(run) for run in log.runs):
        raise CsvError(tr("has rates and no loss: choose the file with the losses too"))
    return LogPreview(tuple(paths), None, log)


def shown_values(run: Run) -> tuple[Series, ...]:
    """Returns what can be shown as the loss of a run: losses, or where it has none, metrics."""
    return run.of(LOSS) or run.of(METRIC)


def picked(log: Log, run: int) -> PickRequest | None:
    """Returns the loss of a run that is trained on, with the first rate; None for a run without a loss."""
    chosen = log.runs[run]
    loss = main_loss(chosen) or next(iter(shown_values(chosen)), None)
    return None if loss is None else PickRequest(log, run, loss, next(iter(chosen.of(RATE)), None))


def preview_tables(paths: Sequence[Path], form: Format, *, swapped: bool = False) -> LogPreview:
    """Returns a preview of one or two tables; raises CsvError or OSError if a file cannot be read."""
    if not 1 <= len(paths) <= MOST_TABLES:
        raise CsvError(tr("tables of a log are one file, or two: one of losses and one of rates"))
    previews = [read_preview(path, Format() if index else form) for index, path in enumerate(paths)]
    columns = [guess_columns(each) for each in previews]
    if len(paths) == MOST_TABLES and columns[0].values == "lr" and columns[1].values != "lr" and not swapped:
        return preview_tables(paths[::-1], form, swapped=True)
    return LogPreview(tuple(paths), _unambiguous_request(previews[0], columns), first=previews[0])


def _unambiguous_request(first: Preview, columns: Sequence[LogColumns]) -> LogRequest | None:
    losses = columns[0]
    if losses.loss is None:
        return None
    choices = LogChoices(form=first.form, loss=losses.loss, step=losses.step, lr=losses.lr)
    if len(columns) == 1:
        return LogRequest(choices) if losses.sure else None
    return LogRequest(choices, Missing.OTHER_FILE) if losses.values != "lr" and columns[1].values == "lr" else None


def read(paths: Sequence[Path], request: LogRequest | PickRequest, beta: float, work: Work) -> LogResult | Exception:
    """Reads a log and its rates; returns an error of the files, so that its cells can be shown."""
    try:
        log = _of_pick(request) if isinstance(request, PickRequest) else _of_tables(paths, request, _reporter(work))
        return LogResult(log, of_log(log, beta), beta)
    except (CsvError, OSError, Cancelled) as error:
        return error


def _reporter(work: Work) -> Progress:
    def progress(share: float) -> None:
        work.progress(share)
        work.publish(share)
        if work.stop():
            raise Cancelled

    return progress


def _of_pick(request: PickRequest) -> TrainingLog:
    runs = request.log.runs
    run = runs[request.run]
    log = paired(request.log, run, request.loss, request.lr)
    if len(runs) == 1:
        return log
    others = ", ".join(other.title for index, other in enumerate(runs) if index != request.run)
    return replace(
        log, title=f"{log.title} · {run.title}", notes=(*log.notes, tr("not shown: {names}", names=others[:200]))
    )


def _of_tables(paths: Sequence[Path], request: LogRequest, progress: Progress) -> TrainingLog:
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
