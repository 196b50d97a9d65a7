"""A branch that is not taken adds nothing to a gradient, whatever is summed, multiplied or averaged around it."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.formula import parse_expression
from lrstudio.core.formula.derivative import gradient
from lrstudio.core.formula.graph import Graph
from tests.core.formula.test_derivative import objective
from tests.gradient_truth import compare

INFINITE_BESIDE = [  # the formula, a point (a, b), and the derivatives of the branch that is taken there
    ("where(b > 0, log(b)^2, b^2)", (1, 0), (0, 0)),
    ("where(b > 0, log(b)^2, b^2)", (1, -3), (0, -6)),
    ("where(b > 0, log(b)*sqrt(b), b) + b^2", (1, 0), (0, 1)),
    ("where(a > 0, where(b > 0, log(b)^2, 1/b)^2, a*b)", (-1, 0), (0, -1)),
    ("max(2, where(a > 0, 1/a^2, 1))^2 + a", (0, 1), (1, 0)),
    ("min(a, relu(log(b)^2 + a)) + log(b)^2*0", (-2, 0), (1, 0)),
    ("relu(a)^0.5*relu(a)^0.5 + b", (-1, 1), (0, 1)),
    ("abs(b)^0.5", (1, 0), (0, 0)),
    ("(relu(a)*b)^0.5", (-1, 2), (0, 0)),
    ("(a > 0)*b^0.5 + a", (-1, 0), (1, 0)),
    ("relu(a)*(b + 1)/(1 + b^0.5) + a", (-1, 0), (1, 0)),
    ("tanh(where(a > 0, a, 0)*b)^0.5", (-1, 2), (0, 0)),
    ("mean(where(x > 9, log(a)^2*x, b))", (0, 2), (0, 1)),
    ("mean(where(x > 9, log(a)^2, b) + where(y > 9, 1/a, 0))", (0, 2), (0, 1)),
    ("mean(where(x > 1, (a*log(x))^2, b))", (2, 3), (4 * (np.log(1.25) ** 2 + np.log(2) ** 2) / 5, 3 / 5)),
]


@pytest.mark.parametrize(("text", "at", "slopes"), INFINITE_BESIDE)
def test_a_branch_beside_adds_nothing_however_infinite_it_is(
    text: str, at: tuple[float, float], slopes: tuple[float, float]
) -> None:
    computed = objective(text, data="x" in text)
    with np.errstate(all="ignore"):
        loss, found = computed.loss_and_gradient(np.array([at], float))
    assert np.isfinite(loss).all()
    np.testing.assert_allclose(found[0], slopes, rtol=1e-14)


@pytest.mark.parametrize(
    ("text", "at", "hessian"),
    [
        ("where(b > 0, log(b)^2*a, a^2*b^2)", (3, -1), [[2, -12], [-12, 18]]),
        ("where(b > 0, log(b)^2*a, a^2*b^2)", (3, 0), [[0, 0], [0, 18]]),
        ("where(b > 0, log(b)^2*a, a^2*b^2)", (3, 1), [[0, 0], [0, 6]]),
        ("mean(where(x > 9, log(a)^2*x, a^2*b))", (0, 2), [[4, 0], [0, 0]]),
    ],
)
def test_nor_to_a_second_derivative(text: str, at: tuple[float, float], hessian: list[list[float]]) -> None:
    with np.errstate(all="ignore"):
        found = objective(text, data="x" in text).hessian(np.array([at], float))[0]
    np.testing.assert_allclose(found, hessian, atol=1e-12)


def test_a_slope_that_is_infinite_where_it_is_taken_stays_so() -> None:
    with np.errstate(all="ignore"):
        _, found = objective("where(a >= 0, a^0.5, 1) + log(b)^2", data=False).loss_and_gradient(np.zeros((1, 2)))
    assert not np.isfinite(found).any()


def test_gradients_of_random_formulas_are_those_of_the_taken_branch() -> None:
    found = compare(400, seed=2, gates=True)
    assert found.wrong == []
    assert found.compared == 400


def test_gradients_of_random_formulas_are_those_of_50_digits() -> None:
    assert compare(150, seed=2, gates=False).wrong == []


@pytest.mark.parametrize("text", ["*".join(["relu(a)"] * 30) + "*b^0.5", "(" + "+".join(["max(a,b)"] * 30) + ")^0.5"])
def test_many_gates_stay_a_small_multiple_of_the_formula(text: str) -> None:
    graph = Graph()
    parameters = {"a": graph.input("a"), "b": graph.input("b")}
    gradient(graph, graph.lower(parse_expression(text), parameters), list(parameters.values()))
    assert len(graph.nodes) < 1000
