"""Imports the CSV files of a training log into the window of the range test, with a dialog for ambiguous columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QFileDialog, QFormLayout, QVBoxLayout, QWidget

from lrstudio.engine.family import MOST_LR
from lrstudio.engine.sweep.range_test import RangeTest
from lrstudio.store.csv.columns import BadCell
from lrstudio.store.csv.format import CsvError, Format
from lrstudio.store.csv.import_csv import Preview
from lrstudio.store.csv.log_rows import LogChoices
from lrstudio.store.csv.training_log import check_log, guess_columns
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row, choice_combo
from lrstudio.ui.files.csv_dialog import CsvDialog
from lrstudio.ui.instruments.range_test.log_job import LogPreview, LogRequest, LogResult, Missing, preview_log, read
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Work

_NONE, _BETWEEN, _OTHER_FILE = -1, -2, -3


class LogDialog(CsvDialog):
    """Shows a file's first rows and the meaning of its columns, and checks every change.

    `import_requested` emits a LogRequest, `swap_requested` asks to exchange the files of losses and of rates. With two
    files, `other` is the name of the file of rates.
    """

    import_requested = Signal(object)
    swap_requested = Signal()

    def __init__(self, name: str, other: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setWindowTitle(self.tr("Import the log {name}").format(name=name))
        self._other = other
        self._names: tuple[str, ...] | None = None
        self.chosen: LogRequest | None = None
        self.step, self.lr, self.loss = (choice_combo([], lambda _column: self.check_choices()) for _ in range(3))
        default = RangeTest()
        self.start_lr, self.end_lr = (NumberEdit(1e-30, MOST_LR, log=True) for _ in range(2))
        self.start_lr.set_value(default.start_lr)
        self.end_lr.set_value(default.end_lr)
        self.ok.setToolTip(self.tr("Show the log in place of the test"))
        self._fill_form()
        choices = QVBoxLayout()
        choices.addLayout(self._form)
        self.arrange(choices)
        self._connect()

    def choice_widgets(self) -> tuple[QWidget, ...]:
        return self.step, self.lr, self.loss

    def show_preview(self, preview: Preview) -> None:
        """Show the file in its format, with the columns that its names suggest."""
        self._preview = preview
        self.format.show_format(preview.form)
        self.model.show_preview(preview)
        if preview.names != self._names:
            self._list_columns(preview)
        self.check_choices()

    def _list_columns(self, preview: Preview) -> None:
        self._names, columns = preview.names, guess_columns(preview)
        loss = columns.loss if columns.loss is not None else columns.lr
        for combo, guessed in ((self.step, columns.step), (self.lr, columns.lr), (self.loss, loss)):
            combo.clear()
            for column, name in enumerate(preview.names):
                combo.addItem(name, column)
            combo.setCurrentIndex(-1 if guessed is None else combo.findData(guessed))
        self.step.addItem(self.tr("(count the rows)"), _NONE)
        if columns.step is None:
            self.step.setCurrentIndex(self.step.findData(_NONE))
        self.lr.addItem(self.tr("(it has none)"), _NONE)
        self.lr.addItem(self.tr("(a range test: from … to …)"), _BETWEEN)
        if self._other:
            self.lr.addItem(self.tr("(of {name})").format(name=self._other), _OTHER_FILE)
        if self._other or columns.lr is None or columns.values == "lr":
            self.lr.setCurrentIndex(self.lr.findData(_OTHER_FILE if self._other else _BETWEEN))

    def check_choices(self) -> None:
        lr = self.lr.currentData()
        for field in (self.start_lr, self.end_lr):
            self._form.setRowVisible(field, lr == _BETWEEN)
        if self._preview is None:
            return
        if self.loss.currentData() is None:
            self.show_message(self.tr("choose the column with the loss"), ok=False)
            return
        bad: tuple[BadCell, ...] = ()
        try:
            choices = LogChoices(
                form=self._preview.form,
                loss=self.loss.currentData(),
                step=_column(self.step),
                lr=_column(self.lr),
                drop_bad=self.drop.isChecked(),
            )
            bad = check_log(self._preview, choices)
        except CsvError as error:
            self.show_message(str(error), ok=False)
        else:
            between = (self.start_lr.value(), self.end_lr.value()) if lr == _BETWEEN else None
            self.chosen = LogRequest(choices, Missing.OTHER_FILE if lr == _OTHER_FILE else between)
            self._show_result(bad)
        self.list_bad(bad, len(bad))

    def _show_result(self, bad: Sequence[BadCell]) -> None:
        assert self._preview is not None
        if self.show_bad_count(bad):
            return
        if self.lr.currentData() == _BETWEEN:
            self.show_message(self.tr("The file has no rates: say from where to where the test went"), ok=True)
        else:
            self.show_message(self.rows_text(self._preview), ok=True)

    def accept_choices(self) -> None:
        if self.chosen is not None:
            self.set_reading(True)
            self.import_requested.emit(self.chosen)

    def _connect(self) -> None:
        for field in (self.start_lr, self.end_lr):
            field.value_changed.connect(lambda _value: self.check_choices())
        if self._other:
            swap = self.buttons.addButton(self.tr("&Swap the files"), QDialogButtonBox.ButtonRole.ActionRole)
            swap.setToolTip(plain(self.tr("This file has the rates, and {name} the losses").format(name=self._other)))
            swap.clicked.connect(lambda _checked=False: self.swap_requested.emit())

    def _fill_form(self) -> None:
        self._form = QFormLayout()
        for name, field, tip in (
            (self.tr("s&tep"), self.step, self.tr("What counts the updates")),
            (self.tr("l&oss"), self.loss, self.tr("The loss of training")),
            (self.tr("&rate"), self.lr, self.tr("The learning rate, or where it comes from")),
            (self.tr("st&art rate"), self.start_lr, self.tr("The rate of the first row")),
            (self.tr("e&nd rate"), self.end_lr, self.tr("The rate of the last row; between them it grew by a factor")),
        ):
            add_row(self._form, name, field, tip)
            field.setAccessibleName(name.replace("&", ""))


def _column(combo: QComboBox) -> int | None:
    """Returns the chosen column; None for an entry that is no column."""
    column = combo.currentData()
    return column if isinstance(column, int) and column >= 0 else None


SUFFIXES = (".csv", ".tsv", ".txt", ".log")


class LogImport(QObject):
    """Previews and reads files; opens a dialog if their columns are ambiguous or a cell is bad."""

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
        self.dialog: LogDialog | None = None

    @property
    def busy(self) -> bool:
        """Whether files are being read or the dialog is open."""
        return self.dialog is not None or (self._window.busy and self._window.job.question is self._question)

    def choose_files(self) -> None:
        """Ask for one file, or for a file of losses and a file of rates."""
        kinds = self.tr("Training logs ({suffixes});;All files (*)").format(
            suffixes=" ".join(f"*{suffix}" for suffix in SUFFIXES)
        )
        names, _ = QFileDialog.getOpenFileNames(self._window, self.tr("Import training log"), "", kinds)
        if names:
            self.begin([Path(name) for name in names])

    def begin(self, paths: Sequence[Path]) -> None:
        """Preview files and read them."""
        self._close()
        self._paths = paths
        self._preview(Format(), ask=False)

    def _preview(self, form: Format, *, ask: bool, swapped: bool = False) -> None:
        paths = self._paths

        def job(_work: Work) -> LogPreview | Exception:
            try:
                return preview_log(paths, form, swapped=swapped)
            except (CsvError, OSError) as error:
                return error

        self._compute(job, lambda preview: self._show_preview(preview, ask=ask))

    def _show_preview(self, preview: LogPreview | Exception, *, ask: bool) -> None:
        if isinstance(preview, Exception):
            names = ", ".join(path.name for path in self._paths)
            if self.dialog is not None:
                self.dialog.show_error(str(preview))
            else:
                self._window.show_message(f"{names}: {preview}", warning=True)
                self.cancelled.emit()
            return
        self._paths = preview.paths
        if preview.request is not None and not ask:
            self._read(preview.request, lambda: self._open(preview))
        else:
            self._open(preview)

    def _open(self, preview: LogPreview) -> LogDialog:
        """Show the dialog for a preview."""
        if self.dialog is None:
            other = preview.paths[1].name if len(preview.paths) > 1 else ""
            dialog = self.dialog = LogDialog(preview.paths[0].name, other, self._window.theme, self._window)
            dialog.format_requested.connect(lambda form: self._preview(form, ask=True, swapped=True))
            dialog.import_requested.connect(self._read)
            dialog.swap_requested.connect(self._swap)
            dialog.rejected.connect(self.cancel)
            dialog.open()
        self.dialog.show_preview(preview.first)
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
                    dialog.show_import_error(result)

        def progress(share: float) -> None:
            if self.dialog is not None:
                self.dialog.show_progress(share)

        self._compute(lambda work: read(paths, request, beta, work), done, progress)

    def _swap(self) -> None:
        self._close()
        self._paths = self._paths[::-1]
        self._preview(Format(), ask=True, swapped=True)

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
