"""Gradient and Hessian against complex steps through an evaluator of its own."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.formula import parse_expression
from lrstudio.core.formula.compile import numpy_function
from lrstudio.core.formula.derivative import gradient
from lrstudio.core.formula.graph import COMPARISONS, Graph
from lrstudio.core.formula.parse import Call, Expression, Name, Number
from lrstudio.core.objective import Objective
from lrstudio.core.problems import Problem

X = np.array([0.5, 1.25, -0.75, 2.0, 0.0])
Y = np.array([1.0, -0.5, 0.25, 3.0, 2.0])

COMPLEX: dict[str, Any] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power, "neg": np.negative,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "atan": np.arctan, "exp": np.exp, "log": np.log, "log1p": np.log1p,
    "sqrt": np.sqrt, "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh, "mean": np.mean,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "relu": lambda z: np.where(z.real > 0, z, 0),
    "abs": lambda z: np.where(z.real < 0, -z, z),
    "sign": lambda z: np.sign(z.real) + 0j,
    "floor": lambda z: np.floor(z.real) + 0j,
    "min": lambda a, b: np.where(a.real <= b.real, a, b),
    "max": lambda a, b: np.where(a.real >= b.real, a, b),
    "where": lambda c, a, b: np.where(c != 0, a, b),
}  # fmt: skip


def evaluate(tree: Expression, names: dict[str, Any]) -> Any:
    match tree:
        case Number(number):
            return np.complex128(number)
        case Name(name):
            return names.get(name, np.complex128({"pi": np.pi, "e": np.e}.get(name, np.nan)))
        case Call("sum", (inner,)):
            return np.sum(evaluate(inner, names) * np.ones(len(X)))
        case Call(sign, (left, right)) if sign in COMPARISONS:
            return COMPARISONS[sign](evaluate(left, names).real, evaluate(right, names).real) + 0j
        case Call(function, args):
            return COMPLEX[function](*(evaluate(arg, names) for arg in args))
    raise AssertionError(tree)


def slopes(tree: Expression, w: Array, names: tuple[str, ...]) -> Array:
    """The gradient by complex steps: exact, there is no difference in it."""
    columns = {"x": X + 0j, "y": Y + 0j}
    found = []
    for index in range(len(names)):
        point = w + 1e-30j * (np.arange(len(names)) == index)
        found.append(evaluate(tree, columns | dict(zip(names, point, strict=True))).imag / 1e-30)
    return np.array(found)


def curvatures(tree: Expression, w: Array, names: tuple[str, ...]) -> Array:
    """The Hessian by differences of fourth order of the exact gradient."""
    rows = []
    for index in range(len(names)):
        nudge = 1e-4 * (np.arange(len(names)) == index)
        one = slopes(tree, w + nudge, names) - slopes(tree, w - nudge, names)
        two = slopes(tree, w + 2 * nudge, names) - slopes(tree, w - 2 * nudge, names)
        rows.append((8 * one - two) / 12e-4)
    return np.array(rows)


def objective(text: str, parameters: tuple[str, ...] = ("a", "b"), data: bool = True, **options: Any) -> Objective:
    class Typed(Problem):
        key = title = "typed"
        loss: ClassVar[str] = text
        names: ClassVar[tuple[str, ...]] = parameters
        start: ClassVar[tuple[float, ...]] = (1.0,) * len(parameters)
        domain: ClassVar[tuple[tuple[float, float], ...]] = ((-1.0, 1.0),) * len(parameters)

        def data(self, seed: int) -> dict[str, Array]:
            return {"x": X, "y": Y} if data else {}

        def optimum(self, data: Any) -> None:
            return None

    return Typed().objective(**options)


POSITIVE = [f"{name}(a)" for name in ("log", "sqrt")] + [
    "a^b",
    "a^2.5",
    "a^-1.5",
    "a^(a*b)",
    "2^a",
    "log(a)*sqrt(b)",
    "b/a^0.5",
]
ANYWHERE = [
    *(f"{name}(a + b/3)" for name in "sin cos tan atan exp abs sign".split()),
    *(f"{name}(a + b/3)" for name in "tanh sinh cosh sigmoid softplus relu floor".split()),
    *(f"{name}(a*b)^2" for name in "sin cos tan atan exp abs tanh sinh cosh sigmoid softplus relu".split()),
    "log1p(a^2 + b^2)", "a + b", "a - b", "a*b", "a/b", "-a", "a^0", "a^1", "a^2", "a^3", "a^4", "a^5", "a^-1", "a^-3",
    "a*a*a*b/a", "(a + 1)^2*(a + 1)^3", "min(a, b)", "max(a, b)", "min(a^2, b)*max(a, b^2)", "max(max(a, b), a*b)^2",
    "where(a < b, a^2, b^3)", "where(a, a^3*b, 2)", "where(a*b > 0.1, sin(a), where(b <= a, cos(b), a*b))",
    "(a > b)*a^2", "(a != b)*b*a", "a*(a == b) + b", "3", "pi*a + e*b", "a", "exp(sin(a)*cos(b))/(1 + a^2)",
    "(1 - a)^2 + 100*(b - a^2)^2", "a - (b - (a - b*a))^2", "a/b/(a/b)/b", "--a^3", "a^2^2", "tan(a)/tan(b)",
    "log(sigmoid(a*b))", "log(sigmoid(30*a))", "tanh(tanh(tanh(a*b)))", "abs(a)*b", "sign(a)*a^2",
    "floor(a*3)*a", "cosh(a)^2 - sinh(a)^2 + b",
]  # fmt: skip
WITH_DATA = [
    "mean((a*x + b - y)^2)", "sum((a*x + b - y)^2)", "mean(a + x)", "sum(a + x)", "mean(a*b + x)^2",
    "sum(a*x)*sum(b*x)",
    "mean(x)*a + b^2", "mean((x - mean(x))^2*a^2)", "mean((a*x - mean(a*x + b))^2)", "mean(sum(a*x) + b*x)",
    "mean(exp(a*x)*b)",
    "mean(abs(a*x + b))", "mean(relu(a*x + b)^2)", "mean(max(a*x, b))", "mean(min(a*x, b*y)^2)",
    "mean(where(x > 0, a*x, b)^2)",
    "mean(where(a*x > 0.1, a^2, b))", "mean((x > 0)*a + b)", "log(mean(exp(a*x + b)))", "mean(softplus(-y*(a*x + b)))",
    "mean(-log(sigmoid(a*x + b)))", "sum(x)*a", "mean(y/(1 + a^2*x^2))", "sqrt(mean((a*x + b - y)^2))", "a^2 + b^2",
    "mean(sin(a + b*x)/(2 + cos(a - x)))", "mean(a + 0.5*x)", "sum(a^3 + x)/sum(x^2 + b^2)",
    "mean(x^2)^2*a*b", "mean((a + b*x + y)^3)", "mean(mean(a*x)*x*b)", "max(mean(a*x), mean(b*y))",
    "mean(where(x > 0, 1, 2))*a",
    "mean(floor(x + a)*b)", "mean(where(x > 0, x^a, 1))", "mean(atan(a*x)*tanh(b*y))", "mean(1/(1 + exp(-(a*x + b))))",
]  # fmt: skip


def points(text: str, low: float, count: int) -> Array:
    """Points that stay off the poles at 0."""
    w = np.random.default_rng(len(text)).uniform(low, 1.6, (count, 2))
    return np.where(np.abs(w) < 0.1, 0.3, w)


def compare(text: str, low: float, data: bool) -> None:
    tree = parse_expression(text)
    w = points(text, low, 6)
    computed = objective(text, data=data)
    with np.errstate(all="ignore"):
        loss, slope = computed.loss_and_gradient(w)
        hessian = computed.hessian(w)
        for run, point in enumerate(w):
            named = dict(zip("ab", point + 0j, strict=True))
            true = evaluate(tree, {"x": X + 0j, "y": Y + 0j} | named).real
            assert loss[run] == pytest.approx(true, rel=1e-12, abs=1e-13)
            np.testing.assert_allclose(slope[run], slopes(tree, point, ("a", "b")), rtol=1e-10, atol=1e-12)
            true_hessian = curvatures(tree, point, ("a", "b"))
            scale = 1 + np.abs(true_hessian).max()
            np.testing.assert_allclose(hessian[run], true_hessian, rtol=1e-6, atol=1e-6 * scale)
        np.testing.assert_array_equal(computed.loss(w), loss)


@pytest.mark.parametrize("text", POSITIVE)
def test_slopes_and_curvatures_of_positive_numbers(text: str) -> None:
    compare(text, 0.2, data=False)


@pytest.mark.parametrize("text", ANYWHERE)
def test_slopes_and_curvatures_anywhere(text: str) -> None:
    compare(text, -1.6, data=False)


@pytest.mark.parametrize("text", WITH_DATA)
def test_slopes_and_curvatures_over_data(text: str) -> None:
    compare(text, -1.6, data=True)


@pytest.mark.parametrize("text", [*ANYWHERE, *WITH_DATA])
def test_no_result_depends_on_the_points_beside_it(text: str) -> None:
    computed = objective(text)
    w = points(text, -1.6, 17)
    with np.errstate(all="ignore"):
        loss, slope = computed.loss_and_gradient(w)
        hessian = computed.hessian(w)
        for run in (0, 1, 7, 16):
            alone = computed.loss_and_gradient(w[run : run + 1])
            np.testing.assert_array_equal(alone[0][0], loss[run])
            np.testing.assert_array_equal(alone[1][0], slope[run])
            np.testing.assert_array_equal(computed.hessian(w[run : run + 1])[0], hessian[run])


@pytest.mark.parametrize("text", [*POSITIVE, *ANYWHERE, *WITH_DATA])
def test_single_precision_stays_single_throughout(text: str) -> None:
    graph = Graph()
    inputs = {"a": graph.input("a"), "b": graph.input("b")}
    inputs |= {"x": graph.input("x", data=True), "y": graph.input("y", data=True)}
    loss = graph.lower(parse_expression(text), inputs)
    first = gradient(graph, loss, [inputs["a"], inputs["b"]])
    second = [index for slope in first for index in gradient(graph, slope, [inputs["a"], inputs["b"]])]
    every = [index for index in graph.needed([loss, *first, *second]) if graph.value(index) is None]
    function = numpy_function(graph, list(inputs.values()), every, np.dtype(np.float32))
    w = points(text, 0.2, 3).astype(np.float32)
    with np.errstate(all="ignore"):
        results = function(w[:, :1], w[:, 1:], X.astype(np.float32), Y.astype(np.float32))
    kinds = {graph.nodes[index].op: np.asarray(result).dtype for index, result in zip(every, results, strict=True)
             if not isinstance(result, (int, float))}  # fmt: skip
    assert {op: kind for op, kind in kinds.items() if kind not in (np.float32, np.bool_)} == {}


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("abs(a)", 0, 0), ("relu(a)", 0, 0), ("sign(a)", 0, 0), ("floor(a)", 1, 0), ("(a < 1)*2", 1, 0),
        ("max(a, 0)", 0, 1), ("max(0, a)", 0, 0), ("min(a, 0)", 0, 1), ("min(0, a)", 0, 0), ("max(a, a)", 0, 1),
        ("max(a, 2*a)", 0, 1), ("where(a > 0, a, 3*a)", 0, 3), ("where(a >= 0, a, 3*a)", 0, 1), ("a^2", 0, 0),
        ("a^0", 0, 0),
        ("0^a", 0, 0), ("0^a", 2, 0), ("sqrt(a)", 0, 0),
    ],
)  # fmt: skip
def test_at_a_kink_the_slope_is_the_agreed_one(text: str, at: float, slope: float) -> None:
    with np.errstate(all="ignore"):
        _, found = objective(text, ("a",), data=False).loss_and_gradient(np.array([[float(at)]]))
    assert found[0, 0] == slope


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("where(a > 0, sqrt(a), 0)", 0, 0),
        ("where(a > 0, sqrt(a), 0)", -1, 0),
        ("where(a > 0, a*log(a), 0)", -1, 0),
        ("where(a > 0, a*log(a), 0)", 0, 0),
        ("where(a <= 0, 0, 1/a)", 0, 0),
        ("where(a <= 0, a^2, where(a < 5, log(a), 1))", -3, -6),
        ("-where(a > 0, 2*sqrt(a)*a, a)", -1, -1),
        ("2 - where(a != 0, sin(a)/a, 1)", 0, 0),
        ("max(2, a/0)*0 + a", 1, 1),
        ("min(1, where(a > 0, 1/a, 7))", 0, 0),
        ("mean(where(x > 0, log(a*x), 0))", 1, 3 / 5),
        ("mean(where(x == 0, a, log(x)*a))", 1, None),
    ],
)  # fmt: skip
def test_a_branch_that_is_not_taken_adds_no_slope(text: str, at: float, slope: float | None) -> None:
    with np.errstate(all="ignore"):
        _, found = objective(text, ("a",), data="x" in text).loss_and_gradient(np.array([[float(at)]]))
    if slope is None:
        assert np.isnan(found[0, 0])  # log(-0.75) is taken, and is not a number
    else:
        assert found[0, 0] == pytest.approx(slope)


@pytest.mark.parametrize("text", ["mean((a + x)/0)", "sum(a + x)/0", "mean(a + x/0)", "mean(max(a*x, 1))/(0*a)"])
def test_a_division_by_0_is_no_exception(text: str) -> None:
    with np.errstate(all="ignore"):
        _, found = objective(text, ("a",)).loss_and_gradient(np.array([[2.0]]))
    assert found.shape == (1, 1)


def test_a_power_of_data_that_is_0_has_no_slope_in_the_exponent() -> None:
    with np.errstate(all="ignore"):
        _, found = objective("mean(abs(x)^a)", ("a",)).loss_and_gradient(np.array([[2.0]]))
    sizes = np.abs(X[X != 0])
    assert found[0, 0] == pytest.approx(np.sum(sizes**2 * np.log(sizes)) / len(X))


@pytest.mark.parametrize("z", [-700.0, -100.0, -40.0, 40.0, 100.0, 700.0])
def test_sigmoid_and_softplus_keep_their_digits_far_out(z: float) -> None:
    w = np.array([[z]])
    small = np.exp(-abs(z))
    with np.errstate(all="ignore"):
        value, slope = objective("sigmoid(a)", ("a",), data=False).loss_and_gradient(w)
        soft, soft_slope = objective("softplus(a)", ("a",), data=False).loss_and_gradient(w)
        loss, loss_slope = objective("-log(sigmoid(a))", ("a",), data=False).loss_and_gradient(w)
    assert value[0] == pytest.approx(small if z < 0 else 1, rel=1e-12)
    assert slope[0, 0] == pytest.approx(small, rel=1e-12)
    assert soft[0] == pytest.approx(small if z < 0 else z, rel=1e-12)
    assert soft_slope[0, 0] == pytest.approx(small if z < 0 else 1, rel=1e-12)
    assert loss[0] == pytest.approx(-z if z < 0 else small, rel=1e-6, abs=1e-15)
    assert loss_slope[0, 0] == pytest.approx(-1 if z < 0 else -small, rel=1e-12)


HEAVY = [
    "*".join("w" * 100), "/".join("w" * 100), "/".join("wv" * 50), "^".join("w" * 38), "sin(" * 38 + "w" + ")" * 38,
    "tan(" * 38 + "w*v" + ")" * 38, "sigmoid(" * 38 + "w" + ")" * 38, "max(" * 30 + "/".join("wv" * 30) + ",v)" * 30,
    "where(v," * 22 + "/".join("wv" * 32) + ",1)" * 22, "max(" * 30 + "*".join("w" * 60) + ",v)" * 30,
]  # fmt: skip


@pytest.mark.parametrize("text", HEAVY)
def test_the_gradient_of_the_longest_formula_stays_a_small_multiple_of_it(text: str) -> None:
    graph = Graph()
    parameters = {"w": graph.input("w"), "v": graph.input("v")}
    loss = graph.lower(parse_expression(text), parameters)
    first = gradient(graph, loss, list(parameters.values()))
    assert len(graph.nodes) <= 4 * 200
    for slope in first:
        gradient(graph, slope, list(parameters.values()))
    assert len(graph.nodes) <= 20 * 200
