"""The comparison of runs for the terminal: a table in columns of even width, and the best run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

from lrstudio.engine.compare.best_run import BestRun, best_standing
from lrstudio.engine.compare.comparison import Comparison, Standing
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace

_TITLES = (
    "run", "verdict", "steps to target", "final loss", "best loss", "smoothness", "gradients", "rate", "optimizer",
    "schedule",
)  # fmt: skip
_WORDS = {0, 1, 8, 9}


def comparison_lines(experiment: Experiment, trace: Trace) -> Iterator[str]:
    """Which run is the best, a line of titles and one for each run; `-` stands for what is not known."""
    standings = Comparison(experiment, trace).at(experiment)
    assert standings is not None
    best = best_standing(experiment, standings)
    if best is not None:
        yield _best(experiment, best)
    rows = [_TITLES, *(_cells(experiment, place, standing) for place, standing in enumerate(standings))]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(_padded(row, widths)).rstrip()


def _best(experiment: Experiment, best: BestRun) -> str:
    names = ", ".join(map(experiment.label, best.runs))
    if best.rule == "target":
        return f"best: {names}: fewest steps to the target, {best.value:.0f}"
    where = "on all data over the last eighth" if experiment.batch_size is not None else "over the last quarter"
    others = f"; as good: {', '.join(map(experiment.label, best.as_good))}" if best.as_good else ""
    return f"best: {names}: least loss {where} of {best.steps} steps, at most {_loss(best.value)}{others}"


def _cells(experiment: Experiment, place: int, standing: Standing) -> tuple[str, ...]:
    run = experiment.runs[place]
    return (
        experiment.label(place),
        standing.key or "-",
        "-" if standing.steps_to_target is None else str(standing.steps_to_target),
        _loss(standing.final_loss),
        _loss(standing.best_loss),
        f"{100 * standing.smoothness:.3g} %" if math.isfinite(standing.smoothness) else "-",
        str(standing.gradients),
        f"{run.lr:g}",
        run.optimizer.key,
        run.schedule.key,
    )


def _loss(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else "-"


def _padded(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Words begin, numbers end at one place."""
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        room = " " * (width - _width(cell))
        yield cell + room if place in _WORDS else room + cell


def _width(text: str) -> int:
    """In columns of a terminal, where the letters of some scripts take two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
