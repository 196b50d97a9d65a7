"""The plot of a map, with zooming and a cell to choose."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.core.language import tr
from lrstudio.engine.sweep.axis import label
from lrstudio.ui.drawing.reading import Reading, Row, exact_text
from lrstudio.ui.instruments.clicks import ClickPlot
from lrstudio.ui.instruments.map.items import LimitItem, MarkItem, PictureItem
from lrstudio.ui.instruments.map.request import MapRequest, MapResult
from lrstudio.ui.look.theme import RunStyle, Theme
from lrstudio.ui.look.verdict_style import verdict_color, verdict_word

_SETTLE_MS = 120
_ZOOM = 0.5
_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class MapCanvas(ClickPlot):
    """A frame drawn with the mouse, or the wheel, zooms; a click chooses a cell.

    With the keyboard the arrows move the mark, Return chooses its cell, + and - zoom around it, Home shows all.
    """

    zoomed = Signal(object, object)
    """Emits the two ranges that have come into view."""
    chosen = Signal(float, float)
    """Emits the two values of a cell."""
    home_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.request: MapRequest | None = None
        self.result: MapResult | None = None
        self._picture, self.limit, self._mark = PictureItem(), LimitItem(tr("limit in theory")), MarkItem()
        self._marked: QPointF | None = None
        super().__init__(theme, parent)
        for item in (self._picture, self.limit, self._mark):
            self.addItem(item)
        self._grid.setVisible(False)
        box = self.plotItem.vb
        box.setMouseMode(box.RectMode)
        box.setDefaultPadding(0.0)  # the view is exactly the frame
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._emit_zoomed)
        box.sigRangeChangedManually.connect(lambda *_: self._settle.start())
        self.setAccessibleName(tr("Map"))

    def show_request(self, request: MapRequest) -> None:
        """Shows the axes of a request; the picture stays if its names and scales are the same."""
        before, self.request = self.request, request
        self._settle.stop()
        if before is None or (before.x.name, before.y.name) != (request.x.name, request.y.name):
            self.result = None
            self._picture.image = QImage()
            self.limit.show_line(None)
            self._put_mark(None)
        elif (before.x.log, before.y.log) != (request.x.log, request.y.log):
            self._picture.image = QImage()
        self.axes["bottom"].setLogMode(x=request.x.log)
        self.axes["left"].setLogMode(y=request.y.log)
        across, up = (label(request.experiment, 0, side.name) for side in (request.x, request.y))
        title = f"{across} →, {up} ↑"
        title = title[0].upper() + title[1:]
        note = tr("runs of {steps} steps · drag a frame or turn the wheel to zoom")
        self.set_titles(title, "", note.format(steps=request.experiment.steps))
        self._fit_left_axis()
        self.reset_view()

    def show_result(self, result: MapResult) -> None:
        """Shows the cells that are computed and the theory's line."""
        self.result = result
        (left, right), (low, high) = result.request.x.ends, result.request.y.ends
        self._picture.show_image(result.colored.image, QRectF(left, low, right - left, high - low))
        self.limit.show_line(result.limit)
        self.update_reading()

    def restyle(self) -> None:
        ink, paper = QColor(self.theme.foreground), QColor(self.theme.background)
        self.limit.set_style(ink, paper, self.caption.font())
        self._mark.set_style(ink, paper)

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        return None if self.request is None else (self.request.x.ends, self.request.y.ends)

    @property
    def readable(self) -> bool:
        return self.result is not None

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        result = self.result
        if result is None or not _covers(result.request, point):
            return None
        cell = result.cell(point.x(), point.y())
        values = zip(result.sweep.axes, result.values(*cell), strict=True)
        names = [f"{label(result.request.experiment, 0, axis.name)} {exact_text(value)}" for axis, value in values]
        computed = result.computed_cell(*cell)
        return Reading(" · ".join(names), () if computed is None else self._rows(result, *computed))

    def choose(self, point: QPointF) -> None:
        """Marks the cell at a point in plot coordinates and emits its values."""
        if self.result is not None and _covers(self.result.request, point):
            self._put_mark(point)
            self.chosen.emit(*self.result.values(*self.result.cell(point.x(), point.y())))

    def click(self, pixel: QPointF) -> None:
        self.choose(self.to_plot(pixel))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the first click of the two has chosen a cell

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.result is None:
            super().keyPressEvent(event)
        elif key in _KEYS:
            self._shift_mark(*_KEYS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose(self._mark_point())
        elif event.text() in ("+", "-"):
            self._zoom_around_mark(_ZOOM if event.text() == "+" else 1 / _ZOOM)
        elif key == Qt.Key.Key_Home:
            self.home_requested.emit()
        else:
            super().keyPressEvent(event)

    def _emit_zoomed(self) -> None:
        if self.request is None:
            return
        (left, right), (low, high) = self.plotItem.vb.viewRange()
        self.zoomed.emit(self.request.x.zoomed(left, right), self.request.y.zoomed(low, high))

    def _rows(self, result: MapResult, column: int, row: int) -> list[Row]:
        cell = result.picture.summary.at((row, column))
        key = result.key(column, row)
        style = RunStyle(verdict_color(key, self.theme), (), "s")
        last = tr("last finite loss") if cell.verdict == DIVERGED else tr("final loss")
        rows = [
            Row(verdict_word(key), (), style),
            Row(last, (exact_text(float(cell.final_loss)),)),
            Row(tr("best loss"), (exact_text(float(cell.best_loss)),)),
        ]
        if cell.diverged_at >= 0:
            rows.append(Row(tr("overflowed at step"), (str(int(cell.diverged_at)),)))
        if cell.steps_to_target >= 0:
            rows.append(Row(tr("steps to target"), (str(int(cell.steps_to_target)),)))
        rows.append(Row(tr("factor per step"), (exact_text(float(cell.factor)),)))
        return rows

    def _mark_point(self) -> QPointF:
        return QPointF(self.viewRect().center()) if self._marked is None else self._marked

    def _put_mark(self, point: QPointF | None) -> None:
        self._marked = point
        self._mark.show_mark(point)

    def _shift_mark(self, right: int, up: int) -> None:
        """Moves the mark by one cell and reads it."""
        assert self.request is not None
        view, point = self.viewRect(), self._mark_point()
        width, height = view.width() / self.request.side, view.height() / self.request.side
        x = min(max(point.x() + right * width, view.left() + width / 2), view.right() - width / 2)
        y = min(max(point.y() + up * height, view.top() + height / 2), view.bottom() - height / 2)
        self._put_mark(QPointF(x, y))
        self.read_at(x, y)

    def _zoom_around_mark(self, factor: float) -> None:
        self.plotItem.vb.scaleBy((factor, factor), center=self._mark_point())
        self._settle.start()

    def _fit_left_axis(self) -> None:
        """Makes the left axis as wide as its numbers, which get more digits the closer the zoom."""
        assert self.request is not None
        low, high = self.request.y.ends
        digits = max(0, math.ceil(-math.log10(high - low)) + 1)
        text = f"−{abs(high):.{digits}f}" if not self.request.y.log else f"{10**high:.3g}" + "0" * (digits - 1)
        metrics = QFontMetricsF(self.caption.font())
        widest = max(map(metrics.horizontalAdvance, (text, "−0.0000")))
        self.axes["left"].setWidth(widest + 12)


def _covers(request: MapRequest, point: QPointF) -> bool:
    (left, right), (low, high) = request.x.ends, request.y.ends
    return left <= point.x() <= right and low <= point.y() <= high
