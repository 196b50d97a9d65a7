"""Spells the passes through a network as WebAssembly: forward, backward, the loss on all data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

from lrstudio.core.kernel.emitter import Function, get
from lrstudio.core.kernel.lanes import Lanes
from lrstudio.core.kernel.lengths import NORM_LANES
from lrstudio.core.network.layers import Network
from lrstudio.core.network.spelling import activation_functions, add, down, head_functions
from lrstudio.core.network.update import sum_of

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
        """Yields the functions."""
        yield from activation_functions(self.network.activation, self.lanes)
        yield from head_functions(self._head, self.network.sizes[-1], self.lanes)
        yield from (self._forward(), self._backward(), sum_of(self.lanes, self.pitch, squared=True), self._evaluate())

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
