"""From the CSV files of a training log to the window of the range test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from lrstudio.store.csv.format import CsvError, Format
from lrstudio.ui.instruments.range_test.log_dialog import LogDialog
from lrstudio.ui.instruments.range_test.log_job import LogPreview, LogRequest, LogResult, look_at, read
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.session.bench import Work

SUFFIXES = (".csv", ".tsv", ".txt", ".log")


class LogImport(QObject):
    """Looks at files and reads them; asks only where their names leave a doubt or a cell is bad."""

    imported = Signal(object)
    """A LogResult."""
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
        """Whether files are read or their dialog is open."""
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

        def job(_work: Work) -> LogPreview | Exception:
            try:
                return look_at(paths, form, swapped=swapped)
            except (CsvError, OSError) as error:
                return error

        self._compute(job, lambda preview: self._show_preview(preview, ask=ask))

    def _show_preview(self, preview: LogPreview | Exception, *, ask: bool) -> None:
        if isinstance(preview, Exception):
            names = ", ".join(path.name for path in self._paths)
            if self.dialog is not None:
                self.dialog.show_error(str(preview))
            else:
                self._window.say(f"{names}: {preview}", warning=True)
                self.given_up.emit()
            return
        self._paths = preview.paths
        if preview.request is not None and not ask:
            self._read(preview.request, lambda: self._open(preview))
        else:
            self._open(preview)

    def _open(self, preview: LogPreview) -> LogDialog:
        """Show the dialog for files that were looked at."""
        if self.dialog is None:
            other = preview.paths[1].name if len(preview.paths) > 1 else ""
            dialog = self.dialog = LogDialog(preview.paths[0].name, other, self._window.theme, self._window)
            dialog.format_wanted.connect(lambda form: self._look(form, ask=True, swapped=True))
            dialog.import_wanted.connect(self._read)
            dialog.swap_wanted.connect(self._swap)
            dialog.rejected.connect(self.give_up)
            dialog.open()
        self.dialog.show_preview(preview.look)
        return self.dialog

    def _read(self, request: LogRequest, open_dialog: Callable[[], LogDialog] | None = None) -> None:
        paths, beta = self._paths, self._beta()

        def done(result: LogResult | Exception) -> None:
            if isinstance(result, LogResult):
                self._close()
                self.imported.emit(result)
            else:
                dialog = self.dialog if open_dialog is None else open_dialog()
                if dialog is not None:
                    dialog.refuse(result)

        def progress(share: float) -> None:
            if self.dialog is not None:
                self.dialog.show_progress(share)

        self._compute(lambda work: read(paths, request, beta, work), done, progress)

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
