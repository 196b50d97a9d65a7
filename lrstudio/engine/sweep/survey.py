"""The zones of a ruler's rates from coarse to fine: first few rates and few steps, then all, within a time limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import thread_time

import numpy as np

from lrstudio.core.analysis.verdict import DIVERGED
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.best_rate import COARSE, best_rate
from lrstudio.engine.sweep.sweep import UNKNOWN, Summary, Sweep, boundary
from lrstudio.engine.sweep.theory import theoretical_limit
from lrstudio.engine.sweep.zones import Zones

POINTS = 257
SECONDS = 12.0
"""So much of a processor's time a survey may take in all; what it knows then is what it says."""
_STRIDE, _EXPENSIVE_STRIDE = 8, 16
_FIRST, _EXPENSIVE_FIRST = 1000, 32
"""Of more steps than these the first ones are looked at before all of them."""
_MORE = 8
_QUICK = 0.25
"""After a coarse picture as quick as this the finest one is next."""
_BETWEEN = 17
_ROUNDS_OF_BEST = 3
"""Looking between the rates for the best takes at most so many times as long as the last rates did."""
_VALUES = 2**22
"""Runs times data points that are computed side by side."""


class Survey:
    """Tries the rates 10**low to 10**high for one run of an experiment; its own rate does not matter.

    Raises ValueError for an experiment that cannot be swept.
    """

    def __init__(self, experiment: Experiment, run: int, low: int, high: int, seconds: float = SECONDS) -> None:
        self._rates = np.geomspace(10.0**low, 10.0**high, POINTS)
        self._sweep = Sweep(experiment, [Axis("lr", tuple(self._rates.tolist()))], run)
        self._experiment = self._sweep.experiment
        expensive = experiment.problem.is_expensive
        self._stride = _EXPENSIVE_STRIDE if expensive else _STRIDE
        first = _EXPENSIVE_FIRST if expensive else _FIRST
        self._steps = experiment.steps if experiment.steps < _MORE / 2 * first else first
        self._summary = Summary.empty((POINTS,))
        self._seconds, self._spent, self._took = seconds, 0.0, 0.0
        self._theory = theoretical_limit(self._experiment)

    def pictures(self, stop: Stop) -> Iterator[Zones]:
        """What is known, again and again; the last one is `done`. None follows once `stop()` says so."""
        yield from self._try(stop)
        took = self._spent
        while self._steps < self._experiment.steps:
            more = min(self._experiment.steps, self._steps * _MORE)
            if not took * more / self._steps < 0.8 * (self._seconds - self._spent):
                break
            self._steps, before = more, self._spent
            self._summary = Summary.empty((POINTS,))
            yield from self._try(stop)
            took = self._spent - before
        while self._stride > 1 and took * 2 < self._seconds - self._spent:
            self._stride, before = 1 if took < _QUICK else self._stride // 2, self._spent
            yield from self._try(stop)
            took = self._spent - before
        if stop():
            return
        yield self._finished(stop)

    def _try(self, stop: Stop) -> Iterator[Zones]:
        """Try the rates of this stride that are not known yet."""
        begin, before = thread_time(), self._spent
        places = np.arange(0, POINTS, self._stride)
        fresh = places[self._summary.verdict[places] == UNKNOWN]
        looked_at = self._experiment.batch_size or self._size
        at_once = max(1, _VALUES // max(1, looked_at))
        for first in range(0, len(fresh), at_once):
            for found, part in self._sweep.chunks(fresh[first : first + at_once], stop, self._steps):
                self._summary.put(found, part)
                self._spent += thread_time() - begin
                yield self._picture()
                begin = thread_time()
        self._spent += thread_time() - begin
        self._took = self._spent - before

    @property
    def _size(self) -> int:
        columns = self._experiment.problem.data(self._experiment.seed) if self._experiment.problem.has_data else {}
        return len(next(iter(columns.values()), ()))

    def _picture(self) -> Zones:
        known = np.flatnonzero(self._summary.verdict != UNKNOWN)
        rates, summary = self._rates[known], self._summary.at(known)
        return Zones(
            rates=rates,
            summary=summary,
            steps=self._steps,
            planned=self._experiment.steps,
            wanted=POINTS,
            noisy=self._experiment.batch_size is not None,
            limit=boundary(rates, summary.verdict == DIVERGED),
            theory=self._theory,
        )

    def _finished(self, stop: Stop) -> Zones:
        """The last picture, with the best rate, and the limit between two rates made sharper."""
        picture = self._picture()
        cheap = _ROUNDS_OF_BEST * self._took < self._seconds - self._spent
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
        return replace(picture, limit=self._sharper(picture.limit, stop), best=best, done=True)

    def _sharper(self, limit: tuple[float, float], stop: Stop) -> tuple[float, float]:
        low, high = limit
        cheap = self._spent * _BETWEEN / POINTS < self._seconds / 10
        if not (low > 0 and np.isfinite(high) and cheap and not self._experiment.problem.is_expensive):
            return limit
        rates = np.geomspace(low, high, _BETWEEN)
        sweep, found = Sweep(self._experiment, [Axis("lr", tuple(rates.tolist()))]), Summary.empty((_BETWEEN,))
        for places, part in sweep.chunks(np.arange(_BETWEEN), stop, self._steps):
            found.put(places, part)
        return boundary(rates, found.verdict == DIVERGED) if (found.verdict != UNKNOWN).all() else limit
