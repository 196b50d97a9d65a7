"""Spells the sums and lengths of vectors whose elements are local variables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from lrstudio.core.formula.graph import Graph
from lrstudio.core.kernel.emitter import Block, Function
from lrstudio.core.kernel.lanes import Lanes

NORM_LANES = 4
"""The sums to which the squares of a vector are added in turn; then neighbours are added."""


def length(function: Function, lanes: Lanes, name: str, values: Sequence[str]) -> str:
    """Assigns the length of a vector, computed in f64 as by `network.products.norms`, to a variable; returns its value.

    In vectors of lanes every lane has a vector of its own.
    """
    return _of_all(function, lanes, name, values, squared=True)


def join(function: Function, graph: Graph, lanes: Lanes, blocks: Sequence[Block], outputs: Sequence[int]) -> None:
    """Computes what the outputs need of all parameters, each of which has a block and a factor of its own."""
    for index in graph.needed(outputs):
        node = graph.nodes[index]
        if node.op in ("total", "norm"):
            values = [block.compute(node.args)[0] for block in blocks]
            value = _of_all(function, lanes, f"all{index}", values, squared=node.op == "norm")
            for block in blocks:
                block.define(index, value)
        elif node.op == "lr_factor":
            for block, factor in zip(blocks, graph.factors, strict=True):
                block.define(index, lanes.const(factor))


def _of_all(function: Function, lanes: Lanes, name: str, values: Sequence[str], *, squared: bool) -> str:
    """Assigns the sum of values, or their length, to a variable; returns its value."""
    wide = Lanes("f64") if lanes.count == 1 else Lanes("f64", 2)
    parts = [[lanes.as_double(value)] if lanes.count == 1 else lanes.as_doubles(value) for value in values]
    sums = [
        _sum(function, wide, f"{name}_{half}", [part[half] for part in parts], squared) for half in range(len(parts[0]))
    ]
    roots = [wide.op("sqrt", total) for total in sums] if squared else sums
    return function.set(name, lanes.type, lanes.from_double(roots[0]) if lanes.count == 1 else lanes.of_doubles(roots))


def _sum(function: Function, wide: Lanes, name: str, values: Sequence[str], squared: bool) -> str:
    sums: list[str] = []
    for index, value in enumerate(values):
        if squared:
            own = function.set(f"{name}_{index}", wide.type, value)
            term = wide.op("mul", own, own)
        else:  # -0 becomes 0, at which the sums start
            term = wide.op("add", value, wide.const(0)) if index < NORM_LANES else value
        if index < NORM_LANES:
            sums.append(term)
        else:
            sums[index % NORM_LANES] = wide.op("add", sums[index % NORM_LANES], term)
    while len(sums) > 1:
        pairs = zip_longest(sums[::2], sums[1::2])
        sums = [one if other is None else wide.op("add", one, other) for one, other in pairs]
    return sums[0]
