"""Determines which values of a rule change sign with the gradient (odd: directions) and which do not (even)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from lrstudio.core.formula.graph import COMPARISONS
from lrstudio.core.formula.parse import Assignment, Call, Expression, Name, Number

Parity = Literal["nothing", "odd", "even", "neither"]
"""How a value changes when gradient, parameters and state change sign: odd changes sign, even does not."""

_MEANS = ("mean", "sum", "tensor_mean", "row_mean", "column_mean")
_ODD = ("neg", "orthogonal", "sin", "tan", "atan", "sign", "tanh", "sinh", *_MEANS)
_EVEN = ("abs", "cos", "cosh", "norm", "rows", "columns", "matrix", "hidden", "lr_factor")


def parities(rule: Sequence[Assignment], states: Collection[str]) -> list[Parity]:
    """Returns the parity of each line's result, at any step of a run whose state starts at 0."""
    state: dict[str, Parity] = dict.fromkeys(states, "nothing")
    while True:
        parity_of: dict[str, Parity] = {"w": "odd", "g": "odd", "newton": "odd", **state}
        results = []
        for line in rule:
            parity_of[line.name] = parity(line.expression, parity_of)
            results.append(parity_of[line.name])
        after = {name: _of_sum(state[name], parity_of[name]) for name in state}
        if after == state:
            return results
        state = after


def parity(tree: Expression, parity_of: dict[str, Parity]) -> Parity:
    """Returns the parity of a tree; names without an entry in `parity_of` are even, like the rate."""
    match tree:
        case Number(value):
            return "even" if value else "nothing"
        case Name(name):
            return parity_of.get(name, "even")
        case Call("where", (condition, a, b)):
            is_even = parity(condition, parity_of) in ("even", "nothing")
            return _of_sum(parity(a, parity_of), parity(b, parity_of)) if is_even else "neither"
        case Call(function, args):
            return _of_call(function, args, [parity(arg, parity_of) for arg in args])


def _of_call(function: str, args: tuple[Expression, ...], parts: list[Parity]) -> Parity:
    first, last = parts[0], parts[-1]
    if function in ("+", "-", "min", "max"):
        return _of_sum(first, last) if function in "+-" or "odd" not in parts else "neither"
    if function in ("*", "/"):
        if "neither" in parts:
            return "neither"
        if "nothing" in parts:
            return "nothing"
        return "even" if first == last else "odd"
    if function == "^" and first == "odd" and isinstance(args[1], Number) and args[1].value.is_integer():
        return "even" if args[1].value % 2 == 0 else "odd"
    if function in _ODD:
        return first
    if function in _EVEN and first == "odd":
        return "even"
    if function == "^" and first == "nothing":
        return "nothing"
    if function in COMPARISONS and "nothing" in parts:
        return "even" if "odd" not in parts and "neither" not in parts else "neither"
    return "even" if all(part in ("even", "nothing") for part in parts) else "neither"


def _of_sum(one: Parity, other: Parity) -> Parity:
    if one == "nothing" or one == other:
        return other
    return one if other == "nothing" else "neither"
