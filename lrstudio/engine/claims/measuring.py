"""What the measures compute of an outcome and, where it is of one run, its index."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.network.layers import ACTIVATIONS
from lrstudio.core.optimizers.recurrence import Recurrence
from lrstudio.engine.claims.outcome import Outcome

_LATE = 0.25
"""The share of the steps that counts as the late ones."""
_RESPONDS = 0.01
"""The slope of an activation below which a unit hardly learns."""


def rate(outcome: Outcome, run: int) -> float:
    return outcome.experiment.runs[run].lr


def name(outcome: Outcome, run: int) -> str:
    return outcome.experiment.label(run)


def batch(outcome: Outcome) -> float:
    return float(outcome.experiment.batch_size or outcome.objective.size)


def nudge(outcome: Outcome) -> float:
    eps = outcome.experiment.gradient.eps
    return math.nan if eps is None else eps


def largest(outcome: Outcome) -> float:
    return float(outcome.curvatures[-1]) if len(outcome.curvatures) else math.nan


def limit(outcome: Outcome, run: int) -> float:
    law = outcome.experiment.runs[run].optimizer.recurrence()
    if law is None or law.preconditioned or not len(outcome.curvatures):
        return math.nan
    return law.stability_limit(outcome.curvatures)


def steepest_factor(outcome: Outcome, run: int) -> float:
    plain = outcome.experiment.runs[run].optimizer.recurrence() == Recurrence()
    return 1 - rate(outcome, run) * largest(outcome) if plain else math.nan


def at(outcome: Outcome, run: int, step: int, read: Callable[[int], float]) -> float:
    """What is read at a step; infinite after an overflow, NaN before the run has come there."""
    if step < 0:
        if not outcome.over(run):
            return math.nan
        step = outcome.last if outcome.ended(run) is None else outcome.last + 1
    end = outcome.ended(run)
    if end is not None and step >= end:
        return math.inf
    return read(step) if step < outcome.rows(run) else math.nan


def loss(outcome: Outcome, run: int, step: int) -> float:
    return at(outcome, run, step, lambda row: outcome.loss(run, row))


def least_loss(outcome: Outcome, run: int) -> float:
    return float(np.min(outcome.losses(run))) if outcome.over(run) else math.nan


def greatest_loss(outcome: Outcome, run: int) -> float:
    return float(np.max(outcome.losses(run))) if outcome.over(run) else math.nan


def first(outcome: Outcome, run: int, true: Array) -> float:
    """The first row at which something is true; infinite where it never is."""
    if true.any():
        return float(true.argmax())
    return math.inf if outcome.over(run) else math.nan


def steps_to_loss(outcome: Outcome, run: int, loss: float) -> float:
    losses = outcome.losses(run)
    return math.nan if np.isnan(losses).all() else first(outcome, run, losses <= loss)


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
    return math.nan if np.isnan(distances).all() else first(outcome, run, distances <= distance)


def distance(outcome: Outcome, run: int, step: int) -> float:
    return at(outcome, run, step, lambda row: float(distances_to_minimum(outcome, run)[row]))


def index_of(outcome: Outcome, weight: str) -> int:
    names = outcome.experiment.problem.names
    if weight not in names:
        raise ValueError(f"weight {weight}: the parameters are {', '.join(names)}")
    return names.index(weight)


def weight_at(outcome: Outcome, run: int, weight: str, step: int) -> float:
    place = index_of(outcome, weight)
    return at(outcome, run, step, lambda row: float(outcome.column("params", run)[row, place]))


def slope(outcome: Outcome, run: int, weight: str, step: int) -> float:
    place = index_of(outcome, weight)
    return at(outcome, run, step, lambda row: float(outcome.column("grad", run)[row, place]))


def gap(outcome: Outcome, run: int, weight: str, step: int) -> float:
    """The distance from a weight to the next number that its precision can hold."""
    kind = np.float64 if outcome.experiment.precision == "float64" else np.float32
    value = weight_at(outcome, run, weight, step)
    return float(np.spacing(kind(abs(value)))) if math.isfinite(value) else value


def greatest_weight(outcome: Outcome, run: int, weight: str) -> float:
    if not outcome.over(run):
        return math.nan
    return float(outcome.column("params", run)[:, index_of(outcome, weight)].max())


def spread(outcome: Outcome, run: int, weight: str, steps: int) -> float:
    if not outcome.over(run):
        return math.nan
    return float(outcome.column("params", run)[-steps:, index_of(outcome, weight)].std())


def rest(outcome: Outcome, run: int) -> float:
    """The first step from which no weight changes by a single bit until the end."""
    if not outcome.over(run):
        return math.nan
    moved = np.flatnonzero((np.diff(outcome.column("params", run), axis=0) != 0).any(axis=1))
    rest = int(moved[-1]) + 1 if len(moved) else 0
    return float(rest) if rest < outcome.rows(run) - 1 else math.inf


def verdict(outcome: Outcome, run: int) -> str:
    return outcome.verdict(run).key if outcome.over(run) else ""


def diverged(outcome: Outcome, run: int) -> float:
    end = outcome.ended(run)
    return float(end) if end is not None else math.inf if outcome.over(run) else math.nan


def accuracy(outcome: Outcome, run: int, step: int) -> float:
    if "val_accuracy" not in outcome.trace.columns:
        return math.nan
    return at(outcome, run, step, lambda row: float(outcome.column("val_accuracy", run)[row]))


def stretch(outcome: Outcome, run: int) -> float:
    """How many times as long as in the beginning the vector of all weights is in the end."""
    if not outcome.over(run) or "norm" not in outcome.trace.columns:
        return math.nan
    norms = outcome.column("norm", run)
    return float(norms[-1] / norms[0])


def responsive(outcome: Outcome, run: int) -> float:
    """The mean share of the training examples for which a hidden unit has a slope in the end."""
    problem, weights = outcome.experiment.problem, None
    network = problem.network
    if outcome.over(run) and outcome.ended(run) is None and outcome.trace.snapshots is not None:
        weights = outcome.weights(run, outcome.last)
    if weights is None or network is None:
        return math.nan
    hidden = network.activations(weights, problem.split(outcome.experiment.seed).x)[1:-1]
    slope = ACTIVATIONS[network.activation].slope
    return float(np.mean([(slope(layer) > _RESPONDS).mean() for layer in hidden])) if hidden else math.nan


def rate_at(outcome: Outcome, run: int, step: int) -> float:
    return at(outcome, run, step, lambda row: float(outcome.column("lr", run)[row]))


def rate_of_steepest_fall(outcome: Outcome, run: int) -> float:
    """The rate of the update that made the loss on all data the least share of what it was."""
    losses = outcome.losses(run)
    if not outcome.over(run) or len(losses) < 2 or not (losses > 0).all():
        return math.nan
    return float(outcome.column("lr", run)[np.diff(np.log(losses)).argmin()])


def rate_of_least_loss(outcome: Outcome, run: int) -> float:
    """The rate of the update that led to the least loss on all data."""
    losses = outcome.losses(run)
    if not outcome.over(run) or np.isnan(losses).any() or not losses.argmin():
        return math.nan
    return float(outcome.column("lr", run)[losses.argmin() - 1])


def factor(outcome: Outcome, run: int) -> float:
    return outcome.verdict(run).numbers.get("factor", math.nan) if outcome.over(run) else math.nan


def late(outcome: Outcome, run: int, values: Callable[[], Array]) -> float:
    """The median of values (n, R) over the late steps."""
    if not outcome.over(run) or outcome.ended(run) is not None:
        return math.nan
    late = outcome.samples.steps >= (1 - _LATE) * outcome.last
    return float(np.median(values()[late, run]))


def late_curvature(outcome: Outcome, run: int) -> float:
    return late(outcome, run, lambda: outcome.samples.curvatures)


def late_product(outcome: Outcome, run: int) -> float:
    return late(outcome, run, lambda: outcome.samples.curvatures * outcome.samples.rates)


def curvature_at(outcome: Outcome, run: int, step: int) -> float:
    samples = outcome.samples
    known = np.flatnonzero(samples.steps == (step if step >= 0 else outcome.last))
    return at(outcome, run, step, lambda _row: float(samples.curvatures[known[0], run]) if len(known) else math.nan)


def crossing(outcome: Outcome, run: int) -> float:
    crossing = outcome.crossing(run)
    return crossing if crossing is not None else math.inf if outcome.over(run) else math.nan
