"""The compiled loss: shapes, precision, batches."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.formula import FormulaError
from lrstudio.core.problems import PROBLEMS, NoisyLine, Parabola, Problem, Proportional, Rosenbrock


class PerPoint(Problem):
    key = title = "per_point"
    loss = "(w*x)^2"
    names = ("w",)
    start = (1.0,)
    domain = ((-1.0, 1.0),)

    def data(self, seed: int) -> dict[str, Array]:
        return {"x": np.arange(3.0)}

    def optimum(self, data: Any) -> None:
        return None


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "problem", [problem for problem in PROBLEMS if problem.has_landscape], ids=lambda problem: problem.key
)
def test_losses_gradients_and_hessians_have_a_row_for_every_run(problem: type[Problem], dtype: type) -> None:
    objective = problem().objective(dtype=np.dtype(dtype))
    size = len(problem().names)
    for runs in (1, 2, 5):
        w = np.linspace(-1, 1, runs * size).reshape(runs, size)
        loss, slope = objective.loss_and_gradient(w)
        assert (loss.shape, slope.shape, objective.hessian(w).shape) == ((runs,), (runs, size), (runs, size, size))
        assert loss.dtype == slope.dtype == objective.hessian(w).dtype == dtype


def test_losses_are_those_of_the_books() -> None:
    assert Parabola().objective().loss(np.array([[5.0]]))[0] == 36
    assert Proportional().objective().loss(np.zeros((1, 2)))[0] == 67.5
    assert Rosenbrock().objective().loss(np.array([[-1.2, 1.0]]))[0] == pytest.approx(24.2, rel=1e-15)


def test_a_batch_is_the_loss_of_its_points() -> None:
    objective = NoisyLine(n=30).objective(seed=4)
    x, y = objective.data["x"], objective.data["y"]
    rows = np.array([3, 17, 5])
    w = np.array([[2.0, 1.0], [0.5, -1.0]])
    residual = w[:, :1] * x[rows] + w[:, 1:] - y[rows]
    loss, slope = objective.loss_and_gradient(w, rows)
    np.testing.assert_allclose(loss, (residual**2).mean(axis=1), rtol=1e-13)
    np.testing.assert_allclose(objective.loss(w, rows), loss, rtol=0)
    np.testing.assert_allclose(slope[:, 0], (2 * residual * x[rows]).mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(slope[:, 1], (2 * residual).mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(objective.hessian(w, rows)[:, 0, 0], (2 * x[rows] ** 2).mean(), rtol=1e-12)
    assert objective.size == 30


def test_a_loss_with_a_value_for_every_data_point_is_refused() -> None:
    with pytest.raises(FormulaError, match=r"write mean\(...\) around it"):
        PerPoint().objective()


@pytest.mark.parametrize("runs", [1, 2, 3, 8, 100])
def test_a_mean_over_data_does_not_depend_on_the_runs_beside_it(runs: int) -> None:
    for points in (1, 7, 100, 1000, 9000):
        objective = NoisyLine(n=max(2, points)).objective()
        w = np.random.default_rng(1).normal(size=(runs, 2))
        loss, slope = objective.loss_and_gradient(w)
        for run in range(0, runs, 13):
            alone = objective.loss_and_gradient(w[run : run + 1])
            np.testing.assert_array_equal(alone[0][0], loss[run])
            np.testing.assert_array_equal(alone[1][0], slope[run])


def test_a_problem_of_many_parameters_is_read_without_its_hessian() -> None:
    class Product(PerPoint):
        names: ClassVar[tuple[str, ...]] = tuple(f"{letter}{number}" for letter in "ab" for number in range(30))  # type: ignore[assignment]
        loss = "*".join(names)
        start = (1.0,) * 60  # type: ignore[assignment]

    objective = Product().objective()
    loss, slope = objective.loss_and_gradient(np.full((1, 60), 2.0))
    assert loss[0] == 2.0**60
    assert (slope == 2.0**59).all()
    assert objective.hessian(np.full((1, 60), 2.0))[0, 0, 1] == 2.0**58
