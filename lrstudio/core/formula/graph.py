"""A formula as a flat list of operations without duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from lrstudio.core import elementary
from lrstudio.core.formula.parse import JOINED, NORM, Call, Expression, Name, Number
from lrstudio.core.formula.tensors import Tensors, factors_of, number_of
from lrstudio.core.formula.tokens import FormulaError
from lrstudio.core.language import tr

OVER_DATA = ("mean", "sum", "count", "total", "norm")
"""Operations whose result has no data axis; the last two are over all parameters."""
CONSTANTS = {"pi": np.pi, "e": np.e}


def _least(x: Any, y: Any) -> Any:
    """x where x ≤ y or x is NaN, else y: the first of 0 and -0, whatever the processor takes."""
    x, y = np.asarray(x, np.result_type(x, y)), np.asarray(y, np.result_type(x, y))
    return np.where((x <= y) | np.isnan(x), x, y)[()]


def _most(x: Any, y: Any) -> Any:
    """x where x ≥ y or x is NaN, else y."""
    x, y = np.asarray(x, np.result_type(x, y)), np.asarray(y, np.result_type(x, y))
    return np.where((x >= y) | np.isnan(x), x, y)[()]


COMPARISONS: dict[str, Callable[..., Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": elementary.power,
    "neg": np.negative,
    "sin": elementary.sin,
    "cos": elementary.cos,
    "tan": elementary.tan,
    "atan": elementary.atan,
    "exp": elementary.exp,
    "log": elementary.log,
    "log1p": elementary.log1p,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "tanh": elementary.tanh,
    "sinh": elementary.sinh,
    "cosh": elementary.cosh,
    "sigmoid": elementary.sigmoid,
    "softplus": elementary.softplus,
    "floor": np.floor,
    "min": _least,
    "max": _most,
    "where": np.where,
    **COMPARISONS,
}


@lru_cache(maxsize=1024)
def _folded(op: str, values: bytes) -> float:
    """Returns an operation on float64 constants, told apart by their bits: 0 and -0 are two."""
    with np.errstate(all="ignore"):
        return float(ELEMENTWISE[op](*np.frombuffer(values)))


@dataclass(frozen=True, slots=True)
class Node:
    """One operation; `args` are indices of nodes.

    `data` is true where its value has the data axis, in the rule of an optimizer that of the parameters.
    """

    op: str
    args: tuple[int, ...] = ()
    value: float = 0.0
    name: str = ""
    data: bool = False


class Graph:
    """A growing list of operations. Merges equal operations and folds constants.

    Every simplification is exact for finite numbers, so a hyper-parameter folded into a constant gives the same bits
    as one that stays an array. In the rule of an optimizer the `tensors` are those of the parameters.
    """

    def __init__(self, tensors: Tensors = ()) -> None:
        self.nodes: list[Node] = []
        self._tensors = tensors
        self._index: dict[Node, int] = {}

    @property
    def factors(self) -> list[float]:
        """The factor of each parameter's rate."""
        return factors_of(self._tensors)

    def const(self, value: float) -> int:
        return self._append(Node("const", value=float(value)))

    def input(self, name: str, *, data: bool = False) -> int:
        return self._append(Node("input", name=name, data=data))

    def value(self, index: int) -> float | None:
        """Returns the value of a constant node, None for any other."""
        node = self.nodes[index]
        return node.value if node.op == "const" else None

    def add(self, op: str, *args: int) -> int:
        """Returns the index of `op(args)` after simplification; adds a node only if there is no equal one."""
        data = op not in OVER_DATA and any(self.nodes[arg].data for arg in args)
        values = [self.value(arg) for arg in args]
        if op in ELEMENTWISE and None not in values:
            return self.const(_folded(op, np.array(values, float).tobytes()))
        simpler = self._simpler(op, args, values)
        return self._append(Node(op, args, data=data)) if simpler is None else simpler

    def lower(self, tree: Expression, environment: Mapping[str, int]) -> int:
        """Returns the index of an expression; `environment` maps names to indices. Raises FormulaError."""
        match tree:
            case Number(value):
                return self.const(value)
            case Name(name, column):
                if name in environment:
                    return environment[name]
                if name in CONSTANTS:
                    return self.const(CONSTANTS[name])
                names = ", ".join([*environment, *CONSTANTS])
                raise FormulaError(tr("unknown name {name!r}; known here are {names}", name=name, names=names), column)
            case Call("norm", (Name(name),)) if f"{NORM}({name})" in environment:
                return environment[f"{NORM}({name})"]
            case Call("where", (condition, yes, no)):
                branches = self.lower(yes, environment), self.lower(no, environment)
                return self.add("where", self._condition(condition, environment), *branches)
            case Call("^", (base, Number(exponent))) if exponent in (0, 1, 2, 3, 4):
                return self._power(self.lower(base, environment), int(exponent))
            case Call(function, args, column):
                return self._call(function, [self.lower(arg, environment) for arg in args], column)

    def _call(self, function: str, args: list[int], column: int) -> int:
        if function in COMPARISONS:
            return self.add("where", self.add(function, *args), self.const(1), self.const(0))
        if function == "relu":
            zero = self.const(0)
            return self.add("where", self.add(">", args[0], zero), args[0], zero)
        if function in JOINED or (self._tensors and function in ("mean", "sum")):
            return self._joined(function, args, column)
        if function in ("mean", "sum") and not self.nodes[args[0]].data:
            message = tr("{function} is over the data; there is no data column in it", function=function)
            raise FormulaError(message, column)
        return self.add(function, *args)

    def _joined(self, function: str, args: list[int], column: int) -> int:
        """Adds a function of all parameters or of each tensor."""
        if not self._tensors:
            message = tr("{function} is over the parameters: only the rule of an optimizer has it", function=function)
            raise FormulaError(message, column)
        if not self.nodes[args[0]].data:
            message = tr(
                "{function} is over the parameters; in it is one number for all of them, not w, g or a state",
                function=function,
            )
            raise FormulaError(message, column)
        if any(self.nodes[arg].data for arg in args[1:]):
            message = tr("{function} takes one value of each parameter, then numbers", function=function)
            raise FormulaError(message, column)
        if function == "lr_factor":
            one, *others = set(self.factors)
            return self.add(function, args[0]) if others else self.const(one)
        size = self.const(number_of(self._tensors))
        if function in ("sum", "mean"):
            total = self.add("total", args[0])
            return total if function == "sum" else self.add("/", total, size)
        if function == NORM or any(tensor.matrix for tensor in self._tensors):
            return self.add(function, *args)
        match function:  # one vector
            case "tensor_mean" | "column_mean":
                return self.add("/", self.add("total", args[0]), size)
            case "rows" | "columns":
                return size if function == "rows" else self.const(1)
            case "matrix" | "hidden":
                return self.const(0)
        return args[0]

    def _condition(self, tree: Expression, environment: Mapping[str, int]) -> int:
        """Returns the condition of a `where`: a comparison itself, for any other value x the comparison x != 0."""
        if isinstance(tree, Call) and tree.function in COMPARISONS:
            left, right = tree.args
            return self.add(tree.function, self.lower(left, environment), self.lower(right, environment))
        return self.add("!=", self.lower(tree, environment), self.const(0))

    def _power(self, base: int, exponent: int) -> int:
        if exponent == 0:
            return self.const(1)
        square = self.add("*", base, base)
        return {1: base, 2: square, 3: self.add("*", square, base), 4: self.add("*", square, square)}[exponent]

    def _simpler(self, op: str, args: tuple[int, ...], values: list[float | None]) -> int | None:
        match op, values:
            case ("+", [0.0, _]) | ("*", [1.0, _]):
                return args[1]
            case ("+" | "-", [_, 0.0]) | ("*" | "/", [_, 1.0]) | ("^", [_, 1.0]):
                return args[0]
            case ("*", [0.0, _] | [_, 0.0]):
                return self.const(0)
            case ("-", [0.0, _]):
                return self.add("neg", args[1])
            case ("where", [float(condition), _, _]):
                return args[1] if condition else args[2]
            case ("where", _) if args[1] == args[2]:
                return args[1]
        return None

    def _append(self, node: Node) -> int:
        if node not in self._index:
            self._index[node] = len(self.nodes)
            self.nodes.append(node)
        return self._index[node]

    def needed(self, outputs: Sequence[int], given: Iterable[int] = ()) -> list[int]:
        """Returns the indices of the outputs and what they depend on, in order of evaluation, without those `given`."""
        seen = set(given)
        stack, indices = list(outputs), []
        while stack:
            index = stack.pop()
            if index not in seen:
                seen.add(index)
                indices.append(index)
                stack.extend(self.nodes[index].args)
        return sorted(indices)
