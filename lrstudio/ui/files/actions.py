"""The actions of the File menu, and the question before unsaved changes would be lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from lrstudio.core.language import language, sentences, tr
from lrstudio.core.problems import PROBLEMS
from lrstudio.engine.code import script
from lrstudio.engine.examples import Example
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.help.handbook import notebook
from lrstudio.store.atomic import FileChangedError
from lrstudio.store.lessons.folder import is_lessons
from lrstudio.ui.files.data_import import SUFFIXES, DataImport
from lrstudio.ui.files.questions import ask
from lrstudio.ui.files.saving import FileSaver
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.theme import LIGHT, Theme
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.file_lock import FileLock
from lrstudio.ui.session.jobs import FileInUse, Task, reason
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.session.recovery import Recovery
from lrstudio.ui.session.recovery_files import Found

SUFFIX = ".lrs"


class FileActions(QObject):
    """The actions of the File menu."""

    pace_chosen = Signal(object)
    """Speed of an opened example in steps per second; None is unlimited."""
    lessons_found = Signal(Path)
    """What is opened is a folder of lessons, its marker or a lesson's file."""
    logs_found = Signal(object)
    """The paths of the training log that is opened, a list."""

    def __init__(self, window: QWidget, session: OpenSession, bench: Bench, recovery: Path | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._session, self._bench = session, bench
        self._after_save: tuple[Task, Callable[[], object]] | None = None
        self.saver = FileSaver(window, session)
        self.theme: Theme = LIGHT
        self.data = DataImport(window, session, bench, lambda: self.theme)
        self.recovery = Recovery(session, recovery)
        self.recovery.found.connect(self._offer)
        self.recovery.failed.connect(partial(session.failed.emit, tr("Unsaved work is not kept")))
        session.saved.connect(self._saved)
        session.open_conflicted.connect(self.when_safe)
        session.open_refused.connect(self._ask_about_open_file)
        session.save_failed.connect(self._ask_about_failed_save)

    def new(self) -> None:
        """Opens an experiment with one run on the first problem."""

        def show() -> None:
            problem = PROBLEMS[0]()
            self._session.show(Experiment(problem=problem, runs=(Run(lr=0.1),)))
            text = tr("New experiment: {problem}, one run; choose another problem in its menu")
            self._session.message.emit(text.format(problem=tr(problem.title)))

        self.when_safe(show)

    def show_example(self, example: Example) -> None:
        def show() -> None:
            self._session.show(example.experiment)
            self.pace_chosen.emit(example.pace)

        self.when_safe(show)

    def open(self) -> None:
        def ask() -> None:
            kinds = ";;".join((tr("LR Studio sessions (*.lrs)"), tr("LR Studio lessons (*.lrlesson *.md)")))
            name, _ = QFileDialog.getOpenFileName(self._window, tr("Open session"), str(self.saver.folder), kinds)
            if name:
                self._open(Path(name))

        self.when_safe(ask)

    def open_path(self, path: Path) -> None:
        """Opens a session, a training log, a table, or lessons, which set the session aside."""
        if is_lessons(path):
            self._open(path)
        elif path.suffix.lower() == SUFFIX:
            self.when_safe(lambda: self._open(path))
        else:
            self._look([path])

    def _open(self, path: Path) -> None:
        if is_lessons(path):
            self.lessons_found.emit(path)
        else:
            self._session.open(path)

    def _offer(self, points: list[Found]) -> None:
        """Offers to restore what windows that did not end well have left."""
        if points:
            from lrstudio.ui.files.restore_dialog import RestoreDialog  # a start after an orderly end needs none

            dialog = RestoreDialog(points, self._window)
            dialog.restore_requested.connect(lambda found: self.when_safe(partial(self._session.restore, found.source)))
            dialog.discard_requested.connect(self.recovery.discard)
            self._session.restored.connect(dialog.remove_restored)
            dialog.show()

    def import_data(self) -> None:
        """Asks for a table and opens the dialog that imports it."""
        kinds = tr("Tables ({suffixes});;All files (*)", suffixes=" ".join(f"*{end}" for end in (*SUFFIXES, ".txt")))
        name, _ = QFileDialog.getOpenFileName(self._window, tr("Import data"), str(self.saver.folder), kinds)
        if name:
            self._import(Path(name))

    def _import(self, path: Path) -> None:
        self._session.end_visit()
        self.data.begin(path)

    def open_dropped(self, paths: Sequence[Path]) -> None:
        """Opens the first session, or the first lesson, or a log in several files, or the first table."""
        sessions = [path for path in paths if path.suffix.lower() == SUFFIX]
        lessons = [path for path in paths if is_lessons(path)]
        if sessions or lessons:
            self.open_path((sessions or lessons)[0])
        elif paths:
            self._look(paths)

    def _look(self, paths: Sequence[Path]) -> None:
        """Opens files that are told by their content."""
        from lrstudio.ui.files.sniff import kind_of_file  # the readers of logs would take part of the start

        self._bench.start(lambda _work: [kind_of_file(path) for path in paths], done=partial(self._open_kinds, paths))

    def _open_kinds(self, paths: Sequence[Path], kinds: Sequence[str]) -> None:
        found = dict(zip(kinds[::-1], paths[::-1], strict=True))
        logs = [path for path, kind in zip(paths, kinds, strict=True) if kind in ("log", "unclear")]
        if "session" in found:
            self.when_safe(lambda: self._open(found["session"]))
        elif "log" in found:
            self.logs_found.emit(logs)
        elif "unclear" in found:
            self._ask_what(logs)
        elif "table" in found:
            self._import(found["table"])
        else:
            text = tr("“{name}” cannot be opened: it is no session (.lrs), training log, table (.csv, .tsv) or lesson")
            self._session.message.emit(text.format(name=paths[0].name))

    def _ask_what(self, paths: Sequence[Path]) -> None:
        """Asks what a table is whose columns may be those of a log."""
        log, data = tr("Training log"), tr("Data of a problem")
        text = tr("Is “{name}” the log of a training, or data to train on?", name=paths[0].name)
        details = tr("A log is drawn and diagnosed; data become a problem that you can train on.")
        answer = ask(self._window, tr("Open a table"), text, details, log, data)
        if answer == log:
            self.logs_found.emit(list(paths))
        elif answer == data:
            self._import(paths[0])

    def save(self) -> Task | None:
        """Saves the session to its file; returns None if the user declines."""
        if self._session.path is None or self._session.read_only:
            return self.save_as()
        return self._session.save_again()

    def save_as(self) -> Task | None:
        """Asks for a file and saves the session; returns None if the user cancels."""
        path = self.saver.ask_path(tr("Save session"), self.stem + SUFFIX, (SUFFIX,))
        return None if path is None else self._session.save(path)

    def export_csv(self) -> None:
        path = self.saver.ask_path(tr("Export CSV"), self.stem + ".csv", (".csv",))
        if path is not None:
            self._session.export_csv(path)

    def export_script(self, library: str) -> None:
        """Asks for a file and writes a script that repeats the runs with a library."""
        experiment, simulation = self._session.experiment, self._session.simulation
        changes = () if simulation is None else simulation.trace.rate_changes  # until then the trace is another one's
        name = f"{self.stem}_{library}.py"
        self.saver.save(tr("Export script"), name, ".py", lambda: (script(experiment, library, changes).encode(),))

    def save_notebook(self) -> None:
        """Asks for a file and writes the notebook about the Python interface."""
        self.saver.save(tr("Save notebook"), "lrstudio.ipynb", ".ipynb", lambda: (notebook(language()),))

    def export_comparison(self, table: str) -> None:
        """Asks for a file and writes the comparison of the runs, a CSV text."""
        name = self.stem + "-comparison.csv"
        self.saver.save(tr("Export comparison"), name, ".csv", lambda: (table.encode(),))

    def when_safe(self, go_on: Callable[[], object]) -> None:
        """Calls `go_on`, if there are unsaved changes only after the user saves or discards them.

        Ends a visit first: what is unsaved is in the session that was set aside.
        """
        self._session.end_visit()
        if not self._session.modified:
            go_on()
            return
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            tr("Unsaved changes"),
            plain(self._what_is_lost()),
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
        return tr(self._session.experiment.problem.title) if path is None else path.stem

    @property
    def title(self) -> str:
        """Name of the open experiment for the window's title."""
        return tr("{name} (read-only)", name=self.name) if self._session.read_only else self.name

    def _what_is_lost(self) -> str:
        session = self._session
        if session.path is not None:
            return tr("“{name}” has changes that are not saved.", name=self.name)
        text, logs = tr("“{name}” is in no file yet: {runs} run(s) and {steps:,} step(s) would be lost."), ""
        if session.logs.state.logs:
            logs = tr("{logs} training log(s) would be closed.", logs=len(session.logs.state.logs))
        lost = text.format(name=self.name, runs=len(session.experiment.runs), steps=session.steps_done)
        return sentences(lost, logs)

    def _ask_about_open_file(self, lock: FileLock, go_on: Callable[[], object]) -> None:
        """Asks how to open a file that another window has open."""
        read_only, save_as, override = tr("Open read-only"), tr("Save as…"), tr("Open anyway")
        text = tr("“{name}” is open elsewhere: {owner}.", name=lock.path.name, owner=lock.owner())
        details = tr("Read-only you see it and may change it, and save it as another file.")
        choices = (read_only, save_as) if lock.alive else (read_only, save_as, override)
        answer = ask(self._window, tr("Open elsewhere"), text, details, *choices)
        kept = answer == override and not lock.override()
        if answer is not None:
            go_on()
        if kept and self._session.lock is lock:  # not where a question about other changes was declined
            text = tr("The lock of “{name}” cannot be removed; it is opened read-only")
            self._session.message.emit(text.format(name=lock.path.name))
        if answer == save_as:
            self.save_as()

    def _ask_about_failed_save(self, task: Task, error: Exception) -> None:
        """Asks where to save what could not be saved to a file, and goes on with what waited for it."""
        again, save_as, owner = tr("Replace"), tr("Save as…"), ""
        name, details = task.path.name, tr("The file is as it was. Your changes are in this window only.")
        if isinstance(error, FileChangedError) and error.found is None:
            again = tr("Save there again")
            text = tr("“{name}” was deleted or moved by another program.")
        elif isinstance(error, FileChangedError):
            text = tr("“{name}” was changed by another program since it was opened or saved here.")
        elif isinstance(error, FileInUse):
            again = "" if error.lock.alive else tr("Replace anyway")
            text, owner = tr("“{name}” is open elsewhere: {owner}."), error.lock.owner()
        else:
            again, text = "", tr("“{name}” could not be saved.")
            details = f"{reason(error)}\n{details}"
        choices = (save_as, again) if again else (save_as,)
        answer = ask(self._window, tr("Not saved"), text.format(name=name, owner=owner), details, *choices)
        if answer is None:
            next_task = None
        elif answer == save_as:
            next_task = self.save_as()
        elif isinstance(error, FileChangedError):
            next_task = self._session.save(task.path, error.found)
        else:
            next_task = self._session.save(task.path, locked=False)
        if self._after_save is not None and self._after_save[0] is task:
            self._after_save = None if next_task is None else (next_task, self._after_save[1])

    def _saved(self, task: Task) -> None:
        """Calls the function that waits for this save; asks again if the session was edited during the save."""
        if self._after_save is None or self._after_save[0] is not task:
            return
        go_on, self._after_save = self._after_save[1], None
        if self._session.edited:
            self.when_safe(go_on)
        else:
            go_on()

    @property
    def stem(self) -> str:
        """The beginning of the names of exported files: that of the session's file, or the problem's key."""
        path = self._session.path
        return self._session.experiment.problem.key if path is None else path.stem
