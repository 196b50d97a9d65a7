"""Runs Smith's range test: the rate grows from batch to batch until the loss explodes.

The loss of iteration i is measured *before* the update with the rate of iteration i, so it shows the effect of the
rate of iteration i - 1. Row i has that rate and that loss side by side, as in fastai: the curve lies one iteration to
the right of its cause.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from lrstudio.core.analysis.suggestions import SMOOTH, Smoother, Suggestion, smoothed, suggest
from lrstudio.core.array import Array
from lrstudio.core.declaration import Declared, choice, param
from lrstudio.core.elementary import power
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.core.schedules import DEFAULT_SCHEDULE
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.batch import Batch
from lrstudio.engine.training.batch_runner import BatchRunner, compiled

Growth = Literal["exponential", "linear"]
StopOn = Literal["raw", "smoothed"]
Monitor = Literal["loss", "val_loss"]

STOP_FACTOR = 4.0
FEWEST_BELOW_ZERO = 10
"""Losses before the current one, without which a best loss of 0 or below sets no limit."""
MOST_ITERATIONS, MOST_SEEDS = 1_000_000, 100


class RangeTest(Declared):
    """The settings: the rate goes from `start_lr` to `end_lr` in `num` equal factors, or equal steps where linear.

    There are at most num + 1 iterations. The test stops once the loss (`stop_on`: raw or, as in fastai, Lightning and
    torch-lr-finder, smoothed) is above the `limit` given by `stop_factor` and the losses before. A test with falling
    rates does not stop without an explicit factor, as its first steps are expected to diverge. With several `seeds`
    (the experiment's and the following: other data, other batches) the losses are averaged. With several `batches` the
    losses before the updates with a rate are averaged; with `monitor` = val_loss that on validation data before them
    is taken (torch-lr-finder with a val_loader takes it after them).
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
    monitor: Monitor = choice(
        "loss",
        get_args(Monitor),
        "The loss of the mini-batches, or that on validation data",
        titles=("training loss", "validation loss"),
    )
    batches: int = param(
        1, "So many mini-batches are trained with each rate; their losses are averaged", 1, 1000, label="batches a rate"
    )
    seeds: int = param(1, "So many tests with other batches; their losses are averaged", 1, MOST_SEEDS)

    @property
    def rates(self) -> Array:
        """The rates (num + 1,) of a complete test."""
        share = np.arange(self.num + 1) / self.num
        if self.growth == "linear":
            return self.start_lr + (self.end_lr - self.start_lr) * share
        return np.asarray(self.start_lr * power(self.end_lr / self.start_lr, share))

    @property
    def stops_above(self) -> float:
        """The effective stop factor; infinite where the test does not stop."""
        if self.stop_factor is not None:
            return self.stop_factor
        return STOP_FACTOR if self.end_lr >= self.start_lr else math.inf


def limit(factor: float, best: float, worst: float, count: int) -> float:
    """Returns the loss above which a test stops, after `count` losses from `best` to `worst`.

    For best > 0 the limit is factor * best. Otherwise it is best + (factor - 1) * (worst - best), which is invariant to
    a constant added to all losses, and infinite while all losses are equal or fewer than FEWEST_BELOW_ZERO.
    """
    if best > 0:
        return factor * best
    has_spread = math.isfinite(factor) and count >= FEWEST_BELOW_ZERO and worst > best
    return best + (factor - 1) * (worst - best) if has_spread else math.inf


@dataclass(frozen=True)
class RangeCurve:
    """The rates, losses and smoothed losses (n,) of a test, and why it ended: end, loss, overflow or stopped."""

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
        """The limit for the last loss."""
        before = self.watched[:-1]
        if not len(before):
            return math.inf
        return limit(self.test.stops_above, float(before.min()), float(before.max()), len(before))

    @property
    def rises(self) -> bool:
        """Whether the rate rises."""
        return self.test.end_lr > self.test.start_lr

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Returns the suggestions of the rules, which need rising rates."""
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
    """Runs the test with a run's optimizer and start, not with its rate, schedule or number of steps.

    Calls `grown` with the losses so far after every iteration. ValueError without the validation data that it needs.
    """
    rates = test.rates
    if test.monitor == "val_loss" and "val_loss" not in experiment.problem.metrics:
        key = experiment.problem.key
        raise ValueError(tr("monitor = val_loss: {key} has no validation data; take monitor = loss", key=key))
    plan = experiment.alone(run).with_run(0, schedule=DEFAULT_SCHEDULE())
    plan = replace(plan.replanned(), steps=test.num * test.batches, target_loss=None)
    tests = [_losses(replace(plan, seed=plan.seed + offset), test) for offset in range(test.seeds)]
    losses: list[float] = []
    stopping, ended = Stopping(test), "end"
    for iteration in range(len(rates)):
        if stop is not None and stop():
            ended = "stopped"
            break
        with np.errstate(all="ignore"):
            loss = float(np.mean([next(losses_of_seed) for losses_of_seed in tests]))
        if not math.isfinite(loss):
            ended = "overflow"
            break
        losses.append(loss)
        if grown is not None:
            grown(losses)
        if progress is not None:
            progress((iteration + 1) / len(rates))
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
    """Returns the results of a run with each of these constant rates (n,), trained at once for the planned steps.

    After `stop()` returns True the rest stays unknown. Calls `progress` with the finished share.
    """
    if not rates:
        return Summary.empty((0,))
    alone = replace(experiment.with_run(run, schedule=DEFAULT_SCHEDULE()), target_loss=None)
    return Sweep(alone, [Axis("lr", tuple(rates))], run).run(stop or (lambda: False), progress)


class Stopping:
    """Decides after each loss whether the test stops."""

    def __init__(self, test: RangeTest) -> None:
        self._test, self._smooth = test, Smoother(test.smooth)
        self._best, self._worst, self._count = math.inf, -math.inf, 0

    def at(self, loss: float) -> bool:
        """Returns whether the watched loss exceeds the limit of those before."""
        watched = loss if self._test.stop_on == "raw" else self._smooth(loss)
        above = self._count > 0 and watched > limit(self._test.stops_above, self._best, self._worst, self._count)
        self._best, self._worst, self._count = min(self._best, watched), max(self._worst, watched), self._count + 1
        return above


def curve_of(test: RangeTest, losses: Sequence[float], ended: str) -> RangeCurve:
    """Returns the curve of the losses so far."""
    loss = np.array(losses, float)
    return RangeCurve(test, test.rates[: len(loss)], loss, smoothed(loss, test.smooth), ended)


def _losses(experiment: Experiment, test: RangeTest) -> Iterator[float]:
    """Yields the losses of one seed, rate after rate."""
    runner = BatchRunner(experiment, compiled(experiment), Batch.of(experiment))
    measured = runner.begin()
    updates = runner.updates(np.repeat(test.rates, test.batches)[:, None])
    while True:
        validation = float(runner.validation_losses()[0]) if test.monitor == "val_loss" else None
        losses = []
        for _ in range(test.batches):
            losses.append(float(measured.loss[0]))
            measured = next(updates, measured)
        yield float(np.mean(losses)) if validation is None else validation
