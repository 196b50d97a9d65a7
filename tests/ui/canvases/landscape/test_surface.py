"""The landscape in 3D: projection and depth order."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.landscape import landscape
from lrstudio.core.problems import Himmelblau, Quadratic
from lrstudio.ui.canvases.landscape.raster import View3D, picture
from lrstudio.ui.canvases.landscape.relief import as_levels, as_lights, tones
from lrstudio.ui.canvases.landscape.surface import Camera, Surface
from lrstudio.ui.look.theme import LIGHT, Theme


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


def pixels(shape: Surface, camera: Camera, theme: Theme = LIGHT, *, lines: bool = False) -> np.ndarray:
    """The pixels (height, width) of a picture, 0 where there is no surface."""
    image = picture(shape, View3D(camera, 300, 280, 90.0), theme, lines=lines)
    return np.frombuffer(bytes(image.constBits()), np.uint32).reshape(image.height(), image.width())


def at(drawn: np.ndarray, camera: Camera, point: np.ndarray) -> int:
    x, y = (camera.project(point)[0] * 90.0 + np.array([150, 140])).tolist()
    return int(drawn[int(y), int(x)])


def test_the_picture_is_where_the_points_are_projected() -> None:
    shape, camera = surface(Quadratic(), 60), Camera(around=20, above=80)
    drawn = pixels(shape, camera)
    middle = shape.points[30, 30]
    height, light = as_levels(shape.levels[30, 30]), as_lights(shape.light(camera)[30, 30])
    one, other = (np.array([value]).view(np.uint8).astype(int) for value in (
        np.uint32(at(drawn, camera, middle)), tones(LIGHT)[height, light]
    ))  # fmt: skip
    assert np.abs(one - other).max() < 12
    beyond = camera.project(np.array([1.2, 1.2, -1.0]))[0] * 90 + np.array([150, 140])
    assert drawn[int(beyond[1]), int(beyond[0])] == 0


def test_what_is_in_front_hides_what_is_behind() -> None:
    problem = Quadratic()
    drawn = landscape(problem.objective(), problem.domain)
    drawn.loss[:] = drawn.loss.min()
    drawn.loss[100:110] = 10.0  # a wall at the back
    camera, valley = Camera(around=0, above=20), int(tones(LIGHT)[0, 32])
    behind = np.array([0.0, 0.95, -1.0])
    assert at(pixels(Surface(drawn, 60), camera), camera, np.array([0.0, 0.3, -1.0])) == valley
    assert at(pixels(Surface(drawn, 60), camera), camera, behind) != valley
    turned = Camera(around=180, above=20)
    assert at(pixels(Surface(drawn, 60), turned), turned, behind) == valley


def test_a_stopped_picture_ends_at_once() -> None:
    image = picture(surface(Himmelblau()), View3D(Camera(), 300, 280, 90.0), LIGHT, lambda: True)
    assert not any(bytes(image.constBits()))


def test_lines_of_equal_height_are_darker_than_the_surface() -> None:
    shape = surface(Himmelblau(), 60)
    plain, lined = pixels(shape, Camera()), pixels(shape, Camera(), lines=True)
    changed = plain != lined
    assert 0.02 < changed.sum() / (plain > 0).sum() < 0.3
    assert (lined[changed] & 0xFF < plain[changed] & 0xFF).all()


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
    above = Camera(around=0, above=85)
    middle = pixels(Surface(drawn, 60), above)[140, 150]
    assert middle == 0 and (pixels(Surface(drawn, 60), above) > 0).sum() > 10_000


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
