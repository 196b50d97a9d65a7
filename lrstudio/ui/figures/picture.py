"""The plots of an instrument as a picture: as they stand in their window, in pixels or as vectors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMimeData, QPoint, QRect, QRectF
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QWidget

from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.figures import figure
from lrstudio.ui.look.theme import Theme


def image(area: QWidget, theme: Theme, scale: float = 2.0) -> QImage:
    """The plots in `area` in pixels; `scale` is how many there are for each of the screen along each side."""
    whole = _whole(area)
    made = QImage(whole.size() * scale, QImage.Format.Format_RGB32)
    made.setDevicePixelRatio(scale)
    painter = QPainter(made)
    _draw(painter, area, theme, whole)
    painter.end()
    return made


def svg(area: QWidget, theme: Theme) -> bytes:
    """The plots in `area` as SVG; text stays text."""
    whole = _whole(area)
    return figure.svg(whole.size(), lambda painter: _draw(painter, area, theme, whole), dpi=area.logicalDpiY())


def copy(area: QWidget, theme: Theme) -> None:
    """Put the plots on the clipboard."""
    data = QMimeData()
    data.setImageData(image(area, theme))
    data.setData("image/svg+xml", svg(area, theme))
    QGuiApplication.clipboard().setMimeData(data)


def _plots(area: QWidget) -> list[Plot]:
    return [plot for plot in area.findChildren(Plot) if plot.isVisible()]


def _place(plot: Plot, area: QWidget) -> QRect:
    return QRect(plot.mapTo(area, QPoint()), plot.size())


def _whole(area: QWidget) -> QRect:
    whole = QRect()
    for plot in _plots(area):
        whole = whole.united(_place(plot, area))
    return whole


def _draw(painter: QPainter, area: QWidget, theme: Theme, whole: QRect) -> None:
    painter.fillRect(QRect(QPoint(), whole.size()), QColor(theme.surface))
    for plot in _plots(area):
        place = _place(plot, area).translated(-whole.topLeft())
        painter.save()
        painter.setClipRect(place)
        painter.fillRect(place, QColor(theme.background))
        with _uncached(plot):
            plot.render(painter, QRectF(place), plot.viewport().rect())
        painter.restore()


@contextmanager
def _uncached(plot: Plot) -> Iterator[None]:
    """A picture of a picture would be no vector."""
    modes = {item: item.cacheMode() for item in plot.scene().items()}
    for item in modes:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    try:
        yield
    finally:
        for item, mode in modes.items():
            item.setCacheMode(mode)
