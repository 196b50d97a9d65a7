"""Spells the functions as WebAssembly text, for scalars and for SIMD lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lrstudio.core.elementary.functions import FUNCTIONS
from lrstudio.core.elementary.machine import TWO_OVER_PI, Value
from lrstudio.core.elementary.trigonometric import LIMIT

_TYPES = {"f64": "f64", "f64x2": "v128", "f32": "f32", "f32x4": "v128"}
_KINDS = {"f64": {"real": "f64", "word": "i64", "condition": "i32"}}
_LIMITS = {"f64x2.lt": "f64x2.pmax", "f64x2.gt": "f64x2.pmin"}
"""What chooses the second of two numbers where the comparison holds, else the first, also with NaN."""
_WIDER = {"f32": "f64.promote_f32", "f32x4": "f64x2.promote_low_f32x4"}
_UPPER = "i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15"
_JOINED = "i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23"
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


def _uses(result: Node) -> dict[Node, int]:
    """Returns how often each value under a result is needed."""
    uses: dict[Node, int] = {}
    stack = [result]
    while stack:
        node = stack.pop()
        uses[node] = uses.get(node, 0) + 1
        if uses[node] == 1:
            stack.extend(node.args)
    return uses


def _body(writer: Writer, result: Node, parameters: int) -> str:
    """Returns the locals and the instructions that compute a result; a value that is needed twice gets a local."""
    uses, places, lines, types = _uses(result), dict[Node, int](), list[str](), list[str]()

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

    write(result)
    return " ".join([f"(local {' '.join(types)})", *lines])


def _head(name: str, lanes: str, arity: int) -> str:
    return f"(func ${name}_{lanes}" + f" (param {_TYPES[lanes]})" * arity + f" (result {_TYPES[lanes]})"


def _written(name: str, lanes: str, formula: Callable[..., Any], arity: int, before: str = "") -> str:
    writer = Writer(lanes)
    result = formula(writer, *(writer.node("real", f"local.get {i}") for i in range(arity)))
    return _function(name, lanes, writer, result, arity, before)


def _function(name: str, lanes: str, writer: Writer, result: Node, arity: int, before: str = "") -> str:
    declared, _, code = _body(writer, result, arity).partition(") ")
    return f"{_head(name, lanes, arity)} {declared}) {before} {code})"


def _single(name: str, lanes: str) -> str:
    """Returns the function of float32, which computes in float64 and rounds once."""
    function = FUNCTIONS[name]
    double, rounded = ("f64", "f32.demote_f64") if lanes == "f32" else ("f64x2", "f32x4.demote_f64x2_zero")
    writer = Writer(double)

    def half(numbers: list[Node]) -> Node:
        wide = [writer.unary("real", _WIDER[lanes], number) for number in numbers]
        if function.huge is not None:
            return writer.unary("real", rounded, writer.node("real", f"call ${name}_{double}", *wide))
        return writer.unary("real", rounded, (function.single or function.formula)(writer, *wide))

    numbers = [writer.node("real", f"local.get {i}") for i in range(function.arity)]
    result = half(numbers)
    if lanes == "f32x4":
        result = writer.node("real", _JOINED, result, half([writer.node("real", _UPPER, x, x) for x in numbers]))
    return _function(name, lanes, writer, result, function.arity)


def _each_lane(name: str, arity: int) -> str:
    """Returns instructions that apply the scalar function to both lanes."""
    calls = [
        " ".join(f"local.get {i} f64x2.extract_lane {lane}" for i in range(arity)) + f" call ${name}_f64"
        for lane in (0, 1)
    ]
    return f"{calls[0]} f64x2.splat {calls[1]} f64x2.replace_lane 1"


@cache
def _double(name: str, lanes: str) -> str:
    function = FUNCTIONS[name]
    if function.huge is None:
        return _written(name, lanes, function.formula, function.arity)
    size = f"local.get 0 {lanes}.abs"
    if lanes == "f64":
        branch = f"{size} f64.const {LIMIT.hex()} f64.ge if local.get 0 call ${name}_huge_f64 return end"
    else:
        limit = f"v128.const f64x2 {LIMIT.hex()} {LIMIT.hex()}"
        branch = f"{size} {limit} f64x2.ge v128.any_true if {_each_lane(name, function.arity)} return end"
    return _written(name, lanes, function.formula, function.arity, branch)


def _table() -> str:
    """Returns the function that gives a word of 2/π."""
    targets = " ".join(map(str, range(len(TWO_OVER_PI) - 1, -1, -1)))
    blocks = "block " * len(TWO_OVER_PI)
    cases = " ".join(f"end i64.const {hex(word)} return" for word in reversed(TWO_OVER_PI))
    choice = f"{blocks} local.get 0 i32.wrap_i64 br_table {targets}"
    return f"(func $two_over_pi (param i64) (result i64) {choice} {cases} unreachable)"


_NEEDS = {"f32": "f64", "f32x4": "f64x2"}


def definitions(wanted: Iterable[tuple[str, str]]) -> str:
    """Returns WebAssembly functions, each once, with what they call.

    `wanted` has pairs of a name in `FUNCTIONS` and lanes: f64, f64x2, f32 or f32x4. The function is called
    `$name_lanes`, such as `$exp_f64x2`; its parameters and its result have the type of the lanes, v128 for vectors.
    """
    pairs = set(wanted)
    huge = {name for name, _ in pairs if FUNCTIONS[name].huge is not None}
    pairs |= {(name, _NEEDS[lanes]) for name, lanes in pairs if lanes in _NEEDS and name in huge}
    pairs |= {(name, "f64") for name in huge}
    texts = [(_single if lanes in _NEEDS else _double)(name, lanes) for name, lanes in sorted(pairs)]
    for name in sorted(huge):
        formula = FUNCTIONS[name].huge
        assert formula is not None
        texts.append(_written(f"{name}_huge", "f64", formula, 1))
    return "\n".join([*texts, *([_table()] if huge else [])])


_SIZES = {"f64": 8, "f64x2": 16, "f32": 4, "f32x4": 16}


def array_module(name: str, lanes: str) -> str:
    """Returns a module with `apply(arguments, result, end)`: addresses of arrays, and the end of the result.

    It works on whole vectors, up to the first end of one that is not before `end`.
    """
    arity, kind, size = FUNCTIONS[name].arity, _TYPES[lanes], _SIZES[lanes]
    arguments = " ".join(f"local.get {i} {kind}.load" for i in range(arity))
    forward = " ".join(f"local.get {i} i32.const {size} i32.add local.set {i}" for i in range(arity + 1))
    more = f"{forward} local.get {arity} local.get {arity + 1} i32.lt_u br_if 0"
    loop = f"(loop local.get {arity} {arguments} call ${name}_{lanes} {kind}.store {more})"
    parameters = "(param i32) " * (arity + 2)
    functions = definitions([(name, lanes)])
    return f'(module (memory (export "memory") 1) {functions} (func (export "apply") {parameters}{loop}))'
