"""Copies figures to the clipboard and writes them to files."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication

from lrstudio.core.language import tr
from lrstudio.ui.figures.figure import Figure, png
from lrstudio.ui.files.saving import FileSaver

_MOST_COPIED = 10_000_000
"""Maximum number of pixels on the clipboard, as the window waits for them; a file may have more."""


class FigureOutput(QObject):
    """Copies and saves the figures of the main window and of the instruments."""

    def __init__(self, saver: FileSaver) -> None:
        super().__init__(saver)
        self._saver = saver
        self._copied: QMimeData | None = None
        application = QGuiApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self._keep_image)

    def copy(self, figure: Figure, scale: int = 2) -> None:
        """Put a figure on the clipboard as an image of at most 10 million pixels and as SVG."""
        pixels = figure.size.width() * figure.size.height()
        factor = min(float(scale), math.sqrt(_MOST_COPIED / pixels))
        image, svg = figure.image_and_svg(factor)
        data = self._copied = QMimeData()
        data.setImageData(image)
        data.setData("image/svg+xml", svg)
        QGuiApplication.clipboard().setMimeData(data)
        text = tr("The figure is on the clipboard")
        if factor < scale:
            text = tr(
                "The figure is on the clipboard with {width} x {height} pixels; more can be exported",
                width=image.width(),
                height=image.height(),
            )
        self._saver.show_message(text)

    def save(self, figure: Figure, stem: str, suffixes: Sequence[str], scale: int = 2) -> None:
        """Ask for a file and write the figure in the format of its suffix."""
        path = self._saver.ask_path(tr("Export figure"), stem + suffixes[0], suffixes)
        if path is not None:
            encode = _encoder(figure, path, scale)
            self._saver.write(path, lambda: (encode(),))

    def _keep_image(self) -> None:
        """Copy the image into an object owned by Qt, since an object owned by Python must not outlive Python."""
        clipboard = QGuiApplication.clipboard()
        data = clipboard.mimeData()
        if data is self._copied or (clipboard.ownsClipboard() and data.hasImage()):
            clipboard.setImage(clipboard.image())


def _encoder(figure: Figure, path: Path, scale: int) -> Callable[[], bytes]:
    """Draws the figure; the returned function encodes it in any thread."""
    if path.suffix.lower() in (".svg", ".pdf"):
        data = figure.svg() if path.suffix.lower() == ".svg" else figure.pdf()
        return lambda: data
    image = figure.image(scale)
    return lambda: png(image)
