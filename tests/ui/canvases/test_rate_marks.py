from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import RateChange
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.look.theme import LIGHT
from tests.mouse import move, pixel
from tests.paints import rgb
from tests.ui.conftest import Started, picture

EACH = pytest.mark.parametrize("kind", [LossCanvas, WeightsCanvas, RateCanvas])


def changed(qtbot: QtBot, kind: type[StepCanvas], simulation: Simulation) -> StepCanvas:
    """A canvas of a simulation whose first run was given another rate at step 20."""
    simulation.amend(simulation.experiment.with_run(0, lr=0.25))
    simulation.advance(20)
    canvas = kind(LIGHT)
    qtbot.addWidget(canvas)
    canvas.resize(700, 420)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


def upright(canvas: StepCanvas, step: float, color: QColor) -> int:
    """How many pixels of a colour there are in the column of a step."""
    x = round(pixel(canvas, canvas.scale.position(step), 0).x())
    wanted = np.array(rgb(color))
    return int((np.abs(picture(canvas)[:, x - 1 : x + 3].astype(int) - wanted) < 60).all(axis=2).any(axis=1).sum())


@EACH
@pytest.mark.parametrize("log", [False, True])
def test_a_changed_rate_is_marked_in_the_colour_of_its_run(
    qtbot: QtBot, started: Started, kind: type[StepCanvas], log: bool
) -> None:
    canvas = changed(qtbot, kind, started("noisy_line", 20))
    canvas.set_log_steps(log)
    assert upright(canvas, 20, canvas.style(0).color) > 80
    assert upright(canvas, 10, canvas.style(0).color) < 60
    canvas.set_hidden({0})
    assert upright(canvas, 20, canvas.style(0).color) < 40


def test_at_a_mark_the_change_is_read(qtbot: QtBot, started: Started) -> None:
    canvas = changed(qtbot, LossCanvas, started("noisy_line", 20))
    move(canvas, pixel(canvas, 20, canvas.viewRect().center().y()))
    assert canvas.hover.reading is not None
    assert canvas.hover.reading.title == "step 20 · 0.25: rate 0.1 → 0.25"
    move(canvas, pixel(canvas, 10, canvas.viewRect().center().y()))
    assert canvas.hover.reading.title == "step 10"


def test_many_changes_leave_the_plot_legible(qtbot: QtBot, started: Started) -> None:
    simulation = started("noisy_line", 20)
    canvas = changed(qtbot, LossCanvas, simulation)
    simulation.trace.rate_changes = tuple(RateChange(step, 0, 0.1, 0.2) for step in range(1, 40) for _ in range(20))
    canvas.show_marks()
    colored = np.abs(picture(canvas).astype(int) - np.array(rgb(canvas.style(0).color))) < 60
    assert colored.all(axis=2).mean() < 0.15
