"""The axis of a sweep's losses shows what there is to see, also where losses are 0, below 0 or rose without end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.core.problems import Formula, Parabola, Problem
from lrstudio.core.schedules import Exponential
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.ui.drawing.axis import log_ends
from lrstudio.ui.instruments.sweep.canvas import SweepCanvas
from lrstudio.ui.instruments.sweep.rate_curves import Entry, RateCurve, rates_between, swept_curves
from lrstudio.ui.look.theme import LIGHT
from lrstudio.ui.session.bench import Work


def swept(problem: Problem, run: Run, steps: int) -> list[RateCurve]:
    experiment = Experiment(problem=problem, runs=(run,), steps=steps)
    return swept_curves([Entry("one", experiment)], rates_between(1e-4, 10, 120), Work(lambda: None, lambda *_: None))


@pytest.fixture
def canvas(qtbot: QtBot) -> SweepCanvas:
    canvas = SweepCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    return canvas


def test_runs_that_rose_and_exact_zeros_leave_the_loss_at_the_start_in_view(canvas: SweepCanvas) -> None:
    curves = swept(Parabola(), Run(lr=1.0, schedule=Exponential(gamma=0.99)), 100)
    values = curves[0].values("final_loss")
    assert np.nanmin(values) == 0 and np.nanmax(values) > 1e10
    canvas.show_curves(curves, "final_loss", "final loss")
    view = canvas.view()
    assert view is not None and canvas.log
    low, high = view[1]
    assert math.log10(36) < high < math.log10(36) + 5 and low > -30
    assert canvas.y_of(0.0) == low
    assert curves[0].best is not None and curves[0].best.summary.final_loss == 0


def test_losses_below_0_have_a_straight_axis(canvas: SweepCanvas) -> None:
    curves = swept(Formula(loss="a^2-5"), Run(lr=1.0), 60)
    canvas.show_curves(curves, "final_loss", "final loss")
    view = canvas.view()
    assert view is not None and not canvas.log
    assert view[1][0] < -5 and -4.01 < view[1][1] < -3
    canvas.show_curves(swept(Parabola(), Run(lr=1.0), 60), "final_loss", "final loss")
    assert canvas.log


def test_the_ends_of_a_logarithmic_axis() -> None:
    assert log_ends(np.array([0.0, 1e-3, 10.0, np.nan, np.inf])) == (1e-3, 10.0)
    assert log_ends(np.array([0.0, 1e-40, 10.0, 1e26]), begin=36.0) == pytest.approx((36e3 * 1e-17, 36e3))
    assert log_ends(np.zeros(3)) == (0.1, 1.0)
    assert log_ends(np.array([5e9]), begin=1.0) == (5e9, 5e9)
