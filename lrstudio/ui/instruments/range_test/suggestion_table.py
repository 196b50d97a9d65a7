"""A table of the rules: the suggested rate, the result of training with it, and the rule's criterion."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.sweep.zones import RATE_KEYS
from lrstudio.ui.drawing.pixels import draw_symbol
from lrstudio.ui.instruments.range_test.words import SYMBOLS, number, rule_meaning, rule_name
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.theme import LIGHT, Theme, mix
from lrstudio.ui.look.verdict_style import VerdictStyle, verdict_style

_ICON = 18
TRAINED = 2
"""Column of the results of training."""
_ROW_PADDING = 6
_MOST_HEIGHT = 220


@dataclass(frozen=True)
class Choice:
    """The rate that a rule suggests, or None, with the final loss and the verdict of training with it."""

    rule: str
    lr: float | None
    loss: float | None = None
    verdict: int | None = None
    help: str = ""
    too_few: bool = False


class SuggestionTable(QTableWidget):
    """One row per rule; `chosen` emits the rule of the selected row."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 4, parent)
        self._theme = LIGHT
        self._choices: Sequence[Choice] = ()
        self._styles: list[VerdictStyle] = []
        self._symbols: dict[str, QIcon] = {}
        self._user_choice = ""
        self.setAccessibleName(tr("Suggestions"))
        self.setToolTip(tr("Choose one to mark its rate in the plots"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setHorizontalHeaderLabels([tr("suggestion"), tr("rate"), tr("trained with it"), tr("what it looks for")])
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setSectionsClickable(False)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setIconSize(QSize(_ICON, _ICON))
        self.itemSelectionChanged.connect(self._choose)
        FontFit(self, self._fit)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._styles = [verdict_style(key, theme) for key in RATE_KEYS]
        self._symbols = {rule: self._symbol(rule) for rule in SYMBOLS}
        pale = mix(theme.accent, theme.background, 0.75).name()
        self.setStyleSheet(f"QTableView::item:selected {{ background: {pale}; color: {theme.foreground}; }}")
        choices, self._choices = self._choices, ()
        self.show_choices(choices)

    @property
    def rule(self) -> str:
        """The rule of the selected row, or an empty string."""
        row = self.currentRow()
        return self._choices[row].rule if 0 <= row < len(self._choices) else ""

    def forget_choice(self) -> None:
        """Let the next choices select their default instead of the user's choice."""
        self._user_choice = ""

    def show_choices(self, choices: Sequence[Choice], default: str = "") -> None:
        """Show choices and keep the user's choice selected; without one, the rule `default`."""
        rule, before = self._user_choice or default or self.rule, self._choices
        self._choices = choices
        self.blockSignals(True)
        self.setRowCount(len(choices))
        for row, choice in enumerate(choices):
            if row >= len(before) or before[row] != choice:
                self._show(row, choice)
        if choices:
            self.selectRow(0)
            self.select(rule)
        self.blockSignals(False)

    def select(self, rule: str) -> None:
        """Select a rule's row."""
        rules = [choice.rule for choice in self._choices]
        if rule in rules:
            self.selectRow(rules.index(rule))

    def _show(self, row: int, choice: Choice) -> None:
        texts = rule_name(choice.rule), self._rate_text(choice), self._trained_text(choice), rule_meaning(choice.rule)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(tr(choice.help))
            if choice.lr is None:
                item.setForeground(QColor(self._theme.muted))
            if column == 0:
                item.setIcon(self._symbols[choice.rule])
            elif column == TRAINED and choice.verdict is not None:
                item.setIcon(self._styles[choice.verdict].icon)
            self.setItem(row, column, item)

    def _rate_text(self, choice: Choice) -> str:
        if choice.lr is not None:
            return number(choice.lr)
        return tr("too few losses") if choice.too_few else tr("nothing")

    def _trained_text(self, choice: Choice) -> str:
        if choice.verdict is None:
            return ""
        word = self._styles[choice.verdict].word
        if choice.loss is None or RATE_KEYS[choice.verdict] == "diverged":
            return word
        return tr("{word}, loss {loss}", word=word, loss=number(choice.loss))

    def _symbol(self, rule: str) -> QIcon:
        picture = QPixmap(QSize(_ICON, _ICON) * self.devicePixelRatioF())
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        middle = QPointF(_ICON / 2, _ICON / 2)
        draw_symbol(painter, SYMBOLS[rule], middle, QColor(self._theme.foreground), QColor(self._theme.background), 13)
        painter.end()
        return QIcon(picture)

    def _choose(self) -> None:
        if self.rule:
            self._user_choice = self.rule
            self.chosen.emit(self.rule)

    def _fit(self) -> None:
        line = self.fontMetrics().height() + _ROW_PADDING
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(line)
        self.setMinimumHeight(line * min(len(SYMBOLS) + 1, _MOST_HEIGHT // line) + 8)
