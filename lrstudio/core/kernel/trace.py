"""Trains runs in WebAssembly and writes every step: the runs one after the other, all numbers of a run in registers."""

from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.formula.rule import Program
from lrstudio.core.kernel.emitter import Block, Function, get, is_truth, module
from lrstudio.core.kernel.lanes import Lanes
from lrstudio.core.kernel.sums import DataFormula, Rows
from lrstudio.core.objective import LossFormula

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
)
"""The arguments of the function `trace`, i32 numbers in memory; three for each coefficient follow."""
COEFFICIENT = ("at", "by_step", "by_run")
"""The arguments of a coefficient: its address and the bytes to the next step and the next run."""


@dataclass(frozen=True)
class TraceProgram:
    """What a trace kernel is made of.

    `arithmetic` is the type of all computation, `weights` that of the stored weights, f64 or f32. `mode` and `eps` are
    those of the gradient. `rows` is the number of data points of every step, None where it differs between steps;
    `batches` whether the steps take turns on shuffled data.
    """

    formula: LossFormula
    rule: Program
    arithmetic: str
    weights: str
    mode: str
    eps: float
    rows: int | None
    batches: bool

    @property
    def text(self) -> str:
        """The module: `trace(arguments)` advances all runs."""
        return _Emission(self).text


class _Emission:
    def __init__(self, program: TraceProgram) -> None:
        self._program, self._lanes, self._stored = program, Lanes(program.arithmetic), Lanes(program.weights)
        formula = program.formula
        self._size = len(formula.parameters)
        self._has_data = bool(formula.columns)
        parts = formula.graph, formula.parameters, formula.columns
        self._loss = DataFormula("loss", *parts, [formula.loss], self._lanes)
        self._slopes = DataFormula("slopes", *parts, [formula.loss, *formula.slopes], self._lanes)
        self._states = len(program.rule.outputs) - 1
        self._trace = Function("trace", {"arguments": "i32"}, exported=True)

    @property
    def text(self) -> str:
        functions = [self._trace]
        self._spell()
        if self._program.mode == "analytic":
            functions += self._slopes.functions
        if self._program.mode != "analytic" or self._program.batches:
            functions += [*self._loss.functions, self._loss_function()]
        return module(functions)

    def _loss_function(self) -> Function:
        """Returns the loss of parameters on some rows as a function."""
        names = [f"p{index}" for index in range(self._size)]
        kinds = dict.fromkeys(names, self._lanes.type) | {"at": "i32", "pitch": "i32", "n": "i32"}
        function = Function("evaluate", kinds, [self._lanes.type])
        rows = Rows(get("at"), get("n")) if self._has_data else None
        function.lines += self._loss.spell(function, "n", [get(name) for name in names], rows)
        return function

    def _spell(self) -> None:
        function, program = self._trace, self._program
        words = list(WORDS)
        coefficients = [f"{part}{c}" for c in range(len(program.rule.ahead)) for part in COEFFICIENT]
        for index, word in enumerate([*words, *coefficients]):
            function.set(word, "i32", f"(i32.load offset={4 * index} {get('arguments')})")
        function.local("run", "i32")
        function.lines.append("(loop $next_run")
        self._begin_run()
        function.lines.append("(block $ended (loop $next_step")
        self._update()
        self._measure()
        self._write()
        self._advance()
        function.lines.append(f"(br_if $next_step (i32.lt_s {get('step')} {get('steps')}))))")
        self._end_run()
        function.lines.append(f"(br_if $next_run (i32.lt_s {get('run')} {get('runs')})))")

    def _begin_run(self) -> None:
        function, rows = self._trace, {"loss": 1, "params": self._size, "grad": self._size, "plus": self._size}
        function.set("step", "i32", "(i32.const 0)")
        function.set("own", "i32", f"(i32.add {get('state')} (i32.mul {get('run')} (i32.const {8 * self._words})))")
        for name, count in rows.items():
            offset = f"(i32.mul {get('run')} (i32.const {8 * count}))"
            function.set(f"{name}_at", "i32", f"(i32.add {get(name)} {offset})")
            function.set(f"{name}_by", "i32", f"(i32.mul {get('runs')} (i32.const {8 * count}))")
        for c in range(len(self._program.rule.ahead)):
            function.set(f"c_at{c}", "i32", f"(i32.add {get(f'at{c}')} (i32.mul {get('run')} {get(f'by_run{c}')}))")
        for index, (name, lanes) in enumerate(self._carried):
            value = lanes.from_double(f"(f64.load offset={8 * index} {get('own')})")
            function.set(name, lanes.type, value)
        if self._program.batches:
            function.set("rows_at", "i32", get("data"))
            function.set("turn", "i32", get("index"))
            full = f"(i32.add {get('full')} (i32.mul {get('run')} (i32.const 8)))"
            function.set("full_at", "i32", full)
            function.set("full_by", "i32", f"(i32.mul {get('runs')} (i32.const 8))")

    @property
    def _carried(self) -> list[tuple[str, Lanes]]:
        """The numbers of a run that pass from step to step: weights, gradient, states, loss."""
        size = range(self._size)
        return [
            *((f"w{p}", self._stored) for p in size),
            *((f"g{p}", self._lanes) for p in size),
            *((f"s{k}_{p}", self._lanes) for k in range(self._states) for p in size),
            ("l", self._lanes),
        ]

    @property
    def _words(self) -> int:
        return len(self._carried)

    def _update(self) -> None:
        function, rule, lanes = self._trace, self._program.rule, self._lanes
        coefficients = {node: self._coefficient(c, node) for c, node in enumerate(rule.ahead)}
        for p in range(self._size):
            inner = [self._arithmetic(get(f"w{p}")), get(f"g{p}"), *(get(f"s{k}_{p}") for k in range(self._states))]
            values = coefficients | dict(zip(rule.inner, inner, strict=True))
            after, *states = Block(function, rule.graph, lanes, f"u{p}_", values).compute(rule.outputs)
            states = [function.set(f"new{k}", lanes.type, state) for k, state in enumerate(states)]
            function.set(f"w{p}", self._stored.type, self._rounded(after))
            for k, state in enumerate(states):
                function.set(f"s{k}_{p}", lanes.type, state)

    def _coefficient(self, c: int, node: int) -> str:
        """Loads a coefficient, a condition as a number."""
        lanes, value = self._lanes, self._lanes.load(get(f"c_at{c}"))
        if is_truth(self._program.rule.graph, node):
            return self._trace.set(f"c{c}", lanes.truth, lanes.op("ne", value, lanes.const(0)))
        return self._trace.set(f"c{c}", lanes.type, value)

    def _measure(self) -> None:
        function, program, lanes = self._trace, self._program, self._lanes
        rows = self._rows()
        weights = [function.set(f"v{p}", lanes.type, self._arithmetic(get(f"w{p}"))) for p in range(self._size)]
        if program.mode == "analytic":
            loss, *slopes = self._slopes.spell(function, "m", weights, rows)
        else:
            loss = self._evaluated(weights, rows)
        function.set("l", lanes.type, loss)
        if program.mode != "analytic":
            slopes = self._differences(rows)
        for p, slope in enumerate(slopes):
            function.set(f"g{p}", lanes.type, slope)

    def _rows(self) -> Rows | None:
        if not self._has_data:
            return None
        if not self._program.batches:
            return Rows(get("data"), get("size"), self._program.rows)
        rest = f"(i32.sub {get('size')} (i32.mul {get('turn')} {get('batch')}))"
        shorter = f"(i32.lt_s {get('batch')} {rest})"
        number = self._trace.set("number", "i32", f"(select {get('batch')} {rest} {shorter})")
        return Rows(get("rows_at"), number, self._program.rows)

    def _evaluated(self, weights: list[str], rows: Rows | None) -> str:
        where = f"{rows.address} {get('pitch')} {rows.number}" if rows else " ".join(["(i32.const 0)"] * 3)
        return f"(call $evaluate {' '.join(weights)} {where})"

    def _differences(self, rows: Rows | None) -> list[str]:
        function, program, lanes = self._trace, self._program, self._lanes
        slopes = []
        for p in range(self._size):
            plus = function.set(f"plus{p}", lanes.type, self._evaluated(self._nudged(p, "add"), rows))
            if program.mode == "forward":
                rise, width = lanes.op("sub", plus, get("l")), program.eps
            else:
                rise = lanes.op("sub", plus, self._evaluated(self._nudged(p, "sub"), rows))
                width = 2 * program.eps
            slopes.append(lanes.op("div", rise, lanes.const(width)))
        return slopes

    def _nudged(self, nudged: int, sign: str) -> list[str]:
        """Returns the weights with one nudged in the type in which they are stored."""
        stored = self._stored
        widths = [self._program.eps if p == nudged else 0.0 for p in range(self._size)]
        return [self._arithmetic(stored.op(sign, get(f"w{p}"), stored.const(width))) for p, width in enumerate(widths)]

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
        for name in ("loss", "params", "grad", "plus"):
            function.set(f"{name}_at", "i32", f"(i32.add {get(f'{name}_at')} {get(f'{name}_by')})")
        for c in range(len(self._program.rule.ahead)):
            function.set(f"c_at{c}", "i32", f"(i32.add {get(f'c_at{c}')} {get(f'by_step{c}')})")
        function.set("step", "i32", f"(i32.add {get('step')} (i32.const 1))")
        if self._program.batches:
            self._next_batch()

    def _next_batch(self) -> None:
        """Goes to the next mini-batch; at the start of an epoch writes the loss on all data."""
        function, lanes = self._trace, self._lanes
        whole = f"{get('whole')} {get('whole_pitch')} {get('whole_size')}"
        weights = " ".join(self._arithmetic(get(f"w{p}")) for p in range(self._size))
        value = lanes.as_double(f"(call $evaluate {weights} {whole})")
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

    def _arithmetic(self, value: str) -> str:
        """Returns a stored weight in the type of the arithmetic."""
        return value if self._stored == self._lanes else self._lanes.from_double(self._stored.as_double(value))

    def _rounded(self, value: str) -> str:
        """Returns a new weight in the type in which it is stored."""
        return value if self._stored == self._lanes else self._stored.from_double(self._lanes.as_double(value))
