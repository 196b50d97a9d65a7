"""The landscape in the real window: starts are dragged, the background follows the view, arrows show the next step."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from lrstudio.core.problems import Himmelblau, Parabola
from lrstudio.engine.examples import EXAMPLES
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from tests.e2e.conftest import Driver
from tests.mouse import LEFT, Kind, drag, move, pixel, send


def show(driver: Driver, key: str) -> None:
    example = next(example for example in EXAMPLES if example.key == key)
    if driver.session.experiment != example.experiment:
        driver.until_new_trace(lambda: driver.session.show(example.experiment))
    driver.until(lambda: driver.window.views.canvas(LandscapeCanvas).domain_background is not None)


def test_the_start_of_all_runs_is_dragged_to_another_place(driver: Driver) -> None:
    show(driver, "noisy_line")
    canvas = driver.window.views.canvas(LandscapeCanvas)
    start, to = pixel(canvas, -1.0, 1.0), pixel(canvas, 5.0, 4.0)
    move(canvas, start)
    assert canvas.viewport().cursor().shape() == Qt.CursorShape.OpenHandCursor
    driver.until_new_trace(lambda: drag(canvas, start, to))
    for run in driver.session.experiment.runs:
        assert run.start == pytest.approx((5.0, 4.0), abs=0.05)
        assert run.start is not None and len(repr(run.start[0])) <= 6  # no more digits than a pixel tells
    assert driver.window.dock.start.text().startswith("5")
    driver.menu("Edit", "Undo start")
    assert driver.session.experiment.runs[0].start is None


def test_escape_lets_the_start_go_and_elsewhere_the_mouse_pans(driver: Driver) -> None:
    show(driver, "noisy_line")
    canvas = driver.window.views.canvas(LandscapeCanvas)
    drag(canvas, pixel(canvas, -1.0, 1.0), pixel(canvas, 5.0, 4.0), release=False)
    assert canvas.dragger.handle.to is not None
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    send(canvas, Kind.MouseButtonRelease, pixel(canvas, 5.0, 4.0), LEFT)
    assert driver.session.experiment.runs[0].start is None
    before = canvas.plotItem.vb.viewRange()
    drag(canvas, pixel(canvas, 5.0, 4.0), pixel(canvas, 4.0, 3.0))
    assert canvas.plotItem.vb.viewRange() != before
    assert driver.session.experiment.runs[0].start is None


def test_over_one_weight_the_start_slides_along_the_curve(driver: Driver) -> None:
    show(driver, "parabola")
    canvas = driver.window.views.canvas(LandscapeCanvas)
    driver.until_new_trace(lambda: drag(canvas, pixel(canvas, 5.0, 36.0), pixel(canvas, -4.0, 20.0)))
    assert driver.session.experiment.runs[0].start == (pytest.approx(-4.0, abs=0.05),)
    assert isinstance(driver.session.experiment.problem, Parabola)


def test_zooming_and_panning_bring_the_ground_of_what_is_in_view(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.menu("Problem", Himmelblau.title))
    canvas = driver.window.views.canvas(LandscapeCanvas)
    driver.until(lambda: canvas.domain_background is not None)
    first = canvas.shown_background
    assert first is not None
    canvas.plotItem.vb.scaleBy((0.1, 0.1), QPointF(3.0, 2.0))
    canvas.plotItem.vb.sigRangeChangedManually.emit([True, True])
    driver.until(lambda: canvas.shown_background is not first)
    (left, right), (low, high) = canvas.plotItem.vb.viewRange()
    x, y = canvas.shown_background.landscape.axes
    assert x[0] < left < right < x[-1] < left + 2 * (right - left)
    assert y[0] < low < high < y[-1] < low + 2 * (high - low)
    canvas.plotItem.vb.scaleBy((30, 30))
    canvas.plotItem.vb.sigRangeChangedManually.emit([True, True])
    driver.until(lambda: canvas.shown_background.landscape.axes[0][0] < -10)
    canvas.reset_view()
    assert canvas.shown_background is first


def test_arrows_show_the_next_step_before_it_is_made(driver: Driver) -> None:
    show(driver, "noisy_line")
    canvas = driver.window.views.canvas(LandscapeCanvas)
    driver.until(lambda: len(canvas.arrows.steps) == 3)
    ahead = [(step.to.x(), step.to.y()) for step in canvas.arrows.steps if step.to is not None]
    driver.window.run_actions.step.trigger()
    driver.until(lambda: driver.session.steps_done == 1 and canvas.length == 2)
    trace = driver.session.trace
    assert trace is not None
    np.testing.assert_array_equal(trace.read("params")[1], ahead)
    driver.until(lambda: [step.at for step in canvas.arrows.steps] == [QPointF(*point) for point in ahead])
    driver.window.time_cursor.go(0)
    driver.until(lambda: [step.to for step in canvas.arrows.steps] == [QPointF(*point) for point in ahead])


def test_while_it_runs_no_arrow_is_in_the_way(driver: Driver) -> None:
    show(driver, "proportional")
    canvas = driver.window.views.canvas(LandscapeCanvas)
    driver.until(lambda: len(canvas.arrows.steps) == 3)
    driver.window.run_actions.play.trigger()
    driver.until(lambda: driver.session.steps_done > 5)
    driver.until(lambda: not canvas.arrows.steps)
    driver.window.run_actions.play.trigger()
    driver.until(lambda: len(canvas.arrows.steps) == 3)
