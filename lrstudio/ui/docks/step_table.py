"""The step table: parameters, loss and gradient of each step, and the parameters after it."""

from __future__ import annotations

import math

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import mark, tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.fields.rows import Combo, narrow, show_plain_rows
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import Label

Index = QModelIndex | QPersistentModelIndex

MAX_COPIED = 400
"""Rows that can be copied without blocking the window for more than a frame."""
_FULL, _LOSS, _AFTER = mark("full loss"), mark("loss"), mark("{name} after")


class StepModel(QAbstractTableModel):
    """One row per step of one run, read from the trace on demand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trace: Trace | None = None
        self._run = 0
        self._rows = 0
        self._columns: list[tuple[str, str, int, int]] = []

    def show_run(self, trace: Trace | None, run: int) -> None:
        """Shows a run of a trace."""
        self.beginResetModel()
        self._trace, self._run, self._rows = trace, run, 0
        self._columns = [] if trace is None else _columns(trace)
        self.endResetModel()
        self.extend()

    def extend(self) -> bool:
        """Inserts new rows of the trace; returns whether there were any."""
        if self._trace is None or (rows := self._trace.rows(self._run)) == self._rows:
            return False
        self.beginInsertRows(QModelIndex(), self._rows, rows - 1)
        self._rows = rows
        self.endInsertRows()
        return True

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._rows

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1 + len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if section and role == Qt.ItemDataRole.ToolTipRole and self._columns[section - 1][0] == _FULL:
            return tr("The loss on all data: at the end of every epoch and at the last step")
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr("step") if section == 0 else self._heading(section - 1)
        return None

    def _heading(self, column: int) -> str:
        """Returns the name of a column: that of the CSV, or a text."""
        text, name, index, later = self._columns[column]
        if later:
            assert self._trace is not None
            return tr(_AFTER, name=self._trace.names[index])
        return tr(text) if name in (_FULL, _LOSS) else text

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or not index.isValid():
            return None
        value = self.value(index.row(), index.column())
        if isinstance(value, int) or value is None:
            return value
        return f"{value:.7g}" if role == Qt.ItemDataRole.DisplayRole else repr(value)

    def value(self, row: int, column: int) -> int | float | None:
        """Returns the number in a cell; None if missing, as the gradient after the last step."""
        if column == 0 or self._trace is None:
            return row
        _, name, index, later = self._columns[column - 1]
        if name == _FULL:
            return self._full_loss(row)
        if (later or name in ("lr", "grad", "loss_plus")) and row + 1 >= self._rows:
            return None
        values = self._trace.read(name, row + later, row + later + 1)[0, self._run]
        number = float(values if values.ndim == 0 else values[index])
        return number if math.isfinite(number) else None

    def _full_loss(self, row: int) -> float | None:
        assert self._trace is not None
        if self._trace.judged_step(row, self._run) != row:
            return None
        loss = float(self._trace.judged(row)[self._run])
        return loss if math.isfinite(loss) else None

    def text(self, first: int, stop: int) -> str:
        """Returns the rows first..stop as tab-separated text with a header, with full precision."""
        columns = range(self.columnCount())
        header = [str(self.headerData(column, Qt.Orientation.Horizontal)) for column in columns]
        values = ([self.value(row, column) for column in columns] for row in range(first, stop))
        lines = [["" if value is None else repr(value) for value in line] for line in values]
        return "".join("\t".join(line) + "\n" for line in [header, *lines])


def _columns(trace: Trace) -> list[tuple[str, str, int, int]]:
    """Returns (header, trace column, parameter index, 1 if the value is that after the step) of each column."""
    names = list(enumerate(trace.names))
    columns = [("lr", "lr", 0, 0), *((name, "params", index, 0) for index, name in names), (_LOSS, _LOSS, 0, 0)]
    if trace.full is not None:
        columns.append((_FULL, _FULL, 0, 0))
    if "loss_plus" in trace.columns:
        columns += [(f"loss_plus_{name}", "loss_plus", index, 0) for index, name in names]
    columns += [(f"grad_{name}", "grad", index, 0) for index, name in names]
    return columns + [(_AFTER, "params", index, 1) for index, _ in names]


class StepTable(QWidget):
    """The table of one run, with a combo box for the run and a copy button."""

    row_chosen = Signal(int)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = StepModel(self)
        self.run = narrow(Combo())
        self.run.setAccessibleName(tr("Run of the table"))
        self.run.setToolTip(tr("Which run the table shows"))
        FieldBehavior(self).install(self.run)
        self.run.currentIndexChanged.connect(self._show_run)
        self.view = _view()
        self.view.setModel(self.model)
        self.view.setAccessibleName(tr("Steps"))
        self.view.setToolTip(tr("A row is one step; choosing one looks at it in all views"))
        self.view.selectionModel().currentRowChanged.connect(self._current_changed)
        copy = QToolButton()
        copy.setText(tr("Copy"))
        copy.setAccessibleName(tr("Copy rows"))
        copy.setToolTip(tr("Copy the selected rows, or all (Ctrl+C)"))
        copy.clicked.connect(lambda _checked=False: self.copy())
        QShortcut(QKeySequence.StandardKey.Copy, self.view, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        row = QHBoxLayout()
        row.addWidget(Label(tr("Run")))
        row.addWidget(self.run)
        row.addStretch()
        row.addWidget(copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.view)
        self._trace: Trace | None = None
        self._shown: tuple[Trace | None, int] = (None, 0)
        self._moving = False

    def show_trace(self, experiment: Experiment, trace: Trace | None) -> None:
        """Shows another trace, or the same with other labels."""
        labels = [experiment.label(run) for run in range(len(experiment.runs))]
        current = max(0, min(self.run.currentIndex(), len(labels) - 1))
        self.run.blockSignals(True)
        self.run.clear()
        self.run.addItems(labels)
        self.run.setCurrentIndex(current)
        self.run.blockSignals(False)
        self._trace = trace
        if (trace, current) != self._shown:
            self._show_run(current)

    def refresh(self, step: int | None) -> None:
        """Inserts new rows and selects a step; None is the newest."""
        if self.isVisible() and (self.model.extend() or step is not None):
            self._select_step(step)

    def _select_step(self, step: int | None) -> None:
        """Makes a step's row current without emitting `row_chosen`."""
        last = self.model.rowCount() - 1
        index = self.model.index(last if step is None else min(step, last), 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        if index.row() != self.view.currentIndex().row():
            self._moving = True
            self.view.selectionModel().setCurrentIndex(index, flags)
            self._moving = False
            self.view.scrollTo(index)

    def copy(self) -> None:
        """Copies the selected rows, or all unless several are selected; refuses too many."""
        rows = [index.row() for index in self.view.selectionModel().selectedRows()]
        first, stop = (min(rows), max(rows) + 1) if len(rows) > 1 else (0, self.model.rowCount())
        if stop - first > MAX_COPIED:
            text = tr("{rows:,} rows are too many to copy (at most {most:,}); select some, or export the CSV")
            self.refused.emit(text.format(rows=stop - first, most=MAX_COPIED))
        else:
            QGuiApplication.clipboard().setText(self.model.text(first, stop))

    def _show_run(self, run: int) -> None:
        self._shown = self._trace, run
        has_run = self._trace is not None and run < self._trace.runs
        self.model.show_run(self._trace if has_run else None, run)  # the trace of a new run follows later
        self.view.resizeColumnToContents(0)

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid() and not self._moving:
            self.row_chosen.emit(current.row())


def _view() -> QTableView:
    view = QTableView()
    show_plain_rows(view)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
    header = view.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)  # down to the minimum size, then it scrolls
    FontFit(view, lambda: header.setMinimumSectionSize(view.fontMetrics().horizontalAdvance("-0.00000000") + 8))
    return view
