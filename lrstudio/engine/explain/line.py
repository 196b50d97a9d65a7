"""The lines of an explanation: a formula, the formula with its numbers, and the result."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.evaluate import NONE, Functions, Value, evaluate
from lrstudio.core.formula.graph import CONSTANTS
from lrstudio.core.formula.parse import Assignment, Call, Expression, Name
from lrstudio.core.formula.typeset import DIGITS, Pieces, Shown, typeset, typeset_name, typeset_number
from lrstudio.core.record import dataclass

Section = Literal["loss", "rate", "update", "after"]
Role = Literal["plain", "gradient", "direction", "scale", "step"]
"""What is drawn: nothing, the descent direction, a vector, the scaling of a vector, or the step of the weights."""

_MOST_DIGITS = 10


@dataclass(frozen=True)
class Numbers:
    """A formula with the numbers of one parameter (of all where none is named) and its value; may have no pieces."""

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

    `parts` are the terms of a direction that is a sum.
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
class ShownParameters:
    """The parameters that are written out, as indices among the recorded parameters, and the names of all of these."""

    indices: tuple[int, ...]
    names: tuple[str, ...]

    def label(self, index: int) -> str:
        """Returns the label of a row of numbers; empty for a problem whose only parameter is w."""
        return "" if self.names == ("w",) else self.names[index]


class Writer:
    """Substitutes values into formulas. The values of the names in `fixed` depend on no weight.

    `joined` are the functions of all weights that a rule has. Where the values are of more weights than were recorded,
    `places` are the indices of the recorded ones.
    """

    def __init__(
        self,
        shown: ShownParameters,
        environment: Mapping[str, Value],
        fixed: Collection[str] = (),
        joined: Functions = NONE,
        places: Array | None = None,
    ) -> None:
        self.shown, self.environment, self.fixed = shown, dict(environment), set(fixed)
        self._joined, self._places = joined, places

    def value(self, tree: Expression) -> Value:
        """Returns the value of a tree, of all weights."""
        return evaluate(tree, self.environment, self._joined)

    def recorded(self, values: Value) -> Array:
        """Returns the values (P,) of the recorded weights."""
        values = np.asarray(values)
        return values if self._places is None else values[self._places]

    def numbers(self, tree: Expression, value: Value, digits: Sequence[int] = ()) -> tuple[Numbers, ...]:
        """Returns the numbers of a tree, for each parameter where they differ, with the `digits` of each result."""
        tree = self._named(tree)
        if not isinstance(value, np.ndarray) or not value.ndim:
            return (self._row("", tree, self.environment, float(value), 0, digits),)
        rows, value = [], self.recorded(value)
        environment = {name: self.recorded(v) if np.ndim(v) else v for name, v in self.environment.items()}
        for row, at in enumerate(self.shown.indices):
            own: dict[str, Value] = {name: v[at] if np.ndim(v) else v for name, v in environment.items()}  # type: ignore[index]
            rows.append(self._row(self.shown.label(at), tree, own, float(value[at]), row, digits))
        return tuple(rows)

    def _named(self, tree: Expression) -> Expression:
        """Returns a tree with a name, whose value is known, in place of each function of all weights."""
        if not isinstance(tree, Call):
            return tree
        if tree.function in self._joined or tree.function == "norm":
            name = f"{tree.function} {tree.column} {id(tree)}"
            self.environment[name] = self.value(tree)
            return Name(name, tree.column)
        return replace(tree, args=tuple(map(self._named, tree.args)))

    def assign(self, line: Assignment, value: Value) -> None:
        """Binds a name to its value for the lines that follow."""
        fixed = line.expression.names() <= self.fixed | CONSTANTS.keys()
        (self.fixed.add if fixed else self.fixed.discard)(line.name)
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
        """Returns the line of an assignment with its value."""
        vector = self.recorded(value) if isinstance(value, np.ndarray) and value.ndim else None
        numbers = self.numbers(line.expression, value, digits)
        parts = self._parts(line.expression) if role == "direction" else ()
        return Line(key, section, typeset_name(line.name), typeset(line.expression), numbers, role, vector, parts)

    def _parts(self, tree: Expression) -> tuple[Part, ...]:
        """Returns the terms of a sum of vectors."""
        parts = []
        for positive, term in _terms(tree):
            value = self.value(term)
            if not isinstance(value, np.ndarray):
                return ()
            pieces, own = typeset(term, self._coefficient), self.recorded(value)
            parts.append(Part(pieces, own if positive else -own))
        return tuple(parts) if len(parts) > 1 else ()

    def _row(
        self, label: str, tree: Expression, own: Mapping[str, Value], value: float, row: int, digits: Sequence[int]
    ) -> Numbers:
        count = digits[row] if row < len(digits) else DIGITS
        pieces = typeset(chosen_branches(tree, own), lambda part: self._substitute(part, own, count))
        result = typeset_number(Shown(value, count))
        same = [piece.text for piece in pieces] == [piece.text for piece in result]
        return Numbers(label, () if same else pieces, value, count)

    def _coefficient(self, tree: Expression) -> Shown | None:
        """Returns the number of a term that depends on no weight."""
        names = tree.names()
        return Shown(float(evaluate(tree, self.environment))) if names and names <= self.fixed else None

    def _substitute(self, tree: Expression, own: Mapping[str, Value], digits: int) -> Shown | None:
        if isinstance(tree, Name) and tree.name in own and np.ndim(own[tree.name]) == 0:
            return Shown(float(own[tree.name]), digits if tree.name == "w" else DIGITS)
        names = tree.names()
        if isinstance(tree, Call) and self.fixed and names and names <= self.fixed:
            return Shown(float(evaluate(tree, own)))
        return None


def _terms(tree: Expression, positive: bool = True) -> list[tuple[bool, Expression]]:
    """Returns the terms of a sum and whether each is added."""
    if isinstance(tree, Call) and tree.function in ("+", "-"):
        left, right = tree.args
        return [*_terms(left, positive), *_terms(right, positive == (tree.function == "+"))]
    return [(positive, tree)]


def chosen_branches(tree: Expression, own: Mapping[str, Value]) -> Expression:
    """Returns the tree with each `where` of a scalar condition replaced by its branch."""
    if not isinstance(tree, Call):
        return tree
    if tree.function == "where" and tree.args[0].names() <= {*own, *CONSTANTS}:
        condition = evaluate(tree.args[0], own)
        if np.ndim(condition) == 0:
            return chosen_branches(tree.args[1] if condition else tree.args[2], own)
    return replace(tree, args=tuple(chosen_branches(arg, own) for arg in tree.args))


def name_of(name: str, parameter: str = "") -> Pieces:
    """Returns a name with the parameter, if any, as its index."""
    index = typeset_name(parameter, flat=True) if parameter else ()
    return (*typeset_name(name), *(replace(piece, shift=-1) for piece in index))


def distinguishing_digits(one: float, other: float) -> int:
    """Returns the number of digits by which two different numbers are told apart."""
    for digits in range(DIGITS, _MOST_DIGITS):
        if f"{one:.{digits}g}" != f"{other:.{digits}g}":
            return digits
    return DIGITS if one == other else _MOST_DIGITS
