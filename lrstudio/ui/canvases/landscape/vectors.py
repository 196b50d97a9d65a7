"""The vectors of one step, drawn at its start: gradient, directions, preconditioner, step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTransform

from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.landscape.arrows import draw_arrow
from lrstudio.ui.drawing.pixels import PixelItem, draw_text
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
"""Order of painting, the last on top."""
_LONGEST, _SHORTEST, _BAR = 112.0, 28.0, 40.0
"""Lengths in pixels of directions, comparable with one another only, and of scale bars."""
_WIDTH, _THIN, _STRONG, _HEAD = 2.2, 1.5, 4.0, 10.0
_BESIDE, _ALIKE = 7.0, 8.0
"""Offset in pixels between arrows whose angles differ by less than _ALIKE degrees."""
_FAR = 20_000.0
_WEAK = 0.3


@dataclass(frozen=True)
class Vector:
    """A vector in plot coordinates, or for a scale the lengths along both axes.

    A `step` is drawn to scale, others in visible lengths, with `label` at the tip. `parts` are its summands with their
    labels, drawn head to tail while it is strong.
    """

    key: str
    kind: Kind
    delta: tuple[float, float]
    label: str
    parts: tuple[tuple[tuple[float, float], str], ...] = ()


class VectorItem(PixelItem):
    """Draws the vectors of one step; the others fade while one is strong."""

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
        """Sets the vectors and their common start."""
        shown = at, tuple(vectors), theme, font
        if shown == self._shown or not (vectors or self.vectors):
            return
        self._shown = shown
        self._at, self.vectors = at, vectors
        self._colors = {kind: vector_color(kind, theme) for kind in _PATTERNS}
        self._halo, self._font = QColor(theme.background), font
        self.update()

    def set_strong(self, key: str) -> None:
        """Emphasizes one vector; "" none."""
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
        """Returns the vectors with their lines in pixels, in the order of painting."""
        lines = [(vector, QLineF(at, transform.map(self._at + QPointF(*vector.delta)))) for vector in self.vectors]
        lines = [(vector, line) for vector, line in lines if 1e-9 < line.length() < math.inf]
        lengths = [line.length() for vector, line in lines if vector.kind in ("gradient", "direction", "other")]
        longest = max(lengths, default=1.0)
        others = [line for vector, line in lines if vector.kind == "step" and line.length() > _SHORTEST]
        for vector, line in lines:
            if vector.kind == "step":
                line.setLength(min(line.length(), _FAR))
            elif vector.kind in ("scale", "tangent"):
                _fit(vector, line)
            else:
                line.setLength(max(_SHORTEST, _LONGEST * line.length() / longest))
                _move_aside(line, others)
                others.append(QLineF(line))
        return sorted(lines, key=lambda pair: (pair[0].key == self.strong, _ORDER.index(pair[0].kind)))

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
        """Draws the summands of a vector head to tail, at the scale of its line."""
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
        """Draws a bar along each axis: short where the preconditioner shortens steps."""
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
        draw_text(painter, QPointF(left, base), text, font, color, self._halo)


def vector_color(kind: Kind, theme: Theme) -> QColor:
    """Returns the colour of a kind of vector."""
    return QColor(theme.vectors["gradient" if kind == "tangent" else kind])


def draw_sample(painter: QPainter, kind: Kind, theme: Theme, box: QRectF) -> None:
    """Draws a small sample of a kind of vector."""
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
    """Scales a line to a visible length."""
    reach = line.p2() - line.p1()
    longest = max(abs(reach.x()), abs(reach.y())) if vector.kind == "scale" else line.length()
    line.setP2(line.p1() + reach * ((_BAR if vector.kind == "scale" else 0.75 * _LONGEST) / longest))


def _move_aside(line: QLineF, others: Sequence[QLineF]) -> None:
    """Moves an arrow aside if it would cover another."""
    beside = 0
    for other in others:
        angle = line.angleTo(other)
        beside += min(angle, 360 - angle) < _ALIKE
    if beside:
        normal = line.normalVector().unitVector()
        line.translate((normal.p2() - normal.p1()) * (_BESIDE * beside))


def _outward(part: QLineF, inner: QPointF) -> QLineF:
    """Returns a short normal at the middle of a part, pointing away from a point."""
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


class ExplainedStep:
    """Shows the vectors of one run's step; `points` returns the plotted points (n, R, 2) of the rows start..stop."""

    def __init__(self, points: Callable[[int, int], Array]) -> None:
        self.item = VectorItem()
        self._points = points
        self._trace: Trace | None = None
        self._step: tuple[int, int, Sequence[Vector]] | None = None

    def set_step(self, trace: Trace | None, run: int, row: int, vectors: Sequence[Vector]) -> None:
        """Sets the vectors of a run's step from a row of a trace; none ends the explanation."""
        self._trace, self._step = (trace, (run, row, vectors)) if vectors else (None, None)

    def draw(self, canvas: PlotCanvas) -> int | None:
        """Shows the vectors if the canvas shows their step, and returns their run; None otherwise."""
        if (
            canvas.trace is None
            or canvas.trace is not self._trace
            or self._step is None
            or not self._is_shown(canvas, *self._step[:2])
        ):
            self.item.set_vectors(QPointF(), (), canvas.theme, canvas.header.font())
            return None
        run, row, vectors = self._step
        at = QPointF(*self._points(row, row + 1)[0, run])
        self.item.set_vectors(at, vectors, canvas.theme, canvas.header.font())
        return run

    @staticmethod
    def _is_shown(canvas: PlotCanvas, run: int, row: int) -> bool:
        """Whether the run is visible and its marker is at either end of the step."""
        assert canvas.trace is not None
        return run in canvas.visible_runs() and row < canvas.trace.rows(run) and 0 <= canvas.row(run) - row <= 1
