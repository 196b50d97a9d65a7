"""The dialog in which somebody says which columns of a training log are what. Reads nothing itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QListWidget,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lrstudio.engine.family import MOST_LR
from lrstudio.engine.range_test import RangeTest
from lrstudio.store.csv_columns import BadCell, BadCellsError
from lrstudio.store.csv_format import CsvError
from lrstudio.store.import_csv import Preview
from lrstudio.store.log_columns import guess
from lrstudio.store.log_rows import LogChoices
from lrstudio.store.training_log import check_log
from lrstudio.ui.combo import choice_combo
from lrstudio.ui.format_row import FormatRow
from lrstudio.ui.instruments.log_job import LogAsked, Missing
from lrstudio.ui.number_edit import NumberEdit
from lrstudio.ui.preview_model import PreviewModel
from lrstudio.ui.rows import add_row
from lrstudio.ui.theme import Theme

Buttons = QDialogButtonBox.StandardButton
_CHARS, _LINES = 90, 36
_SHARE = 0.9
"""Of the screen at most."""
_NONE, _BETWEEN, _OTHER_FILE = -1, -2, -3


class LogDialog(QDialog):
    """Shows a file's first rows and what its columns are taken for; says at every change what is wrong.

    `format_wanted` brings a Format to look again, `import_wanted` what is to be read, `swap_wanted` asks for the other
    one of two files in this one's place. With two files, `other` is the name of the one that has the rates.
    """

    format_wanted = Signal(object)
    import_wanted = Signal(object)
    swap_wanted = Signal()

    def __init__(self, name: str, other: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._other = theme, other
        self._look: Preview | None = None
        self._names: tuple[str, ...] | None = None
        self.chosen: LogAsked | None = None
        self.setWindowTitle(self.tr("Import the log {name}").format(name=name))
        self.format = FormatRow()
        self.model, self.table = PreviewModel(theme), QTableView()
        self.table.setModel(self.model)
        self.step, self.lr, self.loss = (choice_combo([], lambda _place: self._judge()) for _ in range(3))
        usual = RangeTest()
        self.start_lr, self.end_lr = (NumberEdit(1e-30, MOST_LR, log=True) for _ in range(2))
        self.start_lr.set_value(usual.start_lr)
        self.end_lr.set_value(usual.end_lr)
        self.note, self.bad, self.progress = QLabel(), QListWidget(), QProgressBar()
        self.drop = QCheckBox(self.tr("&Leave rows with bad cells out"))
        self.buttons = QDialogButtonBox(Buttons.Ok | Buttons.Cancel)
        self.ok = self.buttons.button(Buttons.Ok)
        self._describe()
        self._arrange()
        self._connect()

    def show_preview(self, look: Preview) -> None:
        """Show what the file looks like now, and what its names say."""
        self._look = look
        self.format.show_format(look.form)
        self.model.show_preview(look)
        if look.names != self._names:
            self._offer(look)
        self._judge()

    def show_error(self, why: str) -> None:
        """Say why there is nothing to show or to import."""
        self._look = None
        self.model.show_preview(None)
        self._say(why, ok=False)

    def show_progress(self, share: float) -> None:
        self.progress.setValue(int(1000 * share))

    def refuse(self, error: Exception) -> None:
        """The file was read, and could not be taken."""
        self._set_reading(False)
        self._say(str(error), ok=isinstance(error, OSError))
        if isinstance(error, BadCellsError):
            text = self.tr("{total} bad cells in {rows} rows; correct the file, or leave these rows out")
            self._say(text.format(total=f"{error.total:,}", rows=f"{error.rows:,}"), ok=False)
            self._list(error.cells, error.total)

    def _offer(self, look: Preview) -> None:
        self._names, found = look.names, guess(look)
        loss = found.loss if found.loss is not None else found.lr
        for combo, place in ((self.step, found.step), (self.lr, found.lr), (self.loss, loss)):
            combo.clear()
            for column, name in enumerate(look.names):
                combo.addItem(name, column)
            combo.setCurrentIndex(-1 if place is None else combo.findData(place))
        self.step.addItem(self.tr("(count the rows)"), _NONE)
        if found.step is None:
            self.step.setCurrentIndex(self.step.findData(_NONE))
        self.lr.addItem(self.tr("(it has none)"), _NONE)
        self.lr.addItem(self.tr("(a range test: from … to …)"), _BETWEEN)
        if self._other:
            self.lr.addItem(self.tr("(of {name})").format(name=self._other), _OTHER_FILE)
        if self._other or found.lr is None or found.values == "lr":
            self.lr.setCurrentIndex(self.lr.findData(_OTHER_FILE if self._other else _BETWEEN))

    def _judge(self) -> None:
        """Say what is wrong with the choices, as far as the first rows show it."""
        lr = self.lr.currentData()
        for field in (self.start_lr, self.end_lr):
            self._form.setRowVisible(field, lr == _BETWEEN)
        if self._look is None:
            return
        if self.loss.currentData() is None:
            self._say(self.tr("choose the column with the loss"), ok=False)
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
            self._say(str(error), ok=False)
        else:
            between = (self.start_lr.value(), self.end_lr.value()) if lr == _BETWEEN else None
            self.chosen = LogAsked(choices, Missing.OTHER_FILE if lr == _OTHER_FILE else between)
            self._say_found(len(bad))
        self._list(bad, len(bad))

    def _say_found(self, count: int) -> None:
        assert self._look is not None
        if count and not self.drop.isChecked():
            text = self.tr("{count} bad cells in the first {rows} rows")
            self._say(text.format(count=count, rows=len(self._look.rows)), ok=False)
        elif self.lr.currentData() == _BETWEEN:
            self._say(self.tr("The file has no rates: say from where to where the test went"), ok=True)
        else:
            text = self.tr("these are the first {rows} rows of {size:.1f} MB")
            self._say(text.format(rows=len(self._look.rows), size=self._look.bytes / 1e6), ok=True)

    def _say(self, text: str, *, ok: bool) -> None:
        self.note.setText(text)
        self.note.setStyleSheet("" if ok else f"color: {self._theme.warning};")
        self.ok.setEnabled(ok)

    def _list(self, cells: Sequence[BadCell], total: int) -> None:
        self.model.show_bad(tuple(cells))
        self.bad.clear()
        self.bad.addItems([str(cell) for cell in cells])
        if total > len(cells):
            self.bad.addItem(self.tr("… and {count} more").format(count=f"{total - len(cells):,}"))
        self.bad.setVisible(bool(cells))

    def _import(self) -> None:
        if self.chosen is not None:
            self._set_reading(True)
            self.import_wanted.emit(self.chosen)

    def _set_reading(self, reading: bool) -> None:
        self.progress.setVisible(reading)
        self.progress.setValue(0)
        for widget in (self.format, self.step, self.lr, self.loss, self.drop, self.ok):
            widget.setEnabled(not reading)

    def _connect(self) -> None:
        self.format.wanted.connect(self.format_wanted)
        self.drop.toggled.connect(lambda _checked: self._judge())
        for field in (self.start_lr, self.end_lr):
            field.value_changed.connect(lambda _value: self._judge())
        self.buttons.accepted.connect(self._import)
        self.buttons.rejected.connect(self.reject)
        if self._other:
            swap = self.buttons.addButton(self.tr("&Swap the files"), QDialogButtonBox.ButtonRole.ActionRole)
            swap.setToolTip(self.tr("This file has the rates, and {name} the losses").format(name=self._other))
            swap.clicked.connect(lambda _checked=False: self.swap_wanted.emit())

    def _describe(self) -> None:
        self.ok.setText(self.tr("&Import"))
        self.ok.setToolTip(self.tr("Show the log in place of the test"))
        self.ok.setEnabled(False)
        self.table.setTabKeyNavigation(False)
        self.note.setWordWrap(True)
        self.progress.setRange(0, 1000)
        for widget, name, tip in (
            (self.table, self.tr("First rows of the file"), self.tr("First rows of the file; bad cells are coloured")),
            (self.bad, self.tr("Bad cells"), self.tr("Cells of the chosen columns that are no numbers")),
            (self.note, self.tr("What was found"), ""),
            (self.drop, self.drop.text().replace("&", ""), self.tr("Otherwise a file with bad cells is refused")),
            (self.progress, self.tr("How much of the file is read"), self.tr("How much of the file is read")),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _arrange(self) -> None:
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
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.format)
        layout.addWidget(self.table, 3)
        layout.addLayout(self._form)
        layout.addWidget(self.note)
        layout.addWidget(self.bad, 1)
        for widget in (self.drop, self.progress, self.buttons):
            layout.addWidget(widget)
        self.bad.hide()
        self.progress.hide()
        letters = self.fontMetrics()
        size = QSize(letters.averageCharWidth() * _CHARS, letters.lineSpacing() * _LINES)
        self.resize(size.boundedTo(self.screen().availableSize() * _SHARE))


def _place(combo: QComboBox) -> int | None:
    """The column that is chosen; None where it is none."""
    place = combo.currentData()
    return place if isinstance(place, int) and place >= 0 else None
