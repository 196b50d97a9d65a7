"""Spells the functions as WebAssembly text, for scalars and for SIMD lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lrstudio.core.elementary.functions import FUNCTIONS
from lrstudio.core.elementary.machine import TWO_OVER_PI, Value
from lrstudio.core.elementary.trigonometric import LIMIT

SIN_COS = "sin_cos"
_TYPES = {"f64": "f64", "f64x2": "v128", "f32": "f32", "f32x4": "v128"}
_KINDS = {"f64": {"real": "f64", "word": "i64", "condition": "i32"}}
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
        choice = "select" if self.scalar else "v128.bitselect"
        return self.node(kind, choice, self._lifted(yes, kind), self._lifted(no, kind), condition)

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


def _body(writer: Writer, results: Sequence[Node], parameters: int) -> tuple[str, str]:
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


def _head(name: str, lanes: str, arity: int, results: int = 1) -> str:
    kind = _TYPES[lanes]
    return f"(func ${name}_{lanes}" + f" (param {kind})" * arity + f" (result {' '.join([kind] * results)})"


def _code(lanes: str, formula: Callable[..., Any], arity: int, first: int, before: int) -> tuple[str, str]:
    """Returns locals and instructions of a formula of the locals from `first` on; `before` locals are not its own."""
    writer = Writer(lanes)
    result = formula(writer, *(writer.node("real", f"local.get {first + i}") for i in range(arity)))
    return _body(writer, result if isinstance(result, tuple) else (result,), before)


def _written(name: str, lanes: str, formula: Callable[..., Any], arity: int, before: str = "", results: int = 1) -> str:
    declared, code = _code(lanes, formula, arity, 0, arity)
    return f"{_head(name, lanes, arity, results)} {declared} {before} {code})"


def _where_huge(lanes: str, names: Iterable[str]) -> str:
    """Returns instructions that return functions of the first argument where it is huge."""
    if lanes == "f64":
        calls = " ".join(f"local.get 0 call ${name}_huge_f64" for name in names)
        return f"local.get 0 f64.abs f64.const {LIMIT.hex()} f64.ge if {calls} return end"
    lane = "local.get 0 f64x2.extract_lane"
    each = f"{lane} 0 {{call}} f64x2.splat {lane} 1 {{call}} f64x2.replace_lane 1"
    limit = f"v128.const f64x2 {LIMIT.hex()} {LIMIT.hex()}"
    calls = " ".join(each.format(call=f"call ${name}_f64") for name in names)
    return f"local.get 0 f64x2.abs {limit} f64x2.ge v128.any_true if {calls} return end"


@cache
def _double(name: str, lanes: str) -> str:
    function = FUNCTIONS[name]
    before = _where_huge(lanes, [name]) if function.huge is not None else ""
    return _written(name, lanes, function.formula, function.arity, before)


@cache
def _sin_cos(lanes: str) -> str:
    """Returns the function of float64 with two results, which reduces its argument once."""
    formulas = [FUNCTIONS[name].formula for name in ("sin", "cos")]
    before = _where_huge(lanes, ("sin", "cos"))
    return _written(SIN_COS, lanes, lambda m, x: tuple(formula(m, x) for formula in formulas), 1, before, 2)


def _single(name: str, lanes: str) -> str:
    """Returns the function of float32: float64's, rounded once."""
    arity = FUNCTIONS[name].arity
    head = _head(name, lanes, arity)
    if lanes == "f32":
        arguments = " ".join(f"local.get {i} f64.promote_f32" for i in range(arity))
        return f"{head} {arguments} call ${name}_f64 f32.demote_f64)"
    first = " ".join(f"local.get {i} f64x2.promote_low_f32x4" for i in range(arity))
    upper = "local.get {i} local.get {i} i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15"
    second = " ".join(f"{upper.format(i=i)} f64x2.promote_low_f32x4" for i in range(arity))
    rounded = f"call ${name}_f64x2 f32x4.demote_f64x2_zero"
    return f"{head} {first} {rounded} {second} {rounded} i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23)"


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
    `SIN_COS` of float64 has both results.
    """
    pairs = set(wanted)
    shared = {(name, lanes) for name, lanes in pairs if name == SIN_COS}
    pairs = (pairs - shared) | ({("sin", "f64"), ("cos", "f64")} if shared else set())
    pairs |= {(name, _NEEDS[lanes]) for name, lanes in pairs if lanes in _NEEDS}
    huge = {name for name, lanes in pairs if FUNCTIONS[name].huge is not None}
    pairs |= {(name, "f64") for name in huge}
    texts = [(_single if lanes in _NEEDS else _double)(name, lanes) for name, lanes in sorted(pairs)]
    texts += [_sin_cos(lanes) for _, lanes in sorted(shared)]
    for name in sorted(huge):
        formula = FUNCTIONS[name].huge
        assert formula is not None
        texts.append(_written(f"{name}_huge", "f64", formula, 1))
    return "\n".join([*texts, *([_table()] if huge else [])])


_SIZES = {"f64": 8, "f64x2": 16, "f32": 4, "f32x4": 16}


def array_module(name: str, lanes: str, fixed: int = 0) -> str:
    """Returns a module with `apply(arguments, result, end)`: addresses of arrays, and the end of the result.

    It works on whole vectors, up to the first end of one that is not before `end`. The first `fixed` arguments are one
    vector each. The function is then part of the loop, and the compiler takes out of it what depends on them alone.
    """
    function, kind, size = FUNCTIONS[name], _TYPES[lanes], _SIZES[lanes]
    arity, first = function.arity, function.arity + 2
    loads = [f"local.get {i} {kind}.load local.set {first + i}" for i in range(arity)]
    if fixed:
        functions, (declared, code) = "", _code(lanes, function.formula, arity, first, first + arity)
    else:
        arguments = " ".join(f"local.get {first + i}" for i in range(arity))
        functions, declared, code = definitions([(name, lanes)]), "", f"{arguments} call ${name}_{lanes}"
    forward = " ".join(f"local.get {i} i32.const {size} i32.add local.set {i}" for i in range(fixed, arity + 1))
    more = f"{forward} local.get {arity} local.get {arity + 1} i32.lt_u br_if 0"
    step = f"{' '.join(loads[fixed:])} local.get {arity} {code} {kind}.store {more}"
    own = f"{'(param i32) ' * first} (local {' '.join([kind] * arity)}) {declared} {' '.join(loads[:fixed])}"
    return f'(module (memory (export "memory") 1) {functions} (func (export "apply") {own} (loop {step})))'
