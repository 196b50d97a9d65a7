"""Export, copy and print figures."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDialog, QWidget

from lrstudio.ui.figures.dialog import FigureDialog, FigureOptions
from lrstudio.ui.figures.figure import Figure, panels
from lrstudio.ui.figures.output import FigureOutput
from lrstudio.ui.files.actions import FileActions
from lrstudio.ui.look.theme import named_theme
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.frame import ViewFrame
from lrstudio.ui.views.views import Views

_PAPER_WIDTH = 1400
"""Pixels of a figure over the width of a page."""
_SUFFIXES = (".png", ".svg", ".pdf")


class FigureActions(QObject):
    """What the menus do with figures; options are kept from one figure to the next."""

    def __init__(self, window: QWidget, session: OpenSession, views: Views, files: FileActions) -> None:
        super().__init__(window)
        self._window, self._session, self._views, self._files = window, session, views, files
        self.options = FigureOptions()
        self.output = FigureOutput(files.saver)

    def export(self) -> None:
        """Ask what to export and how."""
        names = [frame.title for frame in self._shown()]
        dialog = FigureDialog(names, self.figure, self.options, self._views.area.size(), self._window)
        dialog.exported.connect(lambda figure, scale: self.output.save(figure, self._stem(), _SUFFIXES, scale))
        dialog.copied.connect(self.output.copy)
        dialog.open()

    def export_current(self) -> None:
        """The same, for the plot that was used last."""
        keys, current = [frame.view.key for frame in self._shown()], self._views.area.current
        self.options.plot = keys.index(current) if current in keys else None
        self.export()

    def copy(self) -> None:
        """Put the whole canvas on the clipboard as it stands."""
        self.output.copy(self.figure(FigureOptions(size=self._views.size(), theme=self._views.theme.name)))

    def copy_current(self) -> None:
        """Put the plot that was used last on the clipboard as it stands."""
        self.output.copy(Figure.as_shown([self._views.current], self._views.theme))

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

    def _stem(self) -> str:
        """The problem and, of one plot, what it shows."""
        plots, plot = self._shown(), self.options.plot
        names = [self._session.experiment.problem.key]
        if plot is not None and plot < len(plots):
            names.append(plots[plot].view.key)
        return "-".join(names)
