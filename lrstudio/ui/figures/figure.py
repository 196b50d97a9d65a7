"""Plots as figures: drawn anew at the size they will have, as pixels or as vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPoint, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsItem, QWidget

from lrstudio.ui.canvases.canvas import OneRunCanvas, PlotCanvas
from lrstudio.ui.canvases.curvature import CurvatureCanvas
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.surface_view import SurfaceView
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.drawing.guard import PaintedWidget
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.look.theme import Theme

_DPI = 96
_PAD, _GAP = 8, 4
_TITLE_POINTS = 15


@dataclass(frozen=True)
class Panel:
    """A plot, or what stands beside one, and the share of the figure that it takes, from 0 to 1 in both directions."""

    widget: Plot | PaintedWidget
    share: QRectF


def panels(widgets: Sequence[Plot | PaintedWidget]) -> list[Panel]:
    """The plots as they stand to one another in their window; one alone takes everything."""
    whole = _united(widgets)
    return [
        Panel(
            widget,
            QRectF(
                (area.x() - whole.x()) / whole.width(),
                (area.y() - whole.y()) / whole.height(),
                area.width() / whole.width(),
                area.height() / whole.height(),
            ),
        )
        for widget, area in ((widget, _area(widget)) for widget in widgets)
    ]


def _area(widget: QWidget) -> QRect:
    """The rectangle that a widget takes in its window."""
    return QRect(widget.mapTo(widget.window(), QPoint()), widget.size())


def _united(widgets: Sequence[QWidget]) -> QRect:
    whole = QRect()
    for widget in widgets:
        whole = whole.united(_area(widget))
    return whole


@dataclass(frozen=True)
class Figure:
    """Plots in a theme at a size in pixels of 1/96 inch, with a title above them where there is one.

    A canvas is drawn anew at the size it has in the figure; what else there is is drawn as it stands in its window.
    """

    panels: Sequence[Panel]
    size: QSize
    theme: Theme
    title: str = ""

    @classmethod
    def as_shown(cls, widgets: Sequence[Plot | PaintedWidget], theme: Theme) -> Self:
        """The figure of these widgets, as large as they are in their window."""
        return cls(panels(widgets), _united(widgets).size(), theme)

    def image(self, scale: float = 1.0) -> QImage:
        """The figure in pixels; `scale` is how many of them a pixel of the size has along each side."""
        with _redrawing() as plots:
            return self._image(scale, plots)

    def svg(self) -> bytes:
        """The figure as SVG; text stays text."""
        with _redrawing() as plots:
            return self._svg(plots)

    def image_and_svg(self, scale: float = 1.0) -> tuple[QImage, bytes]:
        """Both, for little more than the price of one: making the plots anew costs the most."""
        with _redrawing() as plots:
            return self._image(scale, plots), self._svg(plots)

    def _image(self, scale: float, plots: Redrawn) -> QImage:
        image = QImage(self.size * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        painter = QPainter(image)
        self._draw(painter, plots)
        painter.end()
        return image

    def _svg(self, plots: Redrawn) -> bytes:
        """The figure as SVG 1.1, since "Tiny" has no clip paths."""
        buffer = _buffer()
        generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
        generator.setOutputDevice(buffer)
        shown = [panel.widget for panel in self.panels if not isinstance(panel.widget, PlotCanvas)]
        generator.setResolution(shown[0].logicalDpiY() if shown else _DPI)  # theirs are fonts in points
        generator.setSize(self.size)
        generator.setViewBox(QRect(QPoint(), self.size))
        generator.setTitle(self.title or "LR Studio")
        painter = QPainter(generator)
        self._draw(painter, plots)
        painter.end()
        return bytes(buffer.data().data())

    def pdf(self) -> bytes:
        """The figure as a PDF of one page of its size."""
        buffer = _buffer()
        writer = QPdfWriter(buffer)
        inches = QSizeF(self.size.width() / _DPI, self.size.height() / _DPI)
        writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        writer.setTitle(self.title or "LR Studio")
        painter = QPainter(writer)
        self.draw_to(painter, QRect(0, 0, writer.width(), writer.height()))
        painter.end()
        return bytes(buffer.data().data())

    def draw_to(self, painter: QPainter, device: QRect) -> None:
        """Draw the figure into a rectangle of a device with other pixels, as large as it fits."""
        painter.setWindow(0, 0, self.size.width(), self.size.height())
        fitting = self.size.scaled(device.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.setViewport(QRect(device.topLeft(), fitting))
        self.draw(painter)

    def draw(self, painter: QPainter) -> None:
        """Draw the figure; a pixel of its size is a unit of the painter."""
        with _redrawing() as plots:
            self._draw(painter, plots)

    def _draw(self, painter: QPainter, plots: Redrawn) -> None:
        painter.fillRect(QRect(0, 0, self.size.width(), self.size.height()), QColor(self.theme.surface))
        top = self._draw_title(painter)
        room = QRectF(0, top, self.size.width(), self.size.height() - top)
        for panel in self.panels:
            share, widget = panel.share, panel.widget
            area = QRectF(
                room.x() + share.x() * room.width(),
                room.y() + share.y() * room.height(),
                share.width() * room.width(),
                share.height() * room.height(),
            )
            if not isinstance(widget, PlotCanvas):
                _draw_as_shown(painter, widget, area.toRect(), self.theme)
                continue
            place = area.toAlignedRect()
            if len(self.panels) > 1:
                place.adjust(_GAP // 2, _GAP // 2, -_GAP // 2, -_GAP // 2)
            if widget not in plots:
                plots[widget] = redrawn(widget, place.size(), self.theme)
            self._draw_panel(painter, widget, plots[widget], place)

    def _draw_title(self, painter: QPainter) -> float:
        """Write the title; returns the height that it takes."""
        if not self.title:
            return 0.0
        font = in_pixels(QFont(painter.font()), _TITLE_POINTS)
        font.setBold(True)
        room = QRectF(_PAD, _PAD, self.size.width() - 2 * _PAD, self.size.height())
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        height = QFontMetricsF(font).boundingRect(room, flags, self.title).height()
        painter.setFont(font)
        painter.setPen(QColor(self.theme.foreground))
        painter.drawText(room, flags, self.title)
        return height + 2 * _PAD

    def _draw_panel(self, painter: QPainter, canvas: PlotCanvas, fresh: PlotCanvas, place: QRect) -> None:
        painter.save()
        painter.setClipRect(place)
        painter.fillRect(place, QColor(self.theme.background))
        if (surface := canvas.findChild(SurfaceView)) is not None and surface.isVisible():
            painter.translate(place.topLeft())
            surface.copy_onto(fresh).draw(painter)
        else:
            fresh.render(painter, QRectF(place), fresh.viewport().rect())
        painter.restore()


def _draw_as_shown(painter: QPainter, widget: Plot | PaintedWidget, area: QRect, theme: Theme) -> None:
    painter.save()
    painter.setClipRect(area)
    painter.fillRect(area, QColor(theme.background))
    if isinstance(widget, Plot):
        with _uncached(widget):
            widget.render(painter, QRectF(area), widget.viewport().rect())
    else:
        painter.translate(area.topLeft())
        widget.draw(painter)
    painter.restore()


@contextmanager
def _uncached(plot: Plot) -> Iterator[None]:
    """Has a plot drawn as vectors: the cache of an item is a picture."""
    modes = {item: item.cacheMode() for item in plot.scene().items()}
    for item in modes:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    try:
        yield
    finally:
        for item, mode in modes.items():
            item.setCacheMode(mode)


Redrawn = dict[PlotCanvas, PlotCanvas]
"""The plots of a window and what stands for them in a figure."""


@contextmanager
def _redrawing() -> Iterator[Redrawn]:
    """Plots that are made for a figure, and go when it is drawn."""
    plots: Redrawn = {}
    try:
        yield plots
    finally:
        for fresh in plots.values():
            fresh.deleteLater()


def redrawn(canvas: PlotCanvas, size: QSize, theme: Theme) -> PlotCanvas:
    """A canvas of this size that shows what another shows: the same rows, runs, scales and part of the plot."""
    fresh = type(canvas)(theme)
    fresh.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    shown: QFont = canvas.header.font()
    fresh.setFont(in_pixels(shown, shown.pointSizeF()))
    fresh.resize(size)
    if canvas.experiment is not None and canvas.trace is not None:
        fresh.set_experiment(canvas.experiment, canvas.trace)
        _adopt(fresh, canvas)
        fresh.set_step(canvas.step)
        fresh.set_hidden(canvas.hidden)
    fresh.show()
    fresh.follow()
    if not canvas.following:
        x_range, y_range = canvas.plotItem.vb.viewRange()
        fresh.plotItem.vb.setRange(xRange=x_range, yRange=y_range, padding=0)
    for item in fresh.scene().items():
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)  # a picture of a picture would be no vector
    fresh.plotItem.layout.activate()
    fresh.scene().prepareForPaint()
    return fresh


def in_pixels(font: QFont, points: float) -> QFont:
    """The font, so many points high in a figure's pixels of 1/96 inch: a device's own resolution would scale points."""
    font = QFont(font)
    font.setPixelSize(round(points * _DPI / 72))
    return font


def _adopt(fresh: PlotCanvas, other: PlotCanvas) -> None:
    """Take over what a kind of canvas has beside the trace."""
    if isinstance(fresh, StepCanvas) and isinstance(other, StepCanvas):
        fresh.set_log_steps(other.scale.log)
    match fresh, other:
        case LossCanvas(), LossCanvas():
            fresh.set_log(other.log)
            fresh.set_smoothing(other.beta)
        case OneRunCanvas(), OneRunCanvas():
            fresh.select(other.selected)
        case CurvatureCanvas(), CurvatureCanvas():
            fresh.show_samples(other.samples)
        case RateCanvas(), RateCanvas():
            fresh.set_preview(*(other.preview or (None,)))
        case LandscapeCanvas(), LandscapeCanvas():
            fresh.set_home(other.home)
            fresh.lay(other.drawn)
    while fresh.unfinished:
        fresh.refresh()


def png(image: QImage) -> bytes:
    """An image as PNG; may be called in any thread."""
    buffer = _buffer()
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise OSError("the picture could not be made")
    return bytes(buffer.data().data())


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    return buffer
