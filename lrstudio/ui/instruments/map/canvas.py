"""The plot of a map: two scales, the picture between them, and a part of it to choose."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.engine.sweep.axis import label
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.drawing.reading import Reading, Row, exact_text
from lrstudio.ui.instruments.map.items import LimitItem, MarkItem, PictureItem
from lrstudio.ui.instruments.map.question import MapAnswer, MapQuestion
from lrstudio.ui.instruments.map.range import MapRange
from lrstudio.ui.look.theme import RunStyle, Theme
from lrstudio.ui.look.verdict_style import verdict_color, verdict_word

_SETTLE_MS = 120
_CLICK = 4.0
"""Pixels that the mouse may move between press and release of a click."""
_CLOSER = 0.5
_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class MapCanvas(Plot):
    """A frame drawn with the mouse, or the wheel, zooms: `zoomed` tells the ranges to compute. A click chooses a cell.

    With the keyboard arrows move the mark, Return chooses what it marks, + and - zoom around it, Home shows all.
    """

    zoomed = Signal(object, object)
    """The two ranges that are in view now."""
    chosen = Signal(float, float)
    """The values of a cell."""
    home_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.question: MapQuestion | None = None
        self.answer: MapAnswer | None = None
        self._picture, self.limit, self._mark = PictureItem(), LimitItem(self.tr("limit in theory")), MarkItem()
        self._marked: QPointF | None = None
        self._pressed: QPointF | None = None
        super().__init__(theme, parent)
        for item in (self._picture, self.limit, self._mark):
            self.addItem(item, ignoreBounds=True)
        self._grid.setVisible(False)
        box = self.plotItem.vb
        box.setMouseMode(box.RectMode)
        box.setDefaultPadding(0.0)  # what is framed is what is shown
        box.sigRangeChangedManually.connect(self._moved)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._tell_zoomed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Map"))

    def ask(self, question: MapQuestion) -> None:
        """Show the scales of a question; the picture of the last one stays where it belongs."""
        before, self.question = self.question, question
        self._settle.stop()
        if before is None or (before.x.name, before.y.name) != (question.x.name, question.y.name):
            self.answer = None
            self._picture.image = self._picture.image.copy(0, 0, 0, 0)
            self.limit.show_line(None)
            self._marked = None
            self._mark.show_mark(None)
        elif (before.x.log, before.y.log) != (question.x.log, question.y.log):
            self._picture.image = self._picture.image.copy(0, 0, 0, 0)
        for side, wanted in (("bottom", question.x), ("left", question.y)):
            self.axes[side].setLogMode(**{"x" if side == "bottom" else "y": wanted.log})
        across, up = (label(question.experiment, 0, side.name) for side in (question.x, question.y))
        title = f"{across} →, {up} ↑"
        title = title[0].upper() + title[1:]
        self.set_titles(title, "", self._note(question))
        self._leave_room()
        self.reset_view()

    def show_answer(self, answer: MapAnswer) -> None:
        """Show what is known."""
        self.answer = answer
        (left, right), (low, high) = answer.question.x.ends, answer.question.y.ends
        self._picture.show_image(answer.colored.image, QRectF(left, low, right - left, high - low))
        self.limit.show_line(answer.limit)
        self.update_reading()

    def restyle(self) -> None:
        ink, paper = QColor(self.theme.foreground), QColor(self.theme.background)
        self.limit.set_looks(ink, paper, self.caption.font())
        self._mark.set_looks(ink, paper)

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        return None if self.question is None else (self.question.x.ends, self.question.y.ends)

    @property
    def readable(self) -> bool:
        return self.answer is not None

    def reading(self, place: QPointF, mouse: QPointF) -> Reading | None:
        answer = self.answer
        if answer is None or not self._in_picture(place):
            return None
        column, row = answer.cell(place.x(), place.y())
        values = self._values(answer, column, row)
        names = (label(answer.question.experiment, 0, axis.name) for axis, _ in values)
        title = " · ".join(f"{name} {exact_text(value)}" for name, (_, value) in zip(names, values, strict=True))
        known = answer.known(column, row)
        return Reading(title, () if known is None else self._rows(answer, *known))

    def choose(self, place: QPointF) -> None:
        """Mark the cell at a place of the plot and tell its values."""
        if self.answer is None or not self._in_picture(place):
            return
        self._put_mark(place)
        (_, x), (_, y) = self._values(self.answer, *self.answer.cell(place.x(), place.y()))
        self.chosen.emit(x, y)

    # Qt.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position() if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        near = (event.position() - pressed).manhattanLength() <= _CLICK
        if near and self.plotItem.vb.sceneBoundingRect().contains(event.position()):
            self.choose(self.to_plot(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the first click of the two has chosen

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.answer is None:
            super().keyPressEvent(event)
        elif key in _KEYS:
            self._shift_mark(*_KEYS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose(self._mark_place())
        elif event.text() in ("+", "-"):
            self._zoom_around_mark(_CLOSER if event.text() == "+" else 1 / _CLOSER)
        elif key == Qt.Key.Key_Home:
            self.home_asked.emit()
        else:
            super().keyPressEvent(event)

    def _moved(self) -> None:
        self._settle.start()

    def _tell_zoomed(self) -> None:
        if self.question is None:
            return
        (left, right), (low, high) = self.plotItem.vb.viewRange()
        self.zoomed.emit(self.question.x.zoomed(left, right), self.question.y.zoomed(low, high))

    def _in_picture(self, place: QPointF) -> bool:
        assert self.answer is not None
        (left, right), (low, high) = self.answer.question.x.ends, self.answer.question.y.ends
        return left <= place.x() <= right and low <= place.y() <= high

    def _values(self, answer: MapAnswer, column: int, row: int) -> list[tuple[MapRange, float]]:
        x, y = answer.sweep.axes
        return [(answer.question.x, x.values[column]), (answer.question.y, y.values[row])]

    def _rows(self, answer: MapAnswer, column: int, row: int) -> list[Row]:
        cell = answer.picture.summary.at((row, column))
        key = answer.key(column, row)
        style = RunStyle(verdict_color(key, self.theme), (), "s")
        rows = [Row(verdict_word(key), (), style)]
        last = self.tr("last finite loss") if cell.verdict == DIVERGED else self.tr("final loss")
        rows.append(Row(last, (exact_text(float(cell.final_loss)),)))
        rows.append(Row(self.tr("best loss"), (exact_text(float(cell.best_loss)),)))
        if cell.diverged_at >= 0:
            rows.append(Row(self.tr("overflowed at step"), (str(int(cell.diverged_at)),)))
        if cell.steps_to_target >= 0:
            rows.append(Row(self.tr("steps to target"), (str(int(cell.steps_to_target)),)))
        rows.append(Row(self.tr("factor per step"), (exact_text(float(cell.factor)),)))
        return rows

    def _mark_place(self) -> QPointF:
        return QPointF(self.viewRect().center()) if self._marked is None else self._marked

    def _put_mark(self, place: QPointF) -> None:
        self._marked = place
        self._mark.show_mark(place)

    def _shift_mark(self, right: int, up: int) -> None:
        """One cell further; where it stands is read as if the mouse were there."""
        assert self.question is not None
        view, place = self.viewRect(), self._mark_place()
        wide, high = view.width() / self.question.side, view.height() / self.question.side
        x = min(max(place.x() + right * wide, view.left() + wide / 2), view.right() - wide / 2)
        y = min(max(place.y() + up * high, view.top() + high / 2), view.bottom() - high / 2)
        self._put_mark(QPointF(x, y))
        pixel = self.to_pixel(x, y)
        if pixel is not None:
            self._mouse = pixel
            self.read()

    def _zoom_around_mark(self, factor: float) -> None:
        self.plotItem.vb.scaleBy((factor, factor), center=self._mark_place())
        self._settle.start()

    def _leave_room(self) -> None:
        """As much as the numbers at the left need: they grow when the scale is enlarged."""
        assert self.question is not None
        low, high = self.question.y.ends
        digits = max(0, math.ceil(-math.log10(high - low)) + 1)
        text = f"−{abs(high):.{digits}f}" if not self.question.y.log else f"{10**high:.3g}" + "0" * (digits - 1)
        metrics = QFontMetricsF(self.caption.font())
        widest = max(metrics.horizontalAdvance(words) for words in (text, "−0.0000"))
        self.axes["left"].setWidth(widest + 12)

    def _note(self, question: MapQuestion) -> str:
        text = self.tr("runs of {steps} steps · drag a frame or turn the wheel to zoom")
        return str(text).format(steps=question.experiment.steps)
