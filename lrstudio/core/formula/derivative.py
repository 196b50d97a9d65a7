"""Reverse-mode differentiation: the gradient as further nodes of the same graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrstudio.core.formula.graph import COMPARISONS, Graph


def gradient(graph: Graph, loss: int, parameters: Sequence[int]) -> list[int]:
    """Returns the indices of d loss / d parameter, one per parameter.

    Conventions at kinks: the derivatives of `abs`, `sqrt` and `relu` at 0 are 0, `min` and `max` pass the whole
    derivative to the first of two equal arguments, `floor`, `sign` and comparisons have derivative 0, and so has x^p
    with respect to p at x = 0. A branch not taken by `where`, `min` or `max` contributes 0, even where its own
    derivative is not finite.
    """
    active = _dependents(graph, loss, parameters)
    adjoint: dict[int, int] = {loss: graph.const(1)}
    for index in reversed(graph.needed([loss])):
        if index not in active or index not in adjoint or not graph.nodes[index].args:
            continue
        for arg, term in zip(graph.nodes[index].args, _terms(graph, index, adjoint[index], active), strict=True):
            if term is None or arg not in active:
                continue
            if graph.nodes[index].data and not graph.nodes[arg].data:
                varies = graph.nodes[term].data
                term = graph.add("sum", term) if varies else graph.add("*", term, graph.add("count", index))
            adjoint[arg] = graph.add("+", adjoint[arg], term) if arg in adjoint else term
    return [adjoint.get(parameter, graph.const(0)) for parameter in parameters]


def _dependents(graph: Graph, loss: int, parameters: Sequence[int]) -> set[int]:
    active = set(parameters)
    for index in graph.needed([loss]):
        if active.intersection(graph.nodes[index].args):
            active.add(index)
    return active


def _terms(graph: Graph, y: int, d: int, active: set[int]) -> list[int | None]:
    """Returns the contribution of node y, whose adjoint is d, to the adjoint of each argument."""
    add, const, node = graph.add, graph.const, graph.nodes[y]
    a = node.args[0]
    b = node.args[1] if len(node.args) > 1 else y

    def gated(then: Callable[[int], int]) -> int:
        return _gated(graph, d, then)

    def times(factor: int) -> int:
        return gated(lambda d: add("*", d, factor))

    match node.op:
        case "+":
            return [d, d]
        case "-":
            return [d, gated(lambda d: add("neg", d))]
        case "*":
            return [times(b), times(a)]
        case "/":
            return [gated(lambda d: add("/", d, b)), gated(lambda d: add("neg", add("/", add("*", d, y), b)))]
        case "^":
            slope = add("*", b, add("^", a, add("-", b, const(1))))
            return [times(slope), times(_slope_of_exponent(graph, a, y)) if b in active else None]
        case "neg":
            return [gated(lambda d: add("neg", d))]
        case "min" | "max":
            first = add("<=" if node.op == "min" else ">=", a, b)
            return [_taken(graph, first, True, d), _taken(graph, first, False, d)]
        case "where":
            return [None, _taken(graph, a, True, d), _taken(graph, a, False, d)]
        case "mean":
            return [gated(lambda d: add("/", d, add("count", a)))]
        case "sum":
            return [d]
        case op if op in COMPARISONS:
            return [None, None]
        case op:
            slope_of = _slope(graph, op, a, y)
            return [None if slope_of is None else times(slope_of)]


def _taken(graph: Graph, condition: int, when: bool, d: int) -> int:
    """Returns d where the condition equals `when`, else 0; stays one `where` if d is one already."""
    zero, one = graph.const(0), graph.const(1)
    if gate := _gate(graph, d):
        inner, inner_when, d = gate
        inner = inner if inner_when else graph.add("where", inner, zero, one)
        condition = graph.add("where", condition, *((inner, zero) if when else (zero, inner)))
        when = True
    return graph.add("where", condition, *((d, zero) if when else (zero, d)))


def _gated(graph: Graph, d: int, then: Callable[[int], int]) -> int:
    """Returns then(d), but 0 wherever `_taken` made d 0: a factor may be infinite there."""
    if gate := _gate(graph, d):
        condition, when, d = gate
        return _taken(graph, condition, when, then(d))
    return then(d)


def _gate(graph: Graph, d: int) -> tuple[int, bool, int] | None:
    """Returns (condition, sense, value) of a d that is where(condition, value, 0) or where(condition, 0, value)."""
    node = graph.nodes[d]
    if node.op == "where":
        condition, yes, no = node.args
        if graph.value(no) == 0:
            return condition, True, yes
        if graph.value(yes) == 0:
            return condition, False, no
    return None


def _slope_of_exponent(graph: Graph, base: int, power: int) -> int:
    zero = graph.const(0)
    return graph.add("where", graph.add("==", base, zero), zero, graph.add("*", power, graph.add("log", base)))


def _slope(graph: Graph, op: str, x: int, y: int) -> int | None:
    """Returns dy/dx of an elementwise function of one argument; None where it is 0 everywhere."""
    add, one = graph.add, graph.const(1)
    match op:
        case "sin":
            return add("cos", x)
        case "cos":
            return add("neg", add("sin", x))
        case "tan":
            return add("+", one, add("*", y, y))
        case "atan":
            return add("/", one, add("+", one, add("*", x, x)))
        case "exp":
            return y
        case "log":
            return add("/", one, x)
        case "log1p":
            return add("/", one, add("+", one, x))
        case "sqrt":
            return add("where", add("==", y, graph.const(0)), graph.const(0), add("/", graph.const(0.5), y))
        case "abs":
            return add("sign", x)
        case "tanh":
            return add("-", one, add("*", y, y))
        case "sinh":
            return add("cosh", x)
        case "cosh":
            return add("sinh", x)
        case "softplus":
            return add("sigmoid", x)
        case "sigmoid":
            return add("*", y, add("sigmoid", add("neg", x)))
        case "sign" | "floor" | "count":
            return None
    raise AssertionError(op)
