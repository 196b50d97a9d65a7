"""Imports the files of a training log into the window of the range test, with a dialog for what they leave open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from lrstudio.core.language import tr
from lrstudio.engine.training.pilot import reason_of
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.logs.model import Log
from lrstudio.ui.files.log_dialog import LogDialog
from lrstudio.ui.files.log_tables import LogRequest, preview_tables
from lrstudio.ui.instruments.range_test.log_job import (
    LogPreview,
    LogResult,
    PickRequest,
    of_tables,
    preview_log,
    read,
)
from lrstudio.ui.instruments.range_test.log_pick import PickDialog
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.session.bench import Work
from lrstudio.ui.session.jobs import Cancelled

SUFFIXES = (".csv", ".tsv", ".txt", ".log", ".json", ".jsonl", ".db", ".sqlite", ".tfevents*")


class LogImport(QObject):
    """Previews and reads files; opens a dialog if they have several runs, ambiguous columns or a bad cell."""

    imported = Signal(object)
    """A LogResult."""
    cancelled = Signal()
    """Emitted when the import ends without a result."""

    def __init__(self, window: InstrumentWindow, beta: Callable[[], float]) -> None:
        super().__init__(window)
        self._window, self._beta = window, beta
        self._paths: Sequence[Path] = ()
        self._question = object()
        """Identifies the job of this import among those of the window."""
        self.dialog: LogDialog | PickDialog | None = None

    @property
    def busy(self) -> bool:
        """Whether files are being read or the dialog is open."""
        return self.dialog is not None or (self._window.busy and self._window.job.question is self._question)

    def choose_files(self) -> None:
        """Ask for one file, or for a file of losses and a file of rates."""
        kinds = tr("Training logs ({suffixes});;All files (*)", suffixes=" ".join(f"*{suffix}" for suffix in SUFFIXES))
        names, _ = QFileDialog.getOpenFileNames(self._window, tr("Import training log"), "", kinds)
        if names:
            self.begin([Path(name) for name in names])

    def begin(self, paths: Sequence[Path]) -> None:
        """Preview files and read them."""
        self._close()
        self._paths = paths
        self._answer({})

    def _answer(self, answers: Mapping[str, str]) -> None:
        """Read the files with the answers to their questions."""
        paths = self._paths
        self._preview(lambda work: preview_log(paths, answers, work), ask=False)

    def _choose_format(self, form: Format) -> None:
        paths = self._paths
        self._preview(lambda _work: of_tables(preview_tables(paths, form, swapped=True)), ask=True)

    def _preview(self, previewed: Callable[[Work], LogPreview], *, ask: bool) -> None:
        def job(work: Work) -> LogPreview | Exception:
            try:
                return previewed(work)
            except (CsvError, OSError, Cancelled) as error:
                return error

        self._compute(job, lambda preview: self._show_preview(preview, ask=ask), self._show_progress)

    def _show_progress(self, share: float) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(share)

    def _show_preview(self, preview: LogPreview | Exception, *, ask: bool) -> None:
        if isinstance(preview, Exception):
            names = ", ".join(path.name for path in self._paths)
            if self.dialog is not None:
                self.dialog.show_error(reason_of(preview))
            else:
                self._window.show_message(f"{names}: {preview}", warning=True)
                self.cancelled.emit()
            return
        self._paths = preview.paths
        if preview.request is not None and not ask and self.dialog is None:
            request = preview.request
            self._read(request, None if preview.first is None else lambda: self._open(preview))
        elif preview.log is not None:
            self._pick(preview.log)
        else:
            self._open(preview)

    def _open(self, preview: LogPreview) -> LogDialog:
        """Show the dialog for the preview of a table."""
        dialog = self.dialog
        if not isinstance(dialog, LogDialog):
            self._close()
            other = preview.paths[1].name if len(preview.paths) > 1 else ""
            dialog = LogDialog(preview.paths[0].name, other, self._window.theme, self._window)
            dialog.format_requested.connect(self._choose_format)
            dialog.import_requested.connect(self._read)
            dialog.swap_requested.connect(self._swap)
            self._show(dialog)
        assert preview.first is not None
        dialog.show_preview(preview.first)
        return dialog

    def _pick(self, log: Log) -> None:
        """Show the dialog for the questions and the runs of a log."""
        dialog = self.dialog
        if not isinstance(dialog, PickDialog):
            self._close()
            dialog = PickDialog(self._window.theme, self._window)
            dialog.answered.connect(self._answer)
            dialog.import_requested.connect(self._read)
            self._show(dialog)
        dialog.show_log(log)

    def _show(self, dialog: LogDialog | PickDialog) -> None:
        self.dialog = dialog
        dialog.rejected.connect(self.cancel)
        dialog.open()

    def _read(self, request: LogRequest | PickRequest, open_dialog: Callable[[], LogDialog] | None = None) -> None:
        paths, beta = self._paths, self._beta()

        def done(result: LogResult | Exception) -> None:
            if isinstance(result, LogResult):
                self._close()
                self.imported.emit(result)
                return
            dialog = self.dialog if open_dialog is None else open_dialog()
            if dialog is not None:
                dialog.show_import_error(result)
            else:
                self._window.show_message(f"{paths[0].name}: {result}", warning=True)
                self.cancelled.emit()

        self._compute(lambda work: read(paths, request, beta, work), done, self._show_progress)

    def _swap(self) -> None:
        self._close()
        self._paths = self._paths[::-1]
        self._choose_format(Format())

    def _compute(
        self,
        job: Callable[[Work], Any],
        done: Callable[[Any], None],
        partial: Callable[[Any], None] = lambda _result: None,
    ) -> None:
        self._question = object()
        self._window.compute(self._question, job, done, partial)

    def cancel(self) -> None:
        """Close the dialog and cancel the import."""
        self._window.cancel()
        self._close()
        self.cancelled.emit()

    def _close(self) -> None:
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            dialog.hide()
            dialog.deleteLater()
