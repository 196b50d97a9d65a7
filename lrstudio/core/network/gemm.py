"""Matrix products as WebAssembly text, in the orders of summation of `products`."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple


class Lane(NamedTuple):
    """A vector of `width` numbers of `size` bytes; `even` and `odd` are shuffles of the numbers of two vectors."""

    vector: str
    size: int
    width: int
    even: str
    odd: str

    @property
    def bits(self) -> int:
        return 8 * self.size


def _shuffle(size: int, first: int) -> str:
    numbers = range(first, 32 // size, 2)
    return "i8x16.shuffle " + " ".join(str(size * number + byte) for number in numbers for byte in range(size))


LANES = {
    size: Lane(vector, size, 16 // size, _shuffle(size, 0), _shuffle(size, 1))
    for vector, size in (("f64x2", 8), ("f32x4", 4))
}
"""By the size of a number in bytes."""


def gemm(lane: Lane) -> str:
    """Returns the functions $linear, $linear_back, $slopes and $sums; all counts are at least 1.

    A row of points of `a`, `delta` and `out` has `row` bytes, a multiple of 16; `w` has a distance in bytes from one
    row to the next, `step`, and `g` is contiguous.
    """
    return "\n".join([_linear(lane, back=False), _linear(lane, back=True), _slopes(lane), _sums(lane)])


def _linear(lane: Lane, *, back: bool) -> str:
    """out[i, m] += sum over k of w[i, k] a[k, m], of w[k, i] a[k, m] going back, sequential in k."""
    return f"""(func $linear{"_back" if back else ""} (param $w i32) (param $step i32) (param $a i32) (param $out i32)
  (param $rows i32) (param $inner i32) (param $row i32)
  (local $left i32) (local $at i32) (local $k i32) (local $pa i32) (local $po i32) (local $b v128)
  {_locals("w", 4, "i32")} {_locals("v", 4, "v128")} {_locals("a", 4, "v128")} {_locals("s", 8, "v128")}
  {_stripe(lane, 4, (2, 1), back=back)}
  {_stripe(lane, 1, (4, 1), back=back)})"""


def _stripe(lane: Lane, rows: int, widths: tuple[int, ...], *, back: bool) -> str:
    """Covers groups of rows by blocks of so many vectors, the widest first."""
    blocks = "\n".join(
        _repeat(f"across{rows}_{width}", "left", 16 * width, _block(lane, rows, width, back) + _moved("at", 16 * width))
        for width in widths
    )
    step = _moved("w", lane.size * rows) if back else f"(local.set $w {_sum('w', 'step', rows)})"
    step += f"(local.set $out {_sum('out', 'row', rows)})"
    start = "(local.set $at (i32.const 0)) (local.set $left (local.get $row))"
    return _repeat(f"rows{rows}", "rows", rows, f"{start}\n{blocks}\n{step}")


def _block(lane: Lane, rows: int, width: int, back: bool) -> str:
    """Adds the products of `rows` rows and `width` vectors, whose sums stay in registers.

    A vector of weights has those of one row, or going back those of `rows` rows.
    """
    sums = [[f"s{width * i + j}" for j in range(width)] for i in range(rows)]
    before, after = list[str](), list[str]()
    for i, row in enumerate(sums):
        at = f"(local.set $po (i32.add (local.get $out) {_sum('at', 'row', i)}))"
        before += [at, *(f"(local.set ${s} (v128.load offset={16 * j} (local.get $po)))" for j, s in enumerate(row))]
        after += [at, *(f"(v128.store offset={16 * j} (local.get $po) (local.get ${s}))" for j, s in enumerate(row))]

    def products(weights: list[str]) -> list[str]:
        """Adds those of one k, from the weights of the rows in every lane."""
        lines = [f"(local.set $a{j} (v128.load offset={16 * j} (local.get $pa)))" for j in range(width)]
        for row, weight in zip(sums, weights, strict=True):
            lines.append(f"(local.set $b {weight})")
            for j, s in enumerate(row):
                product = f"({lane.vector}.mul (local.get $b) (local.get $a{j}))"
                lines.append(f"(local.set ${s} ({lane.vector}.add (local.get ${s}) {product}))")
        return [*lines, _advanced("pa", "row")]

    def one_by_one(pointers: list[str]) -> list[str]:
        return products([f"(v128.load{lane.bits}_splat (local.get ${pointer}))" for pointer in pointers])

    pointers = [f"w{i}" for i in range(1 if back else rows)]
    loops = list[tuple[int, list[str]]]()
    if not back:
        vectors = [f"(local.set $v{i} (v128.load (local.get $w{i})))" for i in range(rows)]
        many = [products([_splat(lane, f"v{i}", place) for i in range(rows)]) for place in range(lane.width)]
        loops.append((lane.width, [*vectors, *chain(*many), *(_moved(name, 16) for name in pointers)]))
        loops.append((1, [*one_by_one(pointers), *(_moved(name, lane.size) for name in pointers)]))
    elif rows == 1:
        loops.append((1, [*one_by_one(pointers), _advanced("w0", "step")]))
    else:
        count = rows // lane.width
        vectors = [f"(local.set $v{v} (v128.load offset={16 * v} (local.get $w0)))" for v in range(count)]
        weights = [_splat(lane, f"v{i // lane.width}", i % lane.width) for i in range(rows)]
        loops.append((1, [*vectors, *products(weights), _advanced("w0", "step")]))
    starts = [f"(local.set $w{i} {_sum('w', 'step', i)})" for i in range(len(pointers))]
    start = ["(local.set $pa (i32.add (local.get $a) (local.get $at)))", *starts, "(local.set $k (local.get $inner))"]
    repeated = [_repeat(f"k{step}_{rows}_{width}", "k", step, "\n".join(lines)) for step, lines in loops]
    return "\n".join([*before, *start, *repeated, *after])


def _splat(lane: Lane, vector: str, place: int) -> str:
    """Returns one number of a vector in every lane."""
    numbers = [lane.size * place + byte for byte in range(lane.size)] * lane.width
    return f"(i8x16.shuffle {' '.join(map(str, numbers))} (local.get ${vector}) (local.get ${vector}))"


def _slopes(lane: Lane) -> str:
    """g[i, k] = sum over m of delta[i, m] a[k, m], of each lane in order, then of the lanes."""
    return f"""(func $slopes (param $delta i32) (param $a i32) (param $g i32)
  (param $rows i32) (param $columns i32) (param $row i32)
  (local $left i32) (local $m i32) (local $pa i32) (local $pg i32)
  {_locals("d", 2, "i32")} {_locals("a", 4, "i32")} {_locals("b", 2, "v128")} {_locals("s", 8, "v128")}
  (local $c v128)
  {_slope_stripe(lane, 2)}
  {_slope_stripe(lane, 1)})"""


def _slope_stripe(lane: Lane, rows: int) -> str:
    blocks = "\n".join(
        _repeat(f"columns{rows}_{width}", "left", width, _slope_block(lane, rows, width)) for width in (4, 1)
    )
    start = "(local.set $left (local.get $columns)) (local.set $pa (local.get $a)) (local.set $pg (local.get $g))"
    step = f"(local.set $delta (i32.add (local.get $delta) (i32.mul (local.get $row) (i32.const {rows}))))"
    step += f"(local.set $g (i32.add (local.get $g) (i32.mul (local.get $columns) (i32.const {rows * lane.size}))))"
    return _repeat(f"slopes{rows}", "rows", rows, f"{start}\n{blocks}\n{step}")


def _slope_block(lane: Lane, rows: int, width: int) -> str:
    vector, cells = lane.vector, [(i, k, width * i + k) for i in range(rows) for k in range(width)]
    lines = [f"(local.set $s{s} (v128.const i64x2 0 0))" for _, _, s in cells]
    lines += [f"(local.set $d{i} (i32.add (local.get $delta) {_sum(None, 'row', i)}))" for i in range(rows)]
    lines += [f"(local.set $a{k} (i32.add (local.get $pa) {_sum(None, 'row', k)}))" for k in range(width)]
    lines += [f"(local.set $m (local.get $row)) (loop $m{rows}_{width}"]
    lines += [f"(local.set $b{i} (v128.load (local.get $d{i})))" for i in range(rows)]
    for k in range(width):
        lines += [f"(local.set $c (v128.load (local.get $a{k})))"]
        lines += [
            f"(local.set $s{s} ({vector}.add (local.get $s{s}) ({vector}.mul (local.get $b{i}) (local.get $c))))"
            for i, at, s in cells
            if at == k
        ]
    lines += [_moved(f"d{i}", 16) for i in range(rows)] + [_moved(f"a{k}", 16) for k in range(width)]
    lines += [f"(br_if $m{rows}_{width} (local.tee $m (i32.sub (local.get $m) (i32.const 16)))))"]
    for i in range(rows):
        sums = [f"(local.get $s{s})" for at, _, s in cells if at == i]
        lines += ["(local.set $m (local.get $pg))"] if i == 0 else []
        lines += _stored(lane, sums, "m")
        lines += [f"(local.set $m (i32.add (local.get $m) (i32.mul (local.get $columns) (i32.const {lane.size}))))"]
    lines += [f"(local.set $pa (i32.add (local.get $pa) {_sum(None, 'row', width)}))", _moved("pg", lane.size * width)]
    return "\n".join(lines)


def _sums(lane: Lane) -> str:
    """g[i] = sum over m of delta[i, m], of each lane in order, then of the lanes."""

    def block(rows: int) -> str:
        lines = [f"(local.set $s{i} (v128.const i64x2 0 0))" for i in range(rows)]
        lines += [f"(local.set $d{i} (i32.add (local.get $delta) {_sum(None, 'row', i)}))" for i in range(rows)]
        lines += [f"(local.set $m (local.get $row)) (loop $m{rows}"]
        lines += [
            f"(local.set $s{i} ({lane.vector}.add (local.get $s{i}) (v128.load (local.get $d{i}))))"
            for i in range(rows)
        ]
        lines += [_moved(f"d{i}", 16) for i in range(rows)]
        lines += [f"(br_if $m{rows} (local.tee $m (i32.sub (local.get $m) (i32.const 16)))))"]
        lines += _stored(lane, [f"(local.get $s{i})" for i in range(rows)], "g")
        lines += [f"(local.set $delta (i32.add (local.get $delta) {_sum(None, 'row', rows)}))"]
        return "\n".join([*lines, _moved("g", lane.size * rows)])

    return f"""(func $sums (param $delta i32) (param $g i32) (param $rows i32) (param $row i32)
  (local $m i32) {_locals("d", 4, "i32")} {_locals("s", 4, "v128")}
  {_repeat("sums4", "rows", 4, block(4))}
  {_repeat("sums1", "rows", 1, block(1))})"""


def _stored(lane: Lane, sums: list[str], pointer: str) -> list[str]:
    """Adds up the lanes of each sum, neighbours first, and stores the results one after the other."""
    if len(sums) == 1:
        return [f"(v128.store{lane.bits}_lane 0 (local.get ${pointer}) {_paired(lane, sums * lane.width)})"]
    groups = [(first, sums[first : first + lane.width]) for first in range(0, len(sums), lane.width)]
    return [
        f"(v128.store offset={lane.size * first} (local.get ${pointer}) {_paired(lane, group)})"
        for first, group in groups
    ]


def _paired(lane: Lane, vectors: list[str]) -> str:
    while len(vectors) > 1:
        vectors = [
            f"({lane.vector}.add ({lane.even} {one} {other}) ({lane.odd} {one} {other}))"
            for one, other in zip(vectors[::2], vectors[1::2], strict=True)
        ]
    return vectors[0]


def _repeat(label: str, counter: str, step: int, body: str) -> str:
    """Repeats while the counter is at least `step`, and subtracts that."""
    return f"""(block $end_{label} (loop ${label}
  (br_if $end_{label} (i32.lt_s (local.get ${counter}) (i32.const {step})))
  {body}
  (local.set ${counter} (i32.sub (local.get ${counter}) (i32.const {step})))
  (br ${label})))"""


def _locals(prefix: str, count: int, kind: str) -> str:
    return " ".join(f"(local ${prefix}{index} {kind})" for index in range(count))


def _sum(offset: str | None, stride: str, times: int) -> str:
    product = f"(i32.mul (local.get ${stride}) (i32.const {times}))" if times else "(i32.const 0)"
    if not times and offset is not None:
        return f"(local.get ${offset})"
    return product if offset is None else f"(i32.add (local.get ${offset}) {product})"


def _advanced(pointer: str, stride: str) -> str:
    return f"(local.set ${pointer} (i32.add (local.get ${pointer}) (local.get ${stride})))"


def _moved(pointer: str, distance: int) -> str:
    return f"(local.set ${pointer} (i32.add (local.get ${pointer}) (i32.const {distance})))"
