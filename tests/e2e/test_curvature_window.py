"""Curvature in the real window: measured while somebody looks, of the trace that is shown, to the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lrstudio.core.problems import Parabola, Ravine
from lrstudio.engine.curvature_track import CurvatureTrack
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.canvases.curvature import CurvatureCanvas
from lrstudio.ui.views.feeds import CurvatureFeed
from tests.e2e.conftest import Driver

VIEW = "Curvature against step"


def canvas_of(driver: Driver) -> CurvatureCanvas:
    return driver.window.views.canvas(CurvatureCanvas)


def busy(driver: Driver) -> bool:
    """Whether curvatures are being measured."""
    feed = canvas_of(driver).findChild(CurvatureFeed)
    assert feed is not None
    return feed.busy


def settle(driver: Driver) -> None:
    driver.until(lambda: not busy(driver) and len(canvas_of(driver).samples.steps) > 0)


def test_it_is_off_at_first_and_nothing_is_measured_until_it_is_shown(driver: Driver) -> None:
    driver.finish()
    assert not canvas_of(driver).isVisible()
    assert not busy(driver) and not len(canvas_of(driver).samples.steps)
    driver.menu("View", VIEW)
    settle(driver)
    samples = canvas_of(driver).samples
    assert samples.steps[-1] == 1000
    np.testing.assert_allclose(samples.curvatures[:, :2], 16.70061, rtol=1e-5)
    assert samples.limits[0].tolist() == pytest.approx([200, 20, 2])
    assert driver.entry("View", VIEW).isChecked()


def test_the_example_shows_it_and_the_next_one_does_not(driver: Driver, qtbot: QtBot) -> None:
    driver.until_new_trace(lambda: driver.menu("File", "Examples", "Edge of stability"))
    assert canvas_of(driver).isVisible() and driver.entry("View", VIEW).isChecked()
    driver.until_new_trace(lambda: driver.menu("File", "Examples", EXAMPLES[0].title))
    assert not canvas_of(driver).isVisible() and not driver.entry("View", VIEW).isChecked()
    driver.until_new_trace(lambda: driver.menu("File", "Examples", "Edge of stability"))
    driver.menu("View", VIEW)
    assert not canvas_of(driver).isVisible()
    driver.until_new_trace(driver.window.run_actions.reset.trigger)
    assert not canvas_of(driver).isVisible()
    qtbot.keyClick(driver.window, Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)
    assert driver.window.views.area.shown() == ["curvature"]


def test_no_trace_is_measured_with_an_experiment_that_was_opened_as_it_came(driver: Driver) -> None:
    session, measures = driver.session, list[bool]()

    def open_another() -> None:
        if not measures:
            session.show(Experiment(problem=Parabola(), runs=(Run(lr=0.1),)))

    session.simulation_changed.connect(open_another)
    driver.menu("View", VIEW)
    session.simulation_changed.connect(lambda: measures.append(busy(driver)))
    session.show(Experiment(problem=Ravine(), runs=(Run(lr=0.01),)))
    driver.until(lambda: session.simulation is not None and session.experiment.problem == Parabola())
    assert measures == [False, True]
    driver.finish()
    settle(driver)
    np.testing.assert_allclose(canvas_of(driver).samples.curvatures, 2)


def test_what_an_example_shows_is_not_remembered_as_the_users_layout(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("File", "Examples", "Edge of stability"))
    assert "curvature" in driver.window.views.area.layout_of_views.hidden


def test_a_saved_session_shows_the_view_that_its_example_has(driver: Driver, tmp_path: Path) -> None:
    driver.until_new_trace(lambda: driver.menu("File", "Examples", "Edge of stability"))
    file = tmp_path / "edge.lrs"
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.session.save(file)
    driver.until_new_trace(lambda: driver.menu("File", "Examples", EXAMPLES[1].title))
    assert not canvas_of(driver).isVisible()
    driver.until_new_trace(lambda: driver.session.open(file))
    assert canvas_of(driver).isVisible()


def test_it_follows_a_network_to_the_edge_of_stability(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("File", "Examples", "Edge of stability"))
    driver.finish()
    canvas, trace = canvas_of(driver), driver.session.trace
    assert trace is not None and trace.snapshots is not None
    coarse = set(trace.snapshots.steps[::32])
    driver.until(lambda: coarse <= set(canvas.samples.steps.tolist()) and all(item.rings for item in canvas.items))
    late = canvas.samples.steps > 0.75 * driver.session.experiment.steps
    share = (canvas.samples.curvatures * canvas.samples.rates)[late]
    assert (np.abs(np.median(share, axis=0) - 2) < 0.4).all()


def test_another_trace_drops_what_was_measured_of_the_old_one(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("File", "Examples", "Edge of stability"))
    driver.finish()
    driver.until(lambda: len(canvas_of(driver).samples.steps) > 5)
    driver.until_new_trace(lambda: driver.session.edit(driver.session.experiment.with_run(0, lr=0.3)))
    settle(driver)
    assert canvas_of(driver).trace is driver.session.trace
    assert canvas_of(driver).samples.steps.tolist() == [0]
    np.testing.assert_array_equal(canvas_of(driver).samples.rates[0], [0.3, 0.6, 0.9])


def test_while_it_runs_the_coarse_picture_grows_and_in_the_end_nothing_is_missing(driver: Driver) -> None:
    driver.menu("View", VIEW)
    driver.window.transport.set_pace(None)
    canvas = canvas_of(driver)
    driver.window.run_actions.play.trigger()
    driver.until(lambda: canvas.last_step() == 1000 and len(canvas.samples.steps) > 0)
    settle(driver)
    driver.until(lambda: canvas.samples.steps[-1] == 1000)
    track = CurvatureTrack(driver.session.experiment, canvas.trace)  # type: ignore[arg-type]
    while steps := track.missing(whole=True):
        track.measure(steps, lambda: False)
    np.testing.assert_array_equal(track.samples().steps, canvas.samples.steps)


def test_what_cannot_be_measured_is_told_once(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("too curved")

    monkeypatch.setattr(CurvatureTrack, "measure", broken)
    with driver.qtbot.waitSignal(driver.session.failed) as told:
        driver.menu("View", VIEW)
    assert told.args == ["Could not measure the curvature", "too curved"]
    driver.until(lambda: not busy(driver))


def test_the_window_closes_while_it_measures(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("File", "Examples", "Edge of stability"))
    driver.window.transport.set_pace(None)
    driver.window.run_actions.play.trigger()
    driver.until(lambda: len(canvas_of(driver).samples.steps) > 1)
    driver.close()
    assert not driver.window.bench.busy
