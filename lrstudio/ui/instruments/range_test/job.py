"""What the range test's window computes: the test, its curve, the falling test and the sweep that stands beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import perf_counter

import numpy as np

from lrstudio.core.analysis.cycle_bounds import CycleBounds, cycle_bounds
from lrstudio.core.analysis.good_rates import GoodRates, good_rates
from lrstudio.core.analysis.suggestions import Suggestion, smoothed, suggest
from lrstudio.core.analysis.verdict import DIVERGED, TOO_SLOW
from lrstudio.core.array import Array
from lrstudio.core.schedules import DEFAULT_SCHEDULE
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import MOST_LR
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.best_rate import Best, best_rate
from lrstudio.engine.sweep.range_test import RangeCurve, RangeTest, curve_of, range_test, trained
from lrstudio.engine.sweep.rate_keys import rate_codes
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.sweep.theory import theoretical_limit
from lrstudio.store.csv.training_log import TrainingLog
from lrstudio.ui.session.bench import Work

MOST_POINTS = 4000


@dataclass(frozen=True)
class Curve:
    """Steps, rates, losses and smoothed losses (n,), of which there are at most MOST_POINTS, and what they suggest."""

    step: Array
    lr: Array
    loss: Array
    smoothed: Array
    suggestions: tuple[Suggestion, ...] = ()
    bounds: CycleBounds | None = field(default=None)


def of_test(curve: RangeCurve) -> Curve:
    """The curve of a test; while it is under way nothing is read off it."""
    step = np.arange(len(curve.loss), dtype=float)
    if curve.ended == "running":
        return _thin(step, curve.lr, curve.loss, curve.smoothed)
    rises = curve.test.end_lr > curve.test.start_lr
    bounds = cycle_bounds(curve.lr, curve.loss) if rises else None
    return _thin(step, curve.lr, curve.loss, curve.smoothed, curve.suggestions(), bounds)


def of_log(log: TrainingLog, beta: float) -> Curve:
    """The curve of a log; something is read off it where its rates rise."""
    smooth = smoothed(log.loss, beta)
    if not log.rises:
        return _thin(log.step, log.lr, log.loss, smooth)
    return _thin(log.step, log.lr, log.loss, smooth, suggest(log.lr, log.loss, beta), cycle_bounds(log.lr, log.loss))


def _thin(
    step: Array,
    lr: Array,
    loss: Array,
    smooth: Array,
    suggestions: tuple[Suggestion, ...] = (),
    bounds: CycleBounds | None = None,
) -> Curve:
    places = extremes(loss)
    return Curve(step[places], lr[places], loss[places], smooth[places], suggestions, bounds)


def extremes(values: Array, most: int = MOST_POINTS) -> Array:
    """At most so many places (m,) among n values: of each stretch that of the least and that of the greatest one."""
    count = len(values)
    if count <= most:
        return np.arange(count)
    stretch = -(-count // (most // 2 - 1))
    whole = count // stretch * stretch
    blocks = values[:whole].reshape(-1, stretch)
    low = np.where(np.isfinite(blocks), blocks, np.inf).argmin(axis=1)
    high = np.where(np.isfinite(blocks), blocks, -np.inf).argmax(axis=1)
    begins = np.arange(0, whole, stretch)
    return np.unique(np.concatenate([begins + low, begins + high, [0, count - 1]]))


_PUBLISH_SECONDS = 0.03
_BEYOND = 10.0
"""How many times the end of the test the sweep goes further: the test may have ended before the limit."""
_COARSEST = 8
_CELLS, _EXPENSIVE_CELLS = 24 * _COARSEST + 1, 6 * _COARSEST + 1
_SHARE, _SHARE_OF_TRAINING = 0.2, 0.1
"""Of the progress are the test's and that of training with what it suggests."""


@dataclass(frozen=True)
class RangeTestRequest:
    """A range test of one run; `falling` asks for the same test from the end to the start as well."""

    experiment: Experiment
    run: int
    test: RangeTest
    falling: bool = False

    @property
    def member(self) -> Experiment:
        """The run alone with a constant rate, for as many steps as are planned."""
        alone = self.experiment.alone(self.run).with_run(0, schedule=DEFAULT_SCHEDULE())
        return replace(alone, target_loss=None)

    @property
    def key(self) -> object:
        """What tells one request from another; the run's own rate and looks are none of it."""
        return self.member.bare(lr=1.0), self.test, self.falling

    @property
    def color(self) -> int:
        """The colour of the run."""
        return self.experiment.runs[self.run].color


@dataclass(frozen=True)
class Swept:
    """What constant rates (n,) lead to; the verdict of those that are not computed yet is unknown."""

    rates: Array
    summary: Summary
    best: Best | None = None
    """The best rate, once all are computed."""

    @property
    def computed(self) -> Array:
        """Whether a rate is computed (n,)."""
        return np.asarray(self.summary.verdict != UNKNOWN)

    @cached_property
    def codes(self) -> Array:
        """What the rates (n,) do, as places in RATE_KEYS."""
        return rate_codes(self.rates, self.summary)

    def near(self, rate: float) -> tuple[int, float]:
        """What the computed rate nearest to this one does (a place in RATE_KEYS), and its final loss."""
        if self.best is not None and rate == self.best.rate:
            return int(self.best.summary.verdict), float(self.best.summary.final_loss)
        computed = np.flatnonzero(self.computed)
        index = computed[int(np.abs(np.log(self.rates[computed] / rate)).argmin())]
        return int(self.codes[index]), float(self.summary.final_loss[index])

    def good(self, begin: float) -> GoodRates | None:
        """The good rates among those that are computed, around the best one where there is one."""
        computed, summary = self.computed, self.summary
        failed, slow = (summary.verdict[computed] == code for code in (DIVERGED, TOO_SLOW))
        good = good_rates(self.rates[computed], summary.final_loss[computed], failed, begin, slow)
        if good is None or self.best is None:
            return good
        rates = tuple(sorted({*good.rates, self.best.rate}))
        return replace(good, best=self.best.rate, loss=float(self.best.summary.final_loss), rates=rates)


@dataclass(frozen=True)
class RangeTestResult:
    """The test so far, `complete` when all is computed."""

    request: RangeTestRequest
    rising: RangeCurve
    curve: Curve
    falling: RangeCurve | None = None
    falling_curve: Curve | None = None
    came_to: Mapping[float, tuple[int, float]] = field(default_factory=dict)
    """The verdict and the final loss of training with each rate that was suggested."""
    swept: Swept | None = None
    complete: bool = False


def run_range_test(request: RangeTestRequest, work: Work) -> RangeTestResult:
    """Run the test and what stands beside it, and publish partial results."""
    result = _tested(request, request.test, work, None)
    work.publish(result)
    if request.falling and not work.stop():
        test = request.test
        back = replace(test, start_lr=test.end_lr, end_lr=test.start_lr, stop_factor=None)
        result = _tested(request, back, work, result)
        work.publish(result)
    result = replace(result, came_to=_trained(result, work))
    work.publish(result)
    for swept, share in _swept(request, work):
        result = replace(result, swept=swept)
        done = _SHARE + _SHARE_OF_TRAINING
        work.progress(done + (1 - done) * share)
        work.publish(result)
    return replace(result, complete=not work.cancelled)


def _tested(request: RangeTestRequest, test: RangeTest, work: Work, rising: RangeTestResult | None) -> RangeTestResult:
    """Run a test and tell how it grows; with `rising` it is the falling one beside that."""
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
        work.progress(_SHARE * share)

    return extended(range_test(request.experiment, test, work.stop, progress, run=request.run, grown=grown))


def _trained(result: RangeTestResult, work: Work) -> dict[float, tuple[int, float]]:
    """What comes of training with the rates that are suggested."""
    rates = sorted({rule.lr for rule in result.curve.suggestions if rule.lr is not None})

    def progress(share: float) -> None:
        work.progress(_SHARE + _SHARE_OF_TRAINING * share)

    summary = trained(result.request.member, rates, stop=work.stop, progress=progress)
    pairs = zip(summary.verdict.tolist(), summary.final_loss.tolist(), strict=True)
    return {rate: pair for rate, pair in zip(rates, pairs, strict=True) if pair[0] != UNKNOWN}


class _Pace:
    """Paces partial results: fewer where making one takes long."""

    def __init__(self) -> None:
        self._next = self._began = perf_counter() + _PUBLISH_SECONDS

    def due(self) -> bool:
        self._began = perf_counter()
        return self._began >= self._next

    def published(self) -> None:
        now = perf_counter()
        self._next = now + max(_PUBLISH_SECONDS, 5 * (now - self._began))


def _swept(request: RangeTestRequest, work: Work) -> Iterator[tuple[Swept, float]]:
    """What is known of the constant rates, from a few to all of them, and the share that is done."""
    test, member = request.test, request.member
    highest = max(test.start_lr, test.end_lr)
    ends = min(test.start_lr, test.end_lr), max(highest, min(highest * _BEYOND, MOST_LR))
    count = _EXPENSIVE_CELLS if member.problem.is_expensive else _CELLS
    rates = np.geomspace(*ends, count)
    sweep, result, done = Sweep(member, [Axis("lr", tuple(rates.tolist()))]), Summary.empty((count,)), 0
    for cells in coarse_to_fine(count):
        for places, part in sweep.chunks(cells, work.stop):
            result.put(places, part)
            done += len(places)
            everything = result.at(np.arange(count))  # a copy: the window looks at it while more is computed
            yield Swept(rates, everything), done / count
    if done == count and not work.stop():
        theory, quick = theoretical_limit(sweep.experiment), not member.problem.is_expensive
        best = best_rate(sweep.experiment, rates, result, work.stop, between=quick, theory=theory)
        yield Swept(rates, result.at(np.arange(count)), best), 1.0


def coarse_to_fine(count: int, coarsest: int = _COARSEST) -> Iterator[Array]:
    """All places below count, those of a coarse grid first."""
    step = coarsest
    yield np.arange(0, count, step)
    while step > 1:
        yield np.arange(step // 2, count, step)
        step //= 2
