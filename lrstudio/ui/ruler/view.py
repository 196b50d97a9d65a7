"""The display of a rate ruler: the handles of all runs, the zones of the selected run, and their texts."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QEvent, QPointF, QSize, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.zones import Zones
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.look.theme import LIGHT, RunStyle, Theme
from lrstudio.ui.ruler.axis import (
    SELECTED_SIZE,
    TYPICAL,
    RateScale,
    RulerArea,
    handle_centers,
    paint_background,
    paint_handles,
    paint_ticks,
    paint_typical,
)
from lrstudio.ui.ruler.painted_zones import ZonePainter, zone_styles
from lrstudio.ui.ruler.words import best_sentence, limit_sentence, progress_sentence, rate_sentence, zone_word_at

_WIDEST_LABEL = "10⁻³⁰"
_MIN_POINTS = 9.0


@dataclass(frozen=True)
class SurveyQuestion:
    """A single-run experiment, whose rate does not matter, and the range of rates 10**low to 10**high."""

    experiment: Experiment
    low: int
    high: int

    @classmethod
    def of(cls, experiment: Experiment, run: int, low: int, high: int) -> Self:
        """Returns the question about one run of an experiment."""
        return cls(experiment.alone(run).bare(lr=1.0), low, high)


class RateRulerView(QWidget):
    """Shows the rates of all runs as handles, over the zones of the selected run once they are computed."""

    zones_requested = Signal(object)
    """The SurveyQuestion whose zones are to be shown."""
    zones_shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._styles = LIGHT, zone_styles(LIGHT)
        self._experiment: Experiment | None = None
        self._question: SurveyQuestion | None = None
        self.zones: Zones | None = None
        self.outdated = False
        """Whether the zones belong to an earlier question."""
        self._no_zones = ""
        self.names: list[str] = []
        self.rates: list[float] = []
        self._colors: list[int] = []
        self.current = 0
        self.is_dragged = False
        """Whether a drag is going on, which freezes the scale."""
        self.scale = RateScale.around([], 0, 1, 0)
        self.setAccessibleName(tr("Learning rates"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_runs(self, experiment: Experiment, current: int) -> None:
        """Shows the rates of all runs; `current` is the selected one."""
        self.names = [experiment.label(run) for run in range(len(experiment.runs))]
        self.rates = [run.lr for run in experiment.runs]
        self._colors = [run.color for run in experiment.runs]
        self.current = min(current, len(self.rates) - 1)
        self._experiment = experiment
        if not self.is_dragged:
            self.fit()
        self.describe()
        self.update()
        self._request_zones()

    def show_zones(self, zones: Zones | None, *, outdated: bool = False, failed: str = "") -> None:
        """Shows zones, faded if `outdated`; None with the error `failed` if they could not be computed."""
        self.zones, self.outdated, self._no_zones = zones, outdated, failed
        self.describe()
        self.update()
        self.zones_shown.emit()

    def set_theme(self, theme: Theme) -> None:
        self._theme, self._styles = theme, zone_styles(theme)
        self.update()

    @property
    def area(self) -> RulerArea:
        return RulerArea(QFontMetricsF(self.text_font()).height(), self.width())

    def sizeHint(self) -> QSize:
        return QSize(280, round(self.area.height))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.text_font())
        area, theme = self.area, self._theme
        paint_background(painter, area, theme, focused=self.hasFocus())
        zones = ZonePainter(painter, self.scale, area, theme, self._styles, self.outdated)
        if self.zones is not None:
            zones.zones(self.zones)
            zones.marks(self.zones)
        zones.notes(self.zones, self._no_zones)
        paint_typical(painter, self.scale, area, theme)
        paint_ticks(painter, self.scale, area, theme)
        styles: list[RunStyle] = [theme.run_style(color) for color in self._colors]
        paint_handles(painter, self._xs(), self._centers(), styles, self.current, area, theme)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self.fit()
        super().changeEvent(event)

    def handle_center(self, run: int) -> QPointF:
        """Returns the center of a run's handle."""
        return self._centers()[run]

    def text_font(self) -> QFont:
        font = self.font()
        font.setPointSizeF(max(_MIN_POINTS, font.pointSizeF()))
        return font

    def fit(self) -> None:
        """Rebuilds the scale for the rates, the width and the font."""
        label = QFontMetricsF(self.text_font()).horizontalAdvance(_WIDEST_LABEL)
        margin = label / 2 + 2  # for the labels at both ends
        self.scale = RateScale.around(self.rates, margin, max(self.width() - margin, 2 * margin), label)
        self._request_zones()

    def _centers(self) -> list[QPointF]:
        return handle_centers(self._xs(), self.current, self.area)

    def _xs(self) -> list[float]:
        return [self.scale.x(rate) for rate in self.rates]

    def handle_at(self, at: QPointF) -> int | None:
        """Returns the run of the nearest handle within reach; None if there is none."""
        distances = [(center - at).manhattanLength() for center in self._centers()]
        near = [run for run, distance in enumerate(distances) if distance <= SELECTED_SIZE * 0.8]
        return min(near, key=lambda run: distances[run], default=None)

    def reading(self, run: int, rate: float | None = None) -> str:
        """Returns the text of a run's name, rate (or a new `rate`) and zone."""
        rate = self.rates[run] if rate is None else rate
        is_rate = self.names[run] == f"{self.rates[run]:g}"
        text = tr("rate {rate:g}") if is_rate else tr("{name}: rate {rate:g}")
        zone = self._zone_word(rate) if run == self.current else ""
        return ": ".join(filter(None, [text.format(name=self.names[run], rate=rate), zone]))

    def explanation(self, at: QPointF) -> str:
        """Returns the tooltip of a position."""
        run = self.handle_at(at)
        if run is not None:
            return tr("{reading} (drag it; Shift for fine)", reading=self.reading(run))
        rate = self.scale.rate(at.x(), 2)
        zone = "" if self.zones is None or self.outdated else rate_sentence(self.zones, rate)
        name = self.names[self.current]
        words = [zone, tr("{rate:g}: click to give it to {name}", rate=rate, name=name)]
        if self.zones is not None:
            words += [limit_sentence(self.zones), best_sentence(self.zones), progress_sentence(self.zones)]
        low, high = TYPICAL
        usual = tr("rates that usually work for networks with Adam: {low:g} to {high:g}")
        words.append(usual.format(low=low, high=high) if low <= rate <= high else "")
        words.append(tr("No zones: {why}", why=self._no_zones) if self._no_zones else "")
        return "\n".join(filter(None, words))

    def _request_zones(self) -> None:
        """Requests zones if the question has changed."""
        if self._experiment is None:
            return
        question = SurveyQuestion.of(self._experiment, self.current, self.scale.low, self.scale.high)
        if question != self._question:
            self._question = question
            self.zones_requested.emit(question)

    def _zone_word(self, rate: float) -> str:
        return "" if self.zones is None or self.outdated else zone_word_at(self.zones, rate)

    def describe(self) -> None:
        """Updates the accessible description: the selected run, its rate, its zone, the limit and the best rate."""
        rate = self.rates[self.current]
        if rate < TYPICAL[0]:
            where = tr("below the rates that usually work for networks with Adam, {low:g} to {high:g}")
        elif rate > TYPICAL[1]:
            where = tr("above the rates that usually work for networks with Adam, {low:g} to {high:g}")
        else:
            where = tr("among the rates that usually work for networks with Adam, {low:g} to {high:g}")
        where = where.format(low=TYPICAL[0], high=TYPICAL[1])
        text = tr(
            "run {place} of {count}, {name}: rate {rate:g}, {where}",
            place=self.current + 1,
            count=len(self.rates),
            name=self.names[self.current],
            rate=rate,
            where=where,
        )
        text = ", ".join([text, *self._described_zones(rate)])
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            if QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def _described_zones(self, rate: float) -> list[str]:
        if self.zones is None or self.outdated:
            return []
        word = self._zone_word(rate)
        zone = tr("zone: {word}", word=word) if word else ""
        return [text for text in (zone, limit_sentence(self.zones), best_sentence(self.zones)) if text]
