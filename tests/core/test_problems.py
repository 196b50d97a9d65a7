"""What the problems promise."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

from lrstudio.core.problems import (
    PROBLEMS,
    Absolute,
    Ackley,
    NoisyLine,
    Problem,
    Proportional,
    Quadratic,
    Surface,
)

KINKS = (Absolute, Ackley)
every_problem = pytest.mark.parametrize(
    "problem", [problem for problem in PROBLEMS if problem.has_landscape], ids=lambda problem: problem.key
)


@every_problem
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4])
def test_minima_are_flat_inside_the_picture_and_lower_than_all_around(problem: type[Problem], seed: int) -> None:
    objective = problem().objective(seed)
    minima = problem().minima(objective.data)
    assert problem().optimum(objective.data) == (minima[0] if minima else None)
    for index, minimum in enumerate(minima):
        with np.errstate(divide="ignore"):
            least, slope = objective.loss_and_gradient(np.array([minimum]))
        assert np.abs(slope).max() < 1e-10
        if problem not in KINKS:
            assert (np.linalg.eigvalsh(objective.hessian(np.array([minimum]))[0]) > 0).all()
        reach = 0.02 if index else 0.3  # the first is the lowest far around
        around = np.array(minimum) + reach * np.random.default_rng(seed).normal(size=(100, len(minimum)))
        assert (objective.loss(around) > least).all()
    for point in (*minima, problem().start):
        assert all(low < value < high for value, (low, high) in zip(point, problem().domain, strict=True))


@pytest.mark.parametrize(
    "problem", [problem for problem in PROBLEMS if issubclass(problem, Surface)], ids=lambda problem: problem.key
)
def test_the_least_loss_of_a_surface_is_the_declared_one(problem: type[Surface]) -> None:
    losses = problem().objective().loss(np.array(problem.known_minima or ((0.0,) * len(problem.names),)))
    if problem.least is None:
        ridge = np.array([[0.0, 50.0], [-50.0, 0.0], [0.0, -50.0]])
        assert problem().objective().loss(ridge).min() < -1000
    else:
        assert losses[0] == pytest.approx(problem.least, rel=1e-12, abs=1e-12)
        assert (np.diff(losses) >= -1e-12).all()


@every_problem
def test_the_gradient_is_that_of_high_order_differences(problem: type[Problem]) -> None:
    objective = problem().objective(1)
    random = np.random.default_rng(3)
    low, high = np.array(problem().domain).T
    for w in low + (high - low) * random.uniform(0.05, 0.95, size=(20, len(low))):
        for index, exact in enumerate(objective.loss_and_gradient(w[None])[1][0]):
            h = 1e-3 * (high - low)[index] / 8
            nudges = np.zeros((8, len(w)))
            nudges[:, index] = h * np.array([-4, -3, -2, -1, 1, 2, 3, 4])
            weights = np.array([1 / 280, -4 / 105, 1 / 5, -4 / 5, 4 / 5, -1 / 5, 4 / 105, -1 / 280])
            losses = objective.loss(w + nudges)
            assert exact == pytest.approx(weights @ losses / h, rel=1e-6, abs=1e-9 * np.abs(losses).max() / h)


def test_a_quadratic_bowl_has_the_curvatures_and_the_angle_that_it_is_told() -> None:
    for condition, angle in ((10.0, 30.0), (1.0, 0.0), (1e6, -72.0), (100.0, 90.0)):
        hessian = Quadratic(condition=condition, angle=angle).objective().hessian(np.ones((1, 2)))[0]
        values, vectors = np.linalg.eigh(hessian)
        np.testing.assert_allclose(values, [1, condition], rtol=1e-9)
        along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        if condition > 1:
            assert abs(vectors[:, 0] @ along) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("problem", [Absolute, Ackley])
def test_at_a_kink_the_slope_is_taken_as_0(problem: type[Problem]) -> None:
    objective = problem().objective()
    with np.errstate(divide="ignore"):
        assert (objective.loss_and_gradient(np.zeros((1, len(problem.names))))[1] == 0).all()


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.key)
def test_a_problem_says_whether_another_seed_gives_other_data_or_another_start(kind: type[Problem]) -> None:
    problem = kind()
    pairs = [*zip(problem.data(0).values(), problem.data(1).values(), strict=True)]
    pairs.append((problem.initial(0), problem.initial(1)))
    assert problem.depends_on_seed == any(not np.array_equal(one, other) for one, other in pairs)


@every_problem
def test_names_start_and_domain_fit_each_other(problem: type[Problem]) -> None:
    assert len(problem().names) == len(problem().start) == len(problem().domain)


@pytest.mark.parametrize(("key", "loss"), [("parabola", 0), ("proportional", 0), ("rosenbrock", 0)])
def test_the_least_loss_is_known(key: str, loss: float) -> None:
    (problem,) = (problem for problem in PROBLEMS if problem.key == key)
    objective = problem().objective()
    assert objective.loss(np.array([problem().optimum(objective.data)]))[0] == loss


def test_the_floor_of_the_noisy_line_is_the_variance_of_its_noise() -> None:
    problem = NoisyLine(n=100_000)
    objective = problem.objective(seed=1)
    slope, bias = problem.optimum(objective.data)
    assert objective.loss(np.array([[slope, bias]]))[0] == pytest.approx(1 / 12, rel=0.02)
    assert slope == pytest.approx(3, abs=0.02)
    assert bias == pytest.approx(2.5, abs=0.02)


def test_the_noisy_line_is_stable_up_to_a_rate_of_about_1() -> None:
    hessian = NoisyLine(n=100_000).objective().hessian(np.zeros((1, 2)))[0]
    assert 2 / np.linalg.eigvalsh(hessian)[-1] == pytest.approx(1, abs=0.01)


def test_the_curvatures_of_the_proportional_problem_are_those_of_the_book() -> None:
    low, high = np.linalg.eigvalsh(Proportional().objective().hessian(np.array([[1.5, -2.0]]))[0])
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


def test_the_catalogue_lists_the_problems_of_a_group_together() -> None:
    groups = [group for group, _ in groupby(kind.group() for kind in PROBLEMS)]
    assert groups == ["one weight", "data", "network", "surface", "your own"]
    for kind in PROBLEMS:
        if kind.group() != "your own" and kind.has_landscape:
            assert (kind.group() == "one weight") == (len(kind().names) == 1 and kind().model is None)


@pytest.mark.parametrize("kind", PROBLEMS)
def test_the_number_of_data_points_is_known_without_making_them(kind: type[Problem]) -> None:
    problem = kind()
    made = len(next(iter(problem.data(3).values()), (0,)))
    assert made <= problem.points_ahead <= 1.25 * made  # some of the digits are kept to test
    assert problem.work > 0
