"""Newton's direction, against numpy's solution of the linear equations."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.linear_algebra import newton_direction


@pytest.mark.parametrize("size", [1, 2, 5, 16])
def test_it_solves_the_equations(size: int) -> None:
    chance = np.random.default_rng(size)
    square = chance.normal(size=(20, size, size))
    hessian, gradient = square + square.transpose(0, 2, 1), chance.normal(size=(20, size))
    expected = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
    np.testing.assert_allclose(newton_direction(hessian, gradient), expected, rtol=1e-9)
    alone = [newton_direction(hessian[run : run + 1], gradient[run : run + 1])[0] for run in range(20)]
    np.testing.assert_array_equal(newton_direction(hessian, gradient), alone)


def test_without_curvature_there_is_no_step() -> None:
    hessian = np.array([[[0.0]], [[2.0]]])
    np.testing.assert_array_equal(newton_direction(hessian, np.array([[3.0], [3.0]])), [[0.0], [1.5]])
    valley = np.array([[[2.0, 2.0], [2.0, 2.0]]])
    np.testing.assert_allclose(newton_direction(valley, np.array([[1.0, 1.0]])), [[0.25, 0.25]])


def test_a_curvature_that_is_no_number_gives_none_and_hurts_nobody_else() -> None:
    hessian = np.array([[[np.inf]], [[2.0]], [[np.nan]]])
    found = newton_direction(hessian, np.ones((3, 1)))
    np.testing.assert_array_equal(found, [[np.nan], [0.5], [np.nan]])


def test_single_precision_stays_single() -> None:
    hessian = np.array([[[2.0, 0.0], [0.0, 1e-9]]], np.float32)
    found = newton_direction(hessian, np.ones((1, 2), np.float32))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[0.5, 0.0]])
