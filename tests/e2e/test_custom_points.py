"""The points of a schedule of one's own, drawn with the mouse on the plot of the rate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lrstudio.core.schedules import Custom
from lrstudio.engine.experiment import Run
from lrstudio.ui.canvases.rate import RateCanvas
from tests.e2e.conftest import Driver
from tests.mouse import LEFT, Kind, drag, move, pixel, send

RIGHT = Qt.MouseButton.RightButton


def shown(driver: Driver, points: str = "0:0.1+50:0.1+100:0.01") -> RateCanvas:
    """The plot of the rate, the first run with points."""
    session = driver.session
    runs = (Run(lr=0.1, schedule=Custom(points=points)), Run(lr=0.05))
    experiment = type(session.experiment)(problem=session.experiment.problem, runs=runs, steps=100)
    driver.until_new_trace(lambda: session.edit(experiment))
    driver.window.runs.select(0)
    canvas = driver.window.views.canvas(RateCanvas)
    driver.until(lambda: canvas.preview is not None and len(canvas.preview[0]) == 100 and bool(canvas.points))
    QApplication.processEvents()
    return canvas


def pairs(driver: Driver) -> tuple[tuple[int, float], ...]:
    schedule = driver.session.experiment.runs[0].schedule
    assert isinstance(schedule, Custom)
    return schedule.pairs


def at(canvas: RateCanvas, step: int, rate: float) -> QPointF:
    place = canvas.position_of((step, rate))
    return pixel(canvas, place.x(), place.y())


def test_a_point_that_is_dragged_is_one_change(driver: Driver) -> None:
    canvas = shown(driver)
    count = driver.session.history.count()
    start, to = at(canvas, 50, 0.1), at(canvas, 30, 0.06)
    move(canvas, start)
    assert canvas.viewport().cursor().shape() == Qt.CursorShape.OpenHandCursor
    driver.until_new_trace(lambda: drag(canvas, start, to))
    (first, moved, last) = pairs(driver)
    assert (first, last) == ((0, 0.1), (100, 0.01))
    assert moved[0] == pytest.approx(30, abs=1)
    assert moved[1] == pytest.approx(0.06, abs=0.002)
    assert driver.session.history.count() == count + 1
    edit = driver.window.dock.schedule_form.editor("points")
    assert edit.toPlainText() == driver.session.experiment.runs[0].schedule.points  # type: ignore[attr-defined]
    driver.until_new_trace(lambda: driver.menu("Edit", "Undo schedule"))
    assert pairs(driver) == ((0, 0.1), (50, 0.1), (100, 0.01))


def test_a_point_stays_between_its_neighbours_and_above_0(driver: Driver) -> None:
    canvas = shown(driver)
    driver.until_new_trace(lambda: drag(canvas, at(canvas, 50, 0.1), at(canvas, 100, 0.0) + QPointF(3, 30)))
    assert pairs(driver)[1] == (99, 0.0)


def test_escape_lets_the_point_go(driver: Driver) -> None:
    canvas = shown(driver)
    drag(canvas, at(canvas, 50, 0.1), at(canvas, 30, 0.06), release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    send(canvas, Kind.MouseButtonRelease, at(canvas, 30, 0.06), LEFT)
    assert pairs(driver) == ((0, 0.1), (50, 0.1), (100, 0.01))


def test_a_double_click_adds_a_point(driver: Driver) -> None:
    canvas = shown(driver)
    spot = at(canvas, 75, 0.08)
    driver.until_new_trace(lambda: send(canvas, Kind.MouseButtonDblClick, spot, LEFT))
    assert len(pairs(driver)) == 4
    assert pairs(driver)[2][0] == pytest.approx(75, abs=1)
    assert pairs(driver)[2][1] == pytest.approx(0.08, abs=0.002)


def test_a_right_click_or_delete_removes_a_point_and_the_last_one_stays(driver: Driver) -> None:
    canvas = shown(driver)
    asked: list[QPoint] = []
    canvas.customContextMenuRequested.connect(asked.append)
    spot = at(canvas, 50, 0.1)

    def click_right() -> None:
        move(canvas, spot)
        send(canvas, Kind.MouseButtonPress, spot, RIGHT)
        menu = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot.toPoint(), QPoint(0, 0))
        QApplication.sendEvent(canvas.viewport(), menu)

    driver.until_new_trace(click_right)
    assert pairs(driver) == ((0, 0.1), (100, 0.01))
    assert asked == []
    driver.until(lambda: canvas.trace is driver.session.trace)

    def press_delete() -> None:
        move(canvas, at(canvas, 100, 0.01))
        QTest.keyClick(canvas, Qt.Key.Key_Delete)

    driver.until_new_trace(press_delete)
    assert pairs(driver) == ((0, 0.1),)
    trace = driver.session.trace
    move(canvas, at(canvas, 0, 0.1))
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert (pairs(driver), driver.session.trace) == (((0, 0.1),), trace)


def test_only_the_points_of_the_selected_run_are_there_to_take(driver: Driver) -> None:
    canvas = shown(driver)
    assert "double-click" in canvas.header.note
    driver.window.runs.select(1)
    assert canvas.points == ()
    assert "double-click" not in canvas.header.note
    move(canvas, at(canvas, 50, 0.1))
    assert canvas.viewport().cursor().shape() != Qt.CursorShape.OpenHandCursor
    driver.window.runs.select(0)
    assert len(canvas.points) == 3


def test_points_are_taken_where_rates_and_steps_are_logarithmic(driver: Driver) -> None:
    session = driver.session
    shown(driver)
    runs = (*session.experiment.runs, Run(lr=1e-4))
    driver.until_new_trace(lambda: session.edit(replace(session.experiment, runs=runs)))
    canvas = driver.window.views.canvas(RateCanvas)
    canvas.set_log_steps(True)
    QApplication.processEvents()
    assert canvas.log
    driver.until_new_trace(lambda: drag(canvas, at(canvas, 50, 0.1), at(canvas, 10, 0.02)))
    assert pairs(driver)[1][0] == pytest.approx(10, abs=1)
    assert pairs(driver)[1][1] == pytest.approx(0.02, rel=0.05)


def test_more_points_than_there_can_be_are_refused_in_words(driver: Driver) -> None:
    canvas = shown(driver, "+".join(f"{3 * place}:0.1" for place in range(30)))
    said: list[str] = []
    driver.session.message.connect(said.append)
    send(canvas, Kind.MouseButtonDblClick, at(canvas, 94, 0.05), LEFT)
    assert said == ["points: 31 of them; at most 30"]


def test_a_schedule_that_is_chosen_suits_the_run(driver: Driver) -> None:
    session = driver.session
    steps, lr = session.experiment.steps, session.experiment.runs[0].lr
    driver.until_new_trace(lambda: driver.menu("Schedule", "Custom"))
    assert pairs(driver)[0] == (0, lr)
    assert pairs(driver)[-1][0] == steps
    driver.until_new_trace(lambda: driver.menu("Schedule", "Reduce on plateau"))
    assert "follows the loss" in driver.window.views.canvas(RateCanvas).header.note
