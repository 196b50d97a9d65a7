"""Surveys the rates of a ruler from coarse to fine, first with few rates and steps, within a time limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.core.elementary.scales import geomspace, ten_to
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.best_rate import COARSE, best_rate
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep, boundary
from lrstudio.engine.sweep.theory import theoretical_limit
from lrstudio.engine.sweep.zones import Zones

POINTS = 257
SECONDS = 12.0
"""The CPU time of a survey, after which it returns what it has computed."""
_STRIDE, _EXPENSIVE_STRIDE = 8, 16
_FIRST, _EXPENSIVE_FIRST = 1000, 32
"""The number of steps in the first pictures of longer experiments."""
_MORE = 8
_QUICK = 0.25
"""What takes fewer seconds is not divided into coarser pictures or fewer steps."""
_BETWEEN = 17
_ROUNDS_OF_BEST = 3
"""The search for the best rate takes up to this many times the duration of the last pictures."""


class Survey:
    """Tries the rates 10**low to 10**high for one run of an experiment, in place of its own rate.

    Raises ValueError for an experiment that cannot be swept.
    """

    def __init__(self, experiment: Experiment, run: int, low: int, high: int, seconds: float = SECONDS) -> None:
        self._rates = geomspace(ten_to(low), ten_to(high), POINTS)
        self._sweep = Sweep(experiment, [Axis("lr", tuple(self._rates.tolist()))], run)
        self._experiment = self._sweep.experiment
        expensive = experiment.problem.is_expensive
        self._stride = _EXPENSIVE_STRIDE if expensive else 1 if self._sweep.has_kernel else _STRIDE
        first = _EXPENSIVE_FIRST if expensive else _FIRST
        self._steps = experiment.steps if experiment.steps < _MORE / 2 * first else first
        self._summary = Summary.empty((POINTS,))
        self._seconds, self._spent, self._duration = seconds, 0.0, 0.0
        self._theory = theoretical_limit(self._experiment)

    def pictures(self, stop: Stop) -> Iterator[Zones]:
        """Yields ever finer zones, the last of which are `done`; ends once `stop()` returns True."""
        yield from self._try(stop)
        while self._steps < self._experiment.steps:
            more = self._experiment.steps
            if self._duration * more / self._steps > _QUICK:
                more = min(more, self._steps * _MORE)
            if not self._duration * more / self._steps < 0.8 * (self._seconds - self._spent):
                break
            self._steps, self._summary = more, Summary.empty((POINTS,))
            yield from self._try(stop)
        while self._stride > 1 and self._duration * 2 < self._seconds - self._spent:
            self._stride = 1 if self._duration < _QUICK else self._stride // 2
            yield from self._try(stop)
        if stop():
            return
        yield self._finished(stop)

    def _try(self, stop: Stop) -> Iterator[Zones]:
        """Tries the rates of this stride that are still unknown."""
        before = self._spent
        indices = np.arange(0, POINTS, self._stride)
        fresh = indices[self._summary.verdict[indices] == UNKNOWN]
        for indices, part in self._sweep.chunks(fresh, stop, self._steps):
            self._summary.put(indices, part)
            self._spent = self._sweep.seconds
            yield self._picture()
        self._duration = self._spent - before

    def _picture(self) -> Zones:
        computed = np.flatnonzero(self._summary.verdict != UNKNOWN)
        rates, summary = self._rates[computed], self._summary.at(computed)
        return Zones(
            rates=rates,
            summary=summary,
            steps=self._steps,
            planned=self._experiment.steps,
            requested=POINTS,
            noisy=self._experiment.batch_size is not None,
            limit=boundary(rates, summary.verdict == DIVERGED),
            theory=self._theory,
        )

    def _finished(self, stop: Stop) -> Zones:
        """Returns the last picture, with the best rate and a refined limit."""
        picture = self._picture()
        cheap = _ROUNDS_OF_BEST * self._duration < self._seconds - self._spent
        best = best_rate(
            self._experiment,
            picture.rates,
            picture.summary,
            stop,
            steps=self._steps,
            between=cheap,
            theory=self._theory,
        )
        if best is not None and not cheap:
            best = replace(best, digits=COARSE)
        return replace(picture, limit=self._refined_limit(picture.limit, stop), best=best, done=True)

    def _refined_limit(self, limit: tuple[float, float], stop: Stop) -> tuple[float, float]:
        low, high = limit
        cheap = self._spent * _BETWEEN / POINTS < self._seconds / 10
        if not (low > 0 and np.isfinite(high) and cheap and not self._experiment.problem.is_expensive):
            return limit
        rates = geomspace(low, high, _BETWEEN)
        summary = Sweep(self._experiment, [Axis("lr", tuple(rates.tolist()))]).run(stop, steps=self._steps)
        return boundary(rates, summary.verdict == DIVERGED) if (summary.verdict != UNKNOWN).all() else limit
