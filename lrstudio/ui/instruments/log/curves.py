"""The curves of a view of logs: a quantity and the rates of the checked runs against one axis, raw and smoothed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from lrstudio.core.analysis.suggestions import smoothed
from lrstudio.core.array import Array
from lrstudio.core.record import dataclass
from lrstudio.store.logs.model import COUNTER, LOSS, RATE, TRAIN, Run, Series
from lrstudio.store.logs.names import meaning, without_part
from lrstudio.store.logs.producers.losses import main_loss
from lrstudio.ui.drawing.thinning import extremes

AXES = ("step", "epoch", "samples", "time", "row")
LOSSES = "loss"
ONE_LOSS = "loss:"
"""Begin of the quantity that is one of several losses of a run, before what tells it from the others."""
_MIDDLE = 2**16
"""Points of the middle level of a curve."""
_ENOUGH = 1000
"""Fewer points of a level in view are replaced by those of the next one."""
_MANY_NAMES = 3
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
    label: str = ""
    """What tells the curve from others of its run and its part; "" for the only one."""
    look: int = 0
    """The number of the label, the same in all runs."""

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
        rates += [_curve(number, run, series, choice, 0.0) for series in _different(run.of(RATE))]
    return Curves(choice, _with_looks(values), _with_looks(rates), tuple(missing))


def _different(rates: Sequence[Series]) -> list[Series]:
    """Returns the rates of a run, those that are equal as one with the names of all."""
    groups = list[list[Series]]()
    for rate in rates:
        same = (group for group in groups if _are_equal(group[0], rate))
        if (group := next(same, None)) is not None:
            group.append(rate)
        else:
            groups.append([rate])
    return [replace(group[0], name=_joined([rate.name for rate in group])) for group in groups]


def _are_equal(first: Series, second: Series) -> bool:
    return np.array_equal(first.at, second.at) and np.array_equal(first.values, second.values)


def _joined(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) < _MANY_NAMES else f"{names[0]} … {names[-1]}"


def labels(series: Sequence[Series | Curve]) -> dict[str, str]:
    """Returns for the name of each series of a run what tells it from the others; nothing if there are no others.

    That is the name without the data that it was measured on, if no other one of this data has it.
    """
    found = Counter((without_part(each.name), each.part) for each in series)
    named = {
        each.name: without_part(each.name) if found[without_part(each.name), each.part] == 1 else each.name
        for each in series
    }
    return named if len({*named.values()}) > 1 else {}


def _with_looks(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Returns curves with the labels of those runs that have several, and their numbers: 0 for the first of a run."""
    runs = [[each for each in curves if each.run == run] for run in dict.fromkeys(each.run for each in curves)]
    named = {own[0].run: labels(own) for own in runs}
    found = [named[each.run].get(each.name, "") for each in curves]
    firsts = {label for label in (named[own[0].run].get(own[0].name, "") for own in runs) if label}
    if any(len(firsts & {*own.values()}) > 1 for own in named.values()):
        firsts = set()
    others = [label for label in dict.fromkeys(found) if label and label not in firsts]
    looks = {label: look for look, label in enumerate(others, bool(firsts))}
    return tuple(
        replace(each, label=label, look=looks.get(label, 0)) for each, label in zip(curves, found, strict=True)
    )


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
    return LOSSES if series.role == LOSS else without_part(series.name)


def quantities(runs: Sequence[Run]) -> list[str]:
    """Returns the quantities of some runs: the losses first, and each of them by itself where a run has several."""
    found = {quantity_of(series): None for run in runs for series in run.series if series.role not in (RATE, COUNTER)}
    single = {ONE_LOSS + label: None for run in runs for label in labels(_losses(run)).values()}
    return sorted(single | found, key=lambda quantity: (quantity != LOSSES, quantity not in single))


def _losses(run: Run) -> list[Series]:
    """Returns the losses of a run, that which is trained on first."""
    first = main_loss(run)
    return sorted(run.of(LOSS), key=lambda each: (each is not first, each.part != TRAIN))


def of_quantity(run: Run, quantity: str) -> Iterator[Series]:
    """Yields the series of a quantity, those of training first."""
    if quantity == LOSSES:
        yield from _losses(run)
    elif quantity.startswith(ONE_LOSS):
        named = labels(_losses(run))
        yield from (each for each in _losses(run) if named.get(each.name) == quantity.removeprefix(ONE_LOSS))
    else:
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
