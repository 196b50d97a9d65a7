"""Runs that differ in rate and start only, with a label each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lrstudio.core.optimizers import SGD, Optimizer
from lrstudio.core.problems import Problem
from lrstudio.core.schedules import Constant, Schedule
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.sweep.axis import Axis

Label = frozenset[str] | None
"""The verdicts that are right; None where theory does not say enough."""

NOTHING_ELSE: Label = None


def label(*keys: str) -> Label:
    return frozenset(keys)


@dataclass(frozen=True)
class Group:
    """An experiment of one run, the rates (n,) that it is tried with, a start axis perhaps, and labels row by row."""

    why: str
    experiment: Experiment
    axes: tuple[Axis, ...]
    labels: tuple[Label, ...]


def group(
    problem: Problem,
    steps: int,
    rates: Iterable[float],
    labels: Sequence[Label],
    *,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    start: tuple[float, ...] | None = None,
    over: Axis | None = None,
    **given: Any,
) -> Group:
    run = Run(lr=0.1, optimizer=optimizer or SGD(), schedule=schedule or Constant(), start=start)
    experiment = Experiment(problem=problem, runs=(run,), steps=steps, **given)
    axes = (Axis("lr", tuple(map(float, rates))), *([over] if over else []))
    words = [problem.key, getattr(problem, "loss", "") if problem.key == "formula" else "", str(optimizer or "SGD")]
    why = " ".join([*words, "" if schedule is None else str(schedule), f"{steps} steps", str(given or "")])
    return Group(why, experiment, axes, tuple(labels))
