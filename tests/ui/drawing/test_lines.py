"""Line segments: joined, clipped, simplified, dashed."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.ui.drawing.lines import Segments, dashed, polylines, segment_lengths, straighten

WIDE = -1e9, -1e9, 1e9, 1e9


def segments(*curves: list[list[float]]) -> Segments:
    lines = np.concatenate([np.reshape(curve, (-1, 4)) for curve in curves]).astype(float)
    return Segments(lines, np.cumsum([0, *(len(curve) for curve in curves)]))


def test_a_gap_separates_segments() -> None:
    lines = polylines(np.arange(5.0), np.array([[0, 1, np.nan, 3, 4], [5, 5, 5, np.inf, 5]]), WIDE)
    assert lines.of(0).tolist() == [[0, 0, 1, 1], [3, 3, 4, 4]]
    assert lines.of(1).tolist() == [[0, 5, 1, 5], [1, 5, 2, 5]]


@pytest.mark.parametrize("distance", [1.0, 50.0, 1e4, 1e9])
def test_clipped_segments_are_inside_the_edges(distance: float) -> None:
    points = np.random.default_rng(0).normal(0, distance, (4, 500))
    points[:, 1::2] = 10 - points[:, ::2]
    inside = polylines(points[0], points[1:], (-10, -20, 30, 40))
    assert len(inside.lines) == inside.starts[-1] > 0
    assert ((inside.lines[:, [0, 2]] >= -10 - 1e-3) & (inside.lines[:, [0, 2]] <= 30 + 1e-3)).all()
    assert ((inside.lines[:, [1, 3]] >= -20 - 1e-3) & (inside.lines[:, [1, 3]] <= 40 + 1e-3)).all()


def test_clipping_keeps_the_slope_and_the_curve() -> None:
    inside = polylines(np.array([0.0, 1e9]), np.array([[0, 2e9], [50, 60], [5, 5]]), (-10, -10, 10, 10))
    assert inside.of(0) == pytest.approx(np.array([[0, 0, 5, 10]]), abs=1e-5)
    assert inside.of(1).shape == (0, 4)
    assert inside.of(2) == pytest.approx(np.array([[0, 5, 10, 5]]), abs=1e-5)


def test_collinear_segments_are_joined_and_corners_stay() -> None:
    x = np.arange(33.0)
    short = straighten(polylines(x, np.array([2 * x, np.minimum(x, 16)]), WIDE), [True, True])
    assert short.of(0).tolist() == [[0, 0, 16, 32], [16, 32, 32, 64]]
    assert short.of(1).tolist() == [[0, 0, 16, 16], [16, 16, 32, 16]]
    assert np.diff(straighten(polylines(x, np.zeros((2, 33)), WIDE), [True, False]).starts).tolist() == [8, 32]
    assert len(straighten(polylines(x, 9 * (x[None] % 2), WIDE), [True]).lines) == 32


def test_a_straightened_curve_deviates_by_a_fraction_of_a_pixel() -> None:
    x = np.linspace(0, 400, 200)
    y = 100 + 80 * np.sin(x / 40)
    short = straighten(polylines(x, y[None], WIDE), [True]).lines
    assert len(short) < 150
    assert np.interp(x, np.append(short[:, 0], 400), np.append(short[:, 1], y[-1])) == pytest.approx(y, abs=0.3)


def test_dashes_continue_around_corners() -> None:
    corner = [[0.0, 0.0, 10.0, 0.0], [10.0, 0.0, 10.0, 10.0]]
    lines = dashed(segments(corner, corner, corner), [(6, 3), (), (4, 100)])
    assert lines.of(0).tolist() == [[0, 0, 6, 0], [9, 0, 10, 0], [10, 0, 10, 5], [10, 8, 10, 10]]
    assert lines.of(1).tolist() == corner
    assert lines.of(2).tolist() == [[0, 0, 4, 0]]


def test_dashes_of_short_segments_have_the_same_share() -> None:
    x = np.arange(0, 2000, 1.5)
    lines = polylines(x, np.zeros((2, len(x))), WIDE)
    assert dashed(lines, [(8, 4), ()]).lengths() / lines.lengths() == pytest.approx([2 / 3, 1], abs=0.05)


def test_a_solid_line_has_no_gaps() -> None:
    lines = segments([[0, 0, 10, 0]])
    assert dashed(lines, [()]).lines.tolist() == lines.lines.tolist()
    assert dashed(Segments(np.empty((0, 4)), np.zeros(2, int)), [(4, 4)]).lines.shape == (0, 4)
    assert segment_lengths(lines.lines).tolist() == [10]
