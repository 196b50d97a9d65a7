"""Spells the update of a network's weights as WebAssembly.

A rule that joins parameters takes several passes over them: each writes the values that are to be joined to vectors in
`scratch`, where they are replaced by what comes of them, as in `joins`; the last pass writes weights and states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from lrstudio.core.formula.parse import JOINED
from lrstudio.core.formula.rule import Program
from lrstudio.core.formula.tensors import Tensor, Tensors, number_of
from lrstudio.core.kernel.emitter import Block, Function, get, is_truth
from lrstudio.core.kernel.lanes import Lanes
from lrstudio.core.network.orthogonal import lane_sum, orthogonal, work_bytes
from lrstudio.core.network.spelling import add, down

NUMBERS = ("rows", "columns", "matrix", "hidden", "lr_factor")
"""The functions whose values are known before: `numbers` has a vector of each."""


def joined(rule: Program) -> list[list[int]]:
    """Returns the operations of a rule that join parameters, pass by pass; each has a vector in `scratch`."""
    graph, depth, passes = rule.graph, dict[int, int](), list[list[int]]()
    for index in graph.needed(rule.outputs):
        node = graph.nodes[index]
        depth[index] = max((depth[arg] for arg in node.args), default=0)
        if node.op == "total" or (node.op in JOINED and node.op not in NUMBERS):
            passes += [[] for _ in range(depth[index] + 1 - len(passes))]
            passes[depth[index]].append(index)
            depth[index] += 1
    return passes


def scratch_bytes(rule: Program, tensors: Tensors, pitch: int, width: int) -> int:
    """Returns the bytes of `scratch`."""
    nodes = list(chain(*joined(rule)))
    turned = any(rule.graph.nodes[index].op == "orthogonal" for index in nodes)
    return len(nodes) * pitch + (work_bytes(tensors, width) if turned else 0)


class Update:
    """The functions of an update of weights in `tensors`; a vector of all has `pitch` bytes. Lanes are a vector's.

    With `single` the weights are rounded to float32.
    """

    def __init__(self, rule: Program, tensors: Tensors, lanes: Lanes, pitch: int, *, single: bool) -> None:
        self._rule, self._tensors, self._lanes, self._pitch, self._single = rule, tensors, lanes, pitch, single
        self._joined = joined(rule)
        coefficients = [f"c_at{c}" for c in range(len(rule.ahead))]
        names = ["w", "next", "g", "states", "scratch", "numbers", *coefficients]
        self._function = Function("update", dict.fromkeys(names, "i32"))
        states = [self._vector("states", k) for k in range(len(rule.outputs) - 1)]
        nodes = rule.graph.nodes
        self._values = {node: self._coefficient(c) for c, node in enumerate(rule.ahead)}
        self._values |= {node: self._length(name[5]) for name, node in zip(rule.given, rule.inner[2:], strict=False)}
        places = get("w"), get("g"), *states
        self._vectors = dict(zip((*rule.inner[:2], *rule.inner[2 + len(rule.given) :]), places, strict=True))
        self._vectors |= {
            index: self._vector("numbers", NUMBERS.index(nodes[index].op))
            for index in rule.graph.needed(rule.outputs)
            if nodes[index].op in NUMBERS
        }
        self._spell(states)

    @property
    def functions(self) -> Iterator[Function]:
        """Yields $update, which sets the weights `next` and the states, and what it calls.

        What follows the last weight becomes 0.
        """
        yield self._function
        ops = {self._rule.graph.nodes[index].op for index in chain(*self._joined)}
        if "total" in ops:
            yield sum_of(self._lanes, self._pitch, squared=False)
        if ops & {"tensor_mean", "row_mean", "column_mean"}:
            yield from (lane_sum(self._lanes, squared=False), _averages(self._lanes))
        if "orthogonal" in ops:
            yield from (lane_sum(self._lanes, squared=True), orthogonal(self._lanes))

    def _spell(self, states: Sequence[str]) -> None:
        nodes, place = self._rule.graph.nodes, 0
        self._function.local("at", "i32")
        for turn, joined in enumerate(self._joined):
            places = [self._vector("scratch", place + k) for k in range(len(joined))]
            self._pass(f"pass{turn}", [nodes[index].args[0] for index in joined], places)
            for index, own in zip(joined, places, strict=True):
                self._join(index, own)
            place += len(joined)
        self._pass("last", self._rule.outputs, [get("next"), *states])
        self._clear(get("next"))

    def _pass(self, label: str, wanted: Sequence[int], places: Sequence[str]) -> None:
        """Computes operations for all weights and stores their values."""
        function, graph, lanes = self._function, self._rule.graph, self._lanes
        function.lines.append(f"(local.set $at (i32.const 0)) (loop ${label}")
        needed = graph.needed(wanted, given={**self._values, **self._vectors})
        read = {*wanted, *chain(*(graph.nodes[index].args for index in needed))}
        loaded = {
            index: function.set(f"{label}_in{index}", lanes.type, lanes.load(_moved(place)))
            for index, place in self._vectors.items()
            if index in read
        }
        values = Block(function, graph, lanes, label, self._values | loaded).compute(wanted)
        if label == "last" and self._single:
            values[0] = f"(f64x2.promote_low_f32x4 (f32x4.demote_f64x2_zero {values[0]}))"
        function.lines += [lanes.store(_moved(place), value) for place, value in zip(places, values, strict=True)]
        again = f"(i32.lt_u (local.tee $at (i32.add {get('at')} (i32.const 16))) (i32.const {self._pitch}))"
        function.lines.append(f"(br_if ${label} {again}))")

    def _join(self, index: int, place: str) -> None:
        """Replaces the values of a vector by what joins them, or makes one number known."""
        op, lanes, function = self._rule.graph.nodes[index].op, self._lanes, self._function
        if op in ("total", "norm"):
            self._clear(place)
            self._values[index] = self._number(f"all{index}", "sum" if op == "total" else "squares", place)
            return
        self._vectors[index] = place
        for tensor in self._tensors:
            at = f"(i32.add {place} (i32.const {tensor.start * lanes.width}))"
            if op == "orthogonal":
                function.lines += [self._orthogonal(index, at, tensor)] if tensor.matrix else []
            elif groups := _groups(op, tensor, lanes.width):
                function.lines.append(f"(call $averages {at} {_constants(*groups)})")

    def _orthogonal(self, index: int, place: str, tensor: Tensor) -> str:
        """Returns the call that makes a matrix orthogonal; the working memory follows the vectors of `scratch`."""
        block = Block(self._function, self._rule.graph, self._lanes, "numbers", self._values)
        _, *numbers = self._rule.graph.nodes[index].args
        steps, *others = (self._lanes.lane(block[number], 0) for number in numbers)
        work = f"(i32.add {get('scratch')} (i32.const {self._pitch * sum(map(len, self._joined))}))"
        whole = f"(i32.trunc_sat_{self._lanes.scalar}_s {steps})"
        counts = _constants(tensor.rows, tensor.columns)
        return f"(call $orthogonal {place} {counts} {whole} {work} {' '.join(others)})"

    def _number(self, name: str, function: str, place: str) -> str:
        """Assigns the sum of a vector, or its length, to a variable; returns its value."""
        value = f"(call ${function} {place})" if function == "sum" else f"(f64.sqrt (call ${function} {place}))"
        return self._function.set(name, self._lanes.type, self._lanes.splat(self._lanes.single.from_double(value)))

    def _length(self, name: str) -> str:
        return self._number(f"length_{name}", "squares", get(name))

    def _coefficient(self, c: int) -> str:
        """Loads a coefficient, a condition as a number."""
        lanes, value = self._lanes, self._lanes.load_one(get(f"c_at{c}"))
        if is_truth(self._rule.graph, self._rule.ahead[c]):
            return self._function.set(f"c{c}", lanes.truth, lanes.op("ne", value, lanes.const(0)))
        return self._function.set(f"c{c}", lanes.type, value)

    def _vector(self, name: str, index: int) -> str:
        """Returns the address of a vector, kept in a variable."""
        at = f"(i32.add {get(name)} (i32.const {index * self._pitch}))"
        return self._function.set(f"{name}_at{index}", "i32", at)

    def _clear(self, place: str) -> None:
        """Fills up a vector by zeros."""
        width = self._lanes.width
        for offset in range(number_of(self._tensors) * width, self._pitch, width):
            self._function.lines.append(self._lanes.single.store(place, self._lanes.single.const(0), offset))


def _constants(*numbers: int) -> str:
    return " ".join(f"(i32.const {number})" for number in numbers)


def _moved(place: str) -> str:
    return f"(i32.add {place} {get('at')})"


def _groups(op: str, tensor: Tensor, width: int) -> tuple[int, ...]:
    """Returns the number of groups of which there are means, their distance, count, and the distance in a group."""
    rows, columns = tensor.rows, tensor.columns
    if op == "tensor_mean":
        return 1, 0, tensor.size, width
    if op == "row_mean":
        return (rows, columns * width, columns, width) if columns > 1 else ()
    return columns, width, rows, columns * width


def sum_of(lanes: Lanes, pitch: int, *, squared: bool) -> Function:
    """Returns $squares or $sum: the sum of the squares of a vector, or of its numbers, in f64 and four lanes."""
    function = Function("squares" if squared else "sum", {"v": "i32"}, ["f64"])
    double = Lanes("f64", 2)
    for half in ("low", "high"):
        function.set(half, "v128", double.const(0))
    function.set("left", "i32", f"(i32.const {pitch})")
    if lanes.width == 8:
        pair, step = [double.load(get("v")), double.load(get("v"), 16)], 32
    else:
        pair, step = lanes.as_doubles(get("four")), 16
        function.local("four", "v128")
    body = [] if step == 32 else [f"(local.set $four {lanes.load(get('v'))})"]
    function.local("two", "v128")
    for half, two in zip(("low", "high"), pair, strict=True):
        term = double.op("mul", get("two"), get("two")) if squared else get("two")
        body += [f"(local.set $two {two})", f"(local.set ${half} {double.op('add', get(half), term)})"]
    function.loop("next", [*body, add("v", step)], down("left", step))
    sums = [f"(f64.add {double.lane(get(half), 0)} {double.lane(get(half), 1)})" for half in ("low", "high")]
    function.lines.append(f"(f64.add {' '.join(sums)})")
    return function


def _averages(lanes: Lanes) -> Function:
    """Replaces the numbers of each group by their mean."""
    one = lanes.single
    function = Function("averages", dict.fromkeys(("first", "groups", "by", "count", "step"), "i32"))
    for name in ("v", "left"):
        function.local(name, "i32")
    function.local("mean", one.type)
    total = f"(call $lane_sum {get('first')} {get('count')} {get('step')})"
    mean = one.from_double(f"(f64.div {total} (f64.convert_i32_s {get('count')}))")
    function.lines += [
        f"(loop $group (local.set $mean {mean})",
        f"(local.set $v {get('first')}) (local.set $left {get('count')})",
        f"(loop $fill {one.store(get('v'), get('mean'))} {add('v', get('step'))} (br_if $fill {down('left', 1)}))",
        f"{add('first', get('by'))} (br_if $group {down('groups', 1)}))",
    ]
    return function
