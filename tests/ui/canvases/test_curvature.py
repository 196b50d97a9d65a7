"""The curvature against the step: what is drawn of samples, read at the mouse, and marked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Proportional
from lrstudio.engine.curvature_track import CurvatureTrack, Samples
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.canvases.curvature import CurvatureCanvas
from lrstudio.ui.figures.copies import redrawn
from lrstudio.ui.look.theme import DARK, LIGHT
from tests.ui.conftest import Started, assert_same_picture, picture


def shown(qtbot: QtBot, simulation: Simulation) -> CurvatureCanvas:
    canvas = CurvatureCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.resize(700, 420)
    canvas.show()
    canvas.set_experiment(simulation.experiment, simulation.trace)
    track = CurvatureTrack(simulation.experiment, simulation.trace)
    track.measure(track.missing(whole=True), lambda: False)
    canvas.show_samples(track.samples())
    return canvas


def samples(curve: list[float], limit: float = 10.0, rate: float = 0.2) -> Samples:
    """Of one run, every ten steps."""
    ones = np.ones((len(curve), 1))
    return Samples(np.arange(len(curve)) * 10.0, np.array(curve)[:, None], limit * ones, rate * ones)


def read(canvas: CurvatureCanvas, step: float) -> list[tuple[str, ...]]:
    """The values of each run in the box over a step."""
    at = canvas.to_pixel(canvas.scale.position(step), canvas.viewRect().center().y())
    assert at is not None
    found = canvas.reading(canvas.to_plot(at), at)
    assert found is not None
    return [row.values for row in found.rows]


def test_the_box_has_curvature_limit_and_their_share_in_exact_numbers(qtbot: QtBot, started: Started) -> None:
    canvas = shown(qtbot, started("momentum", 100))
    assert read(canvas, 50) == [
        ("16.7", "100", "0.334 of 2"),
        ("16.7", "190", "0.334 of 3.8"),
        ("16.7", "67.86", "0.334 of 1.36"),
    ]
    assert canvas.headings() == ("λ", "limit", "λη")


def test_the_box_reads_the_nearest_step_that_is_known(qtbot: QtBot, started: Started) -> None:
    simulation = started("parabola", 60)
    canvas = shown(qtbot, simulation)
    one = samples([1.0, 4.0, 9.65])
    canvas.show_samples(Samples(one.steps, *(np.repeat(part, 3, axis=1) for part in one_parts(one))))
    at = canvas.to_pixel(canvas.scale.position(23), 1.0) or QPointF()
    found = canvas.reading(canvas.to_plot(at), at)
    assert found is not None and found.title == "step 20"
    assert found.rows[0].values == ("9.65", "10", "1.93 of 2")


def one_parts(one: Samples) -> tuple[np.ndarray, ...]:
    return one.curvatures, one.limits, one.rates


def single(qtbot: QtBot, curve: list[float]) -> CurvatureCanvas:
    experiment = Experiment(problem=Proportional(), runs=(Run(lr=0.01),), steps=200)
    simulation = Simulation(experiment)
    simulation.advance(90)
    canvas = shown(qtbot, simulation)
    canvas.show_samples(samples(curve))
    return canvas


def test_a_ring_stands_where_the_curve_rises_above_its_limit(qtbot: QtBot) -> None:
    canvas = single(qtbot, [1, 4, 9, 11, 10, 9.9, 10.2])
    ((step, height),) = canvas.items[0].rings
    assert 20 < step < 30 and height == 10
    with_ring = picture(canvas)
    canvas.items[0].rings = ()
    canvas.items[0].update()
    assert (picture(canvas) != with_ring).any()


def test_limits_and_curves_are_in_view_and_what_is_far_away_does_not_squeeze_them(qtbot: QtBot) -> None:
    canvas = single(qtbot, [1, 4, 1e200, 1e-200, -3, np.nan, 10])
    bottom, top = canvas.plotItem.vb.viewRange()[1]
    assert -3.5 < bottom < 0 and 1 < top < 5
    picture(canvas)


def test_the_marker_follows_the_cursor_to_the_last_known_step(qtbot: QtBot) -> None:
    canvas = single(qtbot, [1, 4, 9, 11, 10])
    assert canvas.items[0].head == (40, 10)
    canvas.set_step(27)
    assert canvas.items[0].head == (20, 9)
    canvas.set_step(None)
    assert canvas.items[0].head == (40, 10)


def test_hidden_runs_are_neither_drawn_nor_read_nor_named(qtbot: QtBot, started: Started) -> None:
    canvas = shown(qtbot, started("momentum", 100))
    assert {name for _, name in canvas.names.names} == {"2/η", "3.8/η", "1.4/η"}
    canvas.set_hidden({1, 2})
    assert [name for _, name in canvas.names.names] == ["2/η"]
    assert len(read(canvas, 20)) == 1
    assert [item.isVisible() for item in canvas.items] == [True, False, False]


@pytest.mark.parametrize(
    ("optimizers", "note"),
    [
        ([SGD()], "dashed: 2/η"),
        ([SGD(), SGD(momentum=0.9)], "dashed: the limit at η"),
        ([SGD(), Adam()], "dashed: 2/η · Adam: plain curvature"),
        ([Adam()], "Adam: plain curvature"),
    ],
)
def test_the_header_says_what_is_dashed_and_what_has_no_limit(
    qtbot: QtBot, optimizers: list[SGD | Adam], note: str
) -> None:
    runs = tuple(Run(lr=0.01, optimizer=optimizer) for optimizer in optimizers)
    simulation = Simulation(Experiment(problem=Proportional(), runs=runs, steps=20))
    simulation.advance(20)
    canvas = shown(qtbot, simulation)
    assert canvas.header.note == note
    assert canvas.header.title == "Largest curvature λ"
    assert read(canvas, 10)[-1][1] == ("–" if optimizers[-1] == Adam() else "380" if len(optimizers) > 1 else "200")


def test_a_new_trace_begins_without_samples_a_new_name_keeps_them(qtbot: QtBot, started: Started) -> None:
    first, second = started("momentum", 100), started("momentum", 50)
    canvas = shown(qtbot, first)
    known = len(canvas.samples.steps)
    canvas.set_experiment(first.experiment.with_run(0, label="another"), first.trace)
    assert len(canvas.samples.steps) == known > 0
    canvas.set_experiment(second.experiment, second.trace)
    assert len(canvas.samples.steps) == 0 and canvas.names.names == []
    picture(canvas)


def test_a_figure_shows_the_same_samples(qtbot: QtBot, started: Started) -> None:
    canvas = shown(qtbot, started("momentum", 100))
    fresh = redrawn(canvas, canvas.size(), DARK)
    qtbot.addWidget(fresh)
    assert isinstance(fresh, CurvatureCanvas) and fresh.samples is canvas.samples
    assert fresh.items[0].head == canvas.items[0].head


def test_steps_may_be_logarithmic(qtbot: QtBot, started: Started) -> None:
    canvas = shown(qtbot, started("momentum", 100))
    linear = picture(canvas)
    canvas.set_log_steps(True)
    assert (picture(canvas) != linear).any()
    assert read(canvas, 50)[0] == ("16.7", "100", "0.334 of 2")
    canvas.set_log_steps(False)
    assert_same_picture(picture(canvas), linear)


def test_a_rate_that_changes_moves_its_limit(qtbot: QtBot) -> None:
    experiment = Experiment(problem=Proportional(), runs=(Run(lr=0.01),), steps=100)
    simulation = Simulation(experiment)
    simulation.advance(50)
    simulation.amend(replace(experiment, runs=(Run(lr=0.1),)))
    simulation.advance(50)
    canvas = shown(qtbot, simulation)
    assert read(canvas, 32)[0][1:] == ("200", "0.167 of 2")
    assert read(canvas, 90)[0][1:] == ("20", "1.67 of 2")
