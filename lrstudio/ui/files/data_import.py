"""From a CSV file to the problem: looks and reads on the worker's thread, and tells the dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from lrstudio.core.problems import OwnData
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.other_problem import with_data
from lrstudio.engine.training.pilot import JobDone
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.csv.import_csv import Choices, Format, Imported, Preview, preview, read
from lrstudio.ui.files.import_dialog import ImportDialog
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.session.rates_said import rates_said
from lrstudio.ui.session.task import Cancelled, Task

SUFFIXES = (".csv", ".tsv")


class _Read(NamedTuple):
    """A file that was read, and the experiment on it."""

    imported: Imported
    experiment: Experiment


class DataImport(QObject):
    """Opens the dialog for a file; what is imported is an edit of the session, to be undone like any other."""

    def __init__(self, window: QWidget, session: OpenSession, theme: Callable[[], Theme]) -> None:
        super().__init__(window)
        self._window, self._session, self._theme = window, session, theme
        self.dialog: ImportDialog | None = None
        self._task: Task | None = None
        session.feed.job_done.connect(self._job_done)
        session.feed.frame.connect(self._show_progress)

    def begin(self, path: Path) -> None:
        """Show the dialog for a file."""
        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = ImportDialog(path.name, self._theme(), self._window)
        dialog.format_wanted.connect(lambda form: self._look(path, form))
        dialog.import_wanted.connect(lambda choices, kind: self._read(path, choices, kind))
        dialog.finished.connect(self._finished)
        dialog.open()
        self._look(path, Format())

    def _look(self, path: Path, form: Format) -> None:
        self._submit(Task("look", path), lambda _task: preview(path, form))

    def _read(self, path: Path, choices: Choices, kind: str) -> None:
        experiment, yield_to_gui = self._session.experiment, self._session.feed.yield_to_gui

        def job(task: Task) -> _Read:
            def progress(share: float) -> None:
                task.progress(share)
                yield_to_gui()

            imported = read(path, choices, progress)
            before = {} if experiment.problem.dataset is None else experiment.problem.values()
            problem = OwnData(**(before | {"dataset": imported.dataset, "kind": kind}))  # type: ignore[arg-type]
            return _Read(imported, with_data(experiment, problem))

        self._submit(Task("read", path), job)

    def _submit(self, task: Task, job: Callable[[Task], object]) -> None:
        """Do a job; the one before it is of no interest any more."""
        if self._task is not None:
            self._task.cancelled = True
        self._task = task

        def begin(_simulation: Simulation | None) -> object:
            task.progress(0)
            return job(task)

        self._session.feed.submit(task, begin)

    def _job_done(self, event: JobDone) -> None:
        if event.key is not self._task or self.dialog is None:
            return
        assert self._task is not None
        task, self._task = self._task, None
        if isinstance(event.error, Cancelled):
            return
        if isinstance(event.result, Preview):
            self.dialog.show_preview(event.result)
        elif isinstance(event.result, _Read):
            self.dialog.accept()
            before = self._session.experiment
            self._session.edit(event.result.experiment)
            rates = rates_said(before, event.result.experiment)
            told = self._told(event.result.imported)
            self._session.message.emit(f"{rates}; {told}" if rates else told)
        elif event.error is not None and task.name == "look":
            self.dialog.show_error(str(event.error))
        elif event.error is not None:
            self.dialog.refuse(event.error)

    def _told(self, imported: Imported) -> str:
        """What was imported, in a line."""
        dataset = imported.dataset
        parts = [self.tr("Imported {name}, rows: {count}").format(name=dataset.title, count=f"{len(dataset):,}")]
        if imported.dropped:
            parts.append(self.tr("left out: {count}").format(count=f"{imported.dropped:,}"))
        if dataset.words:
            parts.append(f"{dataset.words[0]} = 0, {dataset.words[1]} = 1")
        if self._session.experiment.batch_size is not None:
            parts.append(self.tr("each step sees {count} of them").format(count=self._session.experiment.batch_size))
        return "; ".join(parts)

    def _show_progress(self) -> None:
        if self.dialog is not None and self._task is not None and self._task.name == "read":
            self.dialog.show_progress(self._task.fraction)

    def _finished(self) -> None:
        if self._task is not None:
            self._task.cancelled = True
        self._task = None
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None
