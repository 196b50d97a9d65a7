"""A run is seen whole: its start, its jumps to the other side, its peak, and an explosion without others."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.core.landscape import landscape
from lrstudio.core.objective import Objective
from lrstudio.core.problems import Formula, Parabola
from lrstudio.core.schedules import Cosine
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.landscape.background import Background
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.look.theme import LIGHT
from tests.ui.conftest import Started


def landscape_of(qtbot: QtBot, loss: str, start: float, lr: float, steps: int) -> LandscapeCanvas:
    """The landscape of a loss of one weight with a run on it."""
    experiment = Experiment(problem=Formula(loss=loss), runs=(Run(lr=lr, start=(start,)),), steps=steps)
    simulation = Simulation(experiment)
    simulation.advance(steps)
    assert isinstance(simulation.objective, Objective)
    canvas = LandscapeCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.set_experiment(experiment, simulation.trace)
    canvas.set_domain_background(Background.of(landscape(simulation.objective, experiment.problem.domain, 41)))
    return canvas


def test_a_start_beyond_the_domain_and_the_other_side_of_its_valley_are_in_view(qtbot: QtBot) -> None:
    canvas = landscape_of(qtbot, "4*(w+1)^2", 5.0, 0.24, 30)
    assert canvas.trace is not None
    (left, right), (low, high) = canvas.plotItem.vb.viewRange()
    weights, losses = canvas.trace.read("params"), canvas.trace.read("loss")
    assert left < weights.min() == pytest.approx(-6.52) and right > weights.max() == 5
    assert low < 0 and losses.max() == 144 < high < 1.1 * 144


def test_the_background_covers_a_view_that_is_wider_than_the_domain(qtbot: QtBot) -> None:
    canvas = landscape_of(qtbot, "4*(w+1)^2", 5.0, 0.24, 30)
    canvas.show()
    with qtbot.waitSignal(canvas.background_requested) as asked:
        canvas.follow()
    _, view = asked.args
    assert view == tuple(map(tuple, canvas.plotItem.vb.viewRange()[:1]))


def test_a_start_far_beyond_the_domain_leaves_the_valley_legible(qtbot: QtBot) -> None:
    canvas = landscape_of(qtbot, "(w+1)^2", 1e6, 0.1, 3)
    assert canvas.experiment is not None
    assert canvas.plotItem.vb.viewRange()[0] == pytest.approx(canvas.experiment.problem.domain[0])


def test_a_start_beyond_a_domain_of_two_parameters_is_in_view(qtbot: QtBot, started: Started) -> None:
    experiment = started("proportional", 0).experiment.with_run(0, start=(9.0, -8.0))
    canvas = LandscapeCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.set_experiment(experiment, Simulation(experiment).trace)
    canvas.follow()
    (left, right), (low, high) = canvas.plotItem.vb.viewRange()
    assert left == -1 and 9 < right < 10 and -9 < low < -8 and high == 7


def test_weights_on_the_other_side_of_the_optimum_are_in_view(qtbot: QtBot) -> None:
    canvas = WeightsCanvas(LIGHT)
    qtbot.addWidget(canvas)
    runs = tuple(Run(lr=lr, start=(5.0,)) for lr in (0.125, 0.24))
    simulation = Simulation(Experiment(problem=Formula(loss="4*(w+1)^2"), runs=runs, steps=30))
    simulation.advance(30)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    low, high = canvas.plotItem.vb.viewRange()[1]
    weights = simulation.trace.read("params")
    assert low < weights.min() < weights.max() < high
    assert canvas.outside == {}


@pytest.mark.parametrize("kind", [LossCanvas, WeightsCanvas])
def test_a_run_that_explodes_alone_is_in_view(qtbot: QtBot, kind: type[LossCanvas | WeightsCanvas]) -> None:
    canvas = kind(LIGHT)
    qtbot.addWidget(canvas)
    simulation = Simulation(Experiment(problem=Parabola(), runs=(Run(lr=1.05, start=(5.0,)),), steps=80))
    simulation.advance(80)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    assert canvas.outside == {}


def test_a_loss_that_comes_back_shows_its_peak(qtbot: QtBot) -> None:
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    runs = (Run(lr=0.5, start=(5.0,)), Run(lr=1.2, start=(5.0,), schedule=Cosine()))
    simulation = Simulation(Experiment(problem=Parabola(), runs=runs, steps=60))
    simulation.advance(60)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    peak = simulation.trace.read("loss")[:, 1].max()
    assert peak > 1000 * 36
    assert np.log10(peak) < canvas.plotItem.vb.viewRange()[1][1]
