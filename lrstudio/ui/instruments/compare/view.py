"""The table view of the comparison: how its rows are drawn, how wide its columns are, its keys."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.instruments.compare.model import BASELINE, COLOR, HIDDEN, SAMPLE, CompareModel, Index
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.theme import Theme, mix

_GAP = 8
_MARGIN = 14
_MEASURED = 200
"""So many runs decide how wide the columns are; measuring more takes longer than a frame."""
_CHOSEN = 0.18
"""Of the accent is in the ground of the selected row; pictures and bold numbers stay readable on it."""


class RunCell(QStyledItemDelegate):
    """A piece of the run's line, its name, and whether it is the baseline."""

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        self.initStyleOption(option, index)
        name, option.text = option.text, ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        model = index.model()
        assert isinstance(model, CompareModel)
        rect: QRect = option.rect.adjusted(4, 0, -4, 0)
        ratio = painter.device().devicePixelRatioF()
        sample = model.looks.sample(index.data(COLOR), rect.height(), ratio, pale=index.data(HIDDEN))
        painter.drawPixmap(rect.topLeft(), sample)
        rect.setLeft(rect.left() + SAMPLE + _GAP)
        painter.setPen(option.palette.color(option.palette.ColorRole.Text))
        if index.data(BASELINE):
            self._badge(painter, option, rect)
        painter.setFont(option.font)
        shown = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def _badge(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        """Say at the right that it is the baseline; the rectangle keeps what is left."""
        word, font = self.tr("baseline"), QFont(option.font)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)
        rect.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(word) - _GAP)


class CompareView(QTableView):
    """Rows are runs. A click on a header sorts; Ctrl+C copies."""

    run_chosen = Signal(int)
    copy_asked = Signal()

    def __init__(self, model: CompareModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = model
        self.setModel(model)
        self.setItemDelegateForColumn(0, RunCell(self))
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
        self._needed: list[int] = []
        FontFit(self, self._fit_letters)

    def set_theme(self, theme: Theme) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Highlight, mix(theme.background, theme.accent, _CHOSEN))
        palette.setColor(QPalette.ColorRole.HighlightedText, theme.foreground)
        self.setPalette(palette)

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

    def fit(self, *, anew: bool = False) -> None:
        """Columns as wide as their cells need; they only grow, unless all is new. What is left belongs to the names."""
        metrics = self._bold
        if anew:
            self._needed = [0] * len(self._runs.columns)
        picture = self.iconSize().width() + 4
        for place, column in enumerate(self._runs.columns):
            texts = {column.usual}
            if place:
                texts |= {self._runs.text(run, place) for run in range(min(_MEASURED, self._runs.rowCount()))}
            room = picture if column.better or column.key == "verdict" else 0
            title = metrics.horizontalAdvance(column.title) + _MARGIN  # beside it stands which way it is sorted
            widest = max(title, max(map(metrics.horizontalAdvance, _longest(texts))) + room)
            self._needed[place] = max(self._needed[place], widest + _MARGIN)
        self._share_out()

    def _fit_letters(self) -> None:
        font = QFont(self.font())
        font.setBold(True)
        self._bold = QFontMetrics(font)
        height = self.fontMetrics().height()
        self.horizontalHeader().setFont(self.font())  # it does not follow of its own
        self.verticalHeader().setDefaultSectionSize(height + 6)
        self.setIconSize(QSize(height, height))
        self.fit(anew=True)

    def _share_out(self) -> None:
        compared = self._runs.arrangement.baseline is not None
        badge = self._bold.horizontalAdvance(self.tr("baseline")) + _GAP if compared else 0
        names = self._needed[0] + SAMPLE + _GAP + badge
        widths = [max(names, self.viewport().width() - sum(self._needed[1:])), *self._needed[1:]]
        for place, width in enumerate(widths):
            if self.columnWidth(place) != width:
                self.setColumnWidth(place, width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out()

    def _current_changed(self, current: Index) -> None:
        if current.isValid() and not self._moving:
            self.run_chosen.emit(self._runs.run(current.row()))


def _longest(texts: set[str]) -> list[str]:
    """Those among which the widest one is; measuring takes time."""
    most = max(map(len, texts))
    return [text for text in texts if len(text) >= 0.7 * most]
