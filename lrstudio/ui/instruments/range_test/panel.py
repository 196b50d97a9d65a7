"""The plots of a range test above its suggestions, which can be applied to the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from lrstudio.core.analysis.cycle_bounds import CycleBounds
from lrstudio.core.language import tr
from lrstudio.ui.instruments.range_test import words as range_words
from lrstudio.ui.instruments.range_test.marks import Mark
from lrstudio.ui.instruments.range_test.plots import Line, RangePlot, RatesPlot
from lrstudio.ui.instruments.range_test.suggestion_table import TRAINED, Choice, SuggestionTable
from lrstudio.ui.instruments.range_test.sweep import SweepPlot
from lrstudio.ui.look.font_size import FontFit
from lrstudio.ui.look.plain import Label, without_mnemonic
from lrstudio.ui.look.theme import Theme

_LARGE, _LARGE_POINTS = 1.15, 14.0
_LINES, _LINES_OF_SWEEP = 10, 8
_LARGE_LINE = 26
"""With a line height above this many pixels the suggestions are above the rates, not beside them."""


class RangePanel(QWidget):
    """An answer, the loss against the rate, the sweep of the same rates and the suggestions."""

    rate_requested = Signal(float)
    cycle_requested = Signal(float, float)
    chosen = Signal()
    """Emitted when another suggestion is selected."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answer, self.why = Label(), Label()
        self.loss, self.sweep, self.rates = RangePlot(theme), SweepPlot(theme), RatesPlot(theme)
        self.table, self.bounds_text = SuggestionTable(), Label()
        self.use = QPushButton(tr("&Use this rate"))
        self.use_cycle = QPushButton(tr("Use as base_lr/&max_lr"))
        self.use_cycle.setEnabled(False)  # there are no bounds yet
        self.below = QSplitter()
        self.bounds: CycleBounds | None = None
        self.choices: Sequence[Choice] = ()
        self._describe()
        self._arrange()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self.table.set_theme(theme)
        self._show_marks()

    def show_texts(self, answer: str, why: str) -> None:
        """Show an answer and an explanation; an empty text is hidden."""
        for label, text in ((self.answer, answer), (self.why, why)):
            label.setText(text)
            label.setVisible(bool(text))

    def show_choices(self, choices: Sequence[Choice], default: str = "") -> None:
        """Show the suggestions and mark their rates; the rule `default` is selected unless the user has chosen one."""
        self.choices = choices
        self.table.show_choices(choices, default)
        self._show_marks()

    def show_parts(self, *, sweep: bool = True, suggestions: bool = True, rates: bool = True) -> None:
        """Show only some parts of the panel."""
        self.sweep.setVisible(sweep)
        self.table.setColumnHidden(TRAINED, not sweep)
        self.suggestions.setVisible(suggestions)
        self.rates.setVisible(rates)
        self.below.setVisible(suggestions or rates)

    def show_bounds(self, bounds: CycleBounds | None, text: str) -> None:
        """Show the rates of a cycle and how they are chosen."""
        self.bounds = bounds
        self.loss.band.set_ends(None if bounds is None else (bounds.base_lr, bounds.max_lr))
        self.bounds_text.setText(text)
        self.use_cycle.setEnabled(bounds is not None)

    @property
    def choice(self) -> Choice | None:
        """The selected suggestion."""
        return next((choice for choice in self.choices if choice.rule == self.table.rule), None)

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return -1 if layout is None else layout.minimumHeightForWidth(width)

    def _show_marks(self) -> None:
        chosen, best = self.table.rule, range_words.BEST
        tested = [choice for choice in self.choices if choice.rule != best or choice.rule == chosen]
        self.loss.set_marks([_at_curve(mark, self.loss.lines) for mark in _marks(tested, chosen, every=False)])
        trained = [choice for choice in self.choices if choice.rule in (best, chosen)]
        self.sweep.set_marks(_marks(trained, chosen, every=True))
        choice = self.choice
        self.use.setEnabled(choice is not None and choice.lr is not None)

    def _use(self) -> None:
        choice = self.choice
        if choice is not None and choice.lr is not None:
            self.rate_requested.emit(choice.lr)

    def _use_cycle(self) -> None:
        if self.bounds is not None:
            self.cycle_requested.emit(self.bounds.base_lr, self.bounds.max_lr)

    def _describe(self) -> None:
        self.answer.setWordWrap(True)
        self.why.setWordWrap(True)
        self.bounds_text.setWordWrap(True)
        self.answer.setAccessibleName(tr("What the test says"))
        self.why.setAccessibleName(tr("Why the test ended"))
        self.bounds_text.setAccessibleName(tr("How the rates of a cycle are chosen"))
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.use.setToolTip(tr("Give the rate that is selected in the table to the run; it can be undone"))
        self.use_cycle.setToolTip(tr("Let the rate go up and down in cycles between these two; it can be undone"))
        for button in (self.use, self.use_cycle):
            button.setAccessibleName(without_mnemonic(button.text()))
        for plot, name in (
            (self.loss, tr("loss against rate")),
            (self.sweep, tr("loss after training against rate")),
            (self.rates, tr("rate against iteration")),
        ):
            plot.setAccessibleName(name)
        FontFit(self, self._enlarge)
        self.table.chosen.connect(lambda _rule: self._show_marks())
        self.table.chosen.connect(lambda _rule: self.chosen.emit())
        for plot in (self.loss, self.sweep):
            plot.marks.clicked.connect(self.table.select)
        self.use.clicked.connect(lambda _checked=False: self._use())
        self.use_cycle.clicked.connect(lambda _checked=False: self._use_cycle())

    def _enlarge(self) -> None:
        font = self.font()
        font.setPointSizeF(max(font.pointSizeF(), min(font.pointSizeF() * _LARGE, _LARGE_POINTS)))
        font.setBold(True)
        self.answer.setFont(font)
        line = self.fontMetrics().height()
        self.loss.setMinimumHeight(_LINES * line)
        self.sweep.setMinimumHeight(_LINES_OF_SWEEP * line)
        large = line > _LARGE_LINE
        self.below.setOrientation(Qt.Orientation.Vertical if large else Qt.Orientation.Horizontal)
        self.rates.setMinimumHeight(_LINES_OF_SWEEP * line if large else 0)

    def _arrange(self) -> None:
        self.suggestions = _HeightForWidth()
        grid = QGridLayout(self.suggestions)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.table, 0, 0, 1, 2)
        grid.addWidget(self.use, 1, 0)
        grid.addWidget(self.use_cycle, 2, 0)
        grid.addWidget(self.bounds_text, 1, 1, 2, 1)
        self.below.addWidget(self.suggestions)
        self.below.addWidget(self.rates)
        self.below.setSizes([640, 280])
        whole = QSplitter(Qt.Orientation.Vertical)
        for widget, stretch in ((self.loss, 5), (self.sweep, 4), (self.below, 3)):
            whole.addWidget(widget)
            whole.setStretchFactor(whole.count() - 1, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.answer)
        layout.addWidget(self.why)
        layout.addWidget(whole, 1)


class _HeightForWidth(QWidget):
    """Keeps the height that its labels need at its width, which a splitter ignores."""

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        layout = self.layout()
        if layout is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.setMinimumHeight(max(0, layout.minimumHeightForWidth(self.width())))
        return done


def _marks(choices: Sequence[Choice], chosen: str, *, every: bool) -> list[Mark]:
    """Returns a mark for each suggestion with a rate; the name includes the rate if it is chosen or `every`."""
    marks = []
    for choice in choices:
        if choice.lr is not None:
            name = range_words.rule_name(choice.rule)
            text = f"{name} {range_words.number(choice.lr)}" if every or choice.rule == chosen else name
            symbol = range_words.SYMBOLS[choice.rule]
            marks.append(Mark(text, choice.lr, symbol, choice.loss, choice.rule == chosen, choice.rule))
    return marks


def _at_curve(mark: Mark, lines: Sequence[Line]) -> Mark:
    """Returns the mark on the first curve, or without a y if the curve does not have its rate."""
    if not lines or lines[0].is_empty:
        return replace(mark, y=None)
    curve = lines[0].curve
    nearest = int(abs(curve.lr - mark.lr).argmin())
    inside = curve.lr.min() * 0.999 <= mark.lr <= curve.lr.max() * 1.001
    return replace(mark, y=float(curve.smoothed[nearest]) if inside else None)
