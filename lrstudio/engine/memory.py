"""How much memory and how many operations an experiment may take: one budget for all that makes one."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrstudio.engine.experiment import Experiment

MOST_WORK = 2 * 10**10
"""The most operations of a step of all runs on all data: less than a minute, in which nothing can be stopped."""
MAX_TRACE_BYTES = 4_000_000_000
"""Largest trace that a session file can store."""
_ALWAYS = 1_900_000_000
_COPIES, _SAVED = 8, 16
"""Arrays as large as all weights: of a step and its optimizer's state, and the snapshots that are kept of a network."""
_SHARE = 0.4
"""Share of the memory that a trace may take: saving a session takes as much again for a moment."""


@cache
def physical_memory() -> int:
    """Returns the memory of this computer in bytes; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return 0


def most_trace_bytes() -> int:
    """Returns the size of the largest trace that this computer accepts."""
    return min(MAX_TRACE_BYTES, max(_ALWAYS, int(_SHARE * physical_memory())))


def trace_bytes(experiment: Experiment) -> int:
    """Returns the memory that the trace of all steps takes."""
    size, metrics = len(experiment.problem.names), len(experiment.problem.metrics)
    slopes = 2 if experiment.gradient.mode == "forward" else 1
    values = 2 + metrics + (experiment.batch_size is not None) + size * (1 + slopes)
    return 8 * experiment.steps * len(experiment.runs) * values


def check_budget(experiment: Experiment) -> None:
    """Raises ValueError, which says what to lower, for more operations in a step or more memory than is accepted.

    A step takes runs × data points × operations per point, of which finite differences need some per parameter; the
    memory is steps × runs × columns for the trace and runs × weights for what a step keeps. Nothing is computed.
    """
    problem, runs, points = experiment.problem, len(experiment.runs), experiment.problem.points_ahead
    sides = {"analytic": 1, "forward": problem.size + 1, "central": 2 * problem.size + 1}[experiment.gradient.mode]
    work = runs * points * problem.work * sides
    accepted, weights = most_trace_bytes(), runs * problem.size * 8 * (_COPIES + _SAVED * bool(problem.metrics))
    if work > MOST_WORK or weights > accepted:
        reason = f"a step on {points} data point(s) would take {work:.2g} operations, more than {MOST_WORK:.0g}"
        if work <= MOST_WORK:
            reason = f"{problem.size} weights each would need {weights / 2**30:.0f} GiB of memory"
        most = min(runs * MOST_WORK // work, runs * accepted // weights)
        raise ValueError(
            f"number of runs = {runs}: {reason}; at most {most} run(s), or fewer data points or parameters"
        )
    needed = trace_bytes(experiment)
    if needed > accepted:
        raise ValueError(
            f"steps = {experiment.steps}: the trace of {runs} run(s) would need "
            f"{needed / 2**30:.0f} GiB of memory; at most {experiment.steps * accepted // needed} steps"
        )
