"""The runs: colour, name, optimizer, rate, schedule and state of each; add, duplicate, remove."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.pilot import State
from lrstudio.engine.trace import UNENDED, Trace
from lrstudio.ui.canvases.pixels import draw_symbol
from lrstudio.ui.theme import Theme, icon

Index = QModelIndex | QPersistentModelIndex

_LINE = 2.5
_DETAIL = Qt.ItemDataRole.UserRole
_STATE = Qt.ItemDataRole.UserRole + 1
_COLOR = Qt.ItemDataRole.UserRole + 2


class RunsModel(QAbstractListModel):
    """One row per run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._experiment: Experiment | None = None
        self._trace: Trace | None = None
        self._state = State.IDLE
        self._step: int | None = None

    def show(self, experiment: Experiment, trace: Trace | None, state: State, step: int | None) -> None:
        """Show runs and how they stood at a step; the selection stays where the number of runs does."""
        rows = self.rowCount()
        self._step = step
        if len(experiment.runs) != rows:
            self.beginResetModel()
            self._experiment, self._trace, self._state = experiment, trace, state
            self.endResetModel()
        else:
            self._experiment, self._trace, self._state = experiment, trace, state
            self.dataChanged.emit(self.index(0), self.index(rows - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if self._experiment is None else len(self._experiment.runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._experiment is None or not index.isValid():
            return None
        run = self._experiment.runs[index.row()]
        name = self._experiment.label(index.row())
        detail = f"{run.optimizer.title} · {run.lr:g} · {run.schedule.title} · {self._state_word(index.row())}"
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return name
            case _ if role == _DETAIL:
                return detail
            case _ if role == _STATE:
                return self._standing(index.row())
            case _ if role == _COLOR:
                return run.color
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{name}: {detail}, {self._standing(index.row())}"
        return None

    def _state_word(self, run: int) -> str:
        """How the computation of a run stands."""
        words = {
            State.IDLE: self.tr("ready"),
            State.RUNNING: self.tr("running"),
            State.PAUSED: self.tr("paused"),
            State.FINISHED: self.tr("finished"),
            State.STOPPED: self.tr("stopped"),
            State.FAILED: self.tr("failed"),
        }
        trace = self._trace
        ended = trace is not None and run < trace.runs and trace.ends[run] != UNENDED
        return self.tr("diverged") if ended else words.get(self._state, self.tr("diverged"))

    def _standing(self, run: int) -> str:
        trace = self._trace
        if trace is None or run >= trace.runs:
            return ""
        if trace.ends[run] != UNENDED and (self._step is None or self._step >= trace.ends[run] - 1):
            return self.tr("diverged at step {step}").format(step=trace.ends[run])
        row = trace.rows(run) - 1 if self._step is None else min(self._step, trace.rows(run) - 1)
        loss = trace.read("loss", row, row + 1)[0, run]
        return self.tr("loss {loss:.3g}").format(loss=loss)


class _RunDelegate(QStyledItemDelegate):
    """Two lines: the line it is drawn with, its name and state; below, small, what it is."""

    theme: Theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        if selected:
            wash = QColor(palette.highlight().color())
            wash.setAlpha(48)
            painter.fillRect(rect, wash)
            painter.fillRect(rect.x(), rect.y(), 4, rect.height(), palette.highlight())
        inner = rect.adjusted(12, 4, -8, -4)
        half = inner.height() // 2
        self._sample(painter, QRect(inner.x(), inner.y(), 36, half), index.data(_COLOR))
        top = QRect(inner.x() + 44, inner.y(), inner.width() - 44, half)
        bottom = top.translated(0, half)
        metrics, text = painter.fontMetrics(), palette.text().color()
        state = index.data(_STATE)
        painter.setPen(text)
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, state)
        room = top.width() - metrics.horizontalAdvance(state) - 12
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        name = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.muted))
        detail = metrics.elidedText(index.data(_DETAIL), Qt.TextElideMode.ElideRight, bottom.width())
        painter.drawText(bottom, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, detail)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, 2 * option.fontMetrics.height() + 12)

    def _sample(self, painter: QPainter, rect: QRect, color: int) -> None:
        style = self.theme.run_style(color)
        pen = QPen(style.color, _LINE)
        if style.dash:
            pen.setDashPattern([length / _LINE for length in style.dash])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        y = rect.center().y()
        painter.drawLine(rect.left(), y, rect.right(), y)
        draw_symbol(painter, style.marker, QPointF(rect.center()), style.color, QColor(self.theme.background))


class RunsPanel(QWidget):
    """The list of runs and its buttons. Knows experiments and traces, changes neither."""

    selected = Signal(int)
    add = Signal()
    duplicate = Signal(int)
    remove = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = RunsModel(self)
        self.view = QListView()
        self.view.setAccessibleName(self.tr("Runs"))
        self.view.setModel(self._model)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._delegate = _RunDelegate(self.view)
        self.view.setItemDelegate(self._delegate)
        self.view.selectionModel().currentChanged.connect(self._current_changed)
        self._buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout()
        for name, tip, slot in (
            ("add", self.tr("Add a run"), self.add.emit),
            ("duplicate", self.tr("Duplicate the selected run"), lambda: self.duplicate.emit(self.current)),
            ("remove", self.tr("Remove the selected run"), lambda: self.remove.emit(self.current)),
        ):
            row.addWidget(self._button(name, tip, slot))
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.view)
        layout.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.set_theme(theme)

    @property
    def current(self) -> int:
        """The selected run."""
        return max(0, self.view.currentIndex().row())

    def select(self, run: int) -> None:
        self.view.setCurrentIndex(self._model.index(run))

    def show_runs(self, experiment: Experiment, trace: Trace | None, state: State, step: int | None = None) -> None:
        """Show the runs and how they stood at a step, None the newest."""
        current = min(self.current, len(experiment.runs) - 1)
        rows = self._model.rowCount()
        self._model.show(experiment, trace, state, step)
        if len(experiment.runs) != rows:
            self.select(current)
            self._fit()
        self._buttons["remove"].setEnabled(len(experiment.runs) > 1)

    def set_theme(self, theme: Theme) -> None:
        self._delegate.theme = theme
        for name, button in self._buttons.items():
            button.setIcon(icon(name, theme))
        self.view.viewport().update()

    def _button(self, name: str, tip: str, slot: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda _checked=False: slot())
        self._buttons[name] = button
        return button

    def _fit(self) -> None:
        """Show up to five runs without scrolling."""
        row = self.view.sizeHintForRow(0)
        self.view.setFixedHeight(row * min(max(self._model.rowCount(), 2), 5) + 2 * self.view.frameWidth())

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.selected.emit(current.row())
