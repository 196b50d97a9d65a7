"""Spells the passes through a network as WebAssembly: forward, backward, the loss on all data, an update."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

from lrstudio.core.formula.rule import Program
from lrstudio.core.kernel.emitter import Block, Function, get, is_truth
from lrstudio.core.kernel.lanes import Lanes
from lrstudio.core.kernel.lengths import NORM_LANES
from lrstudio.core.network.layers import Network
from lrstudio.core.network.spelling import activation_functions, add, down, head_functions

PIECE = 128
"""Points that are evaluated at once, whose activations stay in the cache."""


class Passes:
    """The functions of a network with a head, in the lanes of a vector.

    The working memory at `base` has the outputs of each layer, and two times the slopes of the widest one, as rows of
    points of `row` bytes. The weights of a run have `pitch` bytes, filled up by zeros.
    """

    def __init__(self, network: Network, head: str, lanes: Lanes) -> None:
        self.network, self._head, self.lanes, self.one = network, head, lanes, lanes.single
        self.pitch = -(-network.size // NORM_LANES) * NORM_LANES * lanes.width
        self._layers = list(pairwise(network.sizes))
        self._above = [0, *accumulate(network.sizes[1:])]

    @property
    def rows(self) -> int:
        """The number of rows of the working memory."""
        return self._above[-1] + 2 * max(self.network.sizes[1:])

    @property
    def outputs(self) -> str:
        """The address of the outputs of the last layer."""
        return self._row(-2)

    @property
    def slopes(self) -> str:
        """The address of the slopes of the loss in these outputs."""
        return self._row(-1)

    def functions(self) -> Iterator[Function]:
        """Yields the functions but the update."""
        yield from activation_functions(self.network.activation, self.lanes)
        yield from head_functions(self._head, self.network.sizes[-1], self.lanes)
        yield from (self._forward(), self._backward(), self._squares(), self._evaluate())

    def _forward(self) -> Function:
        """The outputs of all layers for the points x."""
        function = Function("forward", dict.fromkeys(("w", "x", "row", "base"), "i32"))
        function.set("a", "i32", get("x"))
        for layer, (inside, outside) in enumerate(self._layers):
            weights, biases = self.network.parts[layer]
            out = function.set("out", "i32", self._row(layer))
            self._fill(function, biases.start, outside)
            step = f"(i32.const {inside * self.one.width})"
            counts = f"(i32.const {outside}) (i32.const {inside}) {get('row')}"
            w = self._offset("w", weights.start)
            function.lines.append(f"(call $linear {w} {step} {get('a')} {out} {counts})")
            if layer < len(self._layers) - 1:
                function.lines.append(f"(call $activate {out} {self._times(outside)})")
            function.set("a", "i32", out)
        return function

    def _fill(self, function: Function, first: int, rows: int) -> None:
        """Fills rows at `out` with the biases of their units."""
        function.set("unit", "i32", self._offset("w", first))
        function.set("units", "i32", f"(i32.const {rows})")
        function.set("at", "i32", get("out"))
        function.set("bias", self.lanes.type, "(v128.const i64x2 0 0)")
        label = f"fill{first}"
        function.lines += [
            f"(loop ${label}_unit (local.set $bias {self.lanes.load_one(get('unit'))}) (local.set $left {get('row')})",
            f"(loop ${label} {self.lanes.store(get('at'), get('bias'))} {add('at', 16)}",
            f"(br_if ${label} {down('left', 16)}))",
            add("unit", self.one.width),
            f"(br_if ${label}_unit {down('units', 1)}))",
        ]
        function.local("left", "i32")

    def _backward(self) -> Function:
        """The gradient g from the outputs of all layers and the gradient in the last ones, in the first row after."""
        function = Function("backward", dict.fromkeys(("w", "g", "x", "row", "base"), "i32"))
        sizes, width = self.network.sizes, self.one.width
        most = max(sizes[1:])
        for turn, layer in enumerate(reversed(range(len(self._layers)))):
            inside, outside = self._layers[layer]
            weights, biases = self.network.parts[layer]
            delta = function.set("delta", "i32", self._row(-1, most * (turn % 2)))
            before = function.set("before", "i32", self._row(layer - 1) if layer else get("x"))
            counts = f"(i32.const {outside}) (i32.const {inside}) {get('row')}"
            function.lines += [
                f"(call $slopes {delta} {before} {self._offset('g', weights.start)} {counts})",
                f"(call $sums {delta} {self._offset('g', biases.start)} (i32.const {outside}) {get('row')})",
            ]
            if layer:
                out = function.set("out", "i32", self._row(-1, most * (1 - turn % 2)))
                step = f"(i32.const {inside * width})"
                counts = f"(i32.const {inside}) (i32.const {outside}) {get('row')}"
                w = self._offset("w", weights.start)
                function.lines += [
                    f"(memory.fill {out} (i32.const 0) {self._times(inside)})",
                    f"(call $linear_back {w} {step} {delta} {out} {counts})",
                    f"(call $bend {out} {before} {self._times(inside)})",
                ]
        return function

    def _squares(self) -> Function:
        """The sum of the squares of a vector, in four lanes."""
        function = Function("squares", {"v": "i32"}, ["f64"])
        double = Lanes("f64", 2)
        for half in ("low", "high"):
            function.set(half, "v128", double.const(0))
        function.set("left", "i32", f"(i32.const {self.pitch})")
        if self.one.width == 8:
            pair, step = [double.load(get("v")), double.load(get("v"), 16)], 32
        else:
            upper = f"(i8x16.shuffle {' '.join(map(str, [*range(8, 16)] * 2))} {get('four')} {get('four')})"
            pair, step = [f"(f64x2.promote_low_f32x4 {four})" for four in (get("four"), upper)], 16
            function.local("four", "v128")
        body = [] if step == 32 else [f"(local.set $four {self.lanes.load(get('v'))})"]
        function.local("two", "v128")
        for half, two in zip(("low", "high"), pair, strict=True):
            square = double.op("mul", get("two"), get("two"))
            body += [f"(local.set $two {two})", f"(local.set ${half} {double.op('add', get(half), square)})"]
        function.loop("next", [*body, add("v", step)], down("left", step))
        sums = [f"(f64.add {double.lane(get(half), 0)} {double.lane(get(half), 1)})" for half in ("low", "high")]
        function.lines.append(f"(f64.add {' '.join(sums)})")
        return function

    def _evaluate(self) -> Function:
        """The mean loss of points that lie in pieces; sets the number of those whose class is predicted."""
        parameters = dict.fromkeys(("w", "x", "labels", "count", "total", "losses", "base"), "i32")
        function = Function("evaluate", parameters, ["f64"])
        function.set("left", "i32", get("count"))
        function.set("at", "i32", get("losses"))
        for name in ("n", "row"):
            function.local(name, "i32")
        judge = f"(call $judge {self.outputs} {get('labels')} {get('n')} {get('row')} {get('at')})"
        function.lines.append("(global.set $right (i32.const 0))")
        body = [
            f"(local.set $n (select (i32.const {PIECE}) {get('left')} (i32.lt_s (i32.const {PIECE}) {get('left')})))",
            f"(local.set $row {self.row_bytes(get('n'))})",
            f"(call $forward {get('w')} {get('x')} {get('row')} {get('base')})",
            f"(global.set $right (i32.add (global.get $right) {judge}))",
            add("x", self._times(self.network.sizes[0])),
            add("labels", get("row")),
            add("at", get("row")),
        ]
        again = f"(i32.gt_s (local.tee $left (i32.sub {get('left')} {get('n')})) (i32.const 0))"
        function.loop("next", body, again)
        bytes_ = f"(i32.sub {get('at')} {get('losses')})"
        function.lines += [
            f"(call $sums {get('losses')} {get('total')} (i32.const 1) {bytes_})",
            self.one.as_double(self.mean(get("total"), get("count"))),
        ]
        return function

    def mean(self, total: str, count: str) -> str:
        """Returns a mean from the address of the sum and the number of points."""
        return self.one.op("div", self.one.load(total), f"({self.one.name}.convert_i32_s {count})")

    def row_bytes(self, count: str) -> str:
        """Returns the bytes of a row of so many points."""
        size = self.one.width
        return f"(i32.and (i32.add (i32.mul {count} (i32.const {size})) (i32.const 15)) (i32.const -16))"

    def _row(self, index: int, extra: int = 0) -> str:
        """Returns the address of the outputs of a layer; -1 is what follows the last one."""
        return f"(i32.add {get('base')} (i32.mul {get('row')} (i32.const {self._above[index] + extra})))"

    def _offset(self, name: str, index: int) -> str:
        """Returns the address of a weight, or of its derivative."""
        return f"(i32.add {get(name)} (i32.const {self.one.width * index}))"

    def _times(self, rows: int) -> str:
        return f"(i32.mul {get('row')} (i32.const {rows}))"

    def update(self, rule: Program, *, single: bool) -> Function:
        """Returns the function $update: the weights `next` after an update, and the new states.

        What follows the last weight becomes 0. With `single` the weights are rounded to float32.
        """
        lanes, count = self.lanes, len(rule.outputs) - 1
        names = ["w", "next", "g", "states", *(f"c_at{c}" for c in range(len(rule.ahead)))]
        function = Function("update", dict.fromkeys(names, "i32"))
        known = {node: self._coefficient(function, rule, c) for c, node in enumerate(rule.ahead)}
        states = [
            function.set(f"s_at{k}", "i32", f"(i32.add {get('states')} (i32.const {k * self.pitch}))")
            for k in range(count)
        ]
        given = [self._length(function, name[5]) for name in rule.given]
        function.set("left", "i32", f"(i32.const {self.pitch})")
        function.lines.append("(loop $next")
        arrays = enumerate([get("w"), get("g"), *states])
        first, second, *own = (function.set(f"in{k}", lanes.type, lanes.load(at)) for k, at in arrays)
        inner = [first, second, *given, *own]
        outputs = Block(function, rule.graph, lanes, "u", known | dict(zip(rule.inner, inner, strict=True)))
        after = outputs.compute(rule.outputs)
        if single:
            after[0] = f"(f64x2.promote_low_f32x4 (f32x4.demote_f64x2_zero {after[0]}))"
        function.lines += [lanes.store(at, value) for at, value in zip([get("next"), *states], after, strict=True)]
        pointers = ["w", "next", "g", *(f"s_at{k}" for k in range(count))]
        function.lines += [*(add(name, 16) for name in pointers), f"(br_if $next {down('left', 16)}))"]
        unused = self.pitch // self.one.width - self.network.size
        zero = self.one.const(0)
        back = [f"(i32.sub {get('next')} (i32.const {self.one.width * (index + 1)}))" for index in range(unused)]
        function.lines += [self.one.store(at, zero) for at in back]
        return function

    def _length(self, function: Function, name: str) -> str:
        """Assigns the length of the vector of all weights, or of their gradient, to a variable; returns its value."""
        root = f"(f64.sqrt (call $squares {get(name)}))"
        return function.set(f"length_{name}", self.lanes.type, self.lanes.splat(self.one.from_double(root)))

    def _coefficient(self, function: Function, rule: Program, c: int) -> str:
        """Loads a coefficient, a condition as a number."""
        lanes, value = self.lanes, self.lanes.load_one(get(f"c_at{c}"))
        if is_truth(rule.graph, rule.ahead[c]):
            return function.set(f"c{c}", lanes.truth, lanes.op("ne", value, lanes.const(0)))
        return function.set(f"c{c}", lanes.type, value)
