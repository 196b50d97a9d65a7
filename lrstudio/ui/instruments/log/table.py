"""The table of a run: all its values, one row per count."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QTableView, QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.logs.model import Run
from lrstudio.ui.fields.rows import show_plain_rows
from lrstudio.ui.look.plain import plain

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, eq=False)
class Rows:
    """The counts (n,) of a run, and for each series the rows in which it has a value."""

    run: Run
    counts: Array
    places: tuple[Array, ...]


def rows_of(run: Run) -> Rows:
    counts = np.unique(np.concatenate([series.at for series in run.series]))
    return Rows(run, counts, tuple(np.searchsorted(counts, series.at) for series in run.series))


class LogModel(QAbstractTableModel):
    """The values of a run, empty where nothing was logged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: Rows | None = None

    def show_rows(self, rows: Rows | None) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if self.rows is None or (parent is not None and parent.isValid()) else len(self.rows.counts)

    def columnCount(self, parent: Index | None = None) -> int:
        nothing = self.rows is None or (parent is not None and parent.isValid())
        return 0 if nothing else 1 + len(self.rows.run.series)  # type: ignore[union-attr]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal or self.rows is None:
            return None
        name = self.rows.run.series[section - 1].name if section else self.rows.run.counter
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain(name)
        return name if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or not index.isValid():
            return None
        value = self.value(index.row(), index.column())
        if value is None:
            return None
        return (
            f"{value:.10g}"
            if not index.column()
            else f"{value:.7g}"
            if role == Qt.ItemDataRole.DisplayRole
            else repr(value)
        )

    def value(self, row: int, column: int) -> float | None:
        """Returns the number in a cell; None where nothing was logged."""
        assert self.rows is not None
        if not column:
            return float(self.rows.counts[row])
        places = self.rows.places[column - 1]
        place = int(np.searchsorted(places, row))
        if place == len(places) or places[place] != row:
            return None
        return float(self.rows.run.series[column - 1].values[place])


class LogTable(QTableView):
    """The table of the selected run; `row_chosen` tells the count of the row that the user selects."""

    row_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows_model = LogModel(self)
        self._moving = False
        self.setModel(self.rows_model)
        self.setAccessibleName(tr("Values of the selected run"))
        self.setToolTip(tr("A row is one count of the log; choosing one moves the cursor of the plots"))
        show_plain_rows(self)
        self.selectionModel().currentRowChanged.connect(self._current_changed)

    def show_rows(self, rows: Rows | None) -> None:
        self.rows_model.show_rows(rows)

    def go(self, count: float) -> None:
        """Select the row nearest to a count."""
        rows = self.rows_model.rows
        if rows is None or not math.isfinite(count):
            return
        row = int(np.abs(rows.counts - count).argmin())
        index = self.rows_model.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self._moving = True
        self.selectionModel().setCurrentIndex(index, flags)
        self._moving = False
        self.scrollTo(index)

    def _current_changed(self, current: QModelIndex) -> None:
        rows = self.rows_model.rows
        if rows is not None and current.isValid() and not self._moving:
            self.row_chosen.emit(float(rows.counts[current.row()]))
