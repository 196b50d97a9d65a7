"""The table view of the comparison and the controls above it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr
from lrstudio.engine.compare.seeds import MOST_SEEDS
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.fields.actions import action
from lrstudio.ui.fields.behavior import FieldBehavior
from lrstudio.ui.fields.rows import Combo, spin_box
from lrstudio.ui.instruments.compare.model import BASELINE, COLOR, HIDDEN, SAMPLE, CompareModel, Index
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import Label
from lrstudio.ui.look.theme import Theme, mix

_GAP = 8
_MARGIN = 14
_MEASURED = 200
"""Number of runs that decide the widths of the columns; measuring more takes longer than a frame."""
_SELECTED = 0.18
"""Share of the accent in the background of the selected row, which keeps icons and bold numbers readable."""
SEEDS = 5
_ORDER_CHARS = 8


class RunCell(QStyledItemDelegate):
    """Draws a piece of the run's line, its name, and a badge for the baseline."""

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
        sample = model.style.sample(index.data(COLOR), rect.height(), ratio, pale=index.data(HIDDEN))
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
        """Draws the badge at the right and shortens the rectangle by it."""
        word, font = tr("baseline"), QFont(option.font)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)
        rect.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(word) - _GAP)


class CompareView(QTableView):
    """Shows the model; a click on a header sorts, Ctrl+C copies."""

    run_chosen = Signal(int)
    copy_requested = Signal()

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
        self._widths: list[int] = []
        FontFit(self, self._fit_letters)

    def set_theme(self, theme: Theme) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Highlight, mix(theme.background, theme.accent, _SELECTED))
        palette.setColor(QPalette.ColorRole.HighlightedText, theme.foreground)
        self.setPalette(palette)

    def select(self, run: int) -> None:
        """Makes a run's row the current one without a signal."""
        row = self._runs.row_of(run)
        if row is None or row == self.currentIndex().row():
            return
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        column = max(0, self.currentIndex().column())
        self._moving = True
        self.selectionModel().setCurrentIndex(self._runs.index(row, column), flags)
        self._moving = False

    def fit(self, *, reset: bool = False) -> None:
        """Fits the columns to their cells, only growing unless `reset`; the names take the remaining width."""
        metrics = self._bold
        if reset:
            self._widths = [0] * len(self._runs.columns)
        icon = self.iconSize().width() + 4
        for section, column in enumerate(self._runs.columns):
            texts = {column.typical}
            if section:
                texts |= {self._runs.text(run, section) for run in range(min(_MEASURED, self._runs.rowCount()))}
            room = icon if column.better or column.key == "verdict" else 0
            title = metrics.horizontalAdvance(column.title) + _MARGIN  # with space for the sort indicator
            widest = max(title, max(map(metrics.horizontalAdvance, _longest(texts))) + room)
            self._widths[section] = max(self._widths[section], widest + _MARGIN)
        self._set_widths()

    def _fit_letters(self) -> None:
        font = QFont(self.font())
        font.setBold(True)
        self._bold = QFontMetrics(font)
        height = self.fontMetrics().height()
        self.horizontalHeader().setFont(self.font())  # Qt does not propagate it
        self.verticalHeader().setDefaultSectionSize(height + 6)
        self.setIconSize(QSize(height, height))
        self.fit(reset=True)

    def _set_widths(self) -> None:
        compared = self._runs.arrangement.baseline is not None
        badge = self._bold.horizontalAdvance(tr("baseline")) + _GAP if compared else 0
        names = self._widths[0] + SAMPLE + _GAP + badge
        widths = [max(names, self.viewport().width() - sum(self._widths[1:])), *self._widths[1:]]
        for section, width in enumerate(widths):
            if self.columnWidth(section) != width:
                self.setColumnWidth(section, width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_widths()

    def _current_changed(self, current: Index) -> None:
        if current.isValid() and not self._moving:
            self.run_chosen.emit(self._runs.run(current.row()))


def _longest(texts: set[str]) -> list[str]:
    """Returns the texts that may be the widest one; measuring all takes too long."""
    most = max(map(len, texts))
    return [text for text in texts if len(text) >= 0.7 * most]


class CompareControls(QWidget):
    """The fields and buttons above the table, and a note; their owner connects them."""

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = Combo()
        self.order.addItems([tr("as listed"), *titles])
        self.order.setAccessibleName(tr("Sorted by"))
        self.order.setToolTip(tr("The best first; choosing it again, or a click on a header, turns the order"))
        self.seeds, self.count = QCheckBox(tr("over seeds:")), spin_box(2, MOST_SEEDS, lambda _count: None)
        self.seeds.setAccessibleName(tr("Over several seeds"))
        self.count.setAccessibleName(tr("Number of seeds"))
        self.count.setToolTip(tr("How many seeds, from that of the experiment on"))
        self.count.setValue(SEEDS)
        FieldBehavior(self).install(self.order, self.seeds, self.count)
        self.copy = _button(tr("Copy"), tr("Copy the selected rows, or all (Ctrl+C)"))
        self.export = _button(tr("Export…"), tr("Write the table as a CSV file"))
        self.note = Label()
        self.note.setWordWrap(True)
        self._arrange()
        FontFit(self.order, self._fit_order)
        self.offer_seeds(False)

    def _fit_order(self) -> None:
        """Lets the box shorten its text where letters are large."""
        self.order.setMinimumWidth(_ORDER_CHARS * self.order.fontMetrics().averageCharWidth())

    def offer_seeds(self, random: bool) -> None:
        """Enables the box for several seeds where the runs depend on the seed."""
        self.seeds.setEnabled(random)
        self.count.setEnabled(random)
        tip = tr("Nothing is random here: every seed gives the same")
        if random:
            tip = tr("Repeat all runs with these seeds, the same for all; show the means with their 95 % intervals")
        self.seeds.setToolTip(tip)

    def open_menu(self, point: QPoint) -> None:
        """Opens the actions of the buttons as a menu at a point of the screen."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for button in (self.copy, self.export):
            menu.addAction(action(menu, button.text(), button.click, tip=button.toolTip()))
        menu.popup(point)

    def _arrange(self) -> None:
        caption = Label(tr("Sorted by"))
        caption.setMinimumWidth(1)  # it shrinks first where letters are large
        row = QHBoxLayout()
        row.addWidget(caption)
        row.addWidget(self.order)
        row.addSpacing(8)
        row.addWidget(self.seeds)
        row.addWidget(self.count)
        row.addStretch()
        row.addWidget(self.copy)
        row.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.note)


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(text.rstrip("…"))
    button.setToolTip(tip)
    return button
