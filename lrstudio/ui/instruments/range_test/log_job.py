"""Previews and reads training logs outside the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.csv.columns import BadCellsError
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.csv.import_csv import Preview
from lrstudio.store.logs.csv_log import COLUMNS
from lrstudio.store.logs.model import LOSS, METRIC, RATE, Log, Run, Series
from lrstudio.store.logs.producers.losses import is_certain, main_loss
from lrstudio.store.logs.read import kind_of, read_log
from lrstudio.store.logs.training_log import TrainingLog, paired
from lrstudio.ui.files.log_tables import (
    MOST_TABLES,
    LogRequest,
    TablePreview,
    preview_tables,
    read_tables,
    reporter,
)
from lrstudio.ui.instruments.range_test.job import Curve, of_log
from lrstudio.ui.session.bench import Work
from lrstudio.ui.session.jobs import Cancelled


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
        log = read_log(paths, answers, reporter(work))
    except BadCellsError:
        return of_tables(preview_tables(paths, Format()))
    kinds = [kind_of(path) for path in paths]
    if len(log.runs) == 1 and is_certain(log.runs[0]) and not log.open_questions:
        return LogPreview(tuple(paths), picked(log, 0), log)
    unclear = not any(is_certain(run) for run in log.runs) or any(
        question.key == COLUMNS for question in log.open_questions
    )
    if set(kinds) == {"csv"} and len(kinds) <= MOST_TABLES and unclear:
        return of_tables(preview_tables(paths, Format()))
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


def of_tables(preview: TablePreview) -> LogPreview:
    """Returns the preview of a table as that of a log."""
    return LogPreview(preview.paths, preview.request, first=preview.first)


def read(paths: Sequence[Path], request: LogRequest | PickRequest, beta: float, work: Work) -> LogResult | Exception:
    """Reads a log and its rates; returns an error of the files, so that its cells can be shown."""
    try:
        log = _of_pick(request) if isinstance(request, PickRequest) else read_tables(paths, request, reporter(work))
        return LogResult(log, of_log(log, beta), beta)
    except (CsvError, OSError, Cancelled) as error:
        return error


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
