"""Plots of numbers at the ends of what floats hold: no error, no warning, a finite view, marks where runs leave it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lrstudio.core.problems import Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.trace import UNENDED, Trace
from lrstudio.ui.canvases.canvas import PlotCanvas, PlotOptions
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.look.theme import LIGHT

ROWS = 60
LINE = np.linspace(0.0, 1.0, ROWS)
ARRAYS = {
    "one point": np.array([3.0]),
    "constant": np.full(ROWS, 5.0),
    "zeros": np.zeros(ROWS),
    "nan": np.full(ROWS, np.nan),
    "infinite": np.full(ROWS, np.inf),
    "nan between": np.where(np.arange(ROWS) % 3 == 1, np.nan, LINE + 1),
    "up to infinity": np.concatenate([LINE[:-2] + 1, [np.inf, -np.inf]]),
    "largest": np.where(np.arange(ROWS) % 2, 1e308, -1e308),
    "grows to the largest": 10.0 ** np.linspace(0, 308, ROWS),
    "falls to the least": 10.0 ** np.linspace(0, -323, ROWS),
    "denormal": np.full(ROWS, 5e-324) * np.arange(1, ROWS + 1),
    "huge range": 10.0 ** np.linspace(-300, 300, ROWS),
    "differs in the last bit": np.where(np.arange(ROWS) % 2, 1.0, np.nextafter(1.0, 2.0)),
}


def trace_of(values: np.ndarray) -> tuple[Experiment, Trace]:
    """A trace whose every column has these values; the second run is an ordinary one."""
    rows = len(values)
    experiment = Experiment(problem=Parabola(), runs=(Run(lr=0.1), Run(lr=0.2, color=1)), steps=max(1, rows - 1))
    both = np.stack([values, np.linspace(4.0, 1.0, rows)], axis=1)
    columns = {"params": both[:, :, None], "grad": both[:, :, None], "loss": both, "lr": np.abs(both)}
    ends = np.full(2, UNENDED)
    return experiment, Trace.from_columns(experiment.problem.names, columns, ends, ())


def move_about(canvas: PlotCanvas, chance: random.Random) -> None:
    """Wheels, drags and reads at random places, as a user does."""
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    view, plain = canvas.viewport(), Qt.KeyboardModifier.NoModifier
    for _ in range(6):
        at = QPointF(chance.randrange(view.width()), chance.randrange(view.height()))
        turn = QPoint(0, chance.choice((-(2**30), -1200, -120, 120, 1200, 2**30)))
        wheel = QWheelEvent(
            at, QPointF(view.mapToGlobal(at)), QPoint(), turn, none, plain, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(view, wheel)
        for kind, button, held in (
            (QEvent.Type.MouseButtonPress, left, left),
            (QEvent.Type.MouseMove, none, left),
            (QEvent.Type.MouseButtonRelease, left, none),
            (QEvent.Type.MouseMove, none, none),
        ):
            at += QPointF(chance.randint(-90, 90), chance.randint(-90, 90))
            QApplication.sendEvent(view, QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, plain))
        assert is_finite(canvas)
    canvas.grab()


def is_finite(canvas: PlotCanvas) -> bool:
    ranges = np.array(canvas.plotItem.vb.viewRange())
    return bool(np.isfinite(ranges).all() and (ranges[:, 0] < ranges[:, 1]).all())


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("log", [True, False], ids=["log", "linear"])
@pytest.mark.parametrize("kind", [LossCanvas, RateCanvas, WeightsCanvas, LandscapeCanvas])
def test_extreme_numbers_are_drawn_in_a_finite_view(qtbot: QtBot, kind: type[PlotCanvas], log: bool, name: str) -> None:
    canvas = kind(LIGHT)
    qtbot.addWidget(canvas)
    canvas.resize(420, 300)
    canvas.set_options(PlotOptions(log_loss=log, log_steps=log, smoothing=0.9))
    canvas.set_experiment(*trace_of(ARRAYS[name]))
    while canvas.refresh():
        pass
    canvas.show()
    canvas.grab()
    assert is_finite(canvas)
    low, high = canvas.plotItem.vb.viewRange()[1]
    values = ARRAYS[name][np.isfinite(ARRAYS[name])]
    if isinstance(canvas, (LossCanvas, WeightsCanvas)) and not canvas.axes["left"].logMode and len(values):
        leaves = values.max() > high or values.min() < low
        assert ("▲" in canvas.outside.get(0, "") or "▼" in canvas.outside.get(0, "")) == leaves
    for step in (None, 0, len(ARRAYS[name]) - 1):
        canvas.set_step(step)
    move_about(canvas, random.Random(f"{name} {log} {kind.__name__}"))
    canvas.reset_view()
    assert is_finite(canvas)
