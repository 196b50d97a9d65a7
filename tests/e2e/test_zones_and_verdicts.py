"""The ruler's zones and the runs' verdicts, in the window."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from lrstudio.core.optimizers import Adam
from lrstudio.core.problems import Parabola
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.judgement import judge_run
from lrstudio.engine.sweep.survey import Survey
from lrstudio.engine.training.batch_runner import compiled
from lrstudio.engine.training.pilot import State
from lrstudio.ui.runs.model import VERDICT
from tests.e2e.conftest import Driver

LEFT = Qt.MouseButton.LeftButton


def example(key: str) -> Experiment:
    return next(known.experiment for known in EXAMPLES if known.key == key)


def show(driver: Driver, experiment: Experiment) -> None:
    driver.until_new_trace(lambda: driver.session.show(experiment))


def until_zones(driver: Driver) -> None:
    driver.until(lambda: not driver.window.rate_zones.busy)


def keys(driver: Driver) -> list[str | None]:
    model = driver.window.runs.view.model()
    found = [model.index(row, 0).data(VERDICT) for row in range(model.rowCount())]
    return [None if verdict is None else verdict.key for verdict in found]


def until_verdicts(driver: Driver) -> None:
    driver.until(lambda: driver.window.verdicts.settled)


def test_the_zones_are_those_of_the_selected_run_and_follow_its_edits(driver: Driver) -> None:
    ruler, session = driver.window.dock.ruler, driver.session
    show(driver, example("parabola_edge"))
    until_zones(driver)
    assert [zone.key for zone in ruler.zones.zones] == ["too_slow", "converging", "oscillating", "diverged"]
    first = ruler.zones
    driver.window.dock.choose_optimizer("adam")
    driver.until(lambda: ruler.zones is not first and ruler.zones.done)
    assert ruler.zones.key_of(10.0) != "diverged"  # its steps are never larger than the rate
    driver.window.runs.select(1)  # still SGD
    driver.until(lambda: ruler.zones.key_of(10.0) == "diverged")
    session.edit(replace(session.experiment, steps=3))
    driver.until(lambda: ruler.zones.planned == 3 and ruler.zones.done)
    driver.menu("Edit", "Undo number of steps")
    driver.until(lambda: ruler.zones.planned == 30)


def test_dragging_a_rate_leaves_the_zones_and_computes_nothing(driver: Driver, qtbot: QtBot) -> None:
    ruler = driver.window.dock.ruler
    until_zones(driver)
    zones, requests = ruler.zones, list[object]()
    ruler.zones_requested.connect(requests.append)
    start = ruler.handle_center(0).toPoint()
    qtbot.mousePress(ruler, LEFT, pos=start)
    for step in range(1, 30, 4):
        qtbot.mouseMove(ruler, start + QPoint(step, 0))
    qtbot.mouseRelease(ruler, LEFT, pos=start + QPoint(29, 0))
    driver.until(lambda: driver.session.experiment.runs[0].lr > 0.01)
    assert requests == [] and ruler.zones is zones and not ruler.outdated


def test_an_edit_ends_the_work_on_the_zones_before(driver: Driver) -> None:
    show(driver, example("moons"))
    works = driver.window.bench
    for steps in (500, 600, 700, 5000):
        driver.session.edit(replace(driver.session.experiment, steps=steps))
    driver.until(lambda: sum(not work.cancelled for work in works.works) <= 1)
    show(driver, example("parabola"))
    until_zones(driver)
    assert driver.window.dock.ruler.zones.planned == 100


def test_a_network_has_coarse_zones_first(driver: Driver) -> None:
    ruler = driver.window.dock.ruler
    until_zones(driver)
    show(driver, example("moons"))
    driver.until(lambda: ruler.zones is not None and ruler.zones.planned == 400)
    assert len(ruler.zones.rates) < 257 and not ruler.zones.done
    assert ruler.zones.key_of(1e-6) == "too_slow"


def test_the_accessible_description_of_the_ruler_contains_the_limit(driver: Driver) -> None:
    show(driver, example("parabola_edge"))
    until_zones(driver)
    assert "zone: good" in driver.window.dock.ruler.accessibleDescription()
    driver.window.runs.select(3)
    assert "zone: diverging" in driver.window.dock.ruler.accessibleDescription()
    assert re.search(r"theory: 1\)", driver.window.dock.ruler.accessibleDescription())


def test_every_run_gets_its_verdict_and_the_selected_one_its_proof(driver: Driver) -> None:
    show(driver, example("parabola_edge"))
    assert keys(driver) == [None] * 4
    driver.finish()
    until_verdicts(driver)
    assert keys(driver) == ["arrived", "arrived", "cycling", "diverged"]
    proof = driver.window.runs.proof
    driver.window.runs.select(3)
    assert proof.text().startswith("diverged. ") and "1.05 is above the largest stable rate 2/λ = 1" in proof.text()
    driver.window.runs.select(2)
    assert "is the largest stable rate 2/λ = 1" in proof.text()
    model = driver.window.runs.view.model()
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        told = str(model.index(3, 0).data(role))
        assert "1.1 times as large" in told and "The predicted factor is 1.1" in told


def test_verdicts_come_while_it_runs(driver: Driver) -> None:
    runs = tuple(Run(lr=rate, color=place) for place, rate in enumerate((1e-9, 1.0)))
    show(driver, Experiment(problem=Parabola(), runs=runs, steps=5_000_000))
    driver.window.transport.set_pace(100_000)
    driver.window.run_actions.play.trigger()
    driver.until(lambda: keys(driver) == ["too_slow", "cycling"])
    assert driver.session.state is State.RUNNING
    driver.window.run_actions.play.trigger()
    driver.until_state(State.PAUSED)
    until_verdicts(driver)
    assert driver.window.verdicts.settled


@pytest.mark.parametrize("key", ["proportional", "float32_trap", "rosenbrock", "noisy_batches", "spiral"])
def test_at_the_end_they_are_those_of_the_engine(driver: Driver, key: str) -> None:
    experiment = replace(example(key), steps=60)
    show(driver, experiment)
    driver.finish()
    until_verdicts(driver)
    objective, trace = compiled(experiment), driver.session.trace
    assert trace is not None
    assert keys(driver) == [judge_run(experiment, trace, run, objective).key for run in range(trace.runs)]


def test_back_in_time_the_runs_are_judged_as_they_were_then(driver: Driver) -> None:
    driver.finish()
    until_verdicts(driver)
    assert keys(driver) == ["arrived", "arrived", "diverged"]
    experiment, trace, objective = driver.session.experiment, driver.session.trace, compiled(driver.session.experiment)
    assert trace is not None
    for step in (40, 100, 3):
        driver.window.time_cursor.go(step)
        until_verdicts(driver)
        if step == 3:
            assert keys(driver) == [None] * 3
        else:
            told = [judge_run(experiment, trace, run, objective, row=step).key for run in range(3)]
            assert keys(driver) == told
    driver.window.time_cursor.go(None)
    driver.until(lambda: keys(driver) == ["arrived", "arrived", "diverged"])


def test_another_start_takes_the_verdicts_away(driver: Driver) -> None:
    driver.finish()
    until_verdicts(driver)
    driver.until_new_trace(driver.session.restart)
    assert keys(driver) == [None] * 3
    assert "after a few steps" in driver.window.runs.proof.text()


def test_adams_limit_is_quoted_with_its_own_scaling(driver: Driver) -> None:
    show(driver, Experiment(problem=Parabola(), runs=(Run(lr=3.0, optimizer=Adam(beta2=0.9)),), steps=80))
    driver.finish()
    until_verdicts(driver)
    verdict = driver.window.runs.view.model().index(0, 0).data(VERDICT)
    assert verdict.numbers["limit"] > 0 and verdict.numbers["steepest"] != verdict.numbers["greatest"]


def test_the_proof_does_not_shrink_while_it_runs(driver: Driver) -> None:
    show(driver, example("parabola_edge"))
    driver.window.runs.select(3)
    driver.finish()
    until_verdicts(driver)
    proof = driver.window.runs.proof
    high = proof.height()
    assert proof.label.heightForWidth(proof.width()) <= high
    driver.window.runs.select(1)
    assert proof.height() == high


def test_another_number_of_steps_is_another_verdict(driver: Driver) -> None:
    show(driver, Experiment(problem=Parabola(), runs=(Run(lr=0.01),), steps=100))
    driver.window.transport.set_pace(None)
    driver.window.run_actions.step.trigger()
    for _ in range(9):
        driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 10)
    driver.until(lambda: keys(driver) == ["converging"])
    driver.session.edit(replace(driver.session.experiment, steps=20))
    driver.until(lambda: keys(driver) == ["too_slow"])


def test_the_shown_zones_equal_those_of_the_engine(driver: Driver) -> None:
    until_zones(driver)
    ruler = driver.window.dock.ruler
    last = list(Survey(driver.session.experiment, 0, -6, 1).pictures(lambda: False))[-1]
    assert ruler.zones.zones == last.zones and ruler.zones.limit == last.limit and ruler.zones.best == last.best
