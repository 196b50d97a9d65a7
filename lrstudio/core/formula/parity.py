"""Which names of a rule turn round with the gradient, and which do not: directions and sizes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from lrstudio.core.formula.graph import COMPARISONS
from lrstudio.core.formula.parse import Assignment, Call, Expression, Name, Number

Parity = Literal["nothing", "odd", "even", "neither"]
"""How a value answers to the opposite sign of gradient, weights and directions before: as -1 does or as 1."""

_SAME = ("neg", "mean", "sum", "sin", "tan", "atan", "sign", "tanh", "sinh")
_MIRRORED = ("abs", "cos", "cosh")


def parities(rule: Sequence[Assignment], states: Collection[str]) -> list[Parity]:
    """The parity of what each line assigns, in whatever step of a run whose states begin at 0."""
    remembered: dict[str, Parity] = dict.fromkeys(states, "nothing")
    while True:
        known: dict[str, Parity] = {"w": "odd", "g": "odd", "newton": "odd", **remembered}
        found = []
        for line in rule:
            known[line.name] = parity(line.expression, known)
            found.append(known[line.name])
        after = {name: _together(remembered[name], known[name]) for name in remembered}
        if after == remembered:
            return found
        remembered = after


def parity(tree: Expression, known: dict[str, Parity]) -> Parity:
    """The parity of a tree; names that are not known are even, as the rate is."""
    match tree:
        case Number(value):
            return "even" if value else "nothing"
        case Name(name):
            return known.get(name, "even")
        case Call("where", (condition, a, b)):
            asked = parity(condition, known)
            return _together(parity(a, known), parity(b, known)) if asked in ("even", "nothing") else "neither"
        case Call(function, args):
            return _of_call(function, args, [parity(arg, known) for arg in args])


def _of_call(function: str, args: tuple[Expression, ...], found: list[Parity]) -> Parity:
    first, last = found[0], found[-1]
    if function in ("+", "-", "min", "max"):
        return _together(first, last) if function in "+-" or "odd" not in found else "neither"
    if function in ("*", "/"):
        if "neither" in found:
            return "neither"
        if "nothing" in found:
            return "nothing"
        return "even" if first == last else "odd"
    if function == "^" and first == "odd" and isinstance(args[1], Number) and args[1].value.is_integer():
        return "even" if args[1].value % 2 == 0 else "odd"
    if function in _SAME:
        return first
    if function in _MIRRORED and first == "odd":
        return "even"
    if function == "^" and first == "nothing":
        return "nothing"
    if function in COMPARISONS and "nothing" in found:
        return "even" if "odd" not in found and "neither" not in found else "neither"
    return "even" if all(part in ("even", "nothing") for part in found) else "neither"


def _together(one: Parity, other: Parity) -> Parity:
    if one == "nothing" or one == other:
        return other
    return one if other == "nothing" else "neither"
