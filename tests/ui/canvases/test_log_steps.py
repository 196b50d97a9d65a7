"""The plots against the step, with logarithmic steps."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QTransform
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.steps import StepCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.drawing.pyramid import Pyramid
from lrstudio.ui.drawing.step_scale import StepScale
from lrstudio.ui.drawing.strokes import Strokes
from lrstudio.ui.look.theme import LIGHT
from tests.mouse import click, move, pixel
from tests.ui.conftest import Started

EACH = pytest.mark.parametrize("kind", [LossCanvas, WeightsCanvas, RateCanvas])


def on_screen(qtbot: QtBot, kind: type[StepCanvas], started: Started) -> StepCanvas:
    canvas = kind(LIGHT)
    qtbot.addWidget(canvas)
    canvas.resize(700, 420)
    simulation = started("noisy_line", 90)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    canvas.set_log_steps(True)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


@EACH
def test_all_steps_are_in_view_and_the_first_is_at_the_left(
    qtbot: QtBot, started: Started, kind: type[StepCanvas]
) -> None:
    canvas = on_screen(qtbot, kind, started)
    (left, right), _ = canvas.plotItem.vb.viewRange()
    assert -0.1 < left < 0
    assert np.log10(91) <= right < 2.1


@EACH
def test_a_click_and_the_mouse_find_the_step(qtbot: QtBot, started: Started, kind: type[StepCanvas]) -> None:
    canvas = on_screen(qtbot, kind, started)
    at = pixel(canvas, np.log10(1 + 30), canvas.viewRect().center().y())
    move(canvas, at)
    assert canvas.hover.reading is not None
    assert canvas.hover.reading.title == "step 30"
    with qtbot.waitSignal(canvas.step_clicked) as clicked:
        click(canvas, at)
    assert clicked.args == [30]


@EACH
def test_switching_there_and_back_changes_nothing(qtbot: QtBot, started: Started, kind: type[StepCanvas]) -> None:
    canvas = on_screen(qtbot, kind, started)
    canvas.set_log_steps(False)
    before = canvas.plotItem.vb.viewRange()
    canvas.set_log_steps(True)
    canvas.set_log_steps(False)
    assert canvas.plotItem.vb.viewRange() == before


def test_every_spike_of_a_million_rows_reaches_its_height() -> None:
    rows = np.zeros((1_000_000, 1))
    spikes = [0, 3, 50, 777, 12_345, 300_001, 999_998]
    rows[spikes] = 1.0
    pyramid = Pyramid(lambda start, stop: rows[start:stop], 1)
    pyramid.extend(len(rows))
    scale = StepScale()
    scale.log = True
    strokes = Strokes(pyramid, scale=scale)
    transform = QTransform(800 / 6, 0, 0, -100, 0, 100)
    stroke = strokes.of(0, transform, QRectF(0, -5, 800, 110))
    drawn = np.concatenate([stroke.lines, stroke.bars])
    for spike in spikes:
        x = np.log10(1 + spike) * 800 / 6
        near = (drawn[:, [0, 2]].min(axis=1) < x + 2.1) & (drawn[:, [0, 2]].max(axis=1) > x - 2.1)
        assert drawn[near][:, [1, 3]].min() < 1
    assert len(drawn) < 4000
