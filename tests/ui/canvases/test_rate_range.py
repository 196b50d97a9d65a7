"""How deep the axis of the rates goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.look.theme import LIGHT


def shown(qtbot: QtBot, *rates: float) -> RateCanvas:
    experiment = replace(EXAMPLES[0].experiment, runs=tuple(Run(lr=lr, color=place) for place, lr in enumerate(rates)))
    simulation = Simulation(experiment)
    simulation.advance(5)
    canvas = RateCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.set_experiment(experiment, simulation.trace)
    canvas.set_preview(*simulation.preview())
    return canvas


@pytest.mark.parametrize("tiny", [5e-324, 1e-320, 1e-301])
def test_a_rate_of_next_to_nothing_counts_as_none(qtbot: QtBot, tiny: float) -> None:
    assert shown(qtbot, 0.01, 1.0, tiny).view() == shown(qtbot, 0.01, 1.0, 0.0).view()
    assert not shown(qtbot, 0.01, tiny).log
    low, high = shown(qtbot, tiny).y_range() or (0.0, 0.0)
    assert high - low > 0.5


def test_the_axis_spans_at_most_30_decades(qtbot: QtBot) -> None:
    canvas = shown(qtbot, 0.01, 1.0, 1e-200)
    assert canvas.log
    low, high = canvas.y_range() or (0.0, 0.0)
    assert (low, high) == (pytest.approx(-30.3), pytest.approx(0.3))
    assert np.isfinite(canvas.plotItem.vb.viewRange()).all()


def test_small_rates_that_are_all_alike_are_shown_as_they_are(qtbot: QtBot) -> None:
    low, high = shown(qtbot, 1e-9, 1e-7).y_range() or (0.0, 0.0)
    assert low <= -9 < -7 <= high
