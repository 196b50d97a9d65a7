"""Horizontal lines at values, vertical lines at steps, and an axis of names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import itemgetter

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTransform

from lrstudio.core.language import tr
from lrstudio.engine.training.trace import RateChange
from lrstudio.ui.drawing.axis import DrawnAxis, nice_step
from lrstudio.ui.drawing.lines import single_segment
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed, draw_text_in
from lrstudio.ui.drawing.step_scale import StepScale

_APART = 5.0
"""Least distance in pixels between lines of a colour: denser ones are thinned."""
_DASH = (4.0, 4.0)
_EPOCH_GAP = 12.0
_NAMED = 6
"""Lines of text that a plot is high at least where epochs are named."""


def exit_mark(above: bool, below: bool) -> str:
    """Returns the triangles of the edges that a curve crosses."""
    return "▲" * above + "▼" * below


class LevelItem(PixelItem):
    """A dotted horizontal line behind the curves, such as the optimum of a parameter."""

    def __init__(self, value: float, name: str, color: QColor) -> None:
        super().__init__()
        self.value, self.name = value, name
        self._color = color
        self.setZValue(-10)

    def set_color(self, color: QColor) -> None:
        self._color = color
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        y = round(self.value * transform.m22() + transform.dy()) + 0.5
        if not area.top() <= y <= area.bottom():
            return
        line = single_segment(area.left(), y, area.right(), y)
        draw_dashed(painter, line, self._color, 1.4, (2, 4))


class TargetItem(PixelItem):
    """A thin dashed horizontal line with its name at the right; hidden at None."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.value: float | None = None
        self._color, self._font = QColor(), QFont()
        self.setZValue(-10)

    def set_value(self, value: float | None, color: QColor, font: QFont) -> None:
        """Sets the value in plot coordinates, and the style."""
        self.value, self._color, self._font = value, color, font
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self.value is None:
            return
        y = round(self.value * transform.m22() + transform.dy()) + 0.5
        if not area.top() <= y <= area.bottom():
            return
        draw_dashed(painter, single_segment(area.left(), y, area.right(), y), self._color, 1.0, (6, 4))
        height = QFontMetricsF(self._font).height()
        top = y + 1 if y + height < area.bottom() else y - height - 1
        painter.setFont(self._font)
        painter.setPen(self._color)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        draw_text_in(painter, QRectF(area.left(), top, area.width() - 4, height), flags, self.name)


class NameAxis(DrawnAxis):
    """Names at the right of a plot at their values; overlapping ones are joined or dropped."""

    def __init__(self) -> None:
        super().__init__("right", maxTickLength=0)
        self.setStyle(hideOverlappingLabels=12, tickTextOffset=3)
        self.enableAutoSIPrefix(False)
        self.names: list[tuple[float, str]] = []
        self.joined = True

    def set_names(self, names: list[tuple[float, str]]) -> None:
        self.names = names
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        return [(1.0, [value for value, _ in self._shown()])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        names = dict(self._shown())
        return [names.get(value, "") for value in values]

    def _shown(self) -> list[tuple[float, str]]:
        low, high = self.range
        line = 20 * (high - low) / max(1.0, self.height())
        shown: list[tuple[float, str]] = []
        reversed_names = self.names[::-1]  # of names at one value the first is joined first
        for value, name in sorted(reversed_names, key=itemgetter(0)):
            if shown and value - shown[-1][0] < line:
                if self.joined:
                    shown[-1] = (shown[-1][0] + value) / 2, f"{name}, {shown[-1][1]}"
            elif low <= value <= high:
                shown.append((value, name))
        return shown


class RateMarks(PixelItem):
    """Vertical lines at the steps at which rates were changed, in the runs' colours."""

    def __init__(self, scale: StepScale) -> None:
        super().__init__()
        self._scale = scale
        self._lines: list[tuple[float, QColor]] = []
        self.setZValue(-8)

    def set_changes(self, changes: Sequence[RateChange], colors: dict[int, QColor]) -> None:
        """Sets the changes; those of runs without a colour are hidden."""
        own = [(change.step * self._scale.of(change.run).stretch, change.run) for change in changes]
        lines = [(float(step), colors[run]) for step, run in own if run in colors]
        if lines != self._lines:
            self._lines = lines
            self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        last: dict[int, float] = {}
        for step, color in self._lines:
            x = round(self._scale.position(step) * transform.m11() + transform.dx()) + 0.5
            if not area.left() <= x <= area.right() or x - last.get(color.rgb(), -_APART) < _APART:
                continue
            last[color.rgb()] = x
            draw_dashed(painter, single_segment(x, area.top(), x, area.bottom()), color, 1.2, _DASH, smooth=False)


class EpochMarks(PixelItem):
    """Dotted vertical lines at the ends of epochs, each with its number; of epochs too short for that every nth one.

    A low plot has the lines alone, as the numbers would take a large part of its height.
    """

    def __init__(self, scale: StepScale) -> None:
        super().__init__()
        self.period: int | None = None
        self._scale = scale
        self._color, self._font = QColor(), QFont()
        self.setZValue(-11)

    def set_period(self, steps: int | None, color: QColor, font: QFont) -> None:
        """Sets the steps of an epoch, None where there are none, and the style."""
        self.period, self._color, self._font = steps, color, font
        self.update()

    def share(self, last: float, height: float) -> float:
        """Returns which part of the height of a plot, in pixels, the names take in a view up to the step `last`."""
        line = QFontMetricsF(self._font).height()
        named = self.period is not None and self.period <= last and height >= _NAMED * line
        return line / height if named else 0.0

    def shown(self, transform: QTransform, area: QRectF) -> list[tuple[int, float]]:
        """Returns the epochs whose ends are marked, and the pixels x of these."""
        if self.period is None:
            return []
        ends = [(x - transform.dx()) / transform.m11() for x in (area.left(), area.right())]
        first, last = (self._scale.step(end) / self.period for end in ends)
        room = QFontMetricsF(self._font).horizontalAdvance(self._name(math.ceil(last))) + _EPOCH_GAP
        if self._scale.log:
            epochs: Iterable[int] = (factor * 10**power for power in range(13) for factor in (1, 2, 5))
        else:
            every = max(1, round(nice_step(max(last - first, 1e-9) * room / area.width())))
            epochs = range(every * max(1, math.ceil(first / every)), math.floor(last) + 1, every)
        found, free = [], area.left()
        for epoch in epochs:
            x = self._scale.position(epoch * self.period) * transform.m11() + transform.dx()
            if free <= x - room and x <= area.right():  # the text is left of its line
                found.append((epoch, x))
                free = x
        return found

    @staticmethod
    def _name(epoch: int) -> str:
        return tr("epoch {epoch:,}", epoch=epoch)

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        height = self.share(math.inf, area.height()) * area.height()
        painter.setFont(self._font)
        for epoch, at in self.shown(transform, area):
            x = round(at) + 0.5
            draw_dashed(painter, single_segment(x, area.top(), x, area.bottom()), self._color, 1.0, (1, 3))
            if not height:
                continue
            painter.setPen(self._color)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            draw_text_in(
                painter, QRectF(x - 4 - area.width(), area.top(), area.width(), height), flags, self._name(epoch)
            )


class PlanMark(PixelItem):
    """A vertical line at the end of the planned steps, after which further ones were added; hidden at None."""

    def __init__(self, scale: StepScale, name: str) -> None:
        super().__init__()
        self.step: int | None = None
        self._scale, self._name = scale, name
        self._color, self._font = QColor(), QFont()
        self.setZValue(-8)

    def set_step(self, step: int | None, color: QColor, font: QFont) -> None:
        """Sets the step and the style."""
        self.step, self._color, self._font = step, color, font
        self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        if self.step is None:
            return
        x = round(self._scale.position(self.step) * transform.m11() + transform.dx()) + 0.5
        if not area.left() <= x <= area.right():
            return
        draw_dashed(painter, single_segment(x, area.top(), x, area.bottom()), self._color, 1.0, (6, 4))
        metrics = QFontMetricsF(self._font)
        width, height = metrics.horizontalAdvance(self._name) + 8, metrics.height()
        left = x + 4 if x + width < area.right() else x - width
        painter.setFont(self._font)
        painter.setPen(self._color)
        draw_text_in(painter, QRectF(left, area.top(), width, height), Qt.AlignmentFlag.AlignVCenter, self._name)
