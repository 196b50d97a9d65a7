"""Figures of plots, redrawn at the size of the figure as pixels or as vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import Self

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPoint, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPageSize, QPainter, QPdfWriter, QTransform
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.landscape.raster import Request
from lrstudio.ui.canvases.landscape.surface_view import SurfaceView, TurnableLandscape
from lrstudio.ui.drawing.guard import PaintedWidget
from lrstudio.ui.drawing.pixels import draw_text_in
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.figures.copies import DPI, Redrawn, in_pixels, redrawing, redrawing_in_pieces, redrawn, uncached
from lrstudio.ui.figures.paper import searchable
from lrstudio.ui.look.theme import Theme

_PAD, _GAP = 8, 4
_TITLE_POINTS = 15
COLUMN = 400
"""Pixels of a row that are painted in one piece."""
_WAIT = 0.004
"""Seconds of a turn that are left to another thread."""


@dataclass(frozen=True)
class Panel:
    """A plot or another widget and its area in the figure, from 0 to 1 along both axes."""

    widget: Plot | PaintedWidget
    share: QRectF


def panels(widgets: Sequence[Plot | PaintedWidget]) -> list[Panel]:
    """Returns panels arranged as in their window; together they fill the figure."""
    whole = _united(widgets)
    width, height = whole.width(), whole.height()
    return [
        Panel(widget, QRectF(area.x() / width, area.y() / height, area.width() / width, area.height() / height))
        for widget, area in ((widget, _area(widget).translated(-whole.topLeft())) for widget in widgets)
    ]


def _area(widget: QWidget) -> QRect:
    """Returns the rectangle of a widget in its window."""
    return QRect(widget.mapTo(widget.window(), QPoint()), widget.size())


def _united(widgets: Sequence[QWidget]) -> QRect:
    whole = QRect()
    for widget in widgets:
        whole = whole.united(_area(widget))
    return whole


@dataclass(frozen=True)
class Figure:
    """Plots in a theme at a size in pixels of 1/96 inch, with an optional title above them.

    A canvas is redrawn at its size in the figure; other widgets are drawn as in their window.
    """

    panels: Sequence[Panel]
    size: QSize
    theme: Theme
    title: str = ""

    @classmethod
    def as_shown(cls, widgets: Sequence[Plot | PaintedWidget], theme: Theme) -> Self:
        """Returns the figure of these widgets at their size in the window."""
        return cls(panels(widgets), _united(widgets).size(), theme)

    def image(self, scale: float = 1.0) -> QImage:
        """Returns the figure as an image of `size` times `scale` pixels."""
        with redrawing() as plots:
            return self._image(scale, plots)

    def svg(self) -> bytes:
        """Returns the figure as SVG with text as text."""
        with redrawing() as plots:
            return self._svg(plots)

    def image_and_svg(self, scale: float = 1.0) -> tuple[QImage, bytes]:
        """Returns the image and the SVG from plots that are redrawn once, which takes most of the time."""
        with redrawing() as plots:
            return self._image(scale, plots), self._svg(plots)

    def _image(self, scale: float, plots: Redrawn) -> QImage:
        image = QImage(self.size * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        painter = QPainter(image)
        self._draw(painter, plots)
        painter.end()
        return image

    def _svg(self, plots: Redrawn) -> bytes:
        buffer = _buffer()
        generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # SVG Tiny has no clip paths
        generator.setOutputDevice(buffer)
        others = [panel.widget for panel in self.panels if not isinstance(panel.widget, PlotCanvas)]
        generator.setResolution(others[0].logicalDpiY() if others else DPI)  # their fonts are in points
        generator.setSize(self.size)
        generator.setViewBox(QRect(QPoint(), self.size))
        generator.setTitle(self.title or "LR Studio")
        painter = QPainter(generator)
        self._draw(painter, plots)
        painter.end()
        return bytes(buffer.data().data())

    def pdf(self) -> bytes:
        """Returns the figure as a PDF with one page of its size."""
        buffer = _buffer()
        writer = QPdfWriter(buffer)
        inches = QSizeF(self.size.width() / DPI, self.size.height() / DPI)
        writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        writer.setTitle(self.title or "LR Studio")
        painter = QPainter(writer)
        self.draw_to(painter, QRect(0, 0, writer.width(), writer.height()))
        painter.end()
        return searchable(bytes(buffer.data().data()))

    def draw_to(self, painter: QPainter, device: QRect) -> None:
        """Draw the figure as large as possible into a rectangle of a device with pixels of another size."""
        painter.setWindow(0, 0, self.size.width(), self.size.height())
        fitting = self.size.scaled(device.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.setViewport(QRect(device.topLeft(), fitting))
        with redrawing() as plots:
            self._draw(painter, plots)

    def frames(self, steps: Sequence[int]) -> Iterator[QImage | None]:
        """Yields an image for each step, with the plots at that step; before it None after each piece of the work.

        Between two of them the window can do other things. All are the same image, which is drawn anew.
        """
        with redrawing() as plots:
            image = QImage(self.size, QImage.Format.Format_RGB32)
            for step in steps:
                with _painting(image) as painter:
                    top = self._draw_ground(painter)
                yield None
                for panel in self.panels:
                    new = panel.widget not in plots
                    for _ in self._prepared(panel, step, top, plots):
                        yield None
                    for part in _parts(self._area(panel, top), computed=not new):
                        picture = QImage(part.size(), QImage.Format.Format_RGB32)
                        with _painting(picture) as painter:
                            painter.setWindow(part)
                            self._draw_panel(painter, panel, top, plots)
                        with _painting(image) as painter:
                            painter.drawImage(part.topLeft(), picture)
                        yield None
                yield image

    def _prepared(self, panel: Panel, step: int, top: float, plots: Redrawn) -> Iterator[None]:
        """Redraws a panel if it has not been yet, and takes it to a step, in pieces."""
        widget = panel.widget
        if not isinstance(widget, PlotCanvas):
            return
        if widget not in plots:
            for copy in redrawing_in_pieces(widget, self._area(panel, top).size(), self.theme):
                plots[widget] = copy
                yield
        copy = plots[widget]
        copy.set_step(step)
        yield
        while copy.unfinished:
            copy.refresh()
            yield
        if isinstance(copy, TurnableLandscape) and (request := copy.surface.needed) is not None:
            yield from _pictured(copy.surface, request)

    def _draw(self, painter: QPainter, plots: Redrawn) -> None:
        top = self._draw_ground(painter)
        for panel in self.panels:
            self._draw_panel(painter, panel, top, plots)

    def _draw_ground(self, painter: QPainter) -> float:
        """Draws the background and the title; returns where the plots begin."""
        painter.fillRect(QRect(0, 0, self.size.width(), self.size.height()), QColor(self.theme.surface))
        return self._draw_title(painter)

    def _draw_panel(self, painter: QPainter, panel: Panel, top: float, plots: Redrawn) -> None:
        widget, rect = panel.widget, self._area(panel, top)
        if not isinstance(widget, PlotCanvas):
            _draw_as_shown(painter, widget, rect, self.theme)
            return
        if widget not in plots:
            plots[widget] = redrawn(widget, rect.size(), self.theme)
        self._draw_plot(painter, plots[widget], rect)

    def _area(self, panel: Panel, top: float) -> QRect:
        """Returns the pixels of a panel below the title."""
        to_figure = QTransform.fromTranslate(0, top).scale(self.size.width(), self.size.height() - top)
        area = to_figure.mapRect(panel.share)
        if not isinstance(panel.widget, PlotCanvas):
            return area.toRect()
        rect = area.toAlignedRect()
        if len(self.panels) > 1:
            rect.adjust(_GAP // 2, _GAP // 2, -_GAP // 2, -_GAP // 2)
        return rect

    def _draw_title(self, painter: QPainter) -> float:
        """Draw the title and return its height."""
        if not self.title:
            return 0.0
        font = in_pixels(QFont(painter.font()), _TITLE_POINTS)
        font.setBold(True)
        area = QRectF(_PAD, _PAD, self.size.width() - 2 * _PAD, self.size.height())
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        height = QFontMetricsF(font).boundingRect(area, flags, self.title).height()
        painter.setFont(font)
        painter.setPen(QColor(self.theme.foreground))
        draw_text_in(painter, area, flags, self.title)
        return height + 2 * _PAD

    def _draw_plot(self, painter: QPainter, copy: PlotCanvas, rect: QRect) -> None:
        painter.save()
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        painter.fillRect(rect, QColor(self.theme.background))
        if isinstance(copy, TurnableLandscape) and not copy.surface.isHidden():
            painter.translate(rect.topLeft())
            copy.surface.draw(painter)
        else:
            copy.render(painter, QRectF(rect), copy.viewport().rect())
        painter.restore()


def _parts(whole: QRect, *, computed: bool) -> Iterator[QRect]:
    """Yields the columns of an area; first one pixel, for which a plot computes what it draws."""
    if not computed:
        yield QRect(whole.topLeft(), QSize(1, 1))
    for x in range(whole.left(), whole.right() + 1, COLUMN):
        yield whole & QRect(x, whole.top(), COLUMN, whole.height())


def _pictured(surface: SurfaceView, request: Request) -> Iterator[None]:
    """Lets another thread draw the picture of a surface in space, which takes many turns of the window."""
    stopped = Event()
    with ThreadPoolExecutor(1) as pool:
        picture = pool.submit(request.picture, stopped.is_set)
        try:
            while not wait([picture], _WAIT).done:
                yield
        finally:
            stopped.set()
        surface.picture = request, picture.result()


def _draw_as_shown(painter: QPainter, widget: Plot | PaintedWidget, area: QRect, theme: Theme) -> None:
    painter.save()
    painter.setClipRect(area)
    painter.fillRect(area, QColor(theme.background))
    if isinstance(widget, Plot):
        with uncached(widget):
            widget.render(painter, QRectF(area), widget.viewport().rect())
    else:
        painter.translate(area.topLeft())
        widget.draw(painter)
    painter.restore()


@contextmanager
def _painting(image: QImage) -> Iterator[QPainter]:
    painter = QPainter(image)
    try:
        yield painter
    finally:
        painter.end()


def png(image: QImage) -> bytes:
    """Encodes an image as PNG; may be called in any thread."""
    buffer = _buffer()
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise OSError(tr("the picture could not be made"))
    return bytes(buffer.data().data())


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    return buffer
