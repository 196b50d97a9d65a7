"""Segments: joined, clipped, dashed."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.ui.canvases.lines import clip, dash, lengths, polyline


def test_a_gap_separates_segments() -> None:
    lines = polyline(np.arange(5.0), np.array([0, 1, np.nan, 3, 4]))
    assert lines.tolist() == [[0, 0, 1, 1], [3, 3, 4, 4]]


@pytest.mark.parametrize("distance", [1.0, 50.0, 1e4, 1e9])
def test_what_is_clipped_lies_inside(distance: float) -> None:
    ends = np.random.default_rng(0).normal(0, distance, (500, 2))
    inside = clip(np.concatenate([ends, 10 - ends], axis=1), -10, -20, 30, 40)
    assert len(inside)
    assert ((inside[:, [0, 2]] >= -10 - 1e-3) & (inside[:, [0, 2]] <= 30 + 1e-3)).all()
    assert ((inside[:, [1, 3]] >= -20 - 1e-3) & (inside[:, [1, 3]] <= 40 + 1e-3)).all()


def test_clipping_keeps_the_slope() -> None:
    inside = clip(np.array([[0.0, 0.0, 1e9, 2e9], [5, 5, 5, 5], [-50, 1, -50, 2]]), -10, -10, 10, 10)
    assert inside == pytest.approx(np.array([[0, 0, 5, 10], [5, 5, 5, 5]]), abs=1e-5)


def test_dashes_go_on_around_corners() -> None:
    lines = np.array([[0.0, 0, 10, 0], [10, 0, 10, 10]])
    assert dash(lines, (6, 3)).tolist() == [[0, 0, 6, 0], [9, 0, 10, 0], [10, 0, 10, 5], [10, 8, 10, 10]]


def test_dashes_of_short_segments_have_the_same_share() -> None:
    x = np.arange(0, 2000, 1.5)
    lines = polyline(x, np.zeros_like(x))
    assert lengths(dash(lines, (8, 4))).sum() / lengths(lines).sum() == pytest.approx(2 / 3, abs=0.05)


def test_a_solid_line_has_no_gaps() -> None:
    lines = np.array([[0.0, 0, 10, 0]])
    assert dash(lines, ()).tolist() == lines.tolist()
    assert dash(np.empty((0, 4)), (4, 4)).shape == (0, 4)
