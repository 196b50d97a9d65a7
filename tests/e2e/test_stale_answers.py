"""What was asked of runs that are gone meanwhile changes nothing, and holds nothing up."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from lrstudio.engine.training.pilot import JobDone
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from tests.e2e.conftest import Driver
from tests.e2e.test_landscape_window import show
from tests.mouse import LEFT, Kind, drag, pixel, send


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("landscape", None),
        ("preview", (np.arange(3), np.ones((3, 1)))),
        ("next step", (0, np.zeros((1, 1)))),
    ],
)
def test_the_answer_of_another_simulation_is_dropped(driver: Driver, name: str, answer: object) -> None:
    show(driver, "noisy_line")
    driver.until(lambda: not driver.window.feed.busy)
    other = Simulation(driver.session.experiment)
    before = driver.session.preview
    with (
        driver.qtbot.assertNotEmitted(driver.session.query_done),
        driver.qtbot.assertNotEmitted(driver.session.next_step_changed),
    ):
        driver.session.feed.job_done.emit(JobDone(name, (other, answer)))
    assert driver.session.preview is before


@pytest.mark.parametrize("keys", [("parabola", "rosenbrock"), ("rosenbrock", "parabola")])
def test_two_problems_chosen_one_after_the_other_show_the_second(driver: Driver, keys: tuple[str, str]) -> None:
    show(driver, "noisy_line")
    for key in keys:
        driver.window.dock.choose_problem(key)
    landscape = driver.window.views.canvas(LandscapeCanvas)
    driver.until(lambda: landscape.experiment is driver.session.experiment)
    driver.until(lambda: landscape.domain_background is not None and not driver.window.feed.busy)
    assert driver.session.experiment.problem.key == keys[1]
    assert (
        landscape.domain_background is not None
        and landscape.domain_background.landscape.names == driver.session.experiment.problem.names
    )


def test_a_start_that_the_mouse_holds_is_let_go_when_its_run_disappears(driver: Driver) -> None:
    show(driver, "noisy_line")
    canvas = driver.window.views.canvas(LandscapeCanvas)
    drag(canvas, pixel(canvas, -1.0, 1.0), pixel(canvas, 5.0, 4.0), release=False)
    driver.until_new_trace(driver.window.runs.actions_by_name["remove"].trigger)
    assert canvas.dragger.handle.start is None
    send(canvas, Kind.MouseButtonRelease, pixel(canvas, 5.0, 4.0), LEFT)
    assert [run.start for run in driver.session.experiment.runs] == [None] * 2


def test_a_start_that_the_mouse_holds_is_let_go_when_another_problem_comes(driver: Driver) -> None:
    show(driver, "noisy_line")
    canvas = driver.window.views.canvas(LandscapeCanvas)
    drag(canvas, pixel(canvas, -1.0, 1.0), pixel(canvas, 5.0, 4.0), release=False)
    driver.window.dock.choose_problem("parabola")
    send(canvas, Kind.MouseButtonRelease, QPointF(200, 200), LEFT)
    assert driver.session.experiment.runs[0].start is None


def test_the_start_of_runs_that_are_no_longer_there_moves_no_other_run(driver: Driver) -> None:
    show(driver, "noisy_line")
    canvas = driver.window.views.canvas(LandscapeCanvas)
    driver.window.runs.actions_by_name["remove"].trigger()  # the plot still shows three runs
    drag(canvas, pixel(canvas, -1.0, 1.0), pixel(canvas, 5.0, 4.0))
    assert [run.start for run in driver.session.experiment.runs] == [None] * 2


def test_the_table_shows_nothing_of_a_new_run_until_it_has_a_trace(driver: Driver) -> None:
    table, trace = driver.window.table, driver.session.trace
    driver.menu("View", "Step table")
    driver.window.runs.actions_by_name["add"].trigger()
    table.run.setCurrentIndex(3)
    assert table.model.rowCount() == 0
    driver.until(lambda: driver.session.trace is not trace)
    driver.until(lambda: table.model.rowCount() == 1)
    driver.menu("Edit", "Undo adding runs")
    driver.until(lambda: table.run.count() == 3 and table.model.rowCount() == 1)


def test_the_table_comes_back_when_a_new_run_is_taken_back_before_its_trace_exists(driver: Driver) -> None:
    table = driver.window.table
    driver.menu("View", "Step table")
    driver.window.runs.actions_by_name["add"].trigger()
    table.run.setCurrentIndex(3)
    driver.menu("Edit", "Undo adding runs")
    driver.until(lambda: table.model.rowCount() == 1)


def test_the_old_trace_is_never_drawn_as_that_of_another_problem(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.until_new_trace(lambda: driver.menu("Problem", "Rosenbrock valley"))
    canvas, drawn = driver.window.views.canvas(WeightsCanvas), []
    show = canvas.set_experiment
    monkeypatch.setattr(canvas, "set_experiment", lambda *shown: (drawn.append(shown), show(*shown)))
    driver.until_new_trace(lambda: driver.menu("Problem", "Beale"))  # its weights are x and y too
    assert drawn == [(driver.session.experiment, driver.session.trace)]
