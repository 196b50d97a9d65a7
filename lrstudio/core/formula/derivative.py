"""Reverse-mode differentiation: the gradient as further nodes of the same graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lrstudio.core.formula.graph import COMPARISONS, Graph


class Gate(NamedTuple):
    """Where a contribution counts: where the node `condition` holds, or does not hold."""

    condition: int
    holds: bool


class Adjoint(NamedTuple):
    """A derivative of the loss that is `value` within the gate and 0 outside, where `value` may be anything.

    It is `settled` where `value` itself is 0 outside the gate, and `steep` where the slope of a steep operation is in
    it, which may be infinite.
    """

    value: int
    gate: Gate | None = None
    settled: bool = False
    steep: bool = False


class Forward(NamedTuple):
    """What is known of the nodes of a loss: those that depend on the parameters, those with a steep operation in them,
    and the gate outside which a node is 0, if it has one."""

    active: set[int]
    steep: set[int]
    zeros: dict[int, Gate | None]


def gradient(graph: Graph, loss: int, parameters: Sequence[int]) -> list[int]:
    """Returns the indices of d loss / d parameter, one per parameter.

    Conventions at kinks: the derivatives of `abs`, `sqrt` and `relu` at 0 are 0, `min` and `max` pass the whole
    derivative to the first of two equal arguments, `floor`, `sign` and comparisons have derivative 0, and so has x^p
    with respect to p at x = 0. A branch not taken by `where`, `min` or `max` contributes 0, even where its own
    derivative is not finite; so does what a `where` multiplies by 0, and what is inside an `abs` of 0.
    """
    order = graph.needed([loss])
    forward = _forward(graph, order, parameters)
    adjoint = {loss: Adjoint(graph.const(1))}
    for index in reversed(order):
        if index not in forward.active or index not in adjoint or not graph.nodes[index].args:
            continue
        for arg, term in zip(graph.nodes[index].args, _terms(graph, index, adjoint[index], forward), strict=True):
            if term is None or arg not in forward.active:
                continue
            if graph.nodes[index].data and not graph.nodes[arg].data:
                term = _total(graph, term, index)
            adjoint[arg] = _sum(graph, adjoint[arg], term) if arg in adjoint else term
    nothing = Adjoint(graph.const(0))
    return [_settle(graph, adjoint.get(parameter, nothing)) for parameter in parameters]


def _forward(graph: Graph, order: Sequence[int], parameters: Sequence[int]) -> Forward:
    known = Forward(set(parameters), set(), {})
    for index in order:
        args = graph.nodes[index].args
        if known.active.intersection(args):
            known.active.add(index)
        if _is_steep(graph, index) or known.steep.intersection(args):
            known.steep.add(index)
        known.zeros[index] = _zeros(graph, index, known.zeros)
    return known


def _is_steep(graph: Graph, index: int) -> bool:
    """Returns whether the slope of an operation may be infinite where its value is finite."""
    op, args = graph.nodes[index].op, graph.nodes[index].args
    if op == "^":
        return (graph.value(args[1]) or 0) < 1
    return op in ("log", "log1p", "sqrt") or (op == "/" and not graph.value(args[1]))


def _zeros(graph: Graph, index: int, zeros: dict[int, Gate | None]) -> Gate | None:
    """Returns the gate outside which a node is 0, by those of its arguments."""
    op, args = graph.nodes[index].op, graph.nodes[index].args
    own = [zeros[arg] for arg in args]
    match op:
        case "const":
            return None if graph.value(index) else Gate(index, True)
        case "where":
            return _chosen(graph, args[0], own[1], own[2])
        case "min" | "max" if any(own):
            return _chosen(graph, graph.add("<=" if op == "min" else ">=", *args), *own)
        case "*":
            return _both(graph, *own)
        case "+" | "-" if all(own):
            return _chosen(graph, _truth(graph, own[0]), None, own[1])
        case "^" if (graph.value(args[1]) or 0) > 0:
            return own[0]
        case "/" | "neg" | "sin" | "tan" | "atan" | "tanh" | "sinh" | "abs" | "sqrt" | "log1p" | "sign" | "floor":
            return own[0]
    return None


def _chosen(graph: Graph, condition: int, yes: Gate | None, no: Gate | None) -> Gate | None:
    """Returns the gate that is `yes` where the condition holds and `no` elsewhere; None is always open."""
    if yes == no:
        return yes
    for gate, other, holds in ((yes, no, False), (no, yes, True)):
        if gate is not None and graph.value(gate.condition) == 0:
            return _both(graph, Gate(condition, holds), other)
    return Gate(graph.add("where", condition, _truth(graph, yes), _truth(graph, no)), True)


def _terms(graph: Graph, y: int, d: Adjoint, forward: Forward) -> list[Adjoint | None]:
    """Returns the contribution of node y, whose adjoint is d, to the adjoint of each argument."""
    add, const, node = graph.add, graph.const, graph.nodes[y]
    a = node.args[0]
    b = node.args[1] if len(node.args) > 1 else y

    def then(value: int) -> Adjoint:
        return Adjoint(value, d.gate, steep=d.steep or _is_steep(graph, y))

    def times(factor: int) -> Adjoint:
        return then(add("*", d.value, factor))

    def without(term: Adjoint, arg: int, factor: int) -> Adjoint:
        """Returns the term of an argument with a factor, and nothing where that is 0 and another may be infinite."""
        gate = forward.zeros[factor] if arg in forward.steep or d.steep else None
        return term if gate is None else _within(graph, term, gate)

    match node.op:
        case "+":
            return [d, d]
        case "-":
            return [d, d._replace(value=add("neg", d.value))]
        case "*":
            return [without(times(b), a, b), without(times(a), b, a)]
        case "/":
            below = then(add("neg", add("/", add("*", d.value, y), b)))
            return [then(add("/", d.value, b)), without(below, b, y)]
        case "^":
            slope = add("*", b, add("^", a, add("-", b, const(1))))
            return [times(slope), times(_slope_of_exponent(graph, a, y)) if b in forward.active else None]
        case "neg":
            return [d._replace(value=add("neg", d.value))]
        case "min" | "max":
            first = add("<=" if node.op == "min" else ">=", a, b)
            return [_within(graph, d, Gate(first, True)), _within(graph, d, Gate(first, False))]
        case "where":
            return [None, _within(graph, d, Gate(a, True)), _within(graph, d, Gate(a, False))]
        case "mean":
            return [then(add("/", d.value, add("count", a)))]
        case "sum":
            return [d]
        case "abs" if a in forward.steep or d.steep:
            return [_within(graph, times(add("sign", a)), Gate(add("!=", a, const(0)), True))]
        case op if op in COMPARISONS:
            return [None, None]
        case op:
            slope_of = _slope(graph, op, a, y)
            return [None if slope_of is None else times(slope_of)]


def _within(graph: Graph, d: Adjoint, gate: Gate) -> Adjoint:
    """Returns d where its own gate and another are open."""
    return d._replace(gate=_both(graph, gate, d.gate), settled=False)


def _both(graph: Graph, one: Gate | None, other: Gate | None) -> Gate | None:
    """Returns the gate that is open where two are; None is always open."""
    if one is None or other is None or one == other:
        return one or other
    inner, zero = _truth(graph, other), graph.const(0)
    return Gate(graph.add("where", one.condition, *((inner, zero) if one.holds else (zero, inner))), True)


def _truth(graph: Graph, gate: Gate | None) -> int:
    """Returns a node that is not 0 where the gate is open."""
    zero, one = graph.const(0), graph.const(1)
    if gate is None:
        return one
    return gate.condition if gate.holds else graph.add("where", gate.condition, zero, one)


def _settle(graph: Graph, d: Adjoint) -> int:
    """Returns the node that is d: 0 outside the gate."""
    if d.gate is None or d.settled:
        return d.value
    zero = graph.const(0)
    return graph.add("where", d.gate.condition, *((d.value, zero) if d.gate.holds else (zero, d.value)))


def _sum(graph: Graph, one: Adjoint, other: Adjoint) -> Adjoint:
    """Returns the sum of two adjoints; its gate is open where one of theirs is."""
    steep = one.steep or other.steep
    if one.gate == other.gate:
        return Adjoint(graph.add("+", one.value, other.value), one.gate, one.settled and other.settled, steep)
    gate = None
    if one.gate and other.gate and one.gate.condition != other.gate.condition:
        gate = _chosen(graph, _truth(graph, one.gate), None, other.gate)
    total = graph.add("+", _settle(graph, one), _settle(graph, other))
    return Adjoint(total, gate, settled=gate is not None, steep=steep)


def _total(graph: Graph, d: Adjoint, index: int) -> Adjoint:
    """Returns the sum over the data of the adjoint of node `index`; its gate is open where that of a row is."""
    if d.gate is not None and graph.nodes[d.gate.condition].data:
        rows = graph.add("where", _truth(graph, d.gate), graph.const(1), graph.const(0))
        gate = Gate(graph.add("!=", graph.add("sum", rows), graph.const(0)), True)
        return Adjoint(graph.add("sum", _settle(graph, d)), gate, settled=True, steep=d.steep)
    varies = graph.nodes[d.value].data
    return d._replace(value=graph.add("sum", d.value) if varies else graph.add("*", d.value, graph.add("count", index)))


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
