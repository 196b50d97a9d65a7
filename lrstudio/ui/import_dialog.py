"""The dialog in which a CSV file becomes data. Reads nothing itself."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lrstudio.store.import_csv import BadCell, BadCellsError, Choices, CsvError, Preview, check
from lrstudio.ui.column_choice import ColumnChoice
from lrstudio.ui.format_row import FormatRow
from lrstudio.ui.preview_model import PreviewModel
from lrstudio.ui.theme import Theme

Buttons = QDialogButtonBox.StandardButton
_CHARS, _LINES = 100, 38


class ImportDialog(QDialog):
    """Shows a file's first rows, the format and the columns; says at every change what is wrong.

    `format_wanted` brings a Format to look again, `import_wanted` the Choices and the kind of fit.
    """

    format_wanted = Signal(object)
    import_wanted = Signal(object, str)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look: Preview | None = None
        self._choices: Choices | None = None
        self._reading = False
        self.setWindowTitle(self.tr("Import {name}").format(name=name))
        self.format = FormatRow()
        self.format.wanted.connect(self.format_wanted)
        self.model = PreviewModel(theme)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.columns = ColumnChoice(theme)
        self.columns.changed.connect(self._judge)
        self.note, self.bad = QLabel(), QListWidget()
        self.drop = QCheckBox(self.tr("&Leave rows with bad cells out"))
        self.drop.toggled.connect(self._judge)
        self.progress = QProgressBar()
        self.buttons = QDialogButtonBox(Buttons.Ok | Buttons.Cancel)
        self.ok = self.buttons.button(Buttons.Ok)
        self.ok.setText(self.tr("&Import"))
        self.buttons.accepted.connect(self._import)
        self.buttons.rejected.connect(self.reject)
        self._describe()
        self._arrange()
        self.ok.setEnabled(False)

    def show_preview(self, look: Preview) -> None:
        """Show what the file looks like now."""
        self._look = look
        self.format.show_format(look.form)
        self.columns.show_preview(look)
        self.model.show_preview(look)
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
            self.drop.setFocus()

    def _judge(self) -> None:
        """Say what is wrong with the choices, as far as the first rows show it."""
        if self._look is None or self._reading:
            return
        columns = self.columns
        self._choices = Choices(
            form=self._look.form,
            x=columns.chosen_x,
            y=columns.chosen_y,
            classes=columns.chosen_kind == "logistic",
            drop_bad=self.drop.isChecked(),
        )
        bad: tuple[BadCell, ...] = ()
        try:
            if columns.chosen_kind == "polynomial" and len(columns.chosen_x) > 1:
                raise CsvError(self.tr("a polynomial takes one column x"))
            bad = check(self._look, self._choices)
        except CsvError as error:
            self._say(str(error), ok=False)
        else:
            self._say_found(len(bad))
        self._list(bad, len(bad))

    def _say_found(self, count: int) -> None:
        assert self._look is not None
        if count and not self.drop.isChecked():
            text = self.tr("{count} bad cells in the first {rows} rows")
            self._say(text.format(count=count, rows=len(self._look.rows)), ok=False)
        elif self._look.kinds[self.columns.chosen_y] == "two values" and self.columns.chosen_kind != "logistic":
            self._say(self.tr("y has two words: choose the logistic fit"), ok=False)
        else:
            text = self.tr("{names} columns; these are the first {rows} rows of {size:.1f} MB")
            look = self._look
            self._say(text.format(names=len(look.names), rows=len(look.rows), size=look.bytes / 1e6), ok=True)

    def _say(self, text: str, *, ok: bool) -> None:
        self.note.setText(text)
        self.note.setStyleSheet("" if ok else f"color: {self._theme.warning};")
        self.ok.setEnabled(ok)

    def _list(self, cells: tuple[BadCell, ...], total: int) -> None:
        self.model.show_bad(cells)
        self.bad.clear()
        self.bad.addItems([str(cell) for cell in cells])
        if total > len(cells):
            self.bad.addItem(self.tr("… and {count} more").format(count=f"{total - len(cells):,}"))
        self.bad.setVisible(bool(cells))

    def _import(self) -> None:
        if self._choices is not None:
            self._set_reading(True)
            self.import_wanted.emit(self._choices, self.columns.chosen_kind)

    def _set_reading(self, reading: bool) -> None:
        self._reading = reading
        self.progress.setVisible(reading)
        self.progress.setValue(0)
        for widget in (self.format, self.columns, self.drop, self.ok):
            widget.setEnabled(not reading)

    def _describe(self) -> None:
        self.table.setAccessibleName(self.tr("First rows of the file"))
        self.table.setToolTip(self.tr("The first rows of the file; bad cells are coloured"))
        self.table.setTabKeyNavigation(False)
        self.bad.setAccessibleName(self.tr("Bad cells"))
        self.bad.setToolTip(self.tr("Cells of the chosen columns that are no numbers"))
        self.drop.setToolTip(self.tr("Otherwise a file with bad cells is refused"))
        self.note.setAccessibleName(self.tr("What was found"))
        self.note.setWordWrap(True)
        self.progress.setAccessibleName(self.tr("How much of the file is read"))
        self.progress.setToolTip(self.progress.accessibleName())
        self.progress.setRange(0, 1000)
        self.ok.setToolTip(self.tr("Make this the problem's data; it can be undone"))

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.format)
        layout.addWidget(self.table, 3)
        layout.addWidget(self.columns)
        layout.addWidget(self.note)
        layout.addWidget(self.bad, 1)
        layout.addWidget(self.drop)
        layout.addWidget(self.progress)
        layout.addWidget(self.buttons)
        self.bad.hide()
        self.progress.hide()
        letters = self.fontMetrics()
        self.resize(letters.averageCharWidth() * _CHARS, letters.lineSpacing() * _LINES)
