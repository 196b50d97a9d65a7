"""One side of a map: a name, the part of its values that is in view, and the values that the cells have."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import Declared
from lrstudio.core.parameter import Number
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import MOST_LR
from lrstudio.engine.sweep.axis import Axis, is_whole, start_place

_LEAST = 1e-12
"""The least value of a logarithmic range that may begin at 0."""
_FAR = 1e6
_AROUND, _FACTOR = 3.0, 100.0
_SEEDS = 64


@dataclass(frozen=True)
class MapRange:
    """From `low` to `high` of what `name` means; `least` and `most` are the bounds that its values have.

    The scale of a view is the values' own or, where `log`, their decimal logarithm.
    """

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False
    least: float = -_FAR
    most: float = _FAR

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"{self.name}: {self.low:g} to {self.high:g}: the first must be below the second")
        if self.log and self.low <= 0:
            raise ValueError(f"{self.name}: a logarithmic range needs both ends above 0")

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends on the scale of the view."""
        return (math.log10(self.low), math.log10(self.high)) if self.log else (self.low, self.high)

    def value(self, place: float) -> float:
        """The value at a place of the scale."""
        return float(10**place) if self.log else place

    def place(self, value: float) -> float:
        """Where on the scale a value is."""
        return math.log10(max(value, _LEAST)) if self.log else value

    def zoomed(self, low: float, high: float) -> MapRange:
        """Another part, from place to place of the scale, as far as there are values."""
        first, last = (min(max(self.value(end), self.least), self.most) for end in (low, high))
        if self.log:
            first = max(first, _LEAST)
        return replace(self, low=first, high=last) if first < last else self

    def cells(self, count: int) -> tuple[Axis, Array]:
        """The values in the middles of `count` equal parts, each once, and which of them each part has (count,)."""
        low, high = self.ends
        places = low + (np.arange(count) + 0.5) / count * (high - low)
        values = 10**places if self.log else places
        if self.whole:
            values = np.clip(np.round(values), math.ceil(self.least), math.floor(self.most))
        values, which = np.unique(values, return_inverse=True)
        return Axis(self.name, tuple(values.tolist())), which.reshape(-1)

    def cell(self, place: float, count: int) -> int:
        """The part, of `count`, in which a place of the scale is."""
        low, high = self.ends
        return min(max(math.floor((place - low) / (high - low) * count), 0), count - 1)


def usual_range(experiment: Experiment, name: str) -> MapRange:
    """What is worth looking at of a name, of the experiment's first run."""
    run, whole = experiment.runs[0], is_whole(experiment, 0, name)
    group, _, part = name.partition(".")
    if name == "lr":
        return MapRange(name, 1e-3, 10.0, log=True, least=0.0, most=MOST_LR)
    if name == "batch_size":
        most = float(len(next(iter(experiment.problem.data(experiment.seed).values()))))
        return MapRange(name, 1.0, max(most, 2.0), log=True, whole=True, least=1.0, most=most)
    if name == "seed":
        return MapRange(name, 0.0, float(_SEEDS), whole=True, least=0.0)
    if group == "start":
        low, high = _worth_drawing(experiment, start_place(experiment, name))
        return MapRange(name, low, high)
    known, value = next(_numbers({"optimizer": run.optimizer, "schedule": run.schedule}.get(group), experiment, part))
    if name == "problem.n" and experiment.batch_size is not None:  # a batch cannot be larger than the data
        known = replace(known, low=float(experiment.batch_size))
    if value is None and whole:  # such as T_max, which follows from the steps
        value = float(experiment.schedule_length)
    return _of_number(name, known, value, whole)


def _numbers(entry: Declared | None, experiment: Experiment, part: str) -> Iterator[tuple[Number, float | None]]:
    """The declared number of this name, and the value that it has."""
    entry = experiment.problem if entry is None else entry
    for known in entry.parameters():
        if known.name == part and isinstance(known, Number):
            yield known, getattr(entry, part)


def _worth_drawing(experiment: Experiment, place: int) -> tuple[float, float]:
    domain = experiment.problem.domain
    if place < len(domain):
        return domain[place]
    start = experiment.starts()[0][place]
    return start - _AROUND, start + _AROUND


def _of_number(name: str, known: Number, value: float | None, whole: bool) -> MapRange:
    least, most = max(known.low, -_FAR), min(known.high, _FAR)
    if known.scale == "log" and most > 0:
        middle = value or max(least, 1.0)
        low, high = max(least, middle / _FACTOR, _LEAST), min(most, middle * _FACTOR)
        return MapRange(name, low, high, log=True, whole=whole, least=least, most=most)
    if most - least > 2 * _FACTOR:
        middle = value or 0.0
        wide = max(1.0, abs(middle))
        return MapRange(name, max(least, middle - wide), min(most, middle + wide), whole=whole, least=least, most=most)
    return MapRange(name, least, most, whole=whole, least=least, most=most)


View = tuple[MapRange, MapRange]


class MapViews:
    """The first is the whole map."""

    def __init__(self) -> None:
        self._views: list[View] = []
        self._place = 0

    @property
    def home(self) -> View:
        return self._views[0]

    @property
    def at_home(self) -> bool:
        return not self._views or self._views[self._place] == self._views[0]

    def begin(self, x: MapRange, y: MapRange) -> None:
        """Another map."""
        self._views, self._place = [(x, y)], 0

    def add(self, x: MapRange, y: MapRange) -> None:
        """Another part; what was ahead is forgotten."""
        if self._views[self._place] != (x, y):
            self._views[self._place + 1 :] = [(x, y)]
            self._place += 1

    def can_go(self, by: int) -> bool:
        return 0 <= self._place + by < len(self._views)

    def go(self, by: int) -> View:
        """The part that many further."""
        self._place += by
        return self._views[self._place]
