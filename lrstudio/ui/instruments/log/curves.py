"""The curves of a view of logs: a quantity and the rates of the checked runs against one axis, raw and smoothed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from lrstudio.core.analysis.suggestions import smoothed
from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.store.logs.model import COUNTER, LOSS, RATE, TRAIN, Run, Series
from lrstudio.store.logs.names import meaning
from lrstudio.ui.drawing.thinning import extremes

AXES = ("step", "epoch", "samples", "time", "row")
LOSSES = "loss"
_PART = re.compile(
    r"(^|[\W_])(?:train|training|val|valid|validation|dev|eval|evaluation|test)(?=[\W_]|$)", re.IGNORECASE
)
_MIDDLE = 2**16
"""Points of the middle level of a curve."""
_ENOUGH = 1000
"""Fewer points of a level in view are replaced by those of the next one."""
_STEPS = ("step", "batch", "row")
"""Counters of updates, which are one axis."""


@dataclass(frozen=True)
class Choice:
    """What a view shows: a quantity, the axis, and the decay of the moving average, 0 for none."""

    quantity: str = LOSSES
    axis: str = "step"
    beta: float = 0.0


@dataclass(frozen=True, eq=False)
class Curve:
    """The values (n,) of one series at x and at the counts `at` (n,), raw and, if asked for, smoothed.

    `part` is the data on which the series was measured.
    """

    run: int
    name: str
    part: str
    at: Array
    x: Array
    raw: Array
    smooth: Array | None
    levels: tuple[Array, ...]
    """Indices of the points that are drawn, from all of the curve to its details."""

    @property
    def main(self) -> Array:
        """The values of the thick line."""
        return self.raw if self.smooth is None else self.smooth

    def shown(self, low: float, high: float) -> Array:
        """Returns the indices of the points to draw between two x: of the coarsest level with enough of them."""
        for level in self.levels:
            first, last = np.searchsorted(self.x[level], (low, high))
            if last - first >= _ENOUGH or len(level) == len(self.x):
                return level[max(0, int(first) - 1) : int(last) + 1]
        first, last = np.searchsorted(self.x, (low, high))
        return np.arange(max(0, int(first) - 1), min(len(self.x), int(last) + 1))

    def nearest(self, x: float) -> int:
        """Returns the index of the point nearest to x."""
        place = int(np.searchsorted(self.x, x))
        around = [index for index in (place - 1, place) if 0 <= index < len(self.x)]
        return min(around, key=lambda index: abs(float(self.x[index]) - x))


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves of a choice: of the quantity, and of the rates; `missing` are the runs without the axis."""

    choice: Choice
    values: tuple[Curve, ...] = ()
    rates: tuple[Curve, ...] = ()
    missing: tuple[str, ...] = ()


def curves(runs: Sequence[tuple[int, Run]], choice: Choice) -> Curves:
    """Returns the curves of some runs, each with its number."""
    values, rates, missing = list[Curve](), list[Curve](), list[str]()
    for number, run in runs:
        if not has_axis(run, choice.axis):
            missing.append(run.title)
            continue
        values += [_curve(number, run, series, choice, choice.beta) for series in of_quantity(run, choice.quantity)]
        rates += [_curve(number, run, series, choice, 0.0) for series in run.of(RATE)]
    return Curves(choice, tuple(values), tuple(rates), tuple(missing))


def _curve(number: int, run: Run, series: Series, choice: Choice, beta: float) -> Curve:
    x = positions(run, series, choice.axis)
    assert x is not None
    order = np.argsort(x, kind="stable") if (np.diff(x) < 0).any() else slice(None)
    x, raw = x[order], series.values[order]
    smooth = smoothed(raw, beta) if beta else None
    main = raw if smooth is None else smooth
    levels = [extremes(main)]
    if len(main) > _MIDDLE:
        levels.append(extremes(main, _MIDDLE))
    return Curve(number, series.name, series.part, series.at[order], x, raw, smooth, tuple(levels))


def quantity_of(series: Series) -> str:
    """Returns the quantity of a series: its name without the data that it was measured on."""
    if series.role == LOSS:
        return LOSSES
    return _PART.sub("", series.name).strip("/_ .-") or series.name


def quantities(runs: Sequence[Run]) -> list[str]:
    """Returns the quantities of some runs, the loss first."""
    found = {quantity_of(series): None for run in runs for series in run.series if series.role not in (RATE, COUNTER)}
    return sorted(found, key=lambda quantity: quantity != LOSSES)


def of_quantity(run: Run, quantity: str) -> Iterator[Series]:
    """Yields the series of a quantity, those of training first."""
    mine = [each for each in run.series if each.role not in (RATE, COUNTER) and quantity_of(each) == quantity]
    yield from sorted(mine, key=lambda each: each.part != TRAIN)


def axes(runs: Sequence[Run]) -> list[str]:
    """Returns the axes that at least one of the runs has."""
    return [axis for axis in AXES if any(has_axis(run, axis) for run in runs)]


def has_axis(run: Run, axis: str) -> bool:
    return axis == "row" or kind_of_axis(run.counter) == axis or _counter(run, axis) is not None


def kind_of_axis(counter: str) -> str:
    """Returns the axis of a counter: batches and steps count updates."""
    return "step" if counter in _STEPS[:2] else counter


def positions(run: Run, series: Series, axis: str) -> Array | None:
    """Returns the x of the values of a series; None if the run has no such axis. Times begin at 0, in seconds."""
    if axis == "row":
        return np.arange(len(series.at), dtype=float)
    if kind_of_axis(run.counter) == axis:
        return series.at - (float(series.at[0]) if axis == "time" else 0.0)
    counter = _counter(run, axis)
    if counter is None:
        return None
    values = counter.values - (float(counter.values[0]) if axis == "time" else 0.0)
    return np.asarray(np.interp(series.at, counter.at, values))


def _counter(run: Run, axis: str) -> Series | None:
    return next((each for each in run.of(COUNTER) if kind_of_axis(meaning(each.name).kind) == axis), None)
