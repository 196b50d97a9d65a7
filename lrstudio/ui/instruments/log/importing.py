"""Opens the files of a log: reads them in the worker, and asks for columns where a table does not tell them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from lrstudio.core.language import tr
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.ui.files.log_dialog import LogDialog
from lrstudio.ui.files.log_tables import LogRequest, TablePreview, preview_tables
from lrstudio.ui.instruments.log.reading import Read, read, read_columns
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.session.bench import Work

SUFFIXES = (".csv", ".tsv", ".txt", ".log", ".json", ".jsonl", ".db", ".sqlite", ".tfevents*")


class LogOpener(QObject):
    """Reads files, with a dialog for the columns of a table that are unclear or have bad cells."""

    opened = Signal(object)
    """A Read."""
    refused = Signal(object)
    """The paths of files that cannot be read now."""

    def __init__(self, window: InstrumentWindow) -> None:
        super().__init__(window)
        self._window = window
        self._paths: Sequence[Path] = ()
        self.dialog: LogDialog | None = None

    def choose_files(self) -> None:
        """Ask for the files of one log."""
        suffixes = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        kinds = tr("Training logs ({suffixes});;All files (*)", suffixes=suffixes)
        names, _ = QFileDialog.getOpenFileNames(self._window, tr("Import training log"), "", kinds)
        if names:
            self.begin([Path(name) for name in names])

    def begin(self, paths: Sequence[Path], answers: Mapping[str, str] | None = None) -> None:
        """Read the files of a log, with the answers to questions."""
        self._close()
        self._paths = paths
        self._compute(lambda work: read(paths, answers or {}, work), self._show)

    def cancel(self) -> None:
        """Close the dialog and cancel the reading."""
        self._window.cancel()
        self._close()

    def _show(self, result: Read | TablePreview | Exception) -> None:
        if isinstance(result, TablePreview):
            self._ask(result)
        elif isinstance(result, Read):
            self._close()
            self.opened.emit(result)
        elif self.dialog is not None:
            self.dialog.show_import_error(result)
        else:
            names = ", ".join(path.name for path in self._paths[:8])
            self._window.show_message(f"{names}: {result}", warning=True)
            self.refused.emit(tuple(self._paths))

    def _ask(self, preview: TablePreview) -> None:
        self._paths = preview.paths
        if self.dialog is None:
            other = preview.paths[1].name if len(preview.paths) > 1 else ""
            dialog = LogDialog(preview.paths[0].name, other, self._window.theme, self._window)
            dialog.format_requested.connect(self._choose_format)
            dialog.import_requested.connect(self._read_columns)
            dialog.swap_requested.connect(self._swap)
            dialog.rejected.connect(self.cancel)
            self.dialog = dialog
            dialog.open()
        self.dialog.show_preview(preview.first)

    def _choose_format(self, form: Format) -> None:
        paths = self._paths

        def job(_work: Work) -> TablePreview | Exception:
            try:
                return preview_tables(paths, form, swapped=True)
            except (CsvError, OSError) as error:
                return error

        self._compute(job, self._show)

    def _read_columns(self, request: LogRequest) -> None:
        paths = self._paths
        self._compute(lambda work: read_columns(paths, request, work), self._show)

    def _swap(self) -> None:
        self._close()
        self._paths = self._paths[::-1]
        self._choose_format(Format())

    def _compute(self, job: Callable[[Work], Any], done: Callable[[Any], None]) -> None:
        self._window.compute(object(), job, done, self._show_progress)

    def _show_progress(self, share: float) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(share)

    def _close(self) -> None:
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            dialog.hide()
            dialog.deleteLater()
