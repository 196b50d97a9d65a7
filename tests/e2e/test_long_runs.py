"""Runs with more rows than memory: said before the start, and looked at everywhere as if all rows were there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrstudio.core.problems import Rosenbrock
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.session import load
from tests.e2e.conftest import Driver

LONG = Experiment(problem=Rosenbrock(), runs=(Run(lr=1e-3), Run(lr=2e-3)), steps=3000)


@pytest.fixture
def whole() -> Simulation:
    simulation = Simulation(LONG)
    simulation.advance(LONG.steps)
    return simulation


@pytest.fixture
def long(driver: Driver, whole: Simulation, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """A window that has run with memory for 512 rows, and keeps every 256th of the others."""
    monkeypatch.setattr(Experiment, "kept_every", 256)
    monkeypatch.setattr("lrstudio.engine.training.simulation.stored_rows", lambda _row, _every: 512)
    monkeypatch.setattr("lrstudio.engine.training.sparse._BYTES", 0)
    driver.until_new_trace(lambda: driver.session.show(LONG))
    driver.finish()
    trace = driver.session.trace
    assert trace is not None and trace.sparse is not None and whole.trace.sparse is None
    return driver


def test_every_view_shows_a_step_of_which_no_row_was_kept(long: Driver, whole: Simulation) -> None:
    window, losses = long.window, whole.trace.read("loss")
    canvases = {type(canvas).__name__: canvas for canvas in window.views.canvases if canvas.isVisible()}
    loss = canvases["LossCanvas"]
    long.until(lambda: not any(canvas.unfinished for canvas in canvases.values()))
    low, high = loss.pyramid.extremes()
    assert (low.tolist(), high.tolist()) == (losses.min(axis=0).tolist(), losses.max(axis=0).tolist())
    window.time_cursor.go(1777)
    long.until(lambda: all(canvas.step == 1777 for canvas in canvases.values()))
    assert loss.values(1777).tolist() == losses[1777].tolist()
    long.menu("View", "Step table")
    model = window.table.model
    long.until(lambda: model.rowCount() == 3001)
    for row in (0, 1777, 2047, 2048, 3000):
        assert losses[row, window.runs.current] in [model.value(row, column) for column in range(model.columnCount())]


def test_it_is_saved_and_opened_and_goes_on(long: Driver, tmp_path: Path) -> None:
    path = tmp_path / "long.lrs"
    long.session.save(path)
    long.until(lambda: path.exists() and not long.session.modified)
    opened = load(path).simulation()
    assert opened.trace.sparse is not None and opened.step == LONG.steps
    long.session.edit(replace(LONG, steps=4000))
    long.finish()
    trace = long.session.trace
    opened.amend(long.session.experiment)
    opened.advance(1000)
    assert trace is not None and trace.length == 4001
    np.testing.assert_array_equal(opened.trace.read("params"), trace.read("params"))


def test_the_window_says_before_the_start_from_where_on_rows_are_made_again(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.session.show(replace(LONG, steps=2 * 10**7)))
    says = driver.window.status.note.text()
    assert "would take 1.9 GB of memory: from step " in says
    assert "every 4,096th step is kept, and those between are computed again where you look at them" in says
    assert says in driver.window.run_actions.play.toolTip()
    driver.until_new_trace(lambda: driver.session.show(LONG))
    assert driver.window.run_actions.play.toolTip() == "Run or pause (Space)"
