"""The actions of the File menu, and the question before unsaved changes would be lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from lrstudio.core.problems import PROBLEMS
from lrstudio.engine.examples import Example
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.files.data_import import SUFFIXES, DataImport
from lrstudio.ui.files.saving import FileSaver
from lrstudio.ui.look.theme import LIGHT, Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.jobs import Task
from lrstudio.ui.session.open_session import OpenSession

SUFFIX = ".lrs"


class FileActions(QObject):
    """The actions of the File menu."""

    pace_chosen = Signal(object)
    """Speed of an opened example in steps per second; None is unlimited."""

    def __init__(self, window: QWidget, session: OpenSession, bench: Bench) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._after_save: tuple[Task, Callable[[], object]] | None = None
        self.saver = FileSaver(window, session)
        self.theme: Theme = LIGHT
        self.data = DataImport(window, session, bench, lambda: self.theme)
        session.saved.connect(self._saved)
        session.open_conflicted.connect(self.when_safe)

    def new(self) -> None:
        """Opens an experiment with one run on the first problem."""

        def show() -> None:
            problem = PROBLEMS[0]()
            self._session.show(Experiment(problem=problem, runs=(Run(lr=0.1),)))
            text = self.tr("New experiment: {problem}, one run; choose another problem in its menu")
            self._session.message.emit(text.format(problem=problem.title))

        self.when_safe(show)

    def show_example(self, example: Example) -> None:
        def show() -> None:
            self._session.show(example.experiment)
            self.pace_chosen.emit(example.pace)

        self.when_safe(show)

    def open(self) -> None:
        def ask() -> None:
            kinds = self.tr("LR Studio sessions (*.lrs)")
            name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open session"), str(self.saver.folder), kinds)
            if name:
                self._session.open(Path(name))

        self.when_safe(ask)

    def open_path(self, path: Path) -> None:
        self.when_safe(lambda: self._session.open(path))

    def import_data(self) -> None:
        """Asks for a table and opens the dialog that imports it."""
        kinds = self.tr("Tables ({suffixes});;All files (*)").format(
            suffixes=" ".join(f"*{end}" for end in (*SUFFIXES, ".txt"))
        )
        name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Import data"), str(self.saver.folder), kinds)
        if name:
            self.data.begin(Path(name))

    def open_dropped(self, paths: Sequence[Path]) -> None:
        """Opens the first session or else the first table of several files."""
        sessions = [path for path in paths if path.suffix.lower() == SUFFIX]
        tables = [path for path in paths if path.suffix.lower() in SUFFIXES]
        if sessions:
            self.open_path(sessions[0])
        elif tables:
            self.data.begin(tables[0])
        elif paths:
            text = self.tr("“{name}” is no session: files that end in {suffix} or .csv can be opened")
            self._session.message.emit(text.format(name=paths[0].name, suffix=SUFFIX))

    def save(self) -> Task | None:
        """Saves the session to its file; returns None if the user declines."""
        path = self._session.path
        if path is None:
            return self.save_as()
        if not self._session.changed_outside() or self.saver.may_replace(
            self.tr("“{name}” was changed by somebody else since it was opened. Replace it?").format(name=path.name)
        ):
            return self._session.save(path)
        return None

    def save_as(self) -> Task | None:
        """Asks for a file and saves the session; returns None if the user cancels."""
        path = self.saver.ask_path(self.tr("Save session"), self._stem() + SUFFIX, (SUFFIX,))
        return None if path is None else self._session.save(path)

    def export_csv(self) -> None:
        path = self.saver.ask_path(self.tr("Export CSV"), self._stem() + ".csv", (".csv",))
        if path is not None:
            self._session.export_csv(path)

    def export_comparison(self, table: str) -> None:
        """Asks for a file and writes the comparison of the runs, a CSV text."""
        name = self._stem() + "-comparison.csv"
        self.saver.save(self.tr("Export comparison"), name, ".csv", lambda: (table.encode(),))

    def when_safe(self, go_on: Callable[[], object]) -> None:
        """Calls `go_on`, if there are unsaved changes only after the user saves or discards them."""
        if not self._session.modified:
            go_on()
            return
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            self.tr("Unsaved changes"),
            self.tr("“{name}” has changes that are not saved.").format(name=self.name),
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        if answer == buttons.Save:
            task = self.save()
            self._after_save = None if task is None else (task, go_on)
        elif answer == buttons.Discard:
            go_on()

    @property
    def name(self) -> str:
        """Name of the open experiment."""
        path = self._session.path
        return self._session.experiment.problem.title if path is None else path.stem

    def _saved(self, task: Task) -> None:
        """Calls the function that waits for this save; asks again if the session was edited during the save."""
        if self._after_save is None or self._after_save[0] is not task:
            return
        go_on, self._after_save = self._after_save[1], None
        if self._session.edited:
            self.when_safe(go_on)
        else:
            go_on()

    def _stem(self) -> str:
        path = self._session.path
        return self._session.experiment.problem.key if path is None else path.stem
