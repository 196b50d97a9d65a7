"""Canvases are brought up to date: few runs at once, of many one canvas a frame, and only what is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.look.theme import DARK, LIGHT
from lrstudio.ui.session.arrangement import Arrangement
from lrstudio.ui.views.updater import CanvasUpdater


class Shown:
    """What an updater reads of a session."""

    def __init__(self, runs: int) -> None:
        lines = tuple(Run(lr=0.001 * (place + 1), color=place % 8) for place in range(runs))
        self.show(replace(EXAMPLES[0].experiment, runs=lines))

    def show(self, experiment: Any) -> None:
        self.experiment, self.arrangement = experiment, Arrangement.of(experiment.runs)
        self.simulation: Simulation | None = Simulation(experiment)
        self.trace = self.simulation.trace


@pytest.fixture
def canvases(qtbot: QtBot) -> list[PlotCanvas]:
    made = [kind(LIGHT) for kind in (WeightsCanvas, LossCanvas, RateCanvas)]
    for canvas in made:
        qtbot.addWidget(canvas)
    return made


def upkeep_of(session: Shown, seen: list[PlotCanvas]) -> CanvasUpdater:
    updater = CanvasUpdater(session, lambda: seen, LIGHT)  # type: ignore[arg-type]
    updater.invalidate()
    return updater


def current(session: Shown, canvases: list[PlotCanvas]) -> list[bool]:
    return [canvas.trace is session.trace for canvas in canvases]


def test_a_few_runs_are_shown_at_once_where_they_are_seen(canvases: list[PlotCanvas]) -> None:
    session = Shown(3)
    seen = canvases[:2]
    updater = upkeep_of(session, seen)
    assert current(session, canvases) == [True, True, False]
    seen.append(canvases[2])
    updater.update_visible()
    assert current(session, canvases) == [True, True, True]
    assert not updater.update_one()


def test_many_runs_are_shown_one_canvas_after_the_other(canvases: list[PlotCanvas]) -> None:
    session = Shown(40)
    updater = upkeep_of(session, canvases)
    for count in range(3):
        assert current(session, canvases) == [place < count for place in range(3)]
        assert updater.update_one()
    assert not updater.update_one()


def test_what_waits_shows_what_it_showed_before_and_can_be_brought_at_once(canvases: list[PlotCanvas]) -> None:
    session = Shown(40)
    updater = upkeep_of(session, canvases)
    while updater.update_one():
        pass
    before = session.trace
    session.show(session.experiment.with_run(0, lr=0.5))
    updater.invalidate()
    assert all(canvas.trace is before for canvas in canvases)
    updater.update(canvases[1])
    assert current(session, canvases) == [False, True, False]


def test_theme_names_and_hidden_runs_are_brought_too(canvases: list[PlotCanvas]) -> None:
    session = Shown(3)
    updater = upkeep_of(session, canvases)
    session.arrangement = session.arrangement.toggled(1)
    session.experiment = session.experiment.with_run(0, label="first")
    updater.theme = DARK
    updater.invalidate()
    for canvas in canvases:
        assert canvas.hidden == {1} and canvas.theme is DARK and canvas.name(0) == "first"


def test_nothing_is_made_anew_where_nothing_has_changed(
    canvases: list[PlotCanvas], monkeypatch: pytest.MonkeyPatch
) -> None:
    updater = upkeep_of(Shown(3), canvases)
    for name in ("set_experiment", "set_theme", "set_hidden"):
        monkeypatch.setattr(PlotCanvas, name, lambda *_: pytest.fail("made anew"))
    updater.invalidate()


def test_a_trace_of_other_runs_is_waited_for(canvases: list[PlotCanvas]) -> None:
    session = Shown(3)
    updater = upkeep_of(session, canvases)
    before = session.trace
    session.experiment = replace(session.experiment, runs=session.experiment.runs[:2])
    session.simulation = None
    updater.invalidate()
    assert all(canvas.trace is before for canvas in canvases)
    session.show(session.experiment)
    updater.invalidate()
    assert current(session, canvases) == [True, True, True]
