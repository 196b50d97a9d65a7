"""The display of a rate ruler: the handles of all runs, the zones of the selected run, and their texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from PySide6.QtCore import QEvent, QPointF, QSize, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.zones import Zones
from lrstudio.ui.drawing.guard import guarded
from lrstudio.ui.look.theme import LIGHT, RunStyle, Theme
from lrstudio.ui.ruler.axis import (
    SELECTED_SIZE,
    TYPICAL,
    RateScale,
    RulerArea,
    handle_places,
    paint_background,
    paint_handles,
    paint_ticks,
    paint_typical,
)
from lrstudio.ui.ruler.painted_zones import ZonePainter, zone_looks
from lrstudio.ui.ruler.words import best_sentence, limit_sentence, place_word, progress_sentence, rate_sentence

_WIDEST = "10⁻³⁰"
_LEAST_POINTS = 9.0


@dataclass(frozen=True)
class SurveyQuestion:
    """The only run of an experiment, whose rate does not matter, and the decades 10**low to 10**high."""

    experiment: Experiment
    low: int
    high: int

    @classmethod
    def of(cls, experiment: Experiment, run: int, low: int, high: int) -> Self:
        """That of one of an experiment's runs."""
        return cls(experiment.alone(run).bare(lr=1.0), low, high)


class RateRulerView(QWidget):
    """Draws the rates of all runs; the selected run's handle is larger. Its parts are those of `ruler_parts`.

    Behind them it has the zones of the selected run, once they are known.
    """

    asked = Signal(object)
    """The zones of something else are wanted: a SurveyQuestion."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._looks = LIGHT, zone_looks(LIGHT)
        self._experiment: Experiment | None = None
        self._question: SurveyQuestion | None = None
        self.zones: Zones | None = None
        self.pale = False
        """Whether the zones are of something that has been changed since."""
        self._no_zones = ""
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
        self._experiment = experiment
        if not self.held:
            self.fit()
        self.describe()
        self.update()
        self._ask()

    def show_zones(self, zones: Zones | None, *, pale: bool = False, failed: str = "") -> None:
        """Show zones; `pale` those that are not right any more, and in place of any why there are none."""
        self.zones, self.pale, self._no_zones = zones, pale, failed
        self.describe()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme, self._looks = theme, zone_looks(theme)
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
        zones = ZonePainter(painter, self.scale, area, theme, self._looks, self.pale)
        if self.zones is not None:
            zones.zones(self.zones)
            zones.marks(self.zones)
        zones.notes(self.zones, self._no_zones)
        paint_typical(painter, self.scale, area, theme)
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

    def text_font(self) -> QFont:
        font = self.font()
        font.setPointSizeF(max(_LEAST_POINTS, font.pointSizeF()))
        return font

    def fit(self) -> None:
        """Make the scale anew for the rates, the width and the font."""
        label = QFontMetricsF(self.text_font()).horizontalAdvance(_WIDEST)
        margin = label / 2 + 2  # for the labels at both ends
        self.scale = RateScale.around(self.rates, margin, max(self.width() - margin, 2 * margin), label)
        self._ask()

    def _places(self) -> list[QPointF]:
        return handle_places(self._xs(), self.current, self.area)

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
        zone = place_word(self.zones, rate) if run == self.current and self.zones is not None and not self.pale else ""
        return ": ".join(filter(None, [text.format(name=self.names[run], rate=rate), zone]))

    def explanation(self, at: QPointF) -> str:
        """What is there, in words."""
        run = self.handle_at(at)
        if run is not None:
            return self.tr("{reading} (drag it; Shift for fine)").format(reading=self.reading(run))
        rate = self.scale.rate(at.x(), 2)
        name = self.names[self.current]
        words = [self._zone_words(rate), self.tr("{rate:g}: click to give it to {name}").format(rate=rate, name=name)]
        if self.zones is not None:
            words += [limit_sentence(self.zones), best_sentence(self.zones), progress_sentence(self.zones)]
        low, high = TYPICAL
        usual = self.tr("rates that usually work for networks with Adam: {low:g} to {high:g}")
        words.append(usual.format(low=low, high=high) if low <= rate <= high else "")
        words.append(self.tr("No zones: {why}").format(why=self._no_zones) if self._no_zones else "")
        return "\n".join(filter(None, words))

    def _ask(self) -> None:
        """Ask for zones where those that were asked for are of something else."""
        if self._experiment is None:
            return
        question = SurveyQuestion.of(self._experiment, self.current, self.scale.low, self.scale.high)
        if question != self._question:
            self._question = question
            self.asked.emit(question)

    def _zone_words(self, rate: float) -> str:
        return "" if self.zones is None or self.pale else rate_sentence(self.zones, rate)

    def describe(self) -> None:
        """Say the selected run and its rate to those who cannot see it."""
        rate = self.rates[self.current]
        if rate < TYPICAL[0]:
            where = self.tr("below the rates that usually work for networks with Adam, {low:g} to {high:g}")
        elif rate > TYPICAL[1]:
            where = self.tr("above the rates that usually work for networks with Adam, {low:g} to {high:g}")
        else:
            where = self.tr("among the rates that usually work for networks with Adam, {low:g} to {high:g}")
        where = where.format(low=TYPICAL[0], high=TYPICAL[1])
        text = self.tr("run {place} of {count}, {name}: rate {rate:g}, {where}").format(
            place=self.current + 1, count=len(self.rates), name=self.names[self.current], rate=rate, where=where
        )
        text = ", ".join([text, *self._described_zones(rate)])
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            if QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def _described_zones(self, rate: float) -> list[str]:
        """The zone of a rate, the limit and the best rate, as far as they are known."""
        if self.zones is None or self.pale:
            return []
        word = place_word(self.zones, rate)
        zone = self.tr("zone: {word}").format(word=word) if word else ""
        return [text for text in (zone, limit_sentence(self.zones), best_sentence(self.zones)) if text]
