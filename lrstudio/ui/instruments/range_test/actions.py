"""What can be taken out of a range test: its table and its picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QGridLayout, QPushButton, QWidget

from lrstudio.ui.figures import picture
from lrstudio.ui.figures.figure import png

if TYPE_CHECKING:
    from lrstudio.ui.instruments.range_test.window import RangeTestWindow


class RangeActions(QWidget):
    """Buttons that export and copy."""

    def __init__(self, window: RangeTestWindow) -> None:
        super().__init__(window)
        self._window = window
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for place, (text, keys, tip, slot) in enumerate((
            (self.tr("Export &CSV…"), "Ctrl+E", self.tr("The curve as a table, as the terminal writes it"),
             self.export_csv),
            (self.tr("E&xport figure…"), "Ctrl+Shift+E", self.tr("The plots as PNG or SVG"), self.export_figure),
            (self.tr("Cop&y figure"), "Ctrl+Shift+C", self.tr("The plots on the clipboard"), self.copy_figure),
        )):  # fmt: skip
            button = QPushButton(text)
            button.setToolTip(f"{tip} ({keys})")
            button.setAccessibleName(text.replace("&", ""))
            button.clicked.connect(lambda _checked=False, slot=slot: slot())
            QShortcut(QKeySequence(keys), window).activated.connect(button.click)
            grid.addWidget(button, place // 2, place % 2)

    def export_csv(self) -> None:
        """Ask for a file and write iteration, lr, loss and smoothed loss."""
        rows = self._window.rows()
        if rows is None:
            return
        path = self._ask("range-test.csv", self.tr("CSV (*.csv)"), (".csv",))
        if path is not None:
            self._window.session.write_file(path, lambda: "".join(rows).encode())
            self._told(path)

    def export_figure(self) -> None:
        """Ask for a file and write the plots as they stand."""
        path = self._ask("range-test.png", self.tr("PNG (*.png);;SVG (*.svg)"), (".png", ".svg"))
        if path is None:
            return
        panel, theme = self._window.panel, self._window.theme
        if path.suffix.lower() == ".svg":
            data = picture.svg(panel, theme)
            self._window.session.write_file(path, lambda: data)
        else:
            image = picture.image(panel, theme)
            self._window.session.write_file(path, lambda: png(image))
        self._told(path)

    def copy_figure(self) -> None:
        """Put the plots on the clipboard."""
        picture.copy(self._window.panel, self._window.theme)
        self._window.say(self.tr("The figure is on the clipboard"))

    def _ask(self, name: str, kinds: str, suffixes: tuple[str, ...]) -> Path | None:
        found, _ = QFileDialog.getSaveFileName(self._window, self.tr("Export"), name, kinds)
        path = Path(found)
        if not found:
            return None
        return path if path.suffix.lower() in suffixes else path.with_name(path.name + suffixes[0])

    def _told(self, path: Path) -> None:
        self._window.say(self.tr("Exported {name}").format(name=path.name))
