"""The item model of the comparison, the style of its cells, and its text for the clipboard."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont, QIcon, QPixmap
from PySide6.QtWidgets import QWidget

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.core.language import tr
from lrstudio.store.csv.cells import harmless
from lrstudio.ui.drawing.header import sample_pixmap
from lrstudio.ui.instruments.compare.columns import Column, Subject, columns, verdict_of
from lrstudio.ui.instruments.compare.texts import tip
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.theme import LIGHT, Theme, icon, mix
from lrstudio.ui.look.verdict_style import verdict_style
from lrstudio.ui.session.arrangement import Arrangement

SAMPLE = 36
"""Width of a piece of a run's line in pixels."""
_FINE = 64
_PALE = 0.55


class CellStyle:
    """Icons and colours in one theme, pale for hidden runs."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.pale = mix(theme.foreground, theme.background, _PALE)
        self.bold = QFont()
        self.bold.setBold(True)
        icons = {key: verdict_style(key, theme).icon for key in VERDICTS}
        icons |= {"best": icon("best", theme, theme.accent)}  # type: ignore[dict-item]
        self._icons = {(key, pale): _drawn(made, pale=pale) for key, made in icons.items() for pale in (False, True)}
        self._samples: dict[tuple[int, int, float, bool], QPixmap] = {}

    def icon(self, key: str, *, pale: bool) -> QIcon:
        """Returns the icon of a verdict, or of `best`."""
        return self._icons[key, pale]  # type: ignore[index]

    def sample(self, color: int, height: int, ratio: float, *, pale: bool) -> QPixmap:
        """Returns a piece of the line of runs with this color; `ratio` is the device pixel ratio."""
        key = color % len(self._theme.runs), height, ratio, pale
        if key not in self._samples:
            style, size = self._theme.run_style(color), QSize(SAMPLE, height)
            self._samples[key] = sample_pixmap(style, self._theme, size, ratio, 1 - _PALE if pale else 1)
        return self._samples[key]


def _drawn(picture: QIcon, *, pale: bool) -> QIcon:
    return QIcon(picture.pixmap(QSize(_FINE, _FINE), QIcon.Mode.Disabled if pale else QIcon.Mode.Normal))


Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

COLOR = Role.UserRole
HIDDEN = Role.UserRole + 1
BASELINE = Role.UserRole + 2


class CompareModel(QAbstractTableModel):
    """A row for each subject, sorted by a column; persistent indexes, such as the selection, follow their rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[Column, ...] = columns()
        self.arrangement = Arrangement(order=())
        self.sorted_by: int | None = None
        self.reversed = False
        self._subjects: tuple[Subject, ...] = ()
        self._order: list[int] = []
        self._winners: list[set[int]] = [set() for _ in self.columns]
        self._texts: dict[tuple[int, int], str] = {}
        self._cells: dict[tuple[int, int], dict[int, object]] = {}
        self.style = CellStyle(LIGHT)

    @property
    def subjects(self) -> list[Subject]:
        """The runs in the order of the rows."""
        return [self._subjects[run] for run in self._order]

    @property
    def baseline(self) -> Subject | None:
        """The run that the others are compared with."""
        run = self.arrangement.baseline
        return None if run is None or run >= len(self._subjects) else self._subjects[run]

    def show(self, subjects: Sequence[Subject], arrangement: Arrangement) -> bool:
        """Shows these runs; returns whether their number has changed."""
        reset = len(subjects) != len(self._subjects)
        if reset:
            self.beginResetModel()
        self._subjects, self.arrangement = tuple(subjects), arrangement
        self._texts.clear()
        self._cells.clear()
        shown = [subject for subject in subjects if subject.index not in arrangement.hidden]
        self._winners = [column.winners(shown) for column in self.columns]
        if reset:
            self._order = self._sorted_order()
            self.endResetModel()
        else:
            self._put_in_order()
            self._emit_changed()
        return reset

    def set_theme(self, theme: Theme) -> None:
        self.style = CellStyle(theme)
        self._cells.clear()
        self._emit_changed()

    def sort_by(self, column: int | None, reverse: bool = False) -> None:
        """Sorts the best run first, or last; None is the order in which the runs are listed."""
        self.sorted_by, self.reversed = column, reverse
        self._put_in_order()

    def run(self, row: int) -> int:
        """Returns the index of the run in a row."""
        return self._order[row]

    def row_of(self, run: int) -> int | None:
        return self._order.index(run) if run in self._order else None

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        return {Role.DisplayRole: column.title, Role.ToolTipRole: column.tip}.get(Role(role))

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        if not index.isValid():
            return None
        run, column = self._order[index.row()], index.column()
        if role in (Role.ToolTipRole, Role.AccessibleTextRole):
            said = self._tip(run, column)
            return plain(said) if role == Role.ToolTipRole else said
        if (run, column) not in self._cells:
            self._cells[run, column] = self._cell(run, column)
        return self._cells[run, column].get(int(role))

    def _cell(self, run: int, section: int) -> dict[int, object]:
        """Returns the data of a cell by role."""
        column, subject = self.columns[section], self._subjects[run]
        best, hidden = run in self._winners[section], run in self.arrangement.hidden
        cell = {
            Role.DisplayRole: self.text(run, section),
            Role.TextAlignmentRole: _alignment(column),
            Role.FontRole: self.style.bold if best else None,
            Role.ForegroundRole: self.style.pale if hidden else None,
            COLOR: subject.run.color,
            HIDDEN: hidden,
            BASELINE: run == self.arrangement.baseline,
        }
        key = verdict_of(subject) if column.key == "verdict" else None
        if key is not None or best:
            cell[Role.DecorationRole] = self.style.icon(key or "best", pale=hidden)
        return {int(role): value for role, value in cell.items()}

    def text(self, run: int, column: int) -> str:
        """Returns the text of the cell of a run."""
        if (run, column) not in self._texts:
            self._texts[run, column] = self.columns[column].text(self._subjects[run], self.baseline)
        return self._texts[run, column]

    def _tip(self, run: int, section: int) -> str:
        hidden, subject = self.arrangement.hidden, self._subjects[run]
        others = [one for one in self._subjects if one.index not in hidden | {run}]
        beaten = others if run in self._winners[section] else None
        return tip(self.columns[section], subject, self.baseline, beaten, hidden=run in hidden)

    def _sorted_order(self) -> list[int]:
        order = [run for run in self.arrangement.order if run < len(self._subjects)]
        if self.sorted_by is None:
            return order
        column = self.columns[self.sorted_by]
        order.sort(key=lambda run: column.rank(self._subjects[run]))
        if not self.reversed:
            return order
        spreads = (None if column.numbers is None else column.spread(self._subjects[run]) for run in order)
        count = sum(spread is None or spread.count > 0 for spread in spreads)
        return order[:count][::-1] + order[count:]

    def _put_in_order(self) -> None:
        before, order = self._order, self._sorted_order()
        if order == before:
            return
        self.layoutAboutToBeChanged.emit()
        self._order = order
        for index in self.persistentIndexList():
            self.changePersistentIndex(index, self.index(order.index(before[index.row()]), index.column()))
        self.layoutChanged.emit()

    def _emit_changed(self) -> None:
        if self._order:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._order) - 1, len(self.columns) - 1))


def _alignment(column: Column) -> Qt.AlignmentFlag:
    if column.key in ("optimizer", "schedule"):  # they follow right-aligned numbers
        return Qt.AlignmentFlag.AlignCenter
    side = Qt.AlignmentFlag.AlignLeft if column.numbers is None else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def as_text(model: CompareModel, rows: Sequence[int] | None = None) -> str:
    """Returns these rows, or all, as lines of tab-separated texts, harmless for spreadsheets, in the rows' order."""
    subjects, base = model.subjects, model.baseline
    chosen = subjects if rows is None else [subjects[row] for row in rows]
    several = any(len(subject.standings) > 1 for subject in subjects)
    header = [name for column in model.columns for name in _names(column, base, several=several)]
    lines = [
        [cell for column in model.columns for cell in _cells(column, subject, base, several=several)]
        for subject in chosen
    ]
    return "".join("\t".join(line) + "\n" for line in [header, *lines])


def _names(column: Column, base: Subject | None, *, several: bool) -> list[str]:
    names = [column.title]
    if _has_spread(column) and several:
        names += [tr("95 % interval ±"), tr("standard deviation"), tr("seeds")]
    if column.difference is not None and base is not None:
        names.append(tr("against the baseline"))
    return names


def _cells(column: Column, subject: Subject, base: Subject | None, *, several: bool) -> list[str]:
    if column.numbers is None:
        return [harmless(column.text(subject))]
    spread = column.spread(subject)
    cells = [_full(spread.mean)]
    if _has_spread(column) and several:
        cells += [_full(spread.half_width), _full(spread.deviation), str(spread.count)]
    if column.difference is not None and base is not None:
        cells.append(column.compared(subject, base))
    return cells


def _has_spread(column: Column) -> bool:
    return column.numbers is not None and column.key != "lr"


def _full(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return repr(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)
