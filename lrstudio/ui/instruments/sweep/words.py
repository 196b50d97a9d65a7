"""What a sweep says of each optimizer, in a small table: limit, best rate, how wide the good rates are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from lrstudio.engine.sweep.best_rate import Best
from lrstudio.ui.drawing.axis import number_text
from lrstudio.ui.instruments.sweep.form import sample
from lrstudio.ui.instruments.sweep.rate_curves import RateCurve
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.theme import Theme

_ALIKE = 1.05
"""Factors below it are no difference."""
_WORDS = 5
_LEAST_CHARS = 40


class SweepWords(QTableWidget):
    """One row per optimizer; the last column compares it with the first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(0, 6, parent)
        self.theme = theme
        self._curves: Sequence[RateCurve] = ()
        heads = (
            (self.tr("Optimizer"), ""),
            (self.tr("Diverges from"), self.tr("The first rate at which it diverges lies here")),
            (
                self.tr("Best rate"),
                self.tr(
                    "Fewest steps to the target; where no rate has it, or there is none, the least loss over the "
                    "last quarter of the steps, of which the largest counts (with mini-batches that on all "
                    "data over the last eighth). About the least: the middle of the rates that are as good, at most "
                    "twice as far above the least."
                ),
            ),
            (self.tr("Final loss there"), ""),
            (self.tr("Good rates"), self.tr("The unbroken row of good rates around the best one")),
            (self.tr("In words"), self.tr("Compared with the first optimizer")),
        )
        for column, (text, tip) in enumerate(heads):
            head = QTableWidgetItem(text)
            head.setToolTip(tip)
            self.setHorizontalHeaderItem(column, head)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setAccessibleName(self.tr("What the sweep says"))
        self.verticalHeader().hide()
        self.setWordWrap(True)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(_WORDS, QHeaderView.ResizeMode.Fixed)
        FontFit(self, self._fit)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.show_curves(self._curves)

    def show_curves(self, curves: Sequence[RateCurve]) -> None:
        self._curves = curves
        self.setRowCount(len(curves))
        for row, known in enumerate(curves):
            for column, text in enumerate((known.entry.label, *self._texts(known), self.words(known, curves[0]))):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                if not column:
                    cell.setIcon(sample(self.theme, known.entry.color))
                self.setItem(row, column, cell)
        self._fit()

    def words(self, known: RateCurve, first: RateCurve) -> str:
        """How it compares with another."""
        if known is first:
            return self.tr("the others are compared with this one")
        parts: list[str] = []
        if known.limit_rate is not None and first.limit_rate is not None:
            ratio = known.limit_rate / first.limit_rate
            parts.append(
                self._factor(ratio, self.tr("bears rates {0}× larger"), self.tr("bears only rates {0}× smaller"))
            )
        elif first.limit_rate is not None and known.limit[0] > 0:
            parts.append(self.tr("bears every rate here"))
        if known.best is not None and first.best is not None:
            ratio = known.best.rate / first.best.rate
            parts.append(
                self._factor(ratio, self.tr("its best rate is {0}× larger"), self.tr("its best rate is {0}× smaller"))
            )
        if known.width and first.width:
            ratio = known.width / first.width
            parts.append(
                self._factor(ratio, self.tr("good rates span {0}× more"), self.tr("good rates span {0}× less"))
            )
        said = ", ".join(filter(None, parts))
        return said or self.tr("no clear difference")

    def _factor(self, ratio: float, more: str, less: str) -> str:
        if max(ratio, 1 / ratio) < _ALIKE:
            return ""
        times = max(ratio, 1 / ratio)
        text = number_text(times, 1 if times < 10 else 0)
        return more.format(text) if ratio > 1 else less.format(text)

    def _criterion(self, best: Best) -> str:
        """In a few words; the heading says them all."""
        if best.rule == "target":
            return str(self.tr("{steps} steps to the target")).format(steps=int(best.summary.steps_to_target))
        return str(self.tr("least loss") if best.strict else self.tr("about the least loss"))

    def _texts(self, known: RateCurve) -> tuple[str, str, str, str]:
        low, high = known.limit
        if known.limit_rate is not None:
            limit = f"{low:.4g} – {high:.4g}"
        else:
            limit = self.tr("never here") if low > 0 else self.tr("all of these")
        if not known.theory.known:
            limit += f" ({self.tr('no theory known')})"
        if known.best is None:
            return limit, "–", "–", "–"
        loss = f"{known.best_value('final_loss'):.3g}"
        good = "–"
        if known.good is not None and known.width is not None:
            first, last = (float(known.rates[place]) for place in known.good)
            good = self.tr("{first:.2g} to {last:.2g}: a factor of {width}").format(
                first=first, last=last, width=number_text(known.width, 1 if known.width < 10 else 0)
            )
        return limit, f"{known.best.text}: {self._criterion(known.best)}", loss, good

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_words()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def _fit(self) -> None:
        """As high as its rows; where there is less room it scrolls."""
        self._fit_words()
        rows = [self.rowHeight(row) for row in range(self.rowCount())]
        head = self.horizontalHeader().sizeHint().height() + 4
        line = self.fontMetrics().height() + 6
        self.setMinimumHeight(head + 2 * line)
        self.setMaximumHeight(head + max(sum(rows), 2 * line))
        self.updateGeometry()

    def _fit_words(self) -> None:
        """The words have what is left, and never too little to be read."""
        others = sum(self.columnWidth(column) for column in range(_WORDS))
        least = _LEAST_CHARS * self.fontMetrics().averageCharWidth()
        self.setColumnWidth(_WORDS, max(self.viewport().width() - others, least))
        self.resizeRowsToContents()
