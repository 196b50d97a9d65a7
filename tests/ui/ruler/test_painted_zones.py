"""The zones on the ruler of rates: what they ask for, how they look, what they say."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from pytestqt.qtbot import QtBot

from lrstudio.core.analysis.verdict import ARRIVED, CYCLING, DIVERGED, TOO_SLOW, VERDICTS, Key
from lrstudio.core.optimizers import Adam
from lrstudio.core.problems import Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.best_rate import Best
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.survey import Survey
from lrstudio.engine.sweep.theory import Theory
from lrstudio.engine.sweep.zones import Zones
from lrstudio.ui.look.theme import DARK, LIGHT, Theme
from lrstudio.ui.ruler.painted_zones import zone_styles
from lrstudio.ui.ruler.ruler import RateRuler
from lrstudio.ui.ruler.view import SurveyQuestion
from lrstudio.ui.ruler.words import limit_sentence
from tests.paints import luminance

EXPERIMENT = Experiment(problem=Parabola(), runs=(Run(lr=0.01), Run(lr=0.9, color=1), Run(lr=1.5, color=2)))


def zones_of(codes: dict[float, int], **given: Any) -> Zones:
    """Zones of some rates with their verdicts."""
    rates = np.array(sorted(codes))
    summary = Summary.empty((len(rates),))
    summary.verdict[:] = [codes[rate] for rate in rates]
    summary.final_loss[:] = 0.25
    summary.turns[:] = 0
    return replace(Zones(rates, summary, 100, 100, len(rates), done=True), **given)


@pytest.fixture
def ruler(qtbot: QtBot) -> RateRuler:
    ruler = RateRuler(1e6)
    qtbot.addWidget(ruler)
    ruler.resize(300, ruler.sizeHint().height())
    ruler.show_runs(EXPERIMENT, 0)
    ruler.show()
    qtbot.waitExposed(ruler)
    return ruler


@pytest.fixture(scope="module")
def parabola() -> Zones:
    return list(Survey(EXPERIMENT, 0, -6, 1).pictures(lambda: False))[-1]


def color_at(ruler: RateRuler, rate: float, y: float) -> QColor:
    return ruler.grab().toImage().pixelColor(round(ruler.scale.x(rate)), round(y))


def words_painted(ruler: RateRuler, monkeypatch: pytest.MonkeyPatch) -> dict[str, QRectF]:
    """All texts that a paint writes, and where."""
    texts: dict[str, QRectF] = {}
    write = QPainter.drawText

    def note(painter: QPainter, *given: object) -> object:
        place = QRectF(given[0]) if isinstance(given[0], QRectF) else QRectF()
        texts.update((part, place) for part in given if isinstance(part, str))
        return write(painter, *given)  # type: ignore[call-overload]

    monkeypatch.setattr(QPainter, "drawText", note)
    ruler.grab()
    monkeypatch.undo()
    return texts


@pytest.mark.parametrize("rate", [0.03, 0.2, 0.5, 0.7, 0.97])
@pytest.mark.parametrize("width", [240, 265, 300, 600])
def test_limit_and_best_rate_both_have_their_numbers_and_neither_hides_the_other(
    ruler: RateRuler, parabola: Zones, rate: float, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parabola.best is not None
    best = replace(parabola.best, rate=rate)
    ruler.resize(width, ruler.height())
    ruler.show_zones(replace(parabola, theory=Theory(0.98561, exact=True), best=best))
    texts = words_painted(ruler, monkeypatch)
    star = ruler.area.marks(ruler.scale.x(rate) - 7, ruler.scale.x(rate) + 7)
    places = [texts["limit 0.9856"], texts[f"best {rate}"], star]
    assert not any(one.intersects(other) for one, other in combinations(places, 2))


def test_the_limit_of_an_optimizer_without_theory_is_marked_as_measured_only(parabola: Zones) -> None:
    for theory, said in ((Theory(known=False), True), (Theory(), False), (Theory(0.98561), False)):
        assert ("no theory known" in limit_sentence(replace(parabola, theory=theory))) == said


def test_it_asks_for_zones_when_something_matters_and_for_a_rate_or_a_name_it_does_not(ruler: RateRuler) -> None:
    requests: list[SurveyQuestion] = []
    ruler.zones_requested.connect(requests.append)
    ruler.show_runs(EXPERIMENT.with_run(0, lr=0.02, label="mine", color=5).with_run(2, lr=2.0), 0)
    ruler.show_runs(EXPERIMENT, 1)  # the same optimizer, schedule and start
    assert requests == []
    for other in (
        EXPERIMENT.with_run(0, optimizer=Adam()),
        EXPERIMENT.with_run(0, start=(3.0,)),
        replace(EXPERIMENT, steps=50),
        replace(EXPERIMENT, target_loss=1.0),
        replace(EXPERIMENT, precision="float32"),
        EXPERIMENT.with_run(1, lr=1e-9),  # the ruler is longer then
    ):
        before = len(requests)
        ruler.show_runs(other, 0)
        assert len(requests) == before + 1
    assert requests[-1].low == -9 and requests[0].low == -6


def test_while_a_handle_is_dragged_the_zones_stay(ruler: RateRuler, parabola: Zones) -> None:
    ruler.show_zones(parabola)
    requests: list[object] = []
    ruler.zones_requested.connect(requests.append)
    ruler.is_dragged = True
    for rate in (0.1, 5.0, 100.0):
        ruler.show_runs(EXPERIMENT.with_run(0, lr=rate), 0)
    assert requests == [] and ruler.zones is parabola and not ruler.outdated


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_each_zone_has_its_tint_where_its_rates_are(ruler: RateRuler, parabola: Zones, theme: Theme) -> None:
    ruler.set_theme(theme)
    ruler.show_zones(parabola)
    styles = zone_styles(theme)
    low = ruler.area.strip + ruler.area.text + 1  # below the marks, above the handles
    expected: tuple[tuple[float, Key], ...] = (
        (1e-5, "too_slow"),
        (0.05, "converging"),
        (0.87, "oscillating"),
        (6.0, "diverged"),
    )
    for rate, key in expected:
        assert color_at(ruler, rate, low) == styles[key].below, rate
    ruler.show_zones(None)
    assert color_at(ruler, 1e-5, low) == QColor(theme.background)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_zones_differ_without_colour_and_their_names_are_readable(qtbot: QtBot, theme: Theme) -> None:
    styles = zone_styles(theme)
    patterns = [styles[key].pattern.style() for key in VERDICTS if key != "arrived"]
    assert len(set(patterns)) == len(patterns)
    for look in styles.values():
        assert contrast(QColor(theme.foreground), look.tint) >= 4.5
        assert contrast(QColor(theme.foreground), look.below) >= 4.5


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("points", [9, 14, 24])
def test_wide_zones_have_a_word_and_the_marks_theirs_and_no_two_touch(
    ruler: RateRuler, parabola: Zones, points: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    font = ruler.font()
    font.setPointSizeF(points)
    ruler.setFont(font)
    ruler.resize(30 * points, ruler.sizeHint().height())
    ruler.show_zones(parabola)
    texts = words_painted(ruler, monkeypatch)
    assert {"too slow", "good"} <= set(texts)
    assert "limit 1" in texts and "best 0.5" in texts
    metrics = QFontMetricsF(ruler.text_font())
    assert ruler.area.strip >= metrics.height()


def test_a_zone_that_is_too_narrow_has_no_word(ruler: RateRuler, monkeypatch: pytest.MonkeyPatch) -> None:
    ruler.show_zones(zones_of({1e-6: TOO_SLOW, 1e-2: TOO_SLOW, 1.1e-2: CYCLING, 1.2e-2: DIVERGED, 10.0: DIVERGED}))
    texts = words_painted(ruler, monkeypatch)
    assert "too slow" in texts and "diverging" in texts and "cycling" not in texts


def test_the_ruler_shows_the_progress_of_incomplete_zones(
    ruler: RateRuler, parabola: Zones, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "computing…" in words_painted(ruler, monkeypatch)
    ruler.show_zones(replace(parabola, requested=900, done=False))
    assert "computing…" in words_painted(ruler, monkeypatch)
    ruler.show_zones(replace(parabola, requested=900))
    assert "coarse" in words_painted(ruler, monkeypatch)
    assert "coarse: 257 of 900 rates" in ruler.explanation(QPointF(ruler.scale.x(1e-5), 8))
    ruler.show_zones(replace(parabola, planned=10**6))
    assert "first 100 steps" in words_painted(ruler, monkeypatch)
    ruler.show_zones(parabola)
    assert not {"computing…", "coarse"} & set(words_painted(ruler, monkeypatch))
    ruler.show_zones(parabola, outdated=True)
    assert "computing…" in words_painted(ruler, monkeypatch)
    ruler.show_zones(None, failed="it cannot be swept")
    assert "no zones" in words_painted(ruler, monkeypatch)
    assert "it cannot be swept" in ruler.explanation(QPointF(ruler.scale.x(1e-5), 8))


def test_a_limit_above_which_some_rates_do_not_diverge_is_marked_so(
    ruler: RateRuler, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = {1e-6: TOO_SLOW, 0.1: ARRIVED, 0.2: DIVERGED, 0.5: CYCLING, 10.0: DIVERGED}
    for last, on in ((CYCLING, False), (DIVERGED, True)):
        ruler.show_zones(zones_of(codes | {0.5: last}, limit=(0.1, 0.2)))
        said = ruler.explanation(QPointF(ruler.scale.x(1e-5), 8))
        assert ("largest stable rate: between 0.1 and 0.2" in said, "some larger ones do not" in said) == (on, not on)
        painted = words_painted(ruler, monkeypatch)
        assert [any(word.startswith(text) for word in painted) for text in ("limit", "first diverges")] == [on, not on]


def test_a_theoretical_limit_is_shown_at_once_and_a_coarse_one_is_marked_so(
    ruler: RateRuler, monkeypatch: pytest.MonkeyPatch
) -> None:
    coarse = zones_of({1e-6: TOO_SLOW, 0.1: ARRIVED, 0.2: DIVERGED, 10.0: DIVERGED}, limit=(0.1, 0.2), done=False)
    ruler.show_zones(coarse)
    assert "limit about 0.1" in words_painted(ruler, monkeypatch)
    ruler.show_zones(replace(coarse, theory=Theory(0.1198, exact=True)))
    assert "limit 0.1198" in words_painted(ruler, monkeypatch)
    assert "largest stable rate: 0.1198 (theory" in ruler.explanation(QPointF(ruler.scale.x(1e-5), 8))
    ruler.show_zones(replace(coarse, theory=Theory(0.1198, exact=False)))  # at the minimum only
    assert "limit about 0.1" in words_painted(ruler, monkeypatch)
    ruler.show_zones(replace(coarse, limit=(0.1195, 0.1202), done=True))
    assert "limit 0.12" in words_painted(ruler, monkeypatch)


def test_the_tooltip_shows_the_behaviour_of_a_rate_the_limit_and_the_best_rate(
    ruler: RateRuler, parabola: Zones
) -> None:
    ruler.show_zones(parabola)

    def said(rate: float) -> str:
        return ruler.explanation(QPointF(ruler.scale.x(rate), 8))

    assert "rate 1e-05: too slow" in said(1e-5)
    assert "rate 0.3: good, it gets there" in said(0.3)
    assert ": oscillating, it swings from side to side and still gets there" in said(0.87)
    assert "rate 5: diverging" in said(5.0)
    for rate in (1e-5, 5.0):
        assert "largest stable rate: between 0.99" in said(rate) and "theory: 1)" in said(rate)
        assert "best: 0.5, least loss over the last quarter of 25 steps" in said(rate)


def test_a_drag_tells_in_which_zone_the_rate_is(ruler: RateRuler, parabola: Zones) -> None:
    assert ruler.reading(0, 0.9) == "rate 0.9"
    ruler.show_zones(parabola)
    assert ruler.reading(0, 0.9) == "rate 0.9: oscillating"
    assert ruler.reading(0, 3.0) == "rate 3: diverging"
    assert ruler.reading(0, 1.0) == "rate 1: the largest stable rate"
    assert ruler.reading(1) == "rate 0.9"  # another run has zones of its own


def test_the_accessible_description_contains_the_zone_of_the_selected_run_and_the_limit(
    ruler: RateRuler, parabola: Zones
) -> None:
    ruler.show_zones(parabola)
    assert "zone: good, largest stable rate: between" in ruler.accessibleDescription()
    ruler.show_runs(EXPERIMENT, 2)
    assert "zone: diverging" in ruler.accessibleDescription()
    ruler.show_zones(parabola, outdated=True)
    assert "zone" not in ruler.accessibleDescription()


def test_handles_contrast_with_the_zones_and_are_not_covered(ruler: RateRuler, parabola: Zones) -> None:
    ruler.show_zones(parabola)
    for run, color in ((1, 1), (2, 2)):
        place = ruler.handle_center(run)
        painted = ruler.grab().toImage().pixelColor(place.toPoint())
        assert painted == LIGHT.run_style(color).color
        assert place.y() - 9 > ruler.area.strip


def test_any_zones_are_painted(ruler: RateRuler) -> None:
    for codes in (
        {},
        {0.1: ARRIVED},
        {1e-6: DIVERGED, 10.0: DIVERGED},
        {10.0 ** (n / 50): n % 8 for n in range(-300, 50)},
    ):
        ruler.show_zones(zones_of(codes, best=Best(0.1, "least", 100, 0.1, 0.1, Summary.empty(())), limit=(9.9, 10.0)))
        ruler.grab()
        ruler.show_runs(EXPERIMENT.with_run(0, lr=0.0), 0)
        ruler.grab()
