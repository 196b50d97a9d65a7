"""The dialog for a moving picture of the run: plot, size, seconds and theme; it draws a frame at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QProgressBar, QVBoxLayout, QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.store.documents.movie import frame_steps, longest, movie
from lrstudio.ui.fields.rows import WholeSpin, add_row
from lrstudio.ui.figures.dialog import FigureOptions
from lrstudio.ui.figures.figure import Figure
from lrstudio.ui.look.help import set_help
from lrstudio.ui.session.jobs import Parts

_LEAST, _MOST = 200, 1920
_LONGEST = 60


@dataclass
class MovieOptions:
    """The last choices; `plot` is the index of a plot or None for the whole canvas."""

    plot: int | None = None
    size: QSize = QSize(800, 450)
    seconds: int = 10
    theme: str = "light"

    @property
    def figure(self) -> FigureOptions:
        return FigureOptions(self.plot, self.size, 1, self.theme)


class MovieDialog(QDialog):
    """Asks for a file, draws the frames between other events of the window, and hands the file's parts to `write`.

    `last` is the last step of the trace. Cancel, or closing the dialog, ends the drawing.
    """

    def __init__(
        self,
        plots: Sequence[str],
        figure: Callable[[FigureOptions], Figure],
        options: MovieOptions,
        last: int,
        ask_path: Callable[[], Path | None],
        write: Callable[[Path, Parts], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_help(self, "tool/figure")
        self.setWindowTitle(tr("Export moving picture"))
        self._figure, self._options, self._last = figure, options, last
        self._ask_path, self._write = ask_path, write
        self._frames: Iterator[QImage | None] | None = None
        self._path, self._pictures = Path(), list[Array]()
        self.plot, self.theme = QComboBox(), QComboBox()
        self.width_px, self.height_px, self.seconds = WholeSpin(), WholeSpin(), WholeSpin()
        self.progress = QProgressBar()
        self.progress.setAccessibleName(tr("Frames drawn"))
        self.progress.setValue(0)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export = self.buttons.addButton(tr("&Export…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.export.setToolTip(tr("Write a GIF, an animated PNG or WebP file that plays for ever"))
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._draw_some)
        self._fill(plots)
        self.export.clicked.connect(self._begin)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self._end)

    def _fill(self, plots: Sequence[str]) -> None:
        options = self._options
        self.plot.addItems([tr("Whole canvas"), *plots])
        self.plot.setCurrentIndex(0 if options.plot is None or options.plot >= len(plots) else options.plot + 1)
        for name, key in ((tr("Light"), "light"), (tr("Dark"), "dark")):
            self.theme.addItem(name, key)
        self.theme.setCurrentIndex(self.theme.findData(options.theme))
        for spin, value, least, most, unit in (
            (self.width_px, options.size.width(), _LEAST, _MOST, tr("px")),
            (self.height_px, options.size.height(), _LEAST, _MOST, tr("px")),
            (self.seconds, options.seconds, 2, _LONGEST, tr("s")),
        ):
            spin.setRange(least, most)
            spin.setSuffix(f" {unit}")
            spin.setValue(value)
        for spin in (self.width_px, self.height_px):
            spin.valueChanged.connect(self._limit_seconds)
        self._limit_seconds()
        form = QFormLayout()
        for name, widget, tip in (
            (tr("&show"), self.plot, tr("All plots as they stand, or one of them")),
            (tr("&width"), self.width_px, tr("Width of the figure in pixels")),
            (tr("&height"), self.height_px, tr("Height of the figure in pixels")),
            (tr("se&conds"), self.seconds, tr("From the first step to the last; a large picture is shorter")),
            (tr("&theme"), self.theme, tr("Light, or dark for a dark slide")),
        ):
            add_row(form, name, widget, tip)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.progress)
        layout.addWidget(self.buttons)

    def _limit_seconds(self) -> None:
        self.seconds.setMaximum(min(_LONGEST, longest(self.width_px.value(), self.height_px.value())))

    def _begin(self) -> None:
        options, plot = self._options, self.plot.currentIndex() - 1
        options.plot = None if plot < 0 else plot
        options.size = QSize(self.width_px.value(), self.height_px.value())
        options.seconds, options.theme = self.seconds.value(), self.theme.currentData()
        path = self._ask_path()
        if path is None:
            return
        self._path = path
        steps = frame_steps(options.seconds, self._last)
        self._pictures = []
        self._frames = self._figure(options.figure).frames(steps)
        self.progress.setRange(0, len(steps))
        for widget in (self.export, self.plot, self.width_px, self.height_px, self.seconds, self.theme):
            widget.setEnabled(False)
        self._turn.start()

    def _draw_some(self) -> None:
        """Draws one plot of a frame; after the last frame writes the file."""
        assert self._frames is not None
        try:
            image = next(self._frames)
        except StopIteration:
            pictures, suffix = self._pictures, self._path.suffix.lower()
            self._write(self._path, lambda: (partial(movie, pictures, suffix),))
            self.accept()
            return
        if image is not None:
            self._pictures.append(rgb(image))
            self.progress.setValue(len(self._pictures))

    def _end(self) -> None:
        self._turn.stop()
        self._frames, self._pictures = None, []
        self.deleteLater()


def rgb(image: QImage) -> Array:
    """Returns the pixels of an image as RGB bytes (height, width, 3)."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
