"""The plots of logs: a quantity against an axis, and the rates below on the same axis, with one cursor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.store.logs.model import TRAIN
from lrstudio.ui.drawing.curve import PolylineItem
from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.drawing.pyramid import LARGEST
from lrstudio.ui.drawing.reading import Reading, Row, exact_text, nearest
from lrstudio.ui.drawing.step_scale import CursorLine, StepScale
from lrstudio.ui.instruments.log.curves import Curve
from lrstudio.ui.look.theme import RunStyle, Theme, mix

_PALE, _RAW_WIDTH, _WIDTH, _OTHER_WIDTH = 0.45, 1.0, 2.4, 1.2
HEADROOM = 100.0
"""A diverging loss leaves the view above this multiple of the first losses."""
_SMALLEST = 1e-30
_LONGEST_NAME, _LONG_BEGIN = 60, 16
_DASHES: tuple[tuple[float, ...], ...] = (
    (), (9, 4), (2, 3), (9, 3, 2, 3), (5, 2), (2, 3, 2, 3, 9, 3),
)  # fmt: skip
"""Of losses; each differs from the others within the 18 pixels of a legend's narrow sample."""
_SHADE = 0.45
"""Share of the foreground in the colour of every second loss of a run."""


class LogCanvas(Plot):
    """Curves of several runs; a click sets the cursor, which `clicked` tells with its x."""

    clicked = Signal(float)
    ranged = Signal(float, float)
    """The x range in view, when the user or the data has changed it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, headroom: float = HEADROOM) -> None:
        self.curves: Sequence[Curve] = ()
        self.titles: Mapping[int, str] = {}
        self.log = self._wanted_log = True
        self._headroom = headroom
        self.axis = ""
        self._items: list[tuple[Curve, PolylineItem, Array]] = []
        self.cursor = CursorLine(StepScale())
        super().__init__(theme, parent)
        self.addItem(self.cursor)
        self.axes["left"].setLogMode(y=True)
        self.plotItem.vb.sigXRangeChanged.connect(self._x_changed)
        self.scene().sigMouseClicked.connect(self._clicked)

    def show_curves(self, curves: Sequence[Curve], titles: Mapping[int, str], axis: str) -> None:
        """Show curves with the titles of their runs."""
        self.curves, self.titles = curves, titles
        if axis != self.axis:
            self.axis, self.following = axis, True
        self._choose_scale()
        self.header.entries = self.legend()
        self.follow()
        self.update_reading()

    def set_log(self, log: bool) -> None:
        """Use a logarithmic scale, if no value is below 0."""
        self._wanted_log = log
        self._choose_scale()
        self.reset_view()

    def set_cursor(self, x: float | None) -> None:
        """Move the cursor; None hides it."""
        self.cursor.set_step(x)

    def set_x_range(self, low: float, high: float) -> None:
        """Follow the x range of the other plot."""
        view = self.plotItem.vb
        if view.viewRange()[0] != [low, high]:
            view.setRange(xRange=(low, high), padding=0, disableAutoRange=False)

    @property
    def readable(self) -> bool:
        return bool(self.curves)

    def restyle(self) -> None:
        self.cursor.set_color(QColor(self.theme.foreground))
        for _curve, item, _values in self._items:
            self.removeItem(item)
        self._items = []
        for curve in sorted(self.curves, key=lambda curve: -curve.look):
            style = self.style_of(curve)
            if curve.smooth is not None:
                pale = replace(style, color=mix(style.color.name(), self.theme.background, _PALE), dash=())
                raw = PolylineItem(pale, width=_RAW_WIDTH)
                raw.setZValue(-1)
                self._add(curve, raw, curve.raw)
            width = _WIDTH if curve.part == TRAIN else _OTHER_WIDTH
            self._add(curve, PolylineItem(style, width=width), curve.main)
        self._draw(*self.plotItem.vb.viewRange()[0])

    def style_of(self, curve: Curve) -> RunStyle:
        """The style of the run, as everywhere; where a run has several losses the dash and the shade are the loss's."""
        style = self.theme.run_style(curve.run)
        return self._looking(style, curve.look) if self._looks() else style

    def legend(self) -> list[tuple[str, RunStyle]]:
        """The names of the runs, and those of their losses where a run has several: of one run these alone."""
        runs = [(run, self.theme.run_style(run)) for run in dict.fromkeys(curve.run for curve in self.curves)]
        if not (looks := self._looks()):
            return [(self.titles.get(run, ""), style) for run, style in runs]
        of_all = RunStyle(QColor(self.theme.muted), (), "", self.theme.thick)
        color = of_all if len(runs) > 1 else replace(runs[0][1], marker="")
        titles = [(self.titles.get(run, ""), replace(style, dash=())) for run, style in runs if len(runs) > 1]
        return titles + [(_end(label, [*looks]), self._looking(color, look)) for label, look in looks.items()]

    def _looks(self) -> dict[str, int]:
        return {curve.label: curve.look for curve in self.curves if curve.label}

    def _looking(self, style: RunStyle, look: int) -> RunStyle:
        turn, place = divmod(look, len(_DASHES))
        shade = _SHADE if (turn + place) % 2 else 0.0
        return replace(style, color=mix(style.color.name(), self.theme.foreground, shade), dash=_DASHES[place])

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        rows, x = [], None
        for curve in self.curves:
            if not len(curve.x):
                continue
            index = curve.nearest(point.x())
            x = float(curve.x[index]) if x is None else x
            y = float(self._scaled(curve.main[index : index + 1])[0])
            dot = self.to_pixel(float(curve.x[index]), y) if math.isfinite(y) else None
            away = math.inf if dot is None else math.hypot(dot.x() - mouse.x(), dot.y() - mouse.y())
            values = [exact_text(float(curve.raw[index]))]
            values += [] if curve.smooth is None else [exact_text(float(curve.smooth[index]))]
            name = f"{self.titles.get(curve.run, '')} · {curve.name}" if len(self.titles) > 1 else curve.name
            rows.append(Row(_short(name), tuple(values), self.style_of(curve), dot, away))
        if x is None:
            return None
        at = self.to_pixel(x, point.y())
        smooth = any(curve.smooth is not None for curve in self.curves)
        heads = (tr("raw"), tr("smoothed")) if smooth else ()
        title = tr("{counter} {number}", counter=self.axis, number=exact_text(x))
        return Reading(title, nearest(rows), heads, None if at is None else at.x())

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        shown = [curve for curve in self.curves if len(curve.x)]
        if not shown:
            return None
        low = min(float(curve.x[0]) for curve in shown)
        high = max(float(curve.x[-1]) for curve in shown)
        margin = 0.02 * max(high - low, 1e-3)
        return (low - margin, high + margin), self._y_range(shown)

    def _y_range(self, shown: Sequence[Curve]) -> tuple[float, float]:
        drawn = [curve.main[curve.levels[0]] for curve in shown]
        values = np.concatenate(drawn)
        values = values[np.isfinite(values) & (np.abs(values) < LARGEST) & ((values > 0) | (not self.log))]
        if not len(values):
            return 0.0, 1.0
        begins = [float(np.nanmedian(part[:5])) for part in drawn if np.isfinite(part[:5]).any()]
        first = max((abs(begin) for begin in begins), default=0.0)
        top = min(float(values.max()), self._headroom * first) if first else float(values.max())
        low, high = (float(end) for end in self._scaled(np.array([values.min(), max(top, float(values.min()))])))
        margin = 0.06 * max(high - low, 1e-6 * max(abs(high), 1e-300), 0.02 if self.log else 0.0)
        return low - margin, high + margin

    def _add(self, curve: Curve, item: PolylineItem, values: Array) -> None:
        self._items.append((curve, item, values))
        self.addItem(item)

    def _draw(self, low: float, high: float) -> None:
        for curve, item, values in self._items:
            rows = curve.shown(low, high)
            item.set_points(curve.x[rows], self._scaled(values[rows]))

    def _x_changed(self, _view: Any, ends: Sequence[float]) -> None:
        self._draw(*ends)
        self.ranged.emit(*ends)

    def _choose_scale(self) -> None:
        below = any(bool((curve.raw[curve.levels[0]] < 0).any()) for curve in self.curves)
        self.log = self._wanted_log and not below
        self.axes["left"].setLogMode(y=self.log)
        self.restyle()

    def _scaled(self, values: Array) -> Array:
        if not self.log:
            return values
        with np.errstate(invalid="ignore"):
            return np.asarray(np.log10(np.maximum(values, _SMALLEST)))

    def _clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.curves:
            x = self.to_plot(event.scenePos()).x()
            points = [float(curve.x[curve.nearest(x)]) for curve in self.curves if len(curve.x)]
            if points:
                self.clicked.emit(min(points, key=lambda point: abs(point - x)))


def _short(name: str) -> str:
    """Returns a name with its begin and its end alone, if it is long: names of one run often begin alike."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME // 2 - 1]}…{name[-_LONGEST_NAME // 2 :]}"


def _end(name: str, names: Sequence[str]) -> str:
    """Returns a name without a long begin that it shares with all long names."""
    long = [each for each in names if len(each) > _LONG_BEGIN]
    if len(long) < 2 or name not in long:
        return name
    same = [one == other for one, other in zip(min(long), max(long), strict=False)]
    common = name[: [*same, False].index(False)]
    begin = max(common.rfind(sign) for sign in "/_. ") + 1
    return f"…{name[begin:]}" if begin > _LONG_BEGIN else name
