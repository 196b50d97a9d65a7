"""Export, copy and print figures."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QRect, QSize
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QDialog, QWidget

from lrstudio.ui.figures.dialog import FigureDialog, FigureOptions
from lrstudio.ui.figures.figure import Figure, panels, png
from lrstudio.ui.files.actions import FileActions
from lrstudio.ui.look.color_scheme import named_theme
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.frame import ViewFrame
from lrstudio.ui.views.views import Views

_PAPER_WIDTH = 1400
"""Pixels of a figure over the width of a page."""
_MOST_COPIED = 10_000_000
"""Pixels that are drawn while the window waits; a file may have more."""


class FigureActions(QObject):
    """What the menus do with figures; options are kept from one figure to the next."""

    def __init__(self, window: QWidget, session: OpenSession, views: Views, files: FileActions) -> None:
        super().__init__(window)
        self._window, self._session, self._views, self._files = window, session, views, files
        self.options = FigureOptions()
        self._copied: QMimeData | None = None
        application = QGuiApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self._leave_picture)

    def export(self) -> None:
        """Ask what to export and how."""
        names = [frame.view.title for frame in self._shown()]
        dialog = FigureDialog(names, self.figure, self.options, self._views.area.size(), self._window)
        dialog.exported.connect(self.write)
        dialog.copied.connect(self.copy_figure)
        dialog.open()

    def export_current(self) -> None:
        """The same, for the plot that was used last."""
        keys, current = [frame.view.key for frame in self._shown()], self._views.area.current
        self.options.plot = keys.index(current) if current in keys else None
        self.export()

    def copy(self) -> None:
        """Put the whole canvas on the clipboard as it stands."""
        self.copy_figure(self.figure(FigureOptions(size=self._views.size(), theme=self._views.theme.name)))

    def copy_current(self) -> None:
        """Put the plot that was used last on the clipboard as it stands."""
        canvas = self._views.current
        self.copy_figure(Figure(panels([canvas]), canvas.size(), self._views.theme))

    def copy_figure(self, figure: Figure, scale: int = 2) -> None:
        """Put a figure on the clipboard, as pixels and as SVG; of pixels not more than can be made at once."""
        pixels = figure.size.width() * figure.size.height()
        sharpness = min(float(scale), math.sqrt(_MOST_COPIED / pixels))
        image, svg = figure.image_and_svg(sharpness)
        data = self._copied = QMimeData()
        data.setImageData(image)
        data.setData("image/svg+xml", svg)
        QGuiApplication.clipboard().setMimeData(data)
        told = self.tr("The figure is on the clipboard")
        if sharpness < scale:
            told = self.tr("The figure is on the clipboard with {0} x {1} pixels; more can be exported").format(
                image.width(), image.height()
            )
        self._session.message.emit(told)

    def _leave_picture(self) -> None:
        """Leave the picture in an object of Qt's own: one that Python made must not outlive it."""
        clipboard = QGuiApplication.clipboard()
        data = clipboard.mimeData()
        if data is self._copied or (clipboard.ownsClipboard() and data.hasImage()):
            clipboard.setImage(clipboard.image())

    def write(self, figure: Figure, scale: int) -> None:
        """Ask for a file and write the figure to it; its suffix says what it becomes."""
        kinds = self.tr("PNG (*.png);;SVG (*.svg);;PDF (*.pdf)")
        path = self._files.ask_where(self.tr("Export figure"), self._suffixed(".png"), kinds, (".png", ".svg", ".pdf"))
        if path is not None:
            self._session.write_file(path, _encoder(figure, path, scale))

    def print(self) -> None:
        """Ask for a printer and print the whole canvas, as large as the page."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # costs 10 ms, and most never print

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self._files.name)
        if QPrintDialog(printer, self._window).exec() == QDialog.DialogCode.Accepted:
            page = printer.pageRect(QPrinter.Unit.DevicePixel).toRect()
            self.draw_page(QPainter(printer), page.size())

    def draw_page(self, painter: QPainter, page: QSize) -> None:
        """Draw the whole canvas over a page of a printer."""
        if not painter.isActive():
            self._session.failed.emit(self.tr("Could not print"), self.tr("the printer does not answer"))
            return
        height = max(400, round(min(_PAPER_WIDTH * page.height() / page.width(), 0.75 * _PAPER_WIDTH)))
        figure = self.figure(FigureOptions(size=QSize(_PAPER_WIDTH, height)))
        figure.draw_to(painter, QRect(0, 0, page.width(), page.height()))
        painter.end()
        self._session.message.emit(self.tr("Printed"))

    def figure(self, options: FigureOptions) -> Figure:
        """What these options say."""
        shown = [frame.canvas for frame in self._shown()]
        whole = options.plot is None or options.plot >= len(shown)
        chosen = shown if whole or options.plot is None else [shown[options.plot]]
        title = self._views.question.text() if whole else ""
        return Figure(panels(chosen), options.size, named_theme(options.theme), title)

    def _shown(self) -> list[ViewFrame]:
        return [frame for frame in self._views.area.frames.values() if frame.isVisible()]

    def _suffixed(self, suffix: str) -> str:
        """The problem and, of one plot, what it shows."""
        plots, plot = self._shown(), self.options.plot
        names = [self._session.experiment.problem.key]
        if plot is not None and plot < len(plots):
            names.append(plots[plot].view.key)
        return "-".join(names) + suffix


def _encoder(figure: Figure, path: Path, scale: int) -> Callable[[], bytes]:
    """Draws the figure now and gives its bytes when called, in any thread."""
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
