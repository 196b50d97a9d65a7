"""The same runs on another problem."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lrstudio.core.problems import Problem
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation

_LOOKED_AT = 2000
_WHOLE = 100_000
"""Of more data points each step sees a batch."""
_BATCH = 256
_TRIAL, _TRIED = 30, 64
"""Steps of a trial, and at most so many runs in it."""
_FACTORS = tuple(10.0**-power for power in range(9))
_SLOW = 0.02
"""Rates below this share of the largest stable one are of no use."""


def with_other_problem(experiment: Experiment, problem: Problem) -> Experiment:
    """The experiment on a problem of another kind, where its rates get somewhere.

    A rate works if the loss is finite and lower than at the start after at most 30 steps. Where none of the runs' rates
    does, all are divided by the least power of ten with which half of them do. Where a step takes long, they stay.
    """
    after = experiment.with_problem(problem)
    if problem.is_expensive:
        return after
    looked_at = after.runs[:: -(-len(after.runs) // _TRIED)]
    runs = tuple(replace(run, lr=run.lr * factor) for factor in _FACTORS for run in looked_at)
    steps = min(after.steps, _TRIAL)
    simulation = Simulation(replace(after, runs=runs, steps=steps, target_loss=None))
    with np.errstate(all="ignore"):
        simulation.advance(steps)
        losses = simulation.trace.read("loss")
        works = (losses[-1] < losses[0]).reshape(len(_FACTORS), len(looked_at))
    enough = np.flatnonzero(works.mean(axis=1) >= 0.5)
    if works[0].any() or not len(enough):
        return after
    factor = _FACTORS[enough[0]]
    return replace(after, runs=tuple(replace(run, lr=float(f"{run.lr * factor:.12g}")) for run in after.runs))


def changed_rates(before: Experiment, after: Experiment) -> list[tuple[float, float]]:
    """The rates of runs that both have, old and new, where they differ."""
    pairs = zip(before.runs, after.runs, strict=False)
    return [(old.lr, new.lr) for old, new in pairs if old.lr != new.lr]


def with_data(experiment: Experiment, problem: Problem) -> Experiment:
    """The experiment on other data: what depends on the data begins anew, everything else stays.

    Rates of gradient descent of which none would get anywhere are scaled, all by the same factor.
    """
    objective = problem.objective()
    rows = np.linspace(0, objective.size - 1, min(objective.size, _LOOKED_AT)).astype(int)
    with np.errstate(all="ignore"):
        hessian = objective.hessian(np.array([problem.start]), rows)[0]
    curvature = float(np.linalg.eigvalsh(hessian)[-1]) if np.isfinite(hessian).all() else math.nan
    runs = tuple(replace(run, start=None) for run in experiment.runs)
    return replace(
        experiment,
        problem=problem,
        runs=_with_useful_rates(runs, curvature),
        batch_size=_BATCH if objective.size > _WHOLE else None,
        target_loss=None,
    )


def _with_useful_rates(runs: tuple[Run, ...], curvature: float) -> tuple[Run, ...]:
    bound = [law is not None and law.plain for law in (run.optimizer.recurrence() for run in runs)]
    plain = [run.lr for run, is_bound in zip(runs, bound, strict=True) if is_bound and run.lr > 0]
    if not plain or not 1e-300 < curvature < 1e300:
        return runs
    stable = 2 / curvature
    if any(_SLOW * stable <= lr < stable for lr in plain):
        return runs
    factor = _round_down(stable / 2) / max(plain)
    return tuple(
        replace(run, lr=float(f"{run.lr * factor:.3g}")) if is_bound else run
        for run, is_bound in zip(runs, bound, strict=True)
    )


def _round_down(value: float) -> float:
    """The next smaller of 1, 2, 5, 10, ..."""
    exponent = math.floor(math.log10(value))
    digit = max(digit for digit in (1, 2, 5) if digit <= max(1.0, value / 10.0**exponent))
    return float(f"{digit}e{exponent}")
