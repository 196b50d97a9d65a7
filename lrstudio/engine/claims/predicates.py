"""Defines the readings of measures and the predicates over them, which `grammar` parses."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Protocol

from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass
from lrstudio.engine.claims.measures import Measure, Value
from lrstudio.engine.claims.outcome import Outcome

SIDES: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

_MOST_DECIMALS = 12


class Predicate(Protocol):
    """A condition on an outcome with three values: true, false and unknown."""

    def __call__(self, outcome: Outcome, run: int | None = None, /) -> bool | None:
        """Returns whether it holds, None if unknown; `run` is the run of measures that name none."""


@dataclass(frozen=True)
class Reading:
    """A measure with its arguments; `run` is an index, None for the run that a quantifier passes.

    Its text has the measure's own form, or so many `digits`, or so many `decimals` as a program prints.
    """

    measure: Measure
    run: int | None = None
    arguments: tuple[Any, ...] = ()
    digits: int = 0
    decimals: int | None = None

    def value(self, outcome: Outcome, run: int | None = None) -> Value:
        """Returns the value; ValueError if the experiment has no such run or parameter."""
        if not self.measure.of_run:
            return self.measure.value(outcome, *self.arguments)
        run = self.run if self.run is not None else run
        if run is None or run >= len(outcome.experiment.runs):
            text = mark("{phrase}: there is no run") if run is None else mark("{phrase}: there is no run {number}")
            raise ValueError(tr(text, phrase=self.measure.phrase, number=(run or 0) + 1))
        return self.measure.value(outcome, run, *self.arguments)

    def text(self, outcome: Outcome) -> str | None:
        """Returns the formatted value; None if there is none."""
        value = self.value(outcome)
        if isinstance(value, str):
            return value or None
        if self.decimals is not None and math.isfinite(value):
            return f"{value:.{min(self.decimals, _MOST_DECIMALS)}f}".replace("-", "−")
        return self.measure.show(value, self.digits) if math.isfinite(value) else None


@dataclass(frozen=True)
class Amount:
    """A number, or a factor times a reading."""

    factor: float
    reading: Reading | None = None

    def __call__(self, outcome: Outcome, run: int | None) -> float:
        if self.reading is None:
            return self.factor
        value = self.reading.value(outcome, run)
        assert not isinstance(value, str)
        return self.factor * value


@dataclass(frozen=True)
class Chain:
    """The comparison a < b <= c ...; an unknown value makes it unknown unless another pair is false."""

    values: tuple[Amount, ...]
    signs: tuple[str, ...]

    def __call__(self, outcome: Outcome, run: int | None = None, /) -> bool | None:
        numbers = [value(outcome, run) for value in self.values]
        pairs = zip(numbers, numbers[1:], self.signs, strict=False)
        return _all([None if math.isnan(a) or math.isnan(b) else SIDES[sign](a, b) for a, b, sign in pairs])


@dataclass(frozen=True)
class Near:
    """The comparison a = b within a percentage of b; infinite values are not equal."""

    one: Amount
    other: Amount
    percent: float

    def __call__(self, outcome: Outcome, run: int | None = None, /) -> bool | None:
        one, other = self.one(outcome, run), self.other(outcome, run)
        if math.isnan(one) or math.isnan(other):
            return None
        return math.isfinite(one - other) and abs(one - other) <= self.percent / 100 * abs(other)


@dataclass(frozen=True)
class Is:
    """The comparison of a verdict with its key."""

    reading: Reading
    word: str

    def __call__(self, outcome: Outcome, run: int | None = None, /) -> bool | None:
        value = self.reading.value(outcome, run)
        return value == self.word if value else None


@dataclass(frozen=True)
class Joined:
    """Predicates joined by `and` or by `or`."""

    parts: tuple[Predicate, ...]
    every: bool

    def __call__(self, outcome: Outcome, run: int | None = None, /) -> bool | None:
        values = (part(outcome, run) for part in self.parts)
        return _all(values) if self.every else _not(_all(_not(value) for value in values))


@dataclass(frozen=True)
class Negated:
    part: Predicate

    def __call__(self, outcome: Outcome, run: int | None = None, /) -> bool | None:
        return _not(self.part(outcome, run))


@dataclass(frozen=True)
class Quantified:
    """A comparison that holds for one run only, for every run or for none."""

    kind: str
    run: int | None
    part: Predicate

    def __call__(self, outcome: Outcome, run: int | None = None, /) -> bool | None:
        runs = range(len(outcome.experiment.runs))
        if self.run is not None and self.run not in runs:
            raise ValueError(tr("only run {run}: there is no such run", run=self.run + 1))
        values = ((self.part(outcome, run), self.kind == "every" or run == self.run) for run in runs)
        return _all(value if expected else _not(value) for value, expected in values)


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all(values: Any) -> bool | None:
    """Returns False if one value is, else None if one is unknown."""
    unknown = False
    for value in values:
        if value is False:
            return False
        unknown |= value is None
    return None if unknown else True
