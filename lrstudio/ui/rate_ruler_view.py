"""A logarithmic ruler with a handle for every run: what it shows and says."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lrstudio.engine.experiment import Experiment
from lrstudio.ui.canvases.guard import guarded
from lrstudio.ui.rate_scale import TYPICAL, RateScale
from lrstudio.ui.ruler_parts import (
    SELECTED_SIZE,
    RulerArea,
    handle_places,
    paint_background,
    paint_band,
    paint_handles,
    paint_ticks,
)
from lrstudio.ui.theme import LIGHT, RunStyle, Theme

_WIDEST = "10⁻³⁰"
_LEAST_POINTS = 9.0


class RateRulerView(QWidget):
    """Draws the rates of all runs; the selected run's handle is larger. Its parts are those of `ruler_parts`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.names: list[str] = []
        self.rates: list[float] = []
        self._colors: list[int] = []
        self.current = 0
        self.held = False
        """Whether the scale stands still: somebody drags on it."""
        self.scale = RateScale.around([], 0, 1, 0)
        self.setAccessibleName(self.tr("Learning rates"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_runs(self, experiment: Experiment, current: int) -> None:
        """Show every run's rate; `current` is the selected one."""
        self.names = [experiment.label(run) for run in range(len(experiment.runs))]
        self.rates = [run.lr for run in experiment.runs]
        self._colors = [run.color for run in experiment.runs]
        self.current = min(current, len(self.rates) - 1)
        if not self.held:
            self.fit()
        self.describe()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    @property
    def _area(self) -> RulerArea:
        return RulerArea(QFontMetricsF(self._font()).height(), self.width())

    def sizeHint(self) -> QSize:
        return QSize(280, round(self._area.height))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._font())
        area, theme = self._area, self._theme
        paint_background(painter, area, theme, focused=self.hasFocus())
        paint_band(painter, self.scale, area, theme, self.tr("typical"))
        paint_ticks(painter, self.scale, area, theme)
        styles: list[RunStyle] = [theme.run_style(color) for color in self._colors]
        paint_handles(painter, self._xs(), self._places(), styles, self.current, area, theme)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self.fit()
        super().changeEvent(event)

    def place(self, run: int) -> QPointF:
        """The middle of a run's handle."""
        return self._places()[run]

    def _font(self) -> QFont:
        font = self.font()
        font.setPointSizeF(max(_LEAST_POINTS, font.pointSizeF()))
        return font

    def fit(self) -> None:
        """Make the scale anew for the rates, the width and the font."""
        label = QFontMetricsF(self._font()).horizontalAdvance(_WIDEST)
        margin = label / 2 + 2  # for the labels at both ends
        self.scale = RateScale.around(self.rates, margin, max(self.width() - margin, 2 * margin), label)

    def _places(self) -> list[QPointF]:
        return handle_places(self._xs(), self.current, self._area)

    def _xs(self) -> list[float]:
        return [self.scale.x(rate) for rate in self.rates]

    def handle_at(self, at: QPointF) -> int | None:
        """The run whose handle is there; of several the one that is nearest."""
        distances = [(place - at).manhattanLength() for place in self._places()]
        near = [run for run, distance in enumerate(distances) if distance <= SELECTED_SIZE * 0.8]
        return min(near, key=lambda run: distances[run], default=None)

    def reading(self, run: int, rate: float | None = None) -> str:
        """A run's name and its rate, or the one it is about to have."""
        rate = self.rates[run] if rate is None else rate
        known = self.names[run] == f"{self.rates[run]:g}"
        text = self.tr("rate {rate:g}") if known else self.tr("{name}: rate {rate:g}")
        return text.format(name=self.names[run], rate=rate)

    def explanation(self, at: QPointF) -> str:
        """What is there, in words."""
        run = self.handle_at(at)
        if run is not None:
            return self.tr("{reading} (drag it; Shift for fine)").format(reading=self.reading(run))
        rate = self.scale.rate(at.x(), 2)
        words = self.tr("{rate:g}: click to give it to {name}").format(rate=rate, name=self.names[self.current])
        inside = TYPICAL[0] <= rate <= TYPICAL[1]
        return words + "\n" + self.tr("typical: 0.0001 to 0.01") if inside else words

    def describe(self) -> None:
        """Say the selected run and its rate to those who cannot see it."""
        rate = self.rates[self.current]
        if rate < TYPICAL[0]:
            where = self.tr("below the typical range, 0.0001 to 0.01")
        elif rate > TYPICAL[1]:
            where = self.tr("above the typical range, 0.0001 to 0.01")
        else:
            where = self.tr("in the typical range, 0.0001 to 0.01")
        text = self.tr("run {place} of {count}, {name}: rate {rate:g}, {where}").format(
            place=self.current + 1, count=len(self.rates), name=self.names[self.current], rate=rate, where=where
        )
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            if QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
