"""Speeds of jobs that do the same work, measured in turn, so that a change of the machine's speed hits all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

MOST_STEPS = 500_000
"""Steps of one repetition."""
MOST_WORK = 32_000_000
"""Steps times runs of one repetition, all of them recorded."""


@dataclass(frozen=True)
class Job:
    """`run(steps)` returns the CPU seconds of so many steps, each of which does `units` of work."""

    run: Callable[[int], float]
    units: int = 1
    steps: int | None = None
    """Of one repetition; None: as many as take long enough."""


class Pace(NamedTuple):
    """How long to measure: CPU seconds of one repetition, and how many repetitions."""

    seconds: float = 0.25
    repeats: int = 5


QUICK = Pace(0.05, 3)


class Line(NamedTuple):
    """A line of the table; `met` is None where nothing could be compared."""

    work: str
    measured: str
    goal: str
    met: bool | None
    note: str = ""


def steps_of(job: Job, seconds: float) -> int:
    """Returns the number of steps that take about so many seconds."""
    job.run(1)  # what happens once, as compiling
    steps, most = 64, max(64, min(MOST_STEPS, MOST_WORK // job.units))
    while steps < most and (took := job.run(steps)) < seconds / 2:
        steps = min(most, int(steps * max(2.0, min(16.0, 0.8 * seconds / max(took, 1e-6)))))
    return steps


def speeds(jobs: Mapping[str, Job], pace: Pace) -> dict[str, float]:
    """Returns the median of the units of work per CPU second of every job, over interleaved repetitions."""
    steps = {name: job.steps or steps_of(job, pace.seconds) for name, job in jobs.items()}
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(pace.repeats):
        for name, job in jobs.items():
            found[name].append(steps[name] * job.units / job.run(steps[name]))
    return {name: median(values) for name, values in found.items()}


def against(work: str, ours: Job, rivals: Mapping[str, tuple[Job | str, float]], pace: Pace) -> Line:
    """Returns the line of a job beside its rivals: each a job or why it is missing, and the goal's ratio."""
    there = {name: job for name, (job, _) in rivals.items() if isinstance(job, Job)}
    found = speeds({"": ours, **there}, pace)
    ratios = {name: found[""] / found[name] for name in there}
    parts = [f"{ratios[name]:,.3g} × {name} ({short(found[name])})" for name in there]
    missing = [f"{name}: {job}" for name, (job, _) in rivals.items() if isinstance(job, str)]
    return Line(
        work,
        "; ".join([f"{short(found[''])} steps/s", *parts]),
        ", ".join(f"≥ {goal:,g} × {name}" for name, (_, goal) in rivals.items()),
        all(ratios[name] >= rivals[name][1] for name in there) if there and not missing else None,
        "; ".join(missing),
    )


def short(value: float) -> str:
    """Returns a number with three digits: 26.5 k, 7.1 M."""
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:.3g} {letter}"
    return f"{value:.3g}"
