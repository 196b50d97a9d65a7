"""Reads the files of a log and diagnoses its runs, outside the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.diagnosis.diagnosis import Diagnosis
from lrstudio.store.atomic import Progress
from lrstudio.store.csv.columns import BadCellsError
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.fields import SessionError
from lrstudio.store.logs.csv_log import BAD_ROWS, COLUMNS
from lrstudio.store.logs.diagnosis import diagnosis_of
from lrstudio.store.logs.folder import log_files
from lrstudio.store.logs.model import LOSS, METRIC, RATE, TRAIN, Log, Run, Series
from lrstudio.store.logs.producers.losses import is_certain, main_loss
from lrstudio.store.logs.read import Stamp, kind_of, read_folder, read_log, stamp
from lrstudio.store.logs.training_log import TrainingLog, paired
from lrstudio.store.saved_logs import SavedLog, saved_log
from lrstudio.ui.files.log_tables import MOST_TABLES, LogRequest, TablePreview, preview_tables, read_tables, reporter
from lrstudio.ui.session.bench import Work
from lrstudio.ui.session.jobs import Cancelled

_MOST_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Read:
    """A log that was read from files, with the diagnosis of each run, and its loss with rates that rise, if they do.

    `saved` is the log for a session file, None if it cannot hold it, for which `problem` is the reason. `request` are
    the columns that the user chose, `folder` is where all files are read, `stored` says that a session had the log.
    """

    paths: tuple[Path, ...]
    log: Log
    diagnoses: tuple[Diagnosis, ...]
    rising: tuple[TrainingLog | None, ...]
    saved: SavedLog | None = None
    problem: str = ""
    request: LogRequest | None = None
    folder: Path | None = None
    stored: bool = False
    stamps: tuple[Stamp, ...] = ()
    """Of the files, from before they were read."""

    @property
    def key(self) -> tuple[Path, ...]:
        """What was opened: the files, or the folder with them."""
        return self.paths if self.folder is None else (self.folder,)

    @property
    def source(self) -> str:
        """What was read, for people: the paths of the files, or of the folder."""
        more = [tr("and {count} more", count=len(self.key) - _MOST_SHOWN)] if len(self.key) > _MOST_SHOWN else []
        return "\n".join([*map(str, self.key[:_MOST_SHOWN]), *more])

    @property
    def answers(self) -> dict[str, str]:
        return {question.key: question.chosen for question in self.log.questions if question.answered}


def read(paths: Sequence[Path], answers: Mapping[str, str], work: Work) -> Read | TablePreview | Exception:
    """Returns the log in the files, the first rows of a table whose columns must be chosen, or why there is none."""
    try:
        if len(paths) == 1 and paths[0].is_dir():
            return diagnosed_folder(paths[0], answers, reporter(work))
        before = stamps_of(paths)
        try:
            log = read_log(paths, answers, reporter(work))
        except BadCellsError:
            return preview_tables(paths, Format())
        if _is_unclear(log) and len(paths) <= MOST_TABLES and {kind_of(path) for path in paths} == {"csv"}:
            return preview_tables(paths, Format())
        return replace(diagnosed_log(paths, log), stamps=before)
    except (CsvError, OSError, Cancelled) as error:
        return error


def stamps_of(paths: Sequence[Path]) -> tuple[Stamp, ...]:
    """Returns the stamps of files, or of the logs in a folder."""
    files = log_files(paths[0]) if len(paths) == 1 and paths[0].is_dir() else paths
    return tuple(map(stamp, files))


def read_columns(paths: Sequence[Path], request: LogRequest, work: Work) -> Read | Exception:
    """Returns the log of the columns that were chosen; an error of the files, so that its cells can be shown."""
    try:
        before = stamps_of(paths)
        log = diagnosed_log(paths, as_log(read_tables(paths, request, reporter(work))))
        return replace(log, request=request, stamps=before)
    except (CsvError, OSError, Cancelled) as error:
        return error


def diagnosed_log(paths: Sequence[Path], log: Log) -> Read:
    """Returns a log with the diagnoses of its runs."""
    saved, problem = None, ""
    try:
        saved = saved_log([str(path.absolute()) for path in paths], log)
        log = saved.log
    except SessionError as error:
        problem = str(error)
    rising = tuple(_rising(log, run) for run in log.runs)
    return Read(tuple(paths), log, tuple(map(diagnosis_of, log.runs)), rising, saved, problem)


def diagnosed_folder(folder: Path, answers: Mapping[str, str], progress: Progress | None = None) -> Read:
    """Returns the logs of a folder with the diagnoses of their runs."""
    before = stamps_of([folder])
    log = read_folder(folder, answers, progress)
    return replace(diagnosed_log([folder], log), folder=folder, stamps=before)


def of_session(logs: Sequence[SavedLog]) -> list[Read]:
    """Returns the logs that a session had, with the diagnoses of their runs; opens no file."""
    found = []
    for each in logs:
        rising, paths = tuple(_rising(each.log, run) for run in each.log.runs), tuple(map(Path, each.paths))
        found.append(Read(paths, each.log, tuple(map(diagnosis_of, each.log.runs)), rising, each, stored=True))
    return found


def read_first(path: Path) -> Read:
    """Returns the log in a file or a folder that had none before; CsvError or OSError if it has none yet."""
    if path.is_dir():
        return diagnosed_folder(path, {})
    before = stamps_of([path])
    log = read_log([path], {BAD_ROWS: "drop"})
    if _is_unclear(log):
        raise CsvError(tr("which column is what is unclear: open it to choose"))
    return replace(diagnosed_log([path], log), stamps=before)


def read_again(read: Read, progress: Progress | None = None) -> Read:
    """Returns a log as its files are now, read in the same way; CsvError or OSError as the readers do.

    Whatever is at the paths of a session's log must have the columns that it had there.
    """
    if read.stored and any(str(path).startswith(("\\", "//")) for path in read.paths):
        raise CsvError(tr("is on another machine: open it to follow it"))
    answers, before = read.answers | {BAD_ROWS: "drop"}, stamps_of(read.paths)
    if len(read.paths) == 1 and read.paths[0].is_dir():
        found = diagnosed_folder(read.paths[0], answers, progress)
    elif read.request is not None:
        request = replace(read.request, choices=replace(read.request.choices, drop_bad=True))
        table = read_tables(read.paths, request, progress or (lambda _share: None))
        found = replace(diagnosed_log(read.paths, as_log(table)), request=read.request, stamps=before)
    else:
        found = replace(diagnosed_log(read.paths, read_log(read.paths, answers, progress)), stamps=before)
    if read.stored and _roles(found.log) != _roles(read.log):
        raise CsvError(tr("has other columns than the session's log: open it to follow it"))
    return found


def _roles(log: Log) -> set[tuple[str, str]]:
    return {(series.name, series.role) for run in log.runs for series in run.series}


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
