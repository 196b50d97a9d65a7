"""The rows of the table about sweeps, zones and maps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from statistics import median
from time import perf_counter

import numpy as np

from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.experiment import PRECISIONS
from lrstudio.engine.sweep.survey import Survey
from tests.benchmarks import subject
from tests.benchmarks.measuring import QUICK, Job, Line, Pace, against
from tests.benchmarks.rivals import torch_loops
from tests.benchmarks.training import TITLES

STEPS, STEPS_OF_TORCH = 1000, 100
"""Of one repetition; torch takes the same time for every step."""
FIRST_PICTURE = {False: 0.06, True: 1.0}
"""Seconds to the first picture of the zones of formulas and of networks."""
RULER = (-6, 1)
"""The decades of the ruler of rates."""
TWO_THREADS = 1.7


def sweeps(pace: Pace) -> list[Line]:
    lines = []
    for precision in PRECISIONS[:2]:
        for optimizer, goal in {"sgd": 4, "adam": 3}.items():
            name = f"sweep {optimizer} {precision}"
            rates = np.geomspace(*subject.SWEPT[optimizer], subject.CELLS).tolist()
            by_hand = partial(torch_loops.rosenbrock, optimizer, rates, precision)
            torch = torch_loops.missing() or Job(by_hand, subject.CELLS, STEPS_OF_TORCH)
            ours = Job(subject.JOBS[name][1], subject.CELLS, STEPS if pace != QUICK else STEPS_OF_TORCH)
            work = f"sweep 10⁵ × {STEPS} rosenbrock with verdicts, {TITLES[optimizer]}, {precision}"
            few = Pace(pace.seconds, 3)
            lines.append(against(work, ours, {"hand-batched torch": (torch, goal)}, few))
    return lines


def threads(pace: Pace) -> list[Line]:
    """How much faster than its CPU time a sweep is: CPU seconds are those of one thread that does the whole work."""
    ratios = []
    steps = STEPS if pace != QUICK else STEPS_OF_TORCH
    for _ in range(3):
        begin = perf_counter()
        cpu = subject.sweep("sgd", "float64", steps)
        ratios.append(cpu / (perf_counter() - begin))
    ratio = median(ratios)
    return [
        Line(
            "the same sweep on all cores, SGD, float64",
            f"{ratio:.2f} × one thread (CPU seconds / seconds)",
            f"≥ {TWO_THREADS} × with two cores",
            ratio >= TWO_THREADS,
        )
    ]


def zones(pace: Pace) -> list[Line]:
    """Seconds from an edit to the first and to the last picture of the 257 rates of every example's first run."""
    lines = []
    for networks, title in ((False, "formulas"), (True, "networks")):
        chosen = [example for example in EXAMPLES if example.experiment.problem.is_expensive == networks]
        if networks and pace == QUICK:
            chosen = chosen[:1]
        pairs = [first_and_last(example) for example in chosen]
        (first, last), goal = zip(*pairs, strict=True), FIRST_PICTURE[networks]
        lines.append(
            Line(
                f"zones of 257 rates, {title} of the {len(chosen)} examples",
                f"first picture {spread(first)}, last {spread(last)}",
                f"first ≤ {1000 * goal:g} ms",
                max(first) <= goal,
            )
        )
    return lines


def first_and_last(example: Example) -> tuple[float, float]:
    """Wall seconds to the first and to the last picture."""
    run = example.experiment.runs[0]
    edited = example.experiment.alone(0).with_run(0, lr=run.lr * 1.01)
    begin, first = perf_counter(), 0.0
    for _ in Survey(edited, 0, *RULER).pictures(lambda: False):
        first = first or perf_counter() - begin
    return first, perf_counter() - begin


def spread(seconds: Sequence[float]) -> str:
    return f"{1000 * median(seconds):.0f} (at most {1000 * max(seconds):.0f}) ms"
