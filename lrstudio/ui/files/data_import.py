"""Importing a CSV file as the data of the problem."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from lrstudio.core.language import tr
from lrstudio.core.problems import OwnData
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.other_problem import with_data
from lrstudio.engine.training.pilot import reason_of
from lrstudio.store.csv.import_csv import Choices, CsvError, Format, Imported, Preview, read, read_preview
from lrstudio.ui.files.import_dialog import ImportDialog
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench, LatestJob, Work
from lrstudio.ui.session.jobs import Cancelled, changed_rates_text
from lrstudio.ui.session.open_session import OpenSession

SUFFIXES = (".csv", ".tsv")


class DataImport(QObject):
    """Opens the dialog for a file; the import is an edit of the session that can be undone."""

    def __init__(self, window: QWidget, session: OpenSession, bench: Bench, theme: Callable[[], Theme]) -> None:
        super().__init__(window)
        self._window, self._session, self._theme = window, session, theme
        self.dialog: ImportDialog | None = None
        self._job = LatestJob[object](bench)
        session.feed.frame.connect(self._show_progress)

    def begin(self, path: Path) -> None:
        """Opens the dialog for a file."""
        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = ImportDialog(path.name, self._theme(), self._window)
        dialog.format_requested.connect(lambda form: self._preview(path, form))
        dialog.import_requested.connect(lambda choices, kind: self._read(path, choices, kind))
        dialog.finished.connect(self._finished)
        dialog.open()
        self._preview(path, Format())

    def _preview(self, path: Path, form: Format) -> None:
        def job(_work: Work) -> Preview | Exception:
            try:
                return read_preview(path, form)
            except (CsvError, OSError) as error:
                return error

        self._job.ask(None, job, self._show_preview, failed=lambda reason: self._show_preview(ValueError(reason)))

    def _show_preview(self, preview: Preview | Exception) -> None:
        assert self.dialog is not None
        if isinstance(preview, Exception):
            self.dialog.show_error(reason_of(preview))
        else:
            self.dialog.show_preview(preview)

    def _read(self, path: Path, choices: Choices, kind: str) -> None:
        experiment = self._session.experiment

        def job(work: Work) -> tuple[Imported, Experiment] | Exception:
            def progress(fraction: float) -> None:
                work.progress(fraction)
                if work.stop():
                    raise Cancelled

            try:
                imported = read(path, choices, progress)
            except (CsvError, OSError, Cancelled) as error:
                return error
            before = {} if experiment.problem.dataset is None else experiment.problem.values()
            problem = OwnData(**(before | {"dataset": imported.dataset, "kind": kind}))  # type: ignore[arg-type]
            return imported, with_data(experiment, problem)

        self._job.ask(None, job, self._finish, failed=lambda reason: self._finish(ValueError(reason)))

    def _finish(self, result: tuple[Imported, Experiment] | Exception) -> None:
        """Edits the session, or shows the error in the dialog."""
        assert self.dialog is not None
        if isinstance(result, Exception):
            self.dialog.show_import_error(result)
            return
        imported, experiment = result
        self.dialog.accept()
        before = self._session.experiment
        self._session.edit(experiment)
        rates = changed_rates_text(before, experiment)
        text = self._summary(imported)
        self._session.message.emit("; ".join(filter(None, [rates, text])))

    def _summary(self, imported: Imported) -> str:
        """Returns a message on the imported data."""
        dataset = imported.dataset
        parts = [tr("Imported {name}, rows: {count}", name=dataset.title, count=f"{len(dataset):,}")]
        if imported.dropped:
            text = tr("left out: {count} ({cell})")
            parts.append(text.format(count=f"{imported.dropped:,}", cell=imported.bad[0]))
        if dataset.words:
            parts.append(f"{dataset.words[0]} = 0, {dataset.words[1]} = 1")
        if self._session.experiment.batch_size is not None:
            parts.append(tr("each step sees {count} of them", count=self._session.experiment.batch_size))
        return "; ".join(parts)

    def _show_progress(self) -> None:
        if self.dialog is not None and self._job.fraction is not None:
            self.dialog.show_progress(self._job.fraction)

    def _finished(self) -> None:
        self._job.cancel()
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None
