"""Networks in the real window: the views they have; these follow the cursor, the selected run and the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtWidgets import QApplication, QToolButton

from lrstudio.core.problems import PROBLEMS, Classification, Digits
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.canvases.boundary import BoundaryCanvas
from lrstudio.ui.canvases.canvas import PlotCanvas
from lrstudio.ui.canvases.metric import AccuracyCanvas
from lrstudio.ui.canvases.pictures import FirstLayerCanvas, MistakesCanvas
from lrstudio.ui.figures.copies import redrawn
from lrstudio.ui.look.theme import DARK
from tests.e2e.conftest import Driver
from tests.mouse import move, pixel


def open_example(driver: Driver, key: str) -> None:
    example = next(example for example in EXAMPLES if example.key == key)
    driver.until_new_trace(lambda: driver.session.show(example.experiment))
    driver.window.grab()  # with it every view gets its size


def picture(canvas: PlotCanvas) -> bytes:
    image = canvas.grab().toImage()  # its bits go with it
    return bytes(image.constBits())


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("moons", {"boundary", "loss", "rate", "accuracy"}),
        ("digits", {"mistakes", "first_layer", "loss", "rate", "accuracy"}),
        ("proportional", {"landscape", "data", "weights", "loss", "rate"}),
    ],
)
def test_each_kind_of_problem_has_its_views(driver: Driver, key: str, shown: set[str]) -> None:
    open_example(driver, "rosenbrock")
    open_example(driver, key)
    assert set(driver.window.views.area.shown()) == shown
    offered = {name: entry for name, entry in driver.window.menus.views.shown.items() if entry.isVisible()}
    assert {name for name, entry in offered.items() if entry.isChecked()} == shown
    assert set(offered) - shown == {"curvature"}  # hidden at first, and can be shown
    enlarged = driver.window.menus.views.enlarged.items()
    assert {name for name, entry in enlarged if entry.isVisible()} == set(offered)


def test_the_boundary_bends_while_it_trains_and_goes_back_with_the_cursor(driver: Driver) -> None:
    open_example(driver, "moons")
    canvas = driver.window.views.canvas(BoundaryCanvas)
    driver.finish()
    driver.until(lambda: canvas.length == 401)
    last = picture(canvas)
    driver.window.time_cursor.go(0)
    driver.until(lambda: picture(canvas) != last)
    first = picture(canvas)
    driver.window.time_cursor.go(None)
    driver.until(lambda: picture(canvas) == last)
    driver.session.restart()
    driver.until(lambda: canvas.length == 1 and picture(canvas) == first)


def test_the_selected_run_tints_the_plane_and_hidden_runs_have_no_line(driver: Driver) -> None:
    open_example(driver, "moons")
    driver.finish()
    canvas = driver.window.views.canvas(BoundaryCanvas)
    driver.window.runs.select(0)
    tinted = picture(canvas)
    driver.window.runs.select(1)
    driver.until(lambda: picture(canvas) != tinted)
    with_line = picture(canvas)
    driver.session.arrange(driver.session.arrangement.toggled(0))
    driver.until(lambda: picture(canvas) != with_line)


def test_hovering_reads_what_each_network_says_there(driver: Driver) -> None:
    open_example(driver, "moons")
    driver.finish()
    canvas = driver.window.views.canvas(BoundaryCanvas)
    split = driver.session.experiment.problem.split(0)
    at = split.x[split.labels == 1][:, 1].argmin()
    x, y = split.x[split.labels == 1][at]
    move(canvas, pixel(canvas, float(x), float(y)))
    driver.until(canvas.hover.isVisible)
    reading = canvas.hover.reading
    assert reading is not None
    assert [row.name for row in reading.rows] == [driver.session.experiment.label(run) for run in range(3)]
    assert float(reading.rows[1].values[0]) > 0.9


def test_the_images_that_are_read_wrong_are_those_of_the_selected_run(driver: Driver) -> None:
    open_example(driver, "digits")
    driver.finish()
    canvas, trace = driver.window.views.canvas(MistakesCanvas), driver.session.trace
    assert trace is not None
    for run in (1, 2):
        driver.window.runs.select(run)
        wrong = round((1 - float(trace.read("val_accuracy")[-1, run])) * 359)
        driver.until(lambda wrong=wrong: canvas.header.note.startswith(f"{wrong} of 359"))
        assert redrawn(canvas, QSize(600, 400), DARK).header.note == canvas.header.note  # in a figure too
        assert len(canvas.tiles.texts) == wrong
        assert all(text[0] != text[-1] for text in canvas.tiles.texts)
    problem = driver.session.experiment.problem
    assert isinstance(problem, Digits)
    assert f"{problem.hidden[0]} units" in driver.window.views.canvas(FirstLayerCanvas).header.note


@pytest.mark.parametrize("problem", [Digits(), Classification()])
def test_a_run_that_has_ended_before_others_keeps_its_last_picture(
    driver: Driver, problem: Digits | Classification
) -> None:
    runs = (Run(lr=0.1), Run(lr=0.1, batch_size=128))
    experiment = Experiment(problem=problem, runs=runs, batch_size=32, steps=45, equal="epochs")
    driver.until_new_trace(lambda: driver.session.show(experiment))
    driver.window.grab()
    driver.finish()
    trace = driver.session.trace
    assert trace is not None and trace.rows(1) < trace.rows(0)
    if problem.key == "digits":
        driver.window.runs.select(1)
        wrong = round((1 - float(trace.read("val_accuracy")[trace.rows(1) - 1, 1])) * 359)
        mistakes, layer = (driver.window.views.canvas(kind) for kind in (MistakesCanvas, FirstLayerCanvas))
        driver.until(lambda: mistakes.header.note.startswith(f"{wrong} of 359"))
        assert "nan" not in layer.header.note
    else:
        reading = driver.window.views.canvas(BoundaryCanvas).reading(QPointF(0.0, 0.0), QPointF())
        assert reading is not None and all(0 <= float(row.values[0]) <= 1 for row in reading.rows)


def test_choosing_digits_in_the_dock_trains_them_with_batches(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.window.dock.choose_problem("digits"))
    assert driver.session.experiment.batch_size == 32
    assert not driver.window.dock.start.isVisible() and not driver.window.dock.field("gradient").isVisible()
    driver.finish()
    driver.until_new_trace(lambda: driver.window.dock.choose_problem("parabola"))
    assert driver.session.experiment.batch_size is None
    assert driver.window.dock.start.isVisibleTo(driver.window.dock)


def test_the_architecture_is_turned_in_the_dock(driver: Driver) -> None:
    driver.until_new_trace(lambda: driver.window.dock.choose_problem("digits"))
    field = driver.window.dock.problem_form.editor("hidden")
    field.setText("16+8")  # type: ignore[attr-defined]
    field.setModified(True)  # type: ignore[attr-defined]
    driver.until_new_trace(field.editingFinished.emit)  # type: ignore[attr-defined]
    problem = driver.session.experiment.problem
    assert isinstance(problem, Digits) and problem.hidden == (16, 8)
    assert driver.window.views.canvas(FirstLayerCanvas).header.note.startswith("16 units")


def test_accuracy_is_held_between_the_steps_at_which_it_was_measured(driver: Driver) -> None:
    open_example(driver, "moons")
    driver.finish()
    canvas, trace = driver.window.views.canvas(AccuracyCanvas), driver.session.trace
    assert trace is not None
    recorded = trace.read("val_accuracy")[:, 1]
    known = np.flatnonzero(np.isfinite(recorded))
    driver.until(lambda: canvas.pyramid.length == 401)
    for step in (0, 1, 3, 4, 7, 399, 400):
        values = canvas.values(step)
        assert values is not None
        assert values[2] == recorded[known[known <= step][-1]]


@pytest.mark.parametrize("points", [12, 18])
def test_rate_and_ruler_are_in_view_whatever_is_open(driver: Driver, points: int) -> None:
    window, dock = driver.window, driver.window.dock
    window.resize(1280, 800)
    window.font_size.choose(points)
    experiments = [example.experiment for example in EXAMPLES]
    experiments += [experiments[0].with_problem(kind()) for kind in PROBLEMS]
    for experiment in experiments:
        dock.show_experiment(experiment)
        QApplication.processEvents()
        for widget in (dock.lr, dock.ruler):
            assert widget.visibleRegion().boundingRect() == widget.rect(), experiment.problem.key
    window.font_size.choose(None)


def test_the_fields_of_a_network_beyond_the_first_ones_are_folded(driver: Driver) -> None:
    example = next(example for example in EXAMPLES if isinstance(example.experiment.problem, Classification))
    driver.window.resize(1280, 800)
    driver.until_new_trace(lambda: driver.window.files.show_example(example))
    form, runs = driver.window.dock.problem_form, driver.window.runs.view
    assert form.editor("shape").isVisible()
    assert not form.editor("units").isVisible()
    driver.until(lambda: runs.visibleRegion().boundingRect().height() == runs.height())
    more = form.findChild(QToolButton)
    assert more is not None
    more.click()
    assert form.editor("units").isVisible()
    more.click()
    assert not form.editor("units").isVisible()
    driver.until_new_trace(lambda: driver.menu("Problem", "Rosenbrock valley"))
    assert not any(button.isVisible() for button in form.findChildren(QToolButton))
