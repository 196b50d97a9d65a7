"""What the problems promise."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.objective import Objective
from lrstudio.core.problems import PROBLEMS, NoisyLine, Problem, Proportional

every_problem = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.key)


@every_problem
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4])
def test_the_optimum_is_flat_inside_the_picture_and_lower_than_all_around(problem: type[Problem], seed: int) -> None:
    objective = Objective(problem(), seed)
    optimum = objective.problem.optimum(objective.data)
    assert optimum is not None
    best, slope = objective.loss_and_gradient(np.array([optimum]))
    assert np.abs(slope).max() < 1e-12
    assert (np.linalg.eigvalsh(objective.hessian(np.array([optimum]))[0]) > 0).all()
    around = np.array(optimum) + np.random.default_rng(seed).normal(size=(100, len(optimum)))
    assert (objective.loss(around) > best).all()
    for point in (optimum, problem.start):
        assert all(low < value < high for value, (low, high) in zip(point, problem().domain, strict=True))


@every_problem
def test_names_start_and_domain_fit_each_other(problem: type[Problem]) -> None:
    assert len(problem.names) == len(problem.start) == len(problem().domain)


@pytest.mark.parametrize(("key", "loss"), [("parabola", 0), ("proportional", 0), ("rosenbrock", 0)])
def test_the_least_loss_is_known(key: str, loss: float) -> None:
    (problem,) = (problem for problem in PROBLEMS if problem.key == key)
    objective = Objective(problem())
    assert objective.loss(np.array([objective.problem.optimum(objective.data)]))[0] == loss


def test_the_floor_of_the_noisy_line_is_the_variance_of_its_noise() -> None:
    objective = Objective(NoisyLine(n=100_000), seed=1)
    slope, bias = objective.problem.optimum(objective.data)  # type: ignore[misc]
    assert objective.loss(np.array([[slope, bias]]))[0] == pytest.approx(1 / 12, rel=0.02)
    assert slope == pytest.approx(3, abs=0.02)
    assert bias == pytest.approx(2.5, abs=0.02)


def test_the_noisy_line_is_stable_up_to_a_rate_of_about_1() -> None:
    hessian = Objective(NoisyLine(n=100_000)).hessian(np.zeros((1, 2)))[0]
    assert 2 / np.linalg.eigvalsh(hessian)[-1] == pytest.approx(1, abs=0.01)


def test_the_curvatures_of_the_proportional_problem_are_those_of_the_book() -> None:
    low, high = np.linalg.eigvalsh(Objective(Proportional()).hessian(np.array([[1.5, -2.0]]))[0])
    assert low == pytest.approx(0.2994, abs=5e-5)
    assert high == pytest.approx(16.70, abs=5e-3)
    assert 2 / high == pytest.approx(0.1198, abs=5e-5)


def test_data_depends_on_the_seed_and_on_nothing_else() -> None:
    first, again, other = NoisyLine().data(5), NoisyLine().data(5), NoisyLine().data(6)
    np.random.default_rng().normal()
    for column in ("x", "y"):
        np.testing.assert_array_equal(first[column], again[column])
        assert (first[column] != other[column]).any()
    np.testing.assert_array_equal(NoisyLine(noise=0.0).data(5)["x"], first["x"])
    np.testing.assert_allclose(NoisyLine(noise=0.0).data(5)["y"], 3 * first["x"] + 2)
    assert ((first["y"] - 3 * first["x"] - 2 >= 0) & (first["y"] - 3 * first["x"] - 2 < 1)).all()
    assert (np.abs(first["x"]) <= 1).all()
