"""Moves the runs of an experiment to another problem or other data."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lrstudio.core.elementary.scales import log10, ten_to
from lrstudio.core.linear_algebra import eigen
from lrstudio.core.problems import Problem
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation

_SAMPLE = 2000
"""Number of data points from which the curvature is computed."""
_MOST_POINTS, _BATCH = 100_000, 256
"""With more data points than the first number, an experiment gets batches of the second."""
_TRIAL_STEPS, _TRIAL_RUNS = 30, 64
_FACTORS = tuple(ten_to(-power) for power in range(9))
_SLOW = 0.02
"""Rates below this share of the largest stable one are too slow."""


def with_other_problem(experiment: Experiment, problem: Problem) -> Experiment:
    """Returns the experiment on a problem of another kind, with rates that work there.

    A rate works if the loss after at most 30 steps is finite and lower than at the start. If none of the rates works,
    all are divided by the least power of ten with which half of them do. An expensive problem keeps the rates.
    """
    after = experiment.with_problem(problem)
    if problem.is_expensive:
        return after
    tried = after.runs[:: -(-len(after.runs) // _TRIAL_RUNS)]
    runs = tuple(replace(run, lr=run.lr * factor) for factor in _FACTORS for run in tried)
    steps = min(after.steps, _TRIAL_STEPS)
    simulation = Simulation(replace(after, runs=runs, steps=steps, target_loss=None))
    with np.errstate(all="ignore"):
        simulation.advance(steps)
        losses = simulation.trace.read("loss")
        works = (losses[-1] < losses[0]).reshape(len(_FACTORS), len(tried))
    enough = np.flatnonzero(works.mean(axis=1) >= 0.5)
    if works[0].any() or not len(enough):
        return after
    factor = _FACTORS[enough[0]]
    return replace(after, runs=tuple(replace(run, lr=float(f"{run.lr * factor:.12g}")) for run in after.runs))


def changed_rates(before: Experiment, after: Experiment) -> list[tuple[float, float]]:
    """Returns the pairs (old, new) of different rates of runs with the same index."""
    pairs = zip(before.runs, after.runs, strict=False)
    return [(old.lr, new.lr) for old, new in pairs if old.lr != new.lr]


def with_data(experiment: Experiment, problem: Problem) -> Experiment:
    """Returns the experiment on other data, with default starts and batch size and without a target loss.

    If none of the rates of plain gradient descent is useful, all of these are scaled by the same factor.
    """
    objective = problem.objective()
    rows = np.linspace(0, objective.size - 1, min(objective.size, _SAMPLE)).astype(int)
    with np.errstate(all="ignore"):
        hessian = objective.hessian(np.array([problem.start]), rows)[0]
    curvature = float(eigen(hessian[None]).values[0, -1]) if np.isfinite(hessian).all() else math.nan
    runs = tuple(replace(run, start=None, lr_factors=()) for run in experiment.runs)
    return replace(
        experiment,
        problem=problem,
        runs=_with_useful_rates(runs, curvature),
        batch_size=_BATCH if objective.size > _MOST_POINTS else None,
        target_loss=None,
    )


def _with_useful_rates(runs: tuple[Run, ...], curvature: float) -> tuple[Run, ...]:
    plain = [law is not None and law.plain for law in (run.optimizer.recurrence() for run in runs)]
    rates = [run.lr for run, is_plain in zip(runs, plain, strict=True) if is_plain and run.lr > 0]
    if not rates or not 1e-300 < curvature < 1e300:
        return runs
    limit = 2 / curvature
    if any(_SLOW * limit <= lr < limit for lr in rates):
        return runs
    factor = _round_down(limit / 2) / max(rates)
    return tuple(
        replace(run, lr=float(f"{run.lr * factor:.3g}")) if is_plain else run
        for run, is_plain in zip(runs, plain, strict=True)
    )


def _round_down(value: float) -> float:
    """Returns the largest of ..., 1, 2, 5, 10, ... that is not above the value."""
    exponent = math.floor(log10(value))
    digit = max(digit for digit in (1, 2, 5) if digit <= max(1.0, value / ten_to(exponent)))
    return float(f"{digit}e{exponent}")
