"""Spells the functions as WebAssembly text, for scalars and for SIMD lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from lrstudio.core.elementary.functions import FUNCTIONS
from lrstudio.core.elementary.machine import TWO_OVER_PI
from lrstudio.core.elementary.trigonometric import LIMIT
from lrstudio.core.elementary.writer import Node, Writer, body

SIN_COS = "sin_cos"
_TYPES = {"f64": "f64", "f64x2": "v128", "f32": "f32", "f32x4": "v128"}
_WIDER = {"f32": "f64.promote_f32", "f32x4": "f64x2.promote_low_f32x4"}
_UPPER = "i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15"
_JOINED = "i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23"


def _head(name: str, lanes: str, arity: int, results: int = 1) -> str:
    kind = _TYPES[lanes]
    return f"(func ${name}_{lanes}" + f" (param {kind})" * arity + f" (result {' '.join([kind] * results)})"


def _code(lanes: str, formula: Callable[..., Any], arity: int, first: int, before: int) -> tuple[str, str]:
    """Returns locals and instructions of a formula of the locals from `first` on; `before` locals are not its own."""
    writer = Writer(lanes)
    result = formula(writer, *(writer.node("real", f"local.get {first + i}") for i in range(arity)))
    return body(writer, result if isinstance(result, tuple) else (result,), before)


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
    declared, code = body(writer, (result,), function.arity)
    return f"{_head(name, lanes, function.arity)} {declared} {code})"


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
    huge = {name for name, _ in pairs if FUNCTIONS[name].huge is not None}
    pairs |= {(name, _NEEDS[lanes]) for name, lanes in pairs if lanes in _NEEDS and name in huge}
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
