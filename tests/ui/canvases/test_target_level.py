"""The target loss in the plot of the losses."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.look.theme import LIGHT
from tests.mouse import pixel
from tests.ui.conftest import Started, picture


@pytest.fixture
def canvas(qtbot: QtBot, started: Started) -> LossCanvas:
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("proportional", 50)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    canvas.set_hidden(range(1, simulation.trace.runs))
    return canvas


def set_target(canvas: LossCanvas, target: float | None) -> None:
    assert canvas.experiment is not None and canvas.trace is not None
    canvas.set_experiment(replace(canvas.experiment, target_loss=target), canvas.trace)


def test_the_target_is_a_dashed_line_with_its_name(canvas: LossCanvas) -> None:
    before = picture(canvas)
    set_target(canvas, 2.0)
    after = picture(canvas)
    assert canvas.target.value == math.log10(2.0)
    y = pixel(canvas, 0.0, math.log10(2.0)).y()
    changed = (before != after).any(axis=2)
    rows = np.flatnonzero(changed.any(axis=1))
    assert y - 2 < rows.min() < rows.max() < y + 30  # the name is below the line
    line = changed[rows.min()]
    assert 0.3 * line.size < line.sum() < 0.9 * line.size
    set_target(canvas, None)
    assert (picture(canvas) == before).all()


def test_on_a_linear_axis_the_target_stands_at_its_value_and_below_0_there_too(canvas: LossCanvas) -> None:
    set_target(canvas, -1.0)
    assert canvas.target.value is None
    canvas.set_log(False)
    assert canvas.target.value == -1.0


def test_a_target_out_of_view_is_not_drawn_and_does_not_move_the_view(canvas: LossCanvas) -> None:
    before, view = picture(canvas), canvas.view()
    set_target(canvas, 1e-30)
    assert canvas.view() == view
    assert (picture(canvas) == before).all()
