"""Standings come from the bench, the last request counts, and cancelled jobs emit nothing."""

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
    """Deletes its children, the feeds, here: a garbage collection in another thread would stop their timers."""
    bench = Bench(lambda: None)
    yield bench
    bench.stop()
    qtbot.waitUntil(lambda: not bench.works)
    shiboken6.delete(bench)


def trained(rate: float, steps: int = 50) -> Simulation:
    simulation = Simulation(Experiment(problem=Parabola(), runs=(Run(lr=rate),), steps=steps))
    simulation.advance(steps)
    return simulation


def test_of_many_requests_the_last_one_is_computed(bench: Bench, qtbot: QtBot) -> None:
    feed, results = CompareFeed(bench, bench), list[Any]()
    feed.compared.connect(lambda *result: results.append(result))
    simulation = trained(0.1)
    for step in range(50):
        feed.ask(simulation.experiment, simulation.trace, step)
    expected = Comparison(simulation.experiment, simulation.trace).at(simulation.experiment, 49)
    qtbot.waitUntil(lambda: bool(results) and results[-1][1] == expected)
    assert len(results) <= 2


def test_a_trace_that_is_requested_again_is_compared_again(bench: Bench, qtbot: QtBot) -> None:
    feed, results = CompareFeed(bench, bench), list[Any]()
    feed.compared.connect(lambda *result: results.append(result))
    first, other = trained(0.1), trained(0.2)
    for simulation in (first, other, first):
        feed.ask(simulation.experiment, simulation.trace, None)
    qtbot.waitUntil(lambda: bool(results))
    assert results[-1][0] is first.trace
    feed.forget()
    feed.ask(first.experiment, first.trace, None)
    qtbot.waitUntil(lambda: len(results) > 1)
    assert results[-1][0] is first.trace


def test_an_equal_request_is_not_computed_twice(bench: Bench, qtbot: QtBot) -> None:
    feed, results = CompareFeed(bench, bench), list[Any]()
    feed.compared.connect(lambda *result: results.append(result))
    simulation = trained(0.1)
    for _ in range(3):
        feed.ask(simulation.experiment, simulation.trace, None)
        qtbot.waitUntil(lambda: bool(results) and not bench.busy)
    assert len(results) == 1


def test_seeds_that_are_cancelled_or_restarted_keep_no_earlier_standings(bench: Bench, qtbot: QtBot) -> None:
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
