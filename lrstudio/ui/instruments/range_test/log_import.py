"""From the CSV files of a training log to the window of the range test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.csv.import_csv import Preview, preview
from lrstudio.store.csv.log_columns import LogColumns, guess
from lrstudio.store.csv.log_rows import LogChoices
from lrstudio.store.csv.training_log import TrainingLog, read_log, with_rates_between, with_rates_of
from lrstudio.store.progress import Progress
from lrstudio.ui.instruments.range_test.job import Curve, of_log
from lrstudio.ui.instruments.range_test.log_dialog import LogDialog
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.session.bench import Work
from lrstudio.ui.session.task import Cancelled

MOST_FILES = 2


class Missing(Enum):
    """Where the rates of a log are that has none of its own."""

    OTHER_FILE = "other file"


@dataclass(frozen=True)
class LogAsked:
    """How a log is to be read; `rates` says where they come from where the file has none: the ends of a test."""

    choices: LogChoices
    rates: tuple[float, float] | Missing | None = None


@dataclass(frozen=True)
class Looked:
    """The files in the order losses, rates; the first one's look; how to read it where the names leave no doubt."""

    paths: tuple[Path, ...]
    look: Preview
    asked: LogAsked | None


@dataclass(frozen=True)
class LogFound:
    """A log that was read, and its curve at a smoothing."""

    log: TrainingLog
    curve: Curve
    beta: float


def look_at(paths: Sequence[Path], form: Format, *, swapped: bool = False) -> Looked:
    """See what files of a log look like; CsvError and OSError say why one cannot be read."""
    if not 1 <= len(paths) <= MOST_FILES:
        raise CsvError("a log is one file, or two: one of losses and one of rates")
    looks = [preview(path, form if place == 0 else Format()) for place, path in enumerate(paths)]
    columns = [guess(look) for look in looks]
    if len(paths) == MOST_FILES and columns[0].values == "lr" and columns[1].values != "lr" and not swapped:
        return look_at(paths[::-1], form, swapped=True)
    return Looked(tuple(paths), looks[0], _without_doubt(looks[0], columns))


def _without_doubt(look: Preview, columns: Sequence[LogColumns]) -> LogAsked | None:
    mine = columns[0]
    if mine.loss is None:
        return None
    choices = LogChoices(form=look.form, loss=mine.loss, step=mine.step, lr=mine.lr)
    if len(columns) == 1:
        return LogAsked(choices) if mine.sure else None
    return LogAsked(choices, Missing.OTHER_FILE) if mine.values != "lr" and columns[1].values == "lr" else None


def read(paths: Sequence[Path], asked: LogAsked, beta: float, work: Work) -> LogFound | Exception:
    """Read a log and its rates. What is wrong with the files is returned, so that it can be shown with its cells."""

    def progress(share: float) -> None:
        work.progress(share)
        work.publish(share)
        if work.stop():
            raise Cancelled

    try:
        log = read_log(paths[0], asked.choices, progress)
        if asked.rates is Missing.OTHER_FILE:
            log = with_rates_of(log, _series(paths[1], progress))
        elif isinstance(asked.rates, tuple):
            log = with_rates_between(log, *asked.rates)
        return LogFound(log, of_log(log, beta), beta)
    except (CsvError, OSError, Cancelled) as error:
        return error


def _series(path: Path, progress: Progress) -> TrainingLog:
    """The values of a file of rates."""
    look = preview(path)
    found = guess(look)
    place = found.lr if found.lr is not None else found.loss
    if place is None:
        raise CsvError(f"{path.name}: has no column of rates")
    return read_log(path, LogChoices(form=look.form, step=found.step, loss=place), progress)


SUFFIXES = (".csv", ".tsv", ".txt", ".log")


class LogImport(QObject):
    """Looks at files and reads them; asks only where their names leave a doubt or a cell is bad."""

    imported = Signal(object)
    """A LogFound."""
    given_up = Signal()
    """Nothing was imported after all."""

    def __init__(self, window: InstrumentWindow, beta: Callable[[], float]) -> None:
        super().__init__(window)
        self._window, self._beta = window, beta
        self._paths: Sequence[Path] = ()
        self._question = object()
        """Tells the window's job of this import from others."""
        self.dialog: LogDialog | None = None

    @property
    def busy(self) -> bool:
        """Whether files are looked at or read, or somebody is asked about them."""
        return self.dialog is not None or (self._window.busy and self._window.job.question is self._question)

    def ask(self) -> None:
        """Ask for one file, or for one of losses and one of rates."""
        kinds = self.tr("Training logs ({suffixes});;All files (*)").format(
            suffixes=" ".join(f"*{suffix}" for suffix in SUFFIXES)
        )
        names, _ = QFileDialog.getOpenFileNames(self._window, self.tr("Import training log"), "", kinds)
        if names:
            self.begin([Path(name) for name in names])

    def begin(self, paths: Sequence[Path]) -> None:
        """Look at files and read them."""
        self._close()
        self._paths = paths
        self._look(Format(), ask=False)

    def _look(self, form: Format, *, ask: bool, swapped: bool = False) -> None:
        paths = self._paths

        def job(_work: Work) -> Looked | Exception:
            try:
                return look_at(paths, form, swapped=swapped)
            except (CsvError, OSError) as error:
                return error

        self._compute(job, lambda looked: self._looked(looked, ask=ask))

    def _looked(self, looked: Looked | Exception, *, ask: bool) -> None:
        if isinstance(looked, Exception):
            names = ", ".join(path.name for path in self._paths)
            if self.dialog is not None:
                self.dialog.show_error(str(looked))
            else:
                self._window.say(f"{names}: {looked}", warning=True)
                self.given_up.emit()
            return
        self._paths = looked.paths
        if looked.asked is not None and not ask:
            self._read(looked.asked, lambda: self._open(looked))
        else:
            self._open(looked)

    def _open(self, looked: Looked) -> LogDialog:
        """Show the dialog for files that were looked at."""
        if self.dialog is None:
            other = looked.paths[1].name if len(looked.paths) > 1 else ""
            dialog = self.dialog = LogDialog(looked.paths[0].name, other, self._window.theme, self._window)
            dialog.format_wanted.connect(lambda form: self._look(form, ask=True, swapped=True))
            dialog.import_wanted.connect(self._read)
            dialog.swap_wanted.connect(self._swap)
            dialog.rejected.connect(self.give_up)
            dialog.open()
        self.dialog.show_preview(looked.look)
        return self.dialog

    def _read(self, asked: LogAsked, open_dialog: Callable[[], LogDialog] | None = None) -> None:
        paths, beta = self._paths, self._beta()

        def done(found: LogFound | Exception) -> None:
            if isinstance(found, LogFound):
                self._close()
                self.imported.emit(found)
            else:
                dialog = self.dialog if open_dialog is None else open_dialog()
                if dialog is not None:
                    dialog.refuse(found)

        def progress(share: float) -> None:
            if self.dialog is not None:
                self.dialog.show_progress(share)

        self._compute(lambda work: read(paths, asked, beta, work), done, progress)

    def _swap(self) -> None:
        self._close()
        self._paths = self._paths[::-1]
        self._look(Format(), ask=True, swapped=True)

    def _compute(
        self,
        job: Callable[[Work], Any],
        done: Callable[[Any], None],
        partial: Callable[[Any], None] = lambda _result: None,
    ) -> None:
        self._question = object()
        self._window.compute(self._question, job, done, partial)

    def give_up(self) -> None:
        """Close the dialog, and read no further."""
        self._window.cancel()
        self._close()
        self.given_up.emit()

    def _close(self) -> None:
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            dialog.hide()
            dialog.deleteLater()
