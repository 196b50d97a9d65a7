"""The landscape in 3D: projection and depth order."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.landscape import landscape
from lrstudio.core.problems import Himmelblau, Quadratic
from lrstudio.ui.canvases.landscape.surface import Camera, Surface


def surface(problem: Himmelblau | Quadratic, cells: int = 30) -> Surface:
    return Surface(landscape(problem.objective(), problem.domain), cells)


def test_from_straight_ahead_x_goes_right_and_height_goes_up() -> None:
    screen, depth = Camera(around=0, above=0).project(np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]))
    assert screen == pytest.approx(np.array([[1.0, 0], [0, 0], [0, -1]]))
    assert depth == pytest.approx([0, 1, 0])


def test_a_quarter_turn_puts_x_behind() -> None:
    screen, depth = Camera(around=90, above=0).project(np.array([[1.0, 0, 0]]))
    assert screen[0] == pytest.approx([0, 0], abs=1e-12)
    assert depth == pytest.approx([1])


def test_the_elevation_is_limited() -> None:
    assert Camera().turned(0, 500).above < 90
    assert Camera().turned(0, -500).above > 0
    assert Camera(around=350).turned(20, 0).around == 10


@pytest.mark.parametrize("around", range(0, 360, 15))
@pytest.mark.parametrize("above", [8, 38, 85])
def test_the_cube_is_within_the_extent_at_any_azimuth(around: float, above: float) -> None:
    corners = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T.astype(float)
    camera = Camera(around, above)
    screen, _ = camera.project(corners)
    assert (np.abs(screen).max(axis=0) <= np.array(camera.extent) + 1e-12).all()


def test_the_cells_are_drawn_from_back_to_front() -> None:
    shape = surface(Himmelblau())
    camera = Camera(around=30, above=20)
    cells, order = shape.quads(camera)
    assert len(cells) == 30 * 30 and sorted(order.tolist()) == list(range(900))
    _, depth = camera.project(shape.points)
    middle = (depth[:-1, :-1] + depth[1:, :-1] + depth[:-1, 1:] + depth[1:, 1:]).ravel()[order]
    assert (np.diff(middle) <= 1e-12).all()


def test_the_lowest_point_is_the_minimum_and_more_loss_is_higher() -> None:
    problem = Quadratic()
    shape = surface(problem)
    row, column = np.unravel_index(np.argmin(shape.points[..., 2]), (31, 31))
    lowest = shape.axes[0][column], shape.axes[1][row]
    assert lowest == pytest.approx(problem.minima(problem.data(0))[0], abs=shape.axes[0][1] - shape.axes[0][0])
    heights = shape.heights(np.array([0.0, 0.1, 1.0, 10.0]))
    assert heights[0] == pytest.approx(-1) and (np.diff(heights) > 0).all()


def test_a_loss_that_is_not_finite_is_a_hole() -> None:
    problem = Himmelblau()
    drawn = landscape(problem.objective(), problem.domain)
    drawn.loss[40:80, 40:80] = np.nan
    shape = Surface(drawn, 30)
    cells, order = shape.quads(Camera())
    assert 0 < len(cells) == len(order) < 900
    assert np.isfinite(cells).all()


def test_paths_are_on_the_surface_and_cut_at_its_edge() -> None:
    shape = surface(Himmelblau())
    corner = np.array([[shape.axes[0][4], shape.axes[1][9]], [shape.axes[0][-1], shape.axes[1][-1]]])
    assert shape.points_at(corner) == pytest.approx(np.stack([shape.points[9, 4], shape.points[30, 30]]))
    between = (shape.points[9, 4] + shape.points[9, 5]) / 2
    middle = np.array([[(shape.axes[0][4] + shape.axes[0][5]) / 2, shape.axes[1][9]]])
    assert shape.points_at(middle)[0] == pytest.approx(between)
    outside = np.array([[1e9, 0.0], [np.nan, 0.0], [0.0, -np.inf]])
    assert np.isnan(shape.points_at(outside)[:, 2]).all()


def test_a_loss_that_is_the_same_everywhere_is_flat() -> None:
    problem = Himmelblau()
    drawn = landscape(problem.objective(), problem.domain)
    drawn.loss[:] = 3.0
    assert (Surface(drawn, 20).points[..., 2] == -1).all()
