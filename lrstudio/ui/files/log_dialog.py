"""The dialog that asks which columns of a table are the steps, the losses and the rates of a training log."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.family import MOST_LR
from lrstudio.engine.sweep.range_test import RangeTest
from lrstudio.store.csv.columns import BadCell
from lrstudio.store.csv.format import CsvError
from lrstudio.store.csv.import_csv import Preview
from lrstudio.store.logs.csv_log import guess_columns
from lrstudio.store.logs.model import RATE
from lrstudio.store.logs.names import meaning
from lrstudio.store.logs.training_log import LogChoices, check_log
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row, choice_combo
from lrstudio.ui.files.csv_dialog import CsvDialog
from lrstudio.ui.files.log_tables import LogRequest, Missing
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.theme import Theme

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
        self.setWindowTitle(tr("Import the log {name}", name=name))
        self._other = other
        self._names: tuple[str, ...] | None = None
        self.chosen: LogRequest | None = None
        self.step, self.lr, self.loss = (choice_combo([], lambda _column: self.check_choices()) for _ in range(3))
        default = RangeTest()
        self.start_lr, self.end_lr = (NumberEdit(1e-30, MOST_LR, log=True) for _ in range(2))
        self.start_lr.set_value(default.start_lr)
        self.end_lr.set_value(default.end_lr)
        self.ok.setToolTip(tr("Show the log"))
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
        self.step.addItem(tr("(count the rows)"), _NONE)
        if columns.step is None:
            self.step.setCurrentIndex(self.step.findData(_NONE))
        self.lr.addItem(tr("(it has none)"), _NONE)
        self.lr.addItem(tr("(a range test: from … to …)"), _BETWEEN)
        if self._other:
            self.lr.addItem(tr("(of {name})", name=self._other), _OTHER_FILE)
        if self._other or columns.lr is None or columns.values == "lr":
            self.lr.setCurrentIndex(self.lr.findData(_OTHER_FILE if self._other else _BETWEEN))

    def check_choices(self) -> None:
        lr = self.lr.currentData()
        for field in (self.start_lr, self.end_lr):
            self._form.setRowVisible(field, lr == _BETWEEN)
        if self._preview is None:
            return
        if self.loss.currentData() is None:
            self.show_message(tr("choose the column with the loss"), ok=False)
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
        if meaning(self.loss.currentText()).role == RATE:
            text = tr("“{name}” is a rate by its name: choose the column with the loss")
            self.show_message(text.format(name=self.loss.currentText()), ok=True)
            self.note.setStyleSheet(f"color: {self._theme.warning};")
        elif self.lr.currentData() == _BETWEEN:
            self.show_message(tr("The file has no rates: say from where to where the test went"), ok=True)
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
            swap = self.buttons.addButton(tr("&Swap the files"), QDialogButtonBox.ButtonRole.ActionRole)
            swap.setToolTip(plain(tr("This file has the rates, and {name} the losses", name=self._other)))
            swap.clicked.connect(lambda _checked=False: self.swap_requested.emit())

    def _fill_form(self) -> None:
        self._form = QFormLayout()
        for name, field, tip in (
            (tr("s&tep"), self.step, tr("What counts the updates")),
            (tr("l&oss"), self.loss, tr("The loss of training")),
            (tr("&rate"), self.lr, tr("The learning rate, or where it comes from")),
            (tr("st&art rate"), self.start_lr, tr("The rate of the first row")),
            (tr("e&nd rate"), self.end_lr, tr("The rate of the last row; between them it grew by a factor")),
        ):
            add_row(self._form, name, field, tip)


def _column(combo: QComboBox) -> int | None:
    """Returns the chosen column; None for an entry that is no column."""
    column = combo.currentData()
    return column if isinstance(column, int) and column >= 0 else None
