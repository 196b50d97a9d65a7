"""The data of one's own: what it promises, against numpy's own least squares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrstudio.core.dataset import MOST_FEATURES, Dataset
from lrstudio.core.formula import parse_expression
from lrstudio.core.problems import OwnData


def houses(count: int = 1, rows: int = 200) -> Dataset:
    """Features far from 0 and of different sizes."""
    random = np.random.default_rng(7)
    features = [random.normal(100.0 * 3**index, 5.0 * 2**index, rows) for index in range(count)]
    target = 40 + sum(column * (index + 1.5) for index, column in enumerate(features)) + random.normal(0, 3, rows)
    return Dataset("houses.csv", (*(f"x{index}" for index in range(count)), "price"), (*features, target))


def least_squares(*columns: Any, y: Any) -> Any:
    design = np.stack([*columns, np.ones_like(y)], axis=1)
    return np.linalg.lstsq(design, y, rcond=None)[0]


@pytest.mark.parametrize("count", range(1, MOST_FEATURES + 1))
@pytest.mark.parametrize("standardize", [True, False])
def test_the_best_line_is_that_of_least_squares_in_the_units_of_the_file(count: int, standardize: bool) -> None:
    data = houses(count)
    problem = OwnData(dataset=data, standardize=standardize)
    best = problem.optimum(problem.data(0))
    assert best is not None and len(best) == len(problem.names) == count + 1
    expected = least_squares(*data.columns[:-1], y=data.columns[-1])
    np.testing.assert_allclose(problem.original_units(np.array(best)), expected, rtol=1e-8)
    assert np.abs(problem.objective().loss_and_gradient(np.array([best]))[1]).max() < (1e-12 if standardize else 1e-5)


@pytest.mark.parametrize("degree", range(1, 9))
@pytest.mark.parametrize("standardize", [True, False])
def test_the_best_polynomial_is_that_of_least_squares(degree: int, standardize: bool) -> None:
    x = np.linspace(-1.2, 1.5, 60)
    y = np.sin(3 * x) + 0.1 * np.cos(40 * x)
    problem = OwnData(
        dataset=Dataset("a", ("x", "y"), (x, y)), kind="polynomial", degree=degree, standardize=standardize
    )
    best = problem.original_units(np.array(problem.optimum({})))
    np.testing.assert_allclose(best, least_squares(*(x ** (k + 1) for k in range(degree)), y=y), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("kind", ["linear", "polynomial", "logistic"])
def test_the_model_says_the_same_in_both_units(kind: str) -> None:
    random = np.random.default_rng(1)
    x = random.normal(1000, 10, 50)
    y = (x > 1002).astype(float) if kind == "logistic" else 2 * x
    data = Dataset("a", ("x", "y"), (x, y))
    trained, plain = (OwnData(dataset=data, kind=kind, degree=2, standardize=flag) for flag in (True, False))
    w = random.normal(size=(3, len(trained.names)))
    loss = trained.objective().loss(w)
    scale = 1.0 if kind == "logistic" else y.var()
    raw = trained.original_units(w)
    assert raw.shape == w.shape
    np.testing.assert_allclose(scale * loss, plain.objective().loss(raw), rtol=1e-6)
    np.testing.assert_array_equal(plain.original_units(w), w)


@pytest.mark.parametrize("kind", ["linear", "polynomial"])
def test_weights_at_the_ends_of_what_floats_hold_have_an_equation(kind: str) -> None:
    problem = OwnData(dataset=houses(), kind=kind)
    for w in (np.full(2, 1e308), np.array([1e308, -1e308]), np.array([np.inf, -np.inf])):
        assert "price = " in problem.equation(np.resize(w, len(problem.names)))


def test_standardised_columns_have_mean_0_and_deviation_1() -> None:
    data = OwnData(dataset=houses(3)).data(0)
    for column in data.values():
        assert column.mean() == pytest.approx(0, abs=1e-12)
        assert column.std() == pytest.approx(1)
    assert list(data) == ["x1", "x2", "x3", "y"]
    np.testing.assert_array_equal(OwnData(dataset=houses(), standardize=False).data(0)["x"], houses().columns[0])


@pytest.mark.parametrize(("kind", "count"), [("linear", 7), ("polynomial", 1), ("logistic", 7)])
def test_every_loss_is_within_the_limits_of_the_language(kind: str, count: int) -> None:
    data = houses(count)
    if kind == "logistic":
        data = Dataset("a", data.names, (*data.columns[:-1], np.arange(len(data)) % 2))
    problem = OwnData(dataset=data, kind=kind, degree=8)
    assert len(problem.loss) <= 500
    parse_expression(problem.loss)
    assert np.isfinite(problem.objective().loss(np.array([problem.start]))).all()


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("kind", ["linear", "polynomial", "logistic"])
def test_the_picture_has_the_start_and_the_best_point_in_it(kind: str, standardize: bool) -> None:
    data = houses()
    binary = (data.columns[-1] + np.sin(np.arange(len(data)) * 50) * 30 > np.median(data.columns[-1])).astype(float)
    if kind == "logistic":
        data = Dataset("a", data.names, (data.columns[0], binary))
    problem = OwnData(dataset=data, kind=kind, standardize=standardize)
    for point in (problem.start, problem.optimum({}) or problem.start):
        assert all(low < value < high for value, (low, high) in zip(point, problem.domain, strict=True))
    if kind == "logistic":
        middle = np.array([[(low + high) / 2 for low, high in problem.domain]])
        assert np.abs(problem.objective().loss_and_gradient(middle)[1]).max() < (0.1 if standardize else 1)


def test_the_logistic_loss_is_the_cross_entropy() -> None:
    data = Dataset("a", ("x", "y"), (np.array([0.0, 1, 2, 4]), np.array([0.0, 1, 0, 1])), ("no", "yes"))
    problem = OwnData(dataset=data, kind="logistic", standardize=False)
    w, b = 0.7, -0.3
    chance = 1 / (1 + np.exp(-(w * data.columns[0] + b)))
    expected = -np.mean(np.where(data.columns[1] == 1, np.log(chance), np.log(1 - chance)))
    assert problem.objective().loss(np.array([[w, b]]))[0] == pytest.approx(expected, rel=1e-12)
    assert np.isfinite(problem.objective().loss(np.array([[1e5, -1e5]]))).all()
    assert problem.equation(np.array([w, b])) == "P(y = yes) = sigmoid(0.7·x - 0.3)"


def test_the_equation_is_written_with_the_names_of_the_columns() -> None:
    data = Dataset(
        "a", ("x", "size m²", "price"), (np.array([1.0, 2, 3]), np.array([1.0, 0, 1]), np.array([1.0, 2, 4]))
    )
    assert OwnData(dataset=data, standardize=False).equation(np.array([-2.0, 3, 1])) == "price = -2·x + 3·size m² + 1"
    data = Dataset("a", ("size m²", "price"), data.columns[1:])
    problem = OwnData(dataset=data, kind="polynomial", standardize=False)
    assert problem.equation(np.array([1.0, 3, 1])) == "price = 1·size m² + 3·(size m²)^2 + 1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "polynomial"}, "takes one column x, the data has 2"),
        ({"kind": "logistic"}, "“price” must have two values"),
        ({"kind": "cubic"}, "must be one of linear, polynomial, logistic"),
        ({"degree": 9}, "from 1 to 8"),
    ],
)
def test_what_does_not_go_together_is_refused(changes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OwnData(dataset=houses(2), **changes)


def test_the_least_squares_of_many_rows_are_those_of_all_of_them() -> None:
    data = houses(2, rows=200_000)
    best = OwnData(dataset=data).original_units(np.array(OwnData(dataset=data).optimum({})))
    np.testing.assert_allclose(best, least_squares(*data.columns[:-1], y=data.columns[-1]), rtol=1e-9)
    assert all(len(column) <= 6000 for column in data.shown)
    assert data.shown[0].min() == data.columns[0].min() and data.shown[-1].max() == data.columns[-1].max()


def test_the_plot_gets_the_units_of_the_file() -> None:
    data = houses()
    problem = OwnData(dataset=data)
    np.testing.assert_array_equal(problem.shown(0)["y"], data.columns[-1])
    (offset, scale), (y_offset, y_scale) = problem.axis_units
    np.testing.assert_allclose(offset + scale * problem.data(0)["x"], data.columns[0])
    np.testing.assert_allclose(y_offset + y_scale * problem.data(0)["y"], data.columns[1])
    assert problem.axes == ("x0", "price")
