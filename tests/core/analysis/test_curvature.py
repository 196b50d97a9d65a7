"""Eigenvalues against numpy's of Hessians written by hand, and power iteration against both."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.analysis.curvature import curvatures
from lrstudio.core.problems import (
    NoisyLine,
    Parabola,
    Proportional,
    Quadratic,
    Rosenbrock,
    Saddle,
)


def test_the_line_of_text_1_has_the_curvatures_of_the_book() -> None:
    found = curvatures(Proportional().objective(), np.array([[0.0, 0.0], [5.0, -3.0]]))
    assert found == pytest.approx(np.array([[0.2994, 16.7006]] * 2), abs=1e-4)


@pytest.mark.parametrize("condition", [1, 10, 1e6])
def test_a_bowl_has_the_curvatures_it_was_made_with(condition: float) -> None:
    found = curvatures(Quadratic(condition=condition).objective(), np.array([[1.0, 2.0]]))
    assert found[0] == pytest.approx([1, condition], rel=1e-9)


def test_rosenbrock_has_the_curvatures_worked_out_by_hand() -> None:
    x, y = -1.2, 1.0
    hessian = [[1200 * x**2 - 400 * y + 2, -400 * x], [-400 * x, 200]]
    found = curvatures(Rosenbrock().objective(), np.array([[x, y]]))
    assert found[0] == pytest.approx(np.linalg.eigvalsh(hessian), rel=1e-12)


def test_a_preconditioner_divides_the_hessian() -> None:
    scale = np.array([[4.0, 0.25]])
    found = curvatures(Proportional().objective(), np.zeros((1, 2)), scale)
    expected = np.linalg.eigvals(np.diag(1 / scale[0]) @ np.array([[15.0, 5.0], [5.0, 2.0]]))
    assert found[0] == pytest.approx(sorted(expected), rel=1e-12)


def test_where_the_hessian_is_not_finite_the_curvatures_are_nan() -> None:
    found = curvatures(Rosenbrock().objective(), np.array([[1e308, 0.0], [1.0, 1.0]]))
    assert np.isnan(found[0]).all() and np.isfinite(found[1]).all()


def test_a_differenced_product_is_the_hessian_times_the_direction() -> None:
    objective = NoisyLine().objective(seed=2)
    w, direction = np.array([[0.3, -2.0]]), np.array([[30.0, -0.4]])
    product = objective.hessian_products(w)
    assert product(direction)[0] == pytest.approx(objective.hessian(w)[0] @ direction[0], rel=1e-8)
    assert product(np.zeros((1, 2))).tolist() == [[0, 0]]


def test_curvatures_may_be_negative() -> None:
    assert curvatures(Saddle().objective(), np.array([[1.0, 1.0]]))[0, 0] < 0
    assert curvatures(Parabola().objective(), np.array([[1.0]])).tolist() == [[2.0]]
