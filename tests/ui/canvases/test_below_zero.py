"""Losses below 0, which have no logarithm."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from lrstudio.core.problems import Easom, Formula, Problem, StyblinskiTang
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.look.theme import LIGHT


def shown(qtbot: QtBot, problem: Problem, lr: float, steps: int) -> LossCanvas:
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = Simulation(Experiment(problem=problem, runs=(Run(lr=lr),), steps=steps))
    simulation.advance(steps)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    return canvas


def test_losses_below_0_are_in_view_on_a_linear_axis_that_says_so(qtbot: QtBot) -> None:
    for problem, lr in ((Easom(), 0.1), (StyblinskiTang(), 0.01)):
        canvas = shown(qtbot, problem, lr, 300)
        assert canvas.log  # what was asked for stays
        assert not canvas.axes["left"].logMode and "below 0" in canvas.header.note
        low, high = canvas.plotItem.vb.viewRange()[1]
        losses = canvas.pyramid.rows(0, 301)
        assert low <= losses.min() < losses.max() <= high
        assert high - low < 3 * (losses.max() - losses.min())


def test_the_logarithm_comes_back_with_losses_above_0(qtbot: QtBot) -> None:
    canvas = shown(qtbot, Easom(), 0.1, 20)
    simulation = Simulation(Experiment(problem=Formula(loss="w^2"), runs=(Run(lr=0.1),), steps=20))
    simulation.advance(20)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    assert canvas.axes["left"].logMode and "log scale" in canvas.header.note


def test_a_loss_that_rounding_puts_below_0_keeps_its_logarithm(qtbot: QtBot) -> None:
    canvas = shown(qtbot, Formula(loss="w^2 - 4*w + 4"), 0.1, 300)
    assert canvas.axes["left"].logMode


def test_a_loss_without_a_bottom_leaves_the_view(qtbot: QtBot) -> None:
    canvas = shown(qtbot, Formula(loss="a^2 - b^2"), 0.1, 400)
    low, high = canvas.plotItem.vb.viewRange()[1]
    assert -20 < low < 0 < high < 5
