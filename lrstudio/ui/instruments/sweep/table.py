"""The table below a sweep: limit, best rate and good rates of each optimizer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from lrstudio.core.language import mark, tr
from lrstudio.ui.drawing.axis import number_text
from lrstudio.ui.instruments.sweep.form import sample_icon
from lrstudio.ui.instruments.sweep.rate_curves import RateCurve
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.theme import Theme

_LEAST_FACTOR = 1.05
"""Smaller factors between two optimizers are not mentioned."""
_COMPARISON = 5
_LEAST_CHARS = 40


class SweepTable(QTableWidget):
    """One row per optimizer; the last column compares it with the first row."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(0, 6, parent)
        self.theme = theme
        self._curves: Sequence[RateCurve] = ()
        heads = (
            (tr("Optimizer"), ""),
            (tr("Diverges from"), tr("The first rate at which it diverges lies here")),
            (
                tr("Best rate"),
                tr(
                    "Fewest steps to the target; where no rate has it, or there is none, the least loss over the "
                    "last quarter of the steps, of which the largest counts (with mini-batches that on all "
                    "data over the last eighth). About the least: the middle of the rates that are as good, at most "
                    "twice as far above the least."
                ),
            ),
            (tr("Final loss there"), ""),
            (tr("Good rates"), tr("The unbroken row of good rates around the best one")),
            (tr("In words"), tr("Compared with the first optimizer")),
        )
        for column, (text, tip) in enumerate(heads):
            head = QTableWidgetItem(text)
            head.setToolTip(tip)
            self.setHorizontalHeaderItem(column, head)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setAccessibleName(tr("What the sweep says"))
        self.verticalHeader().hide()
        self.setWordWrap(True)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(_COMPARISON, QHeaderView.ResizeMode.Fixed)
        FontFit(self, self._fit)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.show_curves(self._curves)

    def show_curves(self, curves: Sequence[RateCurve]) -> None:
        self._curves = curves
        self.setRowCount(len(curves))
        for row, curve in enumerate(curves):
            texts = (curve.entry.label, self._limit(curve), *self._best(curve), self.comparison(curve, curves[0]))
            for column, text in enumerate(texts):
                cell = QTableWidgetItem(text)
                cell.setToolTip(plain(text))
                if not column:
                    cell.setIcon(sample_icon(self.theme, curve.entry.color))
                self.setItem(row, column, cell)
        self._fit()

    def comparison(self, curve: RateCurve, first: RateCurve) -> str:
        """Returns how a curve compares with the first one."""
        if curve is first:
            return tr("the others are compared with this one")
        parts: list[str] = []
        if curve.limit_rate is not None and first.limit_rate is not None:
            ratio = curve.limit_rate / first.limit_rate
            parts.append(
                _factor(ratio, mark("bears rates {factor}× larger"), mark("bears only rates {factor}× smaller"))
            )
        elif first.limit_rate is not None and curve.limit[0] > 0:
            parts.append(tr("bears every rate here"))
        if curve.best is not None and first.best is not None:
            larger, smaller = mark("its best rate is {factor}× larger"), mark("its best rate is {factor}× smaller")
            parts.append(_factor(curve.best.rate / first.best.rate, larger, smaller))
        if curve.width and first.width:
            more, less = mark("good rates span {factor}× more"), mark("good rates span {factor}× less")
            parts.append(_factor(curve.width / first.width, more, less))
        return ", ".join(filter(None, parts)) or tr("no clear difference")

    def _limit(self, curve: RateCurve) -> str:
        low, high = curve.limit
        if curve.limit_rate is not None:
            limit = f"{low:.4g} – {high:.4g}"
        else:
            limit = tr("never here") if low > 0 else tr("all of these")
        return limit if curve.theory.known else tr("{limit} (no theory known)", limit=limit)

    def _best(self, curve: RateCurve) -> tuple[str, str, str]:
        """Returns the best rate with its criterion, its final loss and the good rates around it."""
        best = curve.best
        if best is None:
            return "–", "–", "–"
        if best.rule == "target":
            rule = tr("{steps} steps to the target", steps=int(best.summary.steps_to_target))
        else:
            rule = tr("least loss") if best.strict else tr("about the least loss")
        good = "–"
        if curve.good is not None and curve.width is not None:
            first, last = (float(curve.rates[index]) for index in curve.good)
            good = tr(
                "{first:.2g} to {last:.2g}: a factor of {width}",
                first=first,
                last=last,
                width=_factor_text(curve.width),
            )
        return tr("{what}: {why}", what=best.text, why=rule), f"{curve.best_value('final_loss'):.3g}", good

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_comparison()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def _fit(self) -> None:
        """Limits the height to that of the rows; the table scrolls where there is less space."""
        self._fit_comparison()
        rows = [self.rowHeight(row) for row in range(self.rowCount())]
        head = self.horizontalHeader().sizeHint().height() + 4
        line = self.fontMetrics().height() + 6
        self.setMinimumHeight(head + 2 * line)
        self.setMaximumHeight(head + max(sum(rows), 2 * line))
        self.updateGeometry()

    def _fit_comparison(self) -> None:
        """Gives the last column the remaining width, at least what a reader needs."""
        others = sum(self.columnWidth(column) for column in range(_COMPARISON))
        least = _LEAST_CHARS * self.fontMetrics().averageCharWidth()
        self.setColumnWidth(_COMPARISON, max(self.viewport().width() - others, least))
        self.resizeRowsToContents()


def _factor(ratio: float, more: str, less: str) -> str:
    factor = max(ratio, 1 / ratio)
    return "" if factor < _LEAST_FACTOR else tr(more if ratio > 1 else less, factor=_factor_text(factor))


def _factor_text(factor: float) -> str:
    return number_text(factor, 1 if factor < 10 else 0)
