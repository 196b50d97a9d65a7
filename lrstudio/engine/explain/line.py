"""A line of an explanation: a formula, the same with its numbers put in, and what comes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.evaluate import Value, evaluate
from lrstudio.core.formula.graph import CONSTANTS
from lrstudio.core.formula.parse import Assignment, Call, Expression, Name
from lrstudio.core.formula.typeset import DIGITS, Pieces, Shown, typeset, typeset_name, typeset_number

Section = Literal["loss", "rate", "update", "after"]
Role = Literal["plain", "gradient", "direction", "scale", "step"]
"""What is drawn of it: nothing, which way is down, where a vector points, how it is stretched, where the weights go."""

_MOST_DIGITS = 10


@dataclass(frozen=True)
class Numbers:
    """The numbers put in for one parameter, or for all where none is named; none where there is nothing to put in."""

    parameter: str
    pieces: Pieces
    value: float
    digits: int = DIGITS

    @property
    def result(self) -> Pieces:
        return typeset_number(Shown(self.value, self.digits))


@dataclass(frozen=True)
class Part:
    """One term of a sum, with its sign, and its values (P,)."""

    pieces: Pieces
    vector: Array


@dataclass(frozen=True)
class Line:
    """`name` = `formula` = numbers = value. `vector` has the values for all parameters that were recorded (P,).

    `parts` are the terms of which a direction is the sum, where there are several.
    """

    key: str
    section: Section
    name: Pieces
    formula: Pieces
    numbers: tuple[Numbers, ...]
    role: Role = "plain"
    vector: Array | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Place:
    """The parameters that are written out, as their places in the trace and their names; and in which precision."""

    shown: tuple[int, ...]
    names: tuple[str, ...]

    def label(self, place: int) -> str:
        """What a row of numbers is called; nothing where that goes without saying."""
        return "" if self.names == ("w",) else self.names[place]


class Writer:
    """Puts the values of names into formulas. `ahead` are names whose values no weight has a part in."""

    def __init__(self, place: Place, environment: Mapping[str, Value], ahead: Collection[str] = ()) -> None:
        self.place, self.environment, self.ahead = place, dict(environment), set(ahead)

    def numbers(self, tree: Expression, value: Value, digits: Sequence[int] = ()) -> tuple[Numbers, ...]:
        """The numbers of a tree, for each parameter where it is different for them; `digits` of each result."""
        if not isinstance(value, np.ndarray) or not value.ndim:
            return (self._row("", tree, self.environment, float(value), 0, digits),)
        found = []
        for row, at in enumerate(self.place.shown):
            here = {name: _at(known, at) for name, known in self.environment.items()}
            found.append(self._row(self.place.label(at), tree, here, float(value[at]), row, digits))
        return tuple(found)

    def know(self, line: Assignment, value: Value) -> None:
        """From here on this is what the name means."""
        ahead = line.expression.names() <= self.ahead | CONSTANTS.keys()
        (self.ahead.add if ahead else self.ahead.discard)(line.name)
        self.environment[line.name] = value

    def line(
        self,
        key: str,
        section: Section,
        line: Assignment,
        value: Value,
        role: Role = "plain",
        digits: Sequence[int] = (),
    ) -> Line:
        """A line of a rule, whose value is known."""
        vector = value if isinstance(value, np.ndarray) and value.ndim else None
        numbers = self.numbers(line.expression, value, digits)
        parts = self._parts(line.expression) if role == "direction" else ()
        return Line(key, section, typeset_name(line.name), typeset(line.expression), numbers, role, vector, parts)

    def _parts(self, tree: Expression) -> tuple[Part, ...]:
        """The terms of a sum of vectors."""
        found = []
        for positive, term in _terms(tree):
            value = evaluate(term, self.environment)
            if not isinstance(value, np.ndarray):
                return ()
            pieces = typeset(term, self._coefficient)
            found.append(Part(pieces, value if positive else -value))
        return tuple(found) if len(found) > 1 else ()

    def _row(
        self, label: str, tree: Expression, here: Mapping[str, Value], value: float, row: int, digits: Sequence[int]
    ) -> Numbers:
        count = digits[row] if row < len(digits) else DIGITS
        pieces = typeset(taken(tree, here), lambda part: self._put(part, here, count))
        result = typeset_number(Shown(value, count))
        same = [piece.text for piece in pieces] == [piece.text for piece in result]
        return Numbers(label, () if same else pieces, value, count)

    def _coefficient(self, tree: Expression) -> Shown | None:
        """The number of what no weight has a part in."""
        names = tree.names()
        return Shown(float(evaluate(tree, self.environment))) if names and names <= self.ahead else None

    def _put(self, tree: Expression, here: Mapping[str, Value], digits: int) -> Shown | None:
        if isinstance(tree, Name) and tree.name in here and np.ndim(here[tree.name]) == 0:
            return Shown(float(here[tree.name]), digits if tree.name == "w" else DIGITS)
        names = tree.names()
        if isinstance(tree, Call) and self.ahead and names and names <= self.ahead:
            return Shown(float(evaluate(tree, here)))
        return None


def _terms(tree: Expression, positive: bool = True) -> list[tuple[bool, Expression]]:
    """What a sum adds up, and whether it is added or taken away."""
    if isinstance(tree, Call) and tree.function in ("+", "-"):
        left, right = tree.args
        return [*_terms(left, positive), *_terms(right, positive == (tree.function == "+"))]
    return [(positive, tree)]


def taken(tree: Expression, here: Mapping[str, Value]) -> Expression:
    """The tree with each `where` replaced by the branch that is taken, as far as that is one."""
    if not isinstance(tree, Call):
        return tree
    if tree.function == "where" and tree.args[0].names() <= {*here, *CONSTANTS}:
        condition = evaluate(tree.args[0], here)
        if np.ndim(condition) == 0:
            return taken(tree.args[1] if condition else tree.args[2], here)
    return replace(tree, args=tuple(taken(arg, here) for arg in tree.args))


def name_of(name: str, parameter: str = "") -> Pieces:
    """A name, with the parameter as its index where one is given."""
    pieces = typeset_name(name)
    return (
        (*pieces, *(replace(piece, shift=-1) for piece in typeset_name(parameter, flat=True))) if parameter else pieces
    )


def apart(one: float, other: float) -> int:
    """So many digits that two numbers look different where they are."""
    for digits in range(DIGITS, _MOST_DIGITS):
        if f"{one:.{digits}g}" != f"{other:.{digits}g}":
            return digits
    return DIGITS if one == other else _MOST_DIGITS


def _at(value: Value, place: int) -> Value:
    return value[place] if np.ndim(value) else value  # type: ignore[index]
