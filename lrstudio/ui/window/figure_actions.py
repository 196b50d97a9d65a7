"""Export, copy and print figures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QObject, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDialog, QWidget

from lrstudio.core.language import tr
from lrstudio.store.documents.movie import SUFFIXES
from lrstudio.ui.figures.dialog import FigureDialog, FigureOptions
from lrstudio.ui.figures.figure import Figure, panels
from lrstudio.ui.figures.movie_dialog import MovieDialog, MovieOptions
from lrstudio.ui.figures.output import FigureOutput
from lrstudio.ui.files.actions import FileActions
from lrstudio.ui.look.theme import named_theme
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.frame import ViewFrame
from lrstudio.ui.views.views import Views

_PAPER_WIDTH = 1400
"""Width in pixels of a printed figure."""
_SUFFIXES = (".png", ".svg", ".pdf")


class FigureActions(QObject):
    """Exports, copies and prints figures; remembers the options."""

    def __init__(self, window: QWidget, session: OpenSession, views: Views, files: FileActions) -> None:
        super().__init__(window)
        self._window, self._session, self._views, self._files = window, session, views, files
        self.options, self.movie_options = FigureOptions(), MovieOptions()
        self.output = FigureOutput(files.saver)

    def export(self) -> None:
        """Opens the export dialog."""
        if not self._any_shown():
            return
        names = [frame.title for frame in self._shown()]
        dialog = FigureDialog(names, self.figure, self.options, self._views.area.size(), self._window)
        dialog.exported.connect(lambda figure, scale: self.output.save(figure, self._stem(), _SUFFIXES, scale))
        dialog.copied.connect(self.output.copy)
        dialog.open()

    def export_current(self) -> None:
        """Opens the export dialog with the current plot selected."""
        keys, current = [frame.view.key for frame in self._shown()], self._views.area.current
        self.options.plot = keys.index(current) if current in keys else None
        self.export()

    def export_report(self) -> None:
        """Asks for a file and writes a report of the runs, which the worker thread makes."""
        path = self._files.saver.ask_path(tr("Export report"), f"{self._files.stem}-report.html", (".html", ".pdf"))
        if path is None or not self._has_own_trace():
            return
        experiment, trace = self._session.experiment, self._session.trace
        assert trace is not None

        def parts() -> Iterator[bytes | float]:
            from lrstudio.store.documents.report import report_steps  # charts and contours, no part of the start
            from lrstudio.ui.figures.paper import ONE_SHEET, pdf

            html = yield from report_steps(experiment, trace)
            yield pdf(html, ONE_SHEET) if path.suffix.lower() == ".pdf" else html.encode()

        self._files.saver.write(path, parts)

    def export_movie(self) -> None:
        """Opens the dialog for a moving picture of the run."""
        trace = self._session.trace
        if not self._any_shown() or not self._has_own_trace() or trace is None:
            return
        saver, name = self._files.saver, f"{self._files.stem}.gif"
        ask = partial(saver.ask_path, tr("Export moving picture"), name, SUFFIXES)
        names, last = [frame.title for frame in self._shown()], trace.length - 1
        MovieDialog(names, self.figure, self.movie_options, last, ask, saver.write, self._window).open()

    def copy(self) -> None:
        """Copies all plots as shown to the clipboard."""
        if not self._any_shown():
            return
        self.output.copy(self.figure(FigureOptions(size=self._views.size(), theme=self._views.theme.name)))

    def copy_current(self) -> None:
        """Copies the current plot as shown to the clipboard."""
        if self._any_shown():
            current = self._views.current
            shown = [current] if current.isVisible() else [self._shown()[0].canvas]
            self.output.copy(Figure.as_shown(shown, self._views.theme))

    def print(self) -> None:
        """Opens the print dialog and prints all plots on a page."""
        if not self._any_shown():
            return
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # 10 ms that most sessions do not need

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self._files.name)
        if QPrintDialog(printer, self._window).exec() == QDialog.DialogCode.Accepted:
            page = printer.pageRect(QPrinter.Unit.DevicePixel).toRect()
            self.draw_page(QPainter(printer), page.size())

    def draw_page(self, painter: QPainter, page: QSize) -> None:
        """Draws all plots on a page of a printer."""
        if not painter.isActive():
            self._session.failed.emit(tr("Could not print"), tr("the printer does not answer"))
            return
        height = max(400, round(min(_PAPER_WIDTH * page.height() / page.width(), 0.75 * _PAPER_WIDTH)))
        figure = self.figure(FigureOptions(size=QSize(_PAPER_WIDTH, height), theme="print"))
        figure.draw_to(painter, QRect(0, 0, page.width(), page.height()))
        painter.end()
        self._session.message.emit(tr("Printed"))

    def figure(self, options: FigureOptions) -> Figure:
        """Returns the figure of these options."""
        shown = [frame.canvas for frame in self._shown()]
        chosen = [] if options.plot is None else shown[options.plot : options.plot + 1]
        title = "" if chosen else self._views.question.question_label.text()
        return Figure(panels(chosen or shown), options.size, named_theme(options.theme), title)

    def _shown(self) -> list[ViewFrame]:
        return [frame for frame in self._views.area.frames.values() if frame.isVisible()]

    def _has_own_trace(self) -> bool:
        """Returns whether the trace is that of the experiment shown; otherwise says that it is on its way."""
        own = self._session.simulation is not None
        if not own:
            self._session.message.emit(tr("The experiment is not ready yet; please try again"))
        return own

    def _any_shown(self) -> bool:
        """Returns whether there is a plot; otherwise says that there is none."""
        shown = bool(self._shown())
        if not shown:
            self._session.message.emit(tr("There is no picture: all views are hidden"))
        return shown

    def _stem(self) -> str:
        """Returns a file name stem: the problem and, for one plot, the key of its view."""
        keys = [frame.view.key for frame in self._shown()]
        plot = self.options.plot
        return "-".join([self._session.experiment.problem.key, *([] if plot is None else keys[plot : plot + 1])])
