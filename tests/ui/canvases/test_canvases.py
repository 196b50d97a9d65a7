"""All canvases follow a trace in the same way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lrstudio.core.landscape import landscape
from lrstudio.core.objective import Objective
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.canvas import PlotCanvas, PlotOptions
from lrstudio.ui.canvases.data_fit import DataFitCanvas
from lrstudio.ui.canvases.landscape.background import Background
from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.loss import LossCanvas
from lrstudio.ui.canvases.rate import RateCanvas
from lrstudio.ui.canvases.weights import WeightsCanvas
from lrstudio.ui.drawing.lines import FARTHEST
from lrstudio.ui.drawing.pyramid import Pyramid
from lrstudio.ui.drawing.strokes import Strokes
from lrstudio.ui.look.theme import DARK, LIGHT
from tests.paints import Paints, rgb
from tests.ui.conftest import Started, assert_same_picture, picture

ALL = (LossCanvas, WeightsCanvas, RateCanvas, LandscapeCanvas, DataFitCanvas)
EACH = pytest.mark.parametrize("kind", ALL)
KEYS = ("proportional", "parabola", "noisy_line")


def shown(qtbot: QtBot, kind: type[PlotCanvas], simulation: Simulation) -> PlotCanvas:
    canvas = kind(LIGHT)
    qtbot.addWidget(canvas)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    if isinstance(canvas, LandscapeCanvas):
        assert isinstance(simulation.objective, Objective)
        canvas.set_domain_background(
            Background.of(landscape(simulation.objective, simulation.experiment.problem.domain, 61))
        )
    return canvas


@EACH
@pytest.mark.parametrize("key", KEYS)
def test_drawing_piece_by_piece_gives_the_same_picture(
    qtbot: QtBot, started: Started, kind: type[PlotCanvas], key: str
) -> None:
    simulation = started(key, 0)
    canvas = shown(qtbot, kind, simulation)
    for steps in (1, 2, 5, 1, 30, 40):
        simulation.advance(steps)
        assert canvas.refresh()
        canvas.grab()
    assert_same_picture(picture(canvas), picture(shown(qtbot, kind, simulation)))


@EACH
def test_a_refresh_without_news_draws_nothing(
    qtbot: QtBot, started: Started, kind: type[PlotCanvas], monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = shown(qtbot, kind, started("proportional", 20))
    picture(canvas)
    monkeypatch.setattr(canvas, "draw", lambda: pytest.fail("drawn without news"))
    paints = Paints([canvas])
    assert not canvas.refresh()
    QApplication.processEvents()
    assert paints.count == 0


@EACH
def test_the_trace_may_grow_while_it_is_drawn(
    qtbot: QtBot, started: Started, kind: type[PlotCanvas], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = started("noisy_line", 20)
    canvas = shown(qtbot, kind, simulation)
    trace, read = simulation.trace, simulation.trace.read

    def growing(column: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        rows = read(column, start, stop)
        monkeypatch.setattr(trace, "read", read)
        simulation.advance(1)
        return rows

    simulation.advance(1)
    monkeypatch.setattr(trace, "read", growing)
    canvas.refresh()
    simulation.advance(1)
    canvas.refresh()
    assert_same_picture(picture(canvas), picture(shown(qtbot, kind, simulation)))


@EACH
def test_a_frame_is_painted_once_and_says_what_it_cost(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    simulation = started("noisy_line", 20)
    canvas = shown(qtbot, kind, simulation)
    picture(canvas)
    simulation.advance(1)
    paints = Paints([canvas])
    canvas.refresh()
    qtbot.waitUntil(lambda: paints.count > 0)
    QApplication.processEvents()
    assert paints.count == 1
    assert canvas.cost > 0


@EACH
def test_set_theme_changes_all_colours_and_changes_them_back(
    qtbot: QtBot, started: Started, kind: type[PlotCanvas]
) -> None:
    canvas = shown(qtbot, kind, started("noisy_line", 20))
    light = picture(canvas)
    canvas.set_theme(DARK)
    dark = picture(canvas)
    assert light.mean() > 200 > 100 > dark.mean()
    canvas.set_theme(LIGHT)
    assert_same_picture(picture(canvas), light)


@EACH
def test_a_hidden_run_is_not_drawn(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    canvas = shown(qtbot, kind, started("noisy_line", 20))
    color = np.array(rgb(LIGHT.run_style(0).color))

    def pixels() -> int:
        return int((picture(canvas) == color).all(axis=2).sum())

    assert pixels() > 10
    canvas.set_hidden({0})
    assert pixels() == 0
    canvas.set_hidden(())
    assert pixels() > 10


@EACH
def test_all_runs_may_be_hidden(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    canvas = shown(qtbot, kind, started("noisy_line", 20))
    canvas.set_hidden({0, 1, 2})
    picture(canvas)


@EACH
def test_another_trace_starts_anew(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    canvas = shown(qtbot, kind, started("proportional", 200))
    picture(canvas)
    other = started("noisy_line", 10)
    canvas.set_experiment(other.experiment, other.trace)
    if isinstance(canvas, LandscapeCanvas):
        assert isinstance(other.objective, Objective)
        canvas.set_domain_background(Background.of(landscape(other.objective, other.experiment.problem.domain, 61)))
    assert_same_picture(picture(canvas), picture(shown(qtbot, kind, other)))


@EACH
def test_an_edited_label_keeps_what_the_user_looks_at(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    simulation = started("noisy_line", 20)
    canvas = shown(qtbot, kind, simulation)
    picture(canvas)
    canvas.plotItem.vb.scaleBy((0.5, 0.5))
    canvas.plotItem.vb.sigRangeChangedManually.emit([True, True])
    before = canvas.viewRect()
    canvas.set_experiment(simulation.experiment.with_run(0, label="mine", color=5), simulation.trace)
    simulation.advance(50)
    canvas.refresh()
    assert canvas.viewRect() == before


@EACH
def test_a_double_click_shows_everything_again(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    canvas = shown(qtbot, kind, started("noisy_line", 20))
    picture(canvas)
    before = canvas.viewRect()
    canvas.plotItem.vb.scaleBy((0.5, 0.5))
    canvas.plotItem.vb.sigRangeChangedManually.emit([True, True])
    assert canvas.viewRect() != before
    qtbot.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=canvas.viewport().rect().center())
    assert canvas.viewRect() == before


@EACH
def test_the_walking_point_can_be_put_at_any_step(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    canvas = shown(qtbot, kind, started("noisy_line", 40))
    newest = picture(canvas)
    canvas.set_step(3)
    assert (picture(canvas) != newest).any()
    canvas.set_step(None)
    assert_same_picture(picture(canvas), newest)


@EACH
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, 0.0])
def test_no_number_breaks_the_view(qtbot: QtBot, started: Started, kind: type[PlotCanvas], value: float) -> None:
    simulation = started("noisy_line", 30)
    trace = simulation.trace
    for column in ("loss", "lr", "params"):
        rows = trace.read(column, 0, 30).copy()
        rows[5:10, 0] = value
        rows[20:, 1] = value
        trace.write(column, 0, rows)
    fresh = shown(qtbot, kind, simulation)
    picture(fresh)
    view = fresh.viewRect()
    assert np.isfinite([view.left(), view.right(), view.top(), view.bottom()]).all()
    assert 0 < view.width() < 1e5
    assert 0 < view.height() < 2 * FARTHEST


@EACH
def test_a_large_font_fits(qtbot: QtBot, started: Started, kind: type[PlotCanvas]) -> None:
    canvas = shown(qtbot, kind, started("noisy_line", 20))
    small = canvas.axes["left"].width()
    font = canvas.font()
    font.setPointSizeF(24)
    canvas.setFont(font)
    picture(canvas)
    assert canvas.axes["left"].width() > 1.5 * small
    assert canvas.axes["bottom"].style["tickFont"].pointSizeF() == 24


def test_another_number_of_runs_is_shown(qtbot: QtBot, started: Started) -> None:
    simulation = started("noisy_line", 5)
    for kind in ALL:
        canvas = shown(qtbot, kind, simulation)
        picture(canvas)
        experiment = replace(simulation.experiment, runs=simulation.experiment.runs * 3)
        canvas.set_experiment(experiment, Simulation(experiment).trace)
        picture(canvas)
        assert len(canvas.visible_runs()) == 9


def test_a_path_beyond_the_view_points_to_where_it_went(qtbot: QtBot, started: Started) -> None:
    canvas = shown(qtbot, LandscapeCanvas, started("noisy_line", 100))
    pixels = picture(canvas)
    color = np.array(rgb(LIGHT.run_style(2).color))
    view = canvas.plotItem.vb.mapRectToScene(canvas.plotItem.vb.boundingRect())
    rows, _ = np.nonzero((pixels == color).all(axis=2))
    assert rows.max() >= view.bottom() - 20 or rows.min() <= view.top() + 20
    assert QPointF(canvas.viewRect().center()) == QPointF(3.0, 2.5)


def test_a_run_that_leaves_is_marked_in_the_header_on_the_side_where_it_left(qtbot: QtBot, started: Started) -> None:
    loss = shown(qtbot, LossCanvas, started("parabola_edge", 30))
    assert [name.split() for name, _ in loss.header.entries] == [["0.3", "▼"], ["0.5", "▼"], ["1"], ["1.05", "▲"]]
    loss.set_hidden([1])
    assert [name for name, _ in loss.header.entries] == ["0.3 ▼", "1", "1.05 ▲"]
    weights = shown(qtbot, WeightsCanvas, started("parabola_edge", 60))
    assert weights.header.note == "▲▼ cut off: 1.05"
    weights.set_hidden([3])
    assert weights.header.note == ""


def test_a_loss_of_zero_leaves_a_logarithmic_axis_below_and_a_linear_one_not(qtbot: QtBot, started: Started) -> None:
    simulation = started("parabola_edge", 3)
    assert (simulation.trace.read("loss", 1, 4)[:, 1] == 0).all()
    canvas = shown(qtbot, LossCanvas, simulation)
    assert isinstance(canvas, LossCanvas)
    assert dict(name.split() for name, _ in canvas.header.entries if " " in name)["0.5"] == "▼"
    canvas.set_log(False)
    assert canvas.outside == {}


def test_a_point_beside_the_picture_is_marked_on_its_side(qtbot: QtBot, started: Started) -> None:
    canvas = shown(qtbot, LandscapeCanvas, started("noisy_line", 0))
    assert canvas.outside == {}  # all start at (-1, 1)
    for x_range, y_range, mark in (
        ((0, 4), (0, 4), "◀"),
        ((-4, -2), (0, 4), "▶"),
        ((-2, 0), (2, 4), "▼"),
        ((-2, 0), (-4, 0), "▲"),
    ):
        canvas.plotItem.vb.setRange(xRange=x_range, yRange=y_range, padding=0)
        canvas.plotItem.vb.sigRangeChangedManually.emit([True, True])
        assert canvas.outside == {0: mark, 1: mark, 2: mark}
        assert mark in canvas.header.note


@pytest.mark.parametrize("steps", [100, 1000])
def test_an_oscillating_run_does_not_hide_the_others(qtbot: QtBot, started: Started, steps: int) -> None:
    canvas = shown(qtbot, WeightsCanvas, started("parabola", steps))
    canvas.plotItem.vb.setRange(xRange=(0, steps), yRange=(-8, 6), padding=0)
    canvas.plotItem.vb.sigRangeChangedManually.emit([True, True])
    color = np.array(rgb(LIGHT.run_style(0).color))

    def seen(hidden: list[int]) -> np.ndarray:
        canvas.set_hidden(hidden)
        return (np.abs(picture(canvas).astype(int) - color) < 12).all(axis=2)

    alone = seen([1, 2])
    assert alone.sum() > 200
    assert seen([2])[alone].mean() > 0.6  # its upper envelope is that of the other, which lies on it


def test_the_band_of_an_oscillating_run_reaches_its_extremes(qtbot: QtBot) -> None:
    rows = np.random.default_rng(3).uniform(-1, 1, (50_000, 1))
    rows[12_345], rows[33_333] = 5.0, -5.0
    pyramid = Pyramid(lambda start, stop: rows[start:stop], 1)
    pyramid.extend(len(rows))
    stroke = Strokes(pyramid).of(0, QTransform(800 / 50_000, 0, 0, -40, 0, 300), QRectF(0, 0, 800, 600))
    assert stroke.band is not None
    ends = stroke.band.outline[:, [1, 3]]
    assert ends.min() == pytest.approx(300 - 5 * 40) and ends.max() == pytest.approx(300 + 5 * 40)
    assert len(stroke.band.outline) < 2 * 800
    calm = np.abs(stroke.band.x - 400) < 50
    assert (stroke.band.top[calm] > 250).all() and (stroke.band.bottom[calm] < 350).all()


@EACH
@pytest.mark.parametrize("key", KEYS)
def test_a_plot_that_has_let_go_of_its_trace_takes_every_option_and_draws_it_again(
    qtbot: QtBot, started: Started, kind: type[PlotCanvas], key: str
) -> None:
    simulation = started(key, 40)
    canvas = shown(qtbot, kind, simulation)
    before = picture(canvas)
    canvas.forget()
    assert canvas.trace is None
    for options in (PlotOptions(log_loss=False, log_steps=True, smoothing=0.9, run=1), PlotOptions()):
        canvas.set_options(options)
        canvas.set_step(3)
        canvas.set_step(None)
        canvas.set_hidden({0})
        canvas.set_hidden(())
        canvas.set_theme(DARK)
        canvas.set_theme(LIGHT)
        canvas.reset_view()
        canvas.read()
        picture(canvas)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    assert_same_picture(picture(canvas), before)
