"""Eigenvalues against numpy's of Hessians written by hand, and power iteration against both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.analysis.curvature import curvatures, hessian_product, largest, steepest
from lrstudio.core.objective import Objective, objective_of
from lrstudio.core.problems import (
    PROBLEMS,
    Classification,
    NoisyLine,
    Parabola,
    Problem,
    Proportional,
    Quadratic,
    Rosenbrock,
    Saddle,
)


def bowl(values: np.ndarray, seed: int = 0) -> np.ndarray:
    """A symmetric matrix with these eigenvalues."""
    turned, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))
    return (turned * values) @ turned.T


class Network:
    """A small loss without a Hessian: a hidden layer of tanh."""

    def __init__(self) -> None:
        random = np.random.default_rng(3)
        self.x, self.y = random.normal(size=(20, 3)), random.normal(size=20)

    def loss_and_gradient(self, w: np.ndarray, rows: Any = None) -> tuple[np.ndarray, np.ndarray]:
        inner, outer = w[:, :12].reshape(-1, 3, 4), w[:, 12:]
        hidden = np.tanh(np.einsum("mi,rij->rmj", self.x, inner))
        miss = np.einsum("rmj,rj->rm", hidden, outer) - self.y
        back = 2 / 20 * miss[:, :, None] * outer[:, None, :] * (1 - hidden**2)
        slopes = np.concatenate(
            [
                np.einsum("mi,rmj->rij", self.x, back).reshape(len(w), 12),
                np.einsum("rm,rmj->rj", 2 / 20 * miss, hidden),
            ],
            axis=1,
        )
        return (miss**2).mean(axis=1), slopes


def test_the_line_of_text_1_has_the_curvatures_of_the_book() -> None:
    found = curvatures(Objective(Proportional()), np.array([[0.0, 0.0], [5.0, -3.0]]))
    assert found == pytest.approx(np.array([[0.2994, 16.7006]] * 2), abs=1e-4)


@pytest.mark.parametrize("condition", [1, 10, 1e6])
def test_a_bowl_has_the_curvatures_it_was_made_with(condition: float) -> None:
    found = curvatures(Objective(Quadratic(condition=condition)), np.array([[1.0, 2.0]]))
    assert found[0] == pytest.approx([1, condition], rel=1e-9)


def test_rosenbrock_has_the_curvatures_worked_out_by_hand() -> None:
    x, y = -1.2, 1.0
    hessian = [[1200 * x**2 - 400 * y + 2, -400 * x], [-400 * x, 200]]
    found = curvatures(Objective(Rosenbrock()), np.array([[x, y]]))
    assert found[0] == pytest.approx(np.linalg.eigvalsh(hessian), rel=1e-12)


def test_a_preconditioner_divides_the_hessian() -> None:
    scale = np.array([[4.0, 0.25]])
    found = curvatures(Objective(Proportional()), np.zeros((1, 2)), scale)
    expected = np.linalg.eigvals(np.diag(1 / scale[0]) @ np.array([[15.0, 5.0], [5.0, 2.0]]))
    assert found[0] == pytest.approx(sorted(expected), rel=1e-12)


def test_where_the_hessian_is_not_finite_the_curvatures_are_nan() -> None:
    found = curvatures(Objective(Rosenbrock()), np.array([[1e308, 0.0], [1.0, 1.0]]))
    assert np.isnan(found[0]).all() and np.isfinite(found[1]).all()


@pytest.mark.parametrize("kind", [kind for kind in PROBLEMS if kind.movable], ids=lambda kind: kind.key)
def test_power_iteration_finds_the_largest_of_the_exact_curvatures(kind: type[Problem]) -> None:
    problem = kind()
    objective = Objective(problem)
    w = np.array(problem.start) + 0.1
    exact = curvatures(objective, w[None])[0]
    random = np.random.default_rng(1).normal(size=len(w))
    found = largest(hessian_product(objective, w), random, most=2000, tolerance=1e-10)
    assert found.value == pytest.approx(exact[-1], rel=1e-4, abs=1e-6 * max(1.0, float(np.abs(exact).max())))


def test_a_differenced_product_is_the_hessian_times_the_direction() -> None:
    objective = Objective(NoisyLine(), seed=2)
    product = hessian_product(objective, np.array([0.3, -2.0]))
    hessian = objective.hessian(np.array([[0.3, -2.0]]))[0]
    direction = np.array([30.0, -0.4])
    assert product(direction) == pytest.approx(hessian @ direction, rel=1e-8)
    assert product(np.zeros(2)).tolist() == [0, 0]


def test_an_objective_may_offer_an_exact_product() -> None:
    class Exact:
        def hessian_product(self, w: np.ndarray, v: np.ndarray, rows: Any = None) -> np.ndarray:
            return 7 * v

        def loss_and_gradient(self, w: np.ndarray, rows: Any = None) -> tuple[np.ndarray, np.ndarray]:
            raise AssertionError("not needed")

    assert hessian_product(Exact(), np.zeros(2))(np.array([1.0, 2.0])).tolist() == [7, 14]


@pytest.mark.parametrize(
    ("values", "top"),
    [([-9, 1, 2, 5], 5), ([0.1, 3, 30], 30), ([-4, -3, -1], -1), ([2, 2, 2], 2), ([-100, 0.5], 0.5)],
)
def test_the_largest_is_found_also_beside_a_larger_negative_one(values: list[float], top: float) -> None:
    matrix = bowl(np.array(values, float))
    found = largest(lambda v: matrix @ v, np.ones(len(values)), most=3000, tolerance=1e-12)
    assert found.settled
    assert found.value == pytest.approx(top, rel=1e-4)


def test_a_known_direction_needs_few_products() -> None:
    matrix = bowl(np.append(np.geomspace(0.01, 20, 299), 50.0))
    cold = largest(lambda v: matrix @ v, np.ones(300))
    warm = largest(lambda v: (matrix + 0.01 * np.eye(300)) @ v, cold.direction)
    assert cold.value == pytest.approx(50, rel=1e-3)
    assert warm.products <= 4 < cold.products


def test_a_network_without_a_hessian_has_a_largest_curvature() -> None:
    network, w = Network(), np.random.default_rng(0).normal(size=16)
    step = 1e-5 * np.eye(16)
    slopes = network.loss_and_gradient(w + step)[1] - network.loss_and_gradient(w - step)[1]
    exact = np.linalg.eigvalsh((slopes + slopes.T) / 4e-5)[-1]
    found = largest(hessian_product(network, w), np.ones(16), most=500, tolerance=1e-9)
    assert found.value == pytest.approx(exact, rel=1e-5)


def test_the_search_ends_when_it_is_told_to_or_nothing_is_curved() -> None:
    matrix = bowl(np.array([1.0, 0.999]))
    assert largest(lambda v: matrix @ v, np.array([1.0, 0.3]), tolerance=0, stop=lambda: True).products == 1
    assert largest(lambda v: 0 * v, np.array([1.0])).value == 0
    assert np.isnan(largest(lambda v: v * np.nan, np.array([1.0])).value)
    assert curvatures(Objective(Saddle()), np.array([[1.0, 1.0]]))[0, 0] < 0
    assert curvatures(Objective(Parabola()), np.array([[1.0]])).tolist() == [[2.0]]


def test_the_steepest_curvature_is_exact_where_parameters_are_few_and_found_where_they_are_many() -> None:
    few = steepest(Objective(Proportional()), np.array([1.0, 2.0]))
    assert (few.value, few.products) == (pytest.approx(16.7006, abs=1e-4), 0)
    problem = Classification(units=16)
    network, w = objective_of(problem), problem.initial(0)
    assert len(w) > 32
    exact = np.linalg.eigvalsh(network.hessian(w[None])[0])[-1]
    many = steepest(network, w)
    assert many.value == pytest.approx(exact, rel=0.02)
    again = steepest(network, w + 1e-4, many.direction)
    assert again.products < many.products
    assert np.isnan(steepest(Objective(Rosenbrock()), np.array([1e308, 0.0])).value)
