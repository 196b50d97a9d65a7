"""The vocabulary: what can be measured of an experiment and its runs. Each measure is one line of `MEASURES`.

A value is NaN while it is not known, and infinite where it never comes: a run that never has a loss, a loss that has
overflowed. What needs the whole run is NaN before its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lrstudio.engine.claims import measuring

Value = float | str
Show = Callable[[float, int], str]

_PLAIN = 1e6
"""Below it a number is written without a power of ten."""


def _number(value: float, digits: int) -> str:
    text = f"{value:.{digits or 3}g}"
    if "e+" in text and abs(value) < _PLAIN:
        text = f"{float(text):,.0f}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def _count(value: float, _digits: int) -> str:
    return f"{value:,.0f}"


def _share(value: float, digits: int) -> str:
    return f"{100 * value:.{digits or 3}g} %"


def _exact(value: float, digits: int) -> str:
    return _number(value, digits or 6)


@dataclass(frozen=True)
class Measure:
    """A phrase and what it measures.

    In a phrase `<step>` stands for a whole number, `start` or `end`, `<n>` for a whole number, `<x>` for a number and
    `<weight>` for the name of a parameter. What is measured `of_run` takes a run's index after the outcome.
    """

    phrase: str
    value: Callable[..., Value]
    show: Show = _number
    of_run: bool = True
    word: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.phrase.split())


MEASURES: tuple[Measure, ...] = (
    Measure("planned steps", lambda outcome: float(outcome.experiment.steps), _count, of_run=False),
    Measure("batch size", measuring.batch, _count, of_run=False),
    Measure("nudge", measuring.nudge, of_run=False),
    Measure("floor", lambda outcome: outcome.floor, of_run=False),
    Measure("curvature at the minimum", measuring.largest, of_run=False),
    Measure("name", measuring.name, word=True),
    Measure("rate", measuring.rate, _exact),
    Measure("limit", measuring.limit),
    Measure("factor in theory", measuring.steepest_factor),
    Measure("factor measured", measuring.factor),
    Measure("loss at <step>", measuring.loss),
    Measure("least loss", measuring.least_loss),
    Measure("greatest loss", measuring.greatest_loss),
    Measure("steps to loss <x>", measuring.steps_to_loss, _count),
    Measure("steps to within <x> % of the floor", measuring.steps_to_floor, _count),
    Measure("steps to distance <x>", measuring.steps_to_distance, _count),
    Measure("distance at <step>", measuring.distance),
    Measure("weight <weight> at <step>", measuring.weight_at, _exact),
    Measure("greatest weight <weight>", measuring.greatest_weight),
    Measure(
        "spread of <weight> over the last <n> steps",
        measuring.spread,
        lambda value, digits: _number(value, digits or 2),
    ),
    Measure("slope of <weight> at <step>", measuring.slope),
    Measure("gap of <weight> at <step>", measuring.gap),
    Measure("at rest since", measuring.rest, _count),
    Measure("verdict", measuring.verdict, word=True),
    Measure("diverged at", measuring.diverged, _count),
    Measure("accuracy at <step>", measuring.accuracy, _share),
    Measure("stretch of the weights", measuring.stretch),
    Measure("responsive share", measuring.responsive, _share),
    Measure("rate at <step>", measuring.rate_at),
    Measure(
        "rate of the steepest fall", measuring.rate_of_steepest_fall, lambda value, digits: _number(value, digits or 2)
    ),
    Measure("rate of the least loss", measuring.rate_of_least_loss, lambda value, digits: _number(value, digits or 2)),
    Measure("curvature at <step>", measuring.curvature_at),
    Measure("late curvature", measuring.late_curvature),
    Measure("late curvature times rate", measuring.late_product),
    Measure("steps to the limit of the curvature", measuring.crossing, _count),
)
