"""Spells the Newton-Schulz iteration of a matrix as WebAssembly, with the bits of `joins`."""

from __future__ import annotations

from lrstudio.core.formula.tensors import Tensors
from lrstudio.core.kernel.emitter import Function, get
from lrstudio.core.kernel.lanes import Lanes
from lrstudio.core.network.spelling import add, down


def work_bytes(tensors: Tensors, width: int) -> int:
    """Returns the memory that $orthogonal needs for the largest matrix of numbers of this width."""

    def needed(rows: int, columns: int) -> int:
        short, row = min(rows, columns), _whole(max(rows, columns) * width)
        return 2 * short * row + 3 * short * _whole(short * width)

    return max((needed(tensor.rows, tensor.columns) for tensor in tensors if tensor.matrix), default=0)


def _whole(count: int) -> int:
    return -(-count // 16) * 16


def lane_sum(lanes: Lanes, *, squared: bool) -> Function:
    """Returns $lane_squares or $lane_sum: of `count` numbers at a distance of `step`, in f64 and four lanes."""
    parameters = dict.fromkeys(("v", "count", "step"), "i32")
    function = Function("lane_squares" if squared else "lane_sum", parameters, ["f64"])
    lane = [function.local(f"s{k}", "f64") for k in range(4)]
    own = function.local("own", "f64")
    term = f"(f64.mul {get(own)} {get(own)})" if squared else get(own)

    def taken(k: int) -> str:
        number = f"(local.set ${own} {lanes.single.as_double(lanes.single.load(get('v')))})"
        return f"{number} (local.set ${lane[k]} (f64.add {get(lane[k])} {term})) {add('v', get('step'))}"

    function.lines += [
        f"(block $done (loop $four (br_if $done (i32.lt_s {get('count')} (i32.const 4)))",
        *(taken(k) for k in range(4)),
        f"(drop {down('count', 4)}) (br $four)))",
        *(f"(if (i32.gt_s {get('count')} (i32.const {k})) (then {taken(k)}))" for k in range(3)),
        f"(f64.add (f64.add {get('s0')} {get('s1')}) (f64.add {get('s2')} {get('s3')}))",
    ]
    return function


def orthogonal(lanes: Lanes) -> Function:
    """Returns $orthogonal, which replaces a matrix at `v` by what the iteration makes of it."""
    one = lanes.single
    numbers = dict.fromkeys(("a", "b", "c", "eps"), one.type)
    counts = dict.fromkeys(("v", "rows", "columns", "steps", "work"), "i32")
    function = Function("orthogonal", {**counts, **numbers})
    width = one.width
    wide = f"(i32.lt_s {get('rows')} {get('columns')})"
    for name, first, second in (("short", "rows", "columns"), ("long", "columns", "rows")):
        function.set(name, "i32", f"(select {get(first)} {get(second)} {wide})")
    for name, count in (("row", "long"), ("side", "short")):
        whole = f"(i32.add (i32.mul {get(count)} (i32.const {width})) (i32.const 15))"
        function.set(name, "i32", f"(i32.and {whole} (i32.const -16))")
    for name, distance in (("across", "row"), ("square", "side")):
        function.set(name, "i32", f"(i32.mul {get('short')} {get(distance)})")
    place = get("work")
    for name, size in (("x", "across"), ("y", "across"), ("gram", "square"), ("p", "square"), ("q", "square")):
        function.set(name, "i32", place)
        place = f"(i32.add {get(name)} {get(size)})"
    turned = f"(i32.gt_s {get('rows')} {get('columns')})"
    function.set("down", "i32", f"(select (i32.const {width}) {get('row')} {turned})")
    function.set("right", "i32", f"(select {get('row')} (i32.const {width}) {turned})")
    size = f"(i32.mul {get('rows')} {get('columns')})"
    root = f"(f64.sqrt (call $lane_squares {get('v')} {size} (i32.const {width})))"
    length = function.set("length", one.type, one.from_double(root))
    function.set("length", one.type, f"(select {get('eps')} {length} {one.op('lt', length, get('eps'))})")
    function.lines.append(f"(memory.fill {get('work')} (i32.const 0) (i32.sub {place} {get('work')}))")
    scaled = one.op("div", one.load(get("at")), get("length"))
    function.lines += _over_matrix(function, "in", width, [one.store(get("to"), scaled)])
    function.lines += [f"(block $made (br_if $made (i32.lt_s {get('steps')} (i32.const 1))) (loop $step"]
    function.lines += _step(function, lanes)
    function.lines += [f"(br_if $step {down('steps', 1)})))"]
    function.lines += _over_matrix(function, "out", width, [one.store(get("at"), one.load(get("to")))])
    return function


def _over_matrix(function: Function, label: str, width: int, body: list[str]) -> list[str]:
    """Goes through the matrix: `at` in its own place, `to` in x, where the longer side lies across."""
    for name in ("at", "to", "begin", "i", "j"):
        function.local(name, "i32")
    return [
        f"(local.set $at {get('v')}) (local.set $begin {get('x')}) (local.set $i {get('rows')})",
        f"(loop ${label}_rows (local.set $to {get('begin')}) (local.set $j {get('columns')})",
        f"(loop ${label}_columns",
        *body,
        f"{add('at', width)} {add('to', get('right'))} (br_if ${label}_columns {down('j', 1)}))",
        f"{add('begin', get('down'))} (br_if ${label}_rows {down('i', 1)}))",
    ]


def _step(function: Function, lanes: Lanes) -> list[str]:
    """x = a x + (b A + c A A) x with A = x xᵀ."""
    one = lanes.single
    for name in ("swap", "left"):
        function.local(name, "i32")
    many = get("short")
    own = one.load(get("at"))
    return [
        f"(call $slopes {get('x')} {get('x')} {get('gram')} {many} {many} {get('row')})",
        f"(local.set $at {get('gram')}) (local.set $begin (i32.const 0)) (local.set $i {many})",
        f"(loop $gram_rows (local.set $to {get('begin')}) (local.set $j {many})",
        "(loop $gram_columns",
        one.store(f"(i32.add {get('p')} {get('to')})", one.op("mul", own, get("c"))),
        one.store(f"(i32.add {get('q')} {get('to')})", one.op("mul", own, get("b"))),
        f"{add('at', one.width)} {add('to', one.width)} (br_if $gram_columns {down('j', 1)}))",
        f"{add('begin', get('side'))} (br_if $gram_rows {down('i', 1)}))",
        f"(call $linear {get('gram')} (i32.mul {many} (i32.const {one.width})) {get('p')} {get('q')} "
        f"{many} {many} {get('side')})",
        "(local.set $left (i32.const 0)) (loop $scaled",
        lanes.store(
            f"(i32.add {get('y')} {get('left')})",
            lanes.op("mul", lanes.load(f"(i32.add {get('x')} {get('left')})"), lanes.splat(get("a"))),
        ),
        f"(br_if $scaled (i32.lt_u (local.tee $left (i32.add {get('left')} (i32.const 16))) {get('across')})))",
        f"(call $linear {get('q')} {get('side')} {get('x')} {get('y')} {many} {many} {get('row')})",
        f"(local.set $swap {get('x')}) (local.set $x {get('y')}) (local.set $y {get('swap')})",
    ]
