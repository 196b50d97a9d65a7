"""Trains networks in WebAssembly and writes every step: the runs one after the other, each step for all points."""

from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.elementary import definitions
from lrstudio.core.formula.rule import Program
from lrstudio.core.kernel.emitter import Function, get
from lrstudio.core.kernel.lanes import Lanes
from lrstudio.core.network.gemm import LANES, gemm
from lrstudio.core.network.layers import Network
from lrstudio.core.network.passes import Passes
from lrstudio.core.network.spelling import add, down
from lrstudio.core.network.update import Update

WORDS = (
    "steps",
    "runs",
    "w",
    "next",
    "g",
    "states",
    "loss",
    "params",
    "grad",
    "squares",
    "grad_squares",
    "ends",
    "recorded",
    "recorded_count",
    "x",
    "x_by",
    "labels",
    "labels_by",
    "counts",
    "due",
    "train",
    "train_labels",
    "train_count",
    "other",
    "other_labels",
    "other_count",
    "full",
    "final",
    "metrics",
    "snapshots",
    "total",
    "losses",
    "base",
    "scratch",
    "numbers",
)
"""The arguments of the function `trace`, i32 numbers in memory; three for each coefficient follow.

`x` and `labels` are the points of a step, `x_by` and `labels_by` bytes before those of the next; `counts` and `due`
have a number for each step. `train` and `other` are all points, in pieces of `PIECE`. `scratch` and `numbers` are what
an update needs (see `update`).
"""
COEFFICIENT = ("at", "by_step", "by_run")
FULL, METRICS, SNAPSHOT = 1, 2, 4
"""What is `due` after a step: the loss on all data, the metrics, all weights."""


@dataclass(frozen=True)
class NetworkProgram:
    """What a kernel of a network is made of; `arithmetic` and `weights` are f64 or f32, as in a `TraceProgram`."""

    network: Network
    head: str
    rule: Program
    arithmetic: str
    weights: str

    @property
    def passes(self) -> Passes:
        """The functions of the network."""
        return Passes(self.network, self.head, Lanes(self.arithmetic).wide)

    @property
    def text(self) -> str:
        """The module: `trace(arguments)` advances all runs."""
        return _Emission(self).text


class _Emission:
    def __init__(self, program: NetworkProgram) -> None:
        self._program, self._passes = program, program.passes
        self._one, self._rule = self._passes.one, program.rule

    @property
    def text(self) -> str:
        program, passes, lanes = self._program, self._passes, self._passes.lanes
        single = program.weights != program.arithmetic
        update = Update(program.rule, program.network.tensors, lanes, passes.pitch, single=single)
        functions = [*passes.functions(), *update.functions, self._trace()]
        called = set().union(*(function.elementary for function in functions))
        texts = [definitions(called), gemm(LANES[lanes.width]), *(function.text for function in functions)]
        memory = '(memory (export "memory") 1) (global $right (mut i32) (i32.const 0))'
        return "\n".join([f"(module {memory}", *texts, ")"])

    def _trace(self) -> Function:
        function, rule = Function("trace", {"arguments": "i32"}, exported=True), self._rule
        coefficients = [f"{part}{c}" for c in range(len(rule.ahead)) for part in COEFFICIENT]
        for index, word in enumerate([*WORDS, *coefficients]):
            function.set(word, "i32", f"(i32.load offset={4 * index} {get('arguments')})")
        function.set("run", "i32", "(i32.const 0)")
        function.lines.append("(loop $next_run")
        self._begin_run(function)
        function.lines.append("(block $ended (loop $next_step")
        self._step(function)
        self._record(function)
        self._evaluate_due(function)
        function.set("step", "i32", f"(i32.add {get('step')} (i32.const 1))")
        for c in range(len(rule.ahead)):
            function.lines.append(add(f"c_at{c}", get(f"by_step{c}")))
        function.lines += [add("x_at", get("x_by")), add("labels_at", get("labels_by"))]
        function.lines.append(f"(br_if $next_step (i32.lt_s {get('step')} {get('steps')}))))")
        self._end_run(function)
        function.lines.append(f"(br_if $next_run (i32.lt_s {get('run')} {get('runs')})))")
        return function

    def _begin_run(self, function: Function) -> None:
        function.set("step", "i32", "(i32.const 0)")
        for name, pitches in (("w", 1), ("next", 1), ("g", 1), ("states", (len(self._rule.outputs) - 1))):
            distance = f"(i32.mul {get('run')} (i32.const {pitches * self._passes.pitch}))"
            function.set(f"{name}_at", "i32", f"(i32.add {get(name)} {distance})")
        for c in range(len(self._rule.ahead)):
            function.set(f"c_at{c}", "i32", f"(i32.add {get(f'at{c}')} (i32.mul {get('run')} {get(f'by_run{c}')}))")
        for name in ("x", "labels"):
            function.set(f"{name}_at", "i32", get(name))
        for name in ("fulls", "evaluations", "saved"):
            function.set(name, "i32", "(i32.const 0)")

    def _step(self, function: Function) -> None:
        """An update, the loss and the gradient after it; ends the run unless they are finite."""
        one = self._one
        coefficients = " ".join(get(f"c_at{c}") for c in range(len(self._rule.ahead)))
        arrays = " ".join(get(f"{name}_at") for name in ("w", "next", "g", "states"))
        function.lines.append(f"(call $update {arrays} {get('scratch')} {get('numbers')} {coefficients})")
        function.set("swap", "i32", get("w_at"))
        function.set("w_at", "i32", get("next_at"))
        function.set("next_at", "i32", get("swap"))
        own = f"(i32.mul {get('step')} (i32.const 4))"
        count = function.set("count", "i32", f"(i32.load (i32.add {get('counts')} {own}))")
        function.set("row", "i32", self._passes.row_bytes(count))
        z, delta = self._passes.outputs, self._passes.slopes
        points = f"{get('x_at')} {get('row')} {get('base')}"
        function.lines += [
            f"(call $forward {get('w_at')} {points})",
            f"(call $head {z} {get('labels_at')} {count} {get('row')} {get('losses')} {delta})",
            f"(call $sums {get('losses')} {get('total')} (i32.const 1) {get('row')})",
            f"(call $backward {get('w_at')} {get('g_at')} {points})",
        ]
        function.set("l", "f64", one.as_double(self._passes.mean(get("total"), count)))
        function.set("size", "f64", f"(call $squares {get('w_at')})")
        finite = [f"(f64.ne (f64.sub {value} {value}) (f64.const 0))" for value in (get("l"), get("size"))]
        function.lines.append(f"(if (i32.or {' '.join(finite)}) (then")
        function.lines.append(f"(i32.store (i32.add {get('ends')} (i32.mul {get('run')} (i32.const 4))) {get('step')})")
        final = self._call_evaluate("next_at", "train")
        function.lines.append(f"(if {get('final')} (then (f64.store {self._of_run('final', 8)} {final})))")
        function.lines.append("(br $ended)))")

    def _of_run(self, name: str, size: int, index: str = "") -> str:
        """Returns the address of the numbers of the run in a row, the first one or with an index."""
        number = f"(i32.add (i32.mul {get(index)} {get('runs')}) {get('run')})" if index else get("run")
        return f"(i32.add {get(name)} (i32.mul {number} (i32.const {size})))"

    def _call_evaluate(self, w: str, points: str) -> str:
        data = " ".join(get(f"{points}{part}") for part in ("", "_labels", "_count"))
        return f"(call $evaluate {get(w)} {data} {get('total')} {get('losses')} {get('base')})"

    def _record(self, function: Function) -> None:
        """Writes loss, sums of squares, and the recorded weights and slopes."""
        function.lines += [
            f"(f64.store {self._of_run('loss', 8, 'step')} {get('l')})",
            f"(f64.store {self._of_run('squares', 8, 'step')} {get('size')})",
            f"(f64.store {self._of_run('grad_squares', 8, 'step')} (call $squares {get('g_at')}))",
        ]
        number = f"(i32.mul (i32.add (i32.mul {get('step')} {get('runs')}) {get('run')}) {get('recorded_count')})"
        for name in ("params", "grad"):
            function.set(f"{name}_at", "i32", f"(i32.add {get(name)} (i32.mul (i32.const 8) {number}))")
        function.set("index", "i32", get("recorded"))
        function.set("left", "i32", get("recorded_count"))
        place = function.local("place", "i32")
        body = [f"(local.set ${place} (i32.load {get('index')}))"]
        for name, values in (("params", "w"), ("grad", "g")):
            value = self._one.as_double(self._one.load(f"(i32.add {get(f'{values}_at')} {get(place)})"))
            body.append(f"(f64.store {get(f'{name}_at')} {value})")
        body += [add("index", 4), add("params_at", 8), add("grad_at", 8)]
        function.loop("recorded", body, down("left", 1))

    def _evaluate_due(self, function: Function) -> None:
        """Writes the loss on all data, the metrics and all weights where they are due."""
        due = function.set("now", "i32", f"(i32.load (i32.add {get('due')} (i32.mul {get('step')} (i32.const 4))))")
        function.lines.append(f"(if (i32.and {due} (i32.const {FULL | METRICS})) (then")
        function.set("all", "f64", self._call_evaluate("w_at", "train"))
        function.lines += [
            f"(if (i32.and {due} (i32.const {FULL})) (then",
            f"(f64.store {self._of_run('full', 8, 'fulls')} {get('all')}) {add('fulls', 1)}))",
            f"(if (i32.and {due} (i32.const {METRICS})) (then",
        ]
        place = function.set("place", "i32", self._of_run("metrics", 24, "evaluations"))
        right = "(f64.convert_i32_s (global.get $right))"
        function.lines += [
            f"(f64.store {place} {right})",
            f"(f64.store offset=8 {place} {self._call_evaluate('w_at', 'other')})",
            f"(f64.store offset=16 {place} {right})",
            f"{add('evaluations', 1)}))))",
            f"(if (i32.and {due} (i32.const {SNAPSHOT})) (then",
        ]
        size = self._passes.network.size
        function.set("place", "i32", self._of_run("snapshots", 8 * size, "saved"))
        function.set("index", "i32", get("w_at"))
        function.set("left", "i32", f"(i32.const {size})")
        value = self._one.as_double(self._one.load(get("index")))
        body = [f"(f64.store {place} {value})", add("index", self._one.width), add("place", 8)]
        function.loop("saved", body, down("left", 1))
        function.lines.append(f"{add('saved', 1)}))")

    def _end_run(self, function: Function) -> None:
        """Copies the newest weights to where they were."""
        home = f"(i32.add {get('w')} (i32.mul {get('run')} (i32.const {self._passes.pitch})))"
        function.lines += [
            f"(if (i32.ne {get('w_at')} {home}) (then",
            f"(memory.copy {home} {get('w_at')} (i32.const {self._passes.pitch}))))",
            add("run", 1),
        ]
