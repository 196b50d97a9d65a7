"""Copies figures to the clipboard and writes them to files."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication

from lrstudio.ui.figures.figure import Figure, png
from lrstudio.ui.files.saving import FileSaver

_MOST_COPIED = 10_000_000
"""Pixels that are drawn while the window waits; a file may have more."""


class FigureOutput(QObject):
    """What the main window and the instruments do with their figures."""

    def __init__(self, saver: FileSaver) -> None:
        super().__init__(saver)
        self._saver = saver
        self._copied: QMimeData | None = None
        application = QGuiApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self._leave_picture)

    def copy(self, figure: Figure, scale: int = 2) -> None:
        """Put a figure on the clipboard, as pixels and as SVG; of pixels not more than can be made at once."""
        pixels = figure.size.width() * figure.size.height()
        sharpness = min(float(scale), math.sqrt(_MOST_COPIED / pixels))
        image, svg = figure.image_and_svg(sharpness)
        data = self._copied = QMimeData()
        data.setImageData(image)
        data.setData("image/svg+xml", svg)
        QGuiApplication.clipboard().setMimeData(data)
        text = self.tr("The figure is on the clipboard")
        if sharpness < scale:
            text = self.tr("The figure is on the clipboard with {0} x {1} pixels; more can be exported").format(
                image.width(), image.height()
            )
        self._saver.say(text)

    def save(self, figure: Figure, stem: str, suffixes: Sequence[str], scale: int = 2) -> None:
        """Ask for a file and write the figure to it; its suffix says what it becomes."""
        path = self._saver.ask_path(self.tr("Export figure"), stem + suffixes[0], suffixes)
        if path is not None:
            encode = _encoder(figure, path, scale)
            self._saver.write(path, lambda: (encode(),))

    def _leave_picture(self) -> None:
        """Leave the picture in an object of Qt's own: one that Python made must not outlive it."""
        clipboard = QGuiApplication.clipboard()
        data = clipboard.mimeData()
        if data is self._copied or (clipboard.ownsClipboard() and data.hasImage()):
            clipboard.setImage(clipboard.image())


def _encoder(figure: Figure, path: Path, scale: int) -> Callable[[], bytes]:
    """Draws the figure now; the returned function makes its bytes in any thread."""
    match path.suffix.lower():
        case ".svg":
            data = figure.svg()
            return lambda: data
        case ".pdf":
            data = figure.pdf()
            return lambda: data
        case _:
            image = figure.image(scale)
            return lambda: png(image)
