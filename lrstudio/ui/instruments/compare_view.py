"""The table view of the comparison: how its rows are drawn, how wide its columns are, its keys."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from lrstudio.ui.canvases.guard import guarded
from lrstudio.ui.canvases.header import draw_sample
from lrstudio.ui.font_size import FontFit
from lrstudio.ui.instruments.compare_model import BASELINE, COLOR, HIDDEN, CompareModel, Index
from lrstudio.ui.theme import LIGHT, Theme

_SAMPLE, _GAP = 36, 8
_PALE = 0.45
_PICTURE = 1.0
"""Of the height of the letters."""


class CompareDelegate(QStyledItemDelegate):
    """Hidden runs are pale; the first column has a piece of the run's line, and says which run is the baseline."""

    theme: Theme = LIGHT

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setOpacity(_PALE if index.data(HIDDEN) else 1.0)
        if index.column():
            super().paint(painter, option, index)
        else:
            self._paint_run(painter, option, index)
        painter.restore()

    def _paint_run(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        name, option.text = option.text, ""
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        rect: QRect = option.rect.adjusted(4, 0, -4, 0)
        sample = QRect(rect.x(), rect.y(), _SAMPLE, rect.height())
        draw_sample(painter, QRectF(sample), self.theme.run_style(index.data(COLOR)), self.theme)
        rect.setLeft(sample.right() + _GAP)
        chosen = option.state & QStyle.StateFlag.State_Selected
        role = option.palette.ColorRole.HighlightedText if chosen else option.palette.ColorRole.Text
        painter.setPen(option.palette.color(role))
        if index.data(BASELINE):
            word = self.tr("baseline")
            font = QFont(option.font)
            font.setBold(True)
            painter.setFont(font)
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)
            rect.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(word) - _GAP)
        painter.setFont(option.font)
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class CompareView(QTableView):
    """Rows are runs. A click on a header sorts; Ctrl+C copies."""

    run_chosen = Signal(int)
    copy_asked = Signal()

    def __init__(self, model: CompareModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = model
        self.setModel(model)
        self._delegate = CompareDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self._moving = False
        self._several = self._compared = False
        FontFit(self, self.fit)

    def set_theme(self, theme: Theme) -> None:
        self._delegate.theme = theme
        self.viewport().update()

    def select(self, run: int) -> None:
        """Make a run's row the current one, without telling that it was chosen."""
        row = self._runs.row_of(run)
        if row is None or row == self.currentIndex().row():
            return
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        column = max(0, self.currentIndex().column())
        self._moving = True
        self.selectionModel().setCurrentIndex(self._runs.index(row, column), flags)
        self._moving = False

    def make_room(self, *, several: bool, compared: bool) -> None:
        """Be wide enough for means with spreads, and for differences to a baseline."""
        if (several, compared) != (self._several, self._compared):
            self._several, self._compared = several, compared
            self.fit()

    def fit(self) -> None:
        """Rows as high and columns as wide as their letters need; what room is left belongs to the names."""
        if not hasattr(self, "_compared"):
            return
        letters = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(letters.height() + 6)
        self.setIconSize(QSize(1, 1) * round(_PICTURE * letters.height()))
        bold = QFont(self.font())
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        picture = self.iconSize().width() + 4
        widths = [max(metrics.horizontalAdvance(column.title) + picture, self._widest(place, metrics) + picture) + 12
                  for place, column in enumerate(self._runs.columns)]  # fmt: skip
        widths[0] += _SAMPLE + _GAP + (metrics.horizontalAdvance(self.tr("baseline")) + _GAP) * self._compared
        widths[0] = max(widths[0], self.viewport().width() - sum(widths[1:]))
        for place, width in enumerate(widths):
            self.setColumnWidth(place, width)

    def _widest(self, place: int, metrics: QFontMetrics) -> int:
        """What a column's cells need."""
        column = self._runs.columns[place]
        text = column.widest
        if column.difference is not None and not self._compared:
            text = text.partition(" (")[0]
        if self._several and place and column.key not in ("lr", "optimizer", "schedule"):
            text += self.tr(" in 5 of 5") if column.numbers is None else " ± 0.0000"
        return metrics.horizontalAdvance(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def _current_changed(self, current: Index) -> None:
        if current.isValid() and not self._moving:
            self.run_chosen.emit(self._runs.run(current.row()))
