"""Spells the operations of a graph as WebAssembly text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lrstudio.core.elementary import SIN_COS, definitions
from lrstudio.core.formula.graph import COMPARISONS, Graph
from lrstudio.core.kernel.lanes import Lanes

_OPERATORS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "neg": "neg",
    "abs": "abs",
    "sqrt": "sqrt",
    "floor": "floor",
}
_COMPARED = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_FUNCTIONS = {"^": "pow"}
_VARIABLE = re.compile(r"(?<=\(local\.(?:get|set|tee) \$)[^ )]+")


def get(name: str) -> str:
    """Returns the value of a local variable."""
    return f"(local.get ${name})"


@dataclass
class Function:
    """A function in the making: parameters and local variables by name with their types, and its lines.

    `elementary` collects the elementary functions that it calls, with their lanes.
    """

    name: str
    parameters: Mapping[str, str]
    results: Sequence[str] = ()
    exported: bool = False
    lines: list[str] = field(default_factory=list)
    locals: dict[str, str] = field(default_factory=dict)
    elementary: set[tuple[str, str]] = field(default_factory=set)

    def local(self, name: str, kind: str) -> str:
        """Declares a local variable and returns its name."""
        self.locals[name] = kind
        return name

    def set(self, name: str, kind: str, value: str) -> str:
        """Assigns to a local variable and returns its value."""
        self.local(name, kind)
        self.lines.append(f"(local.set ${name} {value})")
        return get(name)

    def loop(self, label: str, body: Iterable[str], again: str) -> None:
        """Repeats lines as long as the condition `again` holds after them."""
        self.lines += [f"(loop ${label}", *body, f"(br_if ${label} {again}))"]

    def copies(self, count: int, shared: Container[str] = ()) -> Iterator[int]:
        """Yields the number of each copy: the lines added meanwhile have vectors of their own, except shared ones."""
        for copy in range(count):
            first = len(self.lines)
            yield copy
            if copy:
                self.lines[first:] = [
                    _VARIABLE.sub(lambda name: self._of_copy(name[0], copy, shared), line)  # noqa: B023
                    for line in self.lines[first:]
                ]

    def _of_copy(self, name: str, copy: int, shared: Container[str]) -> str:
        if name in shared or self.locals.get(name) != "v128":
            return name
        return self.local(f"{name}.{copy}", "v128")

    @property
    def text(self) -> str:
        export = f' (export "{self.name}")' if self.exported else ""
        parameters = "".join(f" (param ${name} {kind})" for name, kind in self.parameters.items())
        results = f" (result {' '.join(self.results)})" if self.results else ""
        own = "".join(f" (local ${name} {kind})" for name, kind in self.locals.items() if name not in self.parameters)
        lines = "\n".join(self.lines)
        return f"(func ${self.name}{export}{parameters}{results}{own}\n{lines})"


def module(functions: Iterable[Function], pages: int = 1) -> str:
    """Returns the text of a module with these functions, the elementary ones that they call and a memory."""
    functions = list(functions)
    called = set().union(*(function.elementary for function in functions))
    texts = [definitions(called), *(function.text for function in functions)]
    return "\n".join([f'(module (memory (export "memory") {pages})', *texts, ")"])


def is_truth(graph: Graph, index: int) -> bool:
    """Returns whether a node is a condition: a comparison, or a `where` that has one as a branch."""
    node = graph.nodes[index]
    return node.op in COMPARISONS or (node.op == "where" and any(is_truth(graph, arg) for arg in node.args[1:]))


class Block:
    """Computes nodes of a graph in a function; `values` are the expressions of nodes that are known.

    Every computed node becomes a local variable, whose name begins with the prefix.
    """

    def __init__(self, function: Function, graph: Graph, lanes: Lanes, prefix: str, values: Mapping[int, str]) -> None:
        self._function, self._graph, self._lanes, self._prefix = function, graph, lanes, prefix
        self._values = dict(values)

    def __getitem__(self, index: int) -> str:
        """Returns the value of a node as an expression."""
        value = self._graph.value(index)
        return self._values[index] if value is None else self._lanes.const(value)

    def define(self, index: int, value: str) -> None:
        """Makes the value of a node known."""
        self._values[index] = value

    def compute(self, outputs: Sequence[int]) -> list[str]:
        """Computes nodes and what they depend on; returns their values."""
        needed = self._graph.needed(outputs, given=self._values)
        for index in needed:
            if self._graph.value(index) is None and index not in self._values:
                self._compute(index, needed)
        return [self[index] for index in outputs]

    def _compute(self, index: int, needed: Sequence[int]) -> None:
        """Computes a node; the sine and the cosine of a value together where both are needed."""
        nodes, lanes = self._graph.nodes, self._lanes
        pair = [
            other
            for op in ("sin", "cos")
            for other in needed
            if nodes[other].op == op and nodes[other].args == nodes[index].args
        ]
        if index in pair and len(pair) == 2 and lanes.scalar == "f64":
            self._function.elementary.add((SIN_COS, lanes.name))
            names = [self._function.local(f"{self._prefix}{other}", lanes.type) for other in pair]
            self._function.lines.append(f"(call ${SIN_COS}_{lanes.name} {self[nodes[index].args[0]]})")
            self._function.lines += [f"(local.set ${name})" for name in reversed(names)]
            self._values |= {other: get(name) for other, name in zip(pair, names, strict=True)}
            return
        text = self._spell(index)
        kind = lanes.truth if is_truth(self._graph, index) else lanes.type
        self._values[index] = self._function.set(f"{self._prefix}{index}", kind, text)

    def _spell(self, index: int) -> str:
        node, lanes = self._graph.nodes[index], self._lanes
        if node.op == "where":
            return self._where(index)
        args = [self[arg] for arg in node.args]
        if node.op in _OPERATORS:
            return lanes.op(_OPERATORS[node.op], *args)
        if node.op in COMPARISONS:
            return lanes.op(_COMPARED[node.op], *args)
        if node.op in ("min", "max"):
            first = lanes.op("le" if node.op == "min" else "ge", *args)
            return lanes.select(lanes.either(first, lanes.op("ne", args[0], args[0])), *args)
        if node.op == "sign":
            zero, one = lanes.const(0), lanes.const(1)
            down = lanes.select(lanes.op("lt", args[0], zero), lanes.const(-1), lanes.op("add", args[0], zero))
            return lanes.select(lanes.op("gt", args[0], zero), one, down)
        name = _FUNCTIONS.get(node.op, node.op)
        self._function.elementary.add((name, lanes.name))
        return f"(call ${name}_{lanes.name} {' '.join(args)})"

    def _where(self, index: int) -> str:
        condition, *branches = self._graph.nodes[index].args
        if is_truth(self._graph, index):
            yes, no = (self._condition(branch) for branch in branches)
        else:
            yes, no = (self[branch] for branch in branches)
        return self._lanes.select(self._condition(condition), yes, no)

    def _condition(self, index: int) -> str:
        value = self._graph.value(index)
        if value is not None:
            return self._lanes.truth_const(value != 0)
        if is_truth(self._graph, index):
            return self._values[index]
        return self._lanes.op("ne", self._values[index], self._lanes.const(0))
