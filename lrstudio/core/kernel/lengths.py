"""Spells the lengths of vectors whose elements are local variables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from lrstudio.core.kernel.emitter import Function
from lrstudio.core.kernel.lanes import Lanes

NORM_LANES = 4
"""The sums to which the squares of a vector are added in turn; then neighbours are added."""


def length(function: Function, lanes: Lanes, name: str, values: Sequence[str]) -> str:
    """Assigns the length of a vector, computed in f64 as by `network.products.norms`, to a variable; returns its value.

    In vectors of lanes every lane has a vector of its own.
    """
    wide = Lanes("f64") if lanes.count == 1 else Lanes("f64", 2)
    parts = [[lanes.as_double(value)] if lanes.count == 1 else lanes.as_doubles(value) for value in values]
    roots = [
        wide.op("sqrt", _sum_of_squares(function, wide, f"{name}_{half}", [part[half] for part in parts]))
        for half in range(len(parts[0]))
    ]
    return function.set(name, lanes.type, lanes.from_double(roots[0]) if lanes.count == 1 else lanes.of_doubles(roots))


def _sum_of_squares(function: Function, wide: Lanes, name: str, values: Sequence[str]) -> str:
    sums: list[str] = []
    for index, value in enumerate(values):
        own = function.set(f"{name}_{index}", wide.type, value)
        square = wide.op("mul", own, own)
        if index < NORM_LANES:
            sums.append(square)
        else:
            sums[index % NORM_LANES] = wide.op("add", sums[index % NORM_LANES], square)
    while len(sums) > 1:
        pairs = zip_longest(sums[::2], sums[1::2])
        sums = [one if other is None else wide.op("add", one, other) for one, other in pairs]
    return sums[0]
