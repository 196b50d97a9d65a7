"""Trains runs in WebAssembly and writes every step: the runs one after the other, all numbers of a run in registers."""

from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.formula.rule import LossProgram
from lrstudio.core.kernel.emitter import Block, Function, get, is_truth, module
from lrstudio.core.kernel.lanes import Lanes
from lrstudio.core.kernel.lengths import join, length
from lrstudio.core.kernel.measurement import Measurement, StepProgram
from lrstudio.core.kernel.sums import Rows

WORDS = (
    "steps",
    "runs",
    "state",
    "loss",
    "params",
    "grad",
    "plus",
    "ends",
    "data",
    "pitch",
    "size",
    "batch",
    "index",
    "whole",
    "whole_pitch",
    "whole_size",
    "full",
    "first",
    "constants",
    "rates",
)
"""The arguments of the function `trace`, i32 numbers in memory; three for each coefficient follow.

Addresses are of all runs; those of `constants` have T, lr0 and the numbers that differ between runs, as f64.
"""
COEFFICIENT = ("at", "by_step", "by_run")
"""The arguments of a coefficient: its address and the bytes to the next step and the next run."""


@dataclass(frozen=True)
class TraceProgram(StepProgram):
    """What a trace kernel is made of.

    A `schedule` that follows the loss is computed with the
    updates, and with it their coefficients.
    """

    schedule: LossProgram | None = None

    @property
    def text(self) -> str:
        """The module: `trace(arguments)` advances all runs."""
        return _Emission(self).text


_DOUBLE = Lanes("f64")


class _Emission:
    def __init__(self, program: TraceProgram) -> None:
        self._program, self._lanes, self._stored = program, Lanes(program.arithmetic), Lanes(program.weights)
        formula = program.formula
        self._size = len(formula.parameters)
        self._has_data = bool(formula.columns)
        self._measured = Measurement(formula, self._lanes, self._stored, program.mode, program.eps)
        self._states = len(program.rule.outputs) - 1
        self._tables = 0 if program.schedule else len(program.rule.ahead)
        self._trace = Function("trace", {"arguments": "i32"}, exported=True)

    @property
    def text(self) -> str:
        self._spell()
        return module([self._trace, *self._measured.functions])

    def _spell(self) -> None:
        function = self._trace
        words = list(WORDS)
        coefficients = [f"{part}{c}" for c in range(self._tables) for part in COEFFICIENT]
        for index, word in enumerate([*words, *coefficients]):
            function.set(word, "i32", f"(i32.load offset={4 * index} {get('arguments')})")
        function.local("run", "i32")
        function.lines.append("(loop $next_run")
        self._begin_run()
        function.lines.append("(block $ended (loop $next_step")
        self._update()
        self._measured.spell(function, self._rows())
        self._write()
        self._advance()
        function.lines.append(f"(br_if $next_step (i32.lt_s {get('step')} {get('steps')}))))")
        self._end_run()
        function.lines.append(f"(br_if $next_run (i32.lt_s {get('run')} {get('runs')})))")

    def _begin_run(self) -> None:
        function, rows = self._trace, self._row_sizes
        function.set("step", "i32", "(i32.const 0)")
        function.set("own", "i32", f"(i32.add {get('state')} (i32.mul {get('run')} (i32.const {8 * self._words})))")
        for name, count in rows.items():
            offset = f"(i32.mul {get('run')} (i32.const {8 * count}))"
            function.set(f"{name}_at", "i32", f"(i32.add {get(name)} {offset})")
            function.set(f"{name}_by", "i32", f"(i32.mul {get('runs')} (i32.const {8 * count}))")
        for c in range(self._tables):
            function.set(f"c_at{c}", "i32", f"(i32.add {get(f'at{c}')} (i32.mul {get('run')} {get(f'by_run{c}')}))")
        for index, (name, lanes) in enumerate(self._carried):
            value = lanes.from_double(f"(f64.load offset={8 * index} {get('own')})")
            function.set(name, lanes.type, value)
        for index in range(self._constants):
            place = f"(i32.add {get('constants')} (i32.mul {get('run')} (i32.const {8 * self._constants})))"
            function.set(f"k{index}", "f64", f"(f64.load offset={8 * index} {place})")
        if self._program.batches:
            function.set("rows_at", "i32", get("data"))
            function.set("turn", "i32", get("index"))
            full = f"(i32.add {get('full')} (i32.mul {get('run')} (i32.const 8)))"
            function.set("full_at", "i32", full)
            function.set("full_by", "i32", f"(i32.mul {get('runs')} (i32.const 8))")

    @property
    def _row_sizes(self) -> dict[str, int]:
        """The numbers of a run in a row, by column."""
        sizes = {"loss": 1, "params": self._size, "grad": self._size}
        sizes |= {"plus": self._size} if self._program.mode == "forward" else {}
        return sizes | ({"rates": 1} if self._program.schedule else {})

    @property
    def _carried(self) -> list[tuple[str, Lanes]]:
        """The numbers of a run that pass from step to step: weights, gradient, states, loss."""
        size = range(self._size)
        return [
            *((f"w{p}", self._stored) for p in size),
            *((f"g{p}", self._lanes) for p in size),
            *((f"s{k}_{p}", self._lanes) for k in range(self._states) for p in size),
            ("l", self._lanes),
            *((f"r{k}", _DOUBLE) for k in range(len(self._program.schedule.states) if self._program.schedule else 0)),
        ]

    @property
    def _words(self) -> int:
        return len(self._carried)

    def _update(self) -> None:
        function, program, lanes = self._trace, self._program, self._lanes
        rule = program.rule
        if program.schedule is None:
            coefficients = {node: self._coefficient(c, node) for c, node in enumerate(rule.ahead)}
        else:
            coefficients = self._scheduled(program.schedule)
        given = [self._length(name) for name in rule.given]
        blocks = []
        for p in range(self._size):
            inner = [
                self._measured.arithmetic(get(f"w{p}")),
                get(f"g{p}"),
                *given,
                *(get(f"s{k}_{p}") for k in range(self._states)),
            ]
            values = coefficients | dict(zip(rule.inner, inner, strict=True))
            blocks.append(Block(function, rule.graph, lanes, f"u{p}_", values))
        join(function, rule.graph, lanes, blocks, rule.outputs)
        for p, block in enumerate(blocks):
            after, *states = block.compute(rule.outputs)
            states = [function.set(f"new{k}", lanes.type, state) for k, state in enumerate(states)]
            function.set(f"w{p}", self._stored.type, self._measured.rounded(after))
            for k, state in enumerate(states):
                function.set(f"s{k}_{p}", lanes.type, state)

    def _length(self, name: str) -> str:
        """Returns the length of the vector of all weights, norm(w), or of their gradient, norm(g)."""
        values = [
            self._measured.arithmetic(get(f"w{p}")) if name == "norm(w)" else get(f"g{p}") for p in range(self._size)
        ]
        return length(self._trace, self._lanes, f"length_{name[5]}", values)

    def _coefficient(self, c: int, node: int) -> str:
        """Loads a coefficient, a condition as a number."""
        lanes, value = self._lanes, self._lanes.load(get(f"c_at{c}"))
        if is_truth(self._program.rule.graph, node):
            return self._trace.set(f"c{c}", lanes.truth, lanes.op("ne", value, lanes.const(0)))
        return self._trace.set(f"c{c}", lanes.type, value)

    def _scheduled(self, schedule: LossProgram) -> dict[int, str]:
        """Writes the rate, computes the coefficients with it, and the rate of the next step from the loss."""
        function, rule, lanes = self._trace, self._program.rule, self._lanes
        t = function.set("t", "f64", f"(f64.convert_i32_s (i32.add {get('first')} {get('step')}))")
        function.lines.append(f"(f64.store {get('rates_at')} {get('r0')})")
        own = [get(f"k{index}") for index in range(self._constants)]
        differing = len(schedule.outer) - 1
        outer = [f"(f64.add {t} (f64.const 1))", get("r0"), *own[differing:]]
        block = Block(function, rule.graph, _DOUBLE, "a", dict(zip(rule.outer, outer, strict=True)))
        values = block.compute(rule.ahead)
        coefficients = {
            node: value if is_truth(rule.graph, node) else function.set(f"c{c}", lanes.type, lanes.from_double(value))
            for c, (node, value) in enumerate(zip(rule.ahead, values, strict=True))
        }
        known = {schedule.loss: lanes.as_double(get("l"))}
        known |= {node: get(f"r{k}") for k, node in enumerate(schedule.states)}
        known |= dict(zip(schedule.outer, [t, *own[:differing]], strict=True))
        states = Block(function, schedule.graph, _DOUBLE, "b", known).compute(schedule.outputs)
        after = [function.set(f"next{k}", "f64", value) for k, value in enumerate(states)]
        for k, value in enumerate(after):
            function.set(f"r{k}", "f64", value)
        return coefficients

    @property
    def _constants(self) -> int:
        """The number of constants of a run: T, lr0, those of the schedule, those of the rule."""
        program = self._program
        return len(program.schedule.outer) - 1 + len(program.rule.outer) - 2 if program.schedule else 0

    def _rows(self) -> Rows | None:
        if not self._has_data:
            return None
        if not self._program.batches:
            return Rows(get("data"), get("size"), self._program.rows)
        rest = f"(i32.sub {get('size')} (i32.mul {get('turn')} {get('batch')}))"
        shorter = f"(i32.lt_s {get('batch')} {rest})"
        number = self._trace.set("number", "i32", f"(select {get('batch')} {rest} {shorter})")
        return Rows(get("rows_at"), number, self._program.rows)

    def _write(self) -> None:
        function, lanes = self._trace, self._lanes
        finite = lanes.as_double(lanes.op("sub", get("l"), get("l")))
        for p in range(self._size):
            own = self._stored.as_double(get(f"w{p}"))
            finite = f"(f64.add {finite} (f64.sub {own} {own}))"
        function.lines += [
            f"(if (f64.ne {finite} (f64.const 0)) (then",
            f"(i32.store (i32.add {get('ends')} (i32.mul {get('run')} (i32.const 4))) {get('step')})",
            "(br $ended)))",
            f"(f64.store {get('loss_at')} {lanes.as_double(get('l'))})",
        ]
        for p in range(self._size):
            place, stored = f"offset={8 * p}", self._stored.as_double(get(f"w{p}"))
            function.lines.append(f"(f64.store {place} {get('params_at')} {stored})")
            function.lines.append(f"(f64.store {place} {get('grad_at')} {lanes.as_double(get(f'g{p}'))})")
            if self._program.mode == "forward":
                function.lines.append(f"(f64.store {place} {get('plus_at')} {lanes.as_double(get(f'plus{p}'))})")

    def _advance(self) -> None:
        function = self._trace
        for name in self._row_sizes:
            function.set(f"{name}_at", "i32", f"(i32.add {get(f'{name}_at')} {get(f'{name}_by')})")
        for c in range(self._tables):
            function.set(f"c_at{c}", "i32", f"(i32.add {get(f'c_at{c}')} {get(f'by_step{c}')})")
        function.set("step", "i32", f"(i32.add {get('step')} (i32.const 1))")
        if self._program.batches:
            self._next_batch()

    def _next_batch(self) -> None:
        """Goes to the next mini-batch; at the start of an epoch writes the loss on all data."""
        function, lanes = self._trace, self._lanes
        whole = f"{get('whole')} {get('whole_pitch')} {get('whole_size')}"
        weights = [self._measured.arithmetic(get(f"w{p}")) for p in range(self._size)]
        value = lanes.as_double(self._measured.loss(weights, whole))
        width = lanes.width
        function.lines += [
            f"(if (i32.eqz {get('turn')}) (then",
            f"(f64.store {get('full_at')} {value})",
            f"(local.set $full_at (i32.add {get('full_at')} {get('full_by')}))))",
        ]
        function.set("turn", "i32", f"(i32.add {get('turn')} (i32.const 1))")
        function.set("rows_at", "i32", f"(i32.add {get('rows_at')} (i32.mul {get('number')} (i32.const {width})))")
        over = f"(i32.ge_s (i32.mul {get('turn')} {get('batch')}) {get('size')})"
        function.set("turn", "i32", f"(select (i32.const 0) {get('turn')} {over})")

    def _end_run(self) -> None:
        function = self._trace
        for index, (name, lanes) in enumerate(self._carried):
            function.lines.append(f"(f64.store offset={8 * index} {get('own')} {lanes.as_double(get(name))})")
        function.set("run", "i32", f"(i32.add {get('run')} (i32.const 1))")
