"""Chooses the best run of an experiment by the criterion that chooses among rates (see `best_rate`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

import numpy as np

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.analysis.verdict import CYCLING, DIVERGED, STUCK, VERDICTS
from lrstudio.core.record import dataclass
from lrstudio.engine.compare.comparison import Standing, seen
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.best_rate import Rule, as_good, eps_of, preferring, rounding_of


@dataclass(frozen=True)
class BestRun:
    """The runs with the fewest steps to the target loss or else with the least loss, and the equally good ones.

    Runs of different batch sizes may be compared by epochs or samples in place of steps (`equal`).

    `least`: the loss of a run is the largest one of the last quarter of its `steps`. Equally good is a loss at most
    twice as far above the minimum (or 0, where it is unknown) as the least one, if that is within 2 % of the descent.
    """

    rule: Rule
    steps: int
    value: float
    """The number of steps, epochs or samples to the target, or the least loss."""
    runs: tuple[int, ...]
    as_good: tuple[int, ...] = ()


def best_run(
    experiment: Experiment, verdicts: Mapping[int, Verdict | None], hits: Mapping[int, int | None]
) -> BestRun | None:
    """Returns the best of the runs in `verdicts`; `hits` are the steps at which they reached the target.

    None before all of them have a verdict, for fewer than two, where all diverge, and where all are equally good.
    """
    runs = sorted(verdicts)
    judged = [verdict for run in runs if (verdict := verdicts[run]) is not None]
    if len(runs) < 2 or len(judged) < len(runs):
        return None
    code = np.array([VERDICTS.index(verdict.key) for verdict in judged])
    late_loss, base, begin = (
        np.array([verdict.numbers.get(name, np.nan) for verdict in judged]) for name in ("late_loss", "base", "begin")
    )
    finite = (code != DIVERGED) & np.isfinite(late_loss)
    candidates = finite & (code != STUCK) if (finite & (code != STUCK)).any() else finite
    if not candidates.any():
        return None
    steps = int(max(verdict.numbers["steps"] for verdict in judged))
    reached = np.array([np.inf if (hit := hits.get(run)) is None else seen(experiment, run, hit) for run in runs])
    if np.isfinite(reached[candidates]).any():
        fewest = float(reached[candidates].min())
        return _result("target", steps, fewest, runs, candidates & (reached == fewest), np.zeros(len(runs), bool))
    candidates = preferring(candidates, code != CYCLING, late_loss)
    floor = float(np.nanmin(np.append(base[candidates], late_loss[candidates])))
    with np.errstate(over="ignore", invalid="ignore"):
        above = np.where(candidates, late_loss - floor, np.inf)
    descent = max(0.0, float(np.nanmax(np.append(begin[candidates], late_loss[candidates]))) - floor)
    rounding = rounding_of(np.array([descent]), floor, eps_of(experiment))
    least = float(above.min())
    enough = as_good(least, descent, rounding)
    best = above <= least + rounding
    return _result("least", steps, float(late_loss[candidates].min()), runs, best, (above <= enough) & ~best)


def best_standing(
    experiment: Experiment, standings: Sequence[Standing], hidden: Set[int] = frozenset()
) -> BestRun | None:
    """Returns the best of the runs of a comparison that are not hidden."""
    shown = {run: standing for run, standing in enumerate(standings) if run not in hidden}
    hits = {run: standing.steps_to_target for run, standing in shown.items()}
    return best_run(experiment, {run: standing.verdict for run, standing in shown.items()}, hits)


def _result(
    rule: Rule, steps: int, value: float, runs: list[int], best: np.ndarray, others: np.ndarray
) -> BestRun | None:
    if best.all():
        return None
    first, second = (tuple(runs[index] for index in np.flatnonzero(which)) for which in (best, others))
    return BestRun(rule, steps, value, first, second)
