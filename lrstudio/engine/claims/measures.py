"""The vocabulary: what can be measured of an experiment and its runs. Each measure is one line of `MEASURES`.

A value is NaN while it is not known, and infinite where it never comes: a run that never has a loss, a loss that has
overflowed. What needs the whole run is NaN before its end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrstudio.core.analysis.limits import stability_limit
from lrstudio.core.analysis.recurrence import recurrence
from lrstudio.core.network.layers import ACTIVATIONS
from lrstudio.core.optimizers import SGD
from lrstudio.core.problems.network import NetworkProblem
from lrstudio.engine.claims.outcome import Outcome

Array = np.ndarray[Any, np.dtype[Any]]
Value = float | str
Show = Callable[[float, int], str]

_LATE = 0.25
"""The share of the steps that counts as the late ones."""
_PLAIN = 1e6
"""Below it a number is written without a power of ten."""
_RESPONDS = 0.01
"""The slope of an activation below which a unit hardly learns."""


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


def _rate(outcome: Outcome, run: int) -> float:
    return outcome.experiment.runs[run].lr


def _name(outcome: Outcome, run: int) -> str:
    return outcome.experiment.label(run)


def _batch(outcome: Outcome) -> float:
    return float(outcome.experiment.batch_size or outcome.objective.size)


def _nudge(outcome: Outcome) -> float:
    eps = outcome.experiment.gradient.eps
    return math.nan if eps is None else eps


def _largest(outcome: Outcome) -> float:
    return float(outcome.curvatures[-1]) if len(outcome.curvatures) else math.nan


def _limit(outcome: Outcome, run: int) -> float:
    optimizer = outcome.experiment.runs[run].optimizer
    known = recurrence(optimizer)
    if known is None or known.preconditioned or not len(outcome.curvatures):
        return math.nan
    limit = stability_limit(optimizer, outcome.curvatures)
    return math.nan if limit is None else limit


def _steepest_factor(outcome: Outcome, run: int) -> float:
    plain = outcome.experiment.runs[run].optimizer == SGD()
    return 1 - _rate(outcome, run) * _largest(outcome) if plain else math.nan


def _at(outcome: Outcome, run: int, step: int, read: Callable[[int], float]) -> float:
    """What is read at a step; infinite after an overflow, NaN before the run has come there."""
    if step < 0:
        if not outcome.over(run):
            return math.nan
        step = outcome.last if outcome.ended(run) is None else outcome.last + 1
    end = outcome.ended(run)
    if end is not None and step >= end:
        return math.inf
    return read(step) if step < outcome.rows(run) else math.nan


def _loss(outcome: Outcome, run: int, step: int) -> float:
    return _at(outcome, run, step, lambda row: outcome.loss(run, row))


def _least_loss(outcome: Outcome, run: int) -> float:
    return float(np.min(outcome.losses(run))) if outcome.over(run) else math.nan


def _greatest_loss(outcome: Outcome, run: int) -> float:
    return float(np.max(outcome.losses(run))) if outcome.over(run) else math.nan


def _first(outcome: Outcome, run: int, true: Array) -> float:
    """The first row at which something is true; infinite where it never is."""
    if true.any():
        return float(true.argmax())
    return math.inf if outcome.over(run) else math.nan


def _steps_to_loss(outcome: Outcome, run: int, loss: float) -> float:
    losses = outcome.losses(run)
    return math.nan if np.isnan(losses).all() else _first(outcome, run, losses <= loss)


def _steps_to_floor(outcome: Outcome, run: int, percent: float) -> float:
    floor = outcome.floor
    return math.nan if math.isnan(floor) else _steps_to_loss(outcome, run, floor + percent / 100 * abs(floor))


def _distances(outcome: Outcome, run: int) -> Array:
    if outcome.minimum is None:
        return np.full(outcome.rows(run), np.nan)
    distances: Array = np.linalg.norm(outcome.column("params", run) - outcome.minimum, axis=1)
    return distances


def _steps_to_distance(outcome: Outcome, run: int, distance: float) -> float:
    distances = _distances(outcome, run)
    return math.nan if np.isnan(distances).all() else _first(outcome, run, distances <= distance)


def _distance(outcome: Outcome, run: int, step: int) -> float:
    return _at(outcome, run, step, lambda row: float(_distances(outcome, run)[row]))


def _place(outcome: Outcome, weight: str) -> int:
    names = outcome.experiment.problem.names
    if weight not in names:
        raise ValueError(f"weight {weight}: the parameters are {', '.join(names)}")
    return names.index(weight)


def _weight(outcome: Outcome, run: int, weight: str, step: int) -> float:
    place = _place(outcome, weight)
    return _at(outcome, run, step, lambda row: float(outcome.column("params", run)[row, place]))


def _slope(outcome: Outcome, run: int, weight: str, step: int) -> float:
    place = _place(outcome, weight)
    return _at(outcome, run, step, lambda row: float(outcome.column("grad", run)[row, place]))


def _gap(outcome: Outcome, run: int, weight: str, step: int) -> float:
    """The distance from a weight to the next number that its precision can hold."""
    kind = np.float64 if outcome.experiment.precision == "float64" else np.float32
    value = _weight(outcome, run, weight, step)
    return float(np.spacing(kind(abs(value)))) if math.isfinite(value) else value


def _greatest_weight(outcome: Outcome, run: int, weight: str) -> float:
    if not outcome.over(run):
        return math.nan
    return float(outcome.column("params", run)[:, _place(outcome, weight)].max())


def _spread(outcome: Outcome, run: int, weight: str, steps: int) -> float:
    if not outcome.over(run):
        return math.nan
    return float(outcome.column("params", run)[-steps:, _place(outcome, weight)].std())


def _rest(outcome: Outcome, run: int) -> float:
    """The first step from which no weight changes by a single bit until the end."""
    if not outcome.over(run):
        return math.nan
    moved = np.flatnonzero((np.diff(outcome.column("params", run), axis=0) != 0).any(axis=1))
    rest = int(moved[-1]) + 1 if len(moved) else 0
    return float(rest) if rest < outcome.rows(run) - 1 else math.inf


def _verdict(outcome: Outcome, run: int) -> str:
    return outcome.verdict(run).key if outcome.over(run) else ""


def _diverged(outcome: Outcome, run: int) -> float:
    end = outcome.ended(run)
    return float(end) if end is not None else math.inf if outcome.over(run) else math.nan


def _accuracy(outcome: Outcome, run: int, step: int) -> float:
    if "val_accuracy" not in outcome.trace.columns:
        return math.nan
    return _at(outcome, run, step, lambda row: float(outcome.column("val_accuracy", run)[row]))


def _stretch(outcome: Outcome, run: int) -> float:
    """How many times as long as in the beginning the vector of all weights is in the end."""
    if not outcome.over(run) or "norm" not in outcome.trace.columns:
        return math.nan
    norms = outcome.column("norm", run)
    return float(norms[-1] / norms[0])


def _responsive(outcome: Outcome, run: int) -> float:
    """The mean share of the training examples for which a hidden unit has a slope in the end."""
    problem, weights = outcome.experiment.problem, None
    if outcome.over(run) and outcome.ended(run) is None and outcome.trace.snapshots is not None:
        weights = outcome.weights(run, outcome.last)
    if weights is None or not isinstance(problem, NetworkProblem):
        return math.nan
    network = problem.network
    hidden = network.activations(weights, problem.split(outcome.experiment.seed).x)[1:-1]
    slope = ACTIVATIONS[network.activation].slope
    return float(np.mean([(slope(layer) > _RESPONDS).mean() for layer in hidden])) if hidden else math.nan


def _rate_at(outcome: Outcome, run: int, step: int) -> float:
    return _at(outcome, run, step, lambda row: float(outcome.column("lr", run)[row]))


def _rate_of_steepest_fall(outcome: Outcome, run: int) -> float:
    """The rate of the update that made the loss on all data the least share of what it was."""
    losses = outcome.losses(run)
    if not outcome.over(run) or len(losses) < 2 or not (losses > 0).all():
        return math.nan
    return float(outcome.column("lr", run)[np.diff(np.log(losses)).argmin()])


def _rate_of_least_loss(outcome: Outcome, run: int) -> float:
    """The rate of the update that led to the least loss on all data."""
    losses = outcome.losses(run)
    if not outcome.over(run) or np.isnan(losses).any() or not losses.argmin():
        return math.nan
    return float(outcome.column("lr", run)[losses.argmin() - 1])


def _factor(outcome: Outcome, run: int) -> float:
    return outcome.verdict(run).numbers.get("factor", math.nan) if outcome.over(run) else math.nan


def _late(outcome: Outcome, run: int, values: Callable[[], Array]) -> float:
    """The median of values (n, R) over the late steps."""
    if not outcome.over(run) or outcome.ended(run) is not None:
        return math.nan
    late = outcome.samples.steps >= (1 - _LATE) * outcome.last
    return float(np.median(values()[late, run]))


def _late_curvature(outcome: Outcome, run: int) -> float:
    return _late(outcome, run, lambda: outcome.samples.curvatures)


def _late_product(outcome: Outcome, run: int) -> float:
    return _late(outcome, run, lambda: outcome.samples.curvatures * outcome.samples.rates)


def _curvature_at(outcome: Outcome, run: int, step: int) -> float:
    samples = outcome.samples
    known = np.flatnonzero(samples.steps == (step if step >= 0 else outcome.last))
    return _at(outcome, run, step, lambda _row: float(samples.curvatures[known[0], run]) if len(known) else math.nan)


def _crossing(outcome: Outcome, run: int) -> float:
    crossing = outcome.crossing(run)
    return crossing if crossing is not None else math.inf if outcome.over(run) else math.nan


MEASURES: tuple[Measure, ...] = (
    Measure("planned steps", lambda outcome: float(outcome.experiment.steps), _count, of_run=False),
    Measure("batch size", _batch, _count, of_run=False),
    Measure("nudge", _nudge, of_run=False),
    Measure("floor", lambda outcome: outcome.floor, of_run=False),
    Measure("curvature at the minimum", _largest, of_run=False),
    Measure("name", _name, word=True),
    Measure("rate", _rate, _exact),
    Measure("limit", _limit),
    Measure("factor in theory", _steepest_factor),
    Measure("factor measured", _factor),
    Measure("loss at <step>", _loss),
    Measure("least loss", _least_loss),
    Measure("greatest loss", _greatest_loss),
    Measure("steps to loss <x>", _steps_to_loss, _count),
    Measure("steps to within <x> % of the floor", _steps_to_floor, _count),
    Measure("steps to distance <x>", _steps_to_distance, _count),
    Measure("distance at <step>", _distance),
    Measure("weight <weight> at <step>", _weight, _exact),
    Measure("greatest weight <weight>", _greatest_weight),
    Measure("spread of <weight> over the last <n> steps", _spread, lambda value, digits: _number(value, digits or 2)),
    Measure("slope of <weight> at <step>", _slope),
    Measure("gap of <weight> at <step>", _gap),
    Measure("at rest since", _rest, _count),
    Measure("verdict", _verdict, word=True),
    Measure("diverged at", _diverged, _count),
    Measure("accuracy at <step>", _accuracy, _share),
    Measure("stretch of the weights", _stretch),
    Measure("responsive share", _responsive, _share),
    Measure("rate at <step>", _rate_at),
    Measure("rate of the steepest fall", _rate_of_steepest_fall, lambda value, digits: _number(value, digits or 2)),
    Measure("rate of the least loss", _rate_of_least_loss, lambda value, digits: _number(value, digits or 2)),
    Measure("curvature at <step>", _curvature_at),
    Measure("late curvature", _late_curvature),
    Measure("late curvature times rate", _late_product),
    Measure("steps to the limit of the curvature", _crossing, _count),
)
