"""The only module that compiles source."""

from __future__ import annotations

import builtins
import random
import re

import numpy as np
import pytest

from lrstudio.core.formula import FormulaError, parse_expression, parse_rule
from lrstudio.core.formula import compile as module
from lrstudio.core.formula.graph import ELEMENTWISE, Graph
from lrstudio.core.formula.rule import ScheduleRule, UpdateRule

LINE = re.compile(
    r"def function\((v\d+(, v\d+)*)?\):"
    r"|    v\d+ = [-+*/ ,()v\d.]*(e[-+]\d+|inf|nan|f\d+\(|total\(|dtype|\.shape\[-1\]|[-+*/ ,()v\d.]*)*"
    r"|    return \([v\d(), .+e-]*(inf|nan)?[v\d(), .+e-]*\)"
)


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every source that is compiled; the same one is not compiled twice in a process."""
    seen: list[str] = []

    def spying(source: str, *args: object) -> object:
        seen.append(source)
        return builtins.compile(source, *args)  # type: ignore[call-overload]

    monkeypatch.setattr(module, "compile", spying, raising=False)
    return seen


def test_no_name_of_a_text_reaches_the_source(sources: list[str]) -> None:
    graph = Graph()
    names = ["__import__", "os", "exec", "v0", "f1", "dtype", "total", "inf", "nan", "function", "__builtins__", "w"]
    environment = {name: graph.input(name) for name in names}
    index = graph.lower(parse_expression("+".join(names) + "*1.0625e-300*1e308*(1/0)*(0/0)^w"), environment)
    module.numpy_function(graph, list(environment.values()), [index], np.dtype(np.float64))
    UpdateRule(
        "exec = exec + g; w = w - 0.3125*lr*exec*__import__", {"__import__": np.array([0.5])}, np.dtype(np.float64)
    )
    ScheduleRule("os = t; lr = lr0/(os + 1.3125)", {})
    assert len(sources) >= 4
    for source in sources:
        for line in source.splitlines():
            assert LINE.fullmatch(line), line
        for name in ("__import__", "os", "exec", "__builtins__"):
            assert name not in source


def test_the_generated_function_has_no_builtins() -> None:
    graph = Graph()
    index = graph.input("w")
    function = module.numpy_function(graph, [index], [index], np.dtype(np.float64))
    assert function.__globals__["__builtins__"] == {}


@pytest.mark.parametrize(
    "number", [0.1, -0.0, 1e-320, 1.7976931348623157e308, np.inf, -np.inf, np.nan, np.float32(0.1), True, 3]
)
def test_a_constant_comes_out_as_it_went_in(number: float) -> None:
    graph = Graph()
    w = graph.input("w")
    product = graph.add("max", w, graph.const(number))
    (result,) = module.numpy_function(graph, [w], [product], np.dtype(np.float64))(np.array([-np.inf]))
    np.testing.assert_array_equal(result, [float(number)])


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "().__class__", "w.__class__", "w if 1 else 2", "[w for w in w]", "lambda: w", "w := 2",
     "f'{w}'",
     "exec('1')", "eval(w)", "open(w)", "w\\\n", "w#", "1_000", "0x10", "1j", "w@w", "~w", "w%2", "w//2", "w and w",
     "not w",
     "w or w", "w is w", "...", "`w`", "w!", "w?", "{w}", "9**9**9**9", "import os"],
)  # fmt: skip
def test_what_is_python_but_no_formula_is_refused_or_a_mere_number(text: str) -> None:
    graph = Graph()
    try:
        index = graph.lower(parse_expression(text), {"w": graph.input("w")})
    except FormulaError:
        return
    assert text == "9**9**9**9"
    assert graph.value(index) == np.inf


def test_an_input_that_is_not_given_is_noticed() -> None:
    graph = Graph()
    w, v = graph.input("w"), graph.input("v")
    with pytest.raises(ValueError, match="'v' is not among the inputs"):
        module.numpy_function(graph, [w], [graph.add("+", w, v)], np.dtype(np.float64))


def test_an_output_that_rests_on_nothing_is_a_python_number() -> None:
    graph = Graph()
    w = graph.input("w")
    constant, same = module.numpy_function(graph, [w], [graph.const(2), w], np.dtype(np.float32))(np.array([1.5]))
    assert type(constant) is float
    assert same[0] == 1.5


def test_every_function_of_the_table_is_one_of_numpy_or_ours() -> None:
    for function in ELEMENTWISE.values():
        assert isinstance(function, np.ufunc) or function is np.where or function.__module__.startswith("lrstudio.core")


def test_random_names_are_never_more_than_names() -> None:
    chance = random.Random(1)
    for _ in range(200):
        name = "".join(chance.choices("abcdefgh_XYZ0123", k=12)).lstrip("0123") or "a"
        assert parse_rule(f"{name} = {name} + 1")[0].name == name
