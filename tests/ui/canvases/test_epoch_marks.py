from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QTransform
from pytestqt.qtbot import QtBot

from lrstudio.core.problems import NoisyLine
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.figures.figure import Figure, panels
from lrstudio.ui.look.theme import LIGHT
from tests.mouse import move, pixel

AREA = QRectF(0, 0, 600, 300)


def shown(qtbot: QtBot, batch_size: int | None, steps: int = 200) -> LossCanvas:
    """A canvas of a run on 100 points."""
    experiment = Experiment(problem=NoisyLine(n=100), runs=(Run(lr=0.1),), steps=steps, batch_size=batch_size)
    simulation = Simulation(experiment)
    simulation.advance(steps)
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.resize(700, 420)
    canvas.set_experiment(experiment, simulation.trace)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


def epochs(canvas: LossCanvas, steps: int) -> list[int]:
    """The epochs that are marked where so many steps are in view."""
    wide = QTransform.fromScale(AREA.width() / canvas.scale.position(steps), 1)
    marks = canvas.epochs.shown(wide, AREA)
    for epoch, x in marks:
        assert np.isclose(canvas.scale.step(x / wide.m11()), 25 * epoch)
    return [epoch for epoch, _ in marks]


def test_the_ends_of_epochs_are_marked_and_of_many_every_nth(qtbot: QtBot) -> None:
    canvas = shown(qtbot, 4)
    assert epochs(canvas, 110) == [1, 2, 3, 4]
    assert epochs(canvas, 5_000) == [50, 100, 150, 200]
    canvas.set_log_steps(True)
    assert epochs(canvas, 5_000)[:2] == [1, 5]


def test_the_reading_tells_how_many_epochs_a_step_has_behind_it(qtbot: QtBot) -> None:
    canvas = shown(qtbot, 4)
    move(canvas, pixel(canvas, 30, canvas.viewRect().center().y()))
    assert canvas.hover.reading is not None and canvas.hover.reading.title == "step 30 · 1.2 epochs"


def test_without_mini_batches_there_are_no_epochs(qtbot: QtBot) -> None:
    canvas = shown(qtbot, None)
    assert canvas.epochs.period is None and epochs(canvas, 5_000) == []
    move(canvas, pixel(canvas, 30, canvas.viewRect().center().y()))
    assert canvas.hover.reading is not None and canvas.hover.reading.title == "step 30"


def test_a_low_plot_has_the_lines_without_names_on_its_curves(qtbot: QtBot) -> None:
    canvas = shown(qtbot, 4)
    high, low = (Figure(panels([canvas]), QSize(700, height), LIGHT).svg() for height in (420, 130))
    assert b"epoch" in high and b"epoch" not in low


def test_larger_letters_have_room_at_fewer_ends(qtbot: QtBot) -> None:
    canvas = shown(qtbot, 4)
    before = epochs(canvas, 250)
    font = canvas.font()
    font.setPointSizeF(3 * font.pointSizeF())
    canvas.setFont(font)
    assert len(epochs(canvas, 250)) < len(before)


def test_the_names_stand_above_the_curves(qtbot: QtBot) -> None:
    canvas = shown(qtbot, 4)
    canvas.follow()
    line = QFontMetricsF(canvas.font()).height()
    (low, high), plain = canvas.plotItem.vb.viewRange()[1], canvas.y_range()
    assert plain is not None and low == plain[0]
    assert np.isclose((high - plain[1]) / (high - low) * canvas.plotItem.vb.height(), line)
    short = shown(qtbot, 4, steps=20)  # less than an epoch
    short.follow()
    assert short.y_range() == tuple(short.plotItem.vb.viewRange()[1])
