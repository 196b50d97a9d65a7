"""The dialog in which somebody says which columns of a training log are what. Reads nothing itself."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from lrstudio.engine.family import MOST_LR
from lrstudio.engine.sweep.range_test import RangeTest
from lrstudio.store.csv.columns import BadCell
from lrstudio.store.csv.format import CsvError
from lrstudio.store.csv.import_csv import Preview
from lrstudio.store.csv.log_columns import guess
from lrstudio.store.csv.log_rows import LogChoices
from lrstudio.store.csv.training_log import check_log
from lrstudio.ui.fields.combo import choice_combo
from lrstudio.ui.fields.number_edit import NumberEdit
from lrstudio.ui.fields.rows import add_row
from lrstudio.ui.files.csv_dialog import CsvDialog
from lrstudio.ui.instruments.range_test.log_job import LogRequest, Missing
from lrstudio.ui.look.theme import Theme

_NONE, _BETWEEN, _OTHER_FILE = -1, -2, -3


class LogDialog(CsvDialog):
    """Shows a file's first rows and what its columns are taken for; says at every change what is wrong.

    `import_wanted` brings what is to be read, `swap_wanted` asks for the other one of two files in this one's place.
    With two files, `other` is the name of the one that has the rates.
    """

    import_wanted = Signal(object)
    swap_wanted = Signal()

    def __init__(self, name: str, other: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setWindowTitle(self.tr("Import the log {name}").format(name=name))
        self._other = other
        self._names: tuple[str, ...] | None = None
        self.chosen: LogRequest | None = None
        self.step, self.lr, self.loss = (choice_combo([], lambda _place: self.judge()) for _ in range(3))
        usual = RangeTest()
        self.start_lr, self.end_lr = (NumberEdit(1e-30, MOST_LR, log=True) for _ in range(2))
        self.start_lr.set_value(usual.start_lr)
        self.end_lr.set_value(usual.end_lr)
        self.ok.setToolTip(self.tr("Show the log in place of the test"))
        self._fill_form()
        choices = QVBoxLayout()
        choices.addLayout(self._form)
        self.arrange(choices)
        self._connect()

    def choosers(self) -> tuple[QWidget, ...]:
        return self.step, self.lr, self.loss

    def show_preview(self, look: Preview) -> None:
        """Show what the file looks like now, and what its names say."""
        self._look = look
        self.format.show_format(look.form)
        self.model.show_preview(look)
        if look.names != self._names:
            self._offer(look)
        self.judge()

    def _offer(self, look: Preview) -> None:
        self._names, columns = look.names, guess(look)
        loss = columns.loss if columns.loss is not None else columns.lr
        for combo, place in ((self.step, columns.step), (self.lr, columns.lr), (self.loss, loss)):
            combo.clear()
            for column, name in enumerate(look.names):
                combo.addItem(name, column)
            combo.setCurrentIndex(-1 if place is None else combo.findData(place))
        self.step.addItem(self.tr("(count the rows)"), _NONE)
        if columns.step is None:
            self.step.setCurrentIndex(self.step.findData(_NONE))
        self.lr.addItem(self.tr("(it has none)"), _NONE)
        self.lr.addItem(self.tr("(a range test: from … to …)"), _BETWEEN)
        if self._other:
            self.lr.addItem(self.tr("(of {name})").format(name=self._other), _OTHER_FILE)
        if self._other or columns.lr is None or columns.values == "lr":
            self.lr.setCurrentIndex(self.lr.findData(_OTHER_FILE if self._other else _BETWEEN))

    def judge(self) -> None:
        lr = self.lr.currentData()
        for field in (self.start_lr, self.end_lr):
            self._form.setRowVisible(field, lr == _BETWEEN)
        if self._look is None:
            return
        if self.loss.currentData() is None:
            self.say(self.tr("choose the column with the loss"), ok=False)
            return
        bad: tuple[BadCell, ...] = ()
        try:
            choices = LogChoices(
                form=self._look.form,
                loss=self.loss.currentData(),
                step=_place(self.step),
                lr=_place(self.lr),
                drop_bad=self.drop.isChecked(),
            )
            bad = check_log(self._look, choices)
        except CsvError as error:
            self.say(str(error), ok=False)
        else:
            between = (self.start_lr.value(), self.end_lr.value()) if lr == _BETWEEN else None
            self.chosen = LogRequest(choices, Missing.OTHER_FILE if lr == _OTHER_FILE else between)
            self._say_found(len(bad))
        self.list_bad(bad, len(bad))

    def _say_found(self, count: int) -> None:
        assert self._look is not None
        if self.say_bad(count):
            return
        if self.lr.currentData() == _BETWEEN:
            self.say(self.tr("The file has no rates: say from where to where the test went"), ok=True)
        else:
            self.say(self.rows_text(self._look), ok=True)

    def accept_choices(self) -> None:
        if self.chosen is not None:
            self.set_reading(True)
            self.import_wanted.emit(self.chosen)

    def _connect(self) -> None:
        for field in (self.start_lr, self.end_lr):
            field.value_changed.connect(lambda _value: self.judge())
        if self._other:
            swap = self.buttons.addButton(self.tr("&Swap the files"), QDialogButtonBox.ButtonRole.ActionRole)
            swap.setToolTip(self.tr("This file has the rates, and {name} the losses").format(name=self._other))
            swap.clicked.connect(lambda _checked=False: self.swap_wanted.emit())

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


def _place(combo: QComboBox) -> int | None:
    """The column that is chosen; None where it is none."""
    place = combo.currentData()
    return place if isinstance(place, int) and place >= 0 else None
