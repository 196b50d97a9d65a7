"""Differentiates a tree symbolically, to show the formula; computation uses `derivative`."""

from __future__ import annotations

from functools import lru_cache

from lrstudio.core.formula.graph import COMPARISONS, CONSTANTS
from lrstudio.core.formula.parse import Call, Expression, Name, Number, parse_expression
from lrstudio.core.formula.simplify import number


def slope(tree: Expression, name: str) -> Expression:
    """Returns d tree / d name, without terms of 0 and factors of 1.

    At a kink it may differ from the conventions of `derivative.gradient`.
    """
    if name not in tree.names():
        return _number(0)
    match tree:
        case Name():
            return _number(1)
        case Call("+" | "-" as sign, (a, b)):
            return _sum(sign, slope(a, name), slope(b, name))
        case Call("neg", (a,)):
            return _negative(slope(a, name))
        case Call("*", (a, b)):
            return _sum("+", _product(a, slope(b, name)), _product(slope(a, name), b))
        case Call("/", (a, b)):
            if name not in b.names():
                return _quotient(slope(a, name), b)
            return _sum(
                "-", _quotient(slope(a, name), b), _quotient(_product(a, slope(b, name)), _power(b, _number(2)))
            )
        case Call("^", (a, b)):
            return _slope_of_power(tree, a, b, name)
        case Call("mean" | "sum", (a,)):
            return _over_data(tree.function, slope(a, name))
        case Call("where", (condition, a, b)):
            return Call("where", (condition, slope(a, name), slope(b, name)), 0)
        case Call("min" | "max", (a, b)):
            first = Call("<=" if tree.function == "min" else ">=", (a, b), 0)
            return Call("where", (first, slope(a, name), slope(b, name)), 0)
        case Call(_, (a, *_)):
            return _product(_outer(tree, a), slope(a, name))
    raise AssertionError(tree)


def size(tree: Expression) -> int:
    """Returns the number of numbers, names and operations of a tree."""
    return 1 + sum(map(size, tree.args)) if isinstance(tree, Call) else 1


@lru_cache(256)
def operations(text: str) -> int:
    """Returns the size of a formula's tree."""
    return size(parse_expression(text))


def _slope_of_power(tree: Call, base: Expression, exponent: Expression, name: str) -> Expression:
    if name not in exponent.names():
        value = number(exponent, CONSTANTS)
        less = _sum("-", exponent, _number(1)) if value is None else _number(value - 1)
        return _product(_product(exponent, _power(base, less)), slope(base, name))
    growth = _product(Call("log", (base,), 0), slope(exponent, name))
    if name in base.names():
        growth = _sum("+", growth, _quotient(_product(exponent, slope(base, name)), base))
    return _product(tree, growth)


def _outer(tree: Call, x: Expression) -> Expression:
    """Returns the derivative of a function of one argument."""
    one, two = _number(1), _number(2)
    match tree.function:
        case "sin":
            return Call("cos", (x,), 0)
        case "cos":
            return _negative(Call("sin", (x,), 0))
        case "tan":
            return _sum("+", one, _power(tree, two))
        case "atan":
            return _quotient(one, _sum("+", one, _power(x, two)))
        case "exp":
            return tree
        case "log":
            return _quotient(one, x)
        case "log1p":
            return _quotient(one, _sum("+", one, x))
        case "sqrt":
            return _quotient(one, _product(two, tree))
        case "abs":
            return Call("sign", (x,), 0)
        case "tanh":
            return _sum("-", one, _power(tree, two))
        case "sinh" | "cosh":
            return Call("cosh" if tree.function == "sinh" else "sinh", (x,), 0)
        case "softplus":
            return Call("sigmoid", (x,), 0)
        case "sigmoid":
            return _product(tree, _sum("-", one, tree))
        case "relu":
            return Call(">", (x, _number(0)), 0)
        case function if function in ("sign", "floor") or function in COMPARISONS:
            return _number(0)
    raise AssertionError(tree.function)


def _over_data(function: str, inner: Expression) -> Expression:
    """Returns the mean or sum of a tree, with constant factors in front."""
    factor, rest = _factor(inner)
    if rest is None:
        return inner if function == "mean" or not factor else Call(function, (inner,), 0)
    return _product(_number(factor), Call(function, (rest,), 0))


def _factor(tree: Expression) -> tuple[float, Expression | None]:
    """Splits a product into its constant factor (1 if there is none) and the rest."""
    match tree:
        case Number(value):
            return value, None
        case Call("neg", (inner,)):
            factor, rest = _factor(inner)
            return -factor, rest
        case Call("*", (left, right)):
            factor, rest = _factor(left)
            return factor, right if rest is None else Call("*", (rest, right), 0)
    return 1.0, tree


def _sum(sign: str, a: Expression, b: Expression) -> Expression:
    match sign, a, b:
        case _, Number(x), Number(y):
            return _number(x + y if sign == "+" else x - y)
        case _, _, Number(0.0):
            return a
        case "+", Number(0.0), _:
            return b
        case "-", Number(0.0), _:
            return _negative(b)
        case "+", Number(x), _ if x < 0 < _factor(b)[0]:
            return Call("-", (b, _number(-x)), 0)
    if _factor(b)[0] < 0:
        return Call("-" if sign == "+" else "+", (a, _negative(b)), 0)
    if sign == "+" and _factor(a)[0] < 0:
        return Call("-", (b, _negative(a)), 0)
    return Call(sign, (a, b), 0)


def _product(a: Expression, b: Expression) -> Expression:
    """Returns a*b with the numbers in front."""
    match a, b:
        case (Number(0.0), _) | (_, Number(1.0)):
            return a
        case (_, Number(0.0)) | (Number(1.0), _):
            return b
        case Number(x), Number(y):
            return _number(x * y)
        case Call("neg", (inner,)), _:
            return _negative(_product(inner, b))
        case _, Call("neg", (inner,)):
            return _negative(_product(a, inner))
        case Number(x), Call("*", (Number(y), rest)):
            return _product(_number(x * y), rest)
        case _, Number():
            return _product(b, a)
        case Call("*", (Number() as factor, rest)), _:
            return _product(factor, _product(rest, b))
        case _, Call("*", (Number() as factor, rest)):
            return _product(factor, _product(a, rest))
        case _, Call("*", (left, right)):
            return Call("*", (_product(a, left), right), 0)
    return Call("*", (a, b), 0)


def _quotient(a: Expression, b: Expression) -> Expression:
    match a, b:
        case (Number(0.0), _) | (_, Number(1.0)):
            return a
        case Call("neg", (inner,)), _:
            return _negative(_quotient(inner, b))
        case Number(x), Number(y) if y and (x / y) * y == x and len(f"{x / y:.9g}") <= 5:
            return _number(x / y)
        case Call("*", (Number(x), rest)), Number(y) if y and len(f"{x / y:.9g}") <= 5:
            return _product(_number(x / y), rest)
    return Call("/", (a, b), 0)


def _power(base: Expression, exponent: Expression) -> Expression:
    if isinstance(exponent, Number) and exponent.value in (0.0, 1.0):
        return base if exponent.value else _number(1)
    return Call("^", (base, exponent), 0)


def _negative(a: Expression) -> Expression:
    factor, rest = _factor(a)
    if rest is None:
        return _number(-factor)
    if isinstance(a, Call) and a.function == "-":
        return _sum("-", a.args[1], a.args[0])
    return Call("neg", (rest,), 0) if factor == 1 else _product(_number(-factor), rest)


def _number(value: float) -> Number:
    return Number(float(value), 0)
