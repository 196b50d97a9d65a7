"""What is done with a training log off the window's thread: look at it, read it, read off it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lrstudio.store.atomic import Progress
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.csv.import_csv import Preview, preview
from lrstudio.store.csv.log_rows import LogChoices
from lrstudio.store.csv.training_log import LogColumns, TrainingLog, guess, read_log, with_rates_between, with_rates_of
from lrstudio.ui.instruments.range_test.job import Curve, of_log
from lrstudio.ui.session.bench import Work
from lrstudio.ui.session.jobs import Cancelled

MOST_FILES = 2


class Missing(Enum):
    """Where the rates of a log are that has none of its own."""

    OTHER_FILE = "other file"


@dataclass(frozen=True)
class LogRequest:
    """How a log is to be read; `rates` says where they come from where the file has none: the ends of a test."""

    choices: LogChoices
    rates: tuple[float, float] | Missing | None = None


@dataclass(frozen=True)
class LogPreview:
    """The files in the order losses, rates; the first one's look; how to read it where the names leave no doubt."""

    paths: tuple[Path, ...]
    look: Preview
    request: LogRequest | None


@dataclass(frozen=True)
class LogResult:
    """A log that was read, and its curve at a smoothing."""

    log: TrainingLog
    curve: Curve
    beta: float


def look_at(paths: Sequence[Path], form: Format, *, swapped: bool = False) -> LogPreview:
    """See what files of a log look like; CsvError and OSError say why one cannot be read."""
    if not 1 <= len(paths) <= MOST_FILES:
        raise CsvError("a log is one file, or two: one of losses and one of rates")
    looks = [preview(path, form if place == 0 else Format()) for place, path in enumerate(paths)]
    columns = [guess(look) for look in looks]
    if len(paths) == MOST_FILES and columns[0].values == "lr" and columns[1].values != "lr" and not swapped:
        return look_at(paths[::-1], form, swapped=True)
    return LogPreview(tuple(paths), looks[0], _without_doubt(looks[0], columns))


def _without_doubt(look: Preview, columns: Sequence[LogColumns]) -> LogRequest | None:
    mine = columns[0]
    if mine.loss is None:
        return None
    choices = LogChoices(form=look.form, loss=mine.loss, step=mine.step, lr=mine.lr)
    if len(columns) == 1:
        return LogRequest(choices) if mine.sure else None
    return LogRequest(choices, Missing.OTHER_FILE) if mine.values != "lr" and columns[1].values == "lr" else None


def read(paths: Sequence[Path], request: LogRequest, beta: float, work: Work) -> LogResult | Exception:
    """Read a log and its rates. What is wrong with the files is returned, so that it can be shown with its cells."""

    def progress(share: float) -> None:
        work.progress(share)
        work.publish(share)
        if work.stop():
            raise Cancelled

    try:
        log = read_log(paths[0], request.choices, progress)
        if request.rates is Missing.OTHER_FILE:
            log = with_rates_of(log, _series(paths[1], progress))
        elif isinstance(request.rates, tuple):
            log = with_rates_between(log, *request.rates)
        return LogResult(log, of_log(log, beta), beta)
    except (CsvError, OSError, Cancelled) as error:
        return error


def _series(path: Path, progress: Progress) -> TrainingLog:
    """The values of a file of rates."""
    look = preview(path)
    columns = guess(look)
    rates = columns.lr if columns.lr is not None else columns.loss
    if rates is None:
        raise CsvError(f"{path.name}: has no column of rates")
    return read_log(path, LogChoices(form=look.form, step=columns.step, loss=rates), progress)
