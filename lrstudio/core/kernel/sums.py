"""Spells formulas with sums over data, in NumPy's order of summation.

`numpy.add.reduce` adds fewer than 8 numbers one after the other. From 8 numbers on it has 8 running sums, which are 4
vectors of float64 or 2 of float32, and cuts more than 128 numbers in halves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrstudio.core.formula.graph import Graph
from lrstudio.core.kernel.emitter import Block, Function, get, is_truth
from lrstudio.core.kernel.lanes import Lanes

SUMS = 8
MOST = 128
"""More numbers than this are cut in halves, the first of which is a multiple of 8."""
_REDUCTIONS = ("sum", "mean")


@dataclass(frozen=True)
class Rows:
    """The data of a step: expressions of the address of the first row and of the number of rows.

    Columns lie `$pitch` bytes apart, a parameter of the function. `count` is the number of rows where it is known.
    """

    address: str
    number: str
    count: int | None = None


class DataFormula:
    """Outputs of a graph of parameters and data columns; `lanes` are those of the parameters.

    With one number a lane (`lanes.count == 1`) several rows are computed at once, otherwise several runs. Every level
    of sums, the sums whose terms need only sums of lower levels, is a function of its own.
    """

    def __init__(
        self,
        name: str,
        graph: Graph,
        parameters: Sequence[int],
        columns: Sequence[int],
        outputs: Sequence[int],
        lanes: Lanes,
    ) -> None:
        self._name, self._graph, self._lanes = name, graph, lanes
        self._parameters, self._columns, self._outputs = parameters, columns, outputs
        self._order = graph.needed(outputs, given=[*parameters, *columns])
        self._counts = [index for index in self._order if graph.nodes[index].op == "count"]
        self._levels = self._sums_by_level()
        self.functions: list[Function] = []
        self._outer: list[list[int]] = []
        for level, sums in enumerate(self._levels):
            self._outer.append(self._outer_values(sums))
            self.functions.append(self._level_function(f"{name}{level}", sums, self._outer[-1]))

    def spell(self, function: Function, prefix: str, parameters: Sequence[str], rows: Rows | None) -> list[str]:
        """Computes the outputs in a function from expressions of the parameters; returns their expressions."""
        values = dict(zip(self._parameters, parameters, strict=True))
        if rows is not None:
            lanes = self._lanes
            number = f"({lanes.scalar}.convert_i32_s {rows.number})"
            size = lanes.const(rows.count) if rows.count is not None else ""
            if not size:
                size = function.set(f"{prefix}size", lanes.type, lanes.splat(number))
            values |= dict.fromkeys(self._counts, size)
        block = Block(function, self._graph, self._lanes, prefix, values)
        for level, sums in enumerate(self._levels):
            assert rows is not None
            outer = block.compute(self._outer[level])
            self._call(function, block, level, sums, outer, rows, prefix, size)
        return block.compute(self._outputs)

    def _call(
        self,
        function: Function,
        block: Block,
        level: int,
        sums: list[int],
        outer: list[str],
        rows: Rows,
        prefix: str,
        size: str,
    ) -> None:
        lanes = self._lanes
        names = [function.local(f"{prefix}{index}", lanes.type) for index in sums]
        if rows.count is not None and rows.count < SUMS:
            totals = self._unrolled(function, prefix, sums, self._outer[level], outer, rows)
        else:
            arguments = " ".join([*outer, rows.address, get("pitch"), rows.number])
            function.lines.append(f"(call ${self._name}{level} {arguments})")
            function.lines += [f"(local.set ${name})" for name in reversed(names)]
            totals = [lanes.op("add", get(name), lanes.const(0)) for name in names]
        for index, name, total in zip(sums, names, totals, strict=True):
            value = lanes.op("div", total, size) if self._graph.nodes[index].op == "mean" else total
            block.define(index, function.set(name, lanes.type, value))

    def _unrolled(
        self, function: Function, prefix: str, sums: list[int], indices: list[int], outer: list[str], rows: Rows
    ) -> list[str]:
        """Adds fewer than 8 rows one after the other; returns the totals."""
        lanes, terms = self._lanes, self._terms(sums)
        assert rows.count is not None
        totals = [lanes.const(0)] * len(sums)
        columns = [
            function.set(f"{prefix}at{column}", "i32", _column_address(rows.address, column))
            for column in range(len(self._columns))
        ]
        wide = lanes.wide if lanes.count == 1 else lanes
        splatted = (
            [function.set(f"{prefix}w{i}", wide.type, wide.splat(value)) for i, value in enumerate(outer)]
            if wide != lanes
            else outer
        )
        row = 0
        while row < rows.count:
            together = wide.count if lanes.count == 1 and rows.count - row >= wide.count else 1
            own = wide if together > 1 else lanes
            known = dict(zip(indices, splatted if together > 1 else outer, strict=True))
            load = own.load if lanes.count == 1 else own.load_one
            for node, at in zip(self._columns, columns, strict=True):
                known[node] = function.set(f"{prefix}r{row}_{node}", own.type, load(at, row * lanes.width))
            values = Block(function, self._graph, own, f"{prefix}r{row}_", known).compute(terms)
            for lane in range(together):
                totals = [
                    function.set(
                        f"{prefix}t{k}",
                        lanes.type,
                        lanes.op("add", total, own.lane(value, lane) if lanes.count == 1 else value),
                    )
                    for k, (total, value) in enumerate(zip(totals, values, strict=True))
                ]
            row += together
        return totals

    def _sums_by_level(self) -> list[list[int]]:
        levels: list[list[int]] = []
        level_of: dict[int, int] = {}
        for index in self._order:
            node = self._graph.nodes[index]
            level = max((level_of.get(arg, 0) for arg in node.args), default=0)
            if node.op in _REDUCTIONS:
                if level == len(levels):
                    levels.append([])
                levels[level].append(index)
                level += 1
            level_of[index] = level
        return levels

    def _terms(self, sums: list[int]) -> list[int]:
        return [self._graph.nodes[index].args[0] for index in sums]

    def _outer_values(self, sums: list[int]) -> list[int]:
        """Returns the nodes without data axis that the terms of some sums use."""
        outer: list[int] = []
        seen: set[int] = set()
        stack = self._terms(sums)
        while stack:
            index = stack.pop()
            if index in seen or self._graph.value(index) is not None:
                continue
            seen.add(index)
            if self._graph.nodes[index].data or is_truth(self._graph, index):
                stack.extend(self._graph.nodes[index].args)
            else:
                outer.append(index)
        return sorted(outer)

    def _level_function(self, name: str, sums: list[int], outer: list[int]) -> Function:
        """Returns a function of the outer values, the address, the pitch and the number of rows; its results are sums.

        The sum of no more than 128 rows begins with 8 running sums, which are added in pairs; the rows that are left
        follow one by one.
        """
        lanes = self._lanes
        wide = lanes.wide if lanes.count == 1 else lanes
        parameters = {f"o{index}": lanes.type for index in outer} | {"at": "i32", "pitch": "i32", "n": "i32"}
        function = Function(name, parameters, [lanes.type] * len(sums))
        totals = [function.local(f"total{k}", lanes.type) for k in range(len(sums))]
        self._halves(function, name, outer, totals)
        for column in range(len(self._columns)):
            function.set(f"at{column}", "i32", _column_address(get("at"), column))
        function.lines.append(f"(if (i32.ge_s {get('n')} (i32.const {SUMS})) (then")
        splatted = {
            index: function.set(f"wide{index}", wide.type, wide.splat(get(f"o{index}")))
            if wide != lanes
            else get(f"o{index}")
            for index in outer
        }
        groups = SUMS // wide.count if lanes.count == 1 else SUMS
        for k in range(len(sums)):
            for group in range(groups):
                function.set(f"sum{k}_{group}", wide.type, wide.const(-0.0))
        whole = f"(i32.and {get('n')} (i32.const {-SUMS}))"
        function.set("end", "i32", f"(i32.add {get('at')} (i32.mul (i32.const {lanes.width}) {whole}))")
        function.lines.append("(loop $rows")
        for group in range(groups):
            step = wide.count if lanes.count == 1 else 1
            known = dict(splatted)
            for column, node in enumerate(self._columns):
                load = wide.load if lanes.count == 1 else wide.load_one
                known[node] = function.set(
                    f"g{group}_{node}", wide.type, load(get(f"at{column}"), group * step * lanes.width)
                )
            values = Block(function, self._graph, wide, f"g{group}_", known).compute(self._terms(sums))
            for k, value in enumerate(values):
                function.set(f"sum{k}_{group}", wide.type, wide.op("add", get(f"sum{k}_{group}"), value))
        self._next(function, SUMS)
        function.lines.append(f"(br_if $rows (i32.lt_u {get('at0')} {get('end')})))")
        for k, total in enumerate(totals):
            parts = [
                wide.lane(get(f"sum{k}_{group}"), lane) if lanes.count == 1 else get(f"sum{k}_{group}")
                for group in range(groups)
                for lane in range(wide.count if lanes.count == 1 else 1)
            ]
            while len(parts) > 1:
                parts = [lanes.op("add", left, right) for left, right in zip(parts[::2], parts[1::2], strict=True)]
            function.set(total, lanes.type, parts[0])
        function.lines.append("))")
        self._left_rows(function, sums, outer, totals)
        function.lines += [get(total) for total in totals]
        return function

    def _halves(self, function: Function, name: str, outer: list[int], totals: list[str]) -> None:
        lanes = self._lanes
        function.local("half", "i32")
        values = " ".join(get(f"o{index}") for index in outer)
        second = f"(i32.add {get('at')} (i32.mul {get('half')} (i32.const {lanes.width})))"
        others = [function.local(f"other{k}", lanes.type) for k in range(len(totals))]
        function.lines += [
            f"(if (i32.gt_s {get('n')} (i32.const {MOST})) (then",
            f"(local.set $half (i32.and (i32.shr_s {get('n')} (i32.const 1)) (i32.const -8)))",
            f"(call ${name} {values} {get('at')} {get('pitch')} {get('half')})",
            *(f"(local.set ${total})" for total in reversed(totals)),
            f"(call ${name} {values} {second} {get('pitch')} (i32.sub {get('n')} {get('half')}))",
            *(f"(local.set ${other})" for other in reversed(others)),
            *(lanes.op("add", get(total), get(other)) for total, other in zip(totals, others, strict=True)),
            "(return)))",
        ]

    def _left_rows(self, function: Function, sums: list[int], outer: list[int], totals: list[str]) -> None:
        lanes = self._lanes
        end = f"(i32.add {get('at')} (i32.mul (i32.const {lanes.width}) {get('n')}))"
        function.set("end", "i32", end)
        function.lines += ["(block $done (loop $left", f"(br_if $done (i32.ge_u {get('at0')} {get('end')}))"]
        known = {index: get(f"o{index}") for index in outer}
        for column, node in enumerate(self._columns):
            known[node] = function.set(f"left{node}", lanes.type, lanes.load_one(get(f"at{column}")))
        values = Block(function, self._graph, lanes, "left", known).compute(self._terms(sums))
        for total, value in zip(totals, values, strict=True):
            function.set(total, lanes.type, lanes.op("add", get(total), value))
        self._next(function, 1)
        function.lines.append("(br $left)))")

    def _next(self, function: Function, rows: int) -> None:
        for column in range(len(self._columns)):
            function.set(f"at{column}", "i32", f"(i32.add {get(f'at{column}')} (i32.const {rows * self._lanes.width}))")


def _column_address(address: str, column: int) -> str:
    return f"(i32.add {address} (i32.mul (i32.const {column}) {get('pitch')}))" if column else address
