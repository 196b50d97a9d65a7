"""Values at the mouse, and steps chosen by a click."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.data_fit import DataFitCanvas
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.drawing.reading import MAX_ROWS, Row, coordinate_text, exact_text, nearest
from tests.mouse import click, leave, move, pixel
from tests.paints import Paints
from tests.ui.canvases.test_canvases import ALL, EACH, shown
from tests.ui.conftest import Started, assert_same_picture, picture

STEPS = (LossCanvas, WeightsCanvas, RateCanvas)


def on_screen(qtbot: QtBot, kind: type[PlotCanvas], simulation: Simulation) -> PlotCanvas:
    canvas = shown(qtbot, kind, simulation)
    picture(canvas)
    return canvas


def over(canvas: PlotCanvas, x: float, y: float | None = None) -> None:
    """Moves the mouse to a point of the plot, by default at half its height."""
    move(canvas, pixel(canvas, x, canvas.viewRect().center().y() if y is None else y))


@EACH
def test_nothing_is_shown_until_the_mouse_comes_and_after_it_has_left(
    qtbot: QtBot, started: Started, kind: type[PlotCanvas]
) -> None:
    canvas = on_screen(qtbot, kind, started("noisy_line", 20))
    before = picture(canvas)
    assert canvas.hover.isHidden()
    over(canvas, canvas.viewRect().center().x())
    assert canvas.hover.isVisible()
    assert (picture(canvas) != before).any()
    leave(canvas)
    assert canvas.hover.isHidden()
    assert_same_picture(picture(canvas), before)


@EACH
def test_no_values_are_shown_outside_the_axes(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    canvas = on_screen(qtbot, kind, started("noisy_line", 20))
    over(canvas, canvas.viewRect().center().x())
    move(canvas, QPointF(3, 3))
    assert canvas.hover.isHidden()


@pytest.mark.parametrize(("kind", "column"), [(LossCanvas, "loss"), (RateCanvas, "lr")])
def test_the_values_of_the_nearest_step_are_read(
    qtbot: QtBot, started: Started, kind: type[PlotCanvas], column: str
) -> None:
    simulation = started("noisy_line", 20)
    canvas = on_screen(qtbot, kind, simulation)
    over(canvas, 7.4)
    reading = canvas.hover.reading
    assert reading is not None
    assert reading.title == "step 7"
    values = simulation.trace.read(column, 7, 8)[0]
    assert [(row.name, row.values) for row in reading.rows] == [
        (simulation.experiment.label(run), (exact_text(float(value)),)) for run, value in enumerate(values)
    ]
    assert reading.line == pytest.approx(pixel(canvas, 7, 0).x(), abs=1)


def test_all_parameters_of_a_run_are_read_under_their_names(qtbot: QtBot, started: Started) -> None:
    simulation = started("noisy_line", 20)
    canvas = on_screen(qtbot, WeightsCanvas, simulation)
    over(canvas, 4)
    reading = canvas.hover.reading
    assert reading is not None
    assert reading.heads == ("w", "b")
    for run, row in enumerate(reading.rows):
        assert row.values == tuple(exact_text(float(value)) for value in simulation.trace.read("params", 4, 5)[0, run])


def test_the_nearest_curve_is_emphasised(qtbot: QtBot, started: Started) -> None:
    simulation = started("noisy_line", 20)
    canvas = on_screen(qtbot, LossCanvas, simulation)
    for run, loss in enumerate(simulation.trace.read("loss", 10, 11)[0]):
        over(canvas, 10, float(np.log10(loss)))
        reading = canvas.hover.reading
        assert reading is not None
        assert [row.strong for row in reading.rows] == [index == run for index in range(3)]


def test_beyond_the_newest_step_the_newest_is_read(qtbot: QtBot, started: Started) -> None:
    canvas = on_screen(qtbot, LossCanvas, started("noisy_line", 5))
    over(canvas, 15)
    assert canvas.hover.reading is not None
    assert canvas.hover.reading.title == "step 5"


def test_a_run_that_has_ended_has_no_value(qtbot: QtBot, started: Started) -> None:
    simulation = started("proportional", 1000)
    canvas = on_screen(qtbot, LossCanvas, simulation)
    over(canvas, 900)
    assert canvas.hover.reading is not None
    assert canvas.hover.reading.rows[2].values == ("–",)


def test_ahead_of_the_run_the_planned_rate_is_read(qtbot: QtBot, started: Started) -> None:
    simulation = started("parabola", 10)
    canvas = on_screen(qtbot, RateCanvas, simulation)
    assert isinstance(canvas, RateCanvas)
    canvas.set_preview(*simulation.preview())
    over(canvas, 50)
    reading = canvas.hover.reading
    assert reading is not None
    assert reading.title == "step 50"
    assert reading.rows[2].values == (exact_text(0.2 * 0.99**50),)


def test_a_hidden_run_is_not_read(qtbot: QtBot, started: Started) -> None:
    for kind in (LossCanvas, DataFitCanvas):
        canvas = on_screen(qtbot, kind, started("noisy_line", 20))
        over(canvas, canvas.viewRect().center().x())
        canvas.set_hidden({1})
        assert canvas.hover.reading is not None
        assert [row.name for row in canvas.hover.reading.rows] == ["0.1", "1.01"]


def test_at_most_eight_runs_are_read_the_nearest_ones() -> None:
    rows = nearest([Row(str(index), (), distance=abs(index - 12.1)) for index in range(20)])
    assert [row.name for row in rows] == [str(index) for index in range(9, 9 + MAX_ROWS)]
    assert [row.name for row in rows if row.strong] == ["12"]
    assert nearest([]) == []


def test_many_runs_fit(qtbot: QtBot, started: Started) -> None:
    experiment = started("noisy_line", 0).experiment
    simulation = Simulation(replace(experiment, runs=experiment.runs * 7))
    simulation.advance(10)
    for kind in ALL:
        canvas = on_screen(qtbot, kind, simulation)
        over(canvas, canvas.viewRect().center().x())
        assert canvas.hover.reading is not None
        assert len(canvas.hover.reading.rows) <= MAX_ROWS
        assert canvas.hover.rect().contains(canvas.hover.box().toAlignedRect())


def test_over_the_data_the_predictions_are_read(qtbot: QtBot, started: Started) -> None:
    simulation = started("noisy_line", 20)
    canvas = on_screen(qtbot, DataFitCanvas, simulation)
    over(canvas, 0.5, 3.0)
    reading = canvas.hover.reading
    assert reading is not None
    assert reading.title.startswith("x = 0.5 ")
    x = canvas.to_plot(pixel(canvas, 0.5, 3.0)).x()
    w, b = simulation.trace.read("params", 20, 21)[0, 0]
    assert float(reading.rows[0].values[0].replace("−", "-")) == pytest.approx(w * x + b, rel=1e-6)


def test_over_the_landscape_the_exact_loss_is_read(qtbot: QtBot, started: Started) -> None:
    simulation = started("noisy_line", 20)
    canvas = on_screen(qtbot, LandscapeCanvas, simulation)
    mouse = pixel(canvas, 5.5, -1.0)
    move(canvas, mouse)
    reading = canvas.hover.reading
    assert reading is not None
    assert reading.heads == ("w", "b", "loss")
    (here,) = reading.rows
    point = canvas.to_plot(mouse)
    expected = simulation.objective.loss(np.array([[point.x(), point.y()]]))[0]
    assert float(here.values[2]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("key", ["noisy_line", "parabola"])
def test_near_a_path_the_run_and_the_step_are_read(qtbot: QtBot, started: Started, key: str) -> None:
    simulation = started(key, 20)
    canvas = on_screen(qtbot, LandscapeCanvas, simulation)
    assert isinstance(canvas, LandscapeCanvas)
    canvas.set_hidden({1, 2})
    params, loss = simulation.trace.read("params", 3, 4)[0, 0], simulation.trace.read("loss", 3, 4)[0, 0]
    over(canvas, float(params[0]), float(params[1] if len(params) > 1 else loss))
    reading = canvas.hover.reading
    assert reading is not None
    assert reading.rows[1].name == f"{simulation.experiment.label(0)} at step 3"
    assert reading.rows[1].values == tuple(exact_text(float(value)) for value in (*params, loss))


@pytest.mark.parametrize("kind", STEPS)
def test_a_click_chooses_the_step(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    canvas = on_screen(qtbot, kind, started("noisy_line", 20))
    at = pixel(canvas, 6.3, canvas.viewRect().center().y())
    with qtbot.waitSignal(canvas.step_clicked) as clicked:
        click(canvas, at)
    assert clicked.args == [6]
    with qtbot.assertNotEmitted(canvas.step_clicked, wait=50):
        click(canvas, at, Qt.MouseButton.RightButton)


@pytest.mark.parametrize("kind", STEPS)
def test_a_line_marks_the_shown_step(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    canvas = on_screen(qtbot, kind, started("noisy_line", 20))
    assert not canvas.cursor_line.isVisible()
    canvas.set_step(8)
    assert canvas.cursor_line.isVisible()
    x = round(pixel(canvas, 8, 0).x())
    accent = np.array([int(canvas.theme.accent[start : start + 2], 16) for start in (1, 3, 5)])
    assert (picture(canvas)[:, x - 2 : x + 3] == accent).all(axis=2).any(axis=1).sum() > 100
    canvas.set_step(None)
    assert not canvas.cursor_line.isVisible()


def test_moving_the_mouse_does_not_paint_the_plot(
    qtbot: QtBot, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = on_screen(qtbot, LossCanvas, started("noisy_line", 20))
    over(canvas, 5)
    qtbot.wait(80)
    over(canvas, 5.5)
    for curve in (curve for _, _, curve in canvas.curves):
        monkeypatch.setattr(curve, "paint_pixels", lambda *_: pytest.fail("painted"))
    for step in range(6, 15):
        over(canvas, step)
    assert canvas.hover.reading is not None
    assert canvas.hover.reading.title == "step 14"


def test_the_plot_is_unchanged_where_the_box_was(qtbot: QtBot, started: Started) -> None:
    canvas = on_screen(qtbot, LossCanvas, started("noisy_line", 20))
    qtbot.wait(80)
    for step in (2, 18, 9):
        over(canvas, step)
    moved = picture(canvas)
    fresh = on_screen(qtbot, LossCanvas, started("noisy_line", 20))
    over(fresh, 9)
    assert_same_picture(moved, picture(fresh))


def test_the_reading_follows_a_trace_that_grows(qtbot: QtBot, started: Started) -> None:
    simulation = started("noisy_line", 5)
    canvas = on_screen(qtbot, LossCanvas, simulation)
    over(canvas, 15)
    simulation.advance(30)
    canvas.refresh()
    QApplication.processEvents()
    assert canvas.hover.reading is not None
    assert canvas.hover.reading.title != "step 5"


def test_nothing_is_painted_while_the_mouse_is_outside(qtbot: QtBot, started: Started) -> None:
    canvas = on_screen(qtbot, LossCanvas, started("noisy_line", 20))
    paints = Paints([canvas])
    canvas.read(False)
    QApplication.processEvents()
    assert paints.count == 0


def test_values_have_seven_digits_and_coordinates_the_precision_of_a_pixel() -> None:
    assert exact_text(-1.25e-7) == "−1.25e−07"
    assert exact_text(float("inf")) == "–"
    assert exact_text(-0.0) == "0"
    assert coordinate_text(1.23456, 0.01) == "1.23"
    assert coordinate_text(123456.0, 700.0) == "123500"
