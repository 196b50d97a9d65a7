"""The path of a run keeps every visible segment, whichever runs are hidden and whichever step is shown."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lrstudio.ui.canvases.landscape.canvas import LandscapeCanvas
from lrstudio.ui.canvases.landscape.path import PathItem
from lrstudio.ui.look.theme import LIGHT
from tests.ui.conftest import Started, picture

CELL = 1 / 512


def path_of(points: np.ndarray, rows: int = 4096) -> PathItem:
    path = PathItem(LIGHT.run_style(0), QColor("white"), (CELL, CELL))
    for first in range(0, len(points), rows):
        path.extend(first, points[first : first + rows])
    return path


def missing(path: PathItem, points: np.ndarray, last: int, near: float) -> int:
    """Counts the segments up to a row without a line of the path whose ends are near theirs."""
    path.set_head(last, points[last], points[max(0, last - 1)])
    drawn = path.points()
    lines = np.concatenate([drawn[:-1], drawn[1:]], axis=1)
    lines = lines[np.isfinite(lines).all(axis=1)]
    lines = np.concatenate([lines, lines[:, [2, 3, 0, 1]]])
    jumps = np.concatenate([points[:last], points[1 : last + 1]], axis=1)[:: max(1, last // 500)]
    jumps = jumps[np.hypot(*(jumps[:, 2:] - jumps[:, :2]).T) > 2 * near]
    assert len(jumps)
    distances = np.abs(jumps[:, None] - lines[None]).max(axis=2).min(axis=1)
    return int((distances > near).sum())


@pytest.mark.parametrize("last", [29_999, 12_000, 700])
def test_every_segment_of_a_long_run_is_drawn_within_a_few_cells(qtbot: QtBot, last: int) -> None:
    step = np.arange(30_000)
    zigzag = np.stack([(-0.9995) ** step, np.linspace(-0.5, 0.5, len(step))], axis=1)
    path = path_of(zigzag)
    assert missing(path, zigzag, last, 8 * CELL) == 0
    assert len(path.points()) < 3500


def test_a_noisy_path_keeps_its_extent(qtbot: QtBot) -> None:
    points = np.random.default_rng(0).normal(0, 0.1, (20_000, 2))
    path = path_of(points)
    assert missing(path, points, 19_999, 64 * CELL) == 0
    assert np.nanmax(path.points()[:, 0]) > 0.8 * points[:, 0].max()


def test_the_last_line_leads_from_the_previous_point_to_the_marker(qtbot: QtBot) -> None:
    step = np.arange(8_000)
    circling = np.stack([np.cos(step * 2.4), np.sin(step * 2.4)], axis=1) * (0.2 + 0.1 * (step[:, None] % 7) / 7)
    path = path_of(circling)
    for last in (7_999, 5_000, 2_345):
        path.set_head(last, circling[last], circling[last - 1])
        before, head = path.points()[-2:]
        assert np.allclose(head, circling[last]) and np.allclose(before, circling[last - 1], atol=CELL)


@pytest.mark.parametrize("shown", [[0, 1, 2], [1]])
def test_over_one_parameter_the_first_segments_stay(qtbot: QtBot, started: Started, shown: list[int]) -> None:
    simulation = started("parabola", 100)
    canvas = LandscapeCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    canvas.set_hidden(set(range(3)) - set(shown))
    canvas.plotItem.vb.setRange(xRange=(-8, 6), yRange=(-4, 46), padding=0)
    image = picture(canvas).astype(int)
    red, blue = image[:, :, 0], image[:, :, 2]
    orange = (red - blue > 60) & (red > 150)
    params, loss = simulation.trace.read("params", 0, 30)[:, 1, 0], simulation.trace.read("loss", 0, 30)[:, 1]
    for row in range(28):
        at = canvas.to_pixel(float(params[row] + params[row + 1]) / 2, float(loss[row] + loss[row + 1]) / 2)
        assert at is not None
        x, y = round(at.x()), round(at.y())
        assert orange[y - 3 : y + 4, x - 1 : x + 2].any(), row


def test_a_monotone_path_reaches_its_marker(qtbot: QtBot, started: Started) -> None:
    simulation = started("parabola", 100)
    canvas = LandscapeCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.set_experiment(simulation.experiment, simulation.trace)
    points = canvas.path_points(0)
    assert np.isfinite(points).all()
    assert np.allclose(points[[0, -1], 0], simulation.trace.read("params", 0, 101)[[0, 100], 0, 0])
    assert np.abs(np.diff(points[:, 0])).max() < 0.13  # no step is larger
