"""The range of values along one side of a map, and the history of the ranges that were in view."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import Declared
from lrstudio.core.language import tr
from lrstudio.core.parameter import Number
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import MOST_LR
from lrstudio.engine.sweep.axis import Axis, is_whole, start_index

_LEAST = 1e-12
"""Least value of a logarithmic range whose values may be 0."""
_LARGEST = 1e6
_HALF_WIDTH, _FACTOR = 3.0, 100.0
_SEEDS = 64


@dataclass(frozen=True)
class MapRange:
    """The values from `low` to `high` of `name`, whose values lie between `least` and `most`.

    Plot coordinates are the values or, where `log`, their decimal logarithms.
    """

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False
    least: float = -_LARGEST
    most: float = _LARGEST

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            text = tr("{name}: {low:g} to {high:g}: the first must be below the second")
            raise ValueError(text.format(name=self.name, low=self.low, high=self.high))
        if self.log and self.low <= 0:
            raise ValueError(tr("{name}: a logarithmic range needs both ends above 0", name=self.name))

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends in plot coordinates."""
        return (math.log10(self.low), math.log10(self.high)) if self.log else (self.low, self.high)

    def coordinate(self, value: float) -> float:
        """Returns the plot coordinate of a value."""
        return math.log10(max(value, _LEAST)) if self.log else value

    def zoomed(self, low: float, high: float) -> MapRange:
        """Returns the range between two plot coordinates, clipped to the values that exist."""
        first, last = (min(max(10**end if self.log else end, self.least), self.most) for end in (low, high))
        if self.log:
            first = max(first, _LEAST)
        return replace(self, low=first, high=last) if first < last else self

    def cells(self, count: int) -> tuple[Axis, Array]:
        """Returns the distinct values in the middles of `count` equal cells, and their indices (count,)."""
        low, high = self.ends
        middles = low + (np.arange(count) + 0.5) / count * (high - low)
        values = 10**middles if self.log else middles
        if self.whole:
            values = np.clip(np.round(values), math.ceil(self.least), math.floor(self.most))
        values, indices = np.unique(values, return_inverse=True)
        return Axis(self.name, tuple(values.tolist())), indices.reshape(-1)

    def cell(self, coordinate: float, count: int) -> int:
        """Returns the index of the cell, of `count`, at a plot coordinate."""
        low, high = self.ends
        return min(max(math.floor((coordinate - low) / (high - low) * count), 0), count - 1)


def usual_range(experiment: Experiment, name: str) -> MapRange:
    """Returns the range of a name that a map starts with, for the experiment's first run."""
    run, whole = experiment.runs[0], is_whole(experiment, 0, name)
    group, _, part = name.partition(".")
    if name == "lr":
        return MapRange(name, 1e-3, 10.0, log=True, least=0.0, most=MOST_LR)
    if name == "batch_size":
        most = float(experiment.data_size)
        return MapRange(name, 1.0, max(most, 2.0), log=True, whole=True, least=1.0, most=most)
    if name == "seed":
        return MapRange(name, 0.0, float(_SEEDS), whole=True, least=0.0)
    if group == "start":
        index, domain = start_index(experiment, name), experiment.problem.domain
        if index < len(domain):
            return MapRange(name, *domain[index])
        start = experiment.starts()[0][index]
        return MapRange(name, start - _HALF_WIDTH, start + _HALF_WIDTH)
    entries: dict[str, Declared] = {"optimizer": run.optimizer, "schedule": run.schedule}
    entry = entries.get(group, experiment.problem)
    number = next(item for item in entry.parameters() if item.name == part and isinstance(item, Number))
    value = getattr(entry, part)
    if name == "problem.n" and experiment.batch_size is not None:  # a batch cannot be larger than the data
        number = replace(number, low=float(experiment.batch_size))
    if value is None and whole:  # such as T_max, which follows from the steps
        value = float(experiment.schedule_length)
    return _number_range(name, number, value, whole)


def _number_range(name: str, number: Number, value: float | None, whole: bool) -> MapRange:
    """Returns the range around a value, or all values where they are few."""
    least, most = max(number.low, -_LARGEST), min(number.high, _LARGEST)
    low, high, log = least, most, number.scale == "log" and most > 0
    if log:
        middle = value or max(least, 1.0)
        low = max(least, middle / _FACTOR, _LEAST)
        high = min(most, max(middle, low) * _FACTOR)
    elif most - least > 2 * _FACTOR:
        middle = max(value or 0.0, least)
        width = max(1.0, abs(middle))
        low, high = max(least, middle - width), min(most, middle + width)
    return MapRange(name, low, high, log=log, whole=whole, least=least, most=most)


View = tuple[MapRange, MapRange]


class MapViews:
    """The ranges that were in view, for Back and Forward; the first are those of the whole map."""

    def __init__(self) -> None:
        self._views: list[View] = []
        self._index = 0

    @property
    def home(self) -> View:
        return self._views[0]

    @property
    def at_home(self) -> bool:
        return not self._views or self._views[self._index] == self._views[0]

    def restart(self, x: MapRange, y: MapRange) -> None:
        """Starts the history of another map."""
        self._views, self._index = [(x, y)], 0

    def add(self, x: MapRange, y: MapRange) -> None:
        """Adds the next ranges in place of those ahead."""
        if self._views[self._index] != (x, y):
            self._views[self._index + 1 :] = [(x, y)]
            self._index += 1

    def can_go(self, by: int) -> bool:
        return 0 <= self._index + by < len(self._views)

    def go(self, by: int) -> View:
        """Returns the ranges that many further."""
        self._index += by
        return self._views[self._index]
