"""The first rows of a file, as a table to look at."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor

from lrstudio.store.csv.import_csv import BadCell, Preview
from lrstudio.ui.look.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Roles = Qt.ItemDataRole


class PreviewModel(QAbstractTableModel):
    """Cells as they stand in the file; bad ones are coloured and say why. Rows have their number in the file."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._look: Preview | None = None
        self._bad: dict[tuple[int, int], str] = {}

    def show_preview(self, look: Preview | None) -> None:
        self.beginResetModel()
        self._look, self._bad = look, {}
        self.endResetModel()

    def show_bad(self, cells: tuple[BadCell, ...]) -> None:
        """Mark the bad cells."""
        self._bad = {(cell.row, cell.column): cell.why for cell in cells}
        if self.rowCount() and self.columnCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if self._look is None or (parent is not None and parent.isValid()) else len(self._look.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if self._look is None or (parent is not None and parent.isValid()) else len(self._look.names)

    def data(self, index: Index, role: int = Roles.DisplayRole) -> Any:
        if self._look is None:
            return None
        row = self._look.rows[index.row()]
        why = self._bad.get((self._look.first + index.row(), index.column() + 1))
        if role == Roles.DisplayRole:
            return row[index.column()][:100] if index.column() < len(row) else ""
        if role == Roles.ToolTipRole:
            return why
        if role == Roles.BackgroundRole and why is not None:
            shade = QColor(self._theme.warning)
            shade.setAlpha(70)
            return QBrush(shade)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Roles.DisplayRole) -> Any:
        if self._look is None or role not in (Roles.DisplayRole, Roles.ToolTipRole):
            return None
        return self._look.names[section] if orientation == Qt.Orientation.Horizontal else self._look.first + section
