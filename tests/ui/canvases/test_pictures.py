"""Pictures with words below them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QFont, QFontMetricsF
from pytestqt.qtbot import QtBot

from lrstudio.core.problems import Digits
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.pictures import FirstLayerCanvas, MistakesCanvas, PicturesCanvas, TilesItem
from lrstudio.ui.look.theme import LIGHT
from tests.ui.conftest import assert_same_picture, picture


def test_the_words_below_neighbouring_pictures_do_not_touch(qtbot: QtBot) -> None:
    tiles = TilesItem()
    for points in (9, 24):
        font = QFont()
        font.setPointSize(points)
        tiles.set_font(font)
        tiles.set_tiles(np.zeros((300, 8, 8)), ["8 → 3"] * 300, signed=False)
        side, room, columns, rows = tiles.fitted(430, 300)
        assert room.width() >= QFontMetricsF(font).horizontalAdvance("8 → 3") + 10
        assert room.height() >= side + QFontMetricsF(font).height()
        assert columns > 2 and rows > 2


def test_pictures_are_as_large_as_all_of_them_fit(qtbot: QtBot) -> None:
    tiles = TilesItem()
    tiles.set_tiles(np.zeros((6, 8, 8)), [], signed=True)
    side, _, columns, rows = tiles.fitted(400, 300)
    assert side == 90 and columns * rows >= 6


@pytest.mark.parametrize("kind", [MistakesCanvas, FirstLayerCanvas])
def test_a_plot_that_lets_go_of_its_trace_keeps_no_picture_and_draws_it_again(
    qtbot: QtBot, kind: type[PicturesCanvas]
) -> None:
    simulation = Simulation(Experiment(problem=Digits(), runs=(Run(lr=0.1),), steps=2))
    canvas = kind(LIGHT)
    qtbot.addWidget(canvas)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    before = picture(canvas)
    canvas.forget()
    assert canvas.tiles.texts == []
    assert (picture(canvas) != before).any()
    canvas.set_experiment(simulation.experiment, simulation.trace)
    assert_same_picture(picture(canvas), before)
