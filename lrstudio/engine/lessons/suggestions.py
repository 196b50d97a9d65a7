"""Proposes predicates and readings for an experiment that has run, for teachers who do not know their language."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrstudio.engine.claims import Outcome, predicate, reading

_RUN = (
    "run {run}: loss at end < 0.01 * run {run}: loss at start",
    "run {run}: loss at end < run {run}: loss at start",
    "run {run}: loss at end > run {run}: loss at start",
    "run {run}: loss at end < {loss}",
    "run {run}: steps to loss {loss} < {half}",
    "run {run}: distance at end < 0.01",
    "run {run}: steps to distance 0.01 < {half}",
    "run {run}: rate < run {run}: limit",
    "run {run}: rate > run {run}: limit",
    "run {run}: rate = run {run}: limit within 5 %",
    "run {run}: weight {weight} at 1 < run {run}: weight {weight} at 0",
    "run {run}: weight {weight} at 1 > run {run}: weight {weight} at 0",
    "run {run}: accuracy at end > 0.9",
    "run {run}: verdict is {verdict}",
    "not run {run}: verdict is {verdict}",
)
_PAIR = (
    "run {run}: loss at end < run {other}: loss at end",
    "run {run}: steps to loss {loss} < run {other}: steps to loss {loss}",
    "run {run}: steps to distance 0.01 < run {other}: steps to distance 0.01",
)
_ALL = ("every run: loss at end < 1", "only run {run}: verdict is {verdict}")
_READINGS = (
    "run {run}: rate",
    "run {run}: limit",
    "curvature at the minimum",
    "run {run}: loss at start",
    "run {run}: loss at end",
    "run {run}: least loss",
    "run {run}: steps to loss {loss}",
    "run {run}: steps to distance 0.01",
    "run {run}: distance at end",
    "run {run}: weight {weight} at 1",
    "run {run}: weight {weight} at end",
    "run {run}: slope of {weight} at 0",
    "run {run}: factor in theory",
    "run {run}: accuracy at end",
    "planned steps",
)
_MOST_RUNS, _MOST_WEIGHTS = 4, 4


def predicates(outcome: Outcome) -> list[tuple[str, bool]]:
    """Returns predicates that the runs decide, each with whether it holds."""
    found = {}
    for text in dict.fromkeys(_texts(outcome, (*_RUN, *_ALL), _PAIR)):
        holds = predicate(text)(outcome)
        if holds is not None:
            found[text] = holds
    return list(found.items())


def readings(outcome: Outcome) -> list[tuple[str, str]]:
    """Returns readings that are numbers here, each with its value as it is shown."""
    found = {}
    for text in dict.fromkeys(_texts(outcome, _READINGS, ())):
        shown = reading(text).text(outcome)
        if shown is not None:
            found[text] = shown
    return list(found.items())


def _texts(outcome: Outcome, of_run: tuple[str, ...], of_pair: tuple[str, ...]) -> Iterator[str]:
    experiment = outcome.experiment
    if len(experiment.problem.names) > _MOST_WEIGHTS:
        of_run = tuple(text for text in of_run if "{weight}" not in text)
    runs = range(min(len(experiment.runs), _MOST_RUNS))
    for run in runs:
        words = {
            "run": run + 1,
            "weight": experiment.problem.names[0],
            "half": max(2, experiment.steps // 2),
            "loss": _round_loss(outcome, run),
            "verdict": outcome.verdict(run).key,
        }
        yield from (text.format(**words) for text in of_run)
        yield from (text.format(**words, other=other + 1) for other in runs if other != run for text in of_pair)


def _round_loss(outcome: Outcome, run: int) -> str:
    """Returns a round number between the first and the last loss of a run."""
    first, last = (float(outcome.losses(run)[row]) for row in (0, -1))
    middle = math.sqrt(first * last) if 0 < last < first < math.inf else 0.01
    return f"{middle:.0e}" if not 0.001 <= middle < 1000 else f"{middle:.1g}"
