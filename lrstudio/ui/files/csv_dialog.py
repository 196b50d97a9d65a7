"""The base of the dialogs that import CSV files: format, first rows, bad cells, progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr, trn
from lrstudio.store.csv.columns import BadCell, BadCellsError
from lrstudio.store.csv.import_csv import Preview
from lrstudio.ui.files.csv_format import DecimalQuestion, FormatRow
from lrstudio.ui.look.help import set_help
from lrstudio.ui.look.plain import Label, plain, without_mnemonic
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.jobs import reason

Index = QModelIndex | QPersistentModelIndex
Roles = Qt.ItemDataRole
Buttons = QDialogButtonBox.StandardButton
_CHARS, _LINES = 100, 38
_COLUMN_CHARS, _FITTED = 40, 100
_LISTED = 1000
_UNITS = ("kB", "MB", "GB", "TB")
_SCREEN_FRACTION = 0.9
"""Maximum size of the dialog relative to the screen."""


class CsvDialog(QDialog):
    """Shows the first rows of a file and the errors in the choices. It does not read the file.

    `format_requested` carries a Format for a new preview.
    """

    format_requested = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "tool/data")
        self._theme = theme
        self._preview: Preview | None = None
        self._reading = False
        self._listed: tuple[Sequence[BadCell], int] = (), 0
        self.format = FormatRow()
        self.format.chosen.connect(self.format_requested)
        self.question = DecimalQuestion()
        self.question.answered.connect(self.format.choose_decimal)
        self.model, self.table = PreviewModel(theme), QTableView()
        self.table.setModel(self.model)
        self.model.modelReset.connect(self._fit_columns)
        self.note, self.bad, self.progress = Label(), QListWidget(), QProgressBar()
        self.drop = QCheckBox(tr("&Leave rows with bad cells out"))
        self.drop.toggled.connect(self.check_choices)
        self.buttons = QDialogButtonBox(Buttons.Ok | Buttons.Cancel)
        self.ok = self.buttons.button(Buttons.Ok)
        self.ok.setText(tr("&Import"))
        self.ok.setEnabled(False)
        self.copy = self.buttons.addButton(tr("Co&py the bad cells"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.clicked.connect(self._copy_bad)
        self.buttons.accepted.connect(self.accept_choices)
        self.buttons.rejected.connect(self.reject)
        self._describe()

    def check_choices(self) -> None:
        """Shows the errors in the choices for the first rows."""
        raise NotImplementedError

    def accept_choices(self) -> None:
        """Requests the import."""
        raise NotImplementedError

    def choice_widgets(self) -> Sequence[QWidget]:
        """Returns the widgets to disable while the file is read."""
        raise NotImplementedError

    def show_error(self, reason: str) -> None:
        """Shows why the file cannot be read."""
        self._preview = None
        self.model.show_preview(None)
        self.list_bad((), 0)
        self.show_message(reason, ok=False)

    def show_progress(self, fraction: float) -> None:
        self.progress.setValue(int(1000 * fraction))

    def show_import_error(self, error: Exception) -> None:
        """Shows why the file could not be imported."""
        self.set_reading(False)
        self.show_message(reason(error), ok=isinstance(error, OSError))
        if isinstance(error, BadCellsError):
            text = tr("{total} bad cells in {rows} rows; correct the file, or leave these rows out")
            if error.ambiguous is not None:
                text = tr("{total} bad cells in {rows} rows; some can mean two numbers: please choose")
            self.show_message(text.format(total=f"{error.total:,}", rows=f"{error.rows:,}"), ok=False)
            self.list_bad(error.cells, error.total)
            (self.drop if error.ambiguous is None else self.question.answers[0]).setFocus()

    def show_message(self, text: str, *, ok: bool) -> None:
        """Shows a message, and enables the import if `ok`."""
        self.note.setText(text)
        self.note.setStyleSheet("" if ok else f"color: {self._theme.warning};")
        self.ok.setEnabled(ok)

    def show_bad_count(self, cells: Sequence[BadCell]) -> bool:
        """Shows the number of bad cells unless their rows may be left out; returns whether it did."""
        assert self._preview is not None
        ambiguous = sum(bool(cell.readings) for cell in cells)
        shown = bool(cells) and (bool(ambiguous) or not self.drop.isChecked())
        if shown:
            text = tr("{count} cells can mean two numbers, in {rows}") if ambiguous else ""
            text = text or tr("{count} bad cells in {rows}")
            self.show_message(text.format(count=ambiguous or len(cells), rows=self.rows_text(self._preview)), ok=False)
        return shown

    def rows_text(self, preview: Preview) -> str:
        """Returns the number of previewed rows and the size of the file."""
        rows = sum(any(map(str.strip, row)) for row in preview.rows)
        size = size_text(preview.bytes, self.locale())
        text = tr("{rows} rows ({size})") if preview.whole else tr("the first {rows} rows of {size}")
        return text.format(rows=f"{rows:,}", size=size)

    def list_bad(self, cells: Sequence[BadCell], total: int) -> None:
        """Lists the first of `total` bad cells."""
        self.model.show_bad(cells)
        self.question.ask(cells, self._preview)
        self._listed = cells, total
        self.bad.clear()
        self.bad.addItems(self._bad_lines(_LISTED))
        self.bad.setVisible(bool(cells))
        self.copy.setVisible(bool(cells))

    def _bad_lines(self, most: int | None = None) -> list[str]:
        cells, total = self._listed[0][:most], self._listed[1]
        more = tr("… and {count} more", count=f"{total - len(cells):,}")
        return [*map(str, cells), *[more] * (total > len(cells))]

    def _copy_bad(self) -> None:
        QApplication.clipboard().setText("\n".join(self._bad_lines()))

    def set_reading(self, reading: bool) -> None:
        """Shows the progress and disables the choices while the file is read."""
        self._reading = reading
        self.progress.setVisible(reading)
        self.progress.setValue(0)
        for widget in (self.format, self.question, *self.choice_widgets(), self.drop, self.ok):
            widget.setEnabled(not reading)

    def arrange(self, choices: QVBoxLayout) -> None:
        """Arranges the widgets, with `choices` below the table."""
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.format)
        layout.addWidget(self.table, 3)
        layout.addLayout(choices)
        layout.addWidget(self.note)
        layout.addWidget(self.question)
        layout.addWidget(self.bad, 1)
        for widget in (self.drop, self.progress, self.buttons):
            layout.addWidget(widget)
        self.bad.hide()
        self.copy.hide()
        self.progress.hide()
        letters = self.fontMetrics()
        size = QSize(letters.averageCharWidth() * _CHARS, letters.lineSpacing() * _LINES)
        self.resize(size.boundedTo(self.screen().availableSize() * _SCREEN_FRACTION))

    def _fit_columns(self) -> None:
        """Fits the columns to names and cells, up to a maximum width."""
        header, letters = self.table.horizontalHeader(), self.fontMetrics()
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setMaximumSectionSize(letters.averageCharWidth() * _COLUMN_CHARS)
        header.setResizeContentsPrecision(_LINES)
        for column in range(min(self.model.columnCount(), _FITTED)):
            self.table.resizeColumnToContents(column)

    def _describe(self) -> None:
        self.table.setTabKeyNavigation(False)
        self.note.setWordWrap(True)
        self.progress.setRange(0, 1000)
        for widget, name, tip in (
            (
                self.table,
                tr("First rows of the file"),
                tr("The first rows of the file; bad cells are coloured"),
            ),
            (self.bad, tr("Bad cells"), tr("Cells of the chosen columns that are no numbers")),
            (self.note, tr("What the file contains"), ""),
            (self.copy, without_mnemonic(self.copy.text()), tr("Copy every bad cell with its row and column")),
            (self.drop, without_mnemonic(self.drop.text()), tr("Otherwise a file with bad cells is refused")),
            (self.progress, tr("How much of the file is read"), tr("How much of the file is read")),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)


class PreviewModel(QAbstractTableModel):
    """The first rows of a file, numbered as in the file; bad cells are coloured, with the reason as a tool tip."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._preview: Preview | None = None
        self._bad: dict[tuple[int, int], str] = {}

    def show_preview(self, preview: Preview | None) -> None:
        self.beginResetModel()
        self._preview, self._bad = preview, {}
        self.endResetModel()

    def show_bad(self, cells: Sequence[BadCell]) -> None:
        """Marks the bad cells."""
        self._bad = {(cell.row, cell.column): cell.why for cell in cells}
        if self.rowCount() and self.columnCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if self._preview is None or (parent is not None and parent.isValid()) else len(self._preview.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if self._preview is None or (parent is not None and parent.isValid()) else len(self._preview.names)

    def data(self, index: Index, role: int = Roles.DisplayRole) -> Any:
        if self._preview is None:
            return None
        row = self._preview.rows[index.row()]
        reason = self._bad.get((self._preview.first + index.row(), index.column() + 1))
        if role == Roles.DisplayRole:
            return row[index.column()][:100] if index.column() < len(row) else ""
        if role == Roles.ToolTipRole:
            return None if reason is None else plain(reason)
        if role == Roles.BackgroundRole and reason is not None:
            shade = QColor(self._theme.warning)
            shade.setAlpha(70)
            return QBrush(shade)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Roles.DisplayRole) -> Any:
        if self._preview is None or role not in (Roles.DisplayRole, Roles.ToolTipRole):
            return None
        if orientation == Qt.Orientation.Vertical:
            return self._preview.first + section
        name = self._preview.names[section]
        return plain(name) if role == Roles.ToolTipRole else name


def size_text(count: int, locale: QLocale) -> str:
    """Returns the size of a file with the unit in the language in use; the system's may be another one."""
    if count < 1000:
        return trn("{n} byte", "{n} bytes", count)
    power = min((len(str(count)) - 1) // 3, len(_UNITS))
    return f"{locale.toString(count / 1000**power, 'g', 3)} {_UNITS[power - 1]}"
