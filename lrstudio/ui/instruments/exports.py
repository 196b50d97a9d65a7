"""The buttons that export and copy what an instrument shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from lrstudio.core.language import tr
from lrstudio.ui.drawing.guard import PaintedWidget
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.figures.figure import Figure
from lrstudio.ui.figures.output import FigureOutput
from lrstudio.ui.files.saving import FileSaver
from lrstudio.ui.instruments.window import InstrumentWindow
from lrstudio.ui.look.plain import without_mnemonic

_SUFFIXES = (".png", ".svg")


class ExportButtons(QWidget):
    """Exports the lines of `table` as CSV and the widgets of `figure` as a figure, under the name of the instrument.

    Both are called when a button is pressed; the lines are read in the worker's thread.
    """

    def __init__(
        self,
        window: InstrumentWindow,
        name: str,
        table: Callable[[], Iterator[str]],
        figure: Callable[[], Sequence[Plot | PaintedWidget]],
    ) -> None:
        super().__init__(window)
        self._window, self._name, self._lines, self._widgets = window, name, table, figure
        self._saver = FileSaver(window, window.session, window.show_message)
        self._output = FigureOutput(self._saver)
        self.table, self.figure, self.copy = (
            QPushButton(tr("Export &CSV…")),
            QPushButton(tr("E&xport figure…")),
            QPushButton(tr("Cop&y figure")),
        )
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for index, (button, keys, tip, slot) in enumerate((
            (self.table, "Ctrl+E", tr("A table, as the terminal writes it"), self._export_table),
            (self.figure, "Ctrl+Shift+E", tr("What is shown, as PNG or SVG"), self._export_figure),
            (self.copy, "Ctrl+Shift+C", tr("What is shown, on the clipboard"), self._copy_figure),
        )):  # fmt: skip
            button.setToolTip(f"{tip} ({keys})")
            button.setAccessibleName(without_mnemonic(button.text()))
            button.clicked.connect(slot)
            QShortcut(QKeySequence(keys), window).activated.connect(button.click)
            grid.addWidget(button, index // 2, index % 2)
        self.setEnabled(False)

    def _export_table(self) -> None:
        lines = self._lines()
        self._saver.save(tr("Export CSV"), f"{self._name}.csv", ".csv", lambda: map(str.encode, lines))

    def _export_figure(self) -> None:
        self._output.save(self._figure(), self._name, _SUFFIXES)

    def _copy_figure(self) -> None:
        self._output.copy(self._figure())

    def _figure(self) -> Figure:
        return Figure.as_shown([widget for widget in self._widgets() if widget.isVisible()], self._window.theme)
