from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.derived import Smoothed
from lrstudio.ui.canvases.loss import SMOOTHINGS, LossCanvas
from lrstudio.ui.look.theme import LIGHT
from tests.ui.conftest import Started, assert_same_picture, picture

BETAS = [beta for beta in SMOOTHINGS if beta]


def by_hand(rows: np.ndarray, beta: float) -> np.ndarray:
    state, found = np.zeros(rows.shape[1]), []
    for t, row in enumerate(rows):
        state = beta * state + (1 - beta) * row
        found.append(state / (1 - beta ** (t + 1)))
    return np.array(found)


def smoothed(rows: np.ndarray, beta: float, *lengths: int) -> np.ndarray:
    made = Smoothed(lambda start, stop: rows[start:stop], rows.shape[1], beta)
    for length in lengths or (len(rows),):
        made.extend(length)
    return made.rows(0, len(rows))


@pytest.mark.parametrize("beta", BETAS)
def test_it_is_the_bias_corrected_mean_to_1e_12(beta: float) -> None:
    random = np.random.default_rng(1)
    falling = np.abs(random.normal(size=(9000, 2))) * np.exp(-np.arange(9000) / 300)[:, None] * 1e20
    for rows in (falling, random.normal(size=(9000, 3)) + 3, np.full((500, 1), 0.25)):
        np.testing.assert_allclose(smoothed(rows, beta), by_hand(rows, beta), rtol=1e-12)


@pytest.mark.parametrize("beta", BETAS)
def test_the_first_is_the_raw_one_and_pieces_do_not_matter(beta: float) -> None:
    rows = np.random.default_rng(2).uniform(size=(70_000, 1))
    whole = smoothed(rows, beta)
    assert whole[0, 0] == pytest.approx(rows[0, 0], rel=1e-12)
    np.testing.assert_allclose(smoothed(rows, beta, 1, 2, 40, 65_535, 65_537, 70_000), whole, rtol=1e-12)


def test_after_the_end_of_a_run_there_is_nothing() -> None:
    rows = np.array([[1.0, 1.0], [2.0, np.nan], [3.0, np.nan], [1e30, np.nan]])
    found = smoothed(rows, 0.9)
    assert np.isfinite(found[:, 0]).all()
    assert np.isnan(found[1:, 1]).all()


def test_the_raw_loss_stays_visible_below_the_smoothed_one(qtbot: QtBot, started: Started) -> None:
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("noisy_line", 40)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    before = picture(canvas)
    canvas.set_smoothing(0.9)
    canvas.refresh()
    raw, bold = canvas.curves[0][2].style.color, canvas.smooth_curves[0].style.color
    assert raw.lightnessF() > bold.lightnessF()
    assert canvas.header.title == "Loss, smoothed 0.9"
    values = canvas.values(7)
    assert values is not None
    losses = simulation.trace.read("loss")
    np.testing.assert_array_equal(values[0::2], losses[7])
    np.testing.assert_allclose(values[1::2], by_hand(losses[:8], 0.9)[7], rtol=1e-12)
    canvas.set_smoothing(0.0)
    assert_same_picture(picture(canvas), before)


def test_a_long_trace_is_smoothed_in_pieces(qtbot: QtBot, started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    simulation = started("noisy_line", 90)
    monkeypatch.setattr("lrstudio.ui.canvases.loss._DERIVED_A_FRAME", 25 * simulation.trace.runs)
    canvas.set_smoothing(0.5)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    frames = 0
    while canvas.unfinished:
        assert canvas.refresh()
        frames += 1
    assert frames == 3
    assert not canvas.refresh()


def test_a_long_trace_is_drawn_in_pieces(qtbot: QtBot, started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = started("noisy_line", 90)
    whole = LossCanvas(LIGHT)
    qtbot.addWidget(whole)
    whole.set_experiment(simulation.experiment, simulation.trace)
    monkeypatch.setattr("lrstudio.ui.canvases.steps._VALUES_A_FRAME", 25 * simulation.trace.runs)
    canvas = LossCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    assert canvas.pyramid.length == 25
    while canvas.unfinished:
        assert canvas.refresh()
    assert canvas.pyramid.length == 91
    assert_same_picture(picture(canvas), picture(whole))
