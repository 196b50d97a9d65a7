"""The largest curvatures of many points at once, against numpy's eigenvalues of whole Hessians."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.analysis.curvature import curvatures
from lrstudio.core.analysis.lanczos import lanczos, leading
from lrstudio.core.objective import Objective
from lrstudio.core.problems import Classification, Digits, Proportional, Quadratic, Rosenbrock


def symmetric(values: np.ndarray, seed: int) -> np.ndarray:
    """A matrix with these eigenvalues."""
    turned, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))
    return (turned * values) @ turned.T


SPECTRA = [
    np.linspace(0.1, 10, 200),
    np.concatenate([np.full(198, 1e-3), [1.99, 2.0]]),
    np.linspace(-50, 3, 200),
    np.linspace(-9, -1, 200),
    np.concatenate([[7.0], np.zeros(199)]),
    np.zeros(200),
]


def test_it_finds_the_largest_value_of_each_matrix_whatever_the_others_are() -> None:
    matrices = np.stack([symmetric(values, seed) for seed, values in enumerate(SPECTRA)])
    begin = np.random.default_rng(7).normal(size=(len(SPECTRA), 200))
    found = lanczos(lambda v: np.einsum("rij,rj->ri", matrices, v), begin, most=150, tolerance=1e-5)
    assert found.settled.all()
    np.testing.assert_allclose(found.values, [values.max() for values in SPECTRA], rtol=1e-6, atol=1e-12)
    residual = np.einsum("rij,rj->ri", matrices, found.directions) - found.values[:, None] * found.directions
    assert np.linalg.norm(residual, axis=1).max() < 1e-3


def test_a_matrix_is_not_disturbed_by_its_neighbours() -> None:
    matrix, begin = symmetric(SPECTRA[0], 0), np.random.default_rng(7).normal(size=200)
    alone = lanczos(lambda v: v @ matrix, begin[None])
    broken = np.full((200, 200), np.nan)
    both = np.stack([matrix, broken])
    beside = lanczos(lambda v: np.einsum("rij,rj->ri", both, v), np.stack([begin, begin]))
    assert beside.values[0] == pytest.approx(alone.values[0], rel=1e-12)
    assert np.isnan(beside.values[1])
    assert beside.settled.tolist() == [True, False]


def test_it_can_be_stopped() -> None:
    calls = []

    def products(v: np.ndarray) -> np.ndarray:
        calls.append(len(v))
        return v * np.linspace(1, 2, v.shape[1])

    lanczos(products, np.ones((1, 500)), tolerance=0, stop=lambda: len(calls) == 3)
    assert len(calls) == 3


def by_hand(objective: Any, w: np.ndarray) -> np.ndarray:
    """The Hessian (P, P) from second differences of the loss alone, with a wide step."""
    size, nudge = len(w), 1e-3
    unit = nudge * np.eye(size)
    corners = np.stack(
        [w + a * unit[i] + b * unit[j] for i in range(size) for j in range(size) for a in (1, -1) for b in (1, -1)]
    )
    losses = objective.loss(corners).reshape(size, size, 4)
    signs = np.array([1, -1, -1, 1])
    hessian: np.ndarray = (losses @ signs) / (4 * nudge**2)
    return hessian


@pytest.mark.parametrize("layers", [1, 2])
def test_the_curvature_of_a_network_is_that_of_its_loss(layers: int) -> None:
    problem = Classification(layers=layers, units=6, n=40)
    objective, first = problem.objective(), problem.initial(0)
    w = np.stack([first, 2 * first, -0.5 * first])
    found = leading(objective, w)
    expected = [np.linalg.eigvalsh(by_hand(objective, point))[-1] for point in w]
    np.testing.assert_allclose(found.values, expected, rtol=2e-4)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("layers", [0, 1, 3])
def test_exact_products_are_those_of_differences_and_of_the_whole_hessian(activation: str, layers: int) -> None:
    problem = Classification(units=5, n=30, layers=layers, activation=activation)
    objective = problem.objective()
    w = np.stack([problem.initial(3), 3 * problem.initial(4)])
    direction = np.random.default_rng(0).normal(size=w.shape)
    exact = objective.hessian_products(w)(direction)
    np.testing.assert_allclose(exact, np.einsum("rij,rj->ri", objective.hessian(w), direction), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(exact, Objective.hessian_products(objective, w)(direction), rtol=1e-6, atol=1e-8)


def test_products_of_digits_are_exact_with_relu_and_ten_outputs() -> None:
    problem = Digits(hidden=(6,), n=200)
    objective, w = problem.objective(), problem.initial(1)[None]
    random = np.random.default_rng(0)
    one, other = random.normal(size=(2, *w.shape))
    products = objective.hessian_products(w)
    assert (products(one) * other).sum() == pytest.approx((products(other) * one).sum(), rel=1e-10)  # symmetric
    nudge = 1e-7 * one  # too short to cross a kink
    slopes = objective.loss_and_gradient(np.concatenate([w + nudge, w - nudge]))[1]
    np.testing.assert_allclose(products(one)[0], (slopes[0] - slopes[1]) / 2e-7, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("problem", [Proportional(), Rosenbrock(), Quadratic(condition=1e4)])
def test_of_a_formula_it_is_exact_also_with_a_preconditioner(problem: Any) -> None:
    objective = problem.objective()
    w = np.random.default_rng(1).normal(size=(50, 2))
    np.testing.assert_allclose(leading(objective, w).values, curvatures(objective, w)[:, -1], rtol=1e-10)
    divisor = np.random.default_rng(2).uniform(0.1, 10, size=(50, 2))
    expected = [
        np.linalg.eigvals(hessian / scale[:, None]).real.max()
        for hessian, scale in zip(objective.hessian(w), divisor, strict=True)
    ]
    np.testing.assert_allclose(leading(objective, w, preconditioner=divisor).values, expected, rtol=1e-8)


def test_a_network_can_have_a_preconditioner() -> None:
    problem = Classification(units=6, n=40)
    objective, w = problem.objective(), problem.initial(0)[None]
    divisor = np.random.default_rng(2).uniform(0.1, 10, size=w.shape)
    expected = np.linalg.eigvals(objective.hessian(w)[0] / divisor[0][:, None]).real.max()
    found = leading(objective, w, preconditioner=divisor, tolerance=1e-4)
    assert found.values[0] == pytest.approx(expected, rel=1e-4)
