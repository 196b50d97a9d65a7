"""Reads the files of a log and diagnoses its runs, outside the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lrstudio.core.record import dataclass
from lrstudio.engine.diagnosis.diagnosis import Diagnosis
from lrstudio.store.csv.columns import BadCellsError
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.logs.csv_log import COLUMNS
from lrstudio.store.logs.diagnosis import diagnosis_of
from lrstudio.store.logs.model import LOSS, METRIC, RATE, TRAIN, Log, Run, Series
from lrstudio.store.logs.read import kind_of, read_log
from lrstudio.store.logs.training_log import TrainingLog, is_certain, main_loss, paired
from lrstudio.ui.files.log_tables import MOST_TABLES, LogRequest, TablePreview, preview_tables, read_tables, reporter
from lrstudio.ui.session.bench import Work
from lrstudio.ui.session.jobs import Cancelled


@dataclass(frozen=True, eq=False)
class Read:
    """A log that was read from files, with the diagnosis of each run, and its loss with rates that rise, if they do."""

    paths: tuple[Path, ...]
    log: Log
    diagnoses: tuple[Diagnosis, ...]
    rising: tuple[TrainingLog | None, ...]


def read(paths: Sequence[Path], answers: Mapping[str, str], work: Work) -> Read | TablePreview | Exception:
    """Returns the log in the files, the first rows of a table whose columns must be chosen, or why there is none."""
    try:
        try:
            log = read_log(paths, answers, reporter(work))
        except BadCellsError:
            return preview_tables(paths, Format())
        if _is_unclear(log) and len(paths) <= MOST_TABLES and {kind_of(path) for path in paths} == {"csv"}:
            return preview_tables(paths, Format())
        return diagnosed_log(paths, log)
    except (CsvError, OSError, Cancelled) as error:
        return error


def read_columns(paths: Sequence[Path], request: LogRequest, work: Work) -> Read | Exception:
    """Returns the log of the columns that were chosen; an error of the files, so that its cells can be shown."""
    try:
        return diagnosed_log(paths, as_log(read_tables(paths, request, reporter(work))))
    except (CsvError, OSError, Cancelled) as error:
        return error


def diagnosed_log(paths: Sequence[Path], log: Log) -> Read:
    """Returns a log with the diagnoses of its runs."""
    rising = tuple(_rising(log, run) for run in log.runs)
    return Read(tuple(paths), log, tuple(map(diagnosis_of, log.runs)), rising)


def as_log(table: TrainingLog) -> Log:
    """Returns a log of one run with the loss and the rate of a table."""
    known = np.isfinite(table.lr)
    series = [Series("loss", LOSS, TRAIN, table.step, table.loss)]
    if known.any():
        series.insert(0, Series("lr", RATE, TRAIN, table.step[known], table.lr[known]))
    run = Run(table.title, "step", tuple(series))
    return Log(table.title, (run,), notes=table.notes, bad=table.bad)


def _rising(log: Log, run: Run) -> TrainingLog | None:
    """Returns the loss of a run beside its rate if that rises, as in a range test."""
    loss, rate = main_loss(run), next(iter(run.of(RATE)), None)
    if loss is None or rate is None:
        return None
    try:
        pairs = paired(log, run, loss, rate)
    except CsvError:
        return None
    return pairs if pairs.rises else None


def _is_unclear(log: Log) -> bool:
    """Whether which column is what must be asked."""
    shown = any(run.of(LOSS) or run.of(METRIC) for run in log.runs)
    asked = any(question.key == COLUMNS for question in log.open_questions)
    return asked or (not any(is_certain(run) or run.of(LOSS) for run in log.runs) and not shown)
