"""Smith's range test: the rate grows from batch to batch, the loss is watched.

Mind the alignment: the loss of iteration i is measured *before* the update that uses the rate of iteration i, so it
shows what the rate of iteration i - 1 has done. Row i here has that rate and that loss side by side, as fastai and the
text of the course draw them: the curve lies one iteration to the right of its cause.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from lrstudio.core.analysis.suggestions import SMOOTH, Smoother, Suggestion, smoothed, suggest
from lrstudio.core.array import Array
from lrstudio.core.declaration import Declared, choice, param
from lrstudio.core.schedules import DEFAULT_SCHEDULE
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Summary, Sweep
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import BatchRunner, compiled

Growth = Literal["exponential", "linear"]
StopOn = Literal["raw", "smoothed"]

STOP_FACTOR = 4.0
FEWEST_BELOW_ZERO = 10
"""Losses before the current one, without which a best loss of 0 or below sets no limit."""
MOST_ITERATIONS, MOST_SEEDS = 1_000_000, 100


class RangeTest(Declared):
    """What is asked for. The rate goes from `start_lr` to `end_lr` in `num` equal factors, or steps where linear.

    So there are at most num + 1 iterations, and by default the factor is (1/1e-5)^(1/100). The test
    stops once the loss is above a limit, which `limit` defines by `stop_factor` and the losses before. `stop_on` says
    which loss that is: the raw one (the default) or the smoothed one, as in fastai, Lightning and
    torch-lr-finder. A falling test, with the end below the start, does not stop unless a factor is given: what it shows
    is that the first steps throw the weights out. With several `seeds` (the experiment's and those after it: other
    data, other batches) the losses are averaged.
    """

    start_lr: float = param(1e-5, "The rate of the first iteration", above=0, scale="log", label="start rate")
    end_lr: float = param(
        1.0, "The rate of the last iteration; below the start it falls", above=0, scale="log", label="end rate"
    )
    growth: Growth = choice(
        "exponential",
        get_args(Growth),
        "From one iteration to the next: times, or plus, the same",
        titles=("equal factors", "equal steps"),
    )
    num: int = param(100, "How many times the rate grows", 1, MOST_ITERATIONS, label="number")
    stop_factor: float | None = param(
        None,
        "Ends where the loss is above X times the best one; auto is 4 where the rate rises. Where the best is not "
        "above 0: above the best + (X - 1) times the spread (worst - best) of the losses before, once there are 10",
        above=1,
        scale="log",
        whole=False,
        label="stop at × best",
    )
    stop_on: StopOn = choice(
        "raw",
        get_args(StopOn),
        "The raw loss, or the smoothed one, as in fastai, Lightning and torch-lr-finder",
        titles=("raw loss", "smoothed loss"),
    )
    smooth: float = param(
        SMOOTH, "Share of the old mean that is kept; bias is corrected", 0, 0.9999, label="smoothing β"
    )
    seeds: int = param(1, "So many tests with other batches; their losses are averaged", 1, MOST_SEEDS)

    @property
    def rates(self) -> Array:
        """The rates (num + 1,) of a test that is not stopped."""
        share = np.arange(self.num + 1) / self.num
        if self.growth == "linear":
            return self.start_lr + (self.end_lr - self.start_lr) * share
        return np.asarray(self.start_lr * (self.end_lr / self.start_lr) ** share)

    @property
    def stops_above(self) -> float:
        """The factor of `limit`; infinite where the test does not stop."""
        if self.stop_factor is not None:
            return self.stop_factor
        return STOP_FACTOR if self.end_lr >= self.start_lr else math.inf


def limit(factor: float, best: float, worst: float, count: int) -> float:
    """Above which loss a test stops, after `count` losses of which `best` is the least and `worst` the greatest.

    Where best > 0 the limit is factor * best. Elsewhere a multiple of the best means nothing; there it is
    best + (factor - 1) * (worst - best), which moves with a constant that is added to all losses. That is infinite
    while all losses are the same, or fewer than FEWEST_BELOW_ZERO: so few noisy losses do not tell how far they spread.
    """
    if best > 0:
        return factor * best
    told = math.isfinite(factor) and count >= FEWEST_BELOW_ZERO and worst > best
    return best + (factor - 1) * (worst - best) if told else math.inf


@dataclass(frozen=True)
class RangeCurve:
    """What was found: rates, losses and smoothed losses (n,), and why it ended: end, loss, overflow or stopped."""

    test: RangeTest
    lr: Array
    loss: Array
    smoothed: Array
    ended: str

    @property
    def watched(self) -> Array:
        """The losses (n,) by which the test stops."""
        return self.loss if self.test.stop_on == "raw" else self.smoothed

    @property
    def limit(self) -> float:
        """What the last loss was compared with."""
        before = self.watched[:-1]
        if not len(before):
            return math.inf
        return limit(self.test.stops_above, float(before.min()), float(before.max()), len(before))

    @property
    def rises(self) -> bool:
        """Whether the rate goes up, as it must for a suggestion."""
        return self.test.end_lr > self.test.start_lr

    def suggestions(self) -> tuple[Suggestion, ...]:
        """What the rules say; they are made for rising rates and say nothing of a falling test."""
        if not self.rises:
            return suggest(self.lr[:0], self.loss[:0])
        return suggest(self.lr, self.loss, self.test.smooth, self.test.num)


def range_test(
    experiment: Experiment,
    test: RangeTest,
    stop: Stop | None = None,
    progress: Callable[[float], None] | None = None,
    run: int = 0,
    grown: Callable[[list[float]], None] | None = None,
) -> RangeCurve:
    """Run the test with a run's optimizer and start; its own rate, schedule and the number of steps take no part.

    `grown` is told the losses so far, after every iteration.
    """
    rates = test.rates
    count = len(rates)
    plan = experiment.alone(run).with_run(0, schedule=DEFAULT_SCHEDULE())
    plan = replace(plan.replanned(), steps=test.num, target_loss=None)
    crew = [_steps(replace(plan, seed=plan.seed + place), rates) for place in range(test.seeds)]
    losses: list[float] = []
    stopping, ended = Stopping(test), "end"
    for place in range(count):
        if stop is not None and stop():
            ended = "stopped"
            break
        with np.errstate(all="ignore"):
            loss = float(np.mean([next(member) for member in crew]))
        if not math.isfinite(loss):
            ended = "overflow"
            break
        losses.append(loss)
        if grown is not None:
            grown(losses)
        if progress is not None:
            progress((place + 1) / count)
        if stopping.at(loss):
            ended = "loss"
            break
    return curve_of(test, losses, ended)


def trained(
    experiment: Experiment,
    rates: Sequence[float],
    run: int = 0,
    stop: Stop | None = None,
    progress: Callable[[float], None] | None = None,
) -> Summary:
    """What comes of training a run of the experiment with each of these constant rates (n,) for the planned steps.

    All are trained at once. What `stop()` has kept from being computed is unknown. `progress` is told the share that is
    done at every step.
    """
    if not rates:
        return Summary.empty((0,))
    asked, steps = 0, experiment.steps

    def count_steps() -> bool:
        nonlocal asked
        asked += 1
        if progress is not None:
            progress(min(1.0, asked / steps))
        return stop is not None and stop()

    alone = replace(experiment.with_run(run, schedule=DEFAULT_SCHEDULE()), target_loss=None)
    return Sweep(alone, [Axis("lr", tuple(rates))], run).run(count_steps)


class Stopping:
    """Sees one loss after the other and tells whether the test stops at it."""

    def __init__(self, test: RangeTest) -> None:
        self._test, self._smooth = test, Smoother(test.smooth)
        self._best, self._worst, self._count = math.inf, -math.inf, 0

    def at(self, loss: float) -> bool:
        """Whether the loss that is watched is above the limit of those before."""
        watched = loss if self._test.stop_on == "raw" else self._smooth(loss)
        above = self._count > 0 and watched > limit(self._test.stops_above, self._best, self._worst, self._count)
        self._best, self._worst, self._count = min(self._best, watched), max(self._worst, watched), self._count + 1
        return above


def curve_of(test: RangeTest, losses: Sequence[float], ended: str) -> RangeCurve:
    """The curve of the losses found so far."""
    found = np.array(losses, float)
    return RangeCurve(test, test.rates[: len(found)], found, smoothed(found, test.smooth), ended)


def _steps(experiment: Experiment, rates: Array) -> Iterator[float]:
    """The losses of one seed, iteration after iteration."""
    runner = BatchRunner(experiment, compiled(experiment), Batch.of(experiment))
    yield float(runner.begin().loss[0])
    for measured in runner.updates(rates[:, None]):
        yield float(measured.loss[0])
