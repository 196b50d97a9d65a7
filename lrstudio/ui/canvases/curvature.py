"""The largest eigenvalue of the Hessian against the step, and the largest at which the run's rate is stable."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QWidget

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.core.optimizers.recurrence import Recurrence
from lrstudio.engine.curvature_track import Samples
from lrstudio.ui.canvases.marks import exit_mark
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.drawing.axis import Span
from lrstudio.ui.drawing.curve import SampledItem
from lrstudio.ui.drawing.pyramid import drawable
from lrstudio.ui.drawing.reading import Reading, Row, exact_text, nearest
from lrstudio.ui.drawing.strokes import curve_scale
from lrstudio.ui.look.theme import Theme

_LEAST, _MOST = 1e-3, 1e3
"""Limits of the view as multiples of the stability limits, or of the curvatures without limits."""
_DIGITS = 4


class CurvatureCanvas(StepCanvas):
    """Draws measured samples. At the edge of stability a curve meets its dashed limit."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.samples = Samples.none()
        self.items: list[SampledItem] = []
        super().__init__(theme, parent)
        self.axes["left"].setLogMode(y=True)
        self.names.joined = False
        self._show_note()

    def show_samples(self, samples: Samples) -> None:
        """Replaces the samples by others of the shown trace."""
        self.samples = samples
        for run, item in enumerate(self.items):
            item.set_samples(samples.steps, samples.curvatures[:, run], samples.limits[:, run], self.rings(run))
        self._update_markers()
        self.follow()
        self._name_limits()
        self.update_reading()

    def build(self) -> None:
        assert self.trace is not None
        outline = QColor(self.theme.background)
        self.samples = Samples.none(self.trace.runs)
        self.items = [SampledItem(self.scale.of(run), self.style(run), outline) for run in range(self.trace.runs)]
        for run, item in enumerate(self.items):
            self.add_run_item(run, item)
        self.names.set_names([])
        self._show_note()

    def draw(self) -> None:
        self.show_marks()
        self.cursor_line.set_step(self.step)
        self._update_markers()

    def restyle(self) -> None:
        for run, item in enumerate(self.items):
            item.set_style(self.style(run), QColor(self.theme.background))
        self._show_note()

    def set_hidden(self, runs: Iterable[int]) -> None:
        super().set_hidden(runs)
        self._name_limits()

    def headings(self) -> tuple[str, ...]:
        return "λ", tr("limit"), "λη"

    def last_step(self) -> int:
        return 0 if self.trace is None else self.trace.length - 1

    def reading(self, point: QPointF, mouse: QPointF) -> Reading | None:
        if not len(self.samples.steps):
            return None
        step, rows = self.step_at(point.x()), []
        if not self.scale.stretches:
            step = self._sampled(step)[1]
        for run in self.visible_runs():
            at, own = self._sampled(self.scale.own_step(run, step))
            value, limit, rate = (
                float(part[at, run]) for part in (self.samples.curvatures, self.samples.limits, self.samples.rates)
            )
            dot = self._dot(own, value, run) if value > 0 else None
            distance = math.inf if dot is None else abs(dot.y() - mouse.y())
            rows.append(Row(self.name(run), _texts(value, limit, rate), self.style(run), dot, distance))
        line = self.to_pixel(self.scale.position(step), point.y())
        title = " · ".join(self.texts_at(step, mouse))
        return Reading(title, nearest(rows), self.headings(), None if line is None else line.x())

    def _sampled(self, step: int) -> tuple[int, int]:
        """Returns the index of the sample nearest to a step, and its step."""
        at = int(np.abs(self.samples.steps - step).argmin())
        return at, int(self.samples.steps[at])

    def y_range(self) -> tuple[float, float] | None:
        runs = self.visible_runs()
        if not runs:
            return None
        curvatures, limits = (_logarithms(part[:, runs]) for part in (self.samples.curvatures, self.samples.limits))
        anchor = limits if len(limits) else curvatures
        if not len(anchor):
            return -1.0, 1.0
        least, most = anchor.min() + math.log10(_LEAST), anchor.max() + math.log10(_MOST)
        values = np.concatenate([curvatures, limits]).clip(least, most)
        low, high = float(values.min()), float(values.max())
        middle = float(np.median(anchor))
        return Span(middle - 0.3, middle + 0.3, least - 0.2, most + 0.2).covering(low - 0.1, high + 0.1)

    def _apply_font(self) -> None:
        super()._apply_font()
        if "right" in self.axes:
            self.axes["right"].setWidth(QFontMetricsF(self.header.font()).horizontalAdvance("3.8/η") + 8)

    def follow(self) -> None:
        super().follow()
        bottom, top = self.plotItem.vb.viewRange()[1]
        with np.errstate(invalid="ignore"):
            values = curve_scale(drawable(self.samples.curvatures), log=True)
        above, below = (values > top).any(axis=0).tolist(), (values < bottom).any(axis=0).tolist()
        marks = {run: exit_mark(above[run], below[run]) for run in self.visible_runs() if run < len(above)}
        self.set_outside({run: mark for run, mark in marks.items() if mark})

    def _update_markers(self) -> None:
        for item in self.items:
            item.set_head(self.step)

    def rings(self, run: int) -> list[tuple[float, float]]:
        """Returns the points (step, limit) at which a run's curvature rises above its limit."""
        finite = np.isfinite(self.samples.limits[:, run])
        steps, limits = self.samples.steps[finite], self.samples.limits[finite, run]
        return [(step, float(np.interp(step, steps, limits))) for step in self.samples.crossings(run)]

    def _name_limits(self) -> None:
        """Names the dashed limits at the right axis."""
        assert self.trace is not None
        names = []
        for run in self.visible_runs() if len(self.samples.steps) else []:
            limit, rate = float(self.samples.limits[-1, run]), float(self.samples.rates[-1, run])
            if math.isfinite(limit) and limit > 0:
                names.append((math.log10(limit), f"{limit * rate:.2g}/η"))
        self.names.set_names(names)

    def _show_note(self) -> None:
        runs = () if self.experiment is None else self.experiment.runs
        laws = [(tr(run.optimizer.title), None if run.has_lr_factors else run.optimizer.recurrence()) for run in runs]
        bound = [law for _, law in laws if law and law.plain]
        plain = {title for title, law in laws if not (law and law.plain)}
        simple = all(law == Recurrence() for law in bound)
        notes = [tr("dashed: 2/η") if simple else tr("dashed: the limit at η")] if bound else []
        notes += [tr("{names}: plain curvature", names=", ".join(sorted(plain)))] if plain else []
        note = " · ".join(notes)
        if (note, self.scale.title) != (self._note, self.caption.text) or not self.header.title:
            self.set_titles(tr("Largest curvature λ"), self.scale.title, note)


def _logarithms(values: Array) -> Array:
    logarithms: Array = np.log10(values[np.isfinite(values) & (values > 0)])
    return logarithms


def _texts(value: float, limit: float, rate: float) -> tuple[str, str, str]:
    """Formats curvature, limit, and their products with the rate: 1.93 of 2."""
    product = f"{value * rate:.3g}".replace("-", "−") if math.isfinite(value * rate) else "–"
    if math.isfinite(limit):
        product = tr("{product} of {limit:.3g}", product=product, limit=limit * rate)
    shown = (exact_text(float(f"{number:.{_DIGITS}g}")) for number in (value, limit))
    return (*shown, product)  # type: ignore[return-value]
