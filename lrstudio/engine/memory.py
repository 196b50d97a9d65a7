"""How much memory and how many operations an experiment may take: one budget for all that makes one."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from lrstudio.core.language import mark, tr
from lrstudio.core.problems import Problem

MOST_WORK = 2 * 10**10
"""The most operations of a step of all runs on all data: less than a minute, in which nothing can be stopped."""
MAX_TRACE_BYTES = 4_000_000_000
"""Largest trace that a session file can store."""
_ALWAYS = 1_900_000_000
_STORED = 1_000_000_000
"""Bytes of a trace up to which all rows are stored: more take longer to write and to save than to make again."""
_OPERATIONS, _OVERHEAD = 25_000_000, 100
"""Operations in 5 ms, and those of a step beside its loss."""
_FARTHEST, _NEAREST = 12, 16
_KEPT = 6
"""Numbers for a weight of a row that is kept: itself, the gradient, a measured loss, three of the optimizer's state."""
_COPIES, _SAVED = 8, 16
"""Arrays as large as all weights: of a step and its optimizer's state, and the snapshots that are kept of a network."""
_SHARE = 0.4
"""Share of the memory that a trace may take: saving a session takes as much again for a moment."""


def steps_between_kept(runs: int, operations: int) -> int | None:
    """Returns the distance of the rows that are kept of a long trace whose loss takes a run so many operations.

    A power of two: the steps between two of them are made again in some 5 ms, while somebody looks at them. None where
    these are so few that all rows are kept.
    """
    steps = _OPERATIONS // (runs * (_OVERHEAD + operations))
    return 2 ** min(_FARTHEST, steps.bit_length() - 1) if steps >= _NEAREST else None


def kept_bytes(runs: int, size: int, every: int) -> float:
    """Returns the bytes for a step of a trace of which every so many-th row is kept, for so many weights."""
    return 8 * runs * (2 + _KEPT * size) / every


@cache
def physical_memory() -> int:
    """Returns the memory of this computer in bytes; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return 0


def free_memory() -> int:
    """Returns the bytes that programs may take at the moment; all there are where the system does not tell."""
    try:
        found = re.search(r"^MemAvailable: +(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except OSError:  # macOS and Windows have no such file
        found = None
    return physical_memory() if found is None else 1024 * int(found[1])


def most_trace_bytes() -> int:
    """Returns the size of the largest trace that this computer accepts."""
    return min(MAX_TRACE_BYTES, max(_ALWAYS, int(_SHARE * physical_memory())))


def stored_rows(row: int, every: int = 1) -> int:
    """Returns how many rows of so many bytes a trace that begins now stores, before it keeps every so many-th only."""
    free = free_memory()
    rows = min(_STORED, int(_SHARE * free) if free else _STORED) // row
    return max(1, rows // every) * every


def first_kept(trace: int, steps: int, every: int | None) -> int | None:
    """Returns the step from which on every so many-th is kept of a trace of so many bytes; None if all steps are."""
    stored = steps + 1 if every is None else stored_rows(trace // steps, every)
    return stored if stored <= steps else None


def check_budget(problem: Problem, runs: int, steps: int, step: float, losses: int, *, whole: bool) -> None:
    """Raises ValueError, which says what to lower, for more operations in a step or more memory than is accepted.

    A step takes runs × data points × operations per point, `losses` times: more than once for finite differences. The
    memory is what the trace needs for all steps, so many bytes for each `step`, of all its rows if it is `whole`, and
    runs × weights for what a step keeps. Nothing is computed.
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
    accepted = accepted if whole else _ALWAYS
    if steps * step > accepted:
        raise ValueError(
            tr(
                "steps = {steps}: the trace of {runs} run(s) would need {trace:.0f} GiB of memory; at most "
                "{at_most} steps",
                steps=steps,
                runs=runs,
                trace=steps * step / 2**30,
                at_most=int(accepted / step),
            )
        )
