"""Defines the measures of an experiment and its runs: functions of an outcome and, for one run, its index.

A value is NaN while it is unknown, and infinite for a step that is never reached or a loss that has overflowed.
Measures of the whole run are NaN before its end.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.elementary import log
from lrstudio.core.formula.typeset import power_of_ten
from lrstudio.core.language import tr
from lrstudio.core.network.layers import ACTIVATIONS
from lrstudio.core.optimizers.recurrence import Recurrence
from lrstudio.core.record import dataclass
from lrstudio.engine.claims.outcome import Outcome

Value = float | str

_LATE = 0.25
"""The share of the steps that counts as late."""
_RESPONDS = 0.01
"""The slope of an activation below which a unit hardly learns."""
_PLAIN = 1e6
"""The number from which on a power of ten is written."""


def largest_curvature(outcome: Outcome) -> float:
    return float(outcome.curvatures[-1]) if len(outcome.curvatures) else math.nan


def limit(outcome: Outcome, run: int) -> float:
    settings = outcome.experiment.runs[run]
    law = settings.law()
    if law is None or law.preconditioned or settings.has_lr_factors or not len(outcome.curvatures):
        return math.nan
    return law.stability_limit(outcome.curvatures)


def steepest_factor(outcome: Outcome, run: int) -> float:
    """Returns the factor per step of gradient descent in the steepest direction, NaN for other optimizers."""
    settings = outcome.experiment.runs[run]
    plain = settings.law() == Recurrence() and not settings.has_lr_factors
    return 1 - settings.lr * largest_curvature(outcome) if plain else math.nan


def measured_factor(outcome: Outcome, run: int) -> float:
    return outcome.verdict(run).numbers.get("factor", math.nan) if outcome.over(run) else math.nan


def at(outcome: Outcome, run: int, step: int, read: Callable[[int], float]) -> float:
    """Returns the value read at a step; infinite after an overflow, NaN before the run has reached the step."""
    if step < 0:
        if not outcome.over(run):
            return math.nan
        step = outcome.last if outcome.ended(run) is None else outcome.last + 1
    end = outcome.ended(run)
    if end is not None and step >= end:
        return math.inf
    return read(step) if step < outcome.rows(run) else math.nan


def in_the_end(outcome: Outcome, run: int, read: Callable[[], float]) -> float:
    """Returns the value of a run that is over, NaN before."""
    return read() if outcome.over(run) else math.nan


def first_row(outcome: Outcome, run: int, condition: Array) -> float:
    """Returns the first row at which a condition (n,) is true; infinite where it never is."""
    if condition.any():
        return float(condition.argmax())
    return math.inf if outcome.over(run) else math.nan


def steps_to_loss(outcome: Outcome, run: int, loss: float) -> float:
    losses = outcome.losses(run)
    return math.nan if np.isnan(losses).all() else first_row(outcome, run, losses <= loss)


def steps_to_floor(outcome: Outcome, run: int, percent: float) -> float:
    floor = outcome.floor
    return math.nan if math.isnan(floor) else steps_to_loss(outcome, run, floor + percent / 100 * abs(floor))


def distances_to_minimum(outcome: Outcome, run: int) -> Array:
    if outcome.minimum is None:
        return np.full(outcome.rows(run), np.nan)
    distances: Array = np.linalg.norm(outcome.column("params", run) - outcome.minimum, axis=1)
    return distances


def steps_to_distance(outcome: Outcome, run: int, distance: float) -> float:
    distances = distances_to_minimum(outcome, run)
    return math.nan if np.isnan(distances).all() else first_row(outcome, run, distances <= distance)


def distance(outcome: Outcome, run: int, step: int) -> float:
    return at(outcome, run, step, lambda row: float(distances_to_minimum(outcome, run)[row]))


def index_of(outcome: Outcome, weight: str) -> int:
    names = outcome.experiment.problem.names
    if weight not in names:
        raise ValueError(tr("weight {weight}: the parameters are {names}", weight=weight, names=", ".join(names)))
    return names.index(weight)


def weight_at(outcome: Outcome, run: int, weight: str, step: int, column: str = "params") -> float:
    index = index_of(outcome, weight)
    return at(outcome, run, step, lambda row: float(outcome.column(column, run)[row, index]))


def gap(outcome: Outcome, run: int, weight: str, step: int) -> float:
    """Returns the distance from a weight to the next number that its precision can hold."""
    kind = np.float64 if outcome.experiment.precision == "float64" else np.float32
    value = weight_at(outcome, run, weight, step)
    return float(np.spacing(kind(abs(value)))) if math.isfinite(value) else value


def greatest_weight(outcome: Outcome, run: int, weight: str) -> float:
    return in_the_end(outcome, run, lambda: float(outcome.column("params", run)[:, index_of(outcome, weight)].max()))


def spread(outcome: Outcome, run: int, weight: str, steps: int) -> float:
    if not outcome.over(run):
        return math.nan
    return float(outcome.column("params", run)[-steps:, index_of(outcome, weight)].std())


def at_rest_since(outcome: Outcome, run: int) -> float:
    """Returns the first step from which no weight changes by a single bit until the end."""
    if not outcome.over(run):
        return math.nan
    moved = np.flatnonzero((np.diff(outcome.column("params", run), axis=0) != 0).any(axis=1))
    rest = int(moved[-1]) + 1 if len(moved) else 0
    return float(rest) if rest < outcome.rows(run) - 1 else math.inf


def diverged_at(outcome: Outcome, run: int) -> float:
    end = outcome.ended(run)
    return float(end) if end is not None else math.inf if outcome.over(run) else math.nan


def accuracy(outcome: Outcome, run: int, step: int) -> float:
    if "val_accuracy" not in outcome.trace.columns:
        return math.nan
    return at(outcome, run, step, lambda row: float(outcome.column("val_accuracy", run)[row]))


def stretch(outcome: Outcome, run: int) -> float:
    """Returns the norm of all weights in the end, relative to the start."""
    if not outcome.over(run) or "norm" not in outcome.trace.columns:
        return math.nan
    norms = outcome.column("norm", run)
    return float(norms[-1] / norms[0])


def responsive_share(outcome: Outcome, run: int) -> float:
    """Returns the mean share of the training examples for which a hidden unit has a slope in the end."""
    problem, weights = outcome.experiment.problem, None
    network = problem.network
    if outcome.over(run) and outcome.ended(run) is None and outcome.trace.snapshots is not None:
        weights = outcome.weights(run, outcome.last)
    if weights is None or network is None:
        return math.nan
    hidden = network.activations(weights, problem.split(outcome.experiment.seed).x)[1:-1]
    slope = ACTIVATIONS[network.activation].slope
    return float(np.mean([(slope(layer) > _RESPONDS).mean() for layer in hidden])) if hidden else math.nan


def rate_of_steepest_fall(outcome: Outcome, run: int) -> float:
    """Returns the rate of the update with the smallest ratio of the losses on all data after and before it."""
    losses = outcome.losses(run)
    if not outcome.over(run) or len(losses) < 2 or not (losses > 0).all():
        return math.nan
    return float(outcome.column("lr", run)[np.diff(log(losses)).argmin()])


def rate_of_least_loss(outcome: Outcome, run: int) -> float:
    """Returns the rate of the update that led to the least loss on all data."""
    losses = outcome.losses(run)
    if not outcome.over(run) or np.isnan(losses).any() or not losses.argmin():
        return math.nan
    return float(outcome.column("lr", run)[losses.argmin() - 1])


def late_median(outcome: Outcome, run: int, values: Callable[[], Array]) -> float:
    """Returns the median of the values (n, R) over the late steps."""
    if not outcome.over(run) or outcome.ended(run) is not None:
        return math.nan
    late = outcome.samples.steps >= (1 - _LATE) * outcome.last
    return float(np.median(values()[late, run]))


def late_product(outcome: Outcome, run: int) -> float:
    return late_median(outcome, run, lambda: outcome.samples.curvatures * outcome.samples.rates)


def curvature_at(outcome: Outcome, run: int, step: int) -> float:
    samples = outcome.samples
    index = np.flatnonzero(samples.steps == (step if step >= 0 else outcome.last))
    return at(outcome, run, step, lambda _row: float(samples.curvatures[index[0], run]) if len(index) else math.nan)


def steps_to_crossing(outcome: Outcome, run: int) -> float:
    crossing = outcome.crossing(run)
    return crossing if crossing is not None else math.inf if outcome.over(run) else math.nan


def _number(value: float, digits: int) -> str:
    text = f"{value:.{digits or 3}g}"
    if "e+" in text and abs(value) < _PLAIN:
        text = f"{float(text):,.0f}"
    text = text.replace("-", "−", 1) if text.startswith("-") else text
    return power_of_ten(text)


def _rough(value: float, digits: int) -> str:
    return _number(value, digits or 2)


def _exact(value: float, digits: int) -> str:
    return _number(value, digits or 6)


def _count(value: float, _digits: int) -> str:
    return f"{value:,.0f}"


def _share(value: float, digits: int) -> str:
    return f"{100 * value:.{digits or 3}g} %"


@dataclass(frozen=True)
class Measure:
    """Pairs a phrase with the function that measures it and the format of its value, given the digits.

    In a phrase `<step>` stands for a whole number, `start` or `end`, `<n>` for a whole number, `<x>` for a number and
    `<weight>` for the name of a parameter. A measure `of_run` takes a run's index after the outcome. The value of a
    `word` is text.
    """

    phrase: str
    value: Callable[..., Value]
    show: Callable[[float, int], str] = _number
    of_run: bool = True
    word: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.phrase.split())


MEASURES: tuple[Measure, ...] = (
    Measure("planned steps", lambda o: float(o.experiment.steps), _count, of_run=False),
    Measure("batch size", lambda o: float(o.experiment.batch_sizes[0] or o.objective.size), _count, of_run=False),
    Measure("nudge", lambda o: math.nan if (eps := o.experiment.gradient.eps) is None else eps, of_run=False),
    Measure("floor", lambda o: o.floor, of_run=False),
    Measure("curvature at the minimum", largest_curvature, of_run=False),
    Measure("name", lambda o, run: o.experiment.label(run), word=True),
    Measure("rate", lambda o, run: o.experiment.runs[run].lr, _exact),
    Measure("limit", limit),
    Measure("factor in theory", steepest_factor),
    Measure("factor measured", measured_factor),
    Measure("loss at <step>", lambda o, run, step: at(o, run, step, lambda row: o.loss(run, row))),
    Measure("least loss", lambda o, run: in_the_end(o, run, lambda: float(np.min(o.losses(run))))),
    Measure("greatest loss", lambda o, run: in_the_end(o, run, lambda: float(np.max(o.losses(run))))),
    Measure("steps to loss <x>", steps_to_loss, _count),
    Measure("steps to within <x> % of the floor", steps_to_floor, _count),
    Measure("steps to distance <x>", steps_to_distance, _count),
    Measure("distance at <step>", distance),
    Measure("weight <weight> at <step>", weight_at, _exact),
    Measure("greatest weight <weight>", greatest_weight),
    Measure("spread of <weight> over the last <n> steps", spread, _rough),
    Measure("slope of <weight> at <step>", lambda o, run, weight, step: weight_at(o, run, weight, step, "grad")),
    Measure("gap of <weight> at <step>", gap),
    Measure("at rest since", at_rest_since, _count),
    Measure("verdict", lambda o, run: o.verdict(run).key if o.over(run) else "", word=True),
    Measure("diverged at", diverged_at, _count),
    Measure("accuracy at <step>", accuracy, _share),
    Measure("stretch of the weights", stretch),
    Measure("responsive share", responsive_share, _share),
    Measure("rate at <step>", lambda o, run, step: at(o, run, step, lambda row: float(o.column("lr", run)[row]))),
    Measure("rate of the steepest fall", rate_of_steepest_fall, _rough),
    Measure("rate of the least loss", rate_of_least_loss, _rough),
    Measure("curvature at <step>", curvature_at),
    Measure("late curvature", lambda o, run: late_median(o, run, lambda: o.samples.curvatures)),
    Measure("late curvature times rate", late_product),
    Measure("steps to the limit of the curvature", steps_to_crossing, _count),
)
