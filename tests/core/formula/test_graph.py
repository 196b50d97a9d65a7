"""Merging, folding and names."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lrstudio.core.formula import FormulaError, parse_expression
from lrstudio.core.formula.graph import CONSTANTS, ELEMENTWISE, Graph
from lrstudio.core.formula.parse import ARITY


def lowered(text: str) -> tuple[Graph, int]:
    graph = Graph()
    environment = {name: graph.input(name) for name in "ab"} | {"x": graph.input("x", data=True)}
    return graph, graph.lower(parse_expression(text), environment)


def operations(text: str) -> list[str]:
    graph, place = lowered(text)
    return [graph.nodes[index].op for index in graph.needed([place]) if graph.nodes[index].op not in ("input", "const")]


@pytest.mark.parametrize(
    ("text", "ops"),
    [
        ("(a + 1)*(a + 1)", ["+", "*"]),
        ("(a + 1)^2", ["+", "*"]),
        ("sin(a*b) + sin(a*b)", ["*", "sin", "+"]),
        ("a^4", ["*", "*"]),
        ("(a + 2*3) - (a + 6)", ["+", "-"]),
        ("exp(2)*log(3)", []),
        ("a + 0", []),
        ("0 + a", []),
        ("1*a*1/1", []),
        ("a - 0", []),
        ("0 - a", ["neg"]),
        ("0*sin(a)", []),
        ("a^1", []),
        ("a^(3 - 2)", []),
        ("where(1 < 2, a, b)", []),
        ("where(a < 2, b, b)", []),
        ("a - a", ["-"]),
        ("a/a", ["/"]),
    ],
)
def test_equal_operations_are_merged_and_constants_folded(text: str, ops: list[str]) -> None:
    assert operations(text) == ops


def test_a_different_order_is_a_different_operation() -> None:
    assert operations("(a - b)*(b - a)") == ["-", "-", "*"]


@pytest.mark.parametrize("text", ["1/0", "log(0)", "-1/0", "0/0", "1e308*1e308", "sqrt(-1)", "(0/0)*a + 1/0"])
def test_a_constant_that_is_no_number_is_folded_without_a_warning(text: str) -> None:
    graph, place = lowered(text)
    value = graph.value(place)
    assert value is None or not np.isfinite(value)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("a + c", 5, "unknown name 'c'; known here are a, b, x, pi, e"),
        ("sin(q)", 5, "'q'"),
        ("where(q < 1, a, b)", 7, "'q'"),
        ("mean(a)", 1, "mean is over the data"),
        ("1 + sum(3)", 5, "sum is over the data"),
        ("mean(mean(x))", 1, "mean is over the data"),
    ],
)
def test_a_name_or_a_mean_that_means_nothing_is_pointed_at(text: str, column: int, says: str) -> None:
    with pytest.raises(FormulaError) as caught:
        lowered(text)
    assert caught.value.column == column
    assert says in caught.value.message


def test_a_name_of_the_problem_hides_a_constant() -> None:
    graph = Graph()
    place = graph.input("e")
    assert graph.lower(parse_expression("e"), {"e": place}) == place
    assert graph.value(graph.lower(parse_expression("e"), {})) == math.e == CONSTANTS["e"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if op != "where"])
def test_an_operation_gives_the_same_bits_for_one_number_as_for_many(op: str, dtype: type) -> None:
    random = np.random.default_rng(3)
    arity = ARITY.get(op, 1 if op == "neg" else 2)
    many = [np.abs(random.normal(size=(501, 3))).astype(dtype) + dtype(0.01) for _ in range(arity)]
    many[-1][::5] = 2
    many[-1][1::5] = 0.5
    many[-1][2::5] = -1 if op == "^" else 1
    with np.errstate(all="ignore"):
        whole = ELEMENTWISE[op](*many)
        for row in range(0, 500, 7):
            one = [values[row, 1] for values in many]
            alone = ELEMENTWISE[op](*(values[row : row + 1, 1] for values in many))
            np.testing.assert_array_equal(alone[0], whole[row, 1])
            np.testing.assert_array_equal(ELEMENTWISE[op](*one), whole[row, 1])
            if arity == 2:
                for last in (many[1][row, 1], many[1][row : row + 1], float(many[1][row, 1])):  # one for all
                    np.testing.assert_array_equal(ELEMENTWISE[op](many[0], last)[row, 1], whole[row, 1])
        np.testing.assert_array_equal(ELEMENTWISE[op](*(values[:, 1] for values in many)), whole[:, 1])
    assert whole.dtype in (dtype, np.bool_)


def test_constants_are_told_apart_by_their_bits() -> None:
    graphs = [Graph() for _ in range(3)]
    zeros = [graph.const(zero) for graph, zero in zip(graphs, (0.0, -0.0, 0.0), strict=True)]
    quotients = [graph.value(graph.add("/", graph.const(1.0), zero)) for graph, zero in zip(graphs, zeros, strict=True)]
    assert quotients == [math.inf, -math.inf, math.inf]
