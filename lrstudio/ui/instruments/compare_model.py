"""The table of the comparison as Qt's views read it: a row for each run, sorted by any column."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import QWidget

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.ui.arrangement import Arrangement
from lrstudio.ui.instruments.compare_catalogue import columns, verdict_of
from lrstudio.ui.instruments.compare_columns import Column, Subject
from lrstudio.ui.instruments.compare_tips import tip
from lrstudio.ui.instruments.verdict_style import verdict_style
from lrstudio.ui.theme import Theme, icon

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

COLOR = Role.UserRole
HIDDEN = Role.UserRole + 1
BASELINE = Role.UserRole + 2


class CompareModel(QAbstractTableModel):
    """Knows the subjects, which of them are hidden and the baseline; keeps what is selected through every new order."""

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
        self._pictures: dict[str, QIcon] = {}

    @property
    def subjects(self) -> list[Subject]:
        """The runs in the order of the rows."""
        return [self._subjects[place] for place in self._order]

    @property
    def baseline(self) -> Subject | None:
        """The run that the others are compared with."""
        place = self.arrangement.baseline
        return None if place is None or place >= len(self._subjects) else self._subjects[place]

    def show(self, subjects: Sequence[Subject], arrangement: Arrangement) -> bool:
        """Show other standings, runs or another arrangement; whether the number of runs is another."""
        anew = len(subjects) != len(self._subjects)
        if anew:
            self.beginResetModel()
        self._subjects, self.arrangement = tuple(subjects), arrangement
        self._texts.clear()
        shown = [subject for subject in subjects if subject.place not in arrangement.hidden]
        self._winners = [column.winners(shown) for column in self.columns]
        if anew:
            self._order = self._wanted_order()
            self.endResetModel()
        else:
            self._put_in_order()
            self._tell_changed()
        return anew

    def set_theme(self, theme: Theme) -> None:
        self._pictures = {key: verdict_style(key, theme).icon for key in VERDICTS}
        self._pictures["best"] = icon("best", theme, theme.accent)
        self._tell_changed()

    def sort_by(self, column: int | None, reverse: bool = False) -> None:
        """The best first, or last; None is the order in which the runs are listed."""
        self.sorted_by, self.reversed = column, reverse
        self._put_in_order()

    def run(self, row: int) -> int:
        """The place in the experiment of the run in a row."""
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
        column, subject = self.columns[index.column()], self._subjects[self._order[index.row()]]
        best = subject.place in self._winners[index.column()]
        match role:
            case Role.DisplayRole:
                return self.text(subject.place, index.column())
            case Role.ToolTipRole | Role.AccessibleTextRole:
                return self._said(column, subject, best)
            case Role.TextAlignmentRole:
                return _alignment(column)
            case Role.FontRole:
                return _bold() if best else None
            case Role.DecorationRole:
                return self._picture(column, subject, best)
            case _ if role == COLOR:
                return subject.run.color
            case _ if role == HIDDEN:
                return subject.place in self.arrangement.hidden
            case _ if role == BASELINE:
                return subject.place == self.arrangement.baseline
        return None

    def text(self, run: int, column: int) -> str:
        """What the cell of a run says."""
        if (run, column) not in self._texts:
            self._texts[run, column] = self.columns[column].text(self._subjects[run], self.baseline)
        return self._texts[run, column]

    def _said(self, column: Column, subject: Subject, best: bool) -> str:
        shown = [one for one in self._subjects if one.place not in self.arrangement.hidden | {subject.place}]
        hidden = subject.place in self.arrangement.hidden
        return tip(column, subject, self.baseline, shown if best else None, hidden=hidden)

    def _picture(self, column: Column, subject: Subject, best: bool) -> object:
        key = verdict_of(subject) if column.key == "verdict" else None
        return self._pictures.get(key or "best") if key is not None or best else None

    def _wanted_order(self) -> list[int]:
        order = [place for place in self.arrangement.order if place < len(self._subjects)]
        if self.sorted_by is None:
            return order
        column = self.columns[self.sorted_by]
        order.sort(key=lambda place: column.rank(self._subjects[place]))
        if not self.reversed:
            return order
        known = [place for place in order if _is_known(column, self._subjects[place])]
        return known[::-1] + order[len(known) :]

    def _put_in_order(self) -> None:
        before, order = self._order, self._wanted_order()
        if order == before:
            return
        self.layoutAboutToBeChanged.emit()
        self._order = order
        for index in self.persistentIndexList():
            self.changePersistentIndex(index, self.index(order.index(before[index.row()]), index.column()))
        self.layoutChanged.emit()

    def _tell_changed(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._order) - 1, len(self.columns) - 1))


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column.numbers is None else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def _is_known(column: Column, subject: Subject) -> bool:
    return column.numbers is None or column.spread(subject).count > 0


def _bold() -> QFont:
    font = QFont()
    font.setBold(True)
    return font
