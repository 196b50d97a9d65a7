"""The base of the dialogs that import CSV files: format, first rows, bad cells, progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lrstudio.store.csv.columns import BadCell, BadCellsError
from lrstudio.store.csv.format import DECIMALS, DELIMITERS, ENCODINGS, Format
from lrstudio.store.csv.import_csv import Preview
from lrstudio.ui.fields.rows import choice_combo
from lrstudio.ui.look.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Roles = Qt.ItemDataRole
Buttons = QDialogButtonBox.StandardButton
_CHARS, _LINES = 100, 38
_COLUMN_CHARS, _FITTED = 40, 100
_SCREEN_FRACTION = 0.9
"""Maximum size of the dialog relative to the screen."""


class CsvDialog(QDialog):
    """Shows the first rows of a file and the errors in the choices. It does not read the file.

    `format_requested` carries a Format for a new preview.
    """

    format_requested = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._preview: Preview | None = None
        self._reading = False
        self.format = FormatRow()
        self.format.chosen.connect(self.format_requested)
        self.model, self.table = PreviewModel(theme), QTableView()
        self.table.setModel(self.model)
        self.model.modelReset.connect(self._fit_columns)
        self.note, self.bad, self.progress = QLabel(), QListWidget(), QProgressBar()
        self.drop = QCheckBox(self.tr("&Leave rows with bad cells out"))
        self.drop.toggled.connect(self.check_choices)
        self.buttons = QDialogButtonBox(Buttons.Ok | Buttons.Cancel)
        self.ok = self.buttons.button(Buttons.Ok)
        self.ok.setText(self.tr("&Import"))
        self.ok.setEnabled(False)
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
        self.show_message(reason, ok=False)

    def show_progress(self, fraction: float) -> None:
        self.progress.setValue(int(1000 * fraction))

    def show_import_error(self, error: Exception) -> None:
        """Shows why the file could not be imported."""
        self.set_reading(False)
        self.show_message(str(error), ok=isinstance(error, OSError))
        if isinstance(error, BadCellsError):
            text = self.tr("{total} bad cells in {rows} rows; correct the file, or leave these rows out")
            self.show_message(text.format(total=f"{error.total:,}", rows=f"{error.rows:,}"), ok=False)
            self.list_bad(error.cells, error.total)
            self.drop.setFocus()

    def show_message(self, text: str, *, ok: bool) -> None:
        """Shows a message, and enables the import if `ok`."""
        self.note.setText(text)
        self.note.setStyleSheet("" if ok else f"color: {self._theme.warning};")
        self.ok.setEnabled(ok)

    def show_bad_count(self, count: int) -> bool:
        """Shows the number of bad cells unless their rows are left out; returns whether it did."""
        assert self._preview is not None
        shown = bool(count) and not self.drop.isChecked()
        if shown:
            text = self.tr("{count} bad cells in {rows}")
            self.show_message(text.format(count=count, rows=self.rows_text(self._preview)), ok=False)
        return shown

    def rows_text(self, preview: Preview) -> str:
        """Returns the number of previewed rows and the size of the file."""
        rows = sum(any(map(str.strip, row)) for row in preview.rows)
        size = self.locale().formattedDataSize(preview.bytes, 3, QLocale.DataSizeFormat.DataSizeTraditionalFormat)
        text = self.tr("{rows} rows ({size})") if preview.whole else self.tr("the first {rows} rows of {size}")
        return text.format(rows=f"{rows:,}", size=size)

    def list_bad(self, cells: Sequence[BadCell], total: int) -> None:
        """Lists the first of `total` bad cells."""
        self.model.show_bad(tuple(cells))
        self.bad.clear()
        self.bad.addItems([str(cell) for cell in cells])
        if total > len(cells):
            self.bad.addItem(self.tr("… and {count} more").format(count=f"{total - len(cells):,}"))
        self.bad.setVisible(bool(cells))

    def set_reading(self, reading: bool) -> None:
        """Shows the progress and disables the choices while the file is read."""
        self._reading = reading
        self.progress.setVisible(reading)
        self.progress.setValue(0)
        for widget in (self.format, *self.choice_widgets(), self.drop, self.ok):
            widget.setEnabled(not reading)

    def arrange(self, choices: QVBoxLayout) -> None:
        """Arranges the widgets, with `choices` below the table."""
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.format)
        layout.addWidget(self.table, 3)
        layout.addLayout(choices)
        layout.addWidget(self.note)
        layout.addWidget(self.bad, 1)
        for widget in (self.drop, self.progress, self.buttons):
            layout.addWidget(widget)
        self.bad.hide()
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
                self.tr("First rows of the file"),
                self.tr("The first rows of the file; bad cells are coloured"),
            ),
            (self.bad, self.tr("Bad cells"), self.tr("Cells of the chosen columns that are no numbers")),
            (self.note, self.tr("What the file contains"), ""),
            (self.drop, self.drop.text().replace("&", ""), self.tr("Otherwise a file with bad cells is refused")),
            (self.progress, self.tr("How much of the file is read"), self.tr("How much of the file is read")),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)


class FormatRow(QWidget):
    """The widgets of the format; `chosen` carries the format with None for what the user has not chosen."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = Format()
        self.encoding = choice_combo(ENCODINGS, lambda value: self._choose(encoding=value))
        self.delimiter = choice_combo([], lambda value: self._choose(delimiter=value))
        self.decimal = choice_combo([], lambda value: self._choose(decimal=value))
        names = {
            "comma": self.tr("comma  ,"),
            "semicolon": self.tr("semicolon  ;"),
            "tab": self.tr("tab"),
            "space": self.tr("space"),
            "point": self.tr("point  ."),
        }
        for name, sign in DELIMITERS.items():
            self.delimiter.addItem(names[name], sign)
        for name, sign in DECIMALS.items():
            self.decimal.addItem(names[name], sign)
        self.header = QCheckBox(self.tr("The first row has the &names"))
        self.header.setToolTip(self.tr("The first row of the file says what the columns are"))
        self.header.clicked.connect(lambda value: self._choose(header=value))
        self._arrange()

    def show_format(self, form: Format) -> None:
        """Shows the guessed or chosen format."""
        for combo, value in ((self.encoding, form.encoding), (self.delimiter, form.delimiter)):
            combo.setCurrentIndex(combo.findData(value))
        self.decimal.setCurrentIndex(self.decimal.findData(form.decimal))
        self.header.setChecked(bool(form.header))

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        for name, combo, tip in (
            (self.tr("&delimiter"), self.delimiter, self.tr("What stands between two cells of a row")),
            (self.tr("de&cimal mark"), self.decimal, self.tr("What stands before the tenths: 1.5 or 1,5")),
            (self.tr("&encoding"), self.encoding, self.tr("How the letters are stored; wrong ones look odd")),
        ):
            label = QLabel(name)
            label.setBuddy(combo)
            combo.setAccessibleName(name.replace("&", ""))
            for widget in (label, combo):
                widget.setToolTip(tip)
            form = QFormLayout()
            form.addRow(label, combo)
            layout.addLayout(form)
        layout.addWidget(self.header)
        layout.addStretch()

    def _choose(self, **change: object) -> None:
        self._form = Format(**(vars(self._form) | change))
        self.chosen.emit(self._form)


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

    def show_bad(self, cells: tuple[BadCell, ...]) -> None:
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
            return reason
        if role == Roles.BackgroundRole and reason is not None:
            shade = QColor(self._theme.warning)
            shade.setAlpha(70)
            return QBrush(shade)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Roles.DisplayRole) -> Any:
        if self._preview is None or role not in (Roles.DisplayRole, Roles.ToolTipRole):
            return None
        return (
            self._preview.names[section] if orientation == Qt.Orientation.Horizontal else self._preview.first + section
        )
