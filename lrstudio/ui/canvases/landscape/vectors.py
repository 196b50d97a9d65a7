"""The vectors that made a step, drawn where it begins: which way is down, directions, how they were stretched."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform

from lrstudio.ui.canvases.landscape.arrows import draw_arrow
from lrstudio.ui.drawing.pixels import PixelItem
from lrstudio.ui.look.theme import Theme

Kind = Literal["gradient", "direction", "other", "scale", "step", "tangent"]

_PATTERNS: dict[Kind, Qt.PenStyle] = {
    "gradient": Qt.PenStyle.DashLine,
    "direction": Qt.PenStyle.DashDotLine,
    "other": Qt.PenStyle.DotLine,
    "scale": Qt.PenStyle.SolidLine,
    "step": Qt.PenStyle.SolidLine,
    "tangent": Qt.PenStyle.DashLine,
}
_ORDER: tuple[Kind, ...] = ("scale", "tangent", "gradient", "direction", "other", "step")
"""Of painting, the last on top."""
_LONGEST, _SHORTEST, _BAR = 112.0, 28.0, 40.0
"""Pixels of directions, whose lengths are to be compared with one another only."""
_WIDTH, _THIN, _STRONG, _HEAD = 2.2, 1.5, 4.0, 10.0
_BESIDE, _ALIKE = 7.0, 8.0
"""Arrows whose angles differ by less than so many degrees stand so many pixels apart."""
_FAR = 20_000.0
_WEAK = 0.3


@dataclass(frozen=True)
class Vector:
    """In the plot's coordinates: where it points, or for a scale how far it reaches along either axis.

    A `step` is drawn in its real length, others in lengths that can be seen. `label` stands at its tip. `parts` are
    what it is the sum of, which is shown while it is strong: one after the other, each with its own label.
    """

    key: str
    kind: Kind
    delta: tuple[float, float]
    label: str
    parts: tuple[tuple[tuple[float, float], str], ...] = ()


class VectorItem(PixelItem):
    """The vectors of one step. One of them may be strong: the others fade."""

    def __init__(self) -> None:
        super().__init__()
        self.vectors: Sequence[Vector] = ()
        self.strong = ""
        self._at = QPointF()
        self._shown: object = None
        self._colors: Mapping[str, QColor] = {}
        self._halo, self._font = QColor(), QFont()
        self.setZValue(6)

    def set_vectors(self, at: QPointF, vectors: Sequence[Vector], theme: Theme, font: QFont) -> None:
        """Show these, which begin at a point."""
        shown = at, tuple(vectors), theme, font
        if shown == self._shown or not (vectors or self.vectors):
            return
        self._shown = shown
        self._at, self.vectors = at, vectors
        self._colors = {kind: vector_color(kind, theme) for kind in _PATTERNS}
        self._halo, self._font = QColor(theme.background), font
        self.update()

    def set_strong(self, key: str) -> None:
        """Bring one out; "" shows all alike."""
        if key != self.strong:
            self.strong = key
            self.update()

    def paint_pixels(self, painter: QPainter, transform: QTransform, area: QRectF) -> None:
        at = transform.map(self._at)
        if not self.vectors or not area.adjusted(-9, -9, 9, 9).contains(at):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        any_strong = any(vector.key == self.strong for vector in self.vectors)
        for vector, line in self._lines(transform, at):
            painter.setOpacity(_WEAK if any_strong and vector.key != self.strong else 1.0)
            self._paint(painter, vector, line, area)
            if vector.key == self.strong:
                self._paint_parts(painter, transform, vector, line, area)
        painter.setOpacity(1.0)

    def _lines(self, transform: QTransform, at: QPointF) -> list[tuple[Vector, QLineF]]:
        """Each vector in pixels, in the order of painting."""
        found = [(vector, QLineF(at, transform.map(self._at + QPointF(*vector.delta)))) for vector in self.vectors]
        found = [(vector, line) for vector, line in found if 1e-9 < line.length() < math.inf]
        lengths = [line.length() for vector, line in found if vector.kind in ("gradient", "direction", "other")]
        longest = max(lengths, default=1.0)
        placed: list[QLineF] = [line for vector, line in found if vector.kind == "step" and line.length() > _SHORTEST]
        for vector, line in found:
            if vector.kind == "step":
                line.setLength(min(line.length(), _FAR))
            elif vector.kind in ("scale", "tangent"):
                _fit(vector, line)
            else:
                line.setLength(max(_SHORTEST, _LONGEST * line.length() / longest))
                _stand_beside(line, placed)
                placed.append(QLineF(line))
        return sorted(found, key=lambda pair: (pair[0].key == self.strong, _ORDER.index(pair[0].kind)))

    def _paint(self, painter: QPainter, vector: Vector, line: QLineF, area: QRectF) -> None:
        color, strong = self._colors[vector.kind], vector.key == self.strong
        width = _STRONG if strong else _THIN if vector.kind == "scale" else _WIDTH
        if vector.kind == "scale":
            self._paint_scale(painter, line, color, width)
        elif vector.kind == "tangent":
            whole = QLineF(line.p1() + line.p1() - line.p2(), line.p2())
            _stroke(painter, whole, color, self._halo, width, _PATTERNS["tangent"])
        else:
            if vector.kind == "step":
                width += 1
                if line.length() < _HEAD / 2:
                    return
            head = _HEAD + width if area.contains(line.p2()) else 0.0
            draw_arrow(painter, line, color, self._halo, width, head, _PATTERNS[vector.kind])
        self._write(painter, vector.label, line, color, area, strong)

    def _paint_parts(
        self, painter: QPainter, transform: QTransform, vector: Vector, line: QLineF, area: QRectF
    ) -> None:
        """What it is the sum of, each where the one before ends, at the scale of the whole."""
        reach = transform.map(QPointF(*vector.delta)) - transform.map(QPointF())
        ratio = line.length() / max(QLineF(QPointF(), reach).length(), 1e-9)
        begin = line.p1()
        for delta, label in vector.parts:
            end = begin + (transform.map(QPointF(*delta)) - transform.map(QPointF())) * ratio
            part = QLineF(begin, end)
            if 3 < part.length() < _FAR:
                draw_arrow(painter, part, self._colors["step"], self._halo, _THIN, _HEAD * 0.8)
                self._write(painter, label, _outward(part, line.center()), self._colors["step"], area, False)
            begin = end

    def _paint_scale(self, painter: QPainter, line: QLineF, color: QColor, width: float) -> None:
        """A bar along each axis, with ends: short where steps are made short."""
        at, reach = line.p1(), line.p2() - line.p1()
        for x, y in ((abs(reach.x()), 0.0), (0.0, abs(reach.y()))):
            along = QPointF(x, y)
            across = QPointF(5.0 if y else 0.0, 5.0 if x else 0.0)
            _stroke(painter, QLineF(at - along, at + along), color, self._halo, width)
            for end in (at - along, at + along):
                _stroke(painter, QLineF(end - across, end + across), color, self._halo, width)

    def _write(self, painter: QPainter, text: str, line: QLineF, color: QColor, area: QRectF, strong: bool) -> None:
        font = QFont(self._font)
        font.setBold(strong)
        font.setItalic(True)
        metrics = QFontMetricsF(font)
        width, height = metrics.horizontalAdvance(text), metrics.ascent()
        direction = (line.p2() - line.p1()) / max(line.length(), 1e-9)
        middle = line.p2() + QPointF(direction.x() * (width / 2 + 6), direction.y() * (height / 2 + 5))
        left = min(max(middle.x() - width / 2, area.left() + 3), area.right() - width - 3)
        base = min(max(middle.y() + height / 2 - 1, area.top() + height + 3), area.bottom() - 4)
        path = QPainterPath()
        path.addText(QPointF(left, base), font, text)
        painter.strokePath(path, QPen(self._halo, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.fillPath(path, color)


def vector_color(kind: Kind, theme: Theme) -> QColor:
    """The colour of a kind of vector."""
    return QColor(theme.vectors["gradient" if kind == "tangent" else kind])


def draw_sample(painter: QPainter, kind: Kind, theme: Theme, box: QRectF) -> None:
    """What a kind of vector looks like, small, for beside a text."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    color, middle = vector_color(kind, theme), box.center().y()
    line = QLineF(QPointF(box.left() + 1, middle), QPointF(box.right() - 1, middle))
    if kind == "scale":
        painter.setPen(QPen(color, 2))
        painter.drawLine(line)
        for end in (line.p1(), line.p2()):
            painter.drawLine(QLineF(end - QPointF(0, box.height() / 4), end + QPointF(0, box.height() / 4)))
    elif kind == "tangent":
        painter.setPen(QPen(color, 2, _PATTERNS[kind]))
        painter.drawLine(line)
    else:
        width = 3.0 if kind == "step" else 2.0
        draw_arrow(painter, line, color, QColor(0, 0, 0, 0), width, box.height() * 0.5, _PATTERNS[kind])


def _fit(vector: Vector, line: QLineF) -> None:
    """Into a length that can be seen."""
    reach = line.p2() - line.p1()
    longest = max(abs(reach.x()), abs(reach.y())) if vector.kind == "scale" else line.length()
    line.setP2(line.p1() + reach * ((_BAR if vector.kind == "scale" else 0.75 * _LONGEST) / longest))


def _stand_beside(line: QLineF, placed: Sequence[QLineF]) -> None:
    """Move an arrow that would lie on another one to its side."""
    beside = 0
    for other in placed:
        angle = line.angleTo(other)
        beside += min(angle, 360 - angle) < _ALIKE
    if beside:
        normal = line.normalVector().unitVector()
        line.translate((normal.p2() - normal.p1()) * (_BESIDE * beside))


def _outward(part: QLineF, inner: QPointF) -> QLineF:
    """A short line from the middle of a part to the side that is away from a point."""
    normal = part.normalVector().unitVector()
    across = normal.p2() - normal.p1()
    if QPointF.dotProduct(across, part.center() - inner) < 0:
        across = -across
    return QLineF(part.center(), part.center() + across)


def _stroke(
    painter: QPainter,
    line: QLineF,
    color: QColor,
    halo: QColor,
    width: float,
    pattern: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    for paint, more, style in ((halo, 2.5, Qt.PenStyle.SolidLine), (color, 0.0, pattern)):
        painter.setPen(QPen(paint, width + more, style, Qt.PenCapStyle.FlatCap))
        painter.drawLine(line)
