"""Trains many runs in WebAssembly without writing their steps: the lanes of a vector are runs, and what verdicts need
is accumulated on the way.

Numbers below 2^-1022, such as Adam's second moment at a minimum, are slow on x86 but stay, as elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial, reduce

from lrstudio.core.kernel.emitter import Block, Function, get, is_truth, module
from lrstudio.core.kernel.group import VECTOR, Group, Layout
from lrstudio.core.kernel.lanes import Lanes
from lrstudio.core.kernel.lengths import join, length
from lrstudio.core.kernel.measurement import Measurement, StepProgram
from lrstudio.core.kernel.segment import Segment, SegmentEvidence
from lrstudio.core.kernel.sums import Rows

WORDS = tuple(
    "groups records steps row target data pitch size batch turn whole whole_pitch whole_size full_at_end".split()
)
"""The arguments of the exported functions, i32 numbers in memory; two for each coefficient follow."""
COEFFICIENT = ("at", "by_step")
"""The arguments of a coefficient: its address and the bytes to the next step."""


@dataclass(frozen=True)
class SweepProgram(StepProgram):
    """What a sweep kernel is made of.

    `by_run` tells of each coefficient whether it differs between runs; `has_target` whether steps to a target loss are
    counted. The runs of a group are in the lanes of `copies` vectors, their numbers in a record of memory: while the
    processor waits for a step of one vector it makes that of another.
    """

    by_run: tuple[bool, ...]
    has_target: bool
    segments: tuple[Segment, ...]
    copies: int

    @property
    def lanes(self) -> Lanes:
        """The lanes of a group."""
        return Lanes(self.arithmetic).wide

    @property
    def parameters(self) -> range:
        """The indices of the parameters."""
        return range(len(self.formula.parameters))

    @property
    def states(self) -> range:
        """The indices of the optimizer's states, each of which has a number for every parameter."""
        return range(len(self.rule.outputs) - 1)

    @property
    def carried(self) -> list[str]:
        """The numbers of a run that pass from step to step: weights, gradient, states, loss."""
        every = self.parameters
        states = [f"s{k}_{p}" for k in self.states for p in every]
        return [*(f"w{p}" for p in every), *(f"g{p}" for p in every), *states, "l"]

    @cached_property
    def layout(self) -> Layout:
        """The columns of a record."""
        return Layout(self.lanes, self.copies, self.carried, len(self.parameters))

    @property
    def text(self) -> str:
        """The module: each exported function makes some steps with all groups that have not ended."""
        return _text(self)


@lru_cache(256)
def _text(program: SweepProgram) -> str:
    lanes, stored = program.lanes, Lanes(program.weights)
    measurement = Measurement(program.formula, lanes, stored, program.mode, program.eps)
    functions = [_Emission(program, measurement, segment).function for segment in program.segments]
    return module([*functions, *measurement.functions])


class _Emission:
    """Spells the function of one kind of segment."""

    def __init__(self, program: SweepProgram, measurement: Measurement, segment: Segment) -> None:
        self._program, self._measurement = program, measurement
        self._lanes, self._batches, self._whole = program.lanes, program.batches, program.layout.whole
        self._size = program.parameters
        self.function = Function(segment.name, {"arguments": "i32"}, exported=True)
        self._group = Group(self.function, program.layout)
        self._evidence = SegmentEvidence(self.function, self._group, segment, program.lanes, self._size)
        self._spell()

    def _copies(self) -> Iterator[int]:
        """Yields the number of each vector of the group, for which the lines meanwhile are spelled anew."""
        shared = {"limit", *(f"c{c}" for c, by_run in enumerate(self._program.by_run) if not by_run)}
        return self.function.copies(self._program.copies, shared)

    @property
    def _used(self) -> list[str]:
        """The columns that this segment reads and writes."""
        names = [*self._program.carried, "dead", "best", *([] if self._evidence.has_window else ["peak"])]
        names += ["judged"] if self._batches else []
        names += ["hits"] if self._program.has_target else []
        return names + self._evidence.columns

    def _spell(self) -> None:
        function, program = self.function, self._program
        coefficients = [f"{part}{c}" for c in range(len(program.by_run)) for part in COEFFICIENT]
        for index, word in enumerate([*WORDS, *coefficients]):
            function.set(word, "i32", f"(i32.load offset={4 * index} {get('arguments')})")
        if program.has_target:
            function.set("limit", "v128", self._lanes.load_one(get("target")))
        function.set("record", "i32", get("records"))
        function.local("group", "i32")
        function.lines.append("(loop $next_group (block $skip")
        function.set("left", "i32", "(i32.const 0)")
        for copy in self._copies():
            self._group.load("dead", copy)
            function.set("left", "i32", f"(i32.add {get('left')} (i32.eqz {self._group.all(get('dead'))}))")
        function.lines.append(f"(br_if $skip (i32.eqz {get('left')}))")
        self._begin_group()
        function.lines.append("(block $ended (loop $next_step")
        self._make_step()
        function.set("done", "i32", f"(i32.add {get('done')} (i32.const 1))")
        function.lines.append(f"(br_if $next_step (i32.lt_s {get('done')} {get('steps')}))))")
        for copy in self._copies():
            for name in self._used:
                self._group.save(name, copy)
            if self._evidence.has_window:
                self._group.load("peak", copy)
                self._group.take_larger("peak", get("max_loss"))
                self._group.save("peak", copy)
        function.lines.append(")")
        function.set("record", "i32", f"(i32.add {get('record')} (i32.const {program.layout.size}))")
        for c, by_run in enumerate(program.by_run):
            if by_run:
                function.set(f"at{c}", "i32", f"(i32.add {get(f'at{c}')} (i32.const {program.copies * VECTOR}))")
        function.set("group", "i32", f"(i32.add {get('group')} (i32.const 1))")
        function.lines.append(f"(br_if $next_group (i32.lt_s {get('group')} {get('groups')})))")

    def _begin_group(self) -> None:
        function = self.function
        for copy in self._copies():
            for name in self._used:
                self._group.load(name, copy)
            if self._program.has_target:
                function.set("unhit", "v128", f"({self._whole}.lt_s {get('hits')} (v128.const i64x2 0 0))")
        function.set("done", "i32", "(i32.const 0)")
        for c in range(len(self._program.by_run)):
            function.set(f"c_at{c}", "i32", get(f"at{c}"))
        if self._batches:
            function.set("rows_at", "i32", get("data"))
            function.set("own_turn", "i32", get("turn"))

    def _make_step(self) -> None:
        function, rows = self.function, self._rows()
        self._load_coefficients()
        for copy in self._copies():
            if self._evidence.has_moves or self._batches:
                for p in self._size:
                    function.set(f"old{p}", "v128", get(f"w{p}"))
            function.set("old_loss", "v128", get("l"))
            self._load_coefficients(copy)
            self._update()
            self._measurement.spell(function, rows)
            self._end_runs(copy)
            function.set("loss", "v128", f"(v128.or {get('l')} {get('dead')})")  # NaN where the run has ended
            if not self._evidence.has_window:
                self._group.take_larger("peak", get("loss"))
            if self._batches:
                self._judge()
            else:
                self._group.take_smaller("best", get("loss"))
                self._hit(get("loss"))
            self._evidence.take_row()
        for c in range(len(self._program.by_run)):
            function.set(f"c_at{c}", "i32", f"(i32.add {get(f'c_at{c}')} {get(f'by_step{c}')})")
        if self._batches:
            self._next_batch()

    def _update(self) -> None:
        function, rule, lanes = self.function, self._program.rule, self._lanes
        coefficients = {node: get(f"c{c}") for c, node in enumerate(rule.ahead)}
        lengths = {name[5]: [get(f"{name[5]}{p}") for p in self._size] for name in rule.given}
        given = [length(function, lanes, f"length_{letter}", values) for letter, values in lengths.items()]
        blocks = []
        for p in self._size:
            inner = [get(f"w{p}"), get(f"g{p}"), *given, *(get(f"s{k}_{p}") for k in self._program.states)]
            known = coefficients | dict(zip(rule.inner, inner, strict=True))
            blocks.append(Block(function, rule.graph, lanes, f"u{p}_", known))
        join(function, rule.graph, lanes, blocks, rule.outputs)
        for p, block in enumerate(blocks):
            after, *states = block.compute(rule.outputs)
            states = [function.set(f"new{k}", "v128", state) for k, state in enumerate(states)]
            function.set(f"w{p}", "v128", self._measurement.rounded(after))
            for k, state in enumerate(states):
                function.set(f"s{k}_{p}", "v128", state)

    def _load_coefficients(self, copy: int | None = None) -> None:
        """Loads the coefficients of a copy, or those that all runs share; conditions are kept as numbers."""
        lanes, rule = self._lanes, self._program.rule
        for c, (node, by_run) in enumerate(zip(rule.ahead, self._program.by_run, strict=True)):
            if by_run == (copy is None):
                continue
            at = get(f"c_at{c}")
            value = lanes.load_one(at) if copy is None else lanes.load(at, VECTOR * copy)
            if is_truth(rule.graph, node):
                value = lanes.op("ne", value, lanes.const(0))
            self.function.set(f"c{c}", "v128", value)

    def _rows(self) -> Rows | None:
        program = self._program
        if not program.formula.columns:
            return None
        if not self._batches:
            return Rows(get("data"), get("size"), program.rows)
        rest = f"(i32.sub {get('size')} (i32.mul {get('own_turn')} {get('batch')}))"
        shorter = f"(i32.lt_s {get('batch')} {rest})"
        number = self.function.set("number", "i32", f"(select {get('batch')} {rest} {shorter})")
        return Rows(get("rows_at"), number, program.rows)

    def _end_runs(self, copy: int) -> None:
        """Ends the runs with a number that is not finite; those of mini-batches by their losses before.

        A sum that is finite has finite terms.
        """
        function, lanes, values = self.function, self._lanes, [get("l"), *(get(f"w{p}") for p in self._size)]
        total = function.set("total", "v128", reduce(partial(lanes.op, "add"), values))
        suspect = f"(v128.andnot {lanes.op('ne', zero := lanes.op('sub', total, total), zero)} {get('dead')})"
        function.lines.append(f"(if (v128.any_true {suspect}) (then")
        ending = reduce(lanes.either, [lanes.op("ne", zero := lanes.op("sub", x, x), zero) for x in values])
        function.set("ending", "v128", f"(v128.andnot {ending} {get('dead')})")
        for name, value in (("ends", self._row), ("last", get("old_loss"))):
            self._group.load(name, copy)
            self._group.assign(name, value, get("ending"))
            self._group.save(name, copy)
        if self._batches:
            value = function.set("full", "v128", self._on_all_data("old"))
            self._group.assign("judged", value, f"(v128.and {self._group.is_finite(value)} {get('ending')})")
            self._group.take_smaller("best", get("judged"))
        function.set("dead", "v128", f"(v128.or {get('dead')} {get('ending')})")
        function.set("left", "i32", f"(i32.sub {get('left')} {self._group.all(get('dead'))})")
        function.lines.append(f"(br_if $ended (i32.eqz {get('left')}))))")

    def _next_batch(self) -> None:
        """Goes to the next mini-batch."""
        function, width = self.function, self._lanes.width
        function.set("rows_at", "i32", f"(i32.add {get('rows_at')} (i32.mul {get('number')} (i32.const {width})))")
        function.set("own_turn", "i32", f"(i32.add {get('own_turn')} (i32.const 1))")
        over = f"(i32.ge_s (i32.mul {get('own_turn')} {get('batch')}) {get('size')})"
        function.set("own_turn", "i32", f"(select (i32.const 0) {get('own_turn')} {over})")

    def _judge(self) -> None:
        """Takes the loss on all data at the end of an epoch, and where due."""
        function = self.function
        last = f"(i32.eq (i32.add {get('done')} (i32.const 1)) {get('steps')})"
        due = f"(i32.or (i32.eqz {get('own_turn')}) (i32.and {get('full_at_end')} {last}))"
        function.lines.append(f"(if {due} (then")
        value = function.set("full", "v128", self._on_all_data("w"))
        self._group.assign("judged", value, f"(v128.andnot {self._group.is_finite(value)} {get('dead')})")
        self._group.take_smaller("best", get("judged"))
        self._hit(f"(v128.or {value} {get('dead')})")
        function.lines.append("))")

    @property
    def _row(self) -> str:
        """The number of the row in every lane."""
        row = f"(i32.add (i32.add {get('row')} {get('done')}) (i32.const 1))"
        return f"({self._whole}.splat {f'(i64.extend_i32_s {row})' if self._whole == 'i64x2' else row})"

    def _hit(self, loss: str) -> None:
        """Notes the row of the runs whose loss is no more than the target for the first time."""
        if not self._program.has_target:
            return
        function = self.function
        function.local("reached", "v128")
        reached = f"(v128.and {self._lanes.op('le', loss, get('limit'))} {get('unhit')})"
        function.lines.append(f"(if (v128.any_true (local.tee $reached {reached})) (then")
        self._group.assign("hits", self._row, get("reached"))
        function.set("unhit", "v128", f"(v128.andnot {get('unhit')} {get('reached')})")
        function.lines.append("))")

    def _on_all_data(self, weights: str) -> str:
        values = [get(f"{weights}{p}") for p in self._size]
        return self._measurement.loss(values, f"{get('whole')} {get('whole_pitch')} {get('whole_size')}")
