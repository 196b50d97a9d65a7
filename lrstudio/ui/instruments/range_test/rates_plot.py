"""The rate against the iteration."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from lrstudio.ui.drawing.plot import Plot
from lrstudio.ui.drawing.polyline import PolylineItem
from lrstudio.ui.drawing.reading import Reading, Row, exact_text
from lrstudio.ui.instruments.range_test.plots import Line, same
from lrstudio.ui.look.theme import Theme


class RatesPlot(Plot):
    """The rate against the iteration: straight on a logarithmic scale where it grows by a factor."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.lines: Sequence[Line] = ()
        self._items: list[PolylineItem] = []
        super().__init__(theme, parent)
        self.axes["left"].setLogMode(y=True)
        self.set_titles(self.tr("Learning rate"), "")

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show the rates of these tests or logs."""
        if same(self.lines, lines):
            return
        self.lines = lines
        self._rebuild()
        self.follow()

    def restyle(self) -> None:
        self._rebuild()

    @property
    def readable(self) -> bool:
        return any(line.shown for line in self.lines)

    def reading(self, place: QPointF, mouse: QPointF) -> Reading | None:
        rows, step = [], 0.0
        for line in self.lines:
            if line.shown:
                nearest = int(np.abs(line.curve.step - place.x()).argmin())
                step = float(line.curve.step[nearest])
                rows.append(Row(line.name, (exact_text(float(line.curve.lr[nearest])),), line.style))
        at = self.to_pixel(step, place.y())
        return Reading(self.tr("iteration {step:g}").format(step=step), rows, (), None if at is None else at.x())

    def view(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        rates = np.concatenate([np.empty(0), *(line.curve.lr for line in self.lines)])
        rates = rates[rates > 0]
        if not len(rates):
            return None
        steps = np.concatenate([line.curve.step for line in self.lines])
        first, last = float(steps.min()), float(steps.max())
        low, high = math.log10(rates.min()), math.log10(rates.max())
        aside, margin = 0.02 * max(last - first, 1), 0.08 * max(high - low, 0.1)
        return (first - aside, last + aside), (low - margin, high + margin)

    def _rebuild(self) -> None:
        for item in self._items:
            self.removeItem(item)
        self._items = [PolylineItem(line.style, width=2.5, log=True) for line in self.lines]
        for item, line in zip(self._items, self.lines, strict=True):
            item.set_points(line.curve.step, line.curve.lr)
            self.addItem(item, ignoreBounds=True)
