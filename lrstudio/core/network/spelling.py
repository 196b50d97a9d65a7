"""Activations, losses and their derivatives as WebAssembly text, with the bits of `layers` and `head`.

The numbers of a unit lie in a row, point after point; a row has `row` bytes, a multiple of 16. What follows the last
point there repeats a point and does not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrstudio.core.kernel.emitter import Function, get
from lrstudio.core.kernel.lanes import Lanes

ALL = "(v128.const i64x2 -1 -1)"
NONE = "(v128.const i64x2 0 0)"


def add(name: str, value: str | int) -> str:
    """Returns the instruction that adds to a local i32."""
    return f"(local.set ${name} (i32.add {get(name)} {f'(i32.const {value})' if isinstance(value, int) else value}))"


def down(name: str, step: int) -> str:
    """Returns what is left of a local i32 after a step, which it keeps."""
    return f"(local.tee ${name} (i32.sub {get(name)} (i32.const {step})))"


def activation_functions(name: str, lanes: Lanes) -> Iterator[Function]:
    """Yields $activate, a = f(a), and $bend, delta = delta f'(a), for so many bytes; lanes are a vector's."""
    function = Function("activate", {"a": "i32", "bytes": "i32"})
    z = lanes.load(get("a"))
    value = lanes.op("max", z, lanes.const(0)) if name == "relu" else _call(function, name, lanes, z)
    function.loop("next", [lanes.store(get("a"), value), add("a", 16)], down("bytes", 16))
    yield function
    function = Function("bend", {"delta": "i32", "a": "i32", "bytes": "i32"}, locals={"v": lanes.type})
    v, one = get("v"), lanes.const(1)
    slope = {
        "tanh": lanes.op("sub", one, lanes.op("mul", v, v)),
        "sigmoid": lanes.op("mul", v, lanes.op("sub", one, v)),
        "relu": lanes.both(lanes.op("gt", v, lanes.const(0)), one),
    }[name]
    bent = lanes.store(get("delta"), lanes.op("mul", lanes.load(get("delta")), slope))
    body = [f"(local.set $v {lanes.load(get('a'))})", bent, add("delta", 16), add("a", 16)]
    function.loop("next", body, down("bytes", 16))
    yield function


def head_functions(name: str, outputs: int, lanes: Lanes) -> Iterator[Function]:
    """Yields $head and $judge, which write the losses of the points, 0 after the last of them.

    $head writes also the gradient `delta` of the mean loss in the outputs z; $judge returns the number of points whose
    class is predicted.
    """
    own = {"z": "i32", "labels": "i32", "count": "i32", "row": "i32", "losses": "i32"}
    for function in (Function("head", own | {"delta": "i32"}), Function("judge", own, ["i32"])):
        _begin(function, lanes)
        body = Function(function.name, own, elementary=function.elementary, locals=function.locals)
        (_binary if name == "binary" else _softmax)(body, lanes, outputs)
        pointers = ["z", "labels", "losses", *(["delta"] if function.name == "head" else [])]
        last = f"(if (i32.eq {get('left')} (i32.const 16)) (then (local.set $mask {_last_mask(lanes)})))"
        function.loop("next", [last, *body.lines, *(add(pointer, 16) for pointer in pointers)], down("left", 16))
        if function.name == "judge":
            function.lines.append(get("right"))
        yield function


def _begin(function: Function, lanes: Lanes) -> None:
    function.set("left", "i32", get("row"))
    function.set("mask", "v128", ALL)
    function.local("right", "i32")
    whole = lanes.splat(f"({lanes.scalar}.convert_i32_s {get('count')})")
    function.set("whole", lanes.type, whole)


def _last_mask(lanes: Lanes) -> str:
    """Returns the mask of the points in the last vector of a row."""
    before = f"(i32.mul (i32.sub (i32.shr_u {get('row')} (i32.const 4)) (i32.const 1)) (i32.const {lanes.count}))"
    count, kind = f"(i32.sub {get('count')} {before})", f"i{8 * lanes.width}x{lanes.count}"
    count = count if lanes.width == 4 else f"(i64.extend_i32_s {count})"
    numbers = " ".join(map(str, range(lanes.count)))
    return f"({kind}.lt_s (v128.const {kind} {numbers}) ({kind}.splat {count}))"


def _binary(function: Function, lanes: Lanes, outputs: int) -> None:
    z, y = (function.set(name, lanes.type, lanes.load(get(at))) for name, at in (("v", "z"), ("y", "labels")))
    loss = lanes.op("sub", _call(function, "softplus", lanes, z), lanes.op("mul", z, y))
    function.lines.append(lanes.store(get("losses"), f"(v128.and {loss} {get('mask')})"))
    if function.name == "head":
        slope = lanes.op("div", lanes.op("sub", _call(function, "sigmoid", lanes, z), y), get("whole"))
        function.lines.append(lanes.store(get("delta"), f"(v128.and {slope} {get('mask')})"))
    else:
        zero = lanes.const(0)
        _count(function, lanes, f"(v128.not (v128.xor {lanes.op('gt', z, zero)} {lanes.op('gt', y, zero)}))")


def _softmax(function: Function, lanes: Lanes, outputs: int) -> None:
    """The outputs of a point are `row` bytes apart; its label is its class as a number."""
    y = function.set("y", lanes.type, lanes.load(get("labels")))
    function.set("at", "i32", get("z"))
    values = []
    for index in range(outputs):
        values.append(function.set(f"v{index}", lanes.type, lanes.load(get("at"))))
        function.lines.append(add("at", get("row")))
    most = values[0]
    for value in values[1:]:
        most = function.set("most", lanes.type, lanes.op("max", most, value))
    if function.name == "judge":
        best, chosen = function.set("best", lanes.type, values[0]), function.set("chosen", lanes.type, lanes.const(0))
        for index, value in enumerate(values[1:], 1):
            larger = function.set("larger", "v128", lanes.op("gt", value, best))
            function.set("best", lanes.type, lanes.select(larger, value, best))
            function.set("chosen", lanes.type, lanes.select(larger, lanes.const(index), chosen))
        _count(function, lanes, lanes.op("eq", chosen, y))
    function.set("own", lanes.type, lanes.const(0))
    for index, value in enumerate(values):
        shifted = function.set("shifted", lanes.type, lanes.op("sub", value, most))
        here = lanes.op("eq", y, lanes.const(index))
        function.set("own", lanes.type, lanes.select(here, shifted, get("own")))
        power = function.set(f"v{index}", lanes.type, _call(function, "exp", lanes, shifted))
        function.set("total", lanes.type, lanes.op("add", get("total"), power) if index else power)
    loss = lanes.op("sub", _call(function, "log", lanes, get("total")), get("own"))
    function.lines.append(lanes.store(get("losses"), f"(v128.and {loss} {get('mask')})"))
    if function.name == "head":
        function.set("at", "i32", get("delta"))
        for index, power in enumerate(values):
            one = lanes.both(lanes.op("eq", y, lanes.const(index)), lanes.const(1))
            share = lanes.op("sub", lanes.op("div", power, get("total")), one)
            slope = f"(v128.and {lanes.op('div', share, get('whole'))} {get('mask')})"
            function.lines += [lanes.store(get("at"), slope), add("at", get("row"))]


def _count(function: Function, lanes: Lanes, right: str) -> None:
    bits = f"(i{8 * lanes.width}x{lanes.count}.bitmask (v128.and {right} {get('mask')}))"
    function.lines.append(add("right", f"(i32.popcnt {bits})"))


def _call(function: Function, name: str, lanes: Lanes, value: str) -> str:
    function.elementary.add((name, lanes.name))
    return f"(call ${name}_{lanes.name} {value})"
