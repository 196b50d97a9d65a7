"""Writes a formula of the elementary functions as WebAssembly instructions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lrstudio.core.elementary.machine import Value

_KINDS = {"f64": {"real": "f64", "word": "i64", "condition": "i32"}}
_LIMITS = {"f64x2.lt": "f64x2.pmax", "f64x2.gt": "f64x2.pmin"}
"""What chooses the second of two numbers where the comparison holds, else the first, also with NaN."""
_NAMES = {"+": "add", "-": "sub", "*": "mul", "/": "div", "&": "and", "|": "or", "^": "xor", "<<": "shl", ">>": "shr_u"}
_COMPARED = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq"}


@dataclass(frozen=True, eq=False)
class Node:
    """A value of the function that is being written."""

    writer: Writer = field(repr=False)
    kind: str
    text: str
    args: tuple[Node, ...] = ()

    def __add__(self, other: Value) -> Node:
        return self.writer.binary("+", self, other)

    def __radd__(self, other: Value) -> Node:
        return self.writer.binary("+", other, self)

    def __sub__(self, other: Value) -> Node:
        return self.writer.binary("-", self, other)

    def __rsub__(self, other: Value) -> Node:
        return self.writer.binary("-", other, self)

    def __mul__(self, other: Value) -> Node:
        return self.writer.binary("*", self, other)

    def __rmul__(self, other: Value) -> Node:
        return self.writer.binary("*", other, self)

    def __truediv__(self, other: Value) -> Node:
        return self.writer.binary("/", self, other)

    def __rtruediv__(self, other: Value) -> Node:
        return self.writer.binary("/", other, self)

    def __and__(self, other: Value) -> Node:
        return self.writer.binary("&", self, other)

    def __or__(self, other: Value) -> Node:
        return self.writer.binary("|", self, other)

    def __xor__(self, other: Value) -> Node:
        return self.writer.binary("^", self, other)

    def __lshift__(self, other: Value) -> Node:
        return self.writer.binary("<<", self, other)

    def __rshift__(self, other: Value) -> Node:
        return self.writer.binary(">>", self, other)

    def __lt__(self, other: Value) -> Node:
        return self.writer.binary("<", self, other)

    def __le__(self, other: Value) -> Node:
        return self.writer.binary("<=", self, other)

    def __gt__(self, other: Value) -> Node:
        return self.writer.binary(">", self, other)

    def __ge__(self, other: Value) -> Node:
        return self.writer.binary(">=", self, other)

    def __neg__(self) -> Node:
        return self.writer.unary("real", f"{self.writer.lanes}.neg", self)

    def __invert__(self) -> Node:
        return self.writer.unary("condition", "i32.eqz" if self.writer.scalar else "v128.not", self)


class Writer:
    """A machine that writes down what it is asked to do, each operation once; lanes are f64 or f64x2."""

    def __init__(self, lanes: str) -> None:
        self.lanes = lanes
        self.scalar = lanes == "f64"
        self._words = "i64" if self.scalar else "i64x2"
        self._index: dict[tuple[str, str, tuple[int, ...]], Node] = {}

    def node(self, kind: str, text: str, *args: Node) -> Node:
        return self._index.setdefault((kind, text, tuple(map(id, args))), Node(self, kind, text, args))

    def unary(self, kind: str, text: str, x: Node) -> Node:
        return self.node(kind, text, x)

    def _lifted(self, value: Value, kind: str) -> Node:
        if isinstance(value, Node):
            return value
        text = float(value).hex() if kind == "real" else hex(value)
        if self.scalar:
            return self.node(kind, f"{'f64' if kind == 'real' else 'i64'}.const {text}")
        return self.node(kind, f"v128.const {'f64x2' if kind == 'real' else 'i64x2'} {text} {text}")

    def binary(self, sign: str, left: Value, right: Value) -> Node:
        kind = left.kind if isinstance(left, Node) else right.kind
        if sign in ("<<", ">>") and not self.scalar:
            return self.node(kind, f"i64x2.{_NAMES[sign]}", left, self.node("count", f"i32.const {right}"))
        left, right = self._lifted(left, kind), self._lifted(right, kind)
        if sign in _COMPARED:
            return self.node("condition", f"{self.lanes}.{_COMPARED[sign]}", left, right)
        if sign in "&|^":
            of = "v128" if not self.scalar else "i32" if kind == "condition" else "i64"
        else:
            of = self.lanes if kind == "real" else self._words
        return self.node(kind, f"{of}.{_NAMES[sign]}", left, right)

    def where(self, condition: Value, yes: Value, no: Value) -> Node:
        kind = next((value.kind for value in (yes, no) if isinstance(value, Node)), "real")
        yes, no = self._lifted(yes, kind), self._lifted(no, kind)
        if condition.text in _LIMITS and condition.args == (no, yes):
            return self.node(kind, _LIMITS[condition.text], no, yes)
        return self.node(kind, "select" if self.scalar else "v128.bitselect", yes, no, condition)

    def equal(self, x: Value, y: Value) -> Node:
        return self.binary("==", x, y)

    def odd(self, word: Value) -> Node:
        if self.scalar:
            return self.unary("condition", "i32.wrap_i64", word & 1)
        return self.node("condition", "i64x2.eq", word & 1, self._lifted(1, "word"))

    def abs(self, x: Value) -> Node:
        return self.unary("real", f"{self.lanes}.abs", x)

    def floor(self, x: Value) -> Node:
        return self.unary("real", f"{self.lanes}.floor", x)

    def bits(self, x: Value) -> Node:
        return self.unary("word", "i64.reinterpret_f64" if self.scalar else "", x)

    def real(self, word: Value) -> Node:
        return self.unary("real", "f64.reinterpret_i64" if self.scalar else "", word)

    def two_over_pi(self, index: Value) -> Node:
        return self.unary("word", "call $two_over_pi", index)


def _uses(results: Sequence[Node]) -> dict[Node, int]:
    """Returns how often each value under some results is needed."""
    uses: dict[Node, int] = {}
    stack = list(results)
    while stack:
        node = stack.pop()
        uses[node] = uses.get(node, 0) + 1
        if uses[node] == 1:
            stack.extend(node.args)
    return uses


def body(writer: Writer, results: Sequence[Node], parameters: int) -> tuple[str, str]:
    """Returns the locals and the instructions that compute results; a value that is needed twice gets a local."""
    uses, places, lines, types = _uses(results), dict[Node, int](), list[str](), list[str]()

    def write(node: Node) -> None:
        if node in places:
            lines.append(f"local.get {places[node]}")
            return
        for arg in node.args:
            write(arg)
        if node.text:
            lines.append(node.text)
        if uses[node] > 1 and node.args:
            places[node] = parameters + len(types)
            types.append(_KINDS["f64"][node.kind] if writer.scalar else "v128")
            lines.append(f"local.tee {places[node]}")

    for result in results:
        write(result)
    return f"(local {' '.join(types)})", " ".join(lines)
