"""The list of the runs of the opened logs: which are shown, and which is selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.drawing.header import sample_pixmap
from lrstudio.ui.look.plain import plain
from lrstudio.ui.look.theme import Theme

_SAMPLE = QSize(44, 18)
_MOST_SHOWN = 8
"""Runs that are shown at first: more have the same colours."""


class RunList(QListWidget):
    """One row per run with its line, a check box that shows it and its main finding; a selected run is described."""

    shown_changed = Signal()
    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setIconSize(_SAMPLE)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Runs"))
        self.setToolTip(tr("The runs of the opened logs: checked ones are drawn, the selected one is diagnosed"))
        self.setMinimumHeight(5 * self.fontMetrics().lineSpacing())
        self.itemChanged.connect(lambda _item: self.shown_changed.emit())
        self.currentRowChanged.connect(self.chosen)

    def show_runs(self, titles: Sequence[str], tips: Sequence[str]) -> None:
        """List the runs with their tooltips; those that were listed before keep their check marks."""
        before = {self.item(row).text(): self.item(row).checkState() for row in range(self.count())}
        current = max(0, self.currentRow())
        self.blockSignals(True)
        self.clear()
        for number, (title, tip) in enumerate(zip(titles, tips, strict=True)):
            item = QListWidgetItem(title)
            item.setToolTip(plain(tip))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            first = Qt.CheckState.Checked if number < _MOST_SHOWN else Qt.CheckState.Unchecked
            item.setCheckState(before.get(title, first))
            self.addItem(item)
        self.blockSignals(False)
        self.set_theme(self._theme)
        self.setCurrentRow(min(current, len(titles) - 1))

    def checked(self) -> list[int]:
        """Returns the numbers of the runs that are drawn."""
        return [row for row in range(self.count()) if self.item(row).checkState() == Qt.CheckState.Checked]

    def hidden(self) -> list[int]:
        """Returns the numbers of the runs that are not drawn."""
        return [row for row in range(self.count()) if self.item(row).checkState() != Qt.CheckState.Checked]

    def show_saved(self, hidden: object, selected: object) -> None:
        """Hide and select runs as they were saved; ignores invalid values."""
        if isinstance(hidden, list) and all(type(row) is int for row in hidden):
            self.blockSignals(True)
            for row in range(self.count()):
                self.item(row).setCheckState(Qt.CheckState.Unchecked if row in hidden else Qt.CheckState.Checked)
            self.blockSignals(False)
        if type(selected) is int and 0 <= selected < self.count():
            self.setCurrentRow(selected)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.blockSignals(True)
        for row in range(self.count()):
            picture = sample_pixmap(theme.run_style(row), theme, _SAMPLE, self.devicePixelRatioF())
            self.item(row).setIcon(QIcon(picture))
        self.blockSignals(False)
