"""The base class of all plots: axes, grid, colours, fonts, mouse and following the data."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QSizePolicy, QWidget

from lrstudio.ui.drawing.axis import FARTHEST, NARROWEST, Axis, GridItem, within_limits
from lrstudio.ui.drawing.header import Caption, Header
from lrstudio.ui.drawing.hover import HoverBox, ViewportCache
from lrstudio.ui.drawing.plot_area import PlotArea
from lrstudio.ui.drawing.pyqtgraph import pg
from lrstudio.ui.drawing.reading import Reading
from lrstudio.ui.look.theme import RunStyle, Theme

LEAST_POINT_SIZE = 11.0


class Plot(pg.GraphicsView):  # type: ignore[misc]
    """An empty plot: the wheel zooms, dragging pans, a double click resets the view."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.plotItem: Any = None
        super().__init__(parent, background=theme.background)
        self.setCacheMode(self.CacheModeFlag.CacheNone)  # a picture of one colour, 4 bytes a pixel
        self.enableMouse(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAntialiasing(True)
        self.theme = theme
        self.header, self.caption = Header(), Caption()
        self.axes: dict[str, Any] = {"left": Axis("left"), "bottom": self.bottom_axis()}
        self.plotItem = PlotArea(self.axes, self.header, self.caption)
        self.setCentralItem(self.plotItem)
        self._cache = ViewportCache(self.viewport())
        self.hover = HoverBox(self.viewport(), self._cache.expect)
        self._mouse = QPointF()
        self._grid = GridItem(self.axes["bottom"], self.axes["left"], QColor(theme.faint))
        self.following = True
        self._paint_cost = 0.0
        self._arrange()
        self._apply_font()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Sets all colours."""
        self.theme = theme
        self.setBackground(theme.background)
        for side, axis in self.axes.items():
            axis.setPen(theme.muted if side != "right" else theme.background)
            axis.setTextPen(theme.foreground)
        self._grid.set_color(QColor(theme.faint))
        self.header.theme, self.caption.color, self.hover.theme = theme, theme.foreground, theme
        self.header.entries = self.legend()
        self.restyle()
        self.header.update()
        self.caption.update()

    def reset_view(self) -> None:
        """Shows everything and follows the runs."""
        self.following = True
        self.follow()

    # Overridden by canvases.

    def bottom_axis(self) -> Axis:
        """Returns the axis below the plot."""
        return Axis("bottom")

    def restyle(self) -> None:
        """Applies the theme to the items."""

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """Returns the x and the y range that show all data; None leaves the view."""
        return None

    def legend(self) -> list[tuple[str, RunStyle]]:
        """Returns names and styles of the runs for the header."""
        return []

    @property
    def readable(self) -> bool:
        """Whether the plot has values to read at the mouse."""
        return True

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        """Returns the values at a point in plot coordinates; `mouse` is the same in pixels of the viewport."""
        return None

    # Used by canvases.

    def addItem(self, item: Any) -> None:
        self.plotItem.vb.addItem(item, ignoreBounds=True)

    def removeItem(self, item: Any) -> None:
        self.plotItem.vb.removeItem(item)

    def viewRect(self) -> QRectF:
        """Returns the range in view, in plot coordinates."""
        return QRectF(self.plotItem.vb.viewRect())

    def to_plot(self, pixel: QPointF) -> QPointF:
        """Maps a point of the viewport to plot coordinates."""
        return QPointF(self.plotItem.vb.mapSceneToView(pixel))

    def to_pixel(self, x: float, y: float) -> QPointF | None:
        """Maps plot coordinates to a point of the viewport; None outside the view."""
        area, view = self.plotItem.vb.sceneBoundingRect(), self.viewRect()
        pixel_x = area.left() + (x - view.left()) / view.width() * area.width()
        pixel_y = area.bottom() - (y - view.top()) / view.height() * area.height()
        inside = area.adjusted(-9, -9, 9, 9).contains(QPointF(pixel_x, pixel_y))
        return QPointF(pixel_x, pixel_y) if inside else None

    def set_titles(self, title: str, x: str, note: str = "") -> None:
        """Sets the title, the name of the x quantity and the note."""
        self.header.title, self.header.note, self.caption.text = title, note, x
        self.header.fit()
        self.header.update()
        self.caption.update()

    def follow(self) -> None:
        """Adjusts the view to the data, unless the user has zoomed or panned."""
        ranges = self.view() if self.following else None
        if ranges is not None and all(np.isfinite(ranges).ravel()):
            x_range, y_range = (within_limits(*ends) for ends in ranges)
            self.plotItem.vb.setRange(xRange=x_range, yRange=y_range, padding=0, disableAutoRange=False)

    # Qt.

    def close(self) -> bool:
        """Closes the widget as Qt does; pyqtgraph would take the scene apart, which the widget still owns."""
        return QGraphicsView.close(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._cache.paint(event.region()):
            return
        began = perf_counter()
        super().paintEvent(event)
        self._paint_cost = perf_counter() - began

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None and self.plotItem is not None:
            self.header.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange) and self.plotItem is not None:
            self._apply_font()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._mouse = event.position()
        self.read(event.buttons() == Qt.MouseButton.NoButton)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.read(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_view()
        event.accept()

    def _arrange(self) -> None:
        view = self.plotItem.vb
        view.disableAutoRange()
        view.setLimits(xMin=-FARTHEST, xMax=FARTHEST, yMin=-FARTHEST, yMax=FARTHEST)
        view.setLimits(minXRange=NARROWEST, minYRange=NARROWEST)
        view.sigRangeChangedManually.connect(self._stop_following)
        self.viewport().setMouseTracking(True)
        self.addItem(self._grid)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def read(self, on: bool = True) -> None:
        """Shows the values at the mouse, or nothing."""
        area = self.plotItem.vb.sceneBoundingRect()
        inside = on and self.readable and area.contains(self._mouse)
        reading = self.reading(self.to_plot(self._mouse), self._mouse) if inside else None
        self.hover.show_reading(reading, self._mouse, area)

    def update_reading(self) -> None:
        """Updates the values at the mouse after the data changed."""
        if self.hover.isVisible():
            self.read()

    def _stop_following(self) -> None:
        self.following = False

    def _apply_font(self) -> None:
        font = QFont(self.font())
        if font.pixelSize() < 0:
            font.setPointSizeF(max(LEAST_POINT_SIZE, font.pointSizeF()))
        metrics = QFontMetricsF(font)
        self.axes["left"].setWidth(metrics.horizontalAdvance("−0.0000") + 12)
        self.axes["left"].room = 1.8 * metrics.height()
        self.axes["bottom"].setHeight(metrics.height() + 8)
        self.caption.setMaximumHeight(metrics.height() + 8)
        if "right" in self.axes:
            self.axes["right"].setWidth(metrics.horizontalAdvance("w, b") + 6)
            self.axes["bottom"].setStyle(hideOverlappingLabels=round(max(30, metrics.horizontalAdvance("10 00") / 2)))
        self.axes["bottom"].room = metrics.horizontalAdvance("10 000") + 12
        for axis in self.axes.values():
            axis.setTickFont(font)
        self.header.set_font(font)
        self.caption.setFont(font)
        self.hover.setFont(font)
