"""Standings come from the bench, the last question counts, and what is cancelled is silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from lrstudio.core.problems import NoisyLine, Parabola
from lrstudio.engine.compare.comparison import Comparison
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.instruments.compare.feed import CompareFeed, SeedsFeed
from lrstudio.ui.session.bench import Bench


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    """What is tested is its child, and both end here: else a thread that collects garbage would end their timers."""
    made = Bench(lambda: None)
    yield made
    made.stop()
    qtbot.waitUntil(lambda: not made.works)
    shiboken6.delete(made)


def trained(rate: float, steps: int = 50) -> Simulation:
    simulation = Simulation(Experiment(problem=Parabola(), runs=(Run(lr=rate),), steps=steps))
    simulation.advance(steps)
    return simulation


def test_of_many_questions_the_last_one_is_answered(bench: Bench, qtbot: QtBot) -> None:
    feed, told = CompareFeed(bench, bench), list[Any]()
    feed.compared.connect(lambda *known: told.append(known))
    simulation = trained(0.1)
    for step in range(50):
        feed.ask(simulation.experiment, simulation.trace, step)
    expected = Comparison(simulation.experiment, simulation.trace).at(simulation.experiment, 49)
    qtbot.waitUntil(lambda: bool(told) and told[-1][1] == expected)
    assert len(told) <= 2


def test_a_trace_that_was_left_and_is_asked_for_again_is_answered(bench: Bench, qtbot: QtBot) -> None:
    feed, told = CompareFeed(bench, bench), list[Any]()
    feed.compared.connect(lambda *known: told.append(known))
    first, other = trained(0.1), trained(0.2)
    for simulation in (first, other, first):
        feed.ask(simulation.experiment, simulation.trace, None)
    qtbot.waitUntil(lambda: bool(told))
    assert told[-1][0] is first.trace
    feed.forget()
    feed.ask(first.experiment, first.trace, None)
    qtbot.waitUntil(lambda: len(told) > 1)
    assert told[-1][0] is first.trace


def test_the_same_question_is_not_answered_twice(bench: Bench, qtbot: QtBot) -> None:
    feed, told = CompareFeed(bench, bench), list[Any]()
    feed.compared.connect(lambda *known: told.append(known))
    simulation = trained(0.1)
    for _ in range(3):
        feed.ask(simulation.experiment, simulation.trace, None)
        qtbot.waitUntil(lambda: bool(told) and not bench.busy)
    assert len(told) == 1


def test_seeds_that_are_cancelled_or_begun_anew_tell_nothing_of_before(bench: Bench, qtbot: QtBot) -> None:
    feed = SeedsFeed(bench, bench)
    slow = Experiment(problem=NoisyLine(), runs=(Run(lr=0.01),), steps=20_000, batch_size=4)
    quick = Experiment(problem=NoisyLine(), runs=(Run(lr=0.01),), steps=10, seed=7)
    feed.start(slow, 5)
    assert feed.belongs_to(slow)
    assert feed.fraction is not None
    feed.start(quick, 3)
    assert feed.belongs_to(quick.with_run(0, label="another name"))
    assert not feed.belongs_to(slow)
    qtbot.waitUntil(lambda: feed.fraction is None)
    assert feed.seeds == (7, 8, 9)
    assert [len(standings) for standings in feed.standings] == [1, 1, 1]
    assert all(standings[0].step == 10 for standings in feed.standings)
    feed.cancel()
    assert not feed.standings
    assert not feed.belongs_to(quick)
