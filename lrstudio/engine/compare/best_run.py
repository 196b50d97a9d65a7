"""Which of the runs of an experiment is the best, by the criterion that chooses among rates (see `best_rate`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from lrstudio.core.analysis.proof import Verdict
from lrstudio.core.analysis.verdict import CYCLING, DIVERGED, STUCK, VERDICTS
from lrstudio.engine.compare.comparison import Standing
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.best_rate import Rule, as_good, eps_of, rather, rounding_of


@dataclass(frozen=True)
class BestRun:
    """The runs with the fewest steps to the target loss or else with the least loss, and those that are as good.

    `least`: of a run the largest loss of the last quarter of its `steps` counts (`Evidence.height`). As good is a loss
    at most twice as far above the minimum (or 0, where none is known) as the least one, if that is no more than 2 % of
    the way down.
    """

    rule: Rule
    steps: int
    value: float
    """The number of steps to the target, or the least loss."""
    runs: tuple[int, ...]
    as_good: tuple[int, ...] = ()


def best_run(
    experiment: Experiment, verdicts: Mapping[int, Verdict | None], hits: Mapping[int, int | None]
) -> BestRun | None:
    """The best of the runs that have an entry in `verdicts`; `hits` are the steps at which they had the target.

    None before all of them have a verdict, of fewer than two, where all diverge, and where they cannot be told apart.
    """
    runs = sorted(verdicts)
    judged = [verdict for run in runs if (verdict := verdicts[run]) is not None]
    if len(runs) < 2 or len(judged) < len(runs):
        return None
    code = np.array([VERDICTS.index(verdict.key) for verdict in judged])
    height, base, begin = (
        np.array([verdict.numbers.get(name, np.nan) for verdict in judged]) for name in ("height", "base", "begin")
    )
    known = (code != DIVERGED) & np.isfinite(height)
    able = known & (code != STUCK) if (known & (code != STUCK)).any() else known
    if not able.any():
        return None
    steps = int(max(verdict.numbers["steps"] for verdict in judged))
    reached = np.array([np.inf if (hit := hits.get(run)) is None else hit for run in runs])
    if np.isfinite(reached[able]).any():
        fewest = float(reached[able].min())
        return _told("target", steps, fewest, runs, able & (reached == fewest), np.zeros(len(runs), bool))
    able = rather(able, code != CYCLING, height)
    floor = float(np.nanmin(np.append(base[able], height[able])))
    above = np.where(able, height - floor, np.inf)
    way = max(0.0, float(np.nanmax(np.append(begin[able], height[able]))) - floor)
    rounding = rounding_of(np.array([way]), floor, eps_of(experiment))
    least = float(above.min())
    enough = as_good(least, way, rounding)
    best = above <= least + rounding
    return _told("least", steps, float(height[able].min()), runs, best, (above <= enough) & ~best)


def best_standing(
    experiment: Experiment, standings: Sequence[Standing], hidden: Set[int] = frozenset()
) -> BestRun | None:
    """The best of the runs of a comparison that are not hidden."""
    shown = {run: standing for run, standing in enumerate(standings) if run not in hidden}
    hits = {run: standing.steps_to_target for run, standing in shown.items()}
    return best_run(experiment, {run: standing.verdict for run, standing in shown.items()}, hits)


def _told(
    rule: Rule, steps: int, value: float, runs: list[int], best: np.ndarray, others: np.ndarray
) -> BestRun | None:
    if best.all():
        return None
    first, second = (tuple(runs[place] for place in np.flatnonzero(which)) for which in (best, others))
    return BestRun(rule, steps, value, first, second)
