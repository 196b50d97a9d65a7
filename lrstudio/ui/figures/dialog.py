"""The dialog for the content, the size and the theme of a figure, with a preview."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.ui.fields.rows import WholeSpin, add_row
from lrstudio.ui.figures.figure import Figure
from lrstudio.ui.look.help import set_help
from lrstudio.ui.look.plain import Label

_REST_MS = 150
_PREVIEW = QSize(480, 320)
_LEAST, _MOST = 200, 8000


@dataclass
class FigureOptions:
    """The last choices; `plot` is the index of a plot or None for the whole canvas."""

    plot: int | None = None
    size: QSize = QSize(1280, 800)
    scale: int = 1
    theme: str = "light"


class FigureDialog(QDialog):
    """Emits a figure and its scale and stays open; `window` is the size of the canvas in the window."""

    exported = Signal(object, int)
    copied = Signal(object, int)

    def __init__(
        self,
        plots: Sequence[str],
        figure: Callable[[FigureOptions], Figure],
        options: FigureOptions,
        window: QSize,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_help(self, "tool/figure")
        self.setWindowTitle(tr("Export figure"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._figure, self._options = figure, options
        self.plot, self.preset, self.scale, self.theme = (QComboBox() for _ in range(4))
        self.width_px, self.height_px = WholeSpin(), WholeSpin()
        self.preview = Label()
        self.preview.setFixedSize(_PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setAccessibleName(tr("Preview of the figure"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.export = self.buttons.addButton(tr("&Export…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy = self.buttons.addButton(tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REST_MS)
        self._later.timeout.connect(self._show_preview)
        self._fill(plots, window)
        self._arrange()
        self._connect()
        self._later.start()

    def figure(self) -> Figure:
        """Returns the figure with the current choices."""
        return self._figure(self._options)

    def _fill(self, plots: Sequence[str], window: QSize) -> None:
        options = self._options
        self.plot.addItems([tr("Whole canvas"), *plots])
        self.plot.setCurrentIndex(0 if options.plot is None or options.plot >= len(plots) else options.plot + 1)
        presets = {
            tr("Screen"): QSize(1280, 800),
            tr("Slide"): QSize(1920, 1080),
            tr("Paper"): QSize(1600, 1200),
            tr("Column"): QSize(800, 600),
            tr("As in the window"): window.boundedTo(QSize(_MOST, _MOST)).expandedTo(QSize(_LEAST, _LEAST)),
        }
        for name, size in presets.items():
            self.preset.addItem(f"{name}, {size.width()} x {size.height()}", size)
        self.preset.addItem(tr("As typed below"), None)
        for spin, value in ((self.width_px, options.size.width()), (self.height_px, options.size.height())):
            spin.setRange(_LEAST, _MOST)
            spin.setSuffix(f" {tr('px')}")
            spin.setKeyboardTracking(False)
            spin.setValue(value)
        self._show_preset()
        for scale in (1, 2, 3):
            self.scale.addItem(f"{scale} x", scale)
        self.scale.setCurrentIndex(self.scale.findData(options.scale))
        for name, key in ((tr("Light"), "light"), (tr("Dark"), "dark"), (tr("Print, white"), "print")):
            self.theme.addItem(name, key)
        self.theme.setCurrentIndex(self.theme.findData(options.theme))

    def _arrange(self) -> None:
        form = QFormLayout()
        for name, widget, tip in (
            (tr("&show"), self.plot, tr("All plots as they stand, or one of them")),
            (tr("si&ze"), self.preset, tr("The figure is drawn anew at this size")),
            (tr("&width"), self.width_px, tr("Width of the figure in pixels")),
            (tr("&height"), self.height_px, tr("Height of the figure in pixels")),
            (tr("sha&rpness"), self.scale, tr("PNG: pixels of the picture for each pixel of the size")),
            (tr("&theme"), self.theme, tr("Light or dark as in the window; white with black letters for print")),
        ):
            add_row(form, name, widget, tip)
        row = QHBoxLayout()
        row.addLayout(form)
        row.addWidget(self.preview)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.preset.activated.connect(self._choose_preset)
        for spin in (self.width_px, self.height_px):
            spin.valueChanged.connect(self._show_preset)
            spin.valueChanged.connect(self._changed)
        for combo in (self.plot, self.scale, self.theme):
            combo.currentIndexChanged.connect(self._changed)
        self.export.clicked.connect(lambda: self.exported.emit(self.figure(), self._options.scale))
        self.copy.clicked.connect(lambda: self.copied.emit(self.figure(), self._options.scale))
        self.export.setToolTip(tr("Write a PNG, SVG or PDF file"))
        self.copy.setToolTip(tr("Put the figure on the clipboard"))
        self.buttons.rejected.connect(self.reject)

    def _choose_preset(self) -> None:
        size = self.preset.currentData()
        if size is not None:
            self.width_px.setValue(size.width())
            self.height_px.setValue(size.height())

    def _show_preset(self) -> None:
        size = QSize(self.width_px.value(), self.height_px.value())
        self.preset.setCurrentIndex(
            next(index for index in range(self.preset.count()) if self.preset.itemData(index) in (size, None))
        )

    def _changed(self) -> None:
        options, plot = self._options, self.plot.currentIndex() - 1
        options.plot = None if plot < 0 else plot
        options.size = QSize(self.width_px.value(), self.height_px.value())
        options.scale, options.theme = self.scale.currentData(), self.theme.currentData()
        self._later.start()

    def _show_preview(self) -> None:
        figure = self.figure()
        fitted = figure.size.scaled(_PREVIEW, Qt.AspectRatioMode.KeepAspectRatio)
        image = QImage(fitted, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        figure.draw_to(painter, image.rect())
        painter.end()
        self.preview.setPixmap(QPixmap.fromImage(image))
