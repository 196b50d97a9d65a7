"""The computations of the range test's window: the rising test, its curve, the falling test and the sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from functools import cached_property
from time import perf_counter

import numpy as np

from lrstudio.core.analysis.cycle_bounds import CycleBounds, cycle_bounds
from lrstudio.core.analysis.good_rates import GoodRates, good_rates
from lrstudio.core.analysis.suggestions import Suggestion, smoothed, suggest
from lrstudio.core.analysis.verdict import DIVERGED, TOO_SLOW
from lrstudio.core.array import Array
from lrstudio.core.elementary.scales import geomspace
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import DEFAULT_SCHEDULE
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import MOST_LR
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.best_rate import Best, best_rate
from lrstudio.engine.sweep.range_test import RangeCurve, RangeTest, curve_of, range_test, trained
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.theory import theoretical_limit
from lrstudio.engine.sweep.zones import rate_codes
from lrstudio.store.logs.training_log import TrainingLog
from lrstudio.ui.drawing.thinning import extremes
from lrstudio.ui.session.bench import Work


@dataclass(frozen=True, eq=False)
class Curve:
    """Steps, rates, losses and smoothed losses (n,) with n <= MOST_POINTS, suggestions and the bounds of a cycle."""

    step: Array
    lr: Array
    loss: Array
    smoothed: Array
    suggestions: tuple[Suggestion, ...] = ()
    bounds: CycleBounds | None = None


def of_test(curve: RangeCurve) -> Curve:
    """Returns the curve of a test, without suggestions while the test is running."""
    step = np.arange(len(curve.loss), dtype=float)
    if curve.ended == "running":
        return _thinned(step, curve.lr, curve.loss, curve.smoothed)
    bounds = cycle_bounds(curve.lr, curve.loss) if curve.rises else None
    return replace(_thinned(step, curve.lr, curve.loss, curve.smoothed), suggestions=curve.suggestions(), bounds=bounds)


def of_log(log: TrainingLog, beta: float) -> Curve:
    """Returns the curve of a log, with suggestions only if its rates rise."""
    curve = _thinned(log.step, log.lr, log.loss, smoothed(log.loss, beta))
    if not log.rises:
        return curve
    return replace(curve, suggestions=suggest(log.lr, log.loss, beta), bounds=cycle_bounds(log.lr, log.loss))


def _thinned(step: Array, lr: Array, loss: Array, smooth: Array) -> Curve:
    rows = extremes(loss)
    return Curve(step[rows], lr[rows], loss[rows], smooth[rows])


_PUBLISH_SECONDS = 0.03
_BEYOND = 10.0
"""The sweep ends at this multiple of the test's largest rate, as the test may have ended below the stability limit."""
_COARSEST = 8
_CELLS, _EXPENSIVE_CELLS = 24 * _COARSEST + 1, 6 * _COARSEST + 1
_TEST_SHARE, _TRAINING_SHARE = 0.2, 0.1
"""Shares of the progress for the test and for training with the suggested rates; the rest is for the sweep."""


@dataclass(frozen=True)
class RangeTestRequest:
    """A range test of one run; `falling` requests the same test from the end rate to the start rate as well."""

    experiment: Experiment
    run: int
    test: RangeTest
    falling: bool = False

    @property
    def member(self) -> Experiment:
        """The experiment with the tested run alone, a constant rate and no target loss."""
        alone = self.experiment.alone(self.run).with_run(0, schedule=DEFAULT_SCHEDULE())
        return replace(alone, target_loss=None)

    @property
    def key(self) -> object:
        """Equal for requests with equal results; the rate and the style of the run do not matter."""
        return self.member.bare(lr=1.0), self.test, self.falling

    @property
    def color(self) -> int:
        """Index of the run's colour."""
        return self.experiment.runs[self.run].color


@dataclass(frozen=True)
class Swept:
    """The results of training with constant rates (n,); rates that are not computed yet have the verdict UNKNOWN."""

    rates: Array
    summary: Summary
    best: Best | None = None
    """The best rate, once all rates are computed."""

    @property
    def computed(self) -> Array:
        """Whether each rate is computed (n,)."""
        return np.asarray(self.summary.verdict != UNKNOWN)

    @cached_property
    def codes(self) -> Array:
        """Indices (n,) into RATE_KEYS."""
        return rate_codes(self.rates, self.summary)

    def near(self, rate: float) -> tuple[int, float]:
        """Returns the index into RATE_KEYS and the final loss of the computed rate that is nearest to a rate."""
        if self.best is not None and rate == self.best.rate:
            return int(self.best.summary.verdict), float(self.best.summary.final_loss)
        computed = np.flatnonzero(self.computed)
        index = computed[int(np.abs(np.log(self.rates[computed] / rate)).argmin())]
        return int(self.codes[index]), float(self.summary.final_loss[index])

    def good(self, begin: float) -> GoodRates | None:
        """Returns the good rates among the computed ones for the initial loss `begin`; None if no loss falls enough."""
        computed, summary = self.computed, self.summary
        failed, slow = (summary.verdict[computed] == code for code in (DIVERGED, TOO_SLOW))
        good = good_rates(self.rates[computed], summary.final_loss[computed], failed, begin, slow)
        if good is None or self.best is None:
            return good
        rates = tuple(sorted({*good.rates, self.best.rate}))
        return replace(good, best=self.best.rate, loss=float(self.best.summary.final_loss), rates=rates)


@dataclass(frozen=True)
class RangeTestResult:
    """The results so far; `complete` when everything is computed."""

    request: RangeTestRequest
    rising: RangeCurve
    curve: Curve
    falling: RangeCurve | None = None
    falling_curve: Curve | None = None
    trained: Mapping[float, tuple[int, float]] = field(default_factory=dict)
    """The verdict and the final loss of training with each suggested rate."""
    swept: Swept | None = None
    complete: bool = False


def run_range_test(request: RangeTestRequest, work: Work) -> RangeTestResult:
    """Runs the test, trains with the suggested rates, sweeps constant rates, and publishes partial results."""
    result = _tested(request, request.test, work, None)
    work.publish(result)
    if request.falling and not work.stop():
        test = request.test
        falling = replace(test, start_lr=test.end_lr, end_lr=test.start_lr, stop_factor=None)
        result = _tested(request, falling, work, result)
        work.publish(result)
    result = replace(result, trained=_trained(result, work))
    work.publish(result)
    done = _TEST_SHARE + _TRAINING_SHARE
    for swept, share in _swept(request, work):
        result = replace(result, swept=swept)
        work.progress(done + (1 - done) * share)
        work.publish(result)
    return replace(result, complete=not work.cancelled)


def _tested(request: RangeTestRequest, test: RangeTest, work: Work, rising: RangeTestResult | None) -> RangeTestResult:
    """Runs a test and publishes its growing curve; with the result `rising` it is the falling test beside that."""
    pace = _Pace()

    def extended(curve: RangeCurve) -> RangeTestResult:
        if rising is None:
            return RangeTestResult(request, curve, of_test(curve))
        return replace(rising, falling=curve, falling_curve=of_test(curve))

    def grown(losses: list[float]) -> None:
        if pace.due():
            work.publish(extended(curve_of(test, losses, "running")))
            pace.published()

    def progress(share: float) -> None:
        work.progress(_TEST_SHARE * share)

    return extended(range_test(request.experiment, test, work.stop, progress, run=request.run, grown=grown))


def _trained(result: RangeTestResult, work: Work) -> dict[float, tuple[int, float]]:
    """Returns the verdict and the final loss of training with each suggested rate."""
    rates = sorted({rule.lr for rule in result.curve.suggestions if rule.lr is not None})

    def progress(share: float) -> None:
        work.progress(_TEST_SHARE + _TRAINING_SHARE * share)

    summary = trained(result.request.member, rates, stop=work.stop, progress=progress)
    pairs = zip(summary.verdict.tolist(), summary.final_loss.tolist(), strict=True)
    return {rate: pair for rate, pair in zip(rates, pairs, strict=True) if pair[0] != UNKNOWN}


class _Pace:
    """Limits how often partial results are published: less often if preparing one takes long."""

    def __init__(self) -> None:
        self._next = self._began = perf_counter() + _PUBLISH_SECONDS

    def due(self) -> bool:
        self._began = perf_counter()
        return self._began >= self._next

    def published(self) -> None:
        now = perf_counter()
        self._next = now + max(_PUBLISH_SECONDS, 5 * (now - self._began))


def _swept(request: RangeTestRequest, work: Work) -> Iterator[tuple[Swept, float]]:
    """Yields the results of constant rates, from a coarse to a fine grid, and the share that is computed."""
    test, member = request.test, request.member
    highest = max(test.start_lr, test.end_lr)
    ends = min(test.start_lr, test.end_lr), max(highest, min(highest * _BEYOND, MOST_LR))
    count = _EXPENSIVE_CELLS if member.problem.is_expensive else _CELLS
    rates = geomspace(*ends, count)
    sweep, result, done = Sweep(member, [Axis("lr", tuple(rates.tolist()))]), Summary.empty((count,)), 0
    for cells in _coarse_to_fine(count):
        for indices, part in sweep.chunks(cells, work.stop):
            result.put(indices, part)
            done += len(indices)
            copy = result.at(np.arange(count))  # the window reads it while more is computed
            yield Swept(rates, copy), done / count
    if done == count and not work.stop():
        theory, quick = theoretical_limit(sweep.experiment), not member.problem.is_expensive
        best = best_rate(sweep.experiment, rates, result, work.stop, between=quick, theory=theory)
        yield Swept(rates, result.at(np.arange(count)), best), 1.0


def _coarse_to_fine(count: int) -> Iterator[Array]:
    """Yields all indices below count, those of a coarse grid first."""
    yield np.arange(0, count, _COARSEST)
    step = _COARSEST
    while step > 1:
        yield np.arange(step // 2, count, step)
        step //= 2
