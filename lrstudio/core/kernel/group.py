"""The numbers of a group of runs, which are in the lanes of vectors: their record in memory, and local variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from lrstudio.core.kernel.emitter import Function, get
from lrstudio.core.kernel.lanes import Lanes

VECTOR = 16
"""The bytes of a vector."""

Type = Literal["number", "whole", "double"]


class Column(NamedTuple):
    """Where the numbers of a group are in its record: in the type of the arithmetic, as integers of its width or f64.

    A double takes two vectors where the arithmetic is f32.
    """

    type: Type
    offset: int


class Layout:
    """The columns of a record by name, each with `runs` numbers, which fill `copies` vectors; `size` is its bytes."""

    def __init__(self, lanes: Lanes, copies: int, carried: Sequence[str], parameters: int) -> None:
        self.lanes, self.runs, every = lanes, copies * lanes.count, range(parameters)
        types: dict[str, Type] = dict.fromkeys(carried, "number")
        types |= dict.fromkeys(("last", "judged", "peak", "best", "largest", "square", "max_loss"), "number")
        types |= dict.fromkeys((f"move{p}" for p in every), "number")
        types |= dict.fromkeys(("dead", "ends", "hits", "turns", "reversals", "changed"), "whole")
        types |= dict.fromkeys((f"slope_sum{p}" for p in every), "double")
        types |= dict.fromkeys(("square_sum", "loss_sum", "loss_square_sum"), "double")
        self.columns: dict[str, Column] = {}
        self.size = 0
        for name, kind in types.items():
            self.columns[name] = Column(kind, self.size)
            self.size += VECTOR * copies * self.vectors(name)

    @property
    def whole(self) -> str:
        """The integers as wide as the numbers."""
        return "i64x2" if self.lanes.scalar == "f64" else "i32x4"

    def vectors(self, name: str) -> int:
        """Returns the number of vectors of a copy's part of a column."""
        return 8 // self.lanes.width if self.columns[name].type == "double" else 1


class Group:
    """The columns of the record at `$record` as local variables of a function; those of two vectors end in _0, _1."""

    def __init__(self, function: Function, layout: Layout) -> None:
        self._function, self._layout, self._lanes = function, layout, layout.lanes

    def load(self, name: str, copy: int) -> None:
        """Reads a copy's part of a column."""
        for place, variable in self._places(name, copy):
            self._function.set(variable, "v128", f"(v128.load offset={place} {get('record')})")

    def save(self, name: str, copy: int) -> None:
        """Writes a copy's part of a column."""
        for place, variable in self._places(name, copy):
            self._function.lines.append(f"(v128.store offset={place} {get('record')} {get(variable)})")

    def _places(self, name: str, copy: int) -> list[tuple[int, str]]:
        variables = self._variables(name)
        first = self._layout.columns[name].offset + VECTOR * copy * len(variables)
        return [(first + VECTOR * vector, variable) for vector, variable in enumerate(variables)]

    def _variables(self, name: str) -> list[str]:
        count = self._layout.vectors(name)
        return [name] if self._layout.columns[name].type != "double" else [f"{name}_{k}" for k in range(count)]

    def product(self, left: Sequence[str], right: Sequence[str]) -> str:
        """Returns the scalar product, its terms added one after the other."""
        first, *others = (self._lanes.op("mul", *pair) for pair in zip(left, right, strict=True))
        for term in others:
            first = self._lanes.op("add", first, term)
        return first

    def take_larger(self, name: str, value: str) -> None:
        """Takes the larger of two numbers; ignores NaN."""
        self._function.set(name, "v128", self._lanes.op("pmax", get(name), value))

    def take_smaller(self, name: str, value: str) -> None:
        """Takes the smaller of two numbers; ignores NaN."""
        self._function.set(name, "v128", self._lanes.op("pmin", get(name), value))

    def assign(self, name: str, value: str, where: str) -> None:
        """Takes a value in the lanes where a condition holds."""
        self._function.set(name, "v128", self._lanes.select(where, value, get(name)))

    def count(self, name: str, condition: str) -> None:
        """Adds 1 in the lanes where a condition holds."""
        self._function.set(name, "v128", f"({self._layout.whole}.sub {get(name)} {condition})")

    def add(self, name: str, value: str) -> None:
        """Adds numbers to a column of f64."""
        for variable, part in zip(self._variables(name), self._lanes.as_doubles(value), strict=True):
            self._function.set(variable, "v128", f"(f64x2.add {get(variable)} {part})")

    def add_square(self, name: str, value: str) -> None:
        """Adds the squares of numbers, computed in f64, to a column of f64."""
        for variable, part in zip(self._variables(name), self._lanes.as_doubles(value), strict=True):
            own = self._function.set(f"{variable}_own", "v128", part)
            self._function.set(variable, "v128", f"(f64x2.add {get(variable)} (f64x2.mul {own} {own}))")

    def is_finite(self, value: str) -> str:
        """Returns whether numbers are finite."""
        return self._lanes.op("eq", self._lanes.op("sub", value, value), self._lanes.const(0))

    def all(self, condition: str) -> str:
        """Returns whether a condition holds in all lanes, as an i32."""
        return f"({self._layout.whole}.all_true {condition})"
