"""Where a parameter or the loss should end: a line across the plot, and its name."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTransform

from lrstudio.ui.drawing.axis import DrawnAxis
from lrstudio.ui.drawing.lines import single_segment
from lrstudio.ui.drawing.pixels import PixelItem, draw_dashed


class LevelItem(PixelItem):
    """A dotted horizontal line behind the curves."""

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
    """A thin dashed line, its name at the right below it: curves come from above and the left. None shows nothing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.value: float | None = None
        self._color, self._font = QColor(), QFont()
        self.setZValue(-10)

    def show_level(self, value: float | None, color: QColor, font: QFont) -> None:
        """The level in the plot's coordinates, and its looks."""
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
        painter.drawText(QRectF(area.left(), top, area.width() - 4, height), flags, self.name)


class NameAxis(DrawnAxis):
    """Names at the right of a plot, each at its value; of names that would overlap all share a line, or one is left."""

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
        known = dict(self._shown())
        return [known.get(value, "") for value in values]

    def _shown(self) -> list[tuple[float, str]]:
        low, high = self.range
        line = 20 * (high - low) / max(1.0, self.height())
        shown: list[tuple[float, str]] = []
        backwards = list(reversed(self.names))  # of names at one value the first comes first
        for value, name in sorted(backwards, key=lambda known: known[0]):
            if shown and value - shown[-1][0] < line:
                if self.joined:
                    shown[-1] = (shown[-1][0] + value) / 2, f"{name}, {shown[-1][1]}"
            elif low <= value <= high:
                shown.append((value, name))
        return shown
