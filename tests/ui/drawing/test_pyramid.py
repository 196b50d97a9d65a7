"""The pyramid's minima and maxima are those of the rows, in whatever pieces they were added."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.ui.drawing.pyramid import Pyramid


def brute(values: np.ndarray, level: int) -> tuple[np.ndarray, np.ndarray]:
    size = 2**level
    buckets = [values[start : start + size] for start in range(0, len(values), size)]
    return np.array([np.fmin.reduce(b) for b in buckets]), np.array([np.fmax.reduce(b) for b in buckets])


@pytest.fixture
def values() -> np.ndarray:
    random = np.random.default_rng(3)
    values = random.normal(size=(70_001, 3))
    values[random.integers(0, len(values), 500), 1] = np.nan
    values[40_000:, 2] = np.nan
    return values


@pytest.mark.parametrize("pieces", [(70_001,), (1, 31, 32, 33, 1000, 70_001), (*range(0, 70_001, 777), 70_001)])
@pytest.mark.parametrize("level", [0, 1, 4, 5, 6, 9, 13, 17, 20])
def test_extremes_of_every_bucket(values: np.ndarray, pieces: tuple[int, ...], level: int) -> None:
    pyramid = Pyramid(lambda start, stop: values[start:stop], 3)
    for length in pieces:
        pyramid.extend(length)
    low, high = pyramid.envelope(level, 0, -(-len(values) >> level))
    for column in range(3):
        expected_low, expected_high = brute(values[:, column], level)
        np.testing.assert_array_equal(low[:, column], expected_low)
        np.testing.assert_array_equal(high[:, column], expected_high)


def test_a_part_of_the_buckets(values: np.ndarray) -> None:
    pyramid = Pyramid(lambda start, stop: values[start:stop], 3)
    pyramid.extend(len(values))
    for level in (2, 7):
        low, _ = pyramid.envelope(level, 5, 11)
        np.testing.assert_array_equal(low[:, 0], brute(values[:, 0], level)[0][5:11])


def test_extremes_of_all_rows(values: np.ndarray) -> None:
    pyramid = Pyramid(lambda start, stop: values[start:stop], 3)
    assert np.isnan(pyramid.extremes()[0]).all()
    pyramid.extend(len(values))
    np.testing.assert_array_equal(pyramid.extremes()[0], np.nanmin(values, axis=0))
    np.testing.assert_array_equal(pyramid.extremes()[1], np.nanmax(values, axis=0))


def test_nonfinite_values_are_gaps_and_huge_ones_are_clipped() -> None:
    values = np.array([[1.0], [np.inf], [-np.inf], [np.nan], [1e308], [-1e308], [5e-324]])
    pyramid = Pyramid(lambda start, stop: values[start:stop], 1)
    pyramid.extend(len(values))
    np.testing.assert_array_equal(pyramid.rows(0, 7)[:, 0], [1, np.nan, np.nan, np.nan, 1e30, -1e30, 5e-324])
    assert [float(end[0]) for end in pyramid.extremes()] == [-1e30, 1e30]
