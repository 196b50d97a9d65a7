"""The horizontal axis counts epochs or samples of each run, whatever its batch size."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.core.problems import NoisyLine
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.canvas import PlotOptions
from lrstudio.ui.canvases.derived import AllData
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.look.theme import LIGHT
from tests.mouse import move, pixel


@pytest.fixture(params=[LossCanvas, WeightsCanvas, RateCanvas])
def canvas(request: pytest.FixtureRequest, qtbot: QtBot) -> StepCanvas:
    """A plot of two epochs in 20 steps of 10 points, and in 4 of 50."""
    runs = (Run(lr=0.1, batch_size=10), Run(lr=0.1, batch_size=50, color=1))
    simulation = Simulation(Experiment(problem=NoisyLine(), runs=runs, steps=20, equal="epochs"))
    while not simulation.done:
        simulation.advance(5)
    made: StepCanvas = request.param(LIGHT)
    qtbot.addWidget(made)
    made.resize(700, 420)
    made.set_experiment(simulation.experiment, simulation.trace)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_in_steps_each_run_ends_after_its_own(canvas: StepCanvas) -> None:
    assert [canvas.scale.of(run).position(steps) for run, steps in ((0, 20), (1, 4))] == [20, 4]
    assert canvas.caption.text == "step" and canvas.epochs.period is None


@pytest.mark.parametrize(("axis", "last", "says"), [("epochs", 2, "1 epochs"), ("samples", 200, "100 samples")])
@pytest.mark.parametrize("log", [False, True])
def test_in_epochs_and_samples_all_runs_end_together(
    canvas: StepCanvas, axis: str, last: float, says: str, log: bool
) -> None:
    canvas.set_options(PlotOptions(axis=axis, log_steps=log))  # type: ignore[arg-type]
    ends = [canvas.scale.of(run).position(steps) for run, steps in ((0, 20), (1, 4))]
    assert ends[0] == pytest.approx(ends[1])
    (left, right), _ = canvas.plotItem.vb.viewRange()
    assert left <= 0 and ends[0] <= right < 1.2 * ends[0]
    bottom = canvas.axes["bottom"]
    levels = bottom.tickValues(left, right, 600)
    named = [text for spacing, ticks in levels for text in bottom.tickStrings(ticks, 1, spacing) if text]
    assert log or float(named[-1]) == last
    move(canvas, pixel(canvas, canvas.scale.position(10), canvas.viewRect().center().y()))
    assert canvas.hover.reading is not None and canvas.hover.reading.title.endswith(says)
    canvas.set_step(10)
    assert [canvas.row(run) for run in (0, 1)] == [10, 2]


def test_the_loss_on_all_data_runs_between_the_ends_of_the_run_s_own_epochs() -> None:
    runs = (Run(lr=0.1, batch_size=10), Run(lr=0.1, batch_size=50, color=1))
    simulation = Simulation(Experiment(problem=NoisyLine(), runs=runs, steps=20))
    simulation.advance(20)
    trace = simulation.trace
    begin, middle, end = AllData(trace).rows(0, 11)[[0, 5, 10], 0]
    assert (begin, end) == (trace.judged(0)[0], trace.judged(10)[0])
    assert middle == pytest.approx(np.sqrt(begin * end)) != pytest.approx(trace.judged(5)[0])
    assert AllData(trace).length == 21
