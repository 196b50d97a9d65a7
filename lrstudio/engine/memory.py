"""How much memory and how many operations an experiment may take: one budget for all that makes one."""

from __future__ import annotations

import os
from functools import cache

from lrstudio.core.language import mark, tr
from lrstudio.core.problems import Problem

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


def check_budget(problem: Problem, runs: int, steps: int, trace: int, losses: int) -> None:
    """Raises ValueError, which says what to lower, for more operations in a step or more memory than is accepted.

    A step takes runs × data points × operations per point, `losses` times: more than once for finite differences. The
    memory is that of the `trace`, in bytes, and runs × weights for what a step keeps. Nothing is computed.
    """
    points = problem.points_ahead
    work = runs * points * problem.work * losses
    accepted, weights = most_trace_bytes(), runs * problem.size * 8 * (_COPIES + _SAVED * bool(problem.metrics))
    if work > MOST_WORK or weights > accepted:
        reason = tr(
            "a step on {points} data point(s) would take {work:.2g} operations, more than {most:.0g}",
            points=points,
            work=work,
            most=MOST_WORK,
        )
        if work <= MOST_WORK:
            reason = tr(
                "{size} weights each would need {weights:.0f} GiB of memory", size=problem.size, weights=weights / 2**30
            )
        most = min(runs * MOST_WORK // work, runs * accepted // weights)
        advice = mark("number of runs = {runs}: {reason}; lower the data points or the parameters")
        if most:
            advice = mark(
                "number of runs = {runs}: {reason}; lower the runs to {most}, or the data points or the parameters"
            )
        raise ValueError(tr(advice, runs=runs, reason=reason, most=most))
    if trace > accepted:
        raise ValueError(
            tr(
                "steps = {steps}: the trace of {runs} run(s) would need {trace:.0f} GiB of memory; at most "
                "{at_most} steps",
                steps=steps,
                runs=runs,
                trace=trace / 2**30,
                at_most=steps * accepted // trace,
            )
        )
