"""What is in view: runs that explode leave the others legible."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QTransform
from pytestqt.qtbot import QtBot

from lrstudio.core.landscape import Landscape, landscape
from lrstudio.core.objective import Objective
from lrstudio.core.problems import Formula, Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.canvases.data_fit import DataFitCanvas
from lrstudio.ui.canvases.landscape.background import Background
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.contours import contours, spaced_levels
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.drawing.axis import number_text, power_text
from lrstudio.ui.drawing.pyramid import Pyramid
from lrstudio.ui.drawing.strokes import Strokes
from lrstudio.ui.look.theme import LIGHT
from tests.ui.conftest import Started, assert_same_picture, picture


def test_an_exploding_loss_leaves_through_the_top(qtbot: QtBot, started: Started) -> None:
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("proportional", 1000)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    start = float(simulation.trace.read("loss", 0, 1)[0, 0])
    (left, right), (low, high) = canvas.plotItem.vb.viewRange()
    assert (left, right) == (pytest.approx(-20.4), pytest.approx(1020))
    assert np.log10(start) < high <= np.log10(100 * start) + 1e-9
    others = simulation.trace.read("loss")[:, :2]
    assert low <= np.log10(max(others.min(), 1e-17 * start))


def test_a_linear_loss_axis_shows_the_runs_that_learn(qtbot: QtBot, started: Started) -> None:
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("noisy_line", 100)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    canvas.set_log(False)
    picture(canvas)
    low, high = canvas.plotItem.vb.viewRange()[1]
    start = float(simulation.trace.read("loss", 0, 1)[0, 0])
    assert low == 0
    assert start < high <= 2 * start


def test_exploding_weights_leave_the_others_legible(qtbot: QtBot, started: Started) -> None:
    canvas = WeightsCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("proportional", 1000)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    low, high = canvas.plotItem.vb.viewRange()[1]
    assert -9.25 <= low < 0 < 3 < high <= 10.25


def test_weights_within_the_landscape_are_in_view_though_it_is_not_known_where_they_end(qtbot: QtBot) -> None:
    canvas = WeightsCanvas(LIGHT)
    qtbot.addWidget(canvas)
    problem = Formula(loss="(a-1)^2 + 2*(b+1)^2 + a*b*c + c^4")
    simulation = Simulation(Experiment(problem=problem, runs=(Run(lr=0.1),), steps=100))
    simulation.advance(100)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    low, high = canvas.plotItem.vb.viewRange()[1]
    weights = simulation.trace.read("params")
    assert low <= weights.min() < weights.max() <= high


def test_the_optima_carry_the_names_of_the_parameters(qtbot: QtBot, started: Started) -> None:
    canvas = WeightsCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("proportional", 3)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    assert canvas.names.names == [(3.0, "w"), (0.0, "b")]


def test_a_wild_line_does_not_move_the_view_of_the_data(qtbot: QtBot, started: Started) -> None:
    canvas = DataFitCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("proportional", 1000)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    picture(canvas)
    assert canvas.plotItem.vb.viewRange() == [pytest.approx([0.7, 4.3]), pytest.approx([-1.08, 12.9])]


def test_the_line_at_the_start_is_in_view(qtbot: QtBot, started: Started) -> None:
    canvas = DataFitCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("proportional", 0)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    view = canvas.view()
    assert view is not None
    (_, _), (low, high) = view
    assert low < 0 < 12 < high  # y = 0 at first; the data lie between 3 and 12
    far = simulation.experiment.with_run(0, start=(1000.0, 0.0))
    canvas.set_experiment(far, Simulation(far).trace)
    assert canvas.view() == view


def test_the_view_of_a_landscape_is_its_domain(qtbot: QtBot, started: Started) -> None:
    canvas = LandscapeCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("proportional", 1000)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    assert isinstance(simulation.objective, Objective)
    canvas.set_domain_background(
        Background.of(landscape(simulation.objective, simulation.experiment.problem.domain, 41))
    )
    picture(canvas)
    assert canvas.plotItem.vb.viewRange() == [pytest.approx([-1, 6]), pytest.approx([-6, 7])]


def test_a_preview_is_in_view_before_the_run(qtbot: QtBot, started: Started) -> None:
    canvas = RateCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("noisy_line", 0)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    before = picture(canvas)
    canvas.set_preview(*simulation.preview())
    assert (picture(canvas) != before).any()
    (left, right), (low, high) = canvas.plotItem.vb.viewRange()
    assert -3 < left < 0 and right >= 100 and low < 0.1 and high > 1.01
    canvas.set_preview(None)
    assert_same_picture(picture(canvas), before)


def test_a_rate_of_zero_can_be_shown(qtbot: QtBot) -> None:
    canvas = RateCanvas(LIGHT)
    qtbot.addWidget(canvas)
    experiment = Experiment(problem=Parabola(), runs=(Run(lr=0.0),))
    canvas.set_experiment(experiment, Trace(1, ("w",)))
    picture(canvas)


@pytest.mark.parametrize("rows", [10, 3000, 100_000])
def test_a_spike_of_one_row_reaches_its_height(qapp: object, rows: int) -> None:
    values = np.zeros((rows, 1))
    values[rows // 3], values[rows // 2] = 50, -40
    pyramid = Pyramid(lambda start, stop: values[start:stop], 1)
    pyramid.extend(rows)
    transform = QTransform(800 / rows, 0, 0, -2, 0, 200)
    lines, bars, *_ = Strokes(pyramid).of(0, transform, QRectF(0, 0, 800, 400))
    drawn = np.concatenate([lines, bars])
    assert drawn[:, [1, 3]].min() == pytest.approx(200 - 2 * 50)
    assert drawn[:, [1, 3]].max() == pytest.approx(200 + 2 * 40)
    assert len(lines) <= 2 * 800


def test_the_extremes_of_every_pixel_column_are_covered(qapp: object) -> None:
    values = np.cumsum(np.random.default_rng(1).standard_t(2, (50_000, 1)), axis=0)
    pyramid = Pyramid(lambda start, stop: values[start:stop], 1)
    pyramid.extend(len(values))
    scale = 300 / float(np.ptp(values))
    transform = QTransform(500 / len(values), 0, 0, -scale, 0, 300 + scale * float(values.min()))
    lines, bars, *_ = Strokes(pyramid).of(0, transform, QRectF(0, 0, 500, 300))
    drawn = np.concatenate([lines, bars])
    x, y = np.arange(len(values)) * transform.m11(), values[:, 0] * transform.m22() + transform.dy()
    for column in range(0, 500, 5):
        near = drawn[(drawn[:, 0] <= column + 4) & (drawn[:, 2] >= column - 4)][:, [1, 3]]
        inside = y[(x >= column) & (x < column + 1)]
        assert near.min() - 1.01 <= inside.min() and inside.max() <= near.max() + 1.01


@pytest.mark.parametrize("height", range(150, 250, 7))
def test_grid_lines_stand_at_the_labelled_ticks(qtbot: QtBot, started: Started, height: int) -> None:
    canvas = RateCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("noisy_line", 3)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    picture(canvas)
    canvas.resize(700, height)
    axis = canvas.axes["left"]
    asked = []
    tick_strings = axis.tickStrings
    axis.tickStrings = lambda values, scale, spacing: asked.append(list(values)) or tick_strings(values, scale, spacing)
    axis.picture = None
    canvas.grab()
    assert asked[0] == axis.major_ticks()


def test_levels_rise_by_factors_and_lie_within_the_loss() -> None:
    w = np.linspace(-5, 5, 101)
    loss = w[None, :] ** 2 + 10 * w[:, None] ** 2 + 3
    levels = spaced_levels(loss)
    assert 8 <= len(levels) <= 20
    assert loss.min() < levels[0] and levels[-1] < loss.max()
    assert (np.diff(np.diff(levels)) > -1).all()


@pytest.mark.parametrize("loss", [np.zeros((9, 9)), np.full((9, 9), np.nan)])
def test_a_flat_or_unknown_landscape_has_no_contours(loss: np.ndarray) -> None:
    axis = np.linspace(0, 1, 9)
    assert len(contours(Landscape(("a", "b"), (axis, axis), loss)).levels) == 0


def test_a_hole_in_a_landscape_is_left_out() -> None:
    axis = np.linspace(-1, 1, 21)
    loss = axis[None, :] ** 2 + axis[:, None] ** 2
    loss[:4] = np.nan
    found = contours(Landscape(("a", "b"), (axis, axis), loss))
    assert len(found.lines) == len(found.levels) > 3
    assert min(line[:, 1].min() for lines in found.lines for line in lines) >= axis[4]


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0.0, 1, "0.0"),
        (-0.0, 0, "0"),
        (-3, 0, "−3"),
        (20_000, 0, "20\u202f000"),
        (2e7, 0, "2·10⁷"),
        (4e-6, 6, "4·10⁻⁶"),
    ],
)
def test_tick_numbers(value: float, places: int, text: str) -> None:
    assert number_text(value, places) == text


@pytest.mark.parametrize(("exponent", "text"), [(-2, "0.01"), (0, "1"), (3, "1000"), (-12, "10⁻¹²"), (6, "10⁶")])
def test_tick_powers(exponent: float, text: str) -> None:
    assert power_text(exponent) == text
